"""The page over all runs: how margins, losing accounts, over-service and failures went from run to run."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.formats import agree, count, counted, day, is_known, money, percent
from analysis.reporting import palette, tables
from analysis.reporting.drawing import draw, tidy
from analysis.reporting.fragments import masthead, paragraph, section
from analysis.reporting.markup import Html, join, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def history_page(runs: pd.DataFrame) -> Html:
    """Set the page of `history_of`'s rows, of which there is at least one."""
    last = runs.iloc[-1]
    alike = runs[(runs.currency == last.currency) & (runs.months == last.months)]
    lead = (
        f"From what {counted(len(runs), 'run')} said of {agree(len(runs), 'itself', 'themselves')}, the last of "
        f"{_in_words(last.as_of)}. Each is over its own window, so two that lie a month apart share most of their "
        "months."
    )
    return join(
        masthead("Over the runs", _title(alike), lead),
        _margins(alike),
        section("each-run", "Each run", _amounts(runs), _counts(runs), short="Each run"),
        _unlike(runs, alike),
    )


def _title(runs: pd.DataFrame) -> str:
    known = runs[runs.net_margin.map(is_known)]
    if known.empty:
        return "The net margin is not known in these runs"
    first, last = known.iloc[0], known.iloc[-1]
    now = money(last.net_margin, last.currency)
    if len(known) == 1:
        return f"Net margin of all accounts: {now}"
    return f"Net margin of all accounts went from {money(first.net_margin, first.currency)} to {now}"


def _margins(runs: pd.DataFrame) -> Html:
    known = runs[runs.net_margin.map(is_known)]
    if len(known) < 2:
        return Html()
    words = "; ".join(f"{_in_words(row.as_of)}: {money(row.net_margin, row.currency)}" for row in known.itertuples())
    picture = draw(
        lambda ax: _plot(known, ax),
        name="net margin by run",
        alt=f"Net margin of all accounts by run. {words}.",
        heights=(260, 220),
        caption="Net margin of all accounts over the window of each run.",
    )
    return section("margins", "The net margin from run to run", picture, short="Margins")


def _plot(runs: pd.DataFrame, ax: Axes) -> None:
    days = pd.to_datetime(runs.as_of)
    ax.plot(days, runs.net_margin.astype(float), color=palette.EARN.light, marker="o")
    ax.axhline(0, color=palette.MUTED.light, linewidth=1)
    ax.set_xticks([days.iloc[0], days.iloc[-1]], [_in_words(runs.as_of.iloc[at]) for at in (0, -1)])
    ticks = [tick for tick in ax.get_yticks() if ax.get_ylim()[0] <= tick <= ax.get_ylim()[1]]
    ax.set_yticks(ticks, [money(tick, runs.currency.iloc[-1]) for tick in ticks])
    tidy(ax, grid="y")


def _amounts(runs: pd.DataFrame) -> Html:
    shown = [
        _day(),
        _money("Net revenue", "net_revenue"),
        _money("Net margin", "net_margin"),
        tables.Column("Of net revenue", lambda row: percent(row["net_margin_pct"])),
        _money("Cost to serve", "cost_to_serve"),
        _money("Beyond what is due", "over_service_cost"),
        _money("Caused by our failures", "failure_cost"),
    ]
    return tables.table(_latest_first(runs), shown, "All accounts of each run, in money")


def _counts(runs: pd.DataFrame) -> Html:
    first = runs.run.iloc[0]
    shown = [
        _day(),
        *(tables.Column(heading, _counted(key)) for heading, key in _COUNTS),
        tables.Column("Changed before it", lambda row: row["changed"] or _unchanged(row, first), number=False),
    ]
    return tables.table(_latest_first(runs), shown, "All accounts of each run, counted")


def _unchanged(row: Any, first: str) -> str:
    return "the first run" if row["run"] == first else "nothing"


_COUNTS = (
    ("Accounts", "accounts"),
    ("Lose money", "loss_making_accounts"),
    ("Over-served", "over_served"),
    ("Under-served", "under_served"),
    ("Difficult", "difficult"),
    ("Cases", "cases"),
)


def _counted(key: str) -> Any:
    return lambda row: count(row[key]) if is_known(row[key]) else "not known"


def _money(heading: str, key: str) -> tables.Column:
    return tables.Column(
        heading, lambda row: money(row[key], plain(row["currency"])) if is_known(row[key]) else "not known"
    )


def _day() -> tables.Column:
    return tables.Column("As of", lambda row: _in_words(row["as_of"]), number=False)


def _in_words(as_of: object) -> str:
    return day(date.fromisoformat(plain(as_of)))


def _latest_first(runs: pd.DataFrame) -> pd.DataFrame:
    return runs.iloc[::-1].astype(object)


def _unlike(runs: pd.DataFrame, alike: pd.DataFrame) -> Html:
    left = len(runs) - len(alike)
    if not left:
        return Html()
    return paragraph(
        f"{counted(left, 'run')} in another currency or over another number of months "
        f"{agree(left, 'stands', 'stand')} in the tables alone.",
        kind="note",
    )
