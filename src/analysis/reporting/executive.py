"""The executive page: where we stand, what to do, who is over-served or difficult, what changed, how sure we are."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, count, counted, is_known, listed, money, percent, some
from analysis.reporting import tables
from analysis.reporting.basis import basis, logged_share
from analysis.reporting.books import to_the_books
from analysis.reporting.conclusions import conclusions, sure_title
from analysis.reporting.difficult_cards import difficult_section
from analysis.reporting.findings import headline, moved, standing, why_ended
from analysis.reporting.foot import eyebrow, foot, reasons_rejected, rows_read
from analysis.reporting.fragments import bullets, card, columns, masthead, paragraph, section
from analysis.reporting.how_sure import draws_in_words
from analysis.reporting.known import comparable, outside_in_words, work_recorded
from analysis.reporting.labels import segment_title
from analysis.reporting.losses_within import orders_in_words
from analysis.reporting.markup import Child, Html, element, join, name
from analysis.reporting.over_served_cards import over_served_section as over_served
from analysis.reporting.perception import reputations_section
from analysis.reporting.ranges import sure, why_no_range
from analysis.reporting.run import Run
from analysis.reporting.shared import account_map, whale_curve
from analysis.reporting.standing_tiles import standing_tiles
from analysis.reporting.value_rescue import protect_first
from analysis.reporting.what_it_changes import changes_title, ranking_in_words
from analysis.reporting.what_to_do import promised, what_to_do

__all__ = [
    "difficult",
    "foot",
    "how_they_lie",
    "made_how",
    "more",
    "opening",
    "over_served",
    "to_the_books",
    "what_changed",
    "what_holds",
    "what_next",
]

LARGEST_CHANGES, PROTECTED = 6, 5
REPORTS = (
    (
        "cuts.html",
        "Where the money is",
        "Beyond agreed and wanted, after hours, standing ready, owed; by month; five cuts.",
    ),
    ("accounts.html", "Accounts", "All accounts with their figures, flags and next step: search, sort, filter."),
    ("actions.html", "What to do", "Every step weighed, the plan under the hours there are, and what is assumed."),
    ("value.html", "Value", "What each relationship is worth, to us and to the account, and who may leave."),
    (
        "profitability.html",
        "Profitability",
        "From list revenue to net margin, how sure and why, down to one account.",
    ),
    ("segments.html", "Segments", "Who earns, who costs, and how near the lines they are."),
    ("over_served.html", "Over-served", "What accounts get against what was agreed and wanted, and what to ask."),
    ("difficult.html", "Difficult", "Whose trouble it is, what would help, and whom we owe an apology."),
    ("perception.html", "Perception", "What staff believe, set against the record."),
    ("archetypes.html", "Kinds of accounts", "Patterns among the over-served and the difficult that hold."),
    ("service_demand.html", "Service demand", "Who is served how and when, what nobody asked for, what stands ready."),
)
TABLES = (
    ("accounts", "Accounts", "Every account's statement."),
    ("reasons", "Reasons", "What each account costs more or less than like accounts."),
    ("whale", "Whale curve", "The accounts in order, with their margin added up."),
    ("service_gaps", "Service gaps", "Delivered against agreed and wanted."),
    ("resources", "Resources", "Capacity used, unassigned and unused."),
    ("actions", "Actions", "Every step weighed for every account."),
    ("mutual_value", "Mutual value", "What accounts get for their money, beside what they are worth."),
    ("bridge", "Bridge", "From the accounts' margin to the operating profit."),
    ("ties", "Ties", "Revenue, goods, work and invoices from the files to the accounts."),
    ("rejected", "Rejected rows", "What was not used, with the reason."),
)


def opening(run: Run) -> Html:
    """Say where we stand: the headline and the tiles."""
    now = standing(run.accounts)
    sales = bool((run.accounts["net_revenue"] > 0).any())
    title = headline(now, run.policy.currency, run.window.months, sales=sales)
    notes = [why_ended(now) if sales else "", outside_in_words(run) if now.measured else ""]
    return join(
        masthead(eyebrow(run, "Customer value"), title, " ".join(note for note in notes if note)),
        standing_tiles(run, now),
    )


def how_they_lie(run: Run) -> Html:
    """Show the map and the whale curve beside each other."""
    return columns(account_map(run), whale_curve(run)) if len(run.accounts) else Html()


def what_next(run: Run) -> Html:
    """Say what to do first, whom to protect, and what earlier steps brought; no seller is named here."""
    return join(what_to_do(run, by_name=False), protect_first(run, PROTECTED), promised(run))


def difficult(run: Run) -> Html:
    """Say who is difficult, by whose doing, and which bad names the record does not bear out."""
    return join(difficult_section(run), reputations_section(run))


def what_changed(run: Run) -> Html:
    """Say what changed since the same window a year before, where the data reaches back."""
    if not comparable(run):
        return Html()
    both = moved(run.accounts, run.last_year)
    if both.empty or not both[["before", "now"]].astype(float).fillna(0.0).ne(0.0).any(axis=None):
        return Html()
    here, there = set(run.accounts["customer_id"]), set(run.last_year["customer_id"])
    came, left = len(here - there), len(there - here)
    lead = f"{counted(came, 'account').capitalize()} came, {some(left)} went."
    changed = both[both["difference"].round(2) != 0]
    order = changed["difference"].abs().sort_values(ascending=False, kind="stable").index
    return section(
        "changed", _change_title(both, len(here & there)), paragraph(lead),
        _change_table(changed.loc[order].head(LARGEST_CHANGES), run),
        basis(run, "sales", "goods", "work", "money"), short="Changes",
    )  # fmt: skip


def what_holds(run: Run) -> Html:
    """Say what cost to serve changes, and which conclusions hold over the cost ranges and which do not."""
    if run.accounts.empty:
        return Html()
    changes = _what_it_changes(run)
    return columns(
        section("changes-by-cost", *changes, short="What it changes") if len(changes) > 1 else None,
        section("sure", sure_title(run), *conclusions(run), short="How sure"),
    )


def made_how(run: Run) -> Html:
    """Say what was measured, modelled and assumed, what the ranges rest on, and what was not used."""
    found = sure(run)
    notes: list[Child] = [draws_in_words(found) if found else why_no_range(run)] if len(run.accounts) else []
    notes += [*_measured(run), *_rejected(run)]
    notes += [name(words, longest=300) for words in run.facts.get("warnings", [])[:8]]
    return section("made-how", "What the figures rest on", bullets(notes, "plain"), short="Basis") if notes else Html()


def more(run: Run) -> Html:
    """Link to the other reports and to the tables."""
    reports: list[Child] = [_link(address, title, what) for address, title, what in REPORTS]
    files: list[Child] = [_link(f"tables/{table}.csv", f"{title} (CSV)", what) for table, title, what in TABLES]
    return section("more", "Read on", bullets(reports, "links"), bullets(files, "links"), short="Read on")


def _link(address: str, title: str, what: str) -> Html:
    return join(element("a", title, href=address), element("span", what))


def _change_title(both: pd.DataFrame, stayed: int) -> str:
    known = "" if len(both) == stayed else f" of the {count(len(both))} whose margin is known of both years"
    known = known.replace(" of the 1 ", " of the one ")
    worse = int(((both["before"] >= 0) & (both["now"] < 0)).sum())
    better = int(((both["before"] < 0) & (both["now"] >= 0)).sum())
    if not worse and not better:
        return f"Since a year ago no account{known} crossed the line between earning and costing"
    what = agree(worse, "than it brings", "than they bring") if worse else "than they bring"
    who = f"{counted(worse, 'account') if worse else 'no account'}{known}"
    return f"Since a year ago {who} began to cost more {what}, and {some(better)} began to earn"


def _change_table(biggest: pd.DataFrame, run: Run) -> Html:
    shown = [
        tables.account(),
        tables.money("A year ago", "before"),
        tables.money("Now", "now"),
        tables.money("Change", "difference"),
    ]
    if work_recorded(run.accounts):
        shown.append(tables.Column("Segment now", lambda row: segment_title(row["is_now"]), number=False))
    caption = f"The largest changes in running margin, {run.policy.currency}"
    return tables.table(biggest, shown, caption, empty="No account's running margin changed.")


def _measured(run: Run) -> list[Child]:
    notes: list[Child] = []
    logged, assumed = logged_share(run), (run.facts.get("measured") or {}).get("cogs_assumed_share")
    if logged is not None:
        notes.append(_parts(logged, "of the working minutes were logged", "come from the costing's time equations"))
    unknown = outside_in_words(run)
    if unknown:
        notes.append(unknown)
    if assumed is not None and is_known(assumed):
        recorded = "of the cost of goods was recorded"
        if unknown:
            recorded = "of the cost of goods of the accounts whose margin is known was recorded"
        stated = run.policy.costs.cogs_share is not None
        otherwise = "is the share that the policy assumes" if stated else "is modelled at known ratios of cost to sales"
        notes.append(_parts(1 - float(assumed), recorded, otherwise))
    return notes


def _parts(share: float, known: str, otherwise: str) -> str:
    """Say how two parts make up a whole.

    Examples
    --------
    >>> _parts(0.7, "of the minutes were logged", "were modelled")
    '70% of the minutes were logged; the other 30% were modelled.'
    >>> _parts(1.0, "of the minutes were logged", "were modelled")
    'All of the minutes were logged.'
    """
    if share >= 0.9995:
        return f"All {known}."
    if share < 0.0005:
        return f"None {known}; all {otherwise}."
    return f"{percent(share)} {known}; the other {percent(1 - share)} {otherwise}."


def _what_it_changes(run: Run) -> list[Child]:
    found, inside = run.facts.get("what_costs_change") or {}, run.facts.get("losses_within")
    told = bool(found.get("accounts")) and found.get("work", True)
    title = (
        "What cost to serve changes" if run.facts.get("what_costs_change", {}).get("work", True) else "Within accounts"
    )
    parts: list[Child] = [changes_title(found) if told else title]
    if told:
        parts.append(card("The order of the accounts", ranking_in_words(found)))
    if inside:
        lost = money(inside["lost_of_accounts_that_earn"], run.policy.currency)
        words = f"{lost} is lost on orders inside good accounts." if inside["of_accounts_that_earn"] else ""
        parts.append(card(orders_in_words(inside), words))
    return parts


def _rejected(run: Run) -> list[Child]:
    _, rejected = rows_read(run.facts)
    cells = sum(int(item.get("emptied_cells") or 0) for item in run.facts.get("inputs", []))
    broke, bad = "broke the contract and", agree(cells, "was", "were")
    told = [
        ("row", rejected, f"{counted(rejected, 'row')} {broke} {agree(rejected, 'was', 'were')} not used"),
        ("cell", cells, f"{counted(cells, 'value')} {broke} {bad} taken as unknown"),
    ]
    return [_because(lead, run.rejected, lost) for lost, number, lead in told if number]


def _because(lead: str, rejected: pd.DataFrame, lost: str) -> str:
    why = listed(reasons_rejected(rejected[rejected["lost"] == lost])[:4])
    return f"{lead}: {why}." if why else f"{lead}."
