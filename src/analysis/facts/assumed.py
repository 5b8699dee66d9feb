"""What was assumed, by amount: how much money of the run rests on a choice of the policy and not on a record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from analysis.formats import percent

if TYPE_CHECKING:
    import pandas as pd

    from analysis.portfolio import Portfolio

WINDOW = "in the window"


def assumed(p: Portfolio) -> list[dict[str, Any]]:
    """Return what was assumed, the largest amount first; what comes to nothing is left out.

    Each is a mapping with `key`, `what` (in words), `amount` (of money, 0 or more) and `base` (what the amount is of:
    the window, or the months ahead).
    """
    ahead = f"over {p.policy.finance.horizon_months} months"
    rows = [*_of_the_window(p), *((*row, ahead) for row in _of_the_future(p))]
    found = [
        {"key": key, "what": what, "amount": round(abs(amount), 2), "base": base}
        for key, what, amount, base in rows
        if amount == amount and round(abs(amount), 2)
    ]
    return sorted(found, key=lambda row: (-float(row["amount"]), str(row["key"])))


def _of_the_window(p: Portfolio) -> Iterator[tuple[str, str, float, str]]:
    accounts, finance = p.ledger.accounts, p.policy.finance
    share = p.policy.costs.cogs_share
    stated = f"at the policy's {percent(share)} of sales" if share is not None else "at known ratios"
    yield "goods", f"cost of goods that no line gives, {stated}", _sum(accounts, "assumed_cogs"), WINDOW
    yield (
        "minutes",
        "cost of work whose minutes are not logged, by the costing's time equations",
        _not_logged(p.activities),
        WINDOW,
    )
    what = "cost of work that counts as staying, for want of a stated avoidable share"
    yield "avoidable", what, _sum(accounts, "unknown_work"), WINDOW
    rate = percent(finance.receivables_rate)
    yield "waiting", f"waiting for money, at {rate} a year", _sum(accounts, "financing_cost"), WINDOW


def _of_the_future(p: Portfolio) -> Iterator[tuple[str, str, float]]:
    accounts, value = p.accounts, p.policy.value
    rate = percent(p.policy.finance.discount_rate)
    yield "future", f"margins to come that stay as they are, at {rate} a year", _sum(accounts, "clv")
    uplift = percent(value.rescue.uplift[1])
    what = f"the most that efforts to keep accounts are worth, where one raises the chance by {uplift}"
    yield "uplift", what, _sum(accounts, "save_budget")
    share = percent(value.referral.share[1])
    what = f"value of accounts brought in, of which {share} would not have come otherwise"
    yield "referrals", what, _sum(accounts, "referral_value")
    steps = accounts.action_value.astype("float64")
    yield "steps", "what the recommended steps add, by the policy's `actions`", float(steps[steps > 0].sum())


def _not_logged(activities: pd.DataFrame) -> float:
    known = activities[activities.minutes > 0]
    share = 1.0 - known.logged_minutes.astype("float64").fillna(0.0) / known.minutes.astype("float64")
    return float((share.clip(lower=0.0) * known.cost.astype("float64")).sum())


def _sum(accounts: pd.DataFrame, column: str) -> float:
    return float(accounts[column].astype("float64").sum()) if column in accounts else 0.0
