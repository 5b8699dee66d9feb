"""Sentences agree with the tables and with themselves, and say so where there is little to go on."""

import pandas as pd
import pytest

from analysis.data.contract import conform
from analysis.formats import per_window
from analysis.reporting.charts import Pair, pairs
from analysis.reporting.known import period, too_low
from analysis.topics.overview.judgement.since import side_by_side
from analysis.topics.overview.page.standing_tiles import standing_tiles
from analysis.topics.profitability.page import findings
from analysis.topics.profitability.page.map_and_whale import account_map, whale_curve


def said(text: object) -> str:
    import html
    import re

    return html.unescape(re.sub(r"<[^>]+>", "", str(text))).replace("\xa0", " ")


def headline(made, rows: list[dict], months: int = 12) -> str:
    accounts = made.statement(rows)
    now = findings.standing(made.made_run(accounts))
    return said(findings.headline(now, "EUR", per_window(months), sales=bool((accounts.net_revenue > 0).any())))


def account(key: str, margin: float, **more: object) -> dict:
    return {"customer_id": key, "list_revenue": 1000, "cogs": 1000 - margin, "events": 1, **more}


def test_the_headline_counts_and_sums_those_that_cost(made) -> None:
    rows = [account("A", 300), account("B", -100), account("C", -20)]
    assert headline(made, rows) == (
        "2 of 3 accounts cost more than they bring: EUR 120 a year. Ending them would gain EUR 120."
    )


def test_one_account_among_many_is_in_the_singular(made) -> None:
    assert headline(made, [account("A", 300), account("B", -100)], 6).startswith(
        "1 of 2 accounts costs more than it brings: EUR 100 in six months. Ending it would gain EUR 100."
    )


def test_ending_accounts_whose_cost_stays_would_lose_more(made) -> None:
    assert headline(made, [account("A", 300), account("B", 500, cts_support=600)]).endswith(
        "Ending it would lose EUR 260 more."
    )


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], "No account was a customer in this window."),
        ([account("A", 300), account("B", 20)], "Both accounts bring at least what they cost: EUR 320 a year."),
        ([account("A", -300), account("B", -20)], "Both accounts cost more than they bring: EUR 320 a year."),
        ([account("A", 300)], "The one account brings EUR 300 a year after all it costs."),
        ([{"customer_id": "A", "cts_support": 50}] * 2, "No sales in this window; serving 2 accounts cost EUR 100."),
    ],
)
def test_the_edges_have_their_own_sentence(made, rows: list[dict], expected: str) -> None:
    assert headline(made, rows).startswith(expected)


def test_where_the_greater_part_of_sales_has_no_margin_that_comes_first(made) -> None:
    accounts = made.statement([account("A", 300), account("B", -100), account("C", 10)])
    accounts.loc[[0, 2], "net_margin"] = float("nan")
    now = findings.standing(made.made_run(accounts))
    assert said(findings.headline(now, "EUR", "a year")).startswith(
        "The margin of 2 accounts is not known: for too much of their EUR 2.0 k net revenue a year no cost of goods is "
        "recorded. "
        "The one account whose margin is known costs more than it brings"
    )


def test_where_the_data_begins_late_in_the_window_no_sum_is_told_as_that_of_a_year(made) -> None:
    run = made.made_run(made.statement([account("A", 300), account("B", 20)]))
    run.facts["data_from"] = "2026-09-01"
    assert said(findings.headline(findings.standing(run), "EUR", period(run))) == (
        "Both accounts bring at least what they cost: EUR 320 since 1 September 2026."
    )
    # September and October are two of twelve months: what is told a month is a sixth of what it was.
    low = "spread over all 12 months of the window, of which the data covers 2, and so too low"
    assert low in too_low(run, "What steps add is")
    assert too_low(run, "What steps add is").endswith("set window.months to 2.")
    run.facts["data_from"] = None
    assert too_low(run, "What steps add is") == ""


def test_accounts_whose_margin_is_unknown_are_left_out_of_the_count(made) -> None:
    accounts = made.statement([account("A", 300), account("B", -100), account("C", 10)])
    accounts.loc[2, "net_margin"] = float("nan")
    now = findings.standing(made.made_run(accounts))
    assert said(findings.headline(now, "EUR", "a year")).startswith("1 of 2 accounts whose margin is known costs more")


