"""One replayed day: what would have been judged on it, and what came in the months after."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from analysis.data.contract import conform
from analysis.opening import Opened
from analysis.tables.computed import Computed
from analysis.topics.backtest.judgement.days import months_on
from analysis.topics.backtest.judgement.past import known_on
from analysis.topics.profitability.ahead import looking_ahead
from analysis.topics.profitability.judgement.uncertainty import SEGMENTS
from analysis.window import Window

if TYPE_CHECKING:
    import pandas as pd


def replay(opened: Opened, day: date) -> pd.DataFrame:
    """Return the accounts that were customers at the end of a day: judged then, and seen after (`replays`).

    Parameters
    ----------
    opened
        The dataset as it is known now.
    day
        The day to replay.
    """
    months, ahead = opened.policy.window.months, opened.policy.backtest.ahead_months
    with opened.engine.scoped(f"on_{day:%Y%m%d}") as engine:
        judged = _judged(known_on(replace(opened, engine=engine), day), Window.until(day, months), ahead)
    with opened.engine.scoped(f"after_{day:%Y%m%d}") as engine:
        came = _came(replace(opened, engine=engine), Window.until(months_on(day, ahead), ahead))
    rows = judged.merge(came, on="customer_id", how="left").assign(as_of=day)
    return conform(rows.sort_values("customer_id"), "replays")


def _judged(past: Opened, window: Window, ahead: int) -> pd.DataFrame:
    """Return what is said of each customer at the end of a window."""
    import pandas as pd

    computed = Computed(past, window)
    statement = computed.statement
    customers = past.checked["customers"].select("customer_id", "ended").to_pandas()
    rows = statement[["customer_id", "segment", "net_margin", "running_margin"]]
    rows = rows.assign(p_unprofitable=np.nan, p_segment=np.nan)
    if computed.ranges is not None:
        rows = _with_chances(rows, computed.ranges.accounts, computed.segment_chances)
    stays = (1.0 - computed.staying.hazards[:, :ahead]).cumprod(axis=1)
    ended = pd.to_datetime(rows[["customer_id"]].merge(customers, on="customer_id", how="left").ended)
    left = int((ended >= pd.Timestamp(window.start)).sum())
    at_risk = float(np.nansum(computed.months_there)) or np.nan
    months = np.where(computed.months_there > 0, computed.months_there, np.nan)
    each = rows.running_margin.to_numpy(dtype=np.float64) / months
    rows = rows.assign(
        predicted_margin=computed.monthly_margin.full.to_numpy() * stays.sum(axis=1),
        naive_margin=each * ahead,
        p_leaving=1.0 - stays[:, -1],
        naive_leaving=1.0 - (1.0 - left / at_risk) ** ahead,
    )
    looked = looking_ahead(past.engine, past.checked, past.policy, past.costing, window.end, ahead)
    rows = _with_forecast(rows, looked.forecast() if looked.count == ahead else looked.forecast().head(0))
    return rows[ended.isna().to_numpy()].reset_index(drop=True)


def _with_forecast(rows: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with the margin forecast, its range, and what would have cost nothing to say."""
    names = {"expected": "forecast", "low": "forecast_low", "high": "forecast_high", "before": "naive_forecast"}
    known = told[told.expected.notna()].rename(columns=names)
    usual = known.naive_forecast.mean() if len(known) else np.nan
    known = known.assign(usual_forecast=usual)
    return rows.merge(
        known[["customer_id", *names.values(), "p_loses", "usual_forecast"]], on="customer_id", how="left"
    )


def _with_chances(rows: pd.DataFrame, drawn: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with the chance of a loss, and that of the segment that each is in."""
    found = rows[["customer_id", "segment"]].merge(drawn, on="customer_id", how="left")
    found = found.merge(segments, on="customer_id", how="left")
    names = [f"p_{name}" for name in SEGMENTS]
    place = found.segment.map({name.removeprefix("p_"): at for at, name in enumerate(names)})
    chances = found[names].to_numpy(dtype=np.float64)
    mine = chances[np.arange(len(found)), place.fillna(0).astype(int)]
    return rows.assign(p_unprofitable=found.p_unprofitable.to_numpy(), p_segment=np.where(place.notna(), mine, np.nan))


def _came(now: Opened, window: Window) -> pd.DataFrame:
    """Return what each account did in the months after, as it is known now."""
    import pandas as pd

    computed = Computed(now, window)
    after = computed.statement
    names = {name: f"next_{name}" for name in ("segment", "net_margin", "running_margin")}
    found = after[["customer_id", *names]].rename(columns=names)
    months = computed.ledger.margin_by_month
    came = months.groupby("customer_id").margin.agg(lambda margin: margin.sum(skipna=False))
    found["came_margin"] = found.customer_id.map(came).where(found.customer_id.isin(came.index), 0.0)
    if "ended" not in now.checked.tables["customers"].given:
        return found.assign(left=pd.NA)
    ended = now.checked["customers"].select("customer_id", "ended").to_pandas()
    gone = pd.to_datetime(ended.ended).between(pd.Timestamp(window.start), pd.Timestamp(window.end))
    return found.merge(ended[["customer_id"]].assign(left=gone), on="customer_id", how="left")
