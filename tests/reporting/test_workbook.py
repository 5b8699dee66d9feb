"""The workbook: typed cells, headers that stay, every column explained, and no text of the data ever a formula."""

from __future__ import annotations

import datetime
import zipfile

import openpyxl
import pandas as pd
import pytest

from analysis.data.contract import OUTPUTS, conform
from analysis.publishing import workbook
from analysis.publishing.workbook import TABLES, write_workbook

NAMES = [
    "=1+1",
    "+SUM(A1)",
    "-2+3",
    "@cmd",
    "\t=1",
    "http://example.org",
    "<b>",
    "two\nlines",
    "x" * 40_000,
    "NaN",
    "007",
]


@pytest.fixture(scope="module")
def run(made):
    rows = [{"customer_id": name, "name": name, "list_revenue": 100 + n, "cogs": 50} for n, name in enumerate(NAMES)]
    accounts = made.statement(rows)
    accounts["over_served"] = accounts["over_served"].mask(accounts["customer_id"] == "007", True)
    levels = pd.DataFrame({"customer_id": ["007"], "attribute": ["=visits"], "entitled": [float("inf")]})
    months = pd.DataFrame({"customer_id": ["007"], "month": pd.to_datetime(["2026-05-01"]), "margin": [-1234.5]})
    tables = {
        "service_gaps": conform(levels, "service_gaps"),
        "margin_by_month": conform(months, "margin_by_month"),
    }
    return made.made_run(accounts, tables=tables, service_gaps=tables["service_gaps"])


@pytest.fixture(scope="module")
def book(run, tmp_path_factory):
    file = tmp_path_factory.mktemp("book") / "workbook.xlsx"
    write_workbook(run, file)
    return file, openpyxl.load_workbook(file)


def test_no_cell_is_a_formula_or_a_link_and_texts_are_whole(book) -> None:
    file, opened = book
    with zipfile.ZipFile(file) as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == len(opened.sheetnames)
    assert [sheet for sheet in sheets if "<f>" in sheet or "<hyperlink" in sheet] == []
    told = [row[0].value for row in opened["accounts"].iter_rows(min_row=2, max_col=1)]
    assert told == [name[:32_767] for name in NAMES]


def test_cells_have_the_kind_of_their_column(book) -> None:
    opened = book[1]
    heads = {cell.value: cell.column - 1 for cell in opened["accounts"][1]}
    rows = {row[0].value: row for row in opened["accounts"].iter_rows(min_row=2)}
    mine = rows["007"]
    assert (mine[heads["customer_id"]].value, mine[heads["list_revenue"]].value) == ("007", 110)
    assert mine[heads["over_served"]].value is True
    assert mine[heads["clv"]].value is None
    assert opened["service_gaps"]["D2"].value == "unlimited"
    [month] = opened["margin_by_month"].iter_rows(min_row=2, values_only=True)
    assert month[1] == datetime.datetime(2026, 5, 1)
    assert month[-1] == -1234.5


def test_headers_stay_and_filter_and_every_column_is_explained(book) -> None:
    opened = book[1]
    told = {row[:2] for row in opened["Columns"].iter_rows(min_row=2, values_only=True)}
    for name in [name for name in TABLES if name in OUTPUTS]:
        sheet = opened[name]
        assert sheet.freeze_panes is not None
        assert sheet.auto_filter.ref is not None
        assert {(name, cell.value) for cell in sheet[1]} <= told
    assert opened["accounts"].freeze_panes == "C2"


def test_a_sheet_with_too_many_rows_holds_the_accounts_with_most_at_stake_and_says_so(
    run, tmp_path, monkeypatch
) -> None:
    losing = run.accounts.assign(net_margin=[-float(n) for n in range(len(NAMES))])
    monkeypatch.setattr(workbook, "MOST_CELLS", 3 * len(losing.columns))
    monkeypatch.setattr(run, "accounts", losing)
    write_workbook(run, tmp_path / "w.xlsx")
    opened = openpyxl.load_workbook(tmp_path / "w.xlsx")
    assert [row[0] for row in opened["accounts"].iter_rows(min_row=2, max_col=1, values_only=True)] == [
        name[:32_767] for name in NAMES[-3:]
    ]
    said = {row[0]: row[2] for row in opened["About"].iter_rows(values_only=True)}
    assert said["accounts"] == f"3 of {len(NAMES)}, most at stake; tables/accounts.csv has all"


def test_the_same_run_gives_the_same_bytes(run, book, tmp_path) -> None:
    write_workbook(run, tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == book[0].read_bytes()
