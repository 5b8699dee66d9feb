"""What accounts do that makes service hard, each a rate with its numerator and its denominator, against the usual."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.data.contract import conform
from analysis.statistics.excess import Trouble, failures_above_normal, trouble_above_normal
from analysis.statistics.shrinkage import Evidence, Floats, averaged, counted, drawn_in
from analysis.topics.difficulty.judgement.our_failures import SIGNS_OF_FAILURE, nouns, plain
from analysis.topics.difficulty.judgement.recorded import recorded, told_apart
from analysis.topics.difficulty.policy import Difficulty

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Behaviour:
    """A behaviour: its name, and the columns of the account's sums that it is made of.

    `ours` counts how many of them our failures would make; a `reaction` may answer how we treat the account as a whole;
    `reads` are the words before and after its numbers. What comes of one `habit` counts once.
    """

    name: str
    count: str
    of: str
    ours: str = ""
    reads: tuple[str, str] = ("", "")
    reaction: bool = False
    habit: str = ""


#: Wanting it sooner than the usual, by notice, by a rush or by the hour of the day.
HURRY = "hurry"

LATE = Behaviour("late_payment", "late_invoices", "invoices", reaction=True)
SCOPE = Behaviour(
    "out_of_scope", "out_of_scope", "out_of_scope_of", reads=("work beyond the agreement in", "pieces of work")
)
DISPUTES = Behaviour("disputes", "disputed_invoices", "invoices", "upheld", ("disputed", "invoices"), reaction=True)
BEHAVIOURS = (
    Behaviour("short_notice", "short_notice", "cases", reads=("short notice in", "cases"), habit=HURRY),
    Behaviour("rush_orders", "rushed", "orders", reads=("a rush that nobody paid for in", "orders"), habit=HURRY),
    SCOPE,
    Behaviour("after_hours", "after_hours", "cases", reads=("asked for after hours in", "cases"), habit=HURRY),
    Behaviour("escalations", "escalated", "escalated_of", "escalated_added", ("escalated", "cases"), reaction=True),
    Behaviour("reopenings", "reopened", "reopened_of", "reopened_added", ("reopened", "cases"), reaction=True),
    DISPUTES,
    LATE,
    Behaviour(
        "dissatisfied",
        "dissatisfied",
        "dissatisfied_of",
        "dissatisfied_added",
        ("dissatisfied with", "cases that it rated"),
        reaction=True,
    ),
)
#: Every column of the account's sums that the behaviours and the score read.
SUMS = (
    *("cases", "invoices", "orders", "amount", "weights", "due_days", "squared_days"),
    *("held", "held_amount", "held_days", "rejected", "open_disputes", "upheld", "late_invoices", "rushed"),
    *("short_notice", "after_hours", "failed", "blamed", "claimed"),
    *("out_of_scope", "out_of_scope_of", "scope_minutes", "scope_squared", "scope_beyond"),
    *(f"{name}{part}" for name in ("missed", "slow", "handed_on", "silent", "undated") for part in ("", "_of")),
    *(f"{name}{part}" for name in ("escalated", "reopened", "dissatisfied") for part in ("", "_of", "_ours", "_added")),
)


@dataclass(frozen=True)
class Rates:
    """A behaviour over all accounts.

    Attributes
    ----------
    count, of
        As the record has them.
    raw
        Their ratio; of late payment, days late weighted by amount; of work beyond the agreement, its share of the
        minutes. Empty where nothing is known.
    drawn
        The rate drawn towards the others' where little is known.
    usual
        The ordinary accounts', sum over sum.
    height
        How rare it is among ordinary accounts, in their spread, beyond their quartile; 0 where it is not.
    part
        What of it counts: what comes of one habit counts once.
    ours
        The share of that which our own failures explain.
    """

    behaviour: Behaviour
    count: Floats
    of: Floats
    raw: Floats
    drawn: Floats
    usual: float
    height: Floats
    part: Floats
    ours: Floats


@dataclass(frozen=True)
class Measured:
    """The behaviours that the records show, and what of them lies above this portfolio's normal."""

    rates: list[Rates]
    trouble: Trouble | None


@dataclass(frozen=True)
class OnCases:
    """What was counted of a behaviour, how many of them our failures would make, and out of how many cases."""

    count: Floats
    ours: Floats
    of: Floats

    def share_above_usual(self, usual: NDArray[np.bool_]) -> Floats:
        """Return how much of what lies above the usual accounts' rate is ours beyond what is ours of theirs, 0 to 1."""
        out_of = float(self.of[usual].sum())
        count, ours = (
            every - self.of * (float(every[usual].sum()) / out_of if out_of else 0.0)
            for every in (self.count, self.ours)
        )
        return np.clip(_ratio(np.maximum(ours, 0.0), count), 0.0, 1.0)