def test_failures_of_ours_and_first_years_are_counted_apart(made) -> None:
    rows = [account("A", 50, cts_support=80, failure_cost=40), account("B", 10, cost_to_obtain=60, first_year=True)]
    now = findings.standing(made.made_run(made.statement(rows)))
    assert (now.costing, now.ours, now.first_year) == (2, 1, 1)


def test_where_no_failure_is_recorded_nothing_is_said_of_failures(made) -> None:
    assert findings.standing(made.made_run(made.statement([account("A", -50)]))).ours is None


def test_the_map_says_what_brought_accounts_below_break_even(made) -> None:
    fine = [account(f"A{i}", 100) for i in range(9)]
    served = [account(f"B{i}", 50, cts_support=80) for i in range(2)]
    cheap = [account(f"C{i}", -10) for i in range(3)]
    title = findings.map_title
    assert title(made.statement(fine)) == "None of the 9 accounts with sales lies below break-even"
    assert title(made.statement(fine + served[:1])) == (
        "The one account below break-even earns a gross margin and loses it to the costs that follow"
    )
    assert title(made.statement(fine + served + cheap[:1])) == (
        "2 of the 3 accounts below break-even earn a gross margin and lose it to the costs that follow"
    )
    assert title(made.statement(fine + cheap)) == "All 3 accounts below break-even lose money before any cost to serve"


def test_the_map_names_over_service_once_it_is_judged(made) -> None:
    rows = [account(f"A{i}", 100, over_served=True) for i in range(9)]
    rows += [account("B", -5, over_served=True), account("C", -5, over_served=False)]
    assert findings.map_title(made.statement(rows)) == (
        "1 of the 2 accounts below break-even gets more service than it pays for or wants"
    )
    rows += [account(f"D{i}", 50, cts_support=80, over_served=False) for i in range(10)]
    assert findings.map_title(made.statement(rows)) == (
        "10 of the 12 accounts below break-even earn a gross margin and lose it to the costs that follow"
    )


def test_few_accounts_are_no_pattern(made) -> None:
    assert findings.map_title(made.statement([account("A", 1)])) == "1 account with sales: too few for a pattern"


@pytest.mark.parametrize(
    ("margins", "expected"),
    [
        ((80, 40, -20), "The best 2 accounts earn 120% of the margin; the one that costs gives 20% of it back"),
        ((150, -20, -30), "The one account that earns brings 150% of the margin; the 2 that cost give 50% of it back"),
        ((10, -60), "The one account that earns brings EUR 10; the one that costs loses EUR 60"),
        ((60, 23, -400, -500), "The best 2 accounts earn EUR 83; the 2 that cost lose EUR 900"),
        ((4_000, 3_000, -8), "The best 2 accounts earn EUR 7.0 k; the one that costs gives EUR 8 back"),
        ((10, 20), "No account gives back what the others earn: EUR 30 in all"),
        ((-10, -20), "No account earns; together they cost EUR 30"),
        ((), "No account in this window"),
    ],
)
def test_the_whale_in_a_sentence(margins: tuple[float, ...], expected: str) -> None:
    assert said(findings.whale_title(pd.DataFrame({"net_margin": list(margins)}, dtype=float), "EUR")) == expected


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (104, 100, "4% above a year ago"),
        (90, 100, "10% below a year ago"),
        (100, 100, "as a year ago"),
        (50, -100, "\N{MINUS SIGN}EUR 100 a year ago"),
        (900, 100, "EUR 100 a year ago"),
        (100, None, ""),
        (100, float("nan"), ""),
    ],
)
def test_change_is_a_percentage_only_where_that_means_something(now: float, before: float, expected: str) -> None:
    assert said(findings.change(now, before, "EUR")) == expected


def test_accounts_are_matched_with_a_year_before_by_id(made) -> None:
    now = made.statement([account("A", 300), account("B", -100), account("new", 5)])
    before = made.statement([account("B", 40), account("A", 290), account("gone", 7)])
    both = side_by_side(now, before, "EUR").set_index("customer_id")
    assert both["difference"].dropna().to_dict() == {"A": 10, "B": -140}
    assert both["turned"].dropna().to_dict() == {"B": "costs"}
    assert both["kind"][["new", "gone"]].tolist() == ["came", "went"]


