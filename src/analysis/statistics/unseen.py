"""How strong something that nobody saw would have to be, to explain away what goes together in the record."""

from __future__ import annotations

from math import sqrt


def e_value_of(ratio: float) -> float:
    """Return the E-value of a ratio of chances above 1: how many times likelier with both; 1: nothing is needed.

    VanderWeele & Ding, "Sensitivity Analysis in Observational Research", Annals of Internal Medicine 167(4), 2017.

    Examples
    --------
    Their example:

    >>> round(e_value_of(3.9), 2), e_value_of(0.8)
    (7.26, 1.0)
    """
    return ratio + sqrt(ratio * (ratio - 1.0)) if ratio > 1 else 1.0
