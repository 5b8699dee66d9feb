"""How sure, why, and what it would change: the sentences and the figures agree with the tables."""

import html
import re

import pandas as pd
import pytest

from analysis.data.contract import conform
from analysis.formats import in_a_sentence
from analysis.reporting.basis import basis
from analysis.reporting.labels import DRIVERS
from analysis.reporting.marks import interval_mark
from analysis.topics.overview.page import executive, method
from analysis.topics.profitability.figures.months import monthly_shares, plot_months
from analysis.topics.profitability.figures.parts import plot_parts
from analysis.topics.profitability.figures.tornado import plot_tornado, swings
from analysis.topics.profitability.page import conclusions, profitability, segments
from analysis.topics.profitability.page.how_sure import sensitive, signs_in_words, tipping_in_words
from analysis.topics.profitability.page.near_lines import near
from analysis.topics.profitability.page.what_it_changes import changes_title, ranking_in_words
from tests.pages import module_of


def seen(page: object) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", str(page)))).strip()


@pytest.fixture
def run(made):
    return made.sure_run(made.made_run(made.portfolio(120)))


def tile(run, label: str) -> str:
    return seen(executive.opening(run)).split(label)[1].split("Tied to the books")[0]


def test_the_tile_takes_the_range_from_the_draws_of_the_total(made, run) -> None:
    run.facts["ranges"] |= {"net_margin": [1_280_000.0, 1_410_000.0], "loss_making_accounts": [30, 36]}
    assert "1.28 to 1.41 M" in tile(run, "Net margin after cost to serve")
    assert "30 to 36" in tile(run, "Cost more than they bring")
    assert "1.28 to 1.41 M" not in seen(executive.opening(made.made_run(run.accounts)))


def test_a_portfolio_that_loses_money_in_every_draw_loses_it_and_does_not_bring_less_than_nothing(run) -> None:
    run.facts["ranges"] |= {"net_margin": [-40_000.0, -38_000.0], "loss_making_accounts": [53, 53]}
    told = seen(profitability.how_sure(run)).replace("\N{NO-BREAK SPACE}", " ")
    assert "Together the accounts lose EUR 38 to 40 k; 53 accounts cost more than they bring." in told


def test_more_open_accounts_than_are_named_are_one_click_away(run) -> None:
    cards = "".join(str(one) for one in conclusions.conclusions(run))
    if "more</a>" in cards:
        assert 'href="profitability.html#sensitive"' in cards
    assert "more in the report" not in cards


def test_a_costing_that_states_no_uncertainty_is_said_to_state_none(made) -> None:
    run = made.sure_run(made.made_run(made.portfolio(60)), width=0.0)
    words = seen(profitability.how_sure(run))
    assert "The costing states no uncertainty" in words
    assert "draws" not in words
    assert "Range" not in seen(profitability.extremes(run))
    assert seen(profitability.sensitive_accounts(run)) == ""


def test_a_total_whose_range_crosses_zero_is_called_open(run) -> None:
    run.facts["ranges"]["net_margin"] = [-31_000.0, 210_000.0]
    assert "is open: EUR \N{MINUS SIGN}31 to 210 k" in seen(profitability.opening(run))
    assert "Open: whether they earn money together" in seen("".join(conclusions.conclusions(run)))


def test_signs_are_counted_and_the_open_ones_named(run) -> None:
    counts = run.accounts["certainty"].value_counts()
    words = signs_in_words(run.accounts)
    assert f"{counts['surely_positive']} accounts surely earn" in words
    assert f"{counts['surely_negative']} surely cost" in words
    assert f"{counts['sensitive']} may go either way" in words
    assert len(sensitive(run.accounts)) == counts["sensitive"]


@pytest.mark.parametrize(
    ("change", "resource", "said"),
    [
        (0.12, "field_team", "12% more for the field team"),
        (-0.02, "night_desk", "2% less for the night desk"),
        (float("nan"), "field_team", "no one rate turns it"),
        (0.1, float("nan"), "no one rate turns it"),
    ],
)
def test_a_tipping_point_is_said_in_words(change: float, resource: object, said: str) -> None:
    assert seen(tipping_in_words({"tipping_change": change, "tipping_resource": resource})) == said


