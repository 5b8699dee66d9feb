"""Somebody else's exports, without SQL: columns, values, formats, workbooks, and options that cannot be honoured."""

from __future__ import annotations

import re
from datetime import date, datetime

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.errors import DataError
from analysis.opening import open_all
from tests.conftest import ROOT

CUSTOMERS = """
[tables.customers]
path = "Kunden.csv"
encoding = "cp1252"
delimiter = ";"
header_row = 3
skip_footer = 1
columns = { customer_id = "Kundennr.", name = "Firma", protected = "Schutz", since = "Kunde seit" }
values = { protected = { Ja = true, Nein = false } }
date_format = "%d.%m.%Y"
"""
KUNDEN = """Kundenliste;;;
Stand: 31.10.2026;;;
Kundennr.;Firma;Schutz;Kunde seit
0007;Müller & Söhne;Ja;01.02.2020
0008;Bäcker;nein;31.04.2020

;;;
Summe: 2 Kunden;;;

"""
LINES = """
[tables.transactions]
path = "Posten.csv"
delimiter = ";"
decimal = ","
thousands = "."
date_format = ["%d.%m.%Y", "%Y-%m-%d"]
missing = ["-"]
"""
POSTEN = """Beleg;Pos;Debitor;Datum;Umsatz;Gewinn;Menge;Preis
R1;1;7;31.10.2026;1.234,50;234,50;3;2,50
R1;2;7;2026-10-30;-10,00;-;1;-
R2;1;8;30.10.26;5;1;1;1
"""
COLUMNS = """
[tables.transactions.columns]
transaction_id = { join = ["Beleg", "Pos"] }
customer_id = { from = "Debitor", width = 4 }
date = "Datum"
kind = { by_sign = "Umsatz" }
net_amount = "Umsatz"
cogs = { plus = ["Umsatz"], minus = ["Gewinn"] }
quantity = { times = ["Menge", "Preis", 60] }
"""


def opened(folder, table):
    found = open_all(folder)
    rows = found.checked[table].order_by(["_file", "_row"]).to_pandas()
    problems = found.checked.problems
    found.engine.close()
    return rows, problems


def refused(folder):
    with pytest.raises(DataError) as stopped:
        open_all(folder)
    return {(p.table, p.column): p for p in stopped.value.problems}


@pytest.fixture
def german(write_dataset):
    folder = write_dataset(dataset=CUSTOMERS + LINES + COLUMNS)
    (folder / "Kunden.csv").write_bytes(KUNDEN.replace("\n", "\r\n").encode("cp1252"))
    (folder / "Posten.csv").write_text(POSTEN, encoding="utf-8")
    return folder


def test_a_german_export_is_read_by_its_own_names_with_titles_and_totals_left_out(german):
    rows, problems = opened(german, "customers")

    assert rows.customer_id.tolist() == ["0007", "0008"]
    assert rows.name.tolist() == ["Müller & Söhne", "Bäcker"]
    assert rows.protected.tolist() == [True, False]
    # There is no 31 April: the cell is empty, told by the line of the file and as it is written.
    assert rows.since.tolist() == [pd.Timestamp("2020-02-01"), pd.NaT]
    told = next(p for p in problems if p.column == "since")
    assert (told.rule, told.examples[0].row, told.examples[0].value) == ("wrong_type", 5, "31.04.2020")


def test_columns_are_made_of_theirs(german):
    rows, problems = opened(german, "transactions")

    assert rows.transaction_id.tolist() == ["R1-1", "R1-2"]
    assert rows.customer_id.tolist() == ["0007", "0007"]
    assert rows.kind.tolist() == ["sale", "credit"]
    assert rows.date.dt.date.tolist() == [date(2026, 10, 31), date(2026, 10, 30)]
    assert [float(value) for value in rows.net_amount] == [1234.5, -10]
    assert [float(value) for value in rows.cogs] == [1000, -10]
    # 3 x 2.50 x 60; where a price is missing nothing is known, and nothing is told as wrong.
    assert rows.quantity.fillna(-1).tolist() == [450, -1]
    # Neither format fits `30.10.26`: the row is set aside, as it is written.
    (wrong,) = [p for p in problems if p.table == "transactions"]
    assert (wrong.column, wrong.examples[0].row, wrong.examples[0].value) == ("date", 4, "30.10.26")


