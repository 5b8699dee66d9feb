"""The settings of a world, its calendar, and the small tools that every part of it draws with."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from sample_firms.trade import Trade

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Days = npt.NDArray[np.datetime64]

HISTORY_MONTHS = 28
WINDOW_MONTHS = 12
FUTURE_MONTHS = 36
_SEASON = (0.94, 0.96, 1.06, 1.02, 1.03, 1.04, 0.92, 0.84, 1.05, 1.10, 1.09, 0.95)
_WEEKEND = 0.06


@dataclass(frozen=True)
class Settings:
    """What a world is made from; the same settings always make the same world."""

    seed: int
    accounts: int
    noise: float
    as_of: date
    over_served: bool = True
    difficult: bool = True
    structure: bool = True
    trade: Trade = field(default_factory=Trade)

    def stream(self, concern: str) -> np.random.Generator:
        """Return the random stream of one concern; a stream added later leaves the others as they are."""
        return np.random.default_rng(np.random.SeedSequence([self.seed, zlib.crc32(concern.encode())]))


@dataclass(frozen=True)
class Calendar:
    """The days of the history, counted from its first day, and how much work each of them sees.

    Attributes
    ----------
    start
        The first day of the history.
    days
        How many days the history has; the last of them is the as-of day.
    window
        The number of the first day of the twelve-month window.
    load
        Work done before each day, in years' worth: ``load[b + 1] - load[a]`` is the exposure of days a to b.
    """

    start: np.datetime64
    days: int
    window: int
    load: Floats

    @classmethod
    def until(cls, as_of: date) -> Calendar:
        """Lay out the history that ends with the as-of day."""
        after = pd.Timestamp(as_of) + pd.Timedelta(days=1)
        first = after - pd.DateOffset(months=HISTORY_MONTHS)
        window = (after - pd.DateOffset(months=WINDOW_MONTHS) - first).days
        dates = pd.date_range(first, periods=(after - first).days, freq="D")
        weight = np.array(_SEASON)[dates.month.to_numpy() - 1] * np.where(
            dates.day_of_week.to_numpy() > 4, _WEEKEND, 1.0
        )
        load = np.concatenate([[0.0], np.cumsum(weight)])
        yearly = (load[-1] - load[window]) * (len(dates) / 365.25) / (HISTORY_MONTHS / 12.0)
        return cls(np.datetime64(first.date(), "D"), len(dates), int(window), load / yearly)

    def exposure(self, first: Ints, last: Ints) -> Floats:
        """Return the years' worth of work in the days first to last, both included; 0 where last is before first."""
        low = np.clip(first, 0, self.days)
        high = np.clip(last + 1, 0, self.days)
        return np.maximum(self.load[high] - self.load[low], 0.0)

    def place(self, first: Ints, last: Ints, at: Floats) -> Ints:
        """Return the day at which the share ``at`` of the work in first to last has been done."""
        low = self.load[np.clip(first, 0, self.days)]
        high = self.load[np.clip(last + 1, 0, self.days)]
        day = np.searchsorted(self.load, low + at * (high - low), side="right") - 1
        return np.clip(day, np.clip(first, 0, self.days - 1), np.clip(last, 0, self.days - 1)).astype(np.int64)

    def dates(self, day: Ints | Floats) -> Days:
        """Turn day numbers into dates; a number that is not finite is no date."""
        return _moments(self.start, np.floor(np.asarray(day, dtype=np.float64)), "D")

    def times(self, day: Floats) -> Days:
        """Turn day numbers with a fraction into timestamps to the minute."""
        seconds = np.round(np.asarray(day, dtype=np.float64) * 1440.0) * 60.0
        return _moments(self.start, seconds, "s")


def _moments(start: np.datetime64, number: Floats, unit: Literal["D", "s"]) -> Days:
    known = np.isfinite(number)
    steps = np.where(known, number, 0.0).astype(np.int64)
    moment = start.astype(f"datetime64[{unit}]") + steps.astype(f"timedelta64[{unit}]")
    moment[~known] = np.datetime64("NaT", unit)
    return np.asarray(moment)


def column(frame: pd.DataFrame, name: str) -> Floats:
    """Return a numeric column as an array."""
    return frame[name].to_numpy(dtype=np.float64)


def flags(frame: pd.DataFrame, name: str) -> Bools:
    """Return a true/false column as an array."""
    return frame[name].to_numpy(dtype=np.bool_)


def whole(frame: pd.DataFrame, name: str) -> Ints:
    """Return a column of whole numbers as an array."""
    return frame[name].to_numpy(dtype=np.int64)


def spread(rng: np.random.Generator, size: int, variation: float) -> Floats:
    """Draw positive factors of mean 1 with the coefficient of variation given; all 1 where it is 0."""
    if variation <= 0:
        return np.ones(size)
    shape = 1.0 / variation**2
    return rng.gamma(shape, 1.0 / shape, size)


def lognormal(rng: np.random.Generator, size: int, sigma: float) -> Floats:
    """Draw lognormal factors of mean 1."""
    return np.exp(sigma * rng.standard_normal(size) - 0.5 * sigma**2)


def steady(rng: np.random.Generator, mean: Floats) -> Ints:
    """Draw counts of planned work: the whole part of the mean, and one more with the chance of the rest."""
    return np.floor(mean + rng.random(len(mean))).astype(np.int64)


def chance(rng: np.random.Generator, probability: Floats) -> Bools:
    """Draw true with the probabilities given."""
    return np.asarray(rng.random(len(probability)) < probability)


def turn(counts: Ints) -> Ints:
    """Count through the repeats of each item: counts 2, 0, 3 give 0, 1, 0, 1, 2."""
    ends = np.cumsum(counts)
    return np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - counts, counts)


def pick(rng: np.random.Generator, size: int, weights: Sequence[float]) -> Ints:
    """Draw positions 0, 1, 2... with the weights given."""
    edges = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.minimum(np.searchsorted(edges / edges[-1], rng.random(size), side="right"), len(edges) - 1)


def words(position: Ints, pool: Sequence[str]) -> pd.Categorical:
    """Give each position its word from the pool; -1 is empty."""
    labels = list(dict.fromkeys(pool))
    index = np.array([labels.index(word) for word in pool] + [-1])
    codes: list[int] = index[position].tolist()
    return pd.Categorical.from_codes(codes, categories=pd.Index(labels))


def numbered(prefix: str, count: int, digits: int = 7) -> npt.NDArray[np.object_]:
    """Return ids such as T0000001."""
    return np.array([f"{prefix}{number:0{digits}d}" for number in range(1, count + 1)], dtype=object)


def maybe(values: Bools, known: Bools | None = None) -> pd.Series[bool]:
    """Return a true/false column that is empty where it is not known."""
    series = pd.Series(values, dtype="boolean")
    return series if known is None else series.mask(~known)


def totals(index: Ints, weights: Floats, size: int) -> Floats:
    """Sum the weights by account number."""
    return np.bincount(index, weights=weights, minlength=size).astype(np.float64)


def frame_of(columns: Mapping[str, object]) -> pd.DataFrame:
    """Build a table from columns, in the order given."""
    return pd.DataFrame(dict(columns))
