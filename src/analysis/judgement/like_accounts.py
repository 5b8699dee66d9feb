"""Service cost set against like accounts': where nothing was agreed or asked, the only comparison there is.

A linear quantile regression (Koenker & Bassett, "Regression Quantiles", Econometrica 46(1), 1978) of the square root of
service cost a year on size, product mix, tenure, industry and our failures, cross-fitted: no account is judged by a
model that has seen it. Why this one and no other: `docs/decisions/like-accounts.md`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.judgement.over_served import threshold
from analysis.judgement.uncertainty import HIGH, LOW, Floats
from analysis.policy import Policy
from analysis.window import Window

if TYPE_CHECKING:
    import pandas as pd

FOLDS = 5
#: Accounts that a model is fitted on at most; the others are only predicted.
FITTED = 3_000
#: Points of the spread of like accounts that chances are told by.
POINTS = 400
BLOCK = 10_000
MIDDLE = 0.5
PENALTY = 0.01
SEED = 1
_X = "x_"
_COLUMNS = (
    *("customer_id", "delivered", "periods", "cost", "peer_level", "peer_high", "over_units"),
    *("over_cost", "over_cost_low", "over_cost_high", "p_over_served", "cost_to_ask"),
)


def likeness(
    accounts: pd.DataFrame,
    mix: pd.DataFrame | None,
    asked: pd.DataFrame | None,
    over: pd.DataFrame,
    window: Window,
) -> pd.DataFrame:
    """Return what each account's service costs and what it is alike in with others.

    Parameters
    ----------
    accounts
        The statement of those that were customers, with `since`, `lines`, `days` and `years`.
    mix
        customer_id, family, amount of the window's sales.
    asked
        customer_id, cases, failed (by us): of the window.
    over
        customer_id, over_cost by stated levels: what like accounts get beyond their levels is no measure of anyone.

    Returns
    -------
    DataFrame
        customer_id, days, years, net_revenue, cost (of service without failure work, in the window), due (the same
        without known over-service), and `x_<what>`: numbers that the model reads.
    """
    import pandas as pd

    rows = accounts.merge(over, on="customer_id", how="left")
    rows = rows.sort_values("customer_id", ignore_index=True)
    cost = rows.cost_to_serve - rows.failure_cost
    found = rows[["customer_id", "days", "years", "net_revenue"]].assign(
        cost=cost, due=(cost - rows.over_cost.fillna(0)).clip(lower=0)
    )
    revenue = rows.list_revenue / rows.years
    began = pd.to_datetime(rows.since)
    tenure = (pd.Timestamp(window.after) - began).dt.days / 365.25
    found[f"{_X}size"] = np.log1p(revenue.clip(lower=0))
    found[f"{_X}no_sales"] = (revenue <= 0).astype("float64")
    found[f"{_X}lines"] = np.log1p(rows.lines.astype("float64").fillna(0) / rows.years)
    found[f"{_X}tenure"] = np.log1p(tenure.fillna(tenure.median() if tenure.notna().any() else 0).clip(lower=0))
    if asked is not None:
        counts = rows[["customer_id"]].merge(asked, on="customer_id", how="left").fillna({"cases": 0, "failed": 0})
        found[f"{_X}cases"] = np.log1p(counts.cases / rows.years)
        found[f"{_X}failures"] = counts.failed / counts.cases.clip(lower=5)
    return found.join(_mix(rows.customer_id, mix)).join(_industries(rows.industry))


def _mix(customers: pd.Series[str], mix: pd.DataFrame | None) -> pd.DataFrame:
    """Return each account's shares of sales by product family."""
    import pandas as pd

    if mix is None or mix.empty:
        return pd.DataFrame(index=customers.index)
    wide = mix.pivot_table(index="customer_id", columns="family", values="amount", aggfunc="sum")
    wide = wide.reindex(customers).fillna(0.0).clip(lower=0).set_axis(customers.index)
    shares = wide.div(wide.sum(axis=1).where(lambda whole: whole > 0, 1.0), axis=0)
    return shares.set_axis([f"{_X}family_{name}" for name in shares.columns], axis=1)


def _industries(industry: pd.Series[str]) -> pd.DataFrame:
    """Return a column of 0 and 1 for each industry of enough accounts to say anything about it."""
    import pandas as pd

    counts = industry.value_counts()
    names = sorted(counts.index[counts >= max(5, 0.01 * len(industry))])
    columns = {f"{_X}industry_{name}": (industry == name).fillna(False).astype("float64") for name in names}
    return pd.DataFrame(columns, index=industry.index)


