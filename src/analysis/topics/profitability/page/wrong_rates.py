"""What a 30% error in any one rate would change in the conclusions."""

from __future__ import annotations

import pandas as pd

from analysis.formats import count, counted, is_known, listed, money_range, percent
from analysis.reporting import tables
from analysis.reporting.basis import basis
from analysis.reporting.fragments import paragraph, section
from analysis.reporting.known import idle, measured
from analysis.reporting.markup import Html, name, spoken, titled
from analysis.run import Run

LISTED = 12


def wrong_rates(run: Run) -> Html:
    """Show what the conclusions would be with one rate off, either way."""
    rows, currency = run.sensitivity, run.policy.currency
    if rows.empty or rows["net_margin"].isna().all() or idle(measured(run.accounts)).all():
        return Html()
    worst = both_ways(rows).sort_values(["turned", "resource"], ascending=[False, True])
    size = percent(rows["change"].abs().max())
    shown = [
        tables.Column("Resource", lambda row: name(titled(row["resource"])), number=False),
        tables.Column("Net margin then", lambda row: money_range(row["margin_low"], row["margin_high"])),
        tables.Column("Accounts that cost", lambda row: _counts(row["fewest"], row["most"])),
        tables.count("Change sign, at most", "turned"),
        tables.count("Change segment, at most", "segments"),
    ]
    caption = f"With one rate {size} lower or higher and all else as stated, {currency}"
    words = paragraph("A rate is what a minute of a resource costs: its cost over its practical capacity.")
    return section(
        "wrong-rates", wrong_rates_title(rows), words, tables.table(worst.head(LISTED), shown, caption),
        basis(run, "work", "capacity"), short="A wrong rate",
    )  # fmt: skip


def both_ways(rows: pd.DataFrame) -> pd.DataFrame:
    """Put the two ways in which a rate may be off into one row for each resource."""
    return (
        rows.groupby("resource")
        .agg(
            margin_low=("net_margin", "min"),
            margin_high=("net_margin", "max"),
            fewest=("loss_making_accounts", "min"),
            most=("loss_making_accounts", "max"),
            turned=("turned", "max"),
            segments=("segments_changed", "max"),
        )
        .reset_index()
    )


def wrong_rates_title(rows: pd.DataFrame) -> str:
    """Say how many accounts the worst such error would turn.

    Examples
    --------
    >>> frame = pd.DataFrame({"resource": ["desk", "desk"], "change": [-0.3, 0.3], "turned": [1, 4]})
    >>> wrong_rates_title(frame)
    'If one rate were 30% off, at most 4 accounts would turn (desk)'
    """
    size, most = percent(rows["change"].abs().max()), int(rows["turned"].max())
    if not most:
        return f"If any one rate were {size} off, no account would turn"
    worst = sorted({spoken(key) for key in rows.loc[rows["turned"] == most, "resource"]})
    named = f" ({listed(worst)})" if len(worst) <= 3 else ""
    return f"If one rate were {size} off, at most {counted(most, 'account')} would turn{named}"


def _counts(fewest: object, most: object) -> str:
    return count(fewest) if fewest == most else f"{count(fewest)} to {count(most)}"


def total_with_a_wrong_rate(run: Run) -> tuple[float, float] | None:
    """Give the lowest and the highest net margin of all accounts with any one rate off; None where not measured."""
    margins = run.sensitivity["net_margin"].astype(float).dropna()
    return (float(margins.min()), float(margins.max())) if len(margins) and is_known(margins.min()) else None
