"""Time that really passed between two moments of the clock.

A moment is local to the policy's `timezone` and carries no zone of its own, so two of them cannot simply be taken
from each other: on the day that the clock is put back 03:00 lies four hours after midnight, not three. In the hour that
the clock shows twice a moment that was read with a zone says by its last microsecond which of the two it is
(`analysis.clock`). One that was written without a zone may be either: it is taken so that the time between
is the shortest that is not below 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.clock import STEADY, seconds_passed

if TYPE_CHECKING:
    import ibis


def seconds_between(start: ibis.Column, end: ibis.Value, timezone: str) -> ibis.Column:
    """Return the seconds that passed from one local moment to another, in real time; empty where either is.

    Parameters
    ----------
    start, end
        Timestamps (Ibis) without a zone, local to `timezone`.
    timezone
        The policy's.
    """
    if timezone in STEADY:
        return (_micros(end) - _micros(start)) / 1e6
    return seconds_passed(start, end, timezone)


def _micros(moment: ibis.Value) -> ibis.Value:
    # Without the truncation a fraction of a second would be rounded into the seconds, and counted twice.
    return moment.truncate("s").epoch_seconds().cast("int64") * 1_000_000 + moment.microsecond()
