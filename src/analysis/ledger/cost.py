"""What work costs: minutes at a rate, rounded once and for all in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.data.schema import Kind

if TYPE_CHECKING:
    import ibis

MONEY = Kind.MONEY.value


def cost_of(minutes: ibis.Column, rate: ibis.Column) -> ibis.Column:
    """Return minutes x rate as money, to four decimals (Ibis); empty where there are no minutes."""
    return (minutes.cast("float64") * rate).cast(MONEY)
