"""Figures, by the data behind their axes."""

import re

import matplotlib
import numpy as np
import pandas as pd
import pytest

from analysis.reporting.drawing import HALF, draw, new_axes
from analysis.topics.actions.figures.steps import plot_steps
from analysis.topics.actions.figures.what_ifs import plot_what_ifs
from analysis.topics.profitability.figures.account_map import place_accounts, plot_map
from analysis.topics.profitability.figures.bridge import bridge_steps
from analysis.topics.profitability.figures.capacity import plot_capacity
from analysis.topics.profitability.figures.cost_groups import group_costs, plot_cost_groups
from analysis.topics.profitability.figures.segments import plot_segments, segment_totals
from analysis.topics.profitability.figures.waterfall import plot_waterfall, statement_steps
from analysis.topics.profitability.figures.whale import peak, plot_whale
from analysis.topics.service.figures.weeks import plot_weeks


def widths(axes) -> list[float]:
    return [round(patch.get_width(), 2) for patch in axes.patches]


def words(axes) -> list[str]:
    return [text.get_text().replace("\xa0", " ") for text in axes.texts]


def whale_of(*margins: float) -> pd.DataFrame:
    series = pd.Series(margins).sort_values(ascending=False, ignore_index=True)
    return pd.DataFrame({"rank": range(1, len(series) + 1), "net_margin": series, "cumulative": series.cumsum()})


def test_break_even_is_the_diagonal_of_the_map(made) -> None:
    accounts = made.statement(
        [
            {"customer_id": "even", "list_revenue": 100, "cogs": 60, "cts_support": 30, "cost_to_obtain": 10},
            {"customer_id": "earns", "list_revenue": 100, "cogs": 60, "cts_support": 10, "write_offs": 5},
        ]
    )
    points = place_accounts(accounts).points.set_index("customer_id")
    assert points.loc["even", ["gross", "costs"]].tolist() == pytest.approx([0.4, 0.4])
    assert points.loc["earns", ["gross", "costs"]].tolist() == pytest.approx([0.4, 0.15])


def test_accounts_beyond_the_frame_stay_on_their_side_of_break_even(made) -> None:
    rows = [{"customer_id": f"C{i}", "list_revenue": 100, "cogs": 60, "cts_support": 20} for i in range(60)]
    rows += [
        {"customer_id": "far", "list_revenue": 100, "cogs": 5, "cts_support": 400},
        {"customer_id": "fine", "list_revenue": 100, "cogs": 1, "cts_support": 90},
    ]
    places = place_accounts(made.statement(rows))
    points = places.points.set_index("customer_id")
    assert places.outside == 2
    assert points.loc["far", "y"] < points.loc["far", "x"]
    assert points.loc["fine", "y"] > points.loc["fine", "x"]


def test_accounts_without_sales_are_counted_not_drawn(made) -> None:
    places = place_accounts(made.statement([{"customer_id": "A", "list_revenue": 0, "cts_support": 9}]))
    assert (len(places.points), places.without_sales) == (0, 1)


def test_every_account_is_on_the_map_once(made) -> None:
    axes = plot_map(made.portfolio(150, judged=True), "EUR")
    assert (
        sum(len(collection.get_offsets()) for collection in axes.collections if hasattr(collection, "mark_shape"))
        == 150
    )


def test_the_whale_peaks_where_the_last_account_earns() -> None:
    top = peak(whale_of(80, 40, -20))
    assert (top.accounts, top.others, top.earned / top.total, top.given_back / top.total) == (2, 1, 1.2, 0.2)


def test_the_whale_curve_is_in_shares_of_the_total() -> None:
    axes = plot_whale(whale_of(80, 40, -20), "EUR")
    assert list(axes.lines[0].get_xdata()) == [0, 1, 2, 3]
    assert list(axes.lines[0].get_ydata()) == pytest.approx([0, 0.8, 1.2, 1.0])
    assert words(axes) == ["2 accounts earn 120%", "1 gives 20% back"]


@pytest.mark.parametrize("margins", [(10, -60), (10, -10), (-1, -2), (100, -99.9)])
def test_a_total_of_zero_or_less_is_drawn_in_money(margins: tuple[float, ...]) -> None:
    axes = plot_whale(whale_of(*margins), "EUR")
    assert "EUR" in axes.get_ylabel()
    assert list(axes.lines[0].get_ydata()) == pytest.approx([0, *np.cumsum(sorted(margins, reverse=True))])
    assert not any("%" in text for text in words(axes))