def test_a_workbook_is_read_with_its_sheet_title_dates_and_ids(write_dataset):
    folder = write_dataset(
        transactions="x\n",
        costing='period = "year"\n[resources.a]\ncost = 1\ncapacity_minutes = 1\n[activities.call]\nresource = "a"',
        dataset="""
[tables.customers]
path = "crm.csv"
[tables.service_events]
path = "Stunden.xlsx"
sheet = "Export"
header_row = 2
skip_footer = 1
decimal = ","
date_format = "%d.%m.%Y"
columns = { event_id = { row = true }, customer_id = { from = "Kunde", lookup = "name" }, at = "Datum", activity = "Art", minutes = { times = ["Std", 60] }, order_id = "Auftrag" }
values = { activity = { Anruf = "call" } }
""",  # noqa: E501
    )
    (folder / "crm.csv").write_text("customer_id,name\n007,Alder\n8,Birch\n9,Birch\n", encoding="utf-8")
    book = openpyxl.Workbook()
    book.active.title = "Deckblatt"
    sheet = book.create_sheet("Export")
    sheet.append(["Stunden im Oktober"])
    sheet.merge_cells("A1:E1")
    sheet.append(["Kunde", "Datum", "Art", "Std", "Auftrag"])
    sheet.append([" alder", datetime(2026, 10, 30, 9, 15), "Anruf", 1.5, 4711])
    sheet.append([None] * 5)
    sheet.append(["Birch", "31.10.2026", "Anruf", "0,25", "0815"])
    sheet.append(["Summe", None, None, "=SUM(D3:D5)", None])
    book.save(folder / "Stunden.xlsx")
    rows, problems = opened(folder, "service_events")

    # Two accounts are called Birch: whose work it was is not guessed.
    assert rows.customer_id.tolist() == ["007", "Birch"]
    assert rows.minutes.astype(float).tolist() == [90, 15]
    assert rows["at"].tolist() == [pd.Timestamp("2026-10-30 09:15"), pd.Timestamp("2026-10-31")]
    assert rows.order_id.tolist() == ["4711", "0815"]
    assert rows.event_id.tolist() == ["3", "5"]
    assert not [p for p in problems if p.severity == "error"]

    (folder / "dataset.toml").write_text(
        '[tables.customers]\npath = "Stunden.xlsx"\nsheet = "Expotr"\n[tables.cases]\npath = "crm.csv"'
    )
    assert "Its sheets: Deckblatt, Export." in refused(folder)["customers", ""].mend


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"customer_id,name\n1,One\n"])
def test_what_is_no_workbook_is_told_with_the_way_out(write_dataset, content):
    folder = write_dataset(dataset='[tables.customers]\npath = "a.xlsx"\n[tables.cases]\npath = "a.xlsx"\n')
    (folder / "a.xlsx").write_bytes(content)
    assert "is no workbook" in refused(folder)["customers", ""].message


def test_customers_are_told_from_their_invoice_lines_one_row_for_each(write_dataset):
    folder = write_dataset(
        transactions="transaction_id,customer_id,date,kind,net_amount,Name\n"
        "1,b,2026-10-30,sale,1,Old\n2,,2026-10-30,sale,1,Cash\n3,b,2026-10-30,sale,1,New\n4,a,2026-10-31,sale,1,A\n",
        dataset="""
[tables.customers]
path = "transactions.csv"
columns = { name = "Name" }
one_per = "customer_id"
keep = "last"
[tables.transactions]
path = "transactions.csv"
""",
    )
    rows, _ = opened(folder, "customers")
    assert dict(zip(rows.customer_id, rows.name, strict=True)) == {"b": "New", "a": "A"}


