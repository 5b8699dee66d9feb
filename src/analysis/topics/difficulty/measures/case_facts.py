"""What the record says of each case of the window: how the customer brought it, where we failed it, how it ended.

The first promise is the one judged: the earlier of the case's own date and of the first date that we told. A date
without a time of day holds until the end of that day. What it waited for the customer is not counted as ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from analysis.ledger.costing import Costing
from analysis.ledger.working_time import WorkingTime, holds_until, ours
from analysis.topics.difficulty.policy import Difficulty
from analysis.window import Window

if TYPE_CHECKING:
    import ibis

#: What may have gone wrong by our doing, as far as the record shows it.
SIGNS = ("missed", "undated", "slow", "handed_on", "silent", "mended")
#: What may have gone wrong at all: the outcomes that a failure of ours can lead to.
OUTCOMES = ("escalated", "reopened", "dissatisfied", "complained")
#: How the customer brought it.
MANNERS = ("short_notice", "out_of_scope", "after_hours")
#: Cases of a kind below which all kinds together say how long one takes.
_LEAST_OF_A_KIND = 20
_WORK = {
    **dict.fromkeys(("people", "departments", "evening"), "int64"),
    "evening_minutes": "float64",
    **dict.fromkeys(("rushed", "beyond", "mending"), "boolean"),
}


def case_facts(
    cases: ibis.Table,
    updates: ibis.Table | None,
    events: ibis.Table | None,
    due_hours: ibis.Table,
    costing: Costing | None,
    choices: Difficulty,
    window: Window,
    time: WorkingTime,
) -> ibis.Table:
    """Return one row per case opened in the window, with flags that are empty where nobody can know.

    Parameters
    ----------
    cases, updates
        The contract's tables; None without `case_updates`.
    events
        The window's events, minutes settled; None without service events.
    due_hours
        customer_id, hours (Ibis): the first answer that was agreed with an account.
    costing
        Which activities mend a failure of ours.
    time
        How hours and days are counted.

    Returns
    -------
    Table
        case_id, customer_id, kind, opened_at, closed_at, the flags of `MANNERS`, `SIGNS` and `OUTCOMES`, `claim` (whose
        doing we recorded: `ours` or `theirs`), dated, answer_hours, silence_days, people, departments, hands, evening
        (events after hours) and evening_minutes.
    """
    rows = _settled(cases, window, time)
    rows = _with(rows, _first_words(updates, window), {"told": "timestamp"})
    rows = _with(rows, _longest_silence(rows, updates, window, time), {"silent_seconds": "float64"})
    rows = _with(rows, _work(events, costing), _WORK)
    rows = rows.left_join(due_hours, "customer_id").drop("customer_id_right")
    rows = _with_usual(rows, time)
    promise = _first_promise(rows)
    # What a case waited for the customer may have been any stretch of it, the longest one too.
    silence = ours(rows.silent_seconds, rows.waiting_hours) / time.day
    rows = rows.mutate(promise=promise, usual_hours=rows.answer_hours.median().over(), silence_days=silence)
    return rows.select(
        *("case_id", "customer_id", "kind", "opened_at", "closed_at", "answer_hours", "silence_days"),
        *("people", "departments", "evening", "evening_minutes"),
        hands=rows.handoffs,
        dated=rows.promise.notnull() | rows.promise_kept.notnull(),
        claim=(rows.cause == "ours").ifelse("ours", rows.cause.notnull().ifelse("theirs", None)),
        **_manners(rows, choices, time),
        **_signs(rows, choices, window, time),
        **_outcomes(rows, choices),
    )


def work_beyond(events: ibis.Table) -> ibis.Table:
    """Return, per account, the work that is known to be within an agreement or beyond it, as the customer asked for it.

    Work that we offered unasked is nobody's demand, and counts on neither side. What a service attribute measures is
    never beyond here: the judgement of service holds it against the level due, and one thing is held against an account
    once.

    Parameters
    ----------
    events
        The window's events, as `with_attribute` gives them.

    Returns
    -------
    Table
        customer_id; out_of_scope and out_of_scope_of, in pieces of work; scope_minutes, scope_squared (the sum of
        squared minutes) and scope_beyond (minutes beyond the agreement).
    """
    mine = events.filter(events.in_scope.notnull(), events.requested.fill_null(True), events.customer_id.notnull())
    rows = mine.mutate(spent=mine.minutes.cast("float64"), beyond=~mine.in_scope & mine.attribute.isnull() & ~mine.ours)
    return rows.group_by("customer_id").aggregate(
        out_of_scope=rows.beyond.sum().cast("float64"),
        out_of_scope_of=rows.count().cast("float64"),
        scope_minutes=rows.spent.sum(),
        scope_squared=(rows.spent * rows.spent).sum(),
        scope_beyond=rows.spent.sum(where=rows.beyond).fill_null(0.0),
    )


def as_known(cases: ibis.Table, after: date) -> ibis.Table:
    """Return the contract's cases as they were known before a day: of one done later, how it went is not known yet."""
    import ibis

    later = (cases.resolved_at >= after).fill_null(False)
    outcomes = ("promise_kept", "reopened", "handoffs", "escalated", "cause", "satisfaction", "waiting_hours")
    names = ("resolved_at", *outcomes)
    return cases.mutate(**{name: later.ifelse(ibis.null(cases[name].type()), cases[name]) for name in names})


