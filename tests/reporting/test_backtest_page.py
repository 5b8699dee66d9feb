"""The backtest's page: what held, beside what would have cost nothing, and nothing where too little came."""

import html
import re
from datetime import date
from types import SimpleNamespace

import nbformat
import numpy as np
import pandas as pd
import pytest

from analysis.data.contract import conform
from analysis.policy import Policy
from analysis.publishing.explore_cells import without_explore_cells
from analysis.topics.backtest.figures.reliability import plot_reliability
from analysis.topics.backtest.judgement.calibration import reliability, transitions
from analysis.topics.backtest.judgement.scores import scores
from analysis.topics.backtest.page import backtest
from analysis.topics.profitability.figures.expected import margin_groups, plot_expected
from analysis.topics.profitability.figures.transitions import plot_transitions

DAYS = [date(2025, 6, 30), date(2025, 12, 31)]
CODES = ["profitable_low_demand", "profitable_high_demand", "unprofitable_low_demand", "unprofitable_high_demand"]
NAMES = ["opening", "segments", "losses", "lifetimes", "leaving", "every_score", "day_by_day", "the_past", "foot"]


def seen(page: object) -> str:
    page = re.sub(r"<(title|style).*?</\1>", "", str(page))
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page))).replace("\xa0", " ").strip()


def made(count: int = 200, days=DAYS, **changed):
    """Return a backtest of accounts that mostly stay what they were."""
    random = np.random.default_rng(1)
    parts = []
    for place, day in enumerate(days):
        net = random.normal(1_000, 2_000, count)
        after = net * 0.5 + random.normal(0, 300, count)
        segment = np.where(net < 0, CODES[3], np.where(np.arange(count) % 2, CODES[1], CODES[0]))
        parts.append(pd.DataFrame({
            "as_of": day, "customer_id": [f"C{number:04d}" for number in range(count)],
            "segment": segment, "p_segment": 0.9, "next_segment": np.roll(segment, place),
            "net_margin": net, "p_unprofitable": np.clip(0.5 - net / 2_000, 0, 1), "next_net_margin": after,
            "running_margin": net, "predicted_margin": net * 0.5, "naive_margin": net * 0.6,
            "next_running_margin": after, "p_leaving": np.linspace(0.01, 0.3, count), "naive_leaving": 0.15,
            "left": random.random(count) < np.linspace(0.01, 0.3, count),
        }))  # fmt: skip
    replays = conform(pd.concat(parts, ignore_index=True).assign(**changed), "replays")
    policy = Policy.read(None, {})
    rolled = {"table": ["cases", "policy.toml"], "column": ["kind", None], "treatment": ["as_now", "as_now"],
              "why": ["as the case was last written", "the choices of today"]}  # fmt: skip
    return SimpleNamespace(
        days=list(days), every=6, policy=policy, replays=replays,
        facts={"inputs": [{"rows": 10, "rejected": 1}], "left_out": [], "run_id": "abc", "code_version": "1"},
        scores=scores(replays, policy.backtest), transitions=transitions(replays),
        reliability=reliability(replays, policy.backtest),
        not_rolled_back=conform(pd.DataFrame(rolled), "not_rolled_back"),
    )  # fmt: skip


def page(b) -> str:
    return "".join(str(getattr(backtest, name)(b)) for name in NAMES)


@pytest.fixture(scope="module")
def usual():
    return made()


def test_the_page_says_in_its_titles_what_the_tables_say(usual) -> None:
    words, table = seen(page(usual)), usual.scores[usual.scores.as_of.isna()].set_index("measure")
    assert f"{table.ours['kept']:.0%} of accounts were in the same segment in the six months after" in words
    left = int(usual.replays.left.sum())
    assert f"departures were expected, {left} came" in words
    assert "2 days, 30 June 2025 to 31 December 2025" in words
    assert "12 months" not in words.split("Segments")[0].split("Each day")[0]
    assert "from the twelve months before it" in words


