"""How the columns of frames and the codes in them are said: by the contract's kind, else by their type."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from difflib import get_close_matches
from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd

from analysis import formats
from analysis.data.contract import BACKTEST, INPUTS, OUTPUTS, Kind
from analysis.errors import UsageError
from analysis.reporting.action_words import action_title
from analysis.reporting.labels import attribute_title, driver_title, segment_title
from analysis.reporting.markup import cut, plain, titled
from analysis.topics.service.words import ASK, REMEDIES

LONGEST = 300
#: Columns whose code names read badly as words.
HEADINGS = {
    "customer_id": "Account",
    "cogs": "Cost of goods",
    "cts_pct": "Cost to serve, share of revenue",
    "clv": "Lifetime value",
    "clv_low": "Lifetime value, low",
    "clv_high": "Lifetime value, high",
    "clv_avoidable": "Lifetime value, avoidable cost",
    "p_unprofitable": "Chance of a loss",
    "p_over_served": "Chance of over-service",
    "p_difficult": "Chance of being difficult",
    "p_gain": "Chance of a gain",
    "leaves_year": "Chance of leaving in a year",
    "difficulty_ours": "Ours, share of trouble",
    "over_served": "Over-served",
    "under_served": "Under-served",
    "over_service_cost": "Cost of over-service",
}
_REMEDIES = {remedy.column: f"{remedy.what}: {remedy.do}" for remedy in (*REMEDIES, ASK)}
WORDS: dict[str, Callable[[object], str]] = {
    "segment": segment_title,
    "next_segment": segment_title,
    "segment_before": segment_title,
    "driver": driver_title,
    "attribute": attribute_title,
    "action": action_title,
    "remedy": lambda value: _REMEDIES.get(str(value)) or titled(value, 60),
    "failure": lambda value: titled(value, 60),
}
_SHARES = re.compile(
    r"p_\w+|chance|share|share_\w+|\w+_share|cts_pct|service_demand|difficulty_ours|leaves_year|\w*stability|rate|rate_shrunk|rate_usual|price|"
    r"wants_met|promises_kept|\w+_demand"
)


def stop_at_columns(rows: object, names: Iterable[str], figures: Iterable[str]) -> None:
    """Stop where a plot is asked of what is no frame, of a column that it has not, or of words where figures are due.

    Raises
    ------
    UsageError
        Naming the column, with the nearest.
    """
    if not isinstance(rows, pd.DataFrame):
        raise UsageError("A frame is drawn, as p.accounts; of what `shown` gives it is `.data`.")
    here = [str(column) for column in rows.columns]
    for name in (*names, *figures):
        if name not in here:
            near = get_close_matches(str(name), here, 1)
            raise UsageError(
                f"The frame has no column {name!r}. " + (f"Is it {near[0]}?" if near else f"It has {', '.join(here)}.")
            )
    for name in figures:
        if pd.to_numeric(rows[name].dropna(), errors="coerce").isna().any():
            raise UsageError(f"The column {name!r} holds no numbers to draw.")


def heading(column: object) -> str:
    """Give a column's name in words.

    Examples
    --------
    >>> heading("cost_to_serve"), heading("customer_id"), heading("cts_after_hours")
    ('Cost to serve', 'Account', 'After hours')
    """
    key = str(column)
    return HEADINGS.get(key) or titled(key.removeprefix("cts_"), 60)


def is_amount(column: str) -> bool:
    """Whether a column of the contract holds money."""
    known = _kinds().get(column)
    return known == Kind.MONEY or (known is None and column.startswith("cts_"))


def is_share(column: str) -> bool:
    """Whether a column is written as a percentage."""
    return _SHARES.fullmatch(column) is not None


def is_number(values: pd.Series[Any]) -> bool:
    """Whether a column holds numbers; flags are none."""
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)


def writer(column: str, values: pd.Series[Any]) -> Callable[[Any], str]:
    """Choose how a column's known values are written.

    Examples
    --------
    >>> writer("segment", pd.Series(["x"]))("unprofitable_high_demand"), writer("net_margin", pd.Series([1.0]))(1234.5)
    ('Loss-making, much service', '1,234')
    >>> writer("over_served", pd.Series([True]))(True), writer("mine", pd.Series([0.5]))(0.5)
    ('yes', '0.5')
    >>> writer("brier", pd.Series([0.0952]))(0.0952), writer("visits", pd.Series([0.25, 12.0]))(0.25)
    ('0.095', '0.2')
    >>> writer("rate", pd.Series([0.25]))(0.25), writer("rate", pd.Series([0.25, 3.4]))(0.25)
    ('25%', '0.25')
    """
    if pd.api.types.is_datetime64_any_dtype(values):
        return _moment
    if not is_number(values):
        return WORDS.get(column) or (_coded_word if column in _coded() else _words)
    if is_amount(column):
        return formats.count
    # The rate of late payment is in days: where nothing says which it is, the others are no percentages either.
    in_days = column.startswith("rate") and bool((values > 1).any())
    shares = is_share(column) and not in_days
    return formats.percent if shares else partial(formats.number, digits=_digits(values))


def _digits(values: pd.Series[Any]) -> int:
    """Return the decimals that tell a column's numbers apart: the smaller they are, the more."""
    largest = float(values.abs().max()) if values.notna().any() else 0.0
    return 1 if largest >= 10 else 2 if largest >= 1 else 3


@cache
def _kinds() -> dict[str, Kind]:
    tables = (*INPUTS.values(), *BACKTEST.values(), *OUTPUTS.values())
    return {column.name: column.kind for table in tables for column in table.columns}


@cache
def _coded() -> frozenset[str]:
    tables = (*BACKTEST.values(), *OUTPUTS.values())
    return frozenset(column.name for table in tables for column in table.columns if column.values)  # noqa: PD011


def _coded_word(value: Any) -> str:
    return "None" if value == "none" else titled(value, 60)  # a code of ours: no name that has to stand in quotes


def _words(value: Any) -> str:
    """Write what is no number: a flag, a day, a list, or text."""
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, date):
        return _moment(value)
    return cut(plain(value), LONGEST)


def _moment(value: Any) -> str:
    stamp = pd.Timestamp(value)
    return f"{stamp:%Y-%m-%d}" if stamp == stamp.normalize() else f"{stamp:%Y-%m-%d %H:%M}"