def test_times_with_an_offset_in_a_format_become_local(write_dataset):
    folder = write_dataset(
        customers="customer_id,name\n1,A\n",
        cases="case_id,customer_id,opened_at\n1,1,10/31/2026 11:30 PM +0200\n",
        policy='timezone = "Europe/Berlin"',
        dataset='[tables.customers]\npath = "customers.csv"\n[tables.cases]\npath = "cases.csv"\n'
        'date_format = "%m/%d/%Y %I:%M %p %z"\n',
    )
    # 23:30 at +02:00 is 21:30 UTC, and Berlin is an hour ahead of it since 25 October.
    assert opened(folder, "cases")[0].opened_at.tolist() == [pd.Timestamp("2026-10-31 22:30")]


@pytest.mark.parametrize(
    ("said", "place", "words"),
    [
        ('path = "c.csv"\nsheet = "A"', "path", "`sheet` cannot be honoured for a CSV file"),
        ('path = "c.parquet"\nheader_row = 2', "path", "`header_row` cannot be honoured for a Parquet"),
        ('sql = "SELECT 1"\nskip_footer = 2', "tables.customers", "`skip_footer` cannot be honoured beside `sql`"),
        ('path = "c.xlsx"\nencoding = "cp1252"', "path", "`encoding` cannot be honoured for a workbook"),
        ('path = "c.csv"\ndate_format = "dd.mm.yyyy"', "tables.customers", "write it as %d.%m.%Y"),
        ('path = "c.csv"\ncolumns = { name = { join = ["a"], row = true } }', "tables.customers.columns", "one way"),
        ('path = "c.ods"', "path", "c.ods is neither"),
    ],
)  # fmt: skip
def test_an_option_that_cannot_be_honoured_names_itself_and_the_way_out(write_dataset, said, place, words):
    folder = write_dataset(dataset=f'[tables.customers]\n{said}\n[tables.cases]\npath = "c.csv"\n')
    for name in ("c.csv", "c.ods"):
        (folder / name).write_text("customer_id,name\n", encoding="utf-8")
    told = {column: problem for (_, column), problem in refused(folder).items()}
    assert words in next(str(p) for column, p in told.items() if column.startswith(place) or column.endswith(place))


def test_columns_values_and_formats_of_nothing_are_told_with_what_there_is(write_dataset):
    folder = write_dataset(
        dataset="""
[tables.customers]
path = "c.csv"
columns = { name = "Frima" }
values = { tier = { A = "gold" } }
[tables.cases]
path = "c.parquet"
date_format = "%d.%m.%Y"
"""
    )
    (folder / "c.csv").write_text("customer_id,Firma\n1,A\n", encoding="utf-8")
    pq.write_table(pa.table({"case_id": ["1"], "opened_at": [datetime(2026, 1, 1)]}), folder / "c.parquet")
    told = refused(folder)

    assert "Is it `Firma`? Columns found: customer_id, Firma." in told["customers", "name"].mend
    assert "Columns found" in told["customers", "tier"].mend
    assert "no date that is written as text" in told["cases", ""].message


def test_a_column_of_ours_that_there_is_not_is_told_and_never_ignored(write_dataset):
    folder = write_dataset(
        dataset="""
[tables.customers]
path = "c.csv"
columns = { customer_id = "Nr", name = "Firma", acount_manager = "Betreuer", segment = "Art" }
values = { tierr = { A = "gold" } }
[tables.cases]
path = "k.csv"
""",
        c="Nr,Firma,Betreuer,Art,tierr\n1,A,Mia,x,A\n",
        k="case_id,customer_id,opened_at\n1,1,2026-10-01\n",
    )
    told = {column: p for (table, column), p in refused(folder).items() if p.rule == "unknown_column"}

    assert told.keys() == {"acount_manager", "segment", "tierr"}
    assert (told["acount_manager"].mend, told["tierr"].mend) == ("Is it `account_manager`?", "Is it `tier`?")
    assert "Columns of customers: customer_id, name, industry" in told["segment"].mend


def test_events_may_have_columns_of_ones_own_but_no_slip_of_the_pen(write_dataset):
    said = """
[tables.customers]
path = "customers.csv"
[tables.service_events]
path = "e.csv"
columns = { pallets = "Pal", minuts = "Min" }
"""
    costing = """
period = "month"
[resources.desk]
cost = 100
capacity_minutes = 100
[activities.call]
resource = "desk"
"""
    files = {
        "customers": "customer_id,name\n1,A\n",
        "e": "event_id,customer_id,at,activity,Pal,Min\n1,1,2026-10-01,call,2,30\n",
        "costing": costing,
    }
    told = refused(write_dataset("slip", dataset=said, **files))
    rows, _ = opened(write_dataset(dataset=said.replace("minuts", "minutes"), **files), "service_events")

    assert told.keys() == {("service_events", "minuts")}
    assert rows.minutes.astype(float).tolist() == [30.0]


