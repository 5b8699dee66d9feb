"""What accounts get against what was agreed and what they asked for, in units and in money.

Giveaway is beyond what was agreed, unwanted beyond what the customer says it wants, under below either. The remedies
differ: what is wanted but unpaid is to be priced, what is agreed but unwanted to be traded, what is neither to stop;
and where an account gets more than was agreed and has not said whether it wants it, one has to ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.policy import PERIOD_MONTHS, ServiceAttribute
from analysis.window import Window

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
REMEDIES = ("price", "trade", "stop", "ask")
#: What differs from a level by less is that level.
HAIR = 1e-9


def delivered(
    work: pd.DataFrame,
    answers: pd.DataFrame | None,
    days: pd.DataFrame,
    wanted: pd.DataFrame,
    attributes: Mapping[str, ServiceAttribute],
    window: Window,
) -> pd.DataFrame:
    """Return what each account got of the attributes wanted.

    Parameters
    ----------
    work
        customer_id, attribute, activity, events, minutes, cost: the measured work of the window.
    answers
        customer_id, hours: the median hours to the first answer; None without cases.
    days
        customer_id, days: of the window, as a customer.
    wanted
        customer_id, attribute, and whatever else is known of the pair.
    attributes
        The attributes that can be measured.

    Returns
    -------
    DataFrame
        The rows of `wanted` of accounts that were customers on some day, with delivered (units per period), units and
        cost (in the window), periods, sign (-1 where fewer is more service); an account that is not answered has no
        row.
    """
    import pandas as pd

    rows = wanted[wanted.attribute.isin(list(attributes))].merge(days[days.days > 0], on="customer_id")
    spec = pd.DataFrame(
        [
            (name, a.measure, PERIOD_MONTHS[a.period], 1.0 if a.more_is_more_service else -1.0, a.level_is == "promise")
            for name, a in attributes.items()
        ],
        columns=["attribute", "measure", "period_months", "sign", "promise"],
    ).astype({"attribute": "str", "promise": "bool"})
    rows = rows.merge(spec, on="attribute")
    sums = work.groupby(["customer_id", "attribute"], as_index=False)[["events", "minutes", "cost"]].sum()
    rows = rows.merge(sums, on=["customer_id", "attribute"], how="left")
    rows[["events", "minutes", "cost"]] = rows[["events", "minutes", "cost"]].fillna(0.0)
    rows["periods"] = rows.days / window.days * window.months / rows.period_months
    rows["units"] = rows.minutes.where(rows.measure == "minutes", rows.events)
    rows["delivered"] = rows.units / rows.periods
    hours = rows.measure == "response_hours"
    if answers is not None and hours.any():
        timed = rows[["customer_id"]].merge(answers, on="customer_id", how="left").hours.to_numpy()
        rows["delivered"] = rows.delivered.where(~hours, timed)
    elif hours.any():
        rows["delivered"] = rows.delivered.mask(hours)
    rows[["units", "cost"]] = rows[["units", "cost"]].mask(hours)
    rows = rows[rows.delivered.notna()].drop(columns=["events", "minutes", "period_months"])
    return rows.sort_values(["customer_id", "attribute"], ignore_index=True)


def gaps(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what `rows` (see `delivered`, with the levels) got beyond and below what was agreed and wanted.

    Only rows with a known level stand. Adds over_units, over_cost, agreed_over_cost and wanted_over_cost (beyond either
    alone), short_of_agreed, short_of_wanted (units per period), kind, wants_more, within_agreement, contradiction, and
    `cost_to_<remedy>`: what over_cost is to be done with.
    """
    found = rows[rows.entitled.notna() | rows.expected.notna()].reset_index(drop=True)
    got, agreed, asked = _signed(found)
    known_agreed, known_asked = ~np.isnan(agreed), ~np.isnan(asked)
    past_agreed, past_asked = _passes(got, agreed), _passes(got, asked)
    beyond = np.where(past_agreed | past_asked, got - np.fmin(agreed, asked), 0.0)
    found["over_units"] = beyond
    each = _cost_of_a_unit(found)
    found["over_cost"] = _cost(beyond, each)
    found["agreed_over_cost"] = _cost(np.where(past_agreed, got - agreed, 0.0), each, known_agreed)
    found["wanted_over_cost"] = _cost(np.where(past_asked, got - asked, 0.0), each, known_asked)
    found["short_of_agreed"], found["short_of_wanted"] = _short(got, agreed), _short(got, asked)
    short = ((found.short_of_agreed > 0) | (found.short_of_wanted > 0)) & found.promise
    found["kind"] = np.select(
        [past_agreed & past_asked, past_agreed, past_asked, short], ["both", "giveaway", "unwanted", "under"], "met"
    )
    wish = found.wish.fillna("").to_numpy(dtype=str)
    wanted = known_asked | np.isin(wish, ["more", "as_now"])
    found["wants_more"] = past_agreed & ~past_asked & wanted
    refused = past_asked | (~known_asked & (wish == "less") & (got > 0))
    found["within_agreement"] = refused & known_agreed & ~past_agreed
    found["contradiction"] = _contradiction(agreed, asked)
    for name, units in zip(REMEDIES, _remedies(got, agreed, asked, wish), strict=True):
        found[f"cost_to_{name}"] = _cost(units, each)
    return found


