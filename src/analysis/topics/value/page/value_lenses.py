"""Three lenses side by side: where accounting, the lifetime and the relationship would decide differently."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, amount, count, counted, is_known, listed, money, some
from analysis.reporting import tables
from analysis.reporting.basis import basis
from analysis.reporting.fragments import bullets, section
from analysis.reporting.known import flags
from analysis.reporting.links import linked, with_names
from analysis.reporting.markup import Child, Html
from analysis.run import Run

EACH = 4
LENSES = {
    "accounting_keeps": "accounting",
    "full_cost_keeps": "full cost",
    "avoidable_keeps": "avoidable cost",
    "relationship_keeps": "relationship",
}


def three_lenses(run: Run) -> Html:
    """Say where the lenses differ, and list those with most at stake."""
    every, currency = run.lenses, run.policy.currency
    told = every[every["clv_avoidable"].notna()]
    if not told["clv_avoidable"].any():
        return Html()
    differ = told[flags(told["differ"])]
    top = with_names(run, _telling(differ))
    shown = [
        linked(run),
        tables.Column("Fees that remain", _fees),
        tables.change("Exit fee", "exit_fee"),
        tables.change("First sale", "first_sale"),
        tables.money("Value, full cost", "clv"),
        tables.money("Value, avoidable", "clv_avoidable"),
        tables.money("With referrals", "relationship_value"),
        tables.Column("Worth an effort to", _who_keeps, number=False),
    ]
    caption = f"Of each way in which the lenses differ, those with most at stake, {currency}"
    rows = tables.table(top, shown, caption, empty="Nowhere would they decide differently.")
    label = basis(run, "sales", "goods", "work", "money", "future")
    return section("lenses", _title(told, differ), bullets(_findings(told, currency)), rows, label, short="Lenses")


def _fees(row: tables.Row) -> str:
    """Tell the fees that remain; of a contract without an end none is fixed."""
    fees, ends = row["contract_value"], row["open_ended"]
    if is_known(ends) and bool(ends):
        return f"{amount(fees)} and open-ended" if is_known(fees) and fees else "open-ended"
    return amount(fees) if is_known(fees) else ""


def _title(told: pd.DataFrame, differ: pd.DataFrame) -> str:
    whole = counted(len(told), "account")
    if differ.empty:
        return f"The lenses agree on {agree(len(told), 'the one account', 'all ' + whole)}"
    verb = agree(len(differ), "looks", "look")
    return f"{count(len(differ))} of {whole} {verb} worth an effort through one lens and not through another"


def _telling(differ: pd.DataFrame) -> pd.DataFrame:
    """Give the accounts with most at stake of each way in which the lenses differ."""
    ranked = differ.assign(stake=differ["clv_avoidable"].abs()).sort_values(
        ["stake", "customer_id"], ascending=[False, True]
    )
    ways = ranked.groupby(list(LENSES), dropna=False)
    first = ways["stake"].transform("max")
    return ways.head(EACH).assign(way=first).sort_values("way", ascending=False, kind="stable")


def _findings(told: pd.DataFrame, currency: str) -> list[Child]:
    """Say what each pair of lenses disagrees on, and what hangs on it."""
    full, avoidable = told["full_cost_keeps"], told["avoidable_keeps"]
    found: list[Child] = []
    hidden = told[flags(avoidable) & flags(~told["accounting_keeps"])]
    if len(hidden):
        worth = money(hidden["clv_avoidable"].sum(), currency)
        found.append(
            f"Of {counted(len(hidden), 'account')} accounting sees nothing that remains, and without "
            f"{agree(len(hidden), 'it', 'them')} we would be {worth} worse off."
        )
    carried = told[flags(avoidable) & flags(~full)]
    if len(carried):
        worth, cost = money(carried["clv_avoidable"].sum(), currency), money(-carried["clv"].sum(), currency)
        verb = agree(len(carried), "loses", "lose")
        found.append(
            f"{counted(len(carried), 'account').capitalize()} {verb} {cost} at full cost, yet without "
            f"{agree(len(carried), 'it', 'them')} we would be {worth} worse off: much of the cost would stay."
        )
    locked = told[flags(told["accounting_keeps"]) & flags(~avoidable)]
    if len(locked):
        found.append(
            f"Of {counted(len(locked), 'account')} fees remain, and keeping "
            f"{agree(len(locked), 'it', 'them')} costs more than {agree(len(locked), 'it brings', 'they bring')}."
        )
    saved = told[flags(told["relationship_keeps"]) & flags(~avoidable)]
    if len(saved):
        verb = agree(len(saved), "is", "are")
        found.append(
            f"{some(len(saved)).capitalize()} {verb} worth keeping only for the accounts that came through them."
        )
    return found


def _who_keeps(row: tables.Row) -> str:
    kept = [words for column, words in LENSES.items() if row[column] is not pd.NA and bool(row[column])]
    known = [words for column, words in LENSES.items() if row[column] is not pd.NA]
    others = [words for words in known if words not in kept]
    return f"all but {others[0]}" if len(others) == 1 and len(kept) > 1 else listed(kept)
