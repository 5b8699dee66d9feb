"""Files as people have them: what is read, what is refused, and that ids stay as they are."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.errors import DataError, PolicyError, UsageError
from analysis.opening import open_all
from analysis.propose.proposing import propose

CUSTOMERS = "customer_id,name\nc1,One\n"
LINES = "transaction_id,customer_id,date,kind,list_amount\nt1,c1,2026-10-31,sale,100\n"
COSTING = """
period = "month"
[resources.desk]
cost = 100
capacity_minutes = 100
[activities.call]
resource = "desk"
"""


def read(data, table, policy=None):
    """Return a table's accepted rows in the order of the file, and the problems told."""
    opened = open_all(data, policy)
    rows = opened.checked[table].order_by(["_file", "_row"]).to_pandas()
    problems = opened.checked.problems
    opened.engine.close()
    return rows, problems


def refused(data, policy=None):
    with pytest.raises(DataError) as stopped:
        open_all(data, policy)
    return stopped.value.problems


def test_ids_are_never_trimmed_cast_or_taken_for_missing(write_dataset):
    ids = ["007", "7", "NA", "null", " x ", "1e3", "true", "nan", "2026-10-31"]
    data = write_dataset(
        customers="customer_id,name\n" + "".join(f"{i},Name\n" for i in ids),
        transactions="transaction_id,customer_id,date,kind,list_amount\n"
        + "".join(f"{i},{i},2026-10-31,sale,1\n" for i in ids),
    )
    customers, problems = read(data, "customers")
    sales, _ = read(data, "transactions")

    assert problems == []
    assert customers.customer_id.tolist() == sales.customer_id.tolist() == sales.transaction_id.tolist() == ids


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfcustomer_id,name\nc1,One\nc2,Two\n",
        b"customer_id,name\r\nc1,One\r\nc2,Two\r\n",
        b"customer_id,name\rc1,One\rc2,Two\r",
        b"customer_id,name\nc1,One\nc2,Two",
        b"customer_id,name\n\nc1,One\n\nc2,Two\n\n",
        b" customer_id , name\nc1,One\nc2,Two\n",
        b'"customer_id","name"\n"c1","One"\n"c2","Two"\n',
    ],
    ids=["bom", "windows", "old mac", "no last line end", "blank lines", "padded header", "all quoted"],
)
def test_line_ends_byte_order_marks_and_quotes_change_nothing(write_dataset, content):
    data = write_dataset(transactions=LINES)
    (data / "customers.csv").write_bytes(content)
    rows, problems = read(data, "customers")

    assert (rows.customer_id.tolist(), rows.name.tolist(), problems) == (["c1", "c2"], ["One", "Two"], [])


def test_a_quoted_line_break_is_part_of_the_value_and_one_row(write_dataset):
    data = write_dataset(transactions=LINES)
    (data / "customers.csv").write_bytes(b'customer_id,name\r\nc1,"One\nor ""more"""\r\nc2,\r\n')
    rows, [problem] = read(data, "customers")

    assert rows.name.tolist() == ['One\nor "more"']
    assert problem.examples[0].row == 3


def test_files_that_mix_line_ends_are_refused_with_the_likely_cause(write_dataset):
    data = write_dataset(transactions=LINES)
    (data / "customers.csv").write_bytes(b"customer_id,name\r\nc1,One\nc2,Two\r\n")

    [problem] = refused(data)
    assert problem.table == "customers"
    assert "one kind of line end" in problem.mend


