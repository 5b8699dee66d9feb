"""The tutorial of docs/own-exports.md, command by command, on the exports that its script makes."""

from __future__ import annotations

import json
import re
import runpy
import shlex
import tomllib
from pathlib import Path

import pytest

from analysis.cli import cli
from analysis.portfolio import Portfolio
from tests.conftest import ROOT
from tests.pages import QUICK, SLIP, seen, written

#: The whole tutorial takes seconds.
pytestmark = pytest.mark.slow


def commands() -> list[list[str]]:
    """Return the commands of the tutorial, as a shell would take them apart."""
    page = (ROOT / "docs" / "own-exports.md").read_text(encoding="utf-8")
    return [
        shlex.split(line) for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) for line in block.splitlines()
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return the folder in which all the tutorial's commands but the last were run."""
    place = tmp_path_factory.mktemp("tutorial")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        first, *others, last = commands()
        runpy.run_path(str(ROOT / first[1]))["main"](Path(first[2]))
        told = []
        for command in others:
            assert command[0] == "mutual-value"
            told.append(_said(command[1:]))
        (place / "told.json").write_text(json.dumps(told))
        assert last[1:3] == ["run", "--data"]
    return place


def _said(arguments):
    from click.testing import CliRunner

    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def portfolio(folder):
    return Portfolio(folder / "my-data", as_of=commands()[-1][commands()[-1].index("--as-of") + 1], policy=QUICK)


def test_what_the_script_wrote_is_what_is_counted_to_the_cent(folder, portfolio):
    totals = json.loads((folder / "raw" / "totals.json").read_text())
    accounts, checked = portfolio.accounts, portfolio.opened.checked

    assert len(accounts) == totals["customers"]
    assert float(accounts.net_revenue.sum()) == pytest.approx(totals["revenue"], abs=0.005)
    assert float(accounts.cogs.sum()) == pytest.approx(totals["cogs"], abs=0.005)
    assert float(accounts.service_minutes.sum()) == pytest.approx(totals["minutes"], abs=0.01)
    assert int(checked["cases"].count().to_pandas()) == totals["tickets"]
    assert [t["rejected"] for t in checked.counts()] == [0, 0, 0, 0]


def test_the_page_tells_what_was_read_and_what_the_exports_cannot_show(folder, portfolio):
    totals = json.loads((folder / "raw" / "totals.json").read_text())
    pages = {name: seen(written(portfolio, name)) for name in ("executive", "profitability", "method")}
    for words in pages.values():
        assert not [line for line in words.splitlines() if SLIP.search(line)]

    assert f"of {totals['customers']} accounts" in pages["executive"]
    read = sum(table["rows"] for table in portfolio.opened.checked.counts())
    assert f"Every figure comes from {read:,} rows of your records" in pages["method"]
    assert "invoices" in pages["method"]
    assert f"{totals['revenue'] / 1e3:,.0f} k" in pages["profitability"]


def test_every_ticket_found_its_customer_by_name_and_every_hour_by_number(portfolio):
    cases = portfolio.opened.checked["cases"].customer_id.to_pandas()
    assert set(cases) <= set(portfolio.accounts.customer_id)
    assert set(portfolio.resources.resource) == {"verkauf", "kundendienst"}
    assert float(portfolio.resources.unassigned_cost.sum()) == 0


def test_what_is_not_sure_not_found_and_to_be_filled_in_is_told(folder):
    first = json.loads((folder / "told.json").read_text())[0]
    assert "encoding: it is not UTF-8" in first
    assert "resources.verkauf.cost: pay" in first
    assert "`invoices`: late payment" in first
    assert "tickets.csv: Requester, Assignee" in first


def test_proposed_again_it_keeps_what_a_person_changed_and_shows_what_is_new(folder, monkeypatch):
    monkeypatch.chdir(folder)
    dataset, costing = folder / "my-data" / "dataset.toml", folder / "my-data" / "costing.toml"
    mine = dataset.read_text(encoding="utf-8").replace('product = "Warengruppe"', 'product = "Pos" # my own').replace(
        'industry = "Branche"', "#"
    )  # fmt: skip
    dataset.write_text(mine, encoding="utf-8")
    with (folder / "raw" / "tickets.csv").open(encoding="utf-8") as old:
        first, *lines = old.read().splitlines()
    (folder / "raw" / "Zahlungen.csv").write_text(
        "Zahlungsdatum;Debitor;Betrag\n01.10.2026;7;10,50\n02.10.2026;14;1,00\n"
    )
    (folder / "raw" / "tickets.csv").write_text("\n".join([f"{first},Escalated", *(f"{line},Yes" for line in lines)]))
    told = _said(["propose", "raw", "--out", "my-data"])
    after = dataset.read_text(encoding="utf-8")

    assert 'product = "Pos" # my own' in after
    assert "Branche" not in after
    assert tomllib.loads(costing.read_text(encoding="utf-8"))["resources"]["verkauf"]["cost"] == 21000
    assert tomllib.loads(after)["tables"]["payments"]["columns"]["on"] == "Zahlungsdatum"
    for line in (
        "new: tables.payments",
        "new: tables.cases.columns.escalated",
        'product stays "Pos", as you wrote; proposed: "Warengruppe"',
        "industry is left out, as you did",
    ):
        assert line in told


def test_the_exports_themselves_are_never_written_to(folder):
    assert {p.name for p in (folder / "raw").iterdir()} >= {"Kundenliste.csv", "Zeiterfassung.xlsx"}
    assert not list((folder / "raw").glob("*.toml"))