def test_the_engines_whole_message_is_told(write_dataset):
    folder = write_dataset(
        dataset='[tables.customers]\nsql = "SELECT nmae FROM (SELECT 1 AS name)"\n[tables.cases]\npath="c.csv"'
    )
    (folder / "c.csv").write_text("case_id\n", encoding="utf-8")
    assert "Candidate bindings" in refused(folder)["customers", ""].examples[0].value


def test_what_cannot_be_read_is_told_with_what_the_dataset_declares(german):
    posten = german / "Posten.csv"
    posten.write_text(POSTEN.replace("1.234,50", "12.5").replace("2,50", "2.5"), encoding="utf-8")
    _, problems = opened(german, "transactions")
    mends = {(p.column, p.rule): p.mend for p in problems}
    assert 'declares decimal = ",", thousands = "."' in mends["net_amount", "wrong_type"]
    assert "declares %d.%m.%Y, %Y-%m-%d: write it so" in mends["date", "wrong_type"]
    assert mends["kind", "empty"] == "The sign of `Umsatz` tells it: mend the amount there."


def test_two_exports_of_one_table_are_joined_as_the_docs_say(write_dataset):
    text = (ROOT / "docs" / "own-exports.md").read_text(encoding="utf-8")
    block = text[text.index("## Two exports of one table") :].split("```toml\n", 1)[1].split("```", 1)[0]
    folder = write_dataset(dataset=f'[tables.customers]\npath = "customers.csv"\n{block}')
    (folder / "customers.csv").write_text("customer_id,name\n007,Alder\nF007,Bouleau\n", encoding="utf-8")
    german = "Belegnr;Kundennr;Datum;Netto;Straße\n1;007;31.10.2026;1.234,50;Köln\n"
    (folder / "posten.csv").write_text(german, encoding="cp1252")
    french = "N° facture;N° client;Date;Montant HT\n1;007;05/10/2026;12 345,60\n"
    (folder / "lignes.csv").write_text(french, encoding="utf-8")
    rows = opened(folder, "transactions")[0].set_index("transaction_id")
    assert rows.net_amount.astype(float).to_dict() == {"1": 1234.5, "F1": 12345.6}
    assert rows.customer_id.to_dict() == {"1": "007", "F1": "F007"}
    assert [str(day)[:10] for day in rows["date"]] == ["2026-10-31", "2026-10-05"]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT * FROM read_xlsx('book.xlsx')", "save the sheet as CSV and read that with read_csv"),
        ("SELECT * FROM read_csv('c.csv', encoding = 'CP1252')", "'utf-16' and 'latin-1'"),
    ],
)
def test_what_the_engine_would_load_is_answered_with_a_way_that_is_open_here(write_dataset, sql, words):
    folder = write_dataset(dataset=f'[tables.customers]\nsql = "{sql}"\n')
    (folder / "c.csv").write_text("customer_id,name\nA,Alder\n", encoding="utf-8")
    with pytest.raises(DataError) as stopped:
        open_all(folder)
    assert words in str(stopped.value)


def test_a_column_of_nearly_our_name_is_told_with_the_line_that_names_it(write_dataset):
    case = "SELECT 1 AS case_id, 'A' AS customer_id, '2026-01-01' AS opened_at"
    said = f'[tables.cases]\nsql = "{case}"\n[tables.customers]\npath = "c.csv"\n[tables.customers.columns]\n'
    folder = write_dataset(dataset=f'{said}name = "Firma"\n')
    (folder / "c.csv").write_text("Customer_id,Firma,Since\nA,Alder,2020-01-01\n", encoding="utf-8")
    told = "\n".join(str(problem) for problem in refused(folder).values())
    lines = re.findall(r"`(\w+ = [^`]*)` among the `columns`", told)
    assert lines == ['customer_id = "Customer_id"', 'since = "Since"']
    # Each line is written where the message says, and the file is read.
    (folder / "dataset.toml").write_text("\n".join([said, 'name = "Firma"', *lines]), encoding="utf-8")
    assert str(opened(folder, "customers")[0].since.iloc[0])[:10] == "2020-01-01"