def test_broken_lines_are_told_and_the_rows_after_them_keep_their_numbers(write_dataset):
    data = write_dataset(
        customers='customer_id,name\nc1,One\nc2,Two,Three\nc3\nc4,"Four\nor 4"\nc5,\n"c6,Six\nc7,Seven\n',
        transactions=LINES,
    )
    rows, problems = read(data, "customers")
    told = {p.rule: [e.row for e in p.examples] for p in problems}

    assert rows.customer_id.tolist() == ["c1", "c4"]
    assert told == {"broken_line": [3, 4, 7], "empty": [6]}


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "windows"])
def test_blank_lines_are_no_rows_and_the_rows_after_them_keep_their_numbers(write_dataset, end):
    lines = ["customer_id,name", "", "c1,One", "  ", "c2,", 'c3,"Three', "", 'or 3"', ",", "c4", "c5,", "   "]
    data = write_dataset(transactions=LINES)
    (data / "customers.csv").write_bytes(end.join(lines).encode())
    rows, problems = read(data, "customers")
    told = {p.rule: [e.row for e in p.examples] for p in problems}

    # As a spreadsheet numbers them: 1 the header, 2 and 4 blank, 6 the cell with a blank line in it, 7 of no cells.
    assert rows.customer_id.tolist() == ["c1", "c3"]
    assert rows["_row"].tolist() == [3, 6]
    assert told == {"empty": [5, 9], "broken_line": [8]}


def test_blank_lines_below_a_title_count_too_and_a_wrong_byte_is_told_by_its_line(write_dataset):
    dataset = (
        '[tables.customers]\npath = "customers.csv"\nheader_row = 3\nskip_footer = 1\n'
        '[tables.transactions]\npath = "transactions.csv"'
    )
    customers = "Title\n\ncustomer_id,name\n\nc1,One\n\nc2,\n\nIn all,2\n\n"
    data = write_dataset(dataset=dataset, customers=customers, transactions=LINES)
    [empty] = read(data, "customers")[1]
    whole = write_dataset("whole", customers=CUSTOMERS)
    sold = LINES.encode() + b"\n" + b"t2,c1,2026-10-31,sale,1\n" * 2000 + b"t3,c\xfc,2026-10-31,sale,1\n"
    (whole / "transactions.csv").write_bytes(sold)
    told = {p.rule: p.examples[0].row for p in read(whole, "transactions", {"checks": {"rejected_share": 1.0}})[1]}

    assert [e.row for e in empty.examples] == [7]
    assert told["broken_line"] == 2004


def test_an_empty_file_a_missing_header_and_a_column_named_twice_are_refused(write_dataset):
    assert "no header line" in refused(write_dataset("a", customers="", transactions=LINES))[0].message
    twice = write_dataset("b", customers="customer_id,name,Name\nc1,One,x\n", transactions=LINES)
    assert "names a column twice" in refused(twice)[0].message


def test_bytes_that_are_not_utf8_are_refused_unless_their_encoding_is_declared(write_dataset):
    data = write_dataset(transactions=LINES)
    (data / "customers.csv").write_bytes("customer_id,name\nc1,Müller & Søn €\n".encode("cp1252"))
    [problem] = refused(data)
    assert ("not UTF-8" in problem.message, "cp1252" in problem.mend) == (True, True)

    tables = '[tables.transactions]\npath = "transactions.csv"\n[tables.customers]\npath = "customers.csv"\nencoding = '
    (data / "dataset.toml").write_text(tables + '"cp1252"', encoding="utf-8")
    assert read(data, "customers")[0].name.tolist() == ["Müller & Søn €"]

    (data / "customers.csv").write_bytes("customer_id,name\r\nc1,Łódź\r\n".encode("utf-16"))
    (data / "dataset.toml").write_text(tables + '"utf-16"', encoding="utf-8")
    assert read(data, "customers")[0].name.tolist() == ["Łódź"]

    (data / "dataset.toml").write_text(tables + '"klingon"', encoding="utf-8")
    assert refused(data)[0].examples[0].value == "klingon"