def test_the_band_is_drawn_only_where_there_are_ranges() -> None:
    curve = whale_of(80, 40, -20)
    assert not plot_whale(curve, "EUR").collections
    ranged = curve.assign(cumulative_low=curve.cumulative - 5, cumulative_high=curve.cumulative + 5)
    assert len(plot_whale(ranged, "EUR").collections) == 1


def test_a_statement_leads_from_list_revenue_to_net_margin(made) -> None:
    row = made.statement(
        [{"customer_id": "A", "list_revenue": 100, "discounts": 10, "cogs": 50, "cts_support": 25}]
    ).iloc[0]
    steps = statement_steps(row)
    assert [(step.label, step.amount) for step in steps] == [
        ("List revenue", 100), ("Discounts", -10), ("Net revenue", 90), ("Cost of goods", -50),
        ("Gross margin", 40), ("Cost to serve", -25), ("Net margin", 15),
    ]  # fmt: skip
    axes = plot_waterfall(steps, "EUR")
    assert widths(axes) == [100, -10, 90, -50, 40, -25, 15]
    assert [patch.get_x() for patch in axes.patches] == [0, 100, 0, 90, 0, 40, 0]


def test_the_bridge_adds_up_to_the_books(made) -> None:
    bridge = made.made_run(made.portfolio(20)).bridge
    steps = bridge_steps(bridge)
    changes = sum(step.amount for step in steps if step.kind == "change")
    assert steps[0].amount + changes == pytest.approx(steps[-1].amount)
    assert [step.label for step in steps] == [
        "Accounts' net margin", "Work for no account", "Unused capacity", "Differs from the books", "Operating profit",
    ]  # fmt: skip
    assert len(plot_waterfall(bridge_steps(bridge), "EUR").patches) == 5


def test_cost_groups_are_sorted_and_the_small_ones_gathered(made) -> None:
    accounts = pd.DataFrame({f"cts_{i}": [float(i), float(i)] for i in range(1, 14)})
    costs = group_costs(accounts, {f"cts_{i}": f"group {i}" for i in range(1, 14)})
    assert len(costs) == 10
    assert costs.index[0] == "Group 13"
    assert costs.iloc[-1] == 2 * (1 + 2 + 3 + 4)
    assert widths(plot_cost_groups(costs, "EUR")) == costs.tolist() or costs.sum() == accounts.sum().sum()


def test_a_resource_worked_beyond_its_capacity_is_longer_than_its_bar(made) -> None:
    axes = plot_capacity(made.made_run(made.portfolio(20)).resources, "EUR")
    assert widths(axes)[4:8] == [0.97, 0.03, 0.1, 0.0]
    assert "EUR 70 k beyond its capacity" in words(axes)


def test_segments_count_everybody_once(made) -> None:
    accounts = made.portfolio(150)
    totals = segment_totals(accounts)
    assert totals["accounts"].sum() == 150
    assert totals["running_margin"].sum() == pytest.approx(accounts["running_margin"].sum())
    assert totals["revenue_share"].sum() == pytest.approx(1)
    assert "150" not in words(plot_segments(accounts, "EUR"))


@pytest.mark.parametrize("size", [0, 1, 2])
def test_small_portfolios_are_drawn_without_a_fault(made, size: int) -> None:
    run = made.made_run(made.portfolio(size))
    for plot in (
        lambda ax: plot_map(run.accounts, "EUR", ax=ax),
        lambda ax: plot_whale(run.whale, "EUR", ax),
        lambda ax: plot_segments(run.accounts, "EUR", ax),
        lambda ax: plot_cost_groups(group_costs(run.accounts, run.groups), "EUR", ax),
        lambda ax: plot_capacity(run.resources.iloc[:size], "EUR", ax),
        lambda ax: plot_waterfall(statement_steps(run.accounts[["net_margin"]].sum()), "EUR", ax),
    ):
        assert "nan" not in draw(plot, name="figure", alt="A figure", heights=(300, 300)).lower()


def test_a_figure_without_words_is_refused() -> None:
    with pytest.raises(ValueError, match="no alt text"):
        draw(lambda ax: ax, name="map", alt=" ", heights=(300, 300))


def test_two_figures_on_a_page_share_no_id(made) -> None:
    accounts = made.portfolio(40)
    page = "".join(
        draw(lambda ax: plot_map(accounts, "EUR", ax=ax), name=key, alt="A map", heights=(300, 300)) for key in "ab"
    )
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert ids
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(ids)


def test_a_figure_is_the_same_each_time_it_is_drawn(made) -> None:
    accounts = made.portfolio(40)
    first, second = (
        draw(lambda ax: plot_map(accounts, "EUR", ax=ax), name="map", alt="A map", heights=(300, 300)) for _ in range(2)
    )
    assert first == second


