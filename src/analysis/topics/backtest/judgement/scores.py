"""How well the judgements held, each beside a naive one that costs nothing.

Brier score: Brier, "Verification of Forecasts Expressed in Terms of Probability", Monthly Weather Review 78(1), 1950.
Kappa: Cohen, "A Coefficient of Agreement for Nominal Scales", Educational and Psychological Measurement 20(1), 1960.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.data.contract import conform
from analysis.policy import Backtest
from analysis.topics.backtest.judgement.weighing import Floats, drawn_ratio
from analysis.topics.profitability.judgement.next_year import SURE

if TYPE_CHECKING:
    import pandas as pd

#: Rows below which a rank correlation says nothing.
FEWEST = 3
#: A chance is kept this far from 0 and 1, so that one surprise is not worth infinitely much.
SURELY = 1e-4


def scores(rows: pd.DataFrame, policy: Backtest) -> pd.DataFrame:
    """Return `tables/scores`: each score of all replayed days together, then of each day.

    Parameters
    ----------
    rows
        As `replay` gives them, of every day.
    policy
        How sure an interval is.
    """
    import pandas as pd

    found = [*_of(rows, policy)]
    for day, part in rows.groupby("as_of", sort=True):
        found += [{**score, "as_of": day} for score in _of(part.reset_index(drop=True), policy)]
    return conform(pd.DataFrame(found).reset_index(drop=True), "scores")


def _of(rows: pd.DataFrame, policy: Backtest) -> Iterator[dict[str, Any]]:
    yield from _segment(rows[rows.segment.notna() & rows.next_segment.notna()], policy)
    yield from _loss(rows[rows.p_unprofitable.notna() & rows.next_net_margin.notna()], policy)
    known = rows[["predicted_margin", "naive_margin", "next_running_margin"]].notna().all(axis=1)
    yield from _lifetime(rows[known], policy)
    yield from _forecast(rows[rows[["forecast", "came_margin"]].notna().all(axis=1)], policy)
    yield from _leaving(rows[rows.p_leaving.notna() & rows.left.notna()], policy)


def _row(rows: pd.DataFrame, subject: str, measure: str, naive: str, **more: Any) -> dict[str, Any]:
    return {
        "subject": subject,
        "measure": measure,
        "naive": naive,
        "accounts": rows.customer_id.nunique(),
        "rows": len(rows),
        **more,
    }


def _mean(
    rows: pd.DataFrame, ours: Floats, theirs: Floats, policy: Backtest, *, less_is_better: bool
) -> dict[str, Any]:
    """Return a score that is a mean over rows, with the interval of how much better ours is."""
    better = theirs - ours if less_is_better else ours - theirs
    low, high = drawn_ratio(rows.customer_id, better, np.ones(len(rows)), policy)
    found = {"ours": ours.mean(), "theirs": theirs.mean(), "better": better.mean()}
    return {**found, "better_low": low, "better_high": high}


def _segment(rows: pd.DataFrame, policy: Backtest) -> Iterator[dict[str, Any]]:
    """Yield the share that kept its segment, beside all in the most common one, and beside chance."""
    if rows.empty:
        return
    kept = (rows.segment == rows.next_segment).to_numpy(dtype=np.float64)
    most = rows.groupby("as_of").segment.transform(lambda column: column.mode().iloc[0])
    common = (most == rows.next_segment).to_numpy(dtype=np.float64)
    events = int(kept.sum())
    said = _row(rows, "segment", "kept", "all in the most common segment", events=events)
    yield {**said, **_mean(rows, kept, common, policy, less_is_better=False)}
    shares = [rows[name].value_counts(normalize=True) for name in ("segment", "next_segment")]
    chance = float((shares[0] * shares[1]).sum())
    kappa = (kept.mean() - chance) / (1 - chance) if chance < 1 else float("nan")
    yield _row(rows, "segment", "kappa", "chance", events=events, ours=kappa, theirs=0.0, better=kappa)


def _loss(rows: pd.DataFrame, policy: Backtest) -> Iterator[dict[str, Any]]:
    """Yield the Brier score of the chance of a loss, beside the window's share of losses and beside its sign."""
    if rows.empty:
        return
    lost = (rows.next_net_margin < 0).to_numpy(dtype=np.float64)
    before = rows.net_margin < 0
    naive = {
        "the window's share of loss-makers": before.groupby(rows.as_of).transform("mean"),
        "the sign of the window's margin": before,
    }
    ours = (rows.p_unprofitable.to_numpy(dtype=np.float64) - lost) ** 2
    for name, told in naive.items():
        theirs = (told.to_numpy(dtype=np.float64) - lost) ** 2
        said = _row(rows, "p_unprofitable", "brier", name, events=int(lost.sum()))
        yield {**said, **_mean(rows, ours, theirs, policy, less_is_better=True)}


