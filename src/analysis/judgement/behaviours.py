"""What accounts do that makes service hard, each a rate with its numerator and its denominator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.data.contract import conform
from analysis.judgement.our_failures import nouns, plain
from analysis.judgement.recorded import recorded, told_apart
from analysis.judgement.shrinkage import Evidence, Floats, Shrunk, averaged, counted, shrink
from analysis.policy.difficulty import Difficulty

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Behaviour:
    """A behaviour: its name, and the columns of the account's sums that it is made of.

    `ours` counts what our own failures explain of it; `reads` are the words before and after its numbers.
    """

    name: str
    count: str
    of: str
    ours: str = ""
    reads: tuple[str, str] = ("", "")


SHARES = (
    Behaviour("short_notice", "short_notice", "cases", reads=("short notice in", "cases")),
    Behaviour("rush_orders", "rushed", "orders", reads=("a rush that nobody paid for in", "orders")),
    Behaviour("out_of_scope", "out_of_scope", "cases", reads=("work beyond the agreement in", "cases")),
    Behaviour("after_hours", "after_hours", "cases", reads=("work after hours in", "cases")),
    Behaviour("escalations", "escalated", "escalated_of", "escalated_ours", ("escalated", "cases")),
    Behaviour("reopenings", "reopened", "reopened_of", "reopened_ours", ("reopened", "cases")),
    Behaviour("disputes", "disputed", "invoices", "disputed_ours", ("disputed", "invoices")),
    Behaviour(
        "dissatisfied",
        "dissatisfied",
        "dissatisfied_of",
        "dissatisfied_ours",
        ("dissatisfied with", "cases that it rated"),
    ),
)
LATE = Behaviour("late_payment", "late_invoices", "invoices", "held_days")
BEHAVIOURS = (*SHARES[:7], LATE, *SHARES[7:])
#: Every column of the account's sums that the behaviours and the score read.
SUMS = (
    *("cases", "invoices", "orders", "amount", "weights", "due_days", "squared_days"),
    *("held", "held_amount", "held_days", "rejected", "open_disputes", "upheld", "late_invoices", "rushed"),
    *("short_notice", "out_of_scope", "after_hours", "failed", "blamed"),
    *(f"{name}{part}" for name in ("escalated", "reopened", "dissatisfied") for part in ("", "_of", "_ours")),
)


@dataclass(frozen=True)
class Rates:
    """A behaviour over all accounts: `count` and `of` are the customer's own part, without what our failures explain.

    Attributes
    ----------
    raw
        Their ratio; of late payment, days late weighted by amount. Empty where nothing is known.
    theirs, ours
        The customer's part and ours after shrinkage, in the same unit.
    usual
        The portfolio's.
    """

    behaviour: Behaviour
    count: Floats
    of: Floats
    raw: Floats
    theirs: Floats
    ours: Floats
    usual: float


@dataclass(frozen=True)
class Measured:
    """The behaviours that the records show, and how sure each account's rates are."""

    rates: list[Rates]
    shrunk: Shrunk | None

    def points(self, choices: Difficulty) -> list[float]:
        """Return what a rate of 1 makes on the index, by behaviour."""
        references = [getattr(choices.references, rate.behaviour.name) for rate in self.rates]
        return [1.0 / reference if reference > 0 else 0.0 for reference in references]


def measured(sums: pd.DataFrame) -> Measured:
    """Return the rates of every behaviour that somebody's record can show.

    Parameters
    ----------
    sums
        One row per account, with the columns that `BEHAVIOURS` name; a column that is empty throughout is not
        measured.
    """
    known = [b for b in BEHAVIOURS if sums[b.count].notna().any() and _filled(sums, b.of).sum() > 0]
    if not known:
        return Measured([], None)
    theirs = [_late(sums) if b is LATE else _share(sums, b) for b in known]
    shrunk = shrink(theirs)
    ours = _ours(sums, known)
    rates = []
    for place, (behaviour, evidence) in enumerate(zip(known, theirs, strict=True)):
        rate = shrunk.rate(place)
        mine = _held_longer(sums, rate) if behaviour is LATE else ours.get(behaviour.name, np.zeros_like(rate))
        rates.append(_rates(sums, behaviour, evidence, rate, mine))
    return Measured(rates, shrunk)