def against_like_accounts(like: pd.DataFrame, judged: pd.Series[bool], policy: Policy) -> pd.DataFrame:
    """Return the comparison of the accounts to be judged with like ones; no rows where those are too few.

    Parameters
    ----------
    like
        As `likeness` gives it.
    judged
        Which of its rows to return.

    Returns
    -------
    DataFrame
        customer_id; delivered, peer_level (the middle like account), peer_high (the policy's quantile) and over_units:
        service cost a year; periods (years); cost, over_cost (beyond peer_high), over_cost_low, over_cost_high (5% and
        95% points over the spread of like accounts): in the window; cost_to_ask: all of it, since nobody said
        anything of it; p_over_served: the chance that what it gets beyond a like account is material.
    """
    import pandas as pd

    usable = bool(len(like)) and like.net_revenue.notna().any() and bool((like.cost > 0).any())
    if not usable or len(like) < policy.over_service.peer_minimum or not judged.any():
        return pd.DataFrame(columns=list(_COLUMNS)).astype(
            {name: "str" if name == "customer_id" else "float64" for name in _COLUMNS}
        )
    quantile = policy.over_service.peer_quantile
    middle, high = _crossfitted(like, (MIDDLE, quantile))
    spread = np.sqrt(like.due / like.years).to_numpy(dtype=np.float64) - middle
    mine = judged.to_numpy(dtype=np.bool_)
    rows = like[mine].reset_index(drop=True)
    found = rows[["customer_id", "cost"]].assign(
        delivered=rows.cost / rows.years,
        periods=rows.years,
        peer_level=np.maximum(middle[mine], 0) ** 2,
        peer_high=np.maximum(np.maximum(high, middle)[mine], 0) ** 2,
    )
    found["over_units"] = (found.delivered - found.peer_high).clip(lower=0)
    found["over_cost"] = (found.over_units * rows.years).round(4)
    limit = threshold(rows, rows.years, policy)
    points = np.quantile(spread, (np.arange(POINTS) + 0.5) / POINTS)
    parts = [_beyond(found[at : at + BLOCK], points, limit[at : at + BLOCK]) for at in range(0, len(found), BLOCK)]
    found[["over_cost_low", "over_cost_high", "p_over_served"]] = np.concatenate(parts)
    return found.assign(cost_to_ask=found.over_cost)[list(_COLUMNS)]


def _beyond(rows: pd.DataFrame, points: Floats, limit: Floats) -> Floats:
    """Return the 5% and 95% points of what lies beyond a like account, and how often that is material."""
    middle = np.sqrt(rows.peer_level.to_numpy(dtype=np.float64))[:, None]
    years = rows.periods.to_numpy(dtype=np.float64)[:, None]
    beyond = rows.cost.to_numpy(dtype=np.float64)[:, None] - np.maximum(middle + points, 0) ** 2 * years
    beyond = np.maximum(beyond, 0)
    low, high = np.quantile(beyond, [LOW, HIGH], axis=1)
    # Without a limit above 0 nothing beyond a like account is still nothing.
    material = (beyond >= limit[:, None]) & (beyond > 0)
    return np.column_stack([low.round(4), high.round(4), material.mean(axis=1)])


def _crossfitted(like: pd.DataFrame, quantiles: tuple[float, ...]) -> list[Floats]:
    """Return quantiles of the root of a like account's cost a year; no model has seen the account."""
    values = like[[name for name in like.columns if name.startswith(_X)]].to_numpy(dtype=np.float64)
    width = values.std(axis=0)
    values = (values - values.mean(axis=0)) / np.where(width > 0, width, 1.0)
    target = np.sqrt(like.due / like.years).to_numpy(dtype=np.float64)
    random = np.random.Generator(np.random.PCG64(SEED))
    order = random.permutation(len(like))
    found = [np.zeros(len(like)) for _ in quantiles]
    for fold in range(FOLDS):
        held = order[fold::FOLDS]
        seen = np.setdiff1d(order, held)
        seen = random.choice(seen, FITTED, replace=False) if len(seen) > FITTED else seen
        for place, quantile in enumerate(quantiles):
            found[place][held] = _fit_predict(values[seen], target[seen], values[held], quantile)
    return found


def _fit_predict(values: Floats, target: Floats, wanted: Floats, quantile: float) -> Floats:
    from sklearn.linear_model import QuantileRegressor

    model = QuantileRegressor(quantile=quantile, alpha=PENALTY, solver="highs").fit(values, target)
    predicted: Floats = model.predict(wanted)
    return predicted
