"""Moments written as text: with a zone they become local to the policy's timezone, without one they are local to it.

A zone is `Z`, `UTC`, an offset (`+01`, `+0100`, `+01:00`) or a name such as `Europe/Berlin`. One that is not
understood makes the value a bad one: it is never taken for local time in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from analysis.clock import in_utc

if TYPE_CHECKING:
    import ibis

_DAY = r"^\d{4}-\d{2}-\d{2}"
_MOMENT = rf"({_DAY}[Tt ]\s*\d{{2}}:\d{{2}}(?::\d{{2}}(?:[.,]\d+)?)?)"
_ZONE = rf"{_MOMENT}\s*(\S.*)$"
_OFFSET = r"^(?:UTC|GMT|utc|gmt)?([+-])(\d{2}):?(\d{2})?(?::?00)?(?:\[[\w/+-]+\])?$"
#: Summer names that no list of zones holds, and that mean one offset only.
_SUMMER = {"CEST": "Etc/GMT-2", "EEST": "Etc/GMT-3", "WEST": "Etc/GMT-1", "EDT": "Etc/GMT+4", "MDT": "Etc/GMT+6"}
_OWN = {"Z": "UTC", **_SUMMER, "PST": "Etc/GMT+8", "PDT": "Etc/GMT+7"}
_EARLIEST, _LATEST = date(1, 1, 1), date(9999, 12, 31)


def zone_in(text: ibis.Column) -> ibis.Column:
    """Return what stands behind the time of a moment; empty where nothing does."""
    return text.re_extract(_ZONE, 2).nullif("")


def names_among(zones: Iterable[str]) -> dict[str, str]:
    """Return the zones that are names, with the zone that each means; those that mean none are left out."""
    known = _names()
    meant = {zone: _OWN.get(zone.upper(), zone.strip("[]")) for zone in zones}
    return {zone: name for zone, name in meant.items() if name in known}


def utc_of_text(text: ibis.Column, names: Mapping[str, str]) -> ibis.Column:
    """Return the instant, in UTC, of a moment written with a zone; empty where it has none, or none that is known."""
    import ibis

    clock = text.re_extract(_ZONE, 1).nullif("").replace(",", ".").try_cast("timestamp")
    zone = zone_in(text)
    sign = (zone.re_extract(_OFFSET, 1) == "-").ifelse(-1, 1)
    hours, minutes = (zone.re_extract(_OFFSET, place).nullif("").try_cast("int64") for place in (2, 3))
    fits = (hours <= 15) & (minutes.fill_null(0) < 60)
    ahead = fits.ifelse(sign * (hours * 60 + minutes.fill_null(0)), None)
    at_offset = clock - ibis.interval(minutes=1) * ahead
    if not names:
        return at_offset
    branches = ((zone == written, in_utc(clock, meant)) for written, meant in names.items())
    return ibis.cases(*branches, else_=at_offset)


def day_of(text: ibis.Column, moment: Any | None) -> ibis.Column:
    """Return the day that a text means; `moment` is what it means locally where it names a zone."""
    moments = text.re_search(rf"{_MOMENT}$").ifelse(text, None).replace(",", ".").try_cast("timestamp").date()
    day = text.re_search(rf"{_DAY}$").ifelse(text, None).try_cast("date").coalesce(moments)
    return bounded(day if moment is None else day.coalesce(moment.date()))


def moment_of(text: ibis.Column, moment: ibis.Column | None) -> ibis.Column:
    """Return the local moment that a text means, a day alone its midnight; `moment` as in `day_of`."""
    plain = text.re_search(rf"({_MOMENT}|{_DAY})$").ifelse(text, None).replace(",", ".").try_cast("timestamp")
    return bounded(plain if moment is None else plain.coalesce(moment))


def not_before(first: ibis.Column, last: ibis.Column) -> ibis.Column:
    """Return `last`, and `first` where of `last` only the day is known (midnight) and it is that of `first`."""
    same_day = (last == last.truncate("D")) & (last == first.truncate("D"))
    return same_day.ifelse(first, last)


@cache
def _names() -> frozenset[str]:
    from zoneinfo import available_timezones

    return frozenset(available_timezones() - {"localtime", "Factory"})


def bounded(value: ibis.Column) -> ibis.Column:
    """Return days and moments of the years 1 to 9999, which every program can hold; others are empty."""
    import ibis

    if value.type().is_date():
        first, last = ibis.literal(_EARLIEST), ibis.literal(_LATEST)
    else:
        first = ibis.literal(datetime(1, 1, 1)).cast("timestamp")
        last = ibis.literal(datetime(9999, 12, 31, 23, 59, 59)).cast("timestamp")
    return ((value >= first) & (value <= last)).ifelse(value, None)