def _lifetime(rows: pd.DataFrame, policy: Backtest) -> Iterator[dict[str, Any]]:
    """Yield rank correlation, error and bias of the margin expected, beside last window's."""
    if rows.empty:
        return
    ours, theirs, came = (
        rows[name].to_numpy(dtype=np.float64) for name in ("predicted_margin", "naive_margin", "next_running_margin")
    )
    name = "as in the window"
    if len(rows) >= FEWEST:
        ranks = [_rank_correlation(told, came) for told in (ours, theirs)]
        said = _row(rows, "lifetime", "rank correlation", name)
        yield {**said, "ours": ranks[0], "theirs": ranks[1], "better": ranks[0] - ranks[1]}
    size = np.abs(came)
    if size.sum() > 0:
        errors = [np.abs(told - came) for told in (ours, theirs)]
        low, high = drawn_ratio(rows.customer_id, errors[1] - errors[0], size, policy)
        off = [float(error.sum() / size.sum()) for error in errors]
        said = _row(rows, "lifetime", "absolute error, as a share of what came", name, better_low=low, better_high=high)
        yield {**said, "ours": off[0], "theirs": off[1], "better": off[1] - off[0]}
    if came.sum() > 0:
        yield {**_row(rows, "lifetime", "total off by", name), **_bias(ours.sum(), theirs.sum(), came.sum())}


def _forecast(rows: pd.DataFrame, policy: Backtest) -> Iterator[dict[str, Any]]:
    """Yield the error of the margin forecast beside last time's and the mean, how often it held, and its losses."""
    if rows.empty:
        return
    came, told = (rows[name].to_numpy(dtype=np.float64) for name in ("came_margin", "forecast"))
    size = np.abs(came)
    for name, column in {"as in the months before": "naive_forecast", "the mean": "usual_forecast"}.items():
        if size.sum() <= 0:
            break
        errors = [np.abs(one - came) for one in (told, rows[column].to_numpy(dtype=np.float64))]
        low, high = drawn_ratio(rows.customer_id, errors[1] - errors[0], size, policy)
        off = [float(error.sum() / size.sum()) for error in errors]
        said = _row(rows, "forecast", "absolute error, as a share of what came", name, better_low=low, better_high=high)
        yield {**said, "ours": off[0], "theirs": off[1], "better": off[1] - off[0]}
    held = ((rows.forecast_low <= came) & (came <= rows.forecast_high)).to_numpy(dtype=np.float64)
    said = _row(rows, "forecast", "share within its range", "as often as it says", events=int(held.sum()))
    yield {**said, "ours": held.mean(), "theirs": SURE, "better": -abs(held.mean() - SURE)}
    lost = (came < 0).astype(np.float64)
    ours = (rows.p_loses.to_numpy(dtype=np.float64) - lost) ** 2
    naive = {"the sign of the months before": rows.naive_forecast < 0, "the chance of the window": rows.p_unprofitable}
    for name, chance in naive.items():
        known = chance.notna().to_numpy()
        if known.any():
            theirs = (chance.to_numpy(dtype=np.float64)[known] - lost[known]) ** 2
            said = _row(rows[known], "forecast", "brier", name, events=int(lost[known].sum()))
            yield {**said, **_mean(rows[known], ours[known], theirs, policy, less_is_better=True)}


def _bias(ours: float, theirs: float, came: float) -> dict[str, float]:
    off = [ours / came - 1, theirs / came - 1]
    return {"ours": off[0], "theirs": off[1], "better": abs(off[1]) - abs(off[0])}


def _rank_correlation(told: Floats, came: Floats) -> float:
    from scipy.stats import rankdata

    ranks = [rankdata(values) for values in (told, came)]
    spread = [float(rank.std()) for rank in ranks]
    if not all(spread):
        return float("nan")
    return float(np.mean((ranks[0] - ranks[0].mean()) * (ranks[1] - ranks[1].mean())) / (spread[0] * spread[1]))


def _leaving(rows: pd.DataFrame, policy: Backtest) -> Iterator[dict[str, Any]]:
    """Yield log loss and bias of the chance of leaving, beside one chance for all."""
    rows = rows[rows.naive_leaving.notna()]
    if rows.empty:
        return
    left = rows.left.to_numpy(dtype=np.float64)
    chances = [rows[name].to_numpy(dtype=np.float64) for name in ("p_leaving", "naive_leaving")]
    losses = [_log_loss(told, left) for told in chances]
    name, events = "one chance for all", int(left.sum())
    said = _row(rows, "hazard", "log loss", name, events=events)
    yield {**said, **_mean(rows, losses[0], losses[1], policy, less_is_better=True)}
    if events:
        said = _row(rows, "hazard", "leavers off by", name, events=events)
        yield {**said, **_bias(float(chances[0].sum()), float(chances[1].sum()), float(events))}


def _log_loss(told: Floats, happened: Floats) -> Floats:
    told = np.clip(told, SURELY, 1 - SURELY)
    return -(happened * np.log(told) + (1 - happened) * np.log(1 - told))
