"""Why accounts cost more than their peers: the drivers of the gap, for the portfolio and for one account."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, count, counted, in_a_sentence, money
from analysis.ledger.drivers import WORK_DRIVERS
from analysis.reporting import tables
from analysis.reporting.basis import basis
from analysis.reporting.drawing import draw
from analysis.reporting.fragments import bullets, folded, paragraph, section
from analysis.reporting.labels import EFFECTS, driver_title
from analysis.reporting.markup import Child, Html, name
from analysis.run import Run
from analysis.topics.profitability.figures.parts import height, plot_parts

LISTED, TOLD = 5, 4
MEANING = (
    "Each account is set against like accounts, the nearest in list revenue, at its own list revenue; a part to the "
    "right is what it costs more than they do, to the left what it costs less. The parts sum to the gap: they say "
    "where the difference lies, and not that it would go with the part."
)


def why(run: Run) -> Html:
    """Show which drivers cost most across the accounts that lose money."""
    losers = run.accounts.loc[run.accounts["net_margin"] < 0, "customer_id"]
    rows = run.reasons[run.reasons["customer_id"].isin(losers)]
    if rows.empty:
        return Html()
    currency, sums = run.policy.currency, _sums(rows)
    number = int(rows["customer_id"].nunique())
    unlike = len(losers) - number
    notes = [MEANING]
    if unlike:
        verb = agree(unlike, "has", "have")
        notes.append(f"{counted(unlike, 'account').capitalize()} without sales {verb} no peers to be set against.")
    figure = _figure(sums["amount"], "why-figure", currency, "the accounts that lose money")
    return section(
        "why", _title(sums, number, currency), paragraph(" ".join(notes)), figure,
        basis(run, "sales", "goods", "work", "money"), _moved(sums, currency), short="Why",
    )  # fmt: skip


def _why_no_peers(run: Run, customer_id: str) -> str:
    mine = run.accounts.loc[run.accounts["customer_id"] == customer_id, "list_revenue"].fillna(0.0)
    if (mine > 0).any():
        return "No other account whose margin is known has list revenue, so there are none to set it against."
    return "It has no list revenue, so there are no like accounts to set it against."


def why_one(run: Run, customer_id: str) -> list[Child]:
    """Say why one account earns less, or more, than like accounts: sentences, the parts as bars, what moves them."""
    rows = run.reasons[run.reasons["customer_id"] == customer_id].sort_values("rank")
    if rows.empty:
        return [paragraph(_why_no_peers(run, customer_id))]
    currency, gap = run.policy.currency, float(rows["amount"].sum())
    peers = name(rows["peers"].iloc[0], longest=120)
    way = "less" if gap >= 0 else "more"
    costly = rows[rows["amount"].round() > 0].head(TOLD)
    sums = _sums(rows)
    return [
        paragraph(f"At the same list revenue it earns {money(abs(gap), currency)} {way} than ", peers, "."),
        bullets([name(words, longest=300) for words in costly["sentence"]], "plain"),
        _figure(sums["amount"], "why-one-figure", currency, "this account"),
        _moved(sums, currency),
    ]


def _sums(rows: pd.DataFrame) -> pd.DataFrame:
    """Sum amounts and effects by driver, the dearest first."""
    sums = rows.groupby("driver")[["amount", *EFFECTS]].sum().astype(float)
    sums = sums[sums["amount"].round() != 0].sort_values("amount", ascending=False, kind="stable")
    return sums.rename(index=driver_title)


def _figure(parts: pd.Series, key: str, currency: str, of: str) -> Html:
    lines = "; ".join(f"{label} {money(part, currency)}" for label, part in parts.items())
    tall = height(parts)
    return draw(
        lambda ax: plot_parts(parts, currency, ax),
        name=key,
        alt=f"Bars of what {of} cost more or less than like accounts at the same list revenue: {lines}.",
        heights=(tall, tall),
        caption=f"Against like accounts at the same list revenue, {currency}.",
    )


def _moved(sums: pd.DataFrame, currency: str) -> Html:
    """Set what moves the dearest drivers of work: more of it, another channel, more minutes each, dearer minutes."""
    work = sums.index.isin([driver_title(code) for code in WORK_DRIVERS])
    rows = sums[work & (sums["amount"] > 0)].head(LISTED).rename_axis("driver").reset_index()
    shown = [
        tables.Column("Driver", lambda row: row["driver"], number=False),
        tables.change("More than peers", "amount"),
        *[tables.change(heading, column) for column, heading in EFFECTS.items()],
    ]
    caption = f"Against like accounts, {currency}: more of it, another channel, longer or dearer work"
    return folded("What moves the dearest work", tables.table(rows, shown, caption))


def _title(sums: pd.DataFrame, number: int, currency: str) -> str:
    who = "The account that loses money" if number == 1 else f"The {count(number)} accounts that lose money"
    first = sums.iloc[0] if len(sums) else None
    if first is None or first["amount"] <= 0:
        return f"{who} {agree(number, 'costs', 'cost')} no more than like accounts do"
    what = in_a_sentence(str(first.name))
    lead = f"What weighs most is {what}: {money(first['amount'], currency)} more than at like accounts"
    return f"{lead}, across {count(number)} accounts that lose money" if number > 1 else lead
