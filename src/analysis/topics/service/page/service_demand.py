"""The service demand report: who is served how, when and why, and what standing ready costs."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, amount, count, counted, in_a_sentence, is_known, money, per_window, percent
from analysis.reporting import tables
from analysis.reporting.basis import basis
from analysis.reporting.drawing import HALF, draw
from analysis.reporting.foot import eyebrow
from analysis.reporting.foot import foot as three_lines
from analysis.reporting.fragments import card, columns, masthead, paragraph, section
from analysis.reporting.known import period
from analysis.reporting.links import linked
from analysis.reporting.markup import Html, join, name, plain, spoken, titled
from analysis.reporting.told import told_sum
from analysis.run import Run
from analysis.topics.profitability.figures import cost_groups
from analysis.topics.profitability.figures.cost_groups import plot_cost_groups
from analysis.topics.service.figures.hours import WEEKDAYS, heat, plot_hours
from analysis.topics.service.figures.weeks import plot_weeks, weekly
from analysis.topics.service.words import level, service_title, unit

__all__ = ["by_hour", "by_week", "foot", "kinds_of_work", "opening", "standing_ready", "unasked", "ways", "who_gets_it"]

#: What the page is made of.
TABLES = ("accounts", "demand", "demand_by_week", "figures", "offers", "unasked")

LISTED, MOST_BARS = 10, 8
PARTS = (
    ("failure_cost", "Mends our own failures"),
    ("unrequested_cost", "Nobody asked for it"),
    ("out_of_scope_cost", "Outside the agreement"),
)
EARLY, LATE = 8, 18


def foot(run: Run) -> Html:
    """Set the foot, with the tables that the page is made of."""
    return three_lines(run, tables=TABLES)


def opening(run: Run) -> Html:
    """Say what serving the accounts costs, and how much of it no customer asked for."""
    whole, currency = told_sum(run, "cost_to_serve"), run.policy.currency
    over = eyebrow(run, "Service demand")
    if run.demand.empty or whole <= 0:
        why = "Demand is told from the log of the work done for accounts; this window has none."
        return masthead(over, "No service work was charged to an account", why)
    parts = _parts(run)
    who = counted(int((run.accounts["cost_to_serve"] > 0).sum()), "account")
    shares = [
        f"{percent(parts['unrequested_cost'] / whole)} of it nobody asked for" if parts["unrequested_cost"] else "",
        f"{percent(parts['failure_cost'] / whole)} mends our own failures" if parts["failure_cost"] else "",
    ]
    rest = ", ".join(part for part in shares if part)
    title = f"Serving {who} costs {money(whole, currency)} {period(run)}" + (f": {rest}" if rest else "")
    return masthead(over, title, _busiest(run))


def kinds_of_work(run: Run) -> Html:
    """Show how much of the work is failure, unasked or out of scope, and what is left as what customers pay for."""
    whole, currency, parts = told_sum(run, "cost_to_serve"), run.policy.currency, _parts(run)
    if run.demand.empty or whole <= 0:
        return Html()
    rest = whole - sum(parts.values())
    costs = pd.Series({words: parts[column] for column, words in PARTS if parts[column] > 0})
    if costs.empty:
        words = "The log marks no work as any of them; where it does not record them, they cannot be told."
        return section(
            "kinds",
            "No work is known to be a failure's, unasked or out of scope",
            paragraph(words),
            short="Kinds of work",
        )
    if rest > 0:
        costs = pd.concat([pd.Series({"All other work": rest}), costs])
    lines = "; ".join(f"{what} {money(cost, currency)}" for what, cost in costs.items())
    figure = draw(
        lambda ax: plot_cost_groups(costs, currency, ax),
        name="kinds-bars", alt=f"Bars of cost to serve by kind of work: {lines}.",
        heights=(cost_groups.height(costs),) * 2,
    )  # fmt: skip
    title = (
        f"Of 100 spent on service, {round((whole - rest) / whole * 100)} were failures, unasked or out-of-scope work"
        if rest > 0
        else "Nearly all service work was unasked, out of scope or mended a failure"
    )
    words = "Work counts as unasked or out of scope only where the log says so; what is several counts under each."
    return section(
        "kinds", title, figure, paragraph(words, kind="note"), basis(run, "work"), short="Kinds of work"
    )  # fmt: skip


def ways(run: Run) -> Html:
    """Show the cost by channel and by department beside each other."""
    if run.demand.empty:
        return Html()
    return columns(_bars(run, "channel", "channel", "Channels"), _bars(run, "department", "department", "Departments"))


def by_hour(run: Run) -> Html:
    """Show when the work comes."""
    table, currency = heat(run.demand), run.policy.currency
    whole = float(table.to_numpy().sum()) if len(table) else 0.0
    if whole <= 0:
        return Html()
    if table.shape[1] == 1:
        words = f"All work is logged at {int(table.columns[0])}:00, so the log tells days, not hours."
        return section("hours", "The hours of the work are not recorded", paragraph(words), short="Hours")
    title = _hours_title(table, whole)
    alt = f"Fields by weekday and hour, fuller where the work costs more. {title}. {_peak(table)} costs most."
    figure = draw(
        lambda ax: plot_hours(run.demand, currency, ax),
        name="hours-strip", alt=alt, heights=(290, 250),
        caption=f"The fuller a field, the more it cost. {_peak(table)}: {money(table.to_numpy().max(), currency)}.",
    )  # fmt: skip
    return section("hours", title, figure, basis(run, "work"), short="Hours")


def by_week(run: Run) -> Html:
    """Show the cost week by week."""
    if run.demand_by_week.empty:
        return Html()
    costs, currency = weekly(run.demand_by_week, run.window.start, run.window.end), run.policy.currency
    middle = float(costs.median()) if len(costs) else 0.0
    if len(costs) < 5 or middle <= 0:
        return Html()
    most, least = costs.max(), costs.min()
    title = f"A middle week costs {money(middle, currency)}; the busiest {percent(most / middle - 1)} more"
    alt = f"Bars of cost to serve by week. {title}. The quietest: {money(least, currency)}."
    figure = draw(lambda ax: plot_weeks(costs, currency, ax), name="weeks-bars", alt=alt, heights=(220, 200))
    return section("weeks", title, figure, basis(run, "work"), short="Weeks")


def unasked(run: Run) -> Html:
    """List the work that nobody asked for by who started it."""
    rows, currency = run.unasked, run.policy.currency
    if run.demand.empty:
        return Html()
    if rows.empty:
        words = "No work is marked as unasked. Where the log does not record who asked, it cannot be told."
        return section("unasked", "No work is marked as unasked", paragraph(words), short="Unasked work")
    by_whom = rows.fillna({"department": ""}).groupby("department")["cost"].sum().sort_values(ascending=False)
    whole, first = told_sum(run, "unasked_work"), float(by_whom.iloc[0])
    lead = f"{money(whole, currency)} of work nobody asked for"
    title = join(f"{lead}; most of it started with ", _who(by_whom.index[0]))
    if len(by_whom) == 1:
        title = join(f"{lead}, started by ", _who(by_whom.index[0]))
    elif first * 2 < whole:
        title = join(f"{lead}; {percent(first / whole)} started with ", _who(by_whom.index[0]))
    if not plain(by_whom.index[0]):
        title = Html(f"{lead}; for {percent(first / whole)} of it no department is recorded")
    shown = [
        tables.Column("Work", lambda row: name(titled(row["activity"])), number=False),
        tables.Column("Started by", lambda row: _who(row["department"]), number=False),
        tables.Column("Channel", lambda row: _channel(row["channel"]), number=False),
        tables.count("Accounts", "accounts"),
        tables.count("Pieces of work", "events"),
        tables.change("Cost", "cost"),
        tables.share("Unasked share", "share"),
    ]
    more = f"; the {LISTED} costliest of {count(len(rows))}" if len(rows) > LISTED else ""
    caption = (
        f"Work offered unasked, {currency}; the share is of all such work of that department by that channel{more}"
    )
    return section(
        "unasked", title, tables.table(rows.head(LISTED), shown, caption), basis(run, "work"), short="Unasked work"
    )


def who_gets_it(run: Run) -> Html:
    """List the accounts with most unasked and out-of-scope work."""
    accounts, currency = run.accounts, run.policy.currency
    cost = accounts["unrequested_cost"].fillna(0) + accounts["out_of_scope_cost"].fillna(0)
    some = accounts.assign(both=cost)[cost > 0]
    if some.empty:
        return Html()
    ranked = some.sort_values(["both", "customer_id"], ascending=[False, True])
    lead, rest = float(ranked["both"].head(LISTED).sum()), float(ranked["both"].sum())
    title = (
        f"{count(LISTED)} of {counted(len(ranked), 'account')} take {percent(lead / rest)} of the unasked and "
        "out-of-scope work"
        if len(ranked) > LISTED
        else f"{counted(len(ranked), 'account')} {agree(len(ranked), 'gets', 'get')} work unasked or out of scope"
    )
    shown = [
        linked(run),
        tables.change("Cost to serve", "cost_to_serve"),
        tables.change("Unasked", "unrequested_cost"),
        tables.change("Out of scope", "out_of_scope_cost"),
        tables.change("Our failures", "failure_cost"),
        tables.money("Net margin", "net_margin"),
    ]
    listed = tables.table(ranked.head(LISTED), shown, f"Most unasked and out-of-scope work first, {currency}")
    return section("who-gets-it", title, listed, basis(run, "work"), short="Who gets it")


def standing_ready(run: Run) -> Html:
    """Say what standing ready costs, and how many want it."""
    if run.offers.empty:
        return Html()
    cards = [card(_ready_title(row, run), _ready_words(row, run)) for row in run.offers.to_dict("records")]
    return section("ready", _ready_heading(run), *cards, basis(run, "work", "capacity"), short="Standing ready")


def ready_in_words(row: dict[str, object], run: Run) -> str:
    """Say in one sentence what a resource that stands ready costs and how many of those that said want it.

    Who has said nothing of it may want it or not.
    """
    cost = money(row["supplied_cost"], run.policy.currency)
    wanting, asked, everyone = (int(row[f"accounts{name}"]) for name in ("_wanting", "_asked", ""))  # type: ignore[call-overload]
    who = "nobody" if not wanting else count(wanting)
    of = counted(everyone, "account") if asked >= everyone else f"the {counted(asked, 'account')} that spoke of it"
    wants = f"{who} of {of} {agree(wanting or 1, 'wants', 'want')} it"
    if asked < 2:
        wants = "nobody has said whether it is wanted"
        if asked:
            wants = f"the one account that spoke of it {'wants' if wanting else 'does not want'} it"
    return f"The {spoken(row['standby'])} costs {cost} {per_window(run.window.months)}; {wants}"


def _ready_heading(run: Run) -> str:
    cost = run.offers.drop_duplicates("standby")
    whole, unused = float(cost["supplied_cost"].sum()), told_sum(run, "standing_ready")
    rest = f", of which {amount(unused)} stood unused" if unused > 0 else ", all of it used"
    return f"Standing ready costs {money(whole, run.policy.currency)}{rest}"


def _ready_title(row: dict[str, object], run: Run) -> Html:
    return join(name(ready_in_words(row, run), longest=200))


def _ready_words(row: dict[str, object], run: Run) -> str:
    what = in_a_sentence(service_title(run, row["attribute"]))
    entitled, using, beyond = (int(row[key]) for key in ("accounts_entitled", "accounts_using", "using_unentitled"))  # type: ignore[call-overload]
    words = [f"{counted(entitled, 'account').capitalize()} {agree(entitled, 'is', 'are')} entitled to {what}."]
    if using:
        some = "" if beyond == using else f"{count(beyond)} of them "
        without = f", {some}without being entitled to it" if beyond else ""
        words.append(f"{counted(using, 'account').capitalize()} got some{without}.")
    else:
        words.append("No account got any.")
    asked = int(row["accounts_asked"])  # type: ignore[call-overload]
    silent = int(row["accounts"]) - asked  # type: ignore[call-overload]
    if silent > 0:
        words.append(f"{counted(silent, 'account').capitalize()} {agree(silent, 'has', 'have')} said nothing of it.")
    words += _wanted(row, run)
    return " ".join(words)


def _wanted(row: dict[str, object], run: Run) -> list[str]:
    """Say how much those that want it want, what that is worth at the least, and how many want next to none."""
    words, per = [], unit(run, row["attribute"])
    if is_known(row["who_wants"]):
        worth = f", work of {money(row['worth_wanted'], run.policy.currency)}" if is_known(row["worth_wanted"]) else ""
        words.append(f"Wanted {per}: {level(row['units_wanted'])}{worth} ({row['who_wants']}).")
    little = row["accounts_wanting_little"]
    if is_known(little) and int(little):  # type: ignore[call-overload]
        some = int(little)  # type: ignore[call-overload]
        words.append(
            f"{counted(some, 'account').capitalize()} {agree(some, 'wants', 'want')} less of it than one piece of such "
            "work, which is had without standing ready."
        )
    return words


def _parts(run: Run) -> dict[str, float]:
    return {column: float(run.accounts[column].astype(float).sum()) for column, _ in PARTS}


def _busiest(run: Run) -> Html:
    costs = by(run.demand, "channel")
    share = float(costs.iloc[0]) / (float(costs.sum()) or 1.0)
    if len(costs) < 2:
        return Html()
    if costs.index[0] == "Not recorded":
        return Html(f"For {percent(share)} of the cost no channel is recorded.")
    return join(f"{percent(share)} of the cost comes by one channel: ", name(spoken(costs.index[0]).lower()), ".")


def by(demand: pd.DataFrame, column: str) -> pd.Series:
    """Sum the cost by a column's labels, the largest first; the smallest beyond eight become one line.

    Examples
    --------
    >>> by(pd.DataFrame({"channel": ["phone", None, "phone"], "cost": [1.0, 5.0, 2.0]}), "channel").to_dict()
    {'Not recorded': 5.0, 'Phone': 3.0}
    """
    labels = demand[column].map(lambda key: titled(key, 34) if isinstance(key, str) and key.strip() else "Not recorded")
    sums = demand["cost"].astype(float).groupby(labels).sum().sort_values(ascending=False, kind="stable")
    sums = sums[sums.round(2) > 0]
    if len(sums) <= MOST_BARS:
        return sums
    rest = sums.iloc[MOST_BARS - 1 :]
    return pd.concat([sums.iloc[: MOST_BARS - 1], pd.Series({f"{len(rest)} others": rest.sum()})])


def _bars(run: Run, column: str, one: str, short: str) -> Html:
    costs, currency = by(run.demand, column), run.policy.currency
    if costs.empty:
        return Html()
    first, share = str(costs.index[0]), percent(float(costs.iloc[0]) / float(costs.sum()))
    if list(costs.index) == ["Not recorded"]:
        words = f"The log records no {one}."
        return section(one, f"By {one}: not recorded", paragraph(words), short=short)
    title = join(name(first), f" takes {share} of the cost" if len(costs) > 1 else " takes all of the cost")
    if first == "Not recorded":
        title = Html(f"For {share} of the cost no {one} is recorded")
    lines = "; ".join(f"{what} {money(cost, currency)}" for what, cost in costs.items())
    figure = draw(
        lambda ax: plot_cost_groups(costs, currency, ax),
        name=f"{one}-bars", alt=f"Bars of cost to serve by {one}: {lines}.",
        heights=(cost_groups.height(costs),) * 2, width=HALF,
    )  # fmt: skip
    return section(one, title, figure, basis(run, "work"), short=short)


def _hours_title(table: pd.DataFrame, whole: float) -> str:
    weekend = float(table.loc[6:7].to_numpy().sum()) / whole
    outside = [hour for hour in table.columns if hour < EARLY or hour >= LATE]
    evenings = float(table.loc[1:5, outside].to_numpy().sum()) / whole
    late, free = f"before {EARLY}:00 or from {LATE}:00 on", "at weekends"
    if evenings > 0 and weekend > 0:
        return f"{percent(evenings)} of the cost falls {late}, {percent(weekend)} {free}"
    if evenings > 0:
        return f"{percent(evenings)} of the cost falls {late}, none {free}"
    return f"{percent(weekend)} of the cost falls {free}" if weekend > 0 else "All work falls into office hours"


def _peak(table: pd.DataFrame) -> str:
    weekday = int(table.max(axis=1).idxmax())
    hour = int(table.loc[weekday].idxmax())
    return f"{WEEKDAYS[weekday - 1]} from {hour}:00 to {hour + 1}:00"


def _who(department: object) -> Html:
    return name(spoken(department), fallback="a department not recorded")


def _channel(channel: object) -> Html:
    return name(titled(channel), fallback="not recorded") if isinstance(channel, str) else Html("not recorded")
