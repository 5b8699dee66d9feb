"""`check` finds the real fault: raw exports, a delimiter, a title above the header, zeros; and what is foolish."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner

from analysis.cli import cli
from analysis.data.sources import open_dataset
from analysis.errors import Example, Problem, UsageError

CUSTOMERS = "customer_id,name\n007,One\n008,Two\n"


def checked(folder, *arguments):
    result = CliRunner().invoke(cli, ["check", "--data", str(folder), *arguments])
    return result.exit_code, result.output if "--json" not in arguments else json.loads(result.stdout)


def test_on_a_folder_of_raw_exports_it_says_what_lies_there_and_what_to_do(tmp_path):
    (tmp_path / "CRM.csv").write_text("Kunden-Nr.;Firma\n1;A\n2;B\n", encoding="utf-8")
    (tmp_path / "Posten.csv").write_text("Kunden-Nr.;Datum;Betrag\n1;01.10.2026;5,00\n", encoding="utf-8")
    (tmp_path / "odd.csv").write_text("colour,shape\nred,round\n", encoding="utf-8")
    code, said = checked(tmp_path)

    assert code == 3
    assert "CRM.csv: 2 rows, taken for `customers`" in said
    assert "Posten.csv: 1 row, taken for `transactions`" in said
    assert "odd.csv: no table" in said
    assert f"mutual-value propose {tmp_path}" in said
    assert not list(tmp_path.glob("*.toml"))
    code, as_json = checked(tmp_path, "--json")
    assert (code, [p["rule"] for p in as_json["problems"]]) == (3, ["no_dataset"])


def test_a_database_and_a_file_of_an_export_are_told_the_way_to_a_dataset(tmp_path):
    folder = tmp_path / "our exports"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "erp.db")) as erp:
        erp.executescript("CREATE TABLE kunde (id INTEGER, firma TEXT); INSERT INTO kunde VALUES (1, 'A'), (2, 'B');")
    code, said = checked(folder)
    assert code == 3
    assert "erp.db, table kunde: 2 rows, taken for `customers`" in said

    # A path with a space is quoted: the line is to be copied.
    with pytest.raises(UsageError) as stopped:
        open_dataset(folder / "erp.db")
    assert f'mutual-value propose "{(folder / "erp.db").resolve()}" --out my-data' in str(stopped.value)


@pytest.mark.parametrize(
    ("customers", "words"),
    [
        ("customer_id;name;region\n1;A;x\n", 'delimiter = ";"'),
        ("customer_id\tname\tregion\n1\tA\tx\n", 'delimiter = "\\t"'),
        ("Our customers\n\ncustomer_id,name\n1,A\n", "header_row = 3"),
    ],
)
def test_one_fault_of_the_header_is_told_once_with_its_mend(write_dataset, customers, words):
    data = write_dataset(customers=customers, transactions="transaction_id,customer_id,date,kind,net_amount\n")
    code, said = checked(data, "--json")
    (problem,) = said["problems"]
    assert (code, words in problem["mend"]) == (3, True)


def test_ids_that_lost_their_zeros_are_told_as_such(write_dataset):
    lines = "".join(f"{n},7,2026-10-01,sale,5\n" for n in range(30))
    data = write_dataset(customers=CUSTOMERS, transactions=f"transaction_id,customer_id,date,kind,net_amount\n{lines}")
    _, said = checked(data, "--json")
    (problem,) = [p for p in said["problems"] if p["rule"] == "unknown_customer"]
    assert (problem["count"], len(problem["examples"])) == (30, 5)
    assert "7 is nearly 007 (30 rows)" in problem["mend"]
    assert "width = 3" in problem["mend"]


FLAG = ("false", "true")
EVENTS = "event_id,customer_id,at,activity,minutes,after_hours,rush\n" + "".join(
    f"{n},007,2026-10-{n % 28 + 1:02},call,{0 if n % 4 else 4000},{FLAG[n > 0]},{FLAG[n > 0]}\n" for n in range(40)
)
CASES = "case_id,customer_id,opened_at,escalated\n" + "".join(
    f"{n},007,2026-10-{n % 28 + 1:02},{FLAG[n % 20 > 0]}\n" for n in range(40)
)
LINES = (
    "transaction_id,customer_id,date,kind,net_amount,cogs\nt0,008,2026-10-01,sale,80,40\nt1,007,2026-10-01,sale,20,\n"
)
COSTING = """
period = "month"
[resources.a]
cost = 1
capacity_minutes = 1000
[activities.call]
resource = "a"
minutes = 3
"""


def test_what_makes_results_foolish_is_told_before_they_are_read(write_dataset):
    data = write_dataset(customers=CUSTOMERS, service_events=EVENTS, cases=CASES, transactions=LINES, costing=COSTING)
    code, said = checked(data, "--json")
    told = {p["rule"]: p for p in said["problems"]}

    assert code == 0
    # 10 events logged 4,000 minutes and 30 nothing, which the equation gives 3 each: 40,090 of 1,000 a month.
    assert "40.1 times its capacity" in told["far_beyond_capacity"]["message"]
    assert told["zero_minutes"]["examples"][0]["value"] == "30 of 40 logged"
    assert told["identical_flags"]["column"] == "rush"
    assert {p["column"] for p in said["problems"] if p["rule"] == "nearly_always"} == {
        "after_hours",
        "rush",
        "escalated",
    }
    assert told["margin_unknown"]["examples"][0]["value"] == "20% of revenue, 20.00"


def test_ordinary_data_is_told_nothing_of_the_kind(write_dataset):
    events = (
        EVENTS.replace("true,true", "false,true")
        .replace(",0,", ",5,")
        .replace(",4000,", ",5,")
        .replace("rush\n", "x\n")
    )
    data = write_dataset(
        customers=CUSTOMERS, service_events=events, transactions=LINES.replace("20,\n", "20,1\n"), costing=COSTING
    )
    _, said = checked(data, "--json")
    odd = {"far_beyond_capacity", "zero_minutes", "identical_flags", "nearly_always", "margin_unknown"}
    assert odd & {p["rule"] for p in said["problems"]} == set()


def test_flags_that_are_recorded_only_where_they_hold_are_in_order(write_dataset):
    events = EVENTS.replace("false,false", ",").replace("true,true", ",", 30).replace("true,true", "true,")
    data = write_dataset(customers=CUSTOMERS, service_events=events, transactions=LINES, costing=COSTING)
    _, said = checked(data, "--json")
    assert "nearly_always" not in {p["rule"] for p in said["problems"]}


def test_it_says_how_much_lies_in_the_window_of_a_day(write_dataset):
    lines = LINES + "t2,007,2026-08-05,sale,1,1\nt3,007,2025-08-05,sale,1,1\n"
    data = write_dataset(customers=CUSTOMERS, transactions=lines)
    _, said = checked(data, "--json", "--as-of", "2026-08-31")
    assert said["window"] == [
        {"table": "transactions", "start": "2025-09-01", "end": "2026-08-31", "rows": 4, "inside": 1,
         "first": "2026-08-05", "last": "2026-08-05"}
    ]  # fmt: skip
    _, said = checked(data, "--as-of", "2026-08-31")
    assert "transactions: 1 of 4 rows, 2026-08-05 to 2026-08-05" in said
    assert "transactions: 4 rows read" in said


def test_rows_of_days_to_come_are_told_since_most_are_slips(write_dataset):
    lines = LINES + "t2,007,2062-10-31,sale,1,1\nt3,007,2026-10-13,sale,1,1\n"
    data = write_dataset(customers=CUSTOMERS, transactions=lines)
    for more in ((), ("--as-of", "2026-10-31")):
        _, said = checked(data, *more)
        assert "Later than today, and in no window yet: 1 of transactions (to 2062-10-31)." in said
    _, said = checked(write_dataset(customers=CUSTOMERS, transactions=LINES))
    assert "Later than today" not in said


def test_it_tells_of_the_month_that_is_left_out_since_it_is_not_covered_to_its_end(write_dataset):
    line = "t{n},007,2026-{day},sale,1,1\n"
    more = "".join(line.format(n=n, day=day) for n, day in enumerate(("08-05", "09-30", "10-01", "10-30"), 20))
    data = write_dataset(customers=CUSTOMERS, transactions=LINES[: LINES.index("\n") + 1] + more)
    _, said = checked(data, "--set", "window.months=1")
    assert "transactions: 1 of 4 rows, 2026-09-30 to 2026-09-30" in said
    assert "does not cover to its last day: 2 of transactions.\n--as-of 2026-10-30 counts these, too." in said
    _, said = checked(data, "--set", "window.months=1", "--as-of", "2026-08-31")
    assert "counts these" not in said


def test_what_a_sum_is_of_stands_before_it_without_brackets() -> None:
    told = Problem("payments", "invoice_id", "overpaid", "an invoice was overpaid", "Look.", "warning", 2,
                   (Example(None, "amount in all", "0.27"), Example(7, "I1", "120")))  # fmt: skip
    assert str(told).splitlines()[1:] == ["    amount in all: 0.27", "    row 7 (I1): 120"]
