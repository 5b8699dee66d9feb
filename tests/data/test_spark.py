"""The engine on Spark: what the embedded one says of the same dataset, to the cent, and nothing large on the way."""

from __future__ import annotations

import os
import shutil
from datetime import date, datetime

import ibis
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from analysis import Portfolio
from analysis.clock import in_utc, in_zone, instants
from analysis.data import spark as spark_engine
from analysis.data.contract import OUTPUTS
from analysis.data.mapping import with_point
from analysis.data.reading import FILE, RAW, ROW, Engine
from analysis.data.sources import Source
from analysis.errors import DataError, UsageError
from analysis.opening import open_all
from tests.conftest import SAMPLE

pytestmark = pytest.mark.slow
#: A small Spark that starts quickly, and compiles nothing for few rows, as every user of Spark would say it.
LOCAL = (
    "--master local[2] --conf spark.sql.shuffle.partitions=2 --conf spark.ui.enabled=false "
    "--conf spark.ui.showConsoleProgress=false --conf spark.sql.codegen.wholeStage=false "
    "--conf spark.sql.codegen.factoryMode=NO_CODEGEN --conf spark.sql.adaptive.enabled=false "
    '--driver-java-options "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC" pyspark-shell'
)
BERLIN = "Europe/Berlin"
#: The cent, and what floats of another order of adding may differ by.
CENT, DIGITS = 0.01, 1e-9


@pytest.fixture(scope="module", autouse=True)
def spark():
    """Give the module its Spark; where there is no pyspark, skip, or fail where everything is required."""
    if os.environ.get("MUTUAL_VALUE_REQUIRE_ALL") != "1":
        pytest.importorskip("pyspark", reason="There is no pyspark: pip install 'mutual-value[spark]'.")
    before = os.environ.get("PYSPARK_SUBMIT_ARGS")
    os.environ["PYSPARK_SUBMIT_ARGS"] = before or LOCAL
    yield spark_engine.session()
    if before is None:
        del os.environ["PYSPARK_SUBMIT_ARGS"]