def test_the_headline_counts_the_scores_that_beat_the_naive_ones(usual) -> None:
    table = usual.scores[usual.scores.as_of.isna() & usual.scores.better_low.notna()]
    better = int((table.better_low > 0).sum())
    assert f"{better} of {len(table)} scores" in seen(backtest.opening(usual))


def test_a_score_within_its_interval_is_not_called_better(usual) -> None:
    same = made(p_leaving=0.15)
    words = seen(backtest.leaving(same))
    assert "not clearly better" in words


@pytest.mark.parametrize("count", [1, 3, 12, 25])
def test_too_few_rows_are_said_to_be_too_few(count) -> None:
    words = seen(page(made(count, DAYS[:1])))
    assert "Too few" in words or "too few" in words
    assert "Too little came to say whether the judgements hold" in words
    assert not re.search(r"\b(nan|NaN|None|NaT|inf)\b", words)


@pytest.mark.parametrize(
    "missing", [["segment"], ["p_unprofitable"], ["predicted_margin"], ["left"], ["segment", "left"]]
)
def test_what_could_not_be_scored_is_left_out(missing) -> None:
    b = made(**dict.fromkeys(missing))
    words = seen(page(b))
    assert not re.search(r"\b(nan|NaN|None|NaT|inf)\b", words)
    assert not re.search(r"\b[a-z]+(_[a-z]+)+\b", words), "a code name"


def test_where_nothing_was_scored_the_page_says_why() -> None:
    b = made(5, DAYS[:1], segment=None, p_unprofitable=None, predicted_margin=None, left=None)
    b.facts["left_out"] = [{"what": "The score of hazard", "why": "leaving needs `customers.ended`"}]
    words = seen(page(b))
    assert "Nothing could be held against what came" in words
    assert "Leaving needs customers.ended" in words


def test_every_day_is_told_and_that_days_overlap(usual) -> None:
    words = seen(backtest.day_by_day(usual))
    assert "30 June 2025" in words
    assert "31 December 2025" in words
    assert "windows of neighbouring days overlap" in words
    assert backtest.day_by_day(made(50, DAYS[:1])) == ""


def test_what_could_not_be_rolled_back_is_listed(usual) -> None:
    words = seen(backtest.the_past(usual))
    assert "cases: kind , as it stands now: as the case was last written" in words
    assert "policy.toml , as it stands now" in words


def test_the_points_of_the_figure_are_the_groups_of_the_table(usual) -> None:
    groups = usual.reliability[usual.reliability.subject == "hazard"]
    lines = plot_reliability(groups).lines
    dots = [line for line in lines if line.get_linestyle() == "None"]
    assert [dot.get_xdata()[0] for dot in dots] == pytest.approx(groups.told.tolist())
    assert [dot.get_ydata()[0] for dot in dots] == pytest.approx(groups.happened.tolist())


def test_groups_of_expected_margin_hold_every_row_once_in_order(usual) -> None:
    groups = margin_groups(usual.replays)
    assert groups.rows.sum() == len(usual.replays)
    assert groups.expected.is_monotonic_increasing
    assert (groups.rows * groups.came).sum() == pytest.approx(usual.replays.next_running_margin.sum())
    assert len(plot_expected(groups, "EUR").get_yticks()) == 10
    assert margin_groups(usual.replays.iloc[:5]).empty


def test_segments_of_few_rows_show_counts_and_not_shares() -> None:
    found = pd.DataFrame({"segment": [CODES[0]] * 2 + [CODES[2]], "next_segment": [CODES[0], CODES[1], CODES[3]],
                          "rows": [30, 10, 2], "share": [0.75, 0.25, 1.0]})  # fmt: skip
    assert [text.get_text() for text in plot_transitions(found).texts] == ["75%", "25%", "2 of 2"]


def test_the_notebook_calls_every_section_in_order(request) -> None:
    book = nbformat.read(request.config.rootpath / "notebooks" / "backtest.ipynb", 4)
    calls = [cell.source for cell in without_explore_cells(book.cells)]
    assert calls[2:] == [f"backtest.{name}(b)" for name in NAMES]
