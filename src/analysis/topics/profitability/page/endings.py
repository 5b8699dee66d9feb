"""Full and avoidable cost: what the accounts earn either way, and what ending some of them would really change."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, amount, count, counted, is_known, money, some
from analysis.reporting import tables
from analysis.reporting.basis import basis
from analysis.reporting.fragments import paragraph, section
from analysis.reporting.known import idle
from analysis.reporting.links import linked
from analysis.reporting.markup import Child, Html
from analysis.reporting.told import told_count, told_sum
from analysis.run import Run

LISTED = 8


def both_margins(run: Run) -> Html:
    """Set the margin at full cost beside the margin at avoidable cost, for all accounts and for those that cost."""
    known = run.accounts[run.accounts["net_margin"].notna() & run.accounts["avoidable_cost"].notna()]
    if idle(known).all():
        return Html()
    losers, currency = known[known["net_margin"] < 0], run.policy.currency
    full = float((known["net_revenue"] - known["net_margin"]).sum())
    title = (
        f"Of the {money(full, currency)} that the accounts cost, "
        f"{money(known['avoidable_cost'].sum(), currency)} is known to go with them"
    )
    frame = _lines({"all": known, "losers": losers})
    shown = [
        tables.Column("Line", lambda row: row["line"], number=False),
        tables.money("All, full cost", "all_full"),
        tables.money("All, avoidable cost", "all_avoidable"),
    ]
    if len(losers) and len(losers) < len(known):
        who = f"The {count(len(losers))} that cost"
        shown += [
            tables.money(f"{who}, full cost", "losers_full"),
            tables.money(f"{who}, avoidable cost", "losers_avoidable"),
        ]
    words = (
        "Full cost holds goods, freight, waiting for money and what the work took of the capacity. Avoidable cost is "
        "the part known to go if the account went; where the costing states no share, the work counts as staying."
    )
    freed = float(losers["freed_value"].fillna(0).sum())
    if round(freed):
        words += (
            f" What freed time would bring, {money(freed, currency)} with those that cost, is in neither: ending an "
            "account adds it."
        )
    table = tables.table(frame, shown, f"Both margins, {currency}")
    return section(
        "both-margins", title, paragraph(words), table, basis(run, "sales", "goods", "work", "money"),
        short="Full and avoidable",
    )  # fmt: skip


def if_ended(run: Run) -> Html:
    """Show what ending each account that costs more than it brings would really change."""
    losers = run.accounts[(run.accounts["net_margin"] < 0) & run.accounts["gain_if_ended"].notna()]
    if losers.empty:
        return Html()
    currency, order = run.policy.currency, losers["gain_if_ended"].abs().sort_values(ascending=False, kind="stable")
    shown = [
        linked(run),
        tables.money("Revenue lost", "net_revenue"),
        tables.money("Cost saved", "avoidable_cost"),
        tables.money("Freed capacity brings", "freed_value"),
        tables.money("Ending it adds", "gain_if_ended"),
        tables.Column("Avoidable share known", lambda row: known_part(row["avoidable_known"]), number=False),
    ]
    top = losers.loc[order.index].head(LISTED)
    caption = (
        f"Largest changes first{_of(top, losers)}, {currency}; before exit costs and what other accounts make of it"
    )
    return section(
        "if-ended", _title(losers, run), *[paragraph(words) for words in _notes(losers, currency)],
        tables.table(top, shown, caption), basis(run, "sales", "goods", "work", "money"), short="If they went",
    )  # fmt: skip


def ending_one(account: pd.Series, currency: str) -> list[Child]:
    """Say what ending one account would change, line by line."""
    if not is_known(account["gain_if_ended"]):
        return []
    lines: list[Child] = [
        f"Revenue lost: {money(account['net_revenue'], currency)}.",
        f"Cost that would go: {money(account['avoidable_cost'], currency)}"
        + ("." if _is_known_whole(account["avoidable_known"]) else "; of the rest the avoidable share is unknown."),
    ]
    if is_known(account["service_minutes"]) and account["service_minutes"] > 0:
        lines.append(_freed(account["freed_value"], currency, "the time that it takes"))
    gain = float(account["gain_if_ended"])
    if round(gain) == 0:
        return [*lines, "In all, ending it would change nothing."]
    verb = "add" if gain > 0 else "take"
    return [*lines, f"In all, ending it would {verb} {money(abs(gain), currency)}, before exit costs."]


def known_part(flag: object) -> str:
    """Say whether the avoidable share of all of an account's cost is known."""
    return "in full" if _is_known_whole(flag) else "in part"


def _is_known_whole(flag: object) -> bool:
    return flag is not None and flag == flag and flag is not pd.NA and bool(flag)


def _lines(groups: dict[str, pd.DataFrame]) -> pd.DataFrame:
    rows = {"line": ["Net revenue", "Costs", "Margin"]}
    frame = pd.DataFrame(rows)
    for key, accounts in groups.items():
        revenue = float(accounts["net_revenue"].sum())
        for kind, margin in (("full", accounts["net_margin"]), ("avoidable", accounts["avoidable_margin"])):
            kept = float(margin.sum())
            frame[f"{key}_{kind}"] = [revenue, kept - revenue, kept]
    return frame


def _title(losers: pd.DataFrame, run: Run) -> str:
    currency, gains = run.policy.currency, told_sum(run, "ending_gains")
    better, whole = told_count(run, "ending_gains_accounts"), told_sum(run, "ending_them_adds")
    if len(losers) == 1:
        verb = "add" if whole >= 0 else "take"
        return f"Ending the one account that costs more than it brings would {verb} {money(abs(whole), currency)}"
    who = f"{count(len(losers))} accounts that cost more than they bring"
    lead = f"Of the {who}, ending {some(better)} would add money"
    if not better:
        return f"{lead}; all of them together would take {money(-whole, currency)}"
    if better == len(losers):
        return f"Ending the {who} would add {money(whole, currency)}"
    added, taken = money(gains, currency), money(gains - whole, currency)
    return f"{lead}, {added}; ending the others would take {taken}"


def _notes(losers: pd.DataFrame, currency: str) -> list[str]:
    taken = agree(len(losers), "the time that it takes", "the time that they take")
    takes_time = bool((losers["service_minutes"].fillna(0) > 0).any())
    notes = [_freed(losers["freed_value"].sum(), currency, taken)] if takes_time else []
    unknown = int((~losers["avoidable_known"].astype("boolean").fillna(False)).sum())
    if unknown:
        verb = agree(unknown, "uses a resource that states", "use resources that state")
        notes.append(
            f"{counted(unknown, 'account').capitalize()} {verb} no avoidable share: that part counts as staying."
        )
    return [" ".join(notes)] if notes else []


def _freed(value: object, currency: str, what: str) -> str:
    if is_known(value) and round(float(value)):  # type: ignore[arg-type]
        return f"The costing says that {what} could be sold or used for {money(value, currency)}."
    return f"The costing names no use for {what}, so freed time counts as no money."


def _of(top: pd.DataFrame, whole: pd.DataFrame) -> str:
    return f", {amount(len(top))} of {count(len(whole))}" if len(top) < len(whole) else ""