def went_badly(cases: ibis.Table, after: date, time: WorkingTime) -> ibis.Column:
    """Return whether we failed each of these cases, by its recorded cause or by the date that it was promised for.

    Parameters
    ----------
    cases
        As `as_known` gives them.
    after
        The day before which they are known; of one that is still open the date may have passed.
    """
    late = late_by(holds_until(cases.promised_at), cases.resolved_at, cases.waiting_hours, after, time)
    missed = (~cases.promise_kept).coalesce(late).fill_null(False)
    return (cases.cause == "ours").fill_null(False) | missed


def late_by(
    promise: ibis.Column, closed: ibis.Column, waiting: ibis.Column, after: date, time: WorkingTime
) -> ibis.Column:
    """Return whether a promise was missed before a day; of a case still open it can have been missed, but not kept."""
    import ibis

    late = time.is_late(promise, closed.coalesce(ibis.literal(after).cast("timestamp")), waiting)
    return (closed.isnull() & ~late).ifelse(ibis.null("boolean"), late)


def _settled(cases: ibis.Table, window: Window, time: WorkingTime) -> ibis.Table:
    """Return the window's cases as they were known at its end: of one done later, how it went is not known yet."""
    inside = as_known(cases.filter(cases.opened_at >= window.start, cases.opened_at < window.after), window.after)
    answered = (inside.first_response_at < window.after).ifelse(inside.first_response_at, None)
    return inside.select(
        *("case_id", "customer_id", "kind", "opened_at", "needed_by", "promised_at"),
        *("promise_kept", "reopened", "handoffs", "escalated", "cause", "satisfaction", "waiting_hours"),
        closed_at=inside.resolved_at,
        answered_at=answered,
        answer_hours=time.hours(inside.opened_at, answered, inside.waiting_hours),
    )


def _with(rows: ibis.Table, more: ibis.Table | None, columns: Mapping[str, str]) -> ibis.Table:
    """Return the cases with more columns, by `case_id`; they are empty where nothing was recorded."""
    import ibis

    if more is None:
        return rows.mutate(**{name: ibis.null(kind) for name, kind in columns.items()})
    return rows.left_join(more.select("case_id", *columns), "case_id").drop("case_id_right")


def _first_words(updates: ibis.Table | None, window: Window) -> ibis.Table | None:
    """Return case_id and `told`: the date in the first word that named one; None without a record."""
    import ibis

    if updates is None:
        return None
    dated = updates.filter(updates.promised_at.notnull(), updates["at"] < window.after)
    first = ibis.window(group_by="case_id", order_by=[dated["at"], dated.promised_at])
    numbered = dated.mutate(place=ibis.row_number().over(first))
    return numbered.filter(numbered.place == 0).select("case_id", told="promised_at")


def _first_promise(rows: ibis.Table) -> ibis.Column:
    """Return until when the first promise holds."""
    import ibis

    earliest = ibis.least(rows.promised_at.coalesce(rows.told), rows.told.coalesce(rows.promised_at))
    return holds_until(earliest)


