"""The over-served report: what accounts get against what was agreed and what they want, and what to do about it."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, count, counted, in_turn, money, percent, some, the_next
from analysis.reporting import tables
from analysis.reporting.basis import basis
from analysis.reporting.drawing import draw
from analysis.reporting.foot import eyebrow
from analysis.reporting.foot import foot as three_lines
from analysis.reporting.fragments import Tile, bullets, columns, folded, masthead, paragraph, section, tiles
from analysis.reporting.known import flags, period, too_low, work_recorded
from analysis.reporting.links import linked, with_names
from analysis.reporting.markup import Child, Html, join, plain
from analysis.reporting.next_steps import column
from analysis.run import Run
from analysis.topics.service.figures import levels as level_figure
from analysis.topics.service.figures.levels import plot_levels
from analysis.topics.service.page.over_served_cards import Judged, judged, nothing_judged, over_title, remedy_cards
from analysis.topics.service.page.talks import talks
from analysis.topics.service.page.under_served import under_served
from analysis.topics.service.words import ASK, REMEDIES, Remedy, by_remedy, levels, service, three_levels

__all__ = [
    "contradictions",
    "earning_and_losing",
    "foot",
    "like_accounts",
    "not_scored",
    "opening",
    "ranking",
    "remedies",
    "talks",
    "the_map",
    "to_trade",
    "under_served",
]

#: What the page is made of.
TABLES = ("accounts", "expectations", "figures", "next_steps", "questions", "service_gaps", "trades")

LISTED, DRAWN, RANKED, MOST = 6, 12, 10, 50
GROUNDS = {"peers": "like accounts", "requested": "nobody asked for it", "wish": "its wish for less"}
CONTRADICTIONS = {"asks_for_more": "asks for more", "asks_for_less": "asks for less"}


def foot(run: Run) -> Html:
    """Set the foot, with the tables that the page is made of."""
    return three_lines(run, tables=TABLES)


def opening(run: Run) -> Html:
    """Say how many are over-served and what it costs, and how many are under-served."""
    now, currency = judged(run), run.policy.currency
    over = eyebrow(run, "Over-served and under-served")
    if not now.scored:
        return masthead(over, "Whether accounts are over-served cannot be judged", nothing_judged(run))
    lead = "Over-served: what goes beyond the lower of what was agreed and what they want, and is not small."
    if now.small > 0:
        lead += f" Another {money(now.small, currency)} is in amounts too small or too unsure to judge."
    lead = in_turn(lead, too_low(run, "What was delivered in a month, a quarter or a year is"))
    return join(masthead(over, over_title(now, currency, period(run)), lead), tiles(_tiles(now, currency)))


def earning_and_losing(run: Run) -> Html:
    """List the over-served that earn apart from the over-served that lose."""
    over = _over_served(run)
    if over.empty:
        return Html()
    margin = over["net_margin"].astype(float)
    return columns(
        _group(run, over[margin >= 0], "over-earning", "earn all the same", "earns all the same"),
        _group(run, over[margin < 0], "over-losing", "lose money", "loses money"),
    )


def remedies(run: Run) -> Html:
    """List what is wanted but unpaid, agreed but unwanted, and neither; then what to ask about first."""
    over = _over_served(run)
    lists = [_remedy(run, over, remedy) for remedy in (*REMEDIES, ASK)]
    cards = remedy_cards(run)
    if not any(lists):
        return Html()
    half = (len(cards) + 1) // 2
    both = columns(join(*cards[:half]), join(*cards[half:]))
    words = paragraph("A remedy is of a service; what to do with an account stands beside it, and is decided once.")
    head = section("remedies", "What to do: price it, trade it, or stop it", words, both, short="Remedies")
    return join(head, *lists)


def the_map(run: Run) -> Html:
    """Draw what accounts get against what was agreed and wanted, for the costliest gaps."""
    gaps = run.service_gaps
    rows = gaps[(gaps["over_cost"] > 0) & (gaps["kind"] != "peer")]
    if rows.empty:
        return Html()
    ranked = rows.sort_values(["over_cost", "customer_id", "attribute"], ascending=[False, True, True])
    top, currency = with_names(run, ranked.head(DRAWN)), run.policy.currency
    share = float(top["over_cost"].sum()) / float(rows["over_cost"].sum())
    title = (
        f"The {count(DRAWN)} costliest of {count(len(rows))} gaps make up {percent(share)} of what goes beyond"
        if len(rows) > DRAWN
        else f"{counted(len(rows), 'gap').capitalize()} beyond what was agreed or wanted"
    )
    alt = (
        f"A line for each of {counted(len(top), 'gap')}, costliest first, with marks for what was agreed, "
        f"what is wanted and what is delivered. {title}. The table beneath gives the numbers."
    )
    figure = draw(
        lambda ax: plot_levels(top, ax),
        name="levels-map", alt=alt, heights=(level_figure.height(top),) * 2,
        caption=f"Full dot: delivered. Open square: agreed. Open diamond: wanted. Each line has a scale of its own, "
        f"from nothing to the most of the three; the amount is what goes beyond, {currency}.",
    )  # fmt: skip
    shown = [linked(run), service(run), *three_levels(), tables.change("Beyond", "over_cost")]
    listed = tables.table(top, shown, f"Delivered, agreed and wanted, {currency}")
    return section("map", title, figure, folded("The same in numbers", listed), basis(run, "work"), short="The map")


def ranking(run: Run) -> Html:
    """Rank the over-served in money, with the range and the chance that it is material."""
    over, currency = _over_served(run), run.policy.currency
    if over.empty:
        return Html()
    least = run.policy.uncertainty.sure
    chance = over["p_over_served"].astype(float)
    firm = int((chance >= least).sum())
    title = (
        f"{count(firm)} of the {count(len(over))} over-served {agree(firm, 'is', 'are')} so in at least "
        f"{percent(least)} of the draws over the cost ranges"
        if chance.notna().any() and len(over) > 1
        else f"The over-served, costliest first: {money(over['over_service_cost'].sum(), currency)}"
    )
    shown = [
        linked(run),
        tables.change("Over-service", "over_service_cost"),
        tables.interval("Range", over, "over_service_cost_low", "over_service_cost", "over_service_cost_high"),
        tables.share("Chance", "p_over_served"),
        tables.Column("Judged by", lambda row: _ground(row["over_served_by"]), number=False),
        tables.money("Net margin", "net_margin"),
    ]
    caption = f"Over-service in the window, {currency}"
    listed = tables.table(over.head(RANKED), shown, caption)
    rest = over.iloc[RANKED : RANKED + MOST]
    others = folded(the_next(len(rest)), tables.table(rest, shown, caption)) if len(rest) else None
    note = paragraph(
        "The chance is that over-service is material: by stated levels with every cost rate drawn from its range, by "
        "like accounts over their spread.",
        kind="note",
    )
    return section("ranking", title, listed, others, note, basis(run, "work", "ranges"), short="Ranking")


def like_accounts(run: Run) -> Html:
    """Show the comparisons with like accounts, apart from what rests on stated levels."""
    peers = run.service_gaps[run.service_gaps["kind"] == "peer"]
    if peers.empty:
        return Html()
    currency = run.policy.currency
    rows = with_names(run, peers)
    above = rows[rows["over_cost"] > 0].sort_values(
        ["over_cost", "customer_id", "attribute"], ascending=[False, True, True]
    )
    who, sure = int(rows["customer_id"].nunique()), int(above["customer_id"].nunique())
    lead = f"Of {counted(who, 'account')} without a level for some service"
    title = f"{lead}, {some(sure)} {agree(sure, 'gets', 'get')} clearly more of it than like accounts"
    words = paragraph(
        "A comparison, not a broken agreement: each service of which no level is known is set against what accounts of "
        "like size, orders and cases get. A little more of each counts where an account gets more of nearly all. Work "
        "that nobody asked for speaks for too much, what an account asked for itself against. Ask before you act."
    )
    if above.empty:
        return section("like-accounts", title, words, basis(run, "work"), short="Like accounts")
    shown = [
        linked(run),
        service(run),
        levels("Gets", "delivered"),
        levels("Like accounts get", "peer_level"),
        levels("High among them", "peer_high"),
        tables.Column("Spoken for by", lambda row: GROUNDS.get(str(row["ground"]), ""), number=False),
        tables.change("Beyond", "over_cost"),
    ]
    more = f"; {LISTED} of {count(len(above))}" if len(above) > LISTED else ""
    caption = f"Service beyond what like accounts get, {currency}{more}"
    listed = tables.table(above.head(LISTED), shown, caption)
    return section("like-accounts", title, words, listed, basis(run, "work"), short="Like accounts")


def _times(number: int) -> str:
    return "never" if number == 0 else agree(number, "once", f"{count(number)} times")


def contradictions(run: Run) -> Html:
    """Show where what is asked for is not what was agreed."""
    rows = run.service_gaps[run.service_gaps["contradiction"].notna()]
    if rows.empty:
        return Html()
    kinds = rows["contradiction"].astype(str)
    more, less = int((kinds == "asks_for_more").sum()), int((kinds == "asks_for_less").sum())
    who = counted(int(rows["customer_id"].nunique()), "account")
    title = f"Asked for and agreed differ {_times(len(rows))} at {who}"
    words = paragraph(
        f"More than was agreed is asked for {_times(more)}, less {_times(less)}. "
        "Both are shown; which one holds is a question for the customer."
    )
    order = rows["importance"].astype(float).fillna(0)
    size = (rows["expected"] / rows["entitled"].where(rows["entitled"] > 0) - 1).abs().fillna(0)
    ranked = rows.assign(order=order, size=size).sort_values(
        ["order", "size", "customer_id", "attribute"], ascending=[False, False, True, True]
    )
    shown = [
        linked(run),
        service(run),
        *three_levels(),
        tables.Column("So it", lambda row: CONTRADICTIONS.get(str(row["contradiction"]), ""), number=False),
    ]
    caption = "What matters most to the customer first" + (
        f"; {LISTED} of {count(len(rows))}" if len(rows) > LISTED else ""
    )
    listed = tables.table(with_names(run, ranked.head(LISTED)), shown, caption)
    return section("contradictions", title, words, folded("Which ones", listed), short="Contradictions")


def to_trade(run: Run) -> Html:
    """List what was agreed and is not wanted, whether it was delivered or not: offers to trade."""
    rows, currency = run.trades, run.policy.currency
    if rows.empty:
        return Html()
    stake = float(rows["at_stake"].fillna(0).sum())
    ranked = with_names(run, rows).assign(order=rows["at_stake"].fillna(0))
    ranked = ranked.sort_values(["order", "customer_id", "attribute"], ascending=[False, True, True])
    lead = (
        f"{counted(len(rows), 'agreement')} {agree(len(rows), 'promises', 'promise')} what the customer does not want"
    )
    title = f"{lead}: in full, {money(stake, currency)}" if stake > 0 else lead
    shown = [
        linked(run), service(run), *three_levels(),
        tables.change("Cost of what it got", "delivered_cost"),
        tables.change("If all were kept", "at_stake"),
    ]  # fmt: skip
    words = paragraph("Offer something else for it, delivered or not: what is promised may still be called in.")
    more = f"; {LISTED} of {count(len(rows))}" if len(rows) > LISTED else ""
    listed = tables.table(ranked.head(LISTED), shown, f"Agreed but unwanted, {currency}{more}")
    return section("trades", title, words, folded("Which ones", listed), basis(run, "work"), short="To trade")


def not_scored(run: Run) -> Html:
    """Count the accounts that were not scored, and say why."""
    why = run.accounts["not_scored"].dropna().astype(str)
    if why.empty or run.accounts.empty or not work_recorded(run.accounts):
        return Html()
    counts = why.value_counts()
    items: list[Child] = [f"{counted(int(n), 'account').capitalize()}: {plain(words)}." for words, n in counts.items()]
    verb = agree(len(why), "is", "are")
    title = f"{count(len(why))} of {counted(len(run.accounts), 'account')} {verb} not scored"
    if len(why) == len(run.accounts):
        title = "No account is scored"
    return section("not-scored", title, bullets(items, "plain"), short="Not scored")


def _over_served(run: Run) -> pd.DataFrame:
    over = run.accounts[flags(run.accounts["over_served"])]
    return over.sort_values(["over_service_cost", "customer_id"], ascending=[False, True])


def _tiles(now: Judged, currency: str) -> list[Tile]:
    found = [Tile("Over-served", counted(now.over, "account"), f"of {count(now.scored)} scored")]
    if now.over and now.measured:
        gained, lost = money(now.cost_earning, currency), money(now.cost_losing, currency)
        found += [
            Tile("Of these earn", counted(now.over_earning, "account"), f"over-service {gained}"),
            Tile("Of these lose", counted(now.over_losing, "account"), f"over-service {lost}"),
        ]  # fmt: skip
    if now.promised:
        found.append(Tile("Under-served", counted(now.under, "account"), f"of {count(now.promised)} with a promise"))
    if now.both:
        found.append(Tile("Both at once", counted(now.both, "account"), "too much of one thing, too little of another"))
    return found


def _group(run: Run, rows: pd.DataFrame, key: str, many: str, one: str) -> Html | None:
    if rows.empty:
        return None
    currency = run.policy.currency
    cost = money(rows["over_service_cost"].sum(), currency)
    title = f"{count(len(rows))} over-served {agree(len(rows), one, many)}: {cost} beyond what is due"
    shown = [
        linked(run),
        tables.change("Over-service", "over_service_cost"),
        tables.money("Net margin", "net_margin"),
        column(run),
    ]
    more = f"; {LISTED} of {count(len(rows))}" if len(rows) > LISTED else ""
    return section(
        key, title, tables.table(rows.head(LISTED), shown, f"Costliest first, {currency}{more}"), short=one.capitalize()
    )


def _remedy(run: Run, over: pd.DataFrame, remedy: Remedy) -> Html:
    gaps, currency = by_remedy(run.service_gaps), run.policy.currency
    mine = gaps[gaps["customer_id"].isin(over["customer_id"]) & (gaps[remedy.column] > 0)]
    if mine.empty:
        return Html()
    order, extra = [remedy.column, "customer_id", "attribute"], []
    if remedy is ASK and (worth := _worth_asking(run)):
        mine = mine.assign(knowing=mine["customer_id"].map(worth).astype("float64").fillna(0.0))
        order, extra = ["knowing", *order], [tables.change("Knowing adds", "knowing")]
    ranked = mine.sort_values(order, ascending=[name in ("customer_id", "attribute") for name in order])
    shown = [linked(run), service(run), *three_levels(), tables.change("Cost", remedy.column), *extra, column(run)]
    who, cost = int(mine["customer_id"].nunique()), money(mine[remedy.column].sum(), currency)
    title = f"{remedy.what}: {counted(who, 'account')}, {cost}"
    first = "first by what knowing adds" if extra else "costliest"
    more = f"; the {LISTED} {first} of {count(len(mine))}" if len(mine) > LISTED else ""
    listed = tables.table(with_names(run, ranked.head(LISTED)), shown, f"{remedy.why} Amounts in {currency}{more}")
    return section(remedy.column.replace("_", "-"), title, listed, basis(run, "work"), short=remedy.what)


def _worth_asking(run: Run) -> dict[str, float]:
    """Return by account what knowing whether it wants the service that it has said nothing about would add."""
    rows = run.table("questions")
    rows = rows[rows["question"] == "wants"]
    return {str(who): float(value) for who, value in zip(rows["customer_id"], rows["value"], strict=True)}


def _ground(by: object) -> str:
    return {"levels": "stated levels", "peers": "like accounts"}.get(str(by), "")