def numbers(write_dataset, written, **marks):
    declared = "".join(f'{key} = "{mark}"\n' for key, mark in marks.items())
    data = write_dataset(
        f"numbers{len(written)}{''.join(map(str, map(ord, ''.join(marks.values()))))}",
        customers=CUSTOMERS,
        transactions="transaction_id;customer_id;date;kind;list_amount\n"
        + "".join(f"t{n};c1;2026-10-31;sale;{text}\n" for n, text in enumerate(written)),
        dataset='[tables.customers]\npath = "customers.csv"\n[tables.transactions]\npath = "transactions.csv"\n'
        'delimiter = ";"\n' + declared,
    )
    rows, problems = read(data, "transactions")
    wrong = [example.value for problem in problems for example in problem.examples]
    return [float(amount) for amount in rows.list_amount], wrong


def test_decimal_marks_are_declared_and_never_guessed(write_dataset):
    assert numbers(write_dataset, ["1234,5", "2", "1.5", "1.234"], decimal=",") == ([1234.5, 2], ["1.5", "1.234"])
    assert numbers(write_dataset, ["1234.5", "2", "1,5"]) == ([1234.5, 2], ["1,5"])


def test_thousands_marks_stand_before_three_digits_or_the_number_is_refused(write_dataset):
    german = ["1.234,50", "1.234.567", "12345,5", "-0", "1.5", "1.23.4", "1.2345"]
    assert numbers(write_dataset, german, decimal=",", thousands=".") == (
        [1234.5, 1234567, 12345.5, 0],
        ["1.5", "1.23.4", "1.2345"],
    )
    english = ["1,234.50", "1,5", "1234.5"]
    assert numbers(write_dataset, english, thousands=",") == ([1234.5, 1234.5], ["1,5"])


def test_a_currency_stands_beside_an_amount_only_where_it_is_declared(write_dataset):
    amounts = ["$1,234.50", "-$5", "$5-", "12 $", "($7.25)", "(8)", "€3", "3"]
    found, told = numbers(write_dataset, amounts, thousands=",", currency_mark="$")
    assert (found, told[0]) == ([1234.5, -5, -5, 12, -7.25, -8, 3], "€3")
    assert numbers(write_dataset, ["$5", "6"]) == ([6], ["$5"])


def test_numbers_that_are_none_are_refused(write_dataset):
    wrong = ["nan", "inf", "1e400", "5%"]
    assert numbers(write_dataset, [*wrong, " 12 ", "1e3", "+5"]) == ([12, 1000, 5], wrong)


def test_booleans_are_true_or_false_in_any_case_and_nothing_else(write_dataset):
    words = ["true", "FALSE", " True ", "", "1", "yes", "f"]
    data = write_dataset(
        customers="customer_id,name,protected\n" + "".join(f"c{n},x,{w}\n" for n, w in enumerate(words)),
        transactions=LINES,
    )
    rows, [problem] = read(data, "customers")

    # The column is optional: a bad flag costs the cell, and the account stays.
    assert rows.sort_values("customer_id").protected.tolist() == [True, False, True, None, None, None, None]
    assert [e.value for e in problem.examples] == ["1", "yes", "f"]


AT = {
    "2026-03-29T01:30:00Z": "2026-03-29 03:30:00",
    "2026-03-29T00:59:59Z": "2026-03-29 01:59:59",
    "2026-10-25T00:30:00+00:00": "2026-10-25 02:30:00",
    "2026-10-25T01:30Z": "2026-10-25 02:30:00",
    "2026-10-31T22:59:59.5Z": "2026-10-31 23:59:59.500000",
    "2026-10-31T23:00:00Z": "2026-11-01 00:00:00",
    "2026-10-31T18:30-05": "2026-11-01 00:30:00",
    "2026-11-01T05:30:00+0530": "2026-11-01 01:00:00",
    "2026-10-31 23:59:59.999999": "2026-10-31 23:59:59.999999",
    "2026-10-31": "2026-10-31 00:00:00",
}