def _longest_silence(
    rows: ibis.Table, updates: ibis.Table | None, window: Window, time: WorkingTime
) -> ibis.Table | None:
    """Return case_id and `silent_seconds`: the longest stretch of an open case without a word; None: no record."""
    import ibis

    if updates is None:
        return None
    end = rows.closed_at.coalesce(ibis.literal(window.after).cast("timestamp"))
    moments = [rows.select("case_id", moment=rows[name].cast("timestamp")) for name in ("opened_at", "answered_at")]
    moments.append(rows.select("case_id", moment=end))
    said = updates.select("case_id", moment="at")
    said = said.inner_join(rows.select("case_id", start="opened_at", end=end), "case_id")
    moments.append(said.filter(said.moment > said.start, said.moment < said.end).select("case_id", "moment"))
    every = ibis.union(*(m.filter(m.moment.notnull()) for m in moments), distinct=False)
    in_turn = ibis.window(group_by="case_id", order_by="moment")
    words = every.mutate(before=every.moment.lag().over(in_turn))
    gaps = words.mutate(gap=time.seconds(words.before, words.moment))
    return gaps.group_by("case_id").aggregate(silent_seconds=gaps.gap.max())


def _work(events: ibis.Table | None, costing: Costing | None) -> ibis.Table | None:
    """Return, per case, what its work shows: who did it, when, beyond the agreement, and what mended a failure."""
    import ibis

    if events is None or costing is None:
        return None
    mending = [name for name, activity in costing.activities.items() if activity.demand == "failure"]
    mine = events.filter(events.case_id.notnull())
    evening = mine.after_hours.fill_null(False) & mine.requested.fill_null(False)
    return mine.group_by("case_id").aggregate(
        people=mine.worker.nunique().nullif(0),
        departments=mine.department.nunique().nullif(0),
        evening=evening.sum().cast("int64"),
        evening_minutes=mine.minutes.sum(where=evening).fill_null(0).cast("float64"),
        rushed=mine.rush.fill_null(False).any(),
        beyond=(~mine.in_scope).fill_null(False).any(),
        mending=mine.activity.isin(mending).any() if mending else ibis.literal(False),
    )


def _with_usual(rows: ibis.Table, time: WorkingTime) -> ibis.Table:
    """Return the cases with `usual_seconds`: what a case of the kind takes from being opened to being done."""
    import ibis

    taken = rows.mutate(taken=ours(time.seconds(rows.opened_at, rows.closed_at), rows.waiting_hours))
    kind = ibis.window(group_by="kind")
    enough = taken.taken.count().over(kind) >= _LEAST_OF_A_KIND
    usual = enough.ifelse(taken.taken.median().over(kind), taken.taken.median().over())
    return taken.mutate(usual_seconds=usual.cast("float64"))


def _manners(rows: ibis.Table, choices: Difficulty, time: WorkingTime) -> dict[str, Any]:
    notice = time.seconds(rows.opened_at, rows.needed_by)
    short = (notice < rows.usual_seconds * choices.short_notice).fill_null(False)
    return {
        "short_notice": short | rows.rushed.fill_null(False),
        "out_of_scope": rows.beyond.fill_null(False),
        "after_hours": (rows.evening > 0).fill_null(False),
    }


def _signs(rows: ibis.Table, choices: Difficulty, window: Window, time: WorkingTime) -> dict[str, Any]:
    import ibis

    after = ibis.literal(window.after).cast("timestamp")
    late = late_by(rows.promise, rows.closed_at, rows.waiting_hours, window.after, time)
    waited = time.hours(rows.opened_at, after, rows.waiting_hours)
    unanswered = rows.answer_hours.isnull() & rows.closed_at.isnull()
    hours = unanswered.ifelse(waited, rows.answer_hours)
    return {
        "missed": (~rows.promise_kept).coalesce(late),
        "undated": rows.promise.isnull() & rows.promise_kept.isnull(),
        "slow": hours > rows.hours.coalesce(rows.usual_hours * choices.slow_answer),
        "handed_on": rows.handoffs >= choices.handoffs,
        "silent": rows.silence_days > choices.silence_days,
        "mended": rows.mending,
    }


def _outcomes(rows: ibis.Table, choices: Difficulty) -> dict[str, Any]:
    return {
        "escalated": rows.escalated,
        "reopened": rows.reopened > 0,
        "dissatisfied": rows.satisfaction <= choices.dissatisfied,
        "complained": rows.kind == "complaint",
    }