@dataclass(frozen=True)
class Records:
    """What the records say of each behaviour that somebody's can show, and of our failures.

    Attributes
    ----------
    behaviours, evidence, on_cases
        By behaviour.
    signs
        The evidence of each sign of our failures.
    """

    behaviours: list[Behaviour]
    evidence: list[Evidence]
    on_cases: list[OnCases]
    signs: list[Evidence]


def records(sums: pd.DataFrame, choices: Difficulty) -> Records:
    """Return what the records say.

    Parameters
    ----------
    sums
        One row per account, with the columns that `BEHAVIOURS` name; a column that is empty throughout is not
        measured.
    """
    known = [b for b in BEHAVIOURS if sums[b.count].notna().any() and _filled(sums, b.of).sum() > 0]
    known = [b for b in known if b.name not in choices.left_out]
    return Records(
        known,
        [_evidence(sums, b, choices) for b in known],
        [_ours_in(sums, b) for b in known],
        [counted(_filled(sums, count), _filled(sums, of)) for count, of in _signs(sums)],
    )


def measured(sums: pd.DataFrame, of: Records, judged: NDArray[np.bool_], false_share: float) -> Measured:
    """Return every behaviour that somebody's record can show, against what is normal here.

    Parameters
    ----------
    sums, of
        The accounts, and what their records say.
    judged
        Which accounts have cases or invoices enough to tell what is normal.
    """
    if not of.behaviours:
        return Measured([], None)
    failures = failures_above_normal(of.signs, judged)
    habits, reactions = [b.habit for b in of.behaviours], [b.reaction for b in of.behaviours]
    on_cases = [each.share_above_usual(failures.calm) for each in of.on_cases]
    trouble = trouble_above_normal(of.evidence, habits, reactions, on_cases, failures, false_share)
    ordinary = judged & ~trouble.above.flag & ~failures.flag
    each = enumerate(zip(of.behaviours, of.evidence, strict=True))
    return Measured([_rates(sums, b, e, trouble, place, ordinary) for place, (b, e) in each], trouble)