def test_of_those_that_cost_it_is_said_how_many_have_left_already(made) -> None:
    run = made.made_run(made.statement([account("A", 300), account("B", -100), account("C", -20), account("D", -5)]))
    left = [{"customer_id": who, "rule": "left"} for who in ("A", "C", "D")]
    run.tables["next_steps"] = conform(pd.DataFrame(left), "next_steps")
    assert findings.why_ended(findings.standing(run)) == (
        "What ending adds is before exit costs; 2 of the 3 have left already."
    )


def test_where_no_margin_is_known_the_overview_still_tells_service_and_trouble(made) -> None:
    accounts = made.statement([{"customer_id": key, "cts_support": 50.0, "events": 3} for key in "ABC"]).assign(
        net_margin=float("nan"), running_margin=float("nan"), failure_cost=[20.0, 10.0, 0.0],
        over_served=pd.array([True, False, False], dtype="boolean"), over_service_cost=[40.0, 0.0, 0.0],
        difficult=pd.array([False, True, False], dtype="boolean"),
        difficult_by_us=pd.array([False] * 3, dtype="boolean"),
    )  # fmt: skip
    run = made.made_run(accounts)
    told = said(standing_tiles(run, findings.standing(run)))
    assert "Service beyond agreed or wanted40at 1 of 3 scored" in told
    assert "Truly difficult1 accountof 3 scored" in told
    assert "Our own failures cost30" in told
    assert "margin" not in told.lower() and "books" not in told


def test_accounts_count_as_none_in_their_first_year_only_where_it_is_known_since_when_they_came(made) -> None:
    rows = [account("A", 300), account("B", -100)]
    for since, told in ((None, False), ("2020-01-01", True)):
        run = made.made_run(made.statement(rows).assign(since=pd.Timestamp(since) if since else pd.NaT))
        assert ("none in its first year" in said(standing_tiles(run, findings.standing(run)))) is told


def test_where_no_work_is_charged_the_cases_that_we_failed_are_told(made) -> None:
    run = made.made_run(made.statement([account("A", 300)]))
    run.facts["our_failures"] = {"cases": 200, "failed_cases": 74}
    run.our_failures = conform(pd.DataFrame([{"customer_id": "A", "failure": "no_date", "of": 200.0}]), "our_failures")
    assert "Cases that we failedabout 37%of 200 in the window" in said(standing_tiles(run, findings.standing(run)))


def test_of_accounts_that_earn_and_cost_nothing_there_is_no_curve(made) -> None:
    rows = [{"customer_id": key, "list_revenue": 100.0 * n, "cogs": 100.0 * n} for n, key in enumerate("AB")]
    assert not whale_curve(made.made_run(made.statement(rows)))
    assert whale_curve(made.made_run(made.statement([*rows, account("C", 50)])))


def test_without_costs_below_gross_margin_who_matters_most_stands_where_the_map_would(made) -> None:
    rows = [account("A", 300), account("B", -100)]
    bare = str(account_map(made.made_run(made.statement(rows)), brief=True))
    assert "none is known" in bare and "<svg" not in bare and "The accounts that matter most" in bare
    drawn = made.made_run(made.statement([*rows, account("C", 50, cts_support=80)]))
    assert "<svg" in str(account_map(drawn, brief=True))


def test_a_gross_margin_below_zero_has_a_bar_in_outline(made) -> None:
    drawn = str(pairs([Pair("North", -0.1, 0.05, "-1 of 10"), Pair("South", 0.2, 0.05, "2 of 10")], 0.2, "Two"))
    assert drawn.count('class="failed"') == 2  # once for a phone
    assert "North: \N{MINUS SIGN}10%" in drawn


def test_of_accounts_that_bought_and_took_nothing_no_margin_is_told(made) -> None:
    idle = made.made_run(made.statement([{"customer_id": "A"}, {"customer_id": "B"}]))
    assert "Net margin" not in said(standing_tiles(idle, findings.standing(idle)))
    busy = made.made_run(made.statement([{"customer_id": "A"}, account("B", 10)]))
    assert "Net margin" in said(standing_tiles(busy, findings.standing(busy)))