def test_timestamps_with_an_offset_become_local_to_the_policys_zone_and_others_are(write_dataset):
    data = write_dataset(
        customers=CUSTOMERS,
        service_events="event_id,customer_id,at,activity\n" + "".join(f"{n},c1,{at},call\n" for n, at in enumerate(AT)),
        costing=COSTING,
    )
    rows, problems = read(data, "service_events", {"timezone": "Europe/Berlin"})

    assert problems == []
    assert rows["at"].tolist() == [pd.Timestamp(local) for local in AT.values()]


def test_days_that_are_none_are_refused(write_dataset):
    days = ["2026-02-30", "2026-13-01", "31.10.2026", "2026/10/31", "2026-1-5"]
    data = write_dataset(
        customers=CUSTOMERS,
        transactions=LINES + "".join(f"x{n},c1,{day},sale,1\n" for n, day in enumerate(days)),
    )
    rows, [problem] = read(data, "transactions")

    assert len(rows) == 1
    assert [e.value for e in problem.examples] == days


@pytest.fixture
def parquet(write_dataset):
    data = write_dataset(costing=COSTING)
    pq.write_table(pa.table({"customer_id": [7, 8], "name": ["Seven", "Eight"]}), data / "customers.parquet")
    parts = data / "service_events"
    (parts / "2026").mkdir(parents=True)
    zoned = pa.array(pd.to_datetime(["2026-10-31T22:30Z", "2026-10-31T23:30Z"]), pa.timestamp("us", "UTC"))
    first = {"event_id": [1, 2], "customer_id": [7, 7], "at": zoned, "activity": ["call", "dance"]}
    pq.write_table(pa.table(first), parts / "one.parquet")
    naive = pa.array(pd.to_datetime(["2026-10-31T22:30"]), pa.timestamp("ns"))
    second = {"event_id": [3], "customer_id": [8], "at": naive, "activity": ["call"], "minutes": [float("nan")]}
    second["rush"] = [True]
    pq.write_table(pa.table(second), parts / "2026" / "two.parquet")
    return data


def test_parquet_parts_are_one_table_whose_integers_are_ids_and_whose_rows_name_their_file(parquet):
    opened = open_all(parquet, {"timezone": "Europe/Berlin"})
    events = opened.checked["service_events"].to_pandas().set_index("event_id")
    listed = opened.checked.rejected()
    opened.engine.close()

    # An unknown activity costs the row; minutes that are no number cost the cell.
    assert sorted(events.index) == ["1", "3"]
    assert events["at"]["1"] == pd.Timestamp("2026-10-31 23:30")
    assert pd.isna(events.minutes["3"]) and events.customer_id["3"] == "8"
    assert sorted(zip(listed.file, listed.row, listed.key, listed.rule, strict=True)) == [
        ("one.parquet", 2, "2", "unknown_value"),
        ("two.parquet", 1, "3", "wrong_type"),
    ]


def test_globs_relative_sql_and_environment_variables_are_resolved_from_the_datasets_folder(
    write_dataset, monkeypatch, tmp_path_factory
):
    data = write_dataset(
        customers=CUSTOMERS,
        dataset="""
[tables.customers]
sql = "SELECT customer_id, name || '${SUFFIX}' AS name FROM read_csv('customers.csv')"
[tables.transactions]
path = "exports/${YEAR}-*.csv"
""",
    )
    (data / "exports").mkdir()
    (data / "exports" / "2026-01.csv").write_text(LINES, encoding="utf-8")
    (data / "exports" / "2026-02.csv").write_text(LINES.replace("t1", "t2"), encoding="utf-8")
    (data / "exports" / "2025-12.csv").write_text(LINES.replace("t1", "t0"), encoding="utf-8")
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    monkeypatch.setenv("YEAR", "2026")
    monkeypatch.setenv("SUFFIX", " & Sons")

    assert read(data, "transactions")[0].transaction_id.tolist() == ["t1", "t2"]
    assert read(data / "dataset.toml", "customers")[0].name.tolist() == ["One & Sons"]

    monkeypatch.delenv("YEAR")
    monkeypatch.delenv("SUFFIX")
    told = {p.examples or p.message for p in refused(data) if p.rule == "unset_variable"}
    assert told == {f"the environment variable {name} is not set" for name in ("YEAR", "SUFFIX")}


