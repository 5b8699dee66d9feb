"""What standing ready costs against who is entitled to it and who wants it; and what was agreed but nobody wants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.data.contract import conform
from analysis.policy import ServiceAttribute

if TYPE_CHECKING:
    import pandas as pd

NAMED = 10
HAIR = 1e-9


def wants(levels: pd.DataFrame) -> pd.Series[bool]:
    """Return whether each account says that it wants the attribute.

    It asked for a level above 0; or, where it named none, wants more, or wants what it has as now.

    Parameters
    ----------
    levels
        expected, wish, delivered.
    """
    wish = levels.wish.fillna("")
    as_now = (wish == "as_now") & (levels.delivered > 0)
    found: pd.Series[bool] = (levels.expected > 0) | (levels.expected.isna() & ((wish == "more") | as_now))
    return found


def wanted_units(levels: pd.DataFrame) -> pd.Series[float]:
    """Return how much of an attribute each account wants per period: what it asked for, else what it gets as now.

    Unlimited, or more without an amount, is at least what it gets; empty where it does not want the attribute.
    """
    import numpy as np

    asked = levels.expected.where(np.isfinite(levels.expected.astype("float64")), levels.delivered)
    return asked.where(wants(levels))


def offers(
    levels: pd.DataFrame,
    accounts: pd.DataFrame,
    work: pd.DataFrame,
    resources: pd.DataFrame,
    attributes: Mapping[str, ServiceAttribute],
    pieces: Mapping[str, float],
    unit_costs: Mapping[str, float],
) -> pd.DataFrame:
    """Return `tables/offers`: for each attribute with a resource that stands ready for it, its cost and who wants it.

    An account wants a standing offer where it wants at least one piece of such work in a period, or says that it wants
    more or all there is: five minutes a month are had without anybody standing ready. What it wants is worth at least
    what that work costs, so far as anything tells; its revenue is no worth of it.

    Parameters
    ----------
    levels
        customer_id, attribute, entitled, expected, wish, delivered, periods: of customers of the window.
    accounts
        customer_id, net_revenue: those that were.
    work
        customer_id, attribute, cost: what was delivered.
    resources
        The table of that name.
    pieces, unit_costs
        By attribute, the units of a piece of its work, and the cost of a unit, over all accounts.
    """
    import pandas as pd

    rows = []
    revenue = accounts.set_index("customer_id").net_revenue
    for name, attribute in sorted(attributes.items()):
        if not attribute.standby:
            continue
        mine = levels[(levels.attribute == name) & levels.customer_id.isin(accounts.customer_id)]
        entitled, wish = mine.customer_id[mine.entitled > 0], wants(mine)
        units = wanted_units(mine)
        whole = (mine.expected == float("inf")) | (mine.expected.isna() & (mine.wish == "more").fillna(False))
        some = wish & (whole | (units >= pieces.get(name, 1.0) * (1 - HAIR)))
        wanting, amounts = mine.customer_id[some], units[some].fillna(0.0)
        worth = float((amounts * mine.periods[some]).sum()) * unit_costs.get(name, float("nan"))
        done = work[(work.attribute == name) & work.customer_id.isin(accounts.customer_id)]
        using = pd.Index(done.customer_id.unique())
        ready = resources[resources.resource == attribute.standby].iloc[0]
        rows.append(
            {
                "attribute": name,
                "standby": attribute.standby,
                **{cost: ready[cost] for cost in ("supplied_cost", "used_cost", "unused_cost")},
                "accounts_entitled": len(entitled),
                "accounts_wanting": len(wanting),
                "revenue_wanting": revenue.reindex(wanting).sum(min_count=min(1, len(wanting))),
                "accounts_wanting_little": int((wish & ~some).sum()),
                "units_wanted": float(amounts.sum()),
                "worth_wanted": round(worth, 4) if len(wanting) else None,
                "who_wants": _named(wanting, amounts),
                "accounts": len(accounts),
                "accounts_asked": int((mine.expected.notna() | mine.wish.notna()).sum()),
                "accounts_using": len(using),
                "using_unentitled": int((~using.isin(entitled)).sum()),
                "attribute_cost": round(float(done.cost.sum()), 4),
                "revenue_entitled": revenue.reindex(entitled).sum(min_count=min(1, len(entitled))),
            }
        )
    return conform(pd.DataFrame(rows), "offers")


def _named(customers: pd.Series[str], amounts: pd.Series[float]) -> str | None:
    """Return who wants it and how much per period, the most first."""
    order = sorted(zip(customers, amounts, strict=True), key=lambda pair: (-pair[1], pair[0]))
    told = [f"{who}: {units:.4g}" for who, units in order[:NAMED]]
    rest = [f"and {len(order) - NAMED} more"] if len(order) > NAMED else []
    return "; ".join([*told, *rest]) or None


def trades(rows: pd.DataFrame, unit_costs: Mapping[str, float]) -> pd.DataFrame:
    """Return `tables/trades`: what was agreed and is not wanted, whether it was delivered or not.

    Parameters
    ----------
    rows
        As `service.gaps` gives them.
    unit_costs
        Cost of one unit by attribute, over all accounts: for those that got none.
    """
    some = rows[(rows.contradiction == "asks_for_less") | (rows.within_agreement & rows.expected.isna())]
    some = some[some.sign > 0]
    own = (some.cost / some.units).where(some.units > 0)
    each = own.fillna(some.attribute.map(dict(unit_costs)).astype("float64"))
    units = (some.entitled - some.expected).where(some.entitled < float("inf"))
    some = some.assign(
        unwanted_units=units, delivered_cost=some.cost_to_trade, at_stake=(units * some.periods * each).round(4)
    )
    return conform(some.sort_values(["customer_id", "attribute"]), "trades")
