"""How the accounts' margin ties to the books: the bridge, and how far the records are from what the books say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.formats import amount, counted, is_known, listed, money, percent
from analysis.reporting import tables
from analysis.reporting.basis import basis
from analysis.reporting.fragments import Tile, folded, paragraph, section
from analysis.reporting.markup import Html, name
from analysis.reporting.told import told, told_sum
from analysis.run import Run
from analysis.topics.profitability.figures.bridge import bridge_steps
from analysis.topics.profitability.figures.waterfall import Step
from analysis.topics.profitability.page.waterfalls import waterfall

LEAST = 0.0005
#: What lies between the accounts' margin and the operating profit of the books.
BETWEEN = (
    ("work_for_no_account", "for no account"),
    ("not_modelled", "not modelled"),
    ("not_measured", "before a cost of goods that is not known"),
)
#: What the ledger holds against the books: the share that says how far apart, and what it is called.
NOT_TIED = {
    "revenue": "The cost of goods is not: the books name none, or it is not known of every account.",
    "cost of goods": "Revenue is not: the books name none.",
}
TIED = (("revenue_share", "revenue"), ("cogs_share", "cost of goods"))


def to_the_books(run: Run) -> Html:
    """Lead from the accounts' margin to the operating profit of the books, or as far as the costing goes."""
    steps = bridge_steps(run.bridge)
    if len(steps) < 2 or _leads_nowhere(run):
        return Html()
    return section("books", _title(run), *_figure(run, steps), short="Books")


def bridge_in_lines(run: Run) -> Html:
    """Show the bridge with every line of it as a table beneath."""
    steps, currency = bridge_steps(run.bridge), run.policy.currency
    if len(steps) < 2 or _leads_nowhere(run):
        return Html()
    shown = [
        tables.Column("Line", lambda row: name(row["label"], longest=80), number=False),
        tables.money(f"Amount, {currency}", "amount"),
    ]
    table = tables.table(run.bridge[run.bridge["amount"].notna()], shown, "The bridge, line by line")
    return section(
        "books",
        _title(run),
        *_figure(run, steps),
        folded("The bridge as a table", table),
        short="Books",
    )


def _leads_nowhere(run: Run) -> bool:
    """Whether neither the capacity nor the books are known: then there is nothing that the margin could lead to."""
    return run.resources.empty and "operating_profit" not in set(run.bridge["line"])


def _figure(run: Run, steps: list[Step]) -> list[Html]:
    figure = waterfall(steps, "bridge-figure", run.policy.currency, "The way from the accounts to the books")
    told = [paragraph(words) for words in _apart_in_words(run)]
    return [figure, basis(run, "work", "books"), paragraph(_note(run)), *told]


def _apart_in_words(run: Run) -> list[str]:
    """Say what counts in no account, and what has no known margin."""
    currency, found = run.policy.currency, []
    nobodys, unknown = run.facts.get("unassigned_sales"), run.facts.get("not_measured")
    if nobodys:
        words = f"{money(nobodys['net_revenue'], currency)} was sold to nobody we know; it is in no account."
        margin = nobodys.get("margin")
        goods = "What those goods cost is not known." if margin is None else ""
        found.append(f"{words} {goods}".strip())
    if unknown:
        who = counted(int(unknown["accounts"]), "account")
        found.append(
            f"The margin of {who} is not known, for want of cost of goods: {money(unknown['net_revenue'], currency)} "
            f"net revenue and {money(unknown['service'], currency)} of work for it stand on a line of their own."
        )
    return found


def books_tile(run: Run) -> Tile:
    """Say in a tile how near the records are to the books, and what lies between the accounts and the profit."""
    share = _apart(run.facts)
    if share is None:
        costing = "the costing names no books for this window" if len(run.resources) else "there is no costing"
        return Tile("Tied to the books", "not yet", costing)
    sums = {words: told_sum(run, figure) for figure, words in [_unused(run), *BETWEEN]}
    parts = [f"{amount(abs(sum_))} {words}" for words, sum_ in sums.items() if round(sum_)]
    value = "in full" if share < LEAST else f"to {_percent(share)}"
    if not _is_tied(run):
        value = f"no: {_percent(share)} apart"
    tied = _tied(run)
    lead = "" if " and " in tied and parts else tied
    note = "; ".join(words for words in (lead, listed(parts)) if words)
    return Tile("Tied to the books", value, note)


def _unused(run: Run) -> tuple[str, str]:
    """Name the capacity that was not used, or was worked beyond, as the bridge has it: the difference of the two."""
    whole, net = told_sum(run, "capacity_not_used"), told_sum(run, "unused_capacity")
    if net < 0:
        return "unused_capacity", "worked beyond the capacity"
    beyond = "" if round(whole) == round(net) else ", less what was worked beyond"
    return "unused_capacity", f"unused capacity{beyond}"


def _title(run: Run) -> str:
    currency, profit = run.policy.currency, told(run, "operating_profit")
    if profit is not None:
        what = "profit" if profit >= 0 else "loss"
        return f"The accounts' margin leads to the operating {what} of {money(abs(profit), currency)}"
    last = float(run.bridge.set_index("line")["amount"]["after_capacity"])
    if last >= 0:
        return f"After all capacity, used or not, {money(last, currency)} is left"
    return f"After all capacity, used or not, {money(-last, currency)} is lost"


def _note(run: Run) -> str:
    share = _apart(run.facts)
    if share is None:
        return "The costing names no books for this window, so the bridge ends with the capacity."
    tied = _tied(run)
    one = " and " not in tied
    near = f"{'agrees' if one else 'agree'} with the books"
    if not _is_tied(run):
        near = f"{'is' if one else 'are'} up to {_percent(share)} away from the books"
    elif share >= LEAST:
        near = f"{'lies' if one else 'lie'} within {_percent(share)} of the books"
    words = f"{tied.capitalize()} {near}."
    if one:
        words += f" {NOT_TIED[tied]}"
    if "operating_profit" not in set(run.bridge["line"]):
        words += " The costing names no operating profit, so the bridge ends with the capacity."
    return words


def _is_tied(run: Run) -> bool:
    return bool((run.facts.get("books") or {}).get("tied", True))


def _tied(run: Run) -> str:
    """Name what of the books the ledger is held against."""
    books = run.facts.get("books") or {}
    found = [words for key, words in TIED if is_known(books.get(key))]
    return listed(found) or "revenue and cost of goods"


def _percent(share: float) -> str:
    return percent(max(share, 0.001))


def _apart(facts: Mapping[str, Any]) -> float | None:
    """Give how far revenue and cost of goods are from the books, as a share; None where there are no books."""
    share = (facts.get("books") or {}).get("share")
    return float(share) if share is not None and is_known(share) else None
