"""How sure the margins are: the total's range, what drives it, and for whom the sign depends on the costs."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, capital, count, counted, is_known, listed, money, money_span, percent
from analysis.reporting import tables
from analysis.reporting.basis import basis
from analysis.reporting.drawing import draw
from analysis.reporting.fragments import paragraph, section
from analysis.reporting.labels import certainty_title
from analysis.reporting.links import linked
from analysis.reporting.markup import Child, Html, element, join, name, spoken
from analysis.reporting.ranges import Sure, sure, why_no_range
from analysis.run import Run
from analysis.topics.profitability.figures.tornado import height, plot_tornado, swings

LISTED = 10


def how_sure(run: Run) -> Html:
    """Show the range of the total, what drives it, and how many signs hold."""
    found = sure(run)
    if found is None:
        return section("how-sure", "How sure we are cannot be said", paragraph(why_no_range(run)), short="How sure")
    currency, factors = run.policy.currency, swings(run.uncertainty)
    lines = "; ".join(f"{line['label']} {money(line['swing'], currency)}" for line in factors.to_dict("records"))
    tall = height(factors)
    figure = draw(
        lambda ax: plot_tornado(run.uncertainty, currency, ax),
        name="tornado-figure",
        alt=f"Tornado of what drives the range of the net margin, the width of each alone: {lines}.",
        heights=(tall, tall),
        caption="Each alone between its 5% and its 95% point, all else as stated; the widest first.",
    )
    words = [paragraph(_total(found, run)), paragraph(signs_in_words(run.accounts))]
    return section(
        "how-sure", _title(factors, currency), *words, figure, paragraph(draws_in_words(found), kind="note"),
        basis(run, "work", "ranges"), short="How sure",
    )  # fmt: skip


def sensitive_accounts(run: Run) -> Html:
    """List the accounts whose sign depends on where in their ranges the costs lie, with their tipping points."""
    rows = sensitive(run.accounts)
    if sure(run) is None or run.accounts.empty:
        return Html()
    if rows.empty:
        return section("sensitive", "No account's sign depends on the cost ranges", short="May go either way")
    shown = [
        linked(run),
        tables.money("Net margin", "net_margin"),
        tables.interval("Range", rows.head(LISTED), "net_margin_low", "net_margin", "net_margin_high"),
        tables.share("Chance of a loss", "p_unprofitable"),
        tables.Column("It turns at", lambda row: element("span", tipping_in_words(row)), number=False),
    ]
    title = f"{counted(len(rows), 'account')} may earn or cost, depending on where in their ranges the costs lie"
    cut_to = f", {count(LISTED)} of {count(len(rows))}" if len(rows) > LISTED else ""
    table = tables.table(rows.head(LISTED), shown, f"Nearest to even odds first{cut_to}, {run.policy.currency}")
    words = paragraph("The tipping point is the error in one rate, all else as stated, that would turn the account.")
    return section("sensitive", title, words, table, basis(run, "work", "ranges"), short="May go either way")


def verdict_in_words(account: pd.Series) -> str:
    """Say in a sentence whether an account's sign is sure."""
    words = verdict(account)
    return f"it {words} more than it {'brings' if words.endswith('costs') else 'costs'}" if words else ""


def sensitive(accounts: pd.DataFrame) -> pd.DataFrame:
    """Find the accounts whose sign is not sure, nearest to even odds first."""
    rows = accounts[accounts["certainty"].astype("string") == "sensitive"]
    odds = (rows["p_unprofitable"].astype(float) - 0.5).abs()
    return rows.assign(_odds=odds).sort_values(["_odds", "customer_id"]).drop(columns="_odds")


def tipping_in_words(account: object) -> Child:
    """Say at which error of which rate an account turns: "12% more for the field team"."""
    row = dict(account)  # type: ignore[call-overload]
    change, resource = row.get("tipping_change"), row.get("tipping_resource")
    if not is_known(change) or not isinstance(resource, str):
        return "no one rate turns it"
    size = abs(float(change))
    way = "more" if float(change) >= 0 else "less"
    return join(f"{percent(size)} {way} for the ", name(spoken(resource)))


def signs_in_words(accounts: pd.DataFrame, *, open_ones: bool = True) -> str:
    """Say for how many accounts the sign holds over the cost ranges, and for how many it is open."""
    counts = accounts["certainty"].astype("string").value_counts()
    earn, cost = int(counts.get("surely_positive", 0)), int(counts.get("surely_negative", 0))
    either = int(counts.get("sensitive", 0))
    parts = [
        f"{counted(earn, 'account')} surely {agree(earn, 'earns', 'earn')}",
        f"{count(cost) if cost else 'none'} surely {agree(cost, 'costs', 'cost')} more than "
        f"{agree(cost, 'it brings', 'they bring')}",
    ]
    last = f"; {count(either)} may go either way." if either else "."
    words = f"{listed(parts)}{last if open_ones else ''}"
    return capital(words)


def draws_in_words(found: Sure) -> str:
    """Say what the ranges rest on and how far their ends may be off."""
    return (
        f"Ranges run from the 5% to the 95% point over {count(found.draws)} draws of every rate and every activity's "
        f"minutes, each shared by all accounts; the points themselves are good to {percent(found.error)} of the draws."
    )


def verdict(account: pd.Series) -> str:
    """Say whether an account's sign is sure, or nothing where that is not known."""
    code = account["certainty"]
    return certainty_title(code, margin=float(account["net_margin"])) if isinstance(code, str) else ""


def _title(factors: pd.DataFrame, currency: str) -> Html:
    first = factors.iloc[0]
    what = "The rate of the " if first["kind"] == "rate" else "The time taken by "
    doubt = "the one doubt" if len(factors) == 1 else "the largest doubt"
    swing = f" is {doubt} about the margin: {money(first['swing'], currency)} from end to end"
    return join(what, name(spoken(first["factor"])), swing)


def _total(found: Sure, run: Run) -> str:
    span = money_span(found.low, found.high, run.policy.currency)
    cost = "no account costs more than it brings"
    if found.most:
        cost = f"{found.losers} {agree(found.most, 'account costs', 'accounts cost')} more than "
        cost += agree(found.most, "it brings", "they bring")
    if found.open:
        return f"Whether the accounts earn money together is open: {span}. {capital(cost)}."
    if found.high < 0:
        return f"Together the accounts lose {money_span(-found.high, -found.low, run.policy.currency)}; {cost}."
    return f"Together the accounts bring {span}; {cost}."
