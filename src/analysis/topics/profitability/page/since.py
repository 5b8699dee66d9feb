"""What changed since the last run and since a year ago, each named: who moved and why, and who came and went."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date
from typing import Any

import pandas as pd

from analysis.formats import agree, capital, count, counted, day, in_a_sentence, is_known, listed, some, span, word
from analysis.reporting import tables
from analysis.reporting.drawing import draw
from analysis.reporting.fragments import folded, paragraph, section, subsection
from analysis.reporting.known import work_recorded
from analysis.reporting.labels import segment_title
from analysis.reporting.links import linked, links
from analysis.reporting.markup import Child, Html, element, join, name, plain
from analysis.run import Run
from analysis.topics.profitability.figures.transitions import plot_transitions

RUN, YEAR = "run", "year"
SHOWN, LISTED, NAMED = 3, 20, 12
Compared = dict[Hashable, Any]


def compared(run: Run) -> dict[str, Compared]:
    """Return what the run is set beside, by `against`: the last run, and a year ago."""
    return {str(row["against"]): row for row in run.table("compared").to_dict("records")}


def can_be(row: Compared | None) -> bool:
    """Return whether a run is set beside this one."""
    return row is not None and not plain(row["why_not"])


def title_of(row: Compared, *, whole: bool = False) -> str:
    """Name what this run is set beside; `whole`: with its window."""
    end = _day(row["ends"])
    if row["against"] == YEAR:
        return f"a year ago ({span(int(row['months']), end)})" if whole else "a year ago"
    label = plain(row["run"])[11:]
    called = f"the run of {day(end)}" + (f" ({label.replace('-', ' ')})" if label else "")
    return f"{called} ({span(int(row['months']), end)})" if whole else called


def _then(row: Compared) -> str:
    return title_of(row) if row["against"] == YEAR else f"at {title_of(row)}"


def crossed(run: Run, against: str) -> tuple[int, int]:
    """Return how many accounts began to cost more than they bring, and how many began to earn."""
    turned = _changes(run, against)["turned"]
    return int((turned == "costs").sum()), int((turned == "earns").sum())


def what_changed(run: Run) -> Html:
    """Say what changed since the last run, else since a year ago, with the reasons, and in a line since the other."""
    beside = compared(run)
    told = [against for against in (RUN, YEAR) if can_be(beside.get(against))]
    if not beside or run.accounts.empty:
        return Html()
    if not told:
        return section("changed", "There is nothing to set this run beside yet", _why_not(beside), short="Changes")
    first = told[0]
    more = join(*(f"{_crossed_title(run, beside[other], short=True)}." for other in told[1:]), by=" ")
    link = join(element("a", "All that moved, and why", href="segments.html#since"), ".")
    return section(
        "changed", _crossed_title(run, beside[first]), paragraph(_came_and_went(beside[first]), " ", more, " ", link),
        _movers(run, first, SHOWN), short="Changes",
    )  # fmt: skip


def since(run: Run) -> Html:
    """Show who moved between the segments since the last run and since a year ago, as a flow and as a list."""
    beside = compared(run)
    if not beside or run.accounts.empty or not work_recorded(run.accounts):
        return Html()
    parts = [_part(run, beside[against]) for against in (RUN, YEAR) if against in beside]
    told = [against for against in (RUN, YEAR) if can_be(beside.get(against))]
    title = _moved_title(run, beside[told[0]]) if told else "There is nothing to set this run beside yet"
    return section("since", title, *parts, short="Since last time")


def _part(run: Run, row: Compared) -> Html:
    """Show what changed against one of the two, or say why it is not set beside this run."""
    against = str(row["against"])
    if not can_be(row):
        ago = f"A year ago is not set beside this run: {plain(row['why_not'])}."
        return paragraph(_why_no_run(row) if against == RUN else ago, kind="note")
    rows = _changes(run, against)
    head = f"Since {title_of(row, whole=True)}"
    return subsection(
        head, paragraph(f"{_crossed_title(run, row)}. {_came_and_went(row)}"), _notes(row), _flow(rows, row),
        _movers(run, against, LISTED), _names(run, rows, "came"), _names(run, rows, "went"),
    )  # fmt: skip


def _changes(run: Run, against: str) -> pd.DataFrame:
    rows = run.table("changes")
    return rows[rows["against"] == against]


def _moved(rows: pd.DataFrame) -> pd.DataFrame:
    """Return those that crossed break-even or moved, these after those, the largest changes first."""
    found = rows[(rows["kind"] == "moved") | rows["turned"].notna()]
    size = found["difference"].abs()
    crossed_first = found.assign(stayed=found["turned"].isna(), size=size)
    return crossed_first.sort_values(["stayed", "size", "customer_id"], ascending=[True, False, True])


def _crossed_title(run: Run, row: Compared, *, short: bool = False) -> str:
    worse, better = crossed(run, str(row["against"]))
    lead = f"Since {title_of(row)},"
    if not worse and not better:
        return f"{lead} no account crossed the line between earning and costing"
    what = "" if short else f" more {agree(worse, 'than it brings', 'than they bring') if worse else 'than they bring'}"
    return f"{lead} {counted(worse, 'account')} began to cost{what}, and {some(better)} began to earn"


def _moved_title(run: Run, row: Compared) -> str:
    moved = int((_changes(run, str(row["against"]))["kind"] == "moved").sum())
    return f"Since {title_of(row)}, {counted(moved, 'account')} moved to another segment"


def _came_and_went(row: Compared) -> str:
    came, went = int(row["came"]), int(row["went"])
    if not came and not went:
        return "The same accounts were there."
    return f"{counted(came, 'account').capitalize()} came, {some(went)} went."


def _notes(row: Compared) -> Html:
    """Say what keeps the two from being alike: shared months, another policy, other rates."""
    shared = int(row["shared_months"]) if is_known(row["shared_months"]) else 0
    words: list[Child] = []
    if shared:
        months = "All" if shared >= int(row["months"]) else word(shared).capitalize()
        verb = agree(shared, "month lies", "months lie")
        words.append(f"{months} {verb} in both windows, so only what came and went at their ends can differ.")
    if keys := plain(row["policy_changed"]):
        words.append(join("The policy was another one then (", _keys(keys), "): part of a change may be that."))
    if row["rates_changed"] is True or str(row["rates_changed"]) == "True":
        words.append("A minute of work cost otherwise then: part of a change may be that.")
    return paragraph(join(*words, by=" "), kind="note") if words else Html()


def _keys(keys: str) -> Html:
    parts = [part.replace("_", " ").replace(".", ": ") for part in keys.split(", ")]
    more = [f"{count(len(parts) - NAMED)} more"] if len(parts) > NAMED else []
    return name(listed([*parts[:NAMED], *more]), longest=400)


def _why_no_run(row: Compared | None) -> str:
    why = plain(row["why_not"]) if row else ""
    if not row or not plain(row["run"]):
        return "No earlier run lies beside this one: the next one will be set beside it."
    return f"The run of {day(_day(row['ends']))} is not set beside this one: {why}."


def _why_not(beside: dict[str, Compared]) -> Html:
    year = beside.get(YEAR)
    ago = f" Nor is a year ago: {plain(year['why_not'])}." if year else ""
    return paragraph(f"{_why_no_run(beside.get(RUN))}{ago}")


def _flow(rows: pd.DataFrame, row: Compared) -> Html:
    """Draw from which segment to which the accounts of both went."""
    placed = rows[rows["segment"].notna() & rows["segment_before"].notna()]
    if placed.empty or not (placed["kind"] == "moved").any():
        return Html()
    flow = placed.groupby(["segment_before", "segment"], as_index=False).agg(rows=("customer_id", "size"))
    flow = flow.rename(columns={"segment_before": "segment", "segment": "next_segment"})
    words = "; ".join(
        f"{counted(int(line['rows']), 'account')} from {segment_title(line['segment'])} to "
        f"{segment_title(line['next_segment'])}"
        for line in flow.to_dict("records")
        if line["segment"] != line["next_segment"]
    )
    return draw(
        lambda ax: plot_transitions(flow, ax, counts=True),
        name=f"flow-{row['against']}", heights=(330, 300),
        alt=f"From which segment (rows) to which (columns): {words}.",
        caption=f"Rows: the segment {_then(row)}. Columns: the segment now. Numbers: accounts.",
    )  # fmt: skip


def _movers(run: Run, against: str, most: int) -> Html:
    """List those that moved, the largest changes first, each with what moved it."""
    rows = _moved(_changes(run, against))
    if rows.empty:
        return Html()
    why = tables.Column("Why", _why, number=False)
    caption = "The largest changes of net margin first"
    if most == SHOWN:
        shown = [linked(run), why, tables.Column("Now", _tag, number=False, beside=True)]
    else:
        caption = f"Who crossed a line, the largest changes of net margin first, {run.policy.currency}"
        then, now = tables.money("Net margin then", "net_margin_before"), tables.money("Net margin now", "net_margin")
        shown = [linked(run), why, then, now, _was(), _is()]
    more = f"; {count(most)} of {count(len(rows))}" if len(rows) > most else ""
    return tables.table(rows.head(most), shown, f"{caption}{more}", brief=most == SHOWN)


def _why(row: tables.Row) -> Child:
    words = plain(row["reason"])
    said = capital(words) if words else "not known"
    return element("span", name(said, longest=240), class_="said")


def _was() -> tables.Column:
    return tables.Column("Segment then", lambda row: segment_title(row["segment_before"]), number=False)


def _is() -> tables.Column:
    return tables.Column("Segment now", lambda row: segment_title(row["segment"]), number=False)


def _tag(row: tables.Row) -> Child:
    """Say in a word or two what an account became."""
    if row["turned"] == "costs":
        return element("span", "now costs", class_="tag cost")
    if row["turned"] == "earns":
        return element("span", "now earns", class_="tag earn")
    before, now = str(row["segment_before"]), str(row["segment"])
    if before.partition("_")[0] != now.partition("_")[0]:
        return element("span", in_a_sentence(segment_title(now)), class_="tag")
    much = now.endswith("high_demand")
    return element("span", "now much service" if much else "now little service", class_="tag")


def _names(run: Run, rows: pd.DataFrame, kind: str) -> Html:
    found = rows[rows["kind"] == kind].sort_values(["name", "customer_id"])
    if found.empty:
        return Html()
    write = links(run)
    names = [write(row["name"], row["customer_id"], longest=40) for row in found.head(LISTED).to_dict("records")]
    more = f" and {count(len(found) - LISTED)} more" if len(found) > LISTED else ""
    verb = "came" if kind == "came" else "went"
    who, them = agree(len(found), "no customer", "no customers"), agree(len(found), "it", "them")
    why = f"{who} in {'the earlier' if kind == 'came' else 'this'} window"
    words = join(join(*names, by=", "), more, f": {why}, and nothing was sold to {them} or done for {them}.")
    return folded(f"Who {verb}: {counted(len(found), 'account')}", paragraph(words))


def _day(value: Any) -> date:
    found: date = pd.Timestamp(value).date()
    return found