def _filled(sums: pd.DataFrame, name: str) -> Floats:
    values: Floats = sums[name].astype("float64").fillna(0.0).to_numpy()
    return values


def _counts(sums: pd.DataFrame, behaviour: Behaviour) -> tuple[Floats, Floats]:
    """Return how much of a behaviour is the customer's, and how much is explained by our failures."""
    every = _filled(sums, behaviour.count)
    ours = np.minimum(_filled(sums, behaviour.ours), every) if behaviour.ours else np.zeros_like(every)
    return every - ours, ours


def _share(sums: pd.DataFrame, behaviour: Behaviour) -> Evidence:
    return counted(_counts(sums, behaviour)[0], _filled(sums, behaviour.of))


def _late(sums: pd.DataFrame) -> Evidence:
    """Return days late, weighted by amount, of the invoices that no failure of ours excuses."""
    amount, weights = _filled(sums, "amount"), _filled(sums, "weights")
    own = _ratio(_filled(sums, "due_days"), amount)
    spread = np.maximum(_ratio(_filled(sums, "squared_days"), amount) - own**2, 0.0)
    return averaged(own, _ratio(amount**2, weights), spread)


def _held_longer(sums: pd.DataFrame, usual: Floats) -> Floats:
    """Return the days late that come of payments held back while a failure of ours was open, over all invoices."""
    held, amount = _filled(sums, "held_days"), _filled(sums, "held_amount")
    return _ratio(np.maximum(held - amount * usual, 0.0), amount + _filled(sums, "amount"))


def _ours(sums: pd.DataFrame, known: list[Behaviour]) -> dict[str, Floats]:
    """Return what our failures explain of each behaviour, after shrinkage.

    How often we failed an account tells its temper here too, so that few cases speak together.
    """
    caused = [b for b in known if b.ours and b is not LATE]
    if not caused:
        return {}
    evidence = [counted(_counts(sums, b)[1], _filled(sums, b.of)) for b in caused]
    if sums.failed.notna().any():
        evidence.append(counted(_filled(sums, "failed"), _filled(sums, "cases")))
    shrunk = shrink(evidence)
    return {b.name: shrunk.rate(place) for place, b in enumerate(caused)}


def _rates(sums: pd.DataFrame, behaviour: Behaviour, evidence: Evidence, rate: Floats, ours: Floats) -> Rates:
    if behaviour is LATE:
        count, of = _filled(sums, "late_invoices"), _filled(sums, "invoices") - _filled(sums, "held")
    else:
        count, of = _counts(sums, behaviour)[0], _filled(sums, behaviour.of)
    return Rates(behaviour, count, of, np.where(of > 0, evidence.raw, np.nan), rate, ours, evidence.portfolio)


def wide(sums: pd.DataFrame, found: Measured) -> pd.DataFrame:
    """Return each account's own rates after shrinkage: customer_id, and a column a behaviour."""
    return sums[["customer_id"]].assign(**{rate.behaviour.name: rate.theirs for rate in found.rates})


def contributions(sums: pd.DataFrame, found: Measured, judged: pd.DataFrame, choices: Difficulty) -> pd.DataFrame:
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

    points = found.points(choices)
    theirs = [rate.theirs * point for rate, point in zip(found.rates, points, strict=True)]
    ours = [rate.ours * point for rate, point in zip(found.rates, points, strict=True)]
    nothing = np.zeros(len(sums))
    own, index = sum(theirs, nothing), sum([*theirs, *ours], nothing)
    parts = []
    for rate, mine, here in zip(found.rates, theirs, ours, strict=True):
        part = pd.DataFrame(
            {
                "customer_id": sums.customer_id,
                "behaviour": rate.behaviour.name,
                "recorded": recorded(sums, rate.behaviour.count),
                "count": rate.count,
                "of": rate.of,
                "rate": rate.raw,
                "rate_shrunk": rate.theirs,
                "rate_usual": rate.usual,
                "trouble_points": judged.trouble.to_numpy() * _ratio(mine + here, index),
                "difficulty_points": judged.difficulty.to_numpy() * _ratio(mine, own),
                "share_ours": _ratio(here, mine + here),
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
