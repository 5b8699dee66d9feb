"""The ranges that `tables/learnt` sets side by side: the policy's, what the record says, and what is used now."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.policy import Assumptions
from analysis.statistics.unseen import e_value_of

Range = tuple[float, ...]
#: Of what a step acts on at least so much is taken to be left, where its E-value is told.
LEAST_LEFT = 0.01


def mean_and_spread(span: Range) -> tuple[float, float]:
    """Return the mean and the standard deviation of a triangular distribution.

    Examples
    --------
    >>> mean_and_spread((0.0, 0.5, 1.0))
    (0.5, 0.2041241452319315)
    """
    low, mode, high = span
    squares = low**2 + mode**2 + high**2 - low * mode - low * high - mode * high
    return (low + mode + high) / 3.0, float(np.sqrt(max(squares, 0.0) / 18.0))


def moved(span: Range, mean: float, spread: float) -> Range:
    """Return a range of the same shape about another mean with another spread, within 0 and 1.

    Examples
    --------
    >>> moved((0.2, 0.4, 0.6), 0.2, mean_and_spread((0.2, 0.4, 0.6))[1] / 2)
    (0.1, 0.2, 0.3)
    """
    was, wide = mean_and_spread(span)
    low, high = (float(np.clip(mean + (edge - was) * spread / wide, 0.0, 1.0)) for edge in (span[0], span[2]))
    # The mean of a triangular distribution is that of its three points: what the ends lose, the middle makes up for.
    likely = float(np.clip(3.0 * mean - low - high, low, high))
    return tuple(round(edge, 6) for edge in (low, likely, high))


def e_value(share: float) -> float:
    """Return how strongly something unseen would have to go with both a step and what came, to explain it away.

    The E-value of a risk ratio, 1 less the share that went: as a ratio of chances; 1: nothing is needed. VanderWeele &
    Ding, "Sensitivity Analysis in Observational Research", Annals of Internal Medicine 167(4), 2017.

    Examples
    --------
    Their example: a ratio of 3.9 needs one of 7.26; so does its inverse.

    >>> round(e_value(1 - 1 / 3.9), 2), e_value(0.0)
    (7.26, 1.0)
    """
    return e_value_of(1.0 / max(1.0 - share, LEAST_LEFT))


def one_share(assumed: Assumptions) -> bool:
    """Return whether the step takes the same whether the account agrees or not."""
    return assumed.share == assumed.share_refused


def row_of(action: str, assumption: str, span: Range, **found: Any) -> dict[str, Any]:
    """Return a row of `tables/learnt`: what is used is the policy's range, where nothing else is told."""
    names = dict(zip(("low", "likely", "high"), span, strict=True))
    used = {f"used_{name}": value for name, value in names.items()}
    return {
        "action": action,
        "assumption": assumption,
        **names,
        "steps": 0,
        "by_lot": 0,
        "weight": 0.0,
        "why_not": "",
        **used,
        **found,
    }


def used_now(span: Range) -> dict[str, float]:
    """Return a range as the one that is used now."""
    return dict(zip(("used_low", "used_likely", "used_high"), span, strict=True))
