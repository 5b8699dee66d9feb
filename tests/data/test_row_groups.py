"""What a Parquet file's statistics prove is not looked for in its rows, and what they do not prove is."""

from datetime import date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.data.contract import INPUTS
from analysis.data.reading import Engine, read, typed
from analysis.data.row_groups import plain_columns
from analysis.data.sources import open_dataset

MICRO = pa.timestamp("us")
BEYOND = pa.array([0, 2**62], pa.int64()).cast(MICRO)  # the year 148108


@pytest.fixture
def plain(tmp_path):
    def _plain(values, **options):
        pq.write_table(pa.table({"column": values}), tmp_path / "one.parquet", **options)
        return plain_columns([tmp_path / "one.parquet"]) == {"column"}

    return _plain


@pytest.mark.parametrize(
    ("values", "is_plain"),
    [
        (["007", None], True),
        (["007", ""], False),
        ([" ", "\0"], True),
        ([date(2026, 10, 31), None], True),
        ([datetime(1, 1, 1), datetime(9999, 12, 31)], True),
        (BEYOND, False),
        (pa.array([0, 2**30], pa.int32()).cast(pa.date32()), False),
        ([1.0, float("nan")], False),
        ([1, 2], False),
    ],
)
def test_a_column_is_plain_where_its_least_and_greatest_value_show_it(plain, values, is_plain):
    assert plain(values) == is_plain
    assert not plain(values, write_statistics=False)


def test_every_row_group_and_every_file_has_to_show_it(tmp_path, plain):
    assert not plain(["007", "008", "", "009"], row_group_size=2)
    for name, column in (("one", "a"), ("two", "b")):
        pq.write_table(pa.table({"both": ["x"], column: ["y"]}), tmp_path / f"{name}.parquet")
    assert plain_columns([tmp_path / "one.parquet", tmp_path / "two.parquet"]) == {"both"}
    assert plain_columns([]) == set()


@pytest.mark.parametrize("statistics", [True, False])
def test_rows_are_the_same_with_statistics_and_without(tmp_path, statistics):
    rows = {
        "event_id": ["1", "2"],
        "customer_id": ["007", ""],
        "at": BEYOND,
        "quantity": pa.array([3, None], pa.int32()),
        "minutes": [1.0, float("nan")],
    }
    pq.write_table(pa.table(rows), tmp_path / "service_events.parquet", write_statistics=statistics)
    dataset = open_dataset(tmp_path)
    engine, source = Engine(dataset.folder), dataset.sources["service_events"]
    events = typed(engine, read(engine, source)[0], INPUTS["service_events"], source)
    found = events.select(*rows, "_raw_customer_id").to_pyarrow().to_pydict()
    engine.close()
    assert found["event_id"] == ["1", "2"]
    assert found["customer_id"] == ["007", None]
    assert found["at"] == [datetime(1970, 1, 1), None]
    assert found["quantity"] == [3, None]
    assert found["minutes"] == [1, None]
    assert found["_raw_customer_id"] == ["007", ""]