def test_the_palette_becomes_the_pages_own_properties(made) -> None:
    drawn = draw(lambda ax: plot_whale(whale_of(80, 40, -20), "EUR", ax), name="w", alt="A curve", heights=(300, 300))
    assert "var(--earn,#1d5ca8)" in drawn
    assert not re.search(r"(?<!,)#[0-9a-f]{6}", re.sub(r"#[a-z]-[wn]-\d+", "", drawn))
    assert "<metadata" not in drawn
    assert drawn.count("<svg") == 2


def test_names_in_figures_are_text(made) -> None:
    drawn = draw(lambda ax: plot_map(made.portfolio(9), "EUR", ax=ax), name="m", alt="A map", heights=(300, 300))
    assert "<script" not in drawn
    assert "&lt;script&gt;" in drawn
    assert "x" * 100 not in drawn


def test_links_lead_only_to_briefs_that_exist(made) -> None:
    accounts = made.portfolio(9)
    links = {"C000003": "briefs/C000003.html"}
    drawn = draw(lambda ax: plot_map(accounts, "EUR", links=links, ax=ax), name="m", alt="A map", heights=(300, 300))
    # One in the wide drawing; on a phone a mark is too small to be hit, and has no name that would say where it leads.
    assert re.findall(r'<a xlink:href="([^"]+)"', drawn) == ["briefs/C000003.html"]
    assert "<a href=" not in drawn  # which JupyterLab shows as an error instead of the drawing
    assert 'role="group"' in drawn


@pytest.mark.slow
def test_two_hundred_thousand_accounts_are_small(made) -> None:
    accounts = made.portfolio(200_000)
    chart = draw(lambda ax: plot_map(accounts, "EUR", ax=ax), name="m", alt="A map", heights=(440, 330), width=HALF)
    curve = draw(lambda ax: plot_whale(made.made_run(accounts).whale, "EUR", ax), name="w", alt="W", heights=(440, 330))
    assert len(chart) + len(curve) < 260_000
    assert "data:image/png;base64," in chart


def test_drawing_leaves_pyplot_alone(made) -> None:
    before = dict(matplotlib.rcParams)
    draw(lambda ax: plot_map(made.portfolio(9), "EUR", ax=ax), name="m", alt="A map", heights=(300, 300))
    assert dict(matplotlib.rcParams) == before


def test_a_plot_returns_the_axes_it_was_given(made) -> None:
    axes = new_axes()
    assert plot_map(made.portfolio(9), "EUR", ax=axes) is axes


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_figures_fill_their_frame_whatever_the_scale_of_the_money(scale: float) -> None:
    weeks = pd.Series([40_000.0, 60_000.0], pd.date_range("2026-01-05", periods=2, freq="W-MON")) * scale
    assert plot_weeks(weeks, "EUR").get_ylim() == pytest.approx((0.0, 1.06 * 60_000.0 * scale))
    step = {"name": "A", "title": "Trim", "value": 9e3 * scale, "low": 8e3 * scale, "high": 1e4 * scale}
    assert plot_steps(pd.DataFrame([step]), "EUR").get_xlim()[1] < 1.5e4 * scale


def test_no_line_of_a_figure_runs_through_its_words() -> None:
    rows = pd.DataFrame({"label": ["a" * 80, "b"], "low_end": [-2.0, -1.0], "high_end": [1.0, 2.0]})
    axes = plot_what_ifs(rows, "EUR")
    bars = [(patch.get_y(), patch.get_y() + patch.get_height()) for patch in axes.patches]
    for segment in (one for lines in axes.collections for one in lines.get_segments()):
        assert (segment[0][1], segment[1][1]) in [pytest.approx(bar) for bar in bars]
    assert not axes.get_lines()
    weeks = pd.Series([4.0, 6.0], pd.date_range("2026-01-05", periods=2, freq="W-MON"))
    axes = plot_weeks(weeks, "EUR")
    ends = max(segment[1][0] for lines in axes.collections for segment in lines.get_segments())
    assert ends <= axes.texts[0].get_position()[0]


def test_of_accounts_that_lose_more_than_the_others_earn_nothing_is_given_back() -> None:
    assert {"2 accounts earn EUR 83", "2 lose EUR 900"} <= set(words(plot_whale(whale_of(60, 23, -400, -500), "EUR")))
    assert "1 gives EUR 8 back" in words(plot_whale(whale_of(4_000, 3_000, -8), "EUR"))