def _signed(rows: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    """Return delivered, entitled and expected so that more is more service; of waiting, unlimited is no level."""
    sign = rows.sign.to_numpy(dtype=np.float64)
    got, agreed, asked = (
        rows[name].to_numpy(dtype=np.float64) * sign for name in ("delivered", "entitled", "expected")
    )
    return got, np.where(np.isneginf(agreed), np.nan, agreed), np.where(np.isneginf(asked), np.nan, asked)


def _passes(got: Floats, level: Floats) -> Bools:
    return np.asarray(np.isfinite(level) & (got - level > HAIR * np.maximum(1.0, np.abs(np.nan_to_num(level)))))


def _short(got: Floats, level: Floats) -> Floats:
    """Return how far `got` falls short; nobody falls short of what is unlimited, and empty where there is no level."""
    below = np.isfinite(level) & (level - got > HAIR * np.maximum(1.0, np.abs(np.nan_to_num(level))))
    return np.asarray(np.where(np.isnan(level), np.nan, np.where(below, level - got, 0.0)))


def _cost_of_a_unit(rows: pd.DataFrame) -> Floats:
    """Return the account's own cost in the window of one unit per period; empty where there is no cost."""
    each = (rows.cost / rows.delivered.where(rows.delivered > 0)).to_numpy(dtype=np.float64)
    costed = (rows.sign > 0) & (rows.measure != "response_hours")
    return np.asarray(np.where(costed, np.nan_to_num(each), np.nan))


def _cost(units: Floats, each: Floats, known: Bools | None = None) -> Floats:
    cost = np.round(units * each, 4)
    return cost if known is None else np.where(known, cost, np.nan)


def _contradiction(agreed: Floats, asked: Floats) -> NDArray[np.object_]:
    """Return where what is asked for is not what was agreed; shown, and not resolved."""
    more, less = asked > agreed, asked < agreed
    return np.where(more, "asks_for_more", np.where(less, "asks_for_less", np.array(None, dtype=object)))


def _remedies(got: Floats, agreed: Floats, asked: Floats, wish: NDArray[np.str_]) -> tuple[Floats, ...]:
    """Return the units beyond the level due that are to be priced, traded, stopped and asked about.

    Examples
    --------
    >>> import numpy as np
    >>> one = lambda x: np.array([float(x)])
    >>> [float(x[0]) for x in _remedies(one(9), one(4), one(6), np.array([""]))]
    [2.0, 0.0, 3.0, 0.0]
    >>> [float(x[0]) for x in _remedies(one(9), one("nan"), one(6), np.array([""]))]
    [0.0, 0.0, 3.0, 0.0]
    """
    asks = np.isin(wish, ["more", "as_now"]) & np.isnan(asked)
    silent = np.isnan(asked) & ~asks & (wish != "less")
    low = np.fmin(agreed, asked)
    top = np.where(asks, got, np.where(np.isnan(asked), agreed, asked))
    price = _between(agreed, np.fmin(got, top))
    trade = _between(asked, np.minimum(got, agreed))  # nothing to trade where nothing was agreed
    whole = np.where(np.isfinite(low), _between(low, got), 0.0)
    rest = np.maximum(whole - price - trade, 0.0)
    return price, trade, np.where(silent, 0.0, rest), np.where(silent, rest, 0.0)


def _between(low: Floats, high: Floats) -> Floats:
    with np.errstate(invalid="ignore"):
        return np.asarray(np.nan_to_num(np.maximum(high - low, 0.0), nan=0.0, posinf=0.0))