def test_what_is_wrong_in_dataset_toml_is_told_in_one_go_by_its_place(write_dataset):
    data = write_dataset(
        customers=CUSTOMERS,
        dataset="""
[connections.erp]
url = "postgres://reader@localhost/erp"
[tables.customers]
connection = "crm"
sql = "SELECT 1"
[tables.client]
path = "customers.csv"
[tables.transactions]
path = "nowhere-*.csv"
[tables.cases]
path = "dataset.toml"
""",
    )
    told = {(p.column, p.rule) for p in refused(data)}

    assert told == {
        ("tables.customers.connection", "unknown_connection"),
        ("tables.client", "unknown_table"),
        ("tables.transactions.path", "missing_file"),
        ("tables.cases.path", "missing_file"),
    }


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[tables.customers]\npaht = "customers.csv"\n', "tables.customers.paht"),
        ('[tables.customers]\npath = "a.csv"\nsql = "SELECT 1"\n', "tables.customers"),
        ('[tables.customers]\npath = "a.csv"\ndecimal = ";"\n', "tables.customers.decimal"),
        ('[tables.customers]\npath = "a.csv"\ndecimal = ","\nthousands = ","\n', "tables.customers"),
        ('[table.customers]\npath = "a.csv"\n', "table"),
        ("tables = [", ""),
    ],
)
def test_a_typing_slip_in_dataset_toml_is_named(write_dataset, text, place):
    assert place in {p.column for p in refused(write_dataset(customers=CUSTOMERS, dataset=text))}


@pytest.mark.parametrize(
    "sql", ["SELEC 1", "SELECT * FROM read_csv('no.csv')", "CREATE TABLE x AS SELECT 1", "SELECT secret FROM x"]
)
def test_a_select_that_fails_is_told_without_what_the_environment_gave(write_dataset, monkeypatch, sql):
    monkeypatch.setenv("PASSWORD", "secret")
    written = sql.replace("secret", "${PASSWORD}")
    data = write_dataset(transactions=LINES, dataset=f'[tables.transactions]\npath = "transactions.csv"\n[tables.customers]\nsql = "{written}"')  # noqa: E501  # fmt: skip

    [problem] = refused(data)
    assert (problem.table, problem.rule) == ("customers", "unreadable")
    assert "secret" not in str(problem)


def test_there_is_no_dataset_where_nothing_lies(write_dataset):
    with pytest.raises(UsageError, match="no dataset at nowhere"):
        open_all("nowhere")


@pytest.mark.parametrize(
    ("policy", "place"),
    [
        ("curency = 'EUR'", "curency"),
        ("[window]\nmonths = '12'", "window.months"),
        ("[window]\nmonths = 0", "window.months"),
        ("timezone = 'Mars/Olympus'", "timezone"),
        ("[finance]\nreceivables_rate = nan", "finance.receivables_rate"),
        ("[service.calls]\nwhere = { chanel = 'x' }", "service.calls.where.chanel"),
    ],
)
def test_a_wrong_policy_is_an_error_that_names_the_key(write_dataset, policy, place):
    with pytest.raises(PolicyError) as stopped:
        open_all(write_dataset(customers=CUSTOMERS, transactions=LINES, policy=policy))
    assert [p.column for p in stopped.value.problems] == [place]


def test_a_service_attribute_of_an_unknown_activity_is_an_error_only_where_the_user_wrote_it(write_dataset):
    parts = {"customers": CUSTOMERS, "service_events": "event_id,at,activity\ne1,2026-01-01,call\n", "costing": COSTING}
    assert read(write_dataset("a", **parts), "service_events")[1] == []
    [problem] = refused(write_dataset("b", **parts, policy='[service.visits]\nactivities = ["visit"]\n'))
    assert (problem.column, problem.examples[0].value) == ("service.visits.activities", "visit")