def test_an_account_is_near_a_line_by_its_chances_not_by_a_fixed_share(run) -> None:
    rows = run.accounts.iloc[:2].copy()
    rows["segment"] = "profitable_low_demand"
    rows["p_profitable_low_demand"], rows["p_profitable_high_demand"] = [0.96, 0.60], [0.04, 0.25]
    rows["p_unprofitable_low_demand"], rows["p_unprofitable_high_demand"] = [0.0, 0.05], [0.0, 0.10]
    close = near(rows, 0.95)
    assert len(close) == 1
    assert close.iloc[0][["other_profit", "other_demand"]].tolist() == pytest.approx([0.15, 0.35])


def test_the_lines_are_those_of_the_policy(made, run) -> None:
    from analysis.policy import Policy

    plain = seen(segments.the_lines(run))
    assert "reaches zero" in plain
    assert "the portfolio's own" in plain
    run.accounts["size"] = ["S", "M"] * 60
    run.policy = Policy.read(None, {"segments": {"profit_threshold": 500, "within_size_bands": True}})
    words = seen(segments.the_lines(run))
    assert "reaches EUR 500" in words
    shares = {
        size: (rows["cost_to_serve"] - rows["failure_cost"]).sum() / (rows["list_revenue"] - rows["returns"]).sum()
        for size, rows in run.accounts.groupby("size")
    }
    assert f"{shares['S']:.0%} for S" in words
    assert f"{shares['M']:.0%} for M" in words


def test_every_driver_of_the_contract_has_a_title() -> None:
    from analysis.topics.profitability.judgement.reasons import PRICE_DRIVERS, WORK_WORDS

    assert set(PRICE_DRIVERS) | set(WORK_WORDS) == set(DRIVERS)


def test_the_parts_of_the_gap_are_the_sums_of_the_reasons(run) -> None:
    losers = run.accounts.loc[run.accounts["net_margin"] < 0, "customer_id"]
    sums = run.reasons[run.reasons["customer_id"].isin(losers)].groupby("driver")["amount"].sum()
    dearest = sums.idxmax()
    assert f"What weighs most is {in_a_sentence(DRIVERS[dearest])}" in seen(profitability.why(run))
    bars = plot_parts(pd.Series({"Rush": 30.0, "Freight": -10.0}), "EUR").patches
    assert [bar.get_width() for bar in bars] == [30.0, -10.0]


def test_the_tornado_spans_what_each_factor_moves(run) -> None:
    axes = plot_tornado(run.uncertainty, "EUR")
    drawn = [sum(abs(bar.get_width()) for bar in axes.patches[place : place + 2]) for place in (0, 2, 4)]
    assert drawn == pytest.approx(swings(run.uncertainty)["swing"].tolist())
    assert drawn == sorted(drawn, reverse=True)
    assert "field team is the largest doubt" in seen(profitability.how_sure(run)).replace("  ", " ")


def test_months_beyond_capacity_rise_past_the_line_and_are_named(run) -> None:
    shares = monthly_shares(run.capacity)
    assert shares.loc["field_team"].max() == pytest.approx(1.25)
    axes = plot_months(run.capacity)
    assert [text.get_text() for text in axes.texts if "%" in text.get_text()] == ["125%", "106%"]
    words = seen(profitability.capacity_by_month(run))
    assert "beyond its capacity in February 2026 and October 2026" in words
    assert "1 resource worked beyond its capacity" in words


def test_an_activity_whose_log_parts_from_its_equation_is_marked(run) -> None:
    words = seen(profitability.logs_against_model(run))
    assert "1 activity parts from the time equation by more than 30%: site visit" in words
    assert words.count("takes longer") == 1
    assert "EUR 88 k of the work belongs to no account" in seen(profitability.no_accounts_work(run))


def test_what_is_lost_inside_good_accounts_is_said_on_the_first_page(run) -> None:
    assert "14 of the 20 orders that lose money are of accounts that earn money" in seen(method.what_holds(run))