def _signs(sums: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the signs of our failures that the records can show; as a share of cases where each can be known."""
    return [
        (count, of)
        for count, of in SIGNS_OF_FAILURE
        if count in sums
        and sums[count].notna().any()
        and _filled(sums, of).sum() > 0
        and _filled(sums, count).sum() > 0
    ]


def _filled(sums: pd.DataFrame, name: str) -> Floats:
    values: Floats = sums[name].astype("float64").fillna(0.0).to_numpy()
    return values


def _evidence(sums: pd.DataFrame, behaviour: Behaviour, choices: Difficulty) -> Evidence:
    if behaviour is LATE:
        return _late(sums)
    if behaviour is SCOPE:
        return _scope(sums)
    if behaviour is DISPUTES:
        unsettled = choices.open_dispute * _filled(sums, "open_disputes")
        return counted(_filled(sums, "rejected") + _filled(sums, "upheld") + unsettled, _filled(sums, "invoices"))
    of = _filled(sums, behaviour.of)
    return counted(np.minimum(_filled(sums, behaviour.count), of), of)


def _late(sums: pd.DataFrame) -> Evidence:
    """Return days late, weighted by amount, of the invoices that no failure of ours excuses.

    Where the middle account is never late, how often one is late tells it: of mostly nothing no spread of days can be
    learnt. The rates are days all the same, as a late invoice here is late.
    """
    amount, weights = _filled(sums, "amount"), _filled(sums, "weights")
    own = _ratio(_filled(sums, "due_days"), amount)
    if 2 * (own > 0).sum() > (amount > 0).sum():
        spread = np.maximum(_ratio(_filled(sums, "squared_days"), amount) - own**2, 0.0)
        return averaged(own, _ratio(amount**2, weights), spread)
    late, of = _filled(sums, "late_invoices"), _filled(sums, "invoices") - _filled(sums, "held")
    often = counted(late, of)
    days = float((own * of).sum() / late.sum()) if late.any() else 1.0
    return replace(often, raw=np.where(often.known, own, often.raw * days), grid=often.grid * days)


def _scope(sums: pd.DataFrame) -> Evidence:
    """Return the share of the work's minutes that lay beyond the agreement; long pieces of work weigh more."""
    minutes = _filled(sums, "scope_minutes")
    pieces = _ratio(minutes**2, _filled(sums, "scope_squared"))
    return counted(_ratio(_filled(sums, "scope_beyond"), minutes) * pieces, pieces)


def _ours_in(sums: pd.DataFrame, behaviour: Behaviour) -> OnCases:
    """Return what was counted of a behaviour, how many of them our failures would make, and out of how many."""
    every, of = _filled(sums, behaviour.count), _filled(sums, behaviour.of)
    return OnCases(
        every, np.minimum(_filled(sums, behaviour.ours), every) if behaviour.ours else np.zeros_like(every), of
    )


def _rates(
    sums: pd.DataFrame,
    behaviour: Behaviour,
    evidence: Evidence,
    trouble: Trouble,
    place: int,
    ordinary: NDArray[np.bool_],
) -> Rates:
    count, of = _filled(sums, behaviour.count), _filled(sums, behaviour.of)
    if behaviour is LATE:
        of = of - _filled(sums, "held")
        total, by = _filled(sums, "due_days"), _filled(sums, "amount")
    elif behaviour is SCOPE:
        total, by = _filled(sums, "scope_beyond"), _filled(sums, "scope_minutes")
    else:
        total, by = count, of
    chosen = ordinary if by[ordinary].sum() > 0 else np.ones(len(of), dtype=np.bool_)
    usual = float(total[chosen].sum() / by[chosen].sum()) if by[chosen].sum() else float("nan")
    return Rates(
        behaviour=behaviour,
        count=count,
        of=of,
        raw=np.where(by > 0, _ratio(total, by), np.nan),
        drawn=drawn_in(evidence),
        usual=usual,
        height=trouble.above.heights[place],
        part=trouble.above.parts[place],
        ours=trouble.ours[place],
    )


def wide(sums: pd.DataFrame, found: Measured) -> pd.DataFrame:
    """Return each account's rates, drawn in where little is known: customer_id, and a column a behaviour."""
    return sums[["customer_id"]].assign(**{rate.behaviour.name: rate.drawn for rate in found.rates})


def contributions(sums: pd.DataFrame, found: Measured, judged: pd.DataFrame) -> pd.DataFrame:
    """Return `tables/behaviours`: what each account's trouble is made of, in numbers and in words.

    Parameters
    ----------
    sums, found
        The accounts, and their rates in the same order.
    judged
        trouble, difficulty_ours and difficulty, in that order too; empty where not scored.

    Returns
    -------
    DataFrame
        One row per account and behaviour; `difficulty_points` sum to the difficulty, `trouble_points` to the trouble.
    """
    import pandas as pd

    nothing = np.zeros(len(sums))
    whole = sum((rate.part for rate in found.rates), nothing)
    own = sum((rate.part * (1.0 - rate.ours) for rate in found.rates), nothing)
    parts = []
    for rate in found.rates:
        part = pd.DataFrame(
            {
                "customer_id": sums.customer_id,
                "behaviour": rate.behaviour.name,
                "recorded": recorded(sums, rate.behaviour.count),
                "count": rate.count,
                "of": rate.of,
                "rate": rate.raw,
                "rate_shrunk": rate.drawn,
                "rate_usual": rate.usual,
                "above_usual": rate.height,
                "trouble_points": judged.trouble.to_numpy() * _ratio(rate.part, whole),
                "difficulty_points": judged.difficulty.to_numpy() * _ratio(rate.part * (1.0 - rate.ours), own),
                "share_ours": np.where(rate.part > 0, rate.ours, 0.0),
            }
        )
        parts.append(part.assign(sentence=_sentences(part, rate.behaviour, sums)))
    table = conform(pd.concat(parts) if parts else pd.DataFrame(), "behaviours")
    return table.sort_values(["customer_id", "behaviour"], ignore_index=True)


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _sentences(rows: pd.DataFrame, behaviour: Behaviour, sums: pd.DataFrame) -> pd.Series[str]:
    """Return the behaviour in words, with the record's own numbers; empty where there is nothing to tell."""
    if behaviour is LATE:
        days = rows["rate"].fillna(0.0).round().astype("int64").astype("str")
        late = nouns(rows["rate"].fillna(0.0), "days late on average, by amount, over")
        told = "paid " + days + " " + late + " " + plain(rows["of"]) + " " + nouns(rows["of"], "invoices")
        return told.where((rows["of"] > 0) & (rows["rate"].round() > 0))
    before, after = behaviour.reads
    told = before + " " + plain(rows["recorded"]) + " of " + plain(rows["of"]) + " " + nouns(rows["of"], after)
    told += told_apart(sums, behaviour.count, rows["count"]).to_numpy()
    return told.where(rows["count"].round() > 0)
