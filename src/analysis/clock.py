"""What the clock of a zone shows, and what really passed: moments between UTC and local time.

In the hour that the clock shows twice a local moment that was read with a zone says by its last microsecond which of
the two it is (`FIRST_TIME`, `SECOND_TIME`).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis

#: The microseconds (of a thousand) of a moment known to be of the first or the second time round.
FIRST_TIME, SECOND_TIME = 1, 2
#: Zones whose clock is never changed: there the difference of two moments is the time that passed.
STEADY = ("UTC", "Etc/UTC", "GMT", "Etc/GMT")


def instants(moment: Any, timezone: str) -> tuple[Any, Any]:
    """Return the earliest and the latest instant (UTC, without a zone) that a local moment may be.

    They differ only in the hour that the clock shows twice, and there only for a moment that was written without a
    zone. One that the clock jumped over is read as if the clock had not been put forward yet.
    """
    import ibis

    local = moment.cast("timestamp")
    last = in_utc(local, timezone)
    pause = ibis.interval(hours=3)
    first = in_utc(local - pause, timezone) + pause
    twice = (first < last) & (in_zone(first, timezone) == local)
    mark = local.microsecond() % 1000
    earliest = (twice & (mark != SECOND_TIME)).ifelse(first, last)
    return earliest, (twice & (mark == FIRST_TIME)).ifelse(first, last)


def in_utc(local: Any, timezone: str) -> Any:
    """Return the instant of a local moment, in UTC; the later one where the clock shows it twice."""
    to_instant, to_local = _engine_functions()
    return to_local("UTC", to_instant(timezone, local))


def in_zone(utc: ibis.Column, timezone: str) -> ibis.Column:
    """Return what the clock of a zone shows at an instant in UTC."""
    to_instant, to_local = _engine_functions()
    return to_local(timezone, to_instant("UTC", utc))


def utc_of(instant: Any) -> Any:
    """Return an instant (with a zone) as a moment in UTC without one."""
    return _engine_functions()[1]("UTC", instant)


def marked(utc: ibis.Column, timezone: str) -> ibis.Column:
    """Return what the clock of a zone shows at an instant in UTC, marked in the hour that it shows twice."""
    import ibis

    local = in_zone(utc, timezone)
    if timezone in STEADY:
        return local
    first, last = instants(local.truncate("ms"), timezone)
    mark = (utc.truncate("ms") == last).ifelse(SECOND_TIME, FIRST_TIME)
    return (first < last).ifelse(local.truncate("ms") + ibis.interval(microseconds=1) * mark, local)


@cache
def _engine_functions() -> tuple[Any, Any]:
    """Return the engine's two functions of the name `timezone`: local to instant, and instant to local."""
    import ibis

    def timezone_of_local(zone, moment): ...  # type: ignore[no-untyped-def]
    def timezone_of_instant(zone, moment): ...  # type: ignore[no-untyped-def]

    builtin = ibis.udf.scalar.builtin
    return (
        builtin(timezone_of_local, name="timezone", signature=(("string", "timestamp"), "timestamp('UTC')")),
        builtin(timezone_of_instant, name="timezone", signature=(("string", "timestamp('UTC')"), "timestamp")),
    )
