"""Frames and plots for an analyst: what a person reads, on awkward data too."""

import re

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from analysis.errors import UsageError
from analysis.exploring import plot_bars, plot_scatter, shown
from analysis.one_account import named
from analysis.reporting.drawing import new_axes

HOSTILE = "<img src=x onerror=alert(1)> & Söhne"


def cells(styler: object) -> list[list[str]]:
    rows = BeautifulSoup(styler.to_html(), "html.parser").find_all("tr")
    return [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in rows]


class Run:
    """As much of a portfolio as `shown` asks for."""

    accounts = pd.DataFrame({"customer_id": ["007", "NA"], "name": [HOSTILE, None]})
    policy = type("Policy", (), {"currency": "CHF"})

    def table(self, _: str) -> pd.DataFrame:
        return self.accounts

    def named(self, rows: pd.DataFrame) -> pd.DataFrame:
        return named(self, rows)


def test_a_frame_is_said_in_words_with_names_beside_ids() -> None:
    frame = pd.DataFrame({
        "customer_id": ["007", "NA"], "net_margin": [-1234.5, None], "p_unprofitable": [0.25, None],
        "over_served": pd.array([True, None], "boolean"), "segment": ["profitable_low_demand", None],
        "since": pd.to_datetime(["2026-10-31", None]), "mine": [2.5, float("inf")],
    })  # fmt: skip
    head, first, second = cells(shown(frame, Run()))
    assert head == ["Account", "Name", "Net margin", "Chance of a loss", "Over-served", "Segment", "Since", "Mine"]
    assert first == ["007", HOSTILE, "\N{MINUS SIGN}1,234", "25%", "yes", "Profitable, little service", "2026-10-31",
                     "2.5"]  # fmt: skip
    assert second == ["NA", *["\N{EN DASH}"] * 6, "not measured"]
    assert "Amounts in CHF" in shown(frame, Run()).to_html()


def test_late_payment_is_told_in_days_whatever_its_rate_and_all_other_behaviours_as_shares() -> None:
    frame = pd.DataFrame(
        {"behaviour": ["late_payment", "rush_orders"], "rate": [0.64, 0.05], "rate_usual": [3.24, None]}
    )
    assert cells(shown(frame))[1:] == [["Late payment", "0.6 days", "3.2 days"], ["Rush orders", "5%", "\N{EN DASH}"]]


def test_names_are_text_and_never_markup() -> None:
    frame = pd.DataFrame({"customer_id": ["007"], "<b>x</b>": ["<script>"]})
    soup = BeautifulSoup(shown(frame, Run()).to_html(), "html.parser")
    assert not soup.find(["img", "script", "b"])


def test_long_frames_say_how_long_and_groups_keep_their_keys() -> None:
    assert "20 of 30 rows" in shown(pd.DataFrame({"a": range(30)})).to_html()
    groups = pd.DataFrame({"region": ["N", "N", "S"], "net_margin": [1.0, 2.0, 4.0]}).groupby("region").sum()
    assert cells(shown(groups)) == [["Region", "Net margin"], ["N", "3"], ["S", "4"]]
    assert "No rows." in shown(pd.DataFrame({"customer_id": []}), Run()).to_html()


def test_words_stand_left_and_numbers_right() -> None:
    html = shown(pd.DataFrame({"name": ["a"], "net_margin": [1.0]})).to_html().replace("\n", "")
    assert ".col0 {  text-align: left;" in html
    assert ".col1 {  text-align: right;" in html


def test_bars_hang_from_the_top_and_leave_out_what_is_unknown() -> None:
    rows = pd.DataFrame({"name": ["one", HOSTILE, None], "net_margin": [5.0, None, -2.0]})
    ax = plot_bars(rows, "name", "net_margin", new_axes())
    assert [bar.get_width() for bar in ax.patches] == [5.0, -2.0]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["one", "unknown"]
    assert ax.yaxis_inverted()


@pytest.mark.parametrize("rows", [pd.DataFrame(columns=["x", "y", "kind"]), pd.DataFrame({"x": [None], "y": [1.0],
                                                                                         "kind": ["a"]})])  # fmt: skip
def test_nothing_known_is_said_and_not_drawn(rows) -> None:
    assert plot_scatter(rows, "x", "y", "kind", new_axes()).texts[0].get_text().startswith("Nothing to draw")
    assert plot_bars(rows.assign(x=None), "kind", "x", new_axes()).texts[0].get_text().startswith("Nothing to draw")


def test_a_scatter_has_a_point_a_row_and_a_legend_of_the_kinds() -> None:
    rows = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [10.0, 20.0, None], "over_served": pd.array([True, None, True])})
    ax = plot_scatter(rows, "x", "y", "over_served", new_axes())
    assert ax.collections[0].get_offsets().tolist() == [[1.0, 10.0], [2.0, 20.0]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["unknown", "yes"]


def test_a_plot_of_a_column_that_there_is_not_is_answered_with_the_nearest() -> None:
    rows = pd.DataFrame({"name": ["A"], "net_margin": [1.0], "segment": ["x"]})
    for words, call in {
        "no column 'nam'. Is it name?": lambda: plot_bars(rows, "nam", "net_margin", new_axes()),
        "no column 'net_margn'. Is it net_margin?": lambda: plot_scatter(
            rows, "net_margin", "net_margn", "segment", new_axes()
        ),
        "'segment' holds no numbers": lambda: plot_bars(rows, "name", "segment", new_axes()),
        "it is `.data`": lambda: plot_bars(shown(rows), "name", "net_margin", new_axes()),
    }.items():
        with pytest.raises(UsageError, match=re.escape(words)):
            call()


def test_a_frame_summed_in_several_ways_is_said_in_words() -> None:
    rows = pd.DataFrame({"segment": ["profitable_low_demand"] * 2, "net_margin": [1000.0, 3000.0]})
    both = rows.groupby("segment").agg({"net_margin": ["sum", "mean"]})
    assert ["Profitable, little service", "4,000", "2,000"] in cells(shown(both))