def test_a_day_that_a_spreadsheet_keeps_as_a_number_is_told_with_the_day_and_a_way_that_works(write_dataset):
    # Excel's documentation: serial number 39448 is 1 January 2008; so 46296 is 1 October 2026.
    lines = "transaction_id,customer_id,date,kind,net_amount\nT1,A,46296,sale,5\n"
    folder = write_dataset(customers="customer_id,name\nA,Alder\n", transactions=lines)
    (problem,) = (one for one in opened(folder, "transactions")[1] if one.column == "date")
    told = str(problem)
    assert "46296 is what a spreadsheet keeps 2026-10-01 as" in told
    counted_on = re.search(r"DATE '1899-12-30' \+ 46296", told)[0].replace("46296", "CAST(date AS INTEGER)")
    rows = "FROM read_csv('transactions.csv', all_varchar = true)"
    select = f"SELECT * REPLACE ({counted_on} AS date) {rows}"
    said = f'[tables.customers]\npath = "customers.csv"\n[tables.transactions]\nsql = "{select}"\n'
    (folder / "dataset.toml").write_text(said, encoding="utf-8")
    assert str(opened(folder, "transactions")[0]["date"].iloc[0])[:10] == "2026-10-01"


def test_a_table_that_a_dataset_file_does_not_name_is_asked_for_in_it_though_its_file_lies_there(write_dataset):
    folder = write_dataset(customers="customer_id,name\nA,Alder\n", dataset='[tables.cases]\npath = "cases.csv"\n')
    (folder / "cases.csv").write_text("case_id,customer_id,opened_at\n1,A,2026-10-01\n", encoding="utf-8")
    told = str(refused(folder)["customers", ""])
    assert "Only what dataset.toml names is read." in told
    said = re.search(r'path = "[^"]+"', told)[0]
    both = f'[tables.cases]\npath = "cases.csv"\n[tables.customers]\n{said}\n'
    (folder / "dataset.toml").write_text(both, encoding="utf-8")
    assert opened(folder, "customers")[0].name.tolist() == ["Alder"]


def test_parts_of_one_name_in_folders_are_told_apart(write_dataset):
    folder = write_dataset(
        customers="customer_id,name\nA,Alder\n",
        dataset='[tables.customers]\npath = "customers.csv"\n[tables.transactions]\npath = "lines"\n'
        "columns = { transaction_id = { row = true } }\n",
    )
    for year in ("2025", "2026"):
        (folder / "lines" / f"year={year}").mkdir(parents=True)
        row = {"customer_id": ["A"], "date": [f"{year}-10-01"], "kind": ["sale"], "net_amount": [1.0]}
        pq.write_table(pa.table(row), folder / "lines" / f"year={year}" / "part-0.parquet")
    rows, problems = opened(folder, "transactions")
    assert problems == []
    assert sorted(rows.transaction_id) == ["year=2025/part-0.parquet-1", "year=2026/part-0.parquet-1"]


def test_a_bad_row_costs_no_row_of_another_part_of_the_same_name(write_dataset):
    said = '[tables.customers]\npath = "customers.csv"\n[tables.transactions]\npath = "lines"\n'
    folder = write_dataset(customers="customer_id,name\nA,Alder\n", dataset=said)
    for year, customer in (("2025", "nobody"), ("2026", "A")):
        (folder / "lines" / f"year={year}").mkdir(parents=True)
        row = {"transaction_id": [year], "customer_id": [customer], "date": [f"{year}-10-01"], "kind": ["sale"]}
        pq.write_table(pa.table(row | {"net_amount": [7.5]}), folder / "lines" / f"year={year}" / "part-0.parquet")
    rows, _ = opened(folder, "transactions")
    assert rows.transaction_id.tolist() == ["2026"]