@pytest.fixture(scope="module")
def firm(tmp_path_factory):
    """Write the sample as a firm on Spark has it: Parquet, one table in parts by year, moments in UTC, small ones CSV.

    One table is a SELECT, one line has no customer, and half of the payments name no invoice.
    """
    place = tmp_path_factory.mktemp("firm")
    opened = open_all(SAMPLE)
    tables = {
        name: checked.rows.order_by(ROW).select([c for c in checked.given if c in checked.rows.columns]).to_pyarrow()
        for name, checked in opened.checked.tables.items()
        if not checked.made_of
    }
    opened.engine.close()
    _with_faults(tables)
    sources = ["trusted = true"]
    for name, rows in tables.items():
        if name in ("customers", "contracts"):
            shutil.copy(SAMPLE / f"{name}.csv", place)
            sources.append(f'[tables.{name}]\npath = "{name}.csv"')
        elif name == "transactions":
            parts = rows.append_column("year", pc.year(rows["date"]))
            pq.write_to_dataset(parts, place / name, partition_cols=["year"])
            sources.append(f'[tables.{name}]\npath = "{name}"')
        else:
            pq.write_table(rows, place / f"{name}.parquet")
            sources.append(f'[tables.{name}]\npath = "{name}.parquet"')
    shutil.copy(SAMPLE / "costing.toml", place)
    (place / "policy.toml").write_text(
        f'timezone = "{BERLIN}"\n' + (SAMPLE / "policy.toml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    (place / "dataset.toml").write_text("\n".join(sources), encoding="utf-8")
    return place


def _with_faults(tables):
    """Give the events' moments a zone, take a line's customer away, and half of the payments' invoices."""
    events = tables["service_events"].to_pandas()
    moments = pd.to_datetime(events["at"]).dt.tz_localize(BERLIN, ambiguous=True, nonexistent="shift_forward")
    tables["service_events"] = pa.Table.from_pandas(events.assign(at=moments.astype(f"datetime64[us, {BERLIN}]")))
    for name, column in (("transactions", "customer_id"), ("payments", "invoice_id")):
        rows, number = tables[name], tables[name].num_rows
        gone = pa.array([place == 5 if name == "transactions" else place % 2 == 0 for place in range(number)])
        values = pc.if_else(gone, pa.scalar("nobody" if name == "transactions" else None, pa.string()), rows[column])
        tables[name] = rows.set_column(rows.column_names.index(column), column, values)


class Watched:
    """What comes from Spark to this machine: the rows of each answer."""

    def __init__(self, monkeypatch):
        from analysis.data.spark_sql import SparkBackend

        self.rows = []
        self._answer = SparkBackend.answer
        monkeypatch.setattr(SparkBackend, "answer", lambda backend, sql: self._told(backend, sql))

    def _told(self, backend, sql):
        found = self._answer(backend, sql)
        self.rows.append((found.num_rows, sql))
        return found


def test_every_table_is_the_embedded_engines_to_the_cent_and_no_answer_has_the_size_of_the_events(firm, monkeypatch):
    here = Portfolio(firm)
    watched = Watched(monkeypatch)
    there = Portfolio(firm, engine="spark")
    names = [name for name in OUTPUTS if name in dir(here)]

    assert there.opened.checked.counts() == here.opened.checked.counts()
    assert [p.as_dict() for p in there.opened.problems] == [p.as_dict() for p in here.opened.problems]
    assert [str(one) for one in there.identities] == [str(one) for one in here.identities]
    assert len(names) > 50
    assert not [told for name in names if (told := _differing(there.table(name), here.table(name), name))]
    events = pq.read_table(firm / "service_events.parquet")
    months = len(pc.unique(pc.strftime(events["at"], format="%Y-%m")))
    # What steps brought is asked by day, of accounts that got one and of some like them: here, of all.
    most, sql = max((rows, sql) for rows, sql in watched.rows if "by_hand" not in sql)
    assert most <= len(here.accounts) * months < events.num_rows / 2, sql


def _differing(one, other, name):
    try:
        pd.testing.assert_frame_equal(one, other, rtol=DIGITS, atol=CENT, obj=name)
    except AssertionError as fault:
        return str(fault)
    return ""


def test_the_clock_shows_and_means_what_it_does_on_the_embedded_engine(spark, tmp_path):
    shown = [datetime(2026, 3, 29, 2, 30), datetime(2026, 10, 25, 2, 30), datetime(2026, 10, 25, 1, 59, 59),
             datetime(2026, 10, 25, 3, 0), datetime(2026, 7, 1, 12, 0, 0, 1), datetime(2026, 10, 25, 2, 30, 0, 2),
             datetime(1893, 3, 31, 23, 55), datetime(2026, 1, 1)]  # fmt: skip

    def asked(engine):
        rows = engine.keep("moments", ibis.memtable({"at": shown}))
        first, last = instants(rows["at"], BERLIN)
        found = rows.select(
            "at", utc=in_utc(rows["at"], BERLIN), local=in_zone(rows["at"], BERLIN), first=first, last=last,
            micro=rows["at"].microsecond(),
        )  # fmt: skip
        return engine.frame(found.order_by("at", "micro"))

    pd.testing.assert_frame_equal(asked(spark_engine.SparkEngine(tmp_path)), asked(Engine(tmp_path)), check_dtype=False)


def test_a_select_is_read_by_spark_where_somebody_vouches_for_it(write_dataset):
    lines = pd.DataFrame({"transaction_id": ["1", "2"], "customer_id": "007", "date": date(2026, 10, 5),
                          "kind": "sale", "net_amount": [1.1, 2.2]})  # fmt: skip
    select = "SELECT transaction_id, customer_id, `date`, kind, net_amount FROM parquet.`{}`"
    data = write_dataset(customers="customer_id,name\n007,Alder\n")
    lines.to_parquet(data / "sales.parquet")
    declared = '[tables.customers]\npath = "customers.csv"\n[tables.transactions]\nsql = """{}"""\n'
    declared = declared.format(select.format(data / "sales.parquet"))
    (data / "dataset.toml").write_text(declared, encoding="utf-8")

    with pytest.raises(DataError, match="nothing keeps a SELECT"):
        open_all(data, engine="spark")

    (data / "dataset.toml").write_text(f"trusted = true\n{declared}", encoding="utf-8")
    p = Portfolio(data, engine="spark")
    assert p.accounts.set_index("customer_id").net_revenue.to_dict() == {"007": 3.3}
    first, again = (p.opened.engine.contents(p.opened.dataset.sources["transactions"]) for _ in range(2))
    assert first == again
    (data / "dataset.toml").write_text(f"trusted = true\n{declared.replace('net_amount FROM', 'nothing FROM')}")
    with pytest.raises(DataError, match="cannot be read by Spark"):
        open_all(data, engine="spark")


def test_a_large_file_that_spark_does_not_read_is_refused(write_dataset, monkeypatch):
    monkeypatch.setattr(spark_engine, "FEW_ROWS", 1)
    rows = "transaction_id,customer_id,date,kind,net_amount\n1,007,2026-10-05,sale,1\n2,007,2026-10-05,sale,1\n"
    with pytest.raises(DataError, match=r"transactions.csv has 2 rows: .*Write it as Parquet"):
        open_all(write_dataset(customers="customer_id,name\n007,Alder\n", transactions=rows), engine="spark")


def test_declared_formats_of_dates_are_refused(write_dataset):
    declared = '[tables.customers]\npath = "customers.csv"\ndate_format = ["%d.%m.%Y"]\n'
    data = write_dataset(customers="customer_id,name,since\n007,Alder,1.2.2020\n", dataset=declared)
    with pytest.raises(DataError, match="`date_format` is not known to Spark"):
        open_all(data, engine="spark")


def test_without_pyspark_and_with_an_unknown_engine_the_way_out_is_told(write_dataset, monkeypatch):
    data = write_dataset(customers="customer_id,name\n007,Alder\n", service_events="event_id\n")
    with pytest.raises(UsageError, match="known: duckdb, spark"):
        open_all(data, engine="sparc")
    spark_engine.session.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, "pyspark", None)
    with pytest.raises(UsageError, match=r"pip install 'mutual-value\[spark\]'"):
        open_all(data, engine="spark")


def test_spark_is_what_it_is_configured_to_be(spark):
    asked = os.environ["PYSPARK_SUBMIT_ARGS"].split()
    assert spark.sparkContext.master == asked[asked.index("--master") + 1]


def test_what_is_kept_of_a_table_is_what_its_expression_says(spark, tmp_path):
    engine = spark_engine.SparkEngine(tmp_path)
    with engine.scoped("once") as inner:
        kept = inner.keep("numbers", ibis.memtable({"n": [3, 1, 2], RAW: ["a", None, ""], FILE: ["", "", ""]}))
        assert kept.order_by("n").to_pandas()[RAW].fillna("none").tolist() == ["none", "", "a"]
    assert not engine.con._session.catalog.tableExists("once_numbers")


def test_amounts_below_zero_are_read_and_groups_are_kept_in_what_is_replaced(spark, tmp_path):
    """As SAP and as accountants write them; Spark has another word for a group than Ibis."""
    engine = spark_engine.SparkEngine(tmp_path)
    rows = ibis.memtable({"amount": ["1,234.50-", "(8)", "$3", "5"]})
    source = Source("transactions", thousands=",", currency_mark="$")
    read = rows.select(found=with_point(rows.amount, source).cast("float64"))
    assert engine.con.to_pandas(read).found.tolist() == [-1234.5, -8, 3, 5]
    named = rows.limit(1).select(found=ibis.literal("ask Ann now").re_replace(r"(^|\W)Ann(\W|$)", r"\1a colleague\2"))
    assert engine.con.to_pandas(named).found.tolist() == ["ask a colleague now"]
