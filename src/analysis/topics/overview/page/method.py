"""The method page: once, for all pages, what was read, measured, modelled, assumed and left out, and how sure it is."""

from __future__ import annotations

from analysis.data.contract import OUTPUTS
from analysis.formats import agree, counted, is_known, listed, money, percent
from analysis.reporting.basis import logged_share
from analysis.reporting.foot import eyebrow, made_from, missing, reasons_rejected, rows_read
from analysis.reporting.foot import foot as three_lines
from analysis.reporting.fragments import bullets, card, columns, folded, masthead, section
from analysis.reporting.known import outside_in_words
from analysis.reporting.markup import Child, Html, element, join, name
from analysis.reporting.ranges import sure, why_no_range
from analysis.run import Run
from analysis.topics.profitability.page.books import to_the_books
from analysis.topics.profitability.page.conclusions import conclusions, sure_title
from analysis.topics.profitability.page.how_sure import draws_in_words
from analysis.topics.profitability.page.losses_within import orders_in_words
from analysis.topics.profitability.page.what_it_changes import changes_title, ranking_in_words

__all__ = [
    "foot",
    "made_from",
    "made_how",
    "missing",
    "opening",
    "tables",
    "to_the_books",
    "what_holds",
]

#: What the page is made of.
TABLES = ("accounts", "bridge", "figures", "resources", "sensitivity")


def foot(run: Run) -> Html:
    """Set the foot, with the tables that the page is made of."""
    return three_lines(run, tables=TABLES)


def opening(run: Run) -> Html:
    """Say what the figures of all pages rest on."""
    read, rejected = rows_read(run.facts)
    lost = f", {counted(rejected, 'row')} of them not used" if rejected else ""
    title = f"Every figure comes from {counted(read, 'row')} of your records{lost}"
    lead = "What was measured, what is modelled or assumed, what is left out, and which choices were in force."
    return masthead(eyebrow(run, "Method"), title, lead)


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


def tables(run: Run) -> Html:
    """Link to every table of the run, each with what it holds."""
    files: list[Child] = [
        join(element("a", table.replace("_", " ").capitalize(), href=f"tables/{table}.csv"), element("span", of.doc))
        for table, of in OUTPUTS.items()
    ]
    title = f"Every table behind the pages: {len(files)} files, as CSV and as Parquet"
    return section("tables", title, folded("All tables", bullets(files, "links")), short="Tables")


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
    return [_because(lead, run, lost) for lost, number, lead in told if number]


def _because(lead: str, run: Run, lost: str) -> str:
    why = listed(reasons_rejected(run.rejected[run.rejected["lost"] == lost])[:4])
    return f"{lead}: {why}." if why else f"{lead}."
