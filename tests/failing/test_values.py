"""Values that look like something else: moments with a zone, options that cannot be honoured."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest

from analysis.errors import DataError
from analysis.opening import open_all

HERE = Path(__file__).parent
CUSTOMERS = "customer_id,name\nA,Firm A\n"


@pytest.mark.parametrize("folder", ["offset_csv", "offset_parquet"])
def test_a_moment_in_a_column_of_days_is_the_day_of_the_firms_clock(folder):
    lines = open_all(HERE / folder).checked["transactions"].to_pandas().set_index("transaction_id")["date"].dt.date
    assert lines["X1"] == date(2026, 11, 1)  # 23:30 UTC is 00:30 in Berlin
    assert lines["X2"] == date(2026, 10, 31)


def test_a_zone_in_words_means_what_the_offset_means():
    at = open_all(HERE / "utc_text").checked["service_events"].to_pandas().set_index("event_id")["at"]
    assert set(at[["E1", "E2", "E3", "E4"]]) == {datetime(2026, 11, 1, 0, 30)}


WRITTEN = {
    "2026-10-31T23:30:00.250Z": datetime(2026, 11, 1, 0, 30, 0, 250_000),
    "2026-11-01 00:30:00 +01": datetime(2026, 11, 1, 0, 30),
    "2026-11-01T00:30:00 Europe/Berlin": datetime(2026, 11, 1, 0, 30),
    "2026-11-01T00:30 CET": datetime(2026, 11, 1, 0, 30),
    "2026-07-01 12:00:00 CEST": datetime(2026, 7, 1, 12),
    "2026-07-01T12:00:00+02:00[Europe/Berlin]": datetime(2026, 7, 1, 12),
    "2026-10-31 18:30:00 America/New_York": datetime(2026, 10, 31, 23, 30),
    "2026-10-31 23:30:00": datetime(2026, 10, 31, 23, 30),
    "2026-10-31": datetime(2026, 10, 31),
    "2026-10-31 23:30:00 Nowhere/Land": None,
    "2026-10-31 23:30:00 +99:00": None,
    "0000-01-01": None,
    "10000-01-01": None,
}


def test_every_way_to_write_a_moment_and_none_is_taken_for_local_in_silence(write_dataset):
    rows = "\n".join(f"K{n},A,2020-01-01,{text}" for n, text in enumerate(WRITTEN))
    opened = open_all(
        write_dataset(
            customers=CUSTOMERS,
            cases=f"case_id,customer_id,opened_at,needed_by\n{rows}\n",
            policy='timezone = "Europe/Berlin"\n',
        )
    )
    read = opened.checked.tables["cases"].rows.to_pandas().set_index("case_id").needed_by
    assert {
        text: None if read[f"K{n}"] != read[f"K{n}"] else read[f"K{n}"] for n, text in enumerate(WRITTEN)
    } == WRITTEN
    (problem,) = opened.checked.errors
    assert (problem.column, problem.rule) == ("needed_by", "wrong_type")
    assert problem.count == sum(value is None for value in WRITTEN.values())


def test_an_encoding_beside_a_select_is_an_error_that_says_the_way_out():
    with pytest.raises(DataError, match=r"`encoding` cannot be honoured beside `sql`.*read_csv"):
        open_all(HERE / "enc")


@pytest.mark.parametrize("option", ['encoding = "cp1252"', 'delimiter = ";"', "header_row = 2"])
def test_an_option_that_a_source_cannot_honour_is_an_error(write_dataset, option):
    for source in ('sql = "SELECT 1"', 'path = "customers.parquet"', 'path = "parts"'):
        folder = write_dataset(dataset=f"[tables.customers]\n{source}\n{option}\n")
        (folder / "parts").mkdir(exist_ok=True)
        (folder / "parts" / "a.parquet").touch()
        with pytest.raises(DataError, match="cannot be honoured"):
            open_all(folder)


LINES = """[tables.customers]
sql = "SELECT 'A' AS customer_id, 'Alder' AS name"
[tables.transactions]
sql = "SELECT 'T' AS transaction_id, 'A' AS customer_id, '2026-10-05' AS date, 'sale' AS kind, {} AS net_amount"
decimal = ","
thousands = "."
"""


def test_amounts_that_a_select_gives_as_text_are_read_by_the_marks_declared(write_dataset):
    read = open_all(write_dataset(dataset=LINES.format("'1.234,50'"))).checked
    assert read.tables["transactions"].rows.net_amount.execute().astype(float).tolist() == [1234.5]


def test_marks_declared_of_a_select_whose_amounts_are_numbers_are_an_error(write_dataset):
    with pytest.raises(DataError, match=r"`decimal`, `thousands` cannot be honoured.*no number that is written"):
        open_all(write_dataset(dataset=LINES.format("1234.5")))


def test_amounts_that_parquet_holds_as_text_are_read_by_the_marks_declared(write_dataset):
    folder = write_dataset(dataset=LINES.format("''"))
    file = folder / "dataset.toml"
    said = file.read_text(encoding="utf-8").splitlines()
    said[3] = 'path = "lines.parquet"'
    file.write_text("\n".join(said), encoding="utf-8")
    row = {"transaction_id": "T", "customer_id": "A", "date": "2026-10-05", "kind": "credit", "net_amount": "-1.234,50"}
    pd.DataFrame([row]).to_parquet(folder / "lines.parquet")
    read = open_all(folder).checked
    assert read.tables["transactions"].rows.net_amount.execute().astype(float).tolist() == [-1234.5]


@pytest.mark.parametrize(
    ("opened", "answered", "kept"),
    [
        ("2026-10-25T00:30:00Z", "2026-10-25T01:15:00Z", True),  # 02:30, then 02:15 on the clock: 45 minutes later
        ("2026-10-25T02:30:00", "2026-10-25T02:15:00", True),
        ("2026-10-25T01:30:00Z", "2026-10-25T00:45:00Z", False),  # 45 minutes before it was opened
        ("2026-06-01T02:30:00", "2026-06-01T02:15:00", False),
    ],
)
def test_an_answer_in_the_hour_that_the_clock_shows_twice_is_in_order_in_real_time(
    write_dataset, opened, answered, kept
):
    folder = write_dataset(
        customers=CUSTOMERS,
        cases=f"case_id,customer_id,opened_at,first_response_at\nK,A,{opened},{answered}\n",
        policy='timezone = "Europe/Berlin"\n',
    )
    assert (not open_all(folder).checked.errors) is kept
