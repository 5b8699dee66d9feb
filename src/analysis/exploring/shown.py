"""Frames as a person reads them: names beside ids, headings in words, amounts, shares and days as on the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis import formats
from analysis.errors import UsageError
from analysis.exploring.words import heading, is_amount, is_number, writer
from analysis.reporting import palette
from analysis.reporting.markup import plain

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

    from analysis.portfolio import Portfolio

ROWS = 20
UNKNOWN = "\N{EN DASH}"


def shown(frame: pd.DataFrame, p: Portfolio | None = None, *, rows: int = ROWS) -> Styler:
    """Show a frame as a person reads it; `.data` of what comes back is the frame.

    Parameters
    ----------
    frame
        Any frame; columns that the contract knows are written by their kind, yours by their type.
    p
        Gives accounts their names, and amounts their currency.
    rows
        How many rows are shown; the caption says how many there are.

    Returns
    -------
    Styler
        Of pandas; to go on styling.

    Examples
    --------
    >>> frame = pd.DataFrame({"customer_id": ["007"], "net_margin": [1234.5], "cts_pct": [0.25]})
    >>> shown(frame).to_string(delimiter=" | ").splitlines()
    ['Account | Net margin | Cost to serve, share of revenue', '007 | 1,234 | 25%']
    """
    if not isinstance(frame, pd.DataFrame):
        if not isinstance(frame, pd.Series):
            raise UsageError(f"A frame is shown, as p.accounts, and not {frame!r}.")
        frame = frame.to_frame()
    whole = frame if _is_counted(frame) else frame.reset_index()
    whole = p.named(whole) if p is not None and "customer_id" in whole else whole
    top = whole.head(rows).reset_index(drop=True)
    styler = top.style.hide(axis="index").set_caption(_caption(whole, rows, p))
    for column in top.columns:
        # Of a frame that was grouped and summed in several ways the name comes first, the way after it.
        name = str(column[0] if isinstance(column, tuple) else column)
        styler = styler.format(writer(name, top[column]), subset=[column], na_rep=UNKNOWN, escape="html")
    if "behaviour" in top:
        styler = _rates(styler, top)
    styler = styler.format_index(heading, axis="columns", escape="html")
    losses = [column for column in top.columns if is_number(top[column])]
    return styler.map(_toned, subset=losses).set_table_styles(_sides(top), overwrite=False)


def _rates(styler: Styler, behaviours: pd.DataFrame) -> Styler:
    """Write rates of behaviours as shares, but for late payment, whose rate is in days."""
    late = behaviours["behaviour"] == "late_payment"
    for column in [column for column in behaviours.columns if str(column).startswith("rate")]:
        styler = styler.format(formats.percent, subset=(~late, [column]), na_rep=UNKNOWN)
        styler = styler.format(_days, subset=(late, [column]), na_rep=UNKNOWN)
    return styler


def _days(value: float) -> str:
    return f"{formats.number(value)} days"


def _is_counted(frame: pd.DataFrame) -> bool:
    """Whether the index says nothing: it is a count, or the places that rows had elsewhere."""
    return frame.index.name is None and frame.index.nlevels == 1 and pd.api.types.is_integer_dtype(frame.index)


def _caption(frame: pd.DataFrame, rows: int, p: Portfolio | None) -> str:
    amounts = any(is_amount(str(column)) for column in frame.columns)
    parts = [f"Amounts in {plain(p.policy.currency)}"] if p is not None and amounts else []
    if len(frame) > rows:
        parts.append(f"{rows} of {formats.counted(len(frame), 'row')}")
    return "; ".join(parts) if len(frame) else "No rows."


def _toned(value: Any) -> str:
    return f"color: var(--jp-error-color1, {palette.COST.light})" if pd.notna(value) and value < 0 else ""


def _sides(frame: pd.DataFrame) -> dict[Any, Any]:
    """Set words left and numbers right, headings like what is beneath them; JupyterLab sets all right."""
    sides = {column: "right" if is_number(frame[column]) else "left" for column in frame.columns}
    return {
        column: [{"selector": "", "props": f"text-align: {side}; padding: 3px 9px"}] for column, side in sides.items()
    }
