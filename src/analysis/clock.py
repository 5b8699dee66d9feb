"""What the clock of a zone shows, and what really passed: moments between UTC and local time.

In the hour that the clock shows twice a local moment that was read with a zone says by its last microsecond which of
the two it is (`FIRST_TIME`, `SECOND_TIME`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import ibis

#: The microseconds (of a thousand) of a moment known to be of the first or the second time round.
FIRST_TIME, SECOND_TIME = 1, 2
#: Types, in SQL, of what the engine's functions are given.
TEXT, MOMENT, NUMBER, FLAG = "VARCHAR", "TIMESTAMP", "BIGINT", "BOOLEAN"
#: Zones whose clock is never changed: there the difference of two moments is the time that passed.
STEADY = ("UTC", "Etc/UTC", "GMT", "Etc/GMT")


def instants(moment: Any, timezone: str) -> tuple[Any, Any]:
    """Return the earliest and the latest instant (UTC, without a zone) that a local moment may be.

    They differ only in the hour that the clock shows twice, and there only for a moment that was written without a
    zone. One that the clock jumped over is read as if the clock had not been put forward yet.
    """
    local, of = moment.cast("timestamp"), _engine_functions()
    return of.earliest_instant(timezone, local), of.latest_instant(timezone, local)


def seconds_passed(start: Any, end: Any, timezone: str) -> Any:
    """Return the seconds from one local moment to another: of those that it may be, the fewest that are not below 0."""
    return _engine_functions().seconds_passed(timezone, start.cast("timestamp"), end.cast("timestamp"))


def functions(instant: str, shown: str, micros: str, thousandth: str) -> Iterator[tuple[str, dict[str, str], str, str]]:
    """Yield the functions that an engine is given once, as they would make each question about time a page of SQL.

    Parameters
    ----------
    instant, shown, micros, thousandth
        The engine's SQL, with `{}` for a moment, for: the instant in UTC of what the clock of `zone` shows, the later
        one where it shows it twice; what that clock shows at an instant in UTC; the microseconds of a moment since
        1970; its microseconds of a thousand.

    Yields
    ------
    tuple
        A function's name, its parameters with their types, the type that it gives, and its body.
    """
    of_local, of_both = {"zone": TEXT, "local": MOMENT}, {"zone": TEXT, "starts": MOMENT, "ends": MOMENT}
    # What is needed several times is an argument, which an engine may work out once.
    of_instants = {**of_local, "first": MOMENT, "last": MOMENT, "known": FLAG}
    body = f"CASE WHEN first < last AND {shown.format('first')} = local AND known THEN first ELSE last END"
    yield "instant_among", of_instants, MOMENT, body
    last, earlier = instant.format("local"), instant.format("local - INTERVAL '3' HOUR")
    mark, both = thousandth.format("local"), f"{earlier} + INTERVAL '3' HOUR, {last}"
    for name, known in (("earliest_instant", f"{mark} <> {SECOND_TIME}"), ("latest_instant", f"{mark} = {FIRST_TIME}")):
        yield name, of_local, MOMENT, f"instant_among(zone, local, {both}, {known})"
    of_micros = dict.fromkeys(("start", "late_start", "stop", "late_stop"), NUMBER)
    gaps = ("stop - start", "late_stop - late_start", "stop - late_start")
    fewest = ", ".join(f"CASE WHEN {gap} >= 0 THEN {gap} ELSE late_stop - start END" for gap in gaps)
    yield "fewest_seconds", of_micros, "DOUBLE", f"LEAST({fewest}) / CAST(1000000 AS DOUBLE)"
    four = ", ".join(
        micros.format(f"{name}(zone, {moment})")
        for moment in ("starts", "ends")
        for name in ("earliest_instant", "latest_instant")
    )
    yield "seconds_passed", of_both, "DOUBLE", f"fewest_seconds({four})"


def in_utc(local: Any, timezone: str) -> Any:
    """Return the instant of a local moment, in UTC; the later one where the clock shows it twice."""
    of = _engine_functions()
    return of.to_local("UTC", of.to_instant(timezone, local))


def in_zone(utc: ibis.Column, timezone: str) -> ibis.Column:
    """Return what the clock of a zone shows at an instant in UTC."""
    of = _engine_functions()
    return of.to_local(timezone, of.to_instant("UTC", utc))


def utc_of(instant: Any) -> Any:
    """Return an instant (with a zone) as a moment in UTC without one."""
    return _engine_functions().to_local("UTC", instant)


def marked(utc: ibis.Column, timezone: str) -> ibis.Column:
    """Return what the clock of a zone shows at an instant in UTC, marked in the hour that it shows twice."""
    import ibis

    local = in_zone(utc, timezone)
    if timezone in STEADY:
        return local
    first, last = instants(local.truncate("ms"), timezone)
    mark = (utc.truncate("ms") == last).ifelse(SECOND_TIME, FIRST_TIME)
    return (first < last).ifelse(local.truncate("ms") + ibis.interval(microseconds=1) * mark, local)


class _Functions(NamedTuple):
    """The engine's functions: two of the name `timezone`, local to instant and back, and those of `functions`."""

    to_instant: Any
    to_local: Any
    earliest_instant: Any
    latest_instant: Any
    seconds_passed: Any


@cache
def _engine_functions() -> _Functions:
    import ibis

    def of_one(zone, moment): ...  # type: ignore[no-untyped-def]
    def of_two(zone, start, end): ...  # type: ignore[no-untyped-def]

    def known(name: str, given: tuple[str, ...], found: str) -> Any:
        stated = of_one if len(given) == 2 else of_two
        return ibis.udf.scalar.builtin(stated, name=name, signature=(given, found))

    text, moment, instant = "string", "timestamp", "timestamp('UTC')"
    return _Functions(
        known("timezone", (text, moment), instant),
        known("timezone", (text, instant), moment),
        known("earliest_instant", (text, moment), moment),
        known("latest_instant", (text, moment), moment),
        known("seconds_passed", (text, moment, moment), "float64"),
    )