def test_tables_outlive_the_portfolio_and_no_scratch_outlives_the_tables(write_dataset):
    import gc

    opened = open_all(write_dataset(customers=CUSTOMERS, transactions=LINES))
    scratch, rows = opened.engine.scratch, opened.checked["customers"]
    del opened
    gc.collect()
    assert rows.count().to_pandas() == 1
    assert scratch.exists()

    opened = open_all(write_dataset(customers=CUSTOMERS, transactions=LINES))
    opened.engine.close()
    assert not opened.engine.scratch.exists()


@pytest.mark.skipif(os.name != "posix", reason="rights of users as POSIX has them")
@pytest.mark.parametrize(
    ("closed", "told"),
    [
        (["customers.csv", "transactions.csv"], ["DataError", "customers.csv", "transactions.csv"]),
        (["."], ["UsageError"]),
    ],
    ids=["files", "folder"],
)
def test_what_the_user_of_the_night_may_not_read_is_named_all_at_once(closed, told):
    """As root nothing is closed, so another user reads; the folder lies where others may go."""
    code = """
import os, sys
from analysis.data.sources import open_dataset
if os.getuid() == 0:
    os.setuid(65534)
try:
    open_dataset(sys.argv[1])
except Exception as fault:
    print(type(fault).__name__, fault)
"""
    folder = Path(tempfile.mkdtemp())
    try:
        (folder / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
        (folder / "transactions.csv").write_text(LINES, encoding="utf-8")
        folder.chmod(0o755)
        for name in closed:
            (folder / name).chmod(0)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", code, str(folder)], env=environment, capture_output=True, text=True, timeout=60
        )
    finally:
        folder.chmod(0o700)
        shutil.rmtree(folder)

    assert [words for words in told if words not in done.stdout] == [], done
    assert done.stdout.count("may not be read by the user that this runs as") == len(closed)


@pytest.mark.skipif(os.name != "posix", reason="pipes with a name as POSIX has them")
@pytest.mark.parametrize("dataset", [None, '[tables.customers]\npath = "customers.csv"\n'])
def test_a_pipe_with_a_name_is_told_and_not_waited_for(write_dataset, dataset):
    """Opening one to read waits until somebody writes, for ever where nobody does."""
    data = write_dataset(transactions=LINES, **({"dataset": dataset} if dataset else {}))
    os.mkfifo(data / "customers.csv")

    assert [(p.table, p.rule) for p in refused(data)] == [("customers", "no_file")]
    with pytest.raises(UsageError, match="pipe"):
        propose([data / "customers.csv"], data / "out")


@pytest.mark.skipif(sys.platform != "linux", reason="names of bytes that are no UTF-8")
def test_a_name_of_another_encoding_is_told_and_one_that_is_not_read_stops_nothing(write_dataset):
    """Files out of an old archive have names in Latin-1, say; `run.json` and the engine take UTF-8 alone."""
    data = write_dataset(customers=CUSTOMERS, transactions=LINES)
    stray = data / os.fsdecode(b"\xdcbersicht.csv")
    stray.write_text("a\n1\n", encoding="utf-8")
    opened = open_all(data)
    [told] = [problem for problem in opened.problems if problem.rule == "unknown_file"]
    opened.engine.close()
    assert told.table == r"\xdcbersicht.csv"

    (data / "dataset.toml").write_text('[tables.customers]\npath = "*bersicht.csv"\n', encoding="utf-8")
    with pytest.raises(UsageError, match=r"\\xdcbersicht\.csv has letters that are not UTF-8"):
        open_all(data)
    with pytest.raises(UsageError, match="not UTF-8"):
        open_all(data.rename(data.with_name(os.fsdecode(b"K\xf6ln"))))
