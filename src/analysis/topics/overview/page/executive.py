"""The executive page, in two screens: where we stand, the map, the first talks, whom to protect, what changed."""

from __future__ import annotations

from analysis.formats import agree, count, counted, in_turn, money
from analysis.reporting.foot import eyebrow
from analysis.reporting.foot import foot as three_lines
from analysis.reporting.fragments import columns, masthead, paragraph, section, strong
from analysis.reporting.known import hardly_read, outside_in_words, period, recorded_late, too_low
from analysis.reporting.links import links
from analysis.reporting.markup import Html, element, join
from analysis.reporting.ranges import sure
from analysis.reporting.told import told_count, told_sum
from analysis.run import Run
from analysis.topics.actions.page.what_to_do import what_to_do
from analysis.topics.difficulty.page.difficult import failed_in_words
from analysis.topics.overview.page.instead_of_the_map import FEW, instead_of_the_map, one_by_one
from analysis.topics.overview.page.standing_tiles import standing_tiles
from analysis.topics.overview.page.talk_first import first_in_short, protect, talk_first
from analysis.topics.profitability.page.conclusions import sure_title
from analysis.topics.profitability.page.findings import Standing, headline, standing, why_ended
from analysis.topics.profitability.page.how_sure import sensitive
from analysis.topics.profitability.page.map_and_whale import account_map, whale_curve
from analysis.topics.profitability.page.since import what_changed

__all__ = ["foot", "how_they_lie", "opening", "protect_and_changes", "what_changed", "what_next"]

#: What the page is made of.
TABLES = (
    *("accounts", "figures", "next_steps", "track_record", "promises", "protect_first", "whale", "compared", "changes"),
)

PROTECTED, NAMED = 3, 4
#: The part of what is lost from which an amount explains anything of it.
WORTH_A_WORD = 0.01


def foot(run: Run) -> Html:
    """Set the foot, with the tables that the page is made of."""
    in_place_of_the_map = ("communication",) if standing(run).nothing_known else ()
    return three_lines(run, tables=TABLES + in_place_of_the_map)


def opening(run: Run) -> Html:
    """Say where we stand in three sentences, what the loss is made of, and the tiles."""
    now = standing(run)
    sales = bool((run.accounts["net_revenue"] > 0).any())
    first = headline(now, run.policy.currency, period(run), sales=sales)
    failed = failed_in_words(run) if now.nothing_known and not now.sold > 0 else ""
    title = join(strong(failed, "cost") if failed else None, first, first_in_short(run), by=" ")
    notes = [_made_of(run, now), _our_doing(run), why_ended(now) if sales else ""]
    told_already = now.nothing_known or now.little_known
    notes += [_what_would_tell(now) if told_already else outside_in_words(run), hardly_read(run), recorded_late(run)]
    notes.append(too_low(run, "What steps add, and what accounts are worth, is"))
    return join(
        masthead(eyebrow(run, "Where we stand"), title, in_turn(*notes), dense=True),
        standing_tiles(run, now),
    )


def _made_of(run: Run, now: Standing) -> str:
    """Say what service beyond what is due, and our own failures, cost with the accounts that cost more than they bring.

    They are no parts of the loss: an account may lose more, or less, than either.
    """
    sums = (told_sum(run, name) for name in ("losing_over_service", "losing_our_failures"))
    over, ours = (sum_ if sum_ >= WORTH_A_WORD * now.lost else 0.0 for sum_ in sums)
    if not now.costing or over + ours <= 0:
        return ""
    currency, parts = run.policy.currency, []
    if over > 0:
        parts.append(f"service beyond what was agreed or wanted cost {money(over, currency)}")
    if ours > 0:
        parts.append(f"our own failures {'cost ' if not parts else ''}{money(ours, currency)}")
    where = agree(now.costing, "the account that costs more", "the accounts that cost more")
    return f"At {where}, {' and '.join(parts)}."


def _what_would_tell(now: Standing) -> str:
    """Say what to record so that margins can be told."""
    if now.sold_unmeasured > 0:
        return "Record what the goods cost, or state in the policy what share of sales it is: then margins are told."
    return ""


def _our_doing(run: Run) -> str:
    """Say of how many the trouble is our own doing."""
    theirs, ours = told_count(run, "truly_difficult"), told_count(run, "difficult_by_us")
    if not ours:
        return ""
    lead = f"{counted(theirs, 'account').capitalize()} {agree(theirs, 'is', 'are')} truly difficult; " if theirs else ""
    return (
        f"{lead}{counted(ours, 'account')} {agree(ours, 'is', 'are')} so by our own doing."
        if lead
        else (f"{counted(ours, 'account').capitalize()} {agree(ours, 'is', 'are')} difficult by our own doing.")
    )


def how_they_lie(run: Run) -> Html:
    """Show the map and the whale curve beside each other."""
    if run.accounts.empty:
        return Html()
    if len(run.accounts) < FEW:
        return one_by_one(run)
    instead = instead_of_the_map(run) if standing(run).nothing_known else Html()
    return columns(instead or account_map(run, brief=True), whale_curve(run, brief=True))


def what_next(run: Run) -> Html:
    """Say with whom to talk first, and about what."""
    return talk_first(run) or what_to_do(run, by_name=False)


def protect_and_changes(run: Run) -> Html:
    """Say whom to protect first, what changed since last time, and how sure it is, beside each other."""
    kept, changed, held = protect(run, PROTECTED), what_changed(run), how_sure(run)
    if not (kept or changed or held):
        return Html()
    return columns(kept, join(changed, held))


def how_sure(run: Run) -> Html:
    """Say in a line which signs hold over the cost ranges, and name those that do not."""
    if run.accounts.empty or sure(run) is None:
        return Html()
    rows = sensitive(run.accounts).sort_values(["net_revenue", "customer_id"], ascending=[False, True])
    write = links(run)
    names = [write(row["name"], row["customer_id"], longest=40) for row in rows.head(NAMED).to_dict("records")]
    more = f" and {count(len(rows) - NAMED)} more" if len(rows) > NAMED else ""
    words = join("Not sure over the cost ranges: ", join(*names, by=", "), more, ".") if names else None
    link = element("a", "How sure, and why", href="method.html")
    return section("sure", sure_title(run), paragraph(join(words, join(link, "."), by=" ")), short="How sure")
