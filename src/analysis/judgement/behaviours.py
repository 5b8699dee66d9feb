"""What accounts do that makes service hard, each a rate with its numerator and its denominator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.data.contract import conform
from analysis.judgement.our_failures import plain
from analysis.judgement.shrinkage import Shrunk, shrunk_means, shrunk_shares
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
    Behaviour("after_hours", "after_hours", "cases", reads=("beyond the agreed hours in", "cases")),
    Behaviour("escalations", "escalated", "escalated_of", "escalated_ours", ("escalated", "cases")),
    Behaviour("reopenings", "reopened", "reopened_of", "reopened_ours", ("reopened", "cases")),
    Behaviour("disputes", "disputed", "invoices", "disputed_ours", ("disputed", "invoices")),
    Behaviour(
        "dissatisfied",
        "dissatisfied",
        "dissatisfied_of",
        "dissatisfied_ours",
        ("dissatisfied, though we had not failed it, with", "cases that it rated"),
    ),
)
LATE = Behaviour("late_payment", "late_invoices", "invoices", "held_days")
BEHAVIOURS = (*SHARES[:7], LATE, *SHARES[7:])
#: Every column of the account's sums that the behaviours and the score read.
SUMS = (
    *("cases", "invoices", "orders", "amount", "weights", "due_days", "squared_days"),
    *("held", "held_amount", "held_days", "rejected", "open_disputes", "upheld", "late_invoices", "rushed"),
    *("short_notice", "out_of_scope", "after_hours", "projects", "followed"),
    *(f"{name}{part}" for name in ("escalated", "reopened", "dissatisfied") for part in ("", "_of", "_ours")),
)


@dataclass(frozen=True)
class Rates:
    """A behaviour's rates over all accounts, the customer's part and ours apart.

    `count` and `of` are the customer's own; `raw` is their ratio, empty where nothing is known.
    """

    behaviour: Behaviour
    count: np.ndarray
    of: np.ndarray
    raw: np.ndarray
    theirs: Shrunk
    ours: Shrunk


def measured(sums: pd.DataFrame) -> list[Rates]:
    """Return the rates of every behaviour that somebody's record can show.

    Parameters
    ----------
    sums
        One row per account, with the columns that `BEHAVIOURS` name; a column that is empty throughout is not
        measured.
    """
    found = []
    for behaviour in BEHAVIOURS:
        of, known = _filled(sums, behaviour.of), sums[behaviour.count].notna().any()
        if known and of.sum() > 0:
            found.append(_late(sums) if behaviour is LATE else _share(sums, behaviour, of))
    return found


def _filled(sums: pd.DataFrame, name: str) -> np.ndarray:
    values: np.ndarray = sums[name].astype("float64").fillna(0.0).to_numpy()
    return values


def _share(sums: pd.DataFrame, behaviour: Behaviour, of: np.ndarray) -> Rates:
    every = _filled(sums, behaviour.count)
    ours = np.minimum(_filled(sums, behaviour.ours), every) if behaviour.ours else np.zeros_like(every)
    count = every - ours
    raw = np.divide(count, of, out=np.full_like(of, np.nan), where=of > 0)
    return Rates(behaviour, count, of, raw, shrunk_shares(count, of), shrunk_shares(ours, of))


def _late(sums: pd.DataFrame) -> Rates:
    """Return days late, weighted by amount; ours is what invoices held back while we failed waited longer."""
    amount, weights = _filled(sums, "amount"), _filled(sums, "weights")
    days, squared = _filled(sums, "due_days"), _filled(sums, "squared_days")
    seen = amount > 0
    own = np.divide(days, amount, out=np.zeros_like(days), where=seen)
    spread = np.maximum(np.divide(squared, amount, out=np.zeros_like(days), where=seen) - own**2, 0.0)
    number = np.divide(amount**2, weights, out=np.zeros_like(days), where=weights > 0)
    theirs = shrunk_means(own, number, spread)
    held, held_amount = _filled(sums, "held_days"), _filled(sums, "held_amount")
    longer = np.maximum(held - held_amount * theirs.rate, 0.0)
    ours = np.divide(longer, amount + held_amount, out=np.zeros_like(days), where=amount + held_amount > 0)
    nothing = Shrunk(ours, np.zeros_like(ours), 0.0)
    raw = np.where(seen, own, np.nan)
    return Rates(
        LATE, _filled(sums, "late_invoices"), _filled(sums, "invoices") - _filled(sums, "held"), raw, theirs, nothing
    )


def wide(sums: pd.DataFrame, rates: list[Rates]) -> pd.DataFrame:
    """Return each account's own rates after shrinkage: customer_id, and a column a behaviour."""
    return sums[["customer_id"]].assign(**{rate.behaviour.name: rate.theirs.rate for rate in rates})


def contributions(sums: pd.DataFrame, rates: list[Rates], judged: pd.DataFrame, choices: Difficulty) -> pd.DataFrame:
    """Return `tables/behaviours`: what each account's trouble is made of, in numbers and in words.

    Parameters
    ----------
    sums, rates
        One row per account, in the same order.
    judged
        trouble, difficulty_ours and difficulty, in that order too; empty where not scored.

    Returns
    -------
    DataFrame
        One row per account and behaviour; `difficulty_points` sum to the difficulty, `trouble_points` to the trouble.
    """
    import pandas as pd

    weighed = [(rate, getattr(choices.references, rate.behaviour.name)) for rate in rates]
    weighed = [(rate, point) for rate, point in weighed if point > 0]
    theirs = [rate.theirs.rate / point for rate, point in weighed]
    ours = [rate.ours.rate / point for rate, point in weighed]
    index, own = np.add.reduce([*theirs, *ours]), np.add.reduce(theirs)
    parts = []
    for (rate, _), mine, here in zip(weighed, theirs, ours, strict=True):
        part = pd.DataFrame(
            {
                "customer_id": sums.customer_id,
                "behaviour": rate.behaviour.name,
                "count": rate.count,
                "of": rate.of,
                "rate": rate.raw,
                "rate_shrunk": rate.theirs.rate,
                "rate_usual": rate.theirs.portfolio,
                "trouble_points": judged.trouble.to_numpy() * _ratio(mine + here, index),
                "difficulty_points": judged.difficulty.to_numpy() * _ratio(mine, own),
                "share_ours": _ratio(here, mine + here),
            }
        )
        parts.append(part.assign(sentence=_sentences(part, rate.behaviour)))
    found = conform(pd.concat(parts) if parts else pd.DataFrame(), "behaviours")
    return found.sort_values(["customer_id", "behaviour"], ignore_index=True)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _sentences(rows: pd.DataFrame, behaviour: Behaviour) -> pd.Series[str]:
    """Return the behaviour in words, with its numbers; empty where there is nothing to tell."""
    number = (rows["of"] if behaviour is LATE else rows["count"]) > 0
    if behaviour is LATE:
        told = (
            "paid " + plain(rows["rate"]) + " days late on average, by amount, over " + plain(rows["of"]) + " invoices"
        )
    else:
        before, after = behaviour.reads
        told = before + " " + plain(rows["count"]) + " of " + plain(rows["of"]) + " " + after
    return told.where(number & rows["rate"].notna())
