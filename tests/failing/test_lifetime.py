"""Small datasets on which lifetimes and values once went wrong, each standing for a kind."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis import Portfolio

HERE = Path(__file__).parent
MONTHS = 36


def valued(folder: str, as_of: str = "2026-09-30") -> pd.DataFrame:
    return Portfolio(HERE / folder, as_of).table("accounts").set_index("customer_id")


def left_out(p: Portfolio) -> dict[str, str]:
    return {row["what"]: row["why"] for row in p.facts["left_out"]}


def test_one_sale_on_the_first_day_is_not_taken_for_one_every_day():
    # Ten accounts sell 100 a month at a margin of 40; one joined on the last day and sold 100 once.
    rows = valued("r4")

    assert rows.clv["C0"] == pytest.approx(1161, abs=5)
    assert rows.clv["NEW"] == pytest.approx(1160, rel=0.05)
    assert rows.clv_low["NEW"] < 0.6 * rows.clv["NEW"]
    assert rows.clv_high["NEW"] > 1.4 * rows.clv["NEW"]
    assert rows.clv_high["C0"] - rows.clv_low["C0"] < 0.3 * rows.clv["C0"]


def test_a_sale_before_the_first_day_is_warned_of_and_its_day_counts():
    # C0's `since` is the last day of the window, after twelve months of its own sales.
    p = Portfolio(HERE / "r4b", "2026-09-30")
    rows = p.table("accounts").set_index("customer_id")

    (warning,) = [problem for problem in p.opened.problems if problem.rule == "sold_before_since"]
    assert (warning.table, warning.column, warning.severity, warning.count) == ("customers", "since", "warning", 1)
    assert warning.examples[0].row == 2
    assert any("first sale 2025-10-05" in told for told in p.facts["warnings"])
    assert rows.clv["C0"] == pytest.approx(1150, rel=0.05)
    assert rows.clv_high["C0"] - rows.clv_low["C0"] < 0.3 * rows.clv["C0"]


def test_a_silence_of_33_months_is_no_loyalty():
    p = Portfolio(HERE / "silent", "2026-09-30")
    rows = p.table("accounts").set_index("customer_id")

    assert rows[["leaves_year", "clv", "clv_low", "clv_high", "save_budget"]].isna().all(axis=None)
    assert "not known" in left_out(p)["Value over the lifetime"]
    assert p.facts["value"]["clv"] is None


def test_where_nearly_all_bought_once_nobody_knows_who_stays():
    p = Portfolio(HERE / "mostly_once", "2026-10-31")

    assert p.table("accounts").leaves_year.isna().all()
    assert {p.facts["value"][name] for name in ("clv", "low", "high")} == {None}
    assert "not known" in left_out(p)["Value over the lifetime"]


def test_two_accounts_under_contract_are_worth_what_they_earn_and_stay():
    # 40 and 43.33 a month: at most so many months of them, discounted, and at least a third of that.
    rows = valued("r3")

    for name, month in (("A", 520 / 12), ("B", 40.0)):
        at_most = sum(month * 1.1 ** (-number / 12) for number in range(1, MONTHS + 1))
        assert at_most / 3 < rows.clv[name] < at_most
        assert rows.clv_low[name] < rows.clv[name] < rows.clv_high[name]


@pytest.mark.parametrize("folder", ["silent", "mostly_once"])
def test_nothing_downstream_takes_an_unknown_chance_of_leaving_for_none(folder):
    p = Portfolio(HERE / folder, "2026-09-30" if folder == "silent" else "2026-10-31")

    assert p.table("rescue").empty
    assert p.table("protect_first").empty
    assert p.table("actions").empty