def test_where_cost_to_serve_changes_nothing_the_report_says_so() -> None:
    same = {"accounts": 9, "turned_to_loss": 0, "rank_correlation_gross_margin": 1.0, "rank_correlation_net_revenue": 1}
    assert "changes nothing" in changes_title(same)
    assert ranking_in_words(same).startswith("Ranked by net margin the accounts stand in the same order as")
    few = {"accounts": 2, "turned_to_loss": 1, "rank_correlation_gross_margin": None}
    assert "too few" in ranking_in_words(few)
    assert changes_title(few) == "1 account earns at gross margin and costs more than it brings in the end"


def test_ending_says_what_it_would_change_and_what_is_not_known(run) -> None:
    losers = run.accounts[run.accounts["net_margin"] < 0]
    words = seen(profitability.if_ended(run))
    better = int((losers["gain_if_ended"] > 0).sum())
    assert f"ending {better or 'none'} would add money" in words
    assert "no avoidable share" in words
    assert "names no use" in words
    assert "of the rest the avoidable share is unknown" in seen(profitability.one_account(run))


def test_every_figure_says_what_it_rests_on(run) -> None:
    run.facts["measured"] = {"logged_minutes_share": 0.71, "cogs_assumed_share": 0.04}
    run.policy = run.policy.model_copy(update={"costs": run.policy.costs.model_copy(update={"cogs_share": 0.6})})
    words = seen(basis(run, "sales", "goods", "work", "money", "ranges")).replace(" :", ":")
    assert "Measured: sales, 96% of goods, 71% of minutes" in words
    assert "29% of minutes and rates" in words
    assert "4% of goods, at 60% of sales" in words
    assert "8% a year for waiting" in words
    page = "".join(str(getattr(profitability, part)(run)) for part in profitability.__all__)
    assert page.count('class="drawing"') == 11
    for figure in page.split('<figure class="drawing">')[1:]:
        assert 'class="basis"' in figure.split("</section>")[0]


def test_a_mark_places_its_range_on_the_scale() -> None:
    mark = interval_mark(0.0, 50.0, 100.0, (-100.0, 100.0))
    x = float(re.search(r'<rect x="([\d.]+)"', mark)[1])
    circle = float(re.search(r'<circle cx="([\d.]+)"', mark)[1])
    assert (x, circle) == pytest.approx((55.0, 80.5))
    assert 'aria-hidden="true"' in mark


@pytest.mark.slow
@pytest.mark.parametrize("notebook", ["executive", "profitability"])
def test_a_large_portfolio_makes_a_small_page(made, notebook: str) -> None:

    run = made.sure_run(made.made_run(made.portfolio(20_000)))
    module = module_of(notebook)
    page = "".join(str(getattr(module, part)(run)) for part in module.__all__)
    assert len(page.encode()) < {"executive": 290_000, "profitability": 600_000}[notebook]


def test_who_is_likely_to_lose_money_again_is_told_apart_from_who_lost_it(made) -> None:
    run = made.made_run(made.statement([{"customer_id": one, "list_revenue": 10.0} for one in "ABC"]))
    rows = pd.DataFrame({"customer_id": [*"ABC"], "months": 7, "before": [-500.0, -90.0, 40.0], "why_not": ""})
    told = rows.assign(expected=[-400.0, 20.0, 30.0], low=-600.0, high=50.0, p_loses=[0.9, 0.4, 0.45], size_group="all")
    run.tables["forecast"] = conform(told, "forecast")
    fit = {
        "size_group": "all",
        "accounts": 30,
        "rows": 90,
        "held": 0.91,
        "off_told": 0.4,
        "off_before": 0.5,
        "off_usual": 0.6,
    }
    run.tables["forecast_fit"] = conform(pd.DataFrame([fit]), "forecast_fit")
    words = seen(profitability.next_year(run))
    assert (
        "Of 2 accounts that lost money in the last 7 months, 1 is likely to lose money again in the next 7 months"
        in words
    )
    assert "91%" in words and "Chance of a loss" in words
    run.tables["forecast"] = conform(told.assign(before=50.0, p_loses=0.1), "forecast")
    calm = "No account lost money in the last 7 months; none may in the next 7 months"
    assert calm in seen(profitability.next_year(run))
    run.tables["forecast"] = run.tables["forecast"].assign(expected=None)
    assert profitability.next_year(run) == ""
