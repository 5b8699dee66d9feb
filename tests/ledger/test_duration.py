"""Real time between two moments of the clock, over its changes (Europe/Berlin: 29 March and 25 October 2026)."""

from __future__ import annotations

from pathlib import Path

import ibis
import pytest

from analysis.clock import marked
from analysis.data.reading import Engine
from analysis.ledger.duration import seconds_between


def between(start: str, end: str, zone: str = "Europe/Berlin") -> float:
    engine = Engine(Path.cwd())
    moments = [ibis.literal(text).cast("timestamp") for text in (start, end)]
    found = float(engine.con.execute(seconds_between(*moments, zone))) / 3600
    engine.close()
    return found


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-06-01 08:00", "2026-06-01 09:30", 1.5),
        ("2026-10-25 00:00", "2026-10-26 00:00", 25),
        ("2026-10-25 00:00", "2026-10-25 03:00", 4),
        ("2026-03-29 00:00", "2026-03-30 00:00", 23),
        ("2026-03-29 01:30", "2026-03-29 03:30", 1),
        # The clock showed 02:30 before it showed 02:15 again: 45 minutes, never a quarter of an hour before.
        ("2026-10-25 02:30", "2026-10-25 02:15", 0.75),
        ("2026-10-25 02:15", "2026-10-25 02:30", 0.25),
        ("2026-10-25 01:30", "2026-10-25 02:30", 1),
        ("2026-10-25 02:30", "2026-10-25 03:30", 1),
        # Answered before it was opened, whatever the clock did.
        ("2026-10-25 03:30", "2026-10-25 01:30", -3),
        ("2026-06-01 09:00", "2026-06-01 08:00", -1),
    ],
)
def test_the_clock_is_changed(start: str, end: str, hours: float) -> None:
    assert between(start, end) == pytest.approx(hours)


def test_a_zone_without_a_change_of_the_clock() -> None:
    assert between("2026-10-25 00:00", "2026-10-26 00:00", "UTC") == 24
    assert between("2026-10-25 00:00", "2026-10-26 00:00", "Asia/Kolkata") == 24


def test_moments_known_by_their_zone_keep_their_distance() -> None:
    known = [
        ("2026-10-25 00:30", "2026-10-25 01:35", 65 / 60),  # 02:30 the first time, 02:35 the second
        ("2026-10-25 00:30", "2026-10-25 00:35", 5 / 60),
        ("2026-10-25 01:30", "2026-10-25 01:35", 5 / 60),
        ("2026-10-24 23:59", "2026-10-25 00:00", 1 / 60),
        ("2026-10-25 00:59:59", "2026-10-25 02:00", 1 + 1 / 3600),
    ]
    engine = Engine(Path.cwd())
    starts, ends, hours = zip(*known, strict=True)
    rows = ibis.memtable({"row": [*range(len(known))], "start": [*starts], "end": [*ends]})
    moments = {name: marked(rows[name].cast("timestamp"), "Europe/Berlin") for name in ("start", "end")}
    # Kept, as a run keeps them: what is asked of a moment asks of a column.
    kept = engine.keep("kept", rows.select("row", **moments))

    seconds = kept.select("row", seconds=seconds_between(kept.start, kept.end, "Europe/Berlin")).order_by("row")

    assert (engine.con.execute(seconds).seconds / 3600).tolist() == pytest.approx(list(hours), abs=1e-8)


def test_half_an_hour_on_lord_howe() -> None:
    # Put back by half an hour on 5 April 2026 at 02:00 (+11) to 01:30 (+10:30).
    assert between("2026-04-05 01:00", "2026-04-05 02:30", "Australia/Lord_Howe") == 2
