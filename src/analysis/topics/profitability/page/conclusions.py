"""Which conclusions hold across the cost ranges, and which do not: the executive page's cards."""

from __future__ import annotations

from analysis.formats import count, counted, money_span, percent
from analysis.reporting.fragments import card
from analysis.reporting.links import links
from analysis.reporting.markup import Child, Html, element, join
from analysis.reporting.ranges import Sure, sure, why_no_range
from analysis.reporting.told import told_count
from analysis.run import Run
from analysis.topics.profitability.page.how_sure import sensitive, signs_in_words, tipping_in_words
from analysis.topics.profitability.page.near_lines import near
from analysis.topics.profitability.page.wrong_rates import total_with_a_wrong_rate

NAMED = 2


def sure_title(run: Run) -> str:
    """Say of how many accounts the sign is sure over the cost ranges."""
    if sure(run) is None:
        return "How sure we are cannot be said"
    certain, signs = told_count(run, "sign_sure"), int(run.accounts["certainty"].notna().sum())
    if certain == signs:
        return "Every account is surely on its side of break-even" if signs > 1 else "The account's sign is sure"
    if not certain:
        return "No account's sign is sure over the cost ranges"
    return f"The sign is sure for {count(certain)} of {counted(signs, 'account')}"


def conclusions(run: Run) -> list[Html]:
    """Set a card for each conclusion: those that hold, then those that do not."""
    found = sure(run)
    if found is None:
        return [card("No range", why_no_range(run))]
    return [_total(found, run), _signs(run), *_either_way(run), *_segments(run)]


def _total(found: Sure, run: Run) -> Html:
    currency, wrong = run.policy.currency, total_with_a_wrong_rate(run)
    size = percent(run.sensitivity["change"].abs().max()) if wrong else ""
    off = f"With any one rate {size} off: {money_span(*wrong, currency)}." if wrong else ""
    span = money_span(found.low, found.high, currency)
    if found.open:
        return card(f"Open: whether they earn money together, {span}", off)
    verb = "earn" if found.low >= 0 else "lose"
    return card(f"Holds: together they {verb} money, {span}", off, "earn")


def _signs(run: Run) -> Html:
    least, draws = percent(run.policy.uncertainty.sure), count(run.facts["ranges"]["draws"])
    words = f"Surely means: in at least {least} of {draws} draws of the costs."
    return card(f"Holds: {signs_in_words(run.accounts, open_ones=False)}", words, "earn")


def _either_way(run: Run) -> list[Html]:
    rows = sensitive(run.accounts).sort_values(["net_revenue", "customer_id"], ascending=[False, True])
    if rows.empty:
        return []
    write = links(run)
    named: list[Child] = [
        join(write(row["name"], row["customer_id"], longest=40), " turns at ", tipping_in_words(row))
        for row in rows.head(NAMED).to_dict("records")
    ]
    more: Child = ""
    if len(rows) > NAMED:
        more = join("; ", element("a", f"{count(len(rows) - NAMED)} more", href="profitability.html#sensitive"))
    title = f"Open: on which side of break-even {counted(len(rows), 'account')} lie{'s' if len(rows) == 1 else ''}"
    return [card(title, join(join(*named, by="; "), more, "."))]


def _segments(run: Run) -> list[Html]:
    close = near(run.accounts, run.policy.uncertainty.sure)
    if close.empty:
        return []
    verb = "belongs" if len(close) == 1 else "belong"
    title = f"Open: to which segment {counted(len(close), 'account')} {verb}"
    return [card(title, "They lie near the line of profit or of service demand.")]
