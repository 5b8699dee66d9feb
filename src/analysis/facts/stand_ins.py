"""What stands in for sales, goods and payments that are not recorded, and what is in no account (`run.json`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from analysis.formats import amount, counted, money
from analysis.ledger.goods import ACCOUNT, PORTFOLIO, PRODUCT, STATED

if TYPE_CHECKING:
    from analysis.portfolio import Portfolio

#: Where an assumed cost of goods comes from, in words.
RATIOS = {
    ACCOUNT: "at the known ratio of their own account",
    PRODUCT: "at the known ratio of their product",
    PORTFOLIO: "at the known ratio of the portfolio",
}


def stand_in_facts(p: Portfolio) -> list[dict[str, Any]]:
    """Return what was assumed: what, how, lines, accounts, the net revenue that it concerns and its amount."""
    found = [
        {
            "what": "cost of goods",
            "how": row.assumed_from,
            "lines": int(row.lines),
            "accounts": int(row.accounts),
            "net_revenue": round(float(row.net_revenue), 2),
            "amount": round(float(row.cogs), 2),
        }
        for row in p.ledger.assumed_goods.itertuples()
    ]
    if invoices_are_sales(p) and p.ledger.every_line is not None:
        lines = int(p.ledger.every_line.count().to_pandas())
        net = round(p.ledger.transactions_net or 0.0, 2)
        accounts = int((p.accounts.net_revenue != 0).sum())
        sales = {"what": "sales", "how": "invoices", "lines": lines, "accounts": accounts}
        found.append({**sales, "net_revenue": net, "amount": net})
    return found


def invoices_are_sales(p: Portfolio) -> bool:
    """Return whether invoices stand in for the transactions that the dataset does not have."""
    checked = p.opened.checked
    return "transactions" in checked and checked.tables["transactions"].made_of == "invoices"


def unassigned_sales_facts(p: Portfolio) -> dict[str, Any] | None:
    """Return what was sold to nobody that we know in the window; None where nothing was."""
    nobodys = p.ledger.unassigned_sales
    return {**asdict(nobodys), "margin": nobodys.margin} if nobodys.lines else None


def not_measured_facts(p: Portfolio) -> dict[str, Any] | None:
    """Return the accounts whose margin is not known: how many, their revenue and their service; None without any."""
    rows = p.accounts[p.accounts.net_margin.isna() & p.accounts.net_revenue.notna()]
    if rows.empty:
        return None
    service = float(rows.cost_to_serve.sum() + rows.cost_to_obtain.sum())
    return {
        "accounts": len(rows),
        "net_revenue": round(float(rows.net_revenue.sum()), 2),
        "service": round(service, 2),
    }


def payments_facts(p: Portfolio) -> dict[str, Any] | None:
    """Return what became of payments without an invoice, whatever their day; None without payments."""
    placed = p.opened.checked.placed
    return None if placed is None else {**asdict(placed), "beyond": placed.beyond}


def stand_in_words(p: Portfolio) -> Iterator[str]:
    """Yield what was assumed of sales, goods and payments, each with its amount."""
    currency, share = p.policy.currency, p.policy.costs.cogs_share
    for row in stand_in_facts(p):
        if row["what"] == "sales":
            yield (
                f"The data has no transactions: each of {counted(row['lines'], 'invoice')} counts as a sale of its "
                f"amount, net of tax, {money(row['amount'], currency)} in all."
            )
            continue
        how = f"at the policy's {share:.0%} of net amount" if row["how"] == STATED else RATIOS[row["how"]]
        yield (
            f"Cost of goods of {money(row['amount'], currency)}, on {counted(row['lines'], 'line')} of "
            f"{money(row['net_revenue'], currency)} net that give none, is assumed {how}."
        )
    placed = p.opened.checked.placed
    if placed is not None and placed.count:
        yield (
            f"{counted(placed.count, 'payment')} of {money(placed.amount, currency)} name no invoice; "
            f"{amount(placed.placed)} of it pays the oldest open invoices of whoever paid."
        )


def told_apart(p: Portfolio) -> Iterator[str]:
    """Yield what counts in the books and in no account, and payments that pay nothing, each with its amount."""
    nobodys, currency = p.ledger.unassigned_sales, p.policy.currency
    if nobodys.lines:
        yield (
            f"transactions: {counted(nobodys.lines, 'line')} of {money(nobodys.net_revenue, currency)} net name no "
            "customer: they count in the books and the bridge, in no account."
        )
    unknown = not_measured_facts(p)
    if unknown:
        yield (
            f"accounts: the margin of {counted(unknown['accounts'], 'account')} with "
            f"{money(unknown['net_revenue'], currency)} net revenue is not known, for want of cost of goods: they are "
            "in no margin of the bridge."
        )
