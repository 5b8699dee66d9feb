"""The trade of a firm: its base rates, its scale of money, what its accounts are like and what its records leave out.

The default trade is that of `data/sample`. `Trade.of(seed)` draws another, so that a judgement can be held against a
family of firms: one that was fitted to a single firm's rates, amounts or records fails on the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

#: What a firm may keep no record of: the columns that are then empty, by table; an empty tuple takes every row.
GAPS: dict[str, dict[str, tuple[str, ...]]] = {
    "causes": {"cases": ("cause",)},
    "promises": {"cases": ("promised_at", "promise_kept"), "case_updates": ()},
    "ratings_of_cases": {"cases": ("satisfaction",)},
    "needs": {"cases": ("needed_by",)},
    "answers": {"cases": ("first_response_at",)},
    "requests": {"service_events": ("requested",)},
    "scope": {"service_events": ("in_scope",)},
    "minutes": {"service_events": ("minutes",)},
    "invoices": {"invoices": (), "payments": ()},
    "peers": {"customers": ("industry", "size")},
    "wishes": {"service_levels": ("wish",)},
}
#: How likely each gap is.
GAP_CHANCE = 0.15


@dataclass(frozen=True)
class Trade:
    """What sets one firm apart from another; every factor is 1 and nothing is missing in the sample's own trade.

    Attributes
    ----------
    money
        All amounts, times this.
    behaviours
        How often accounts do what makes service hard, by behaviour, times this; planted difficulty comes on top.
    failures, cases, orders
        How often we fail a case; cases and orders of an account a year, times this.
    growth
        The power of an account's size with which its cases and orders grow.
    difficult, made_by_us, over_served
        The share of accounts that are planted so; of over-service, times the sample's.
    silent
        The share of accounts without any stated level.
    unstated
        Attributes of which nobody states a level.
    raters, severity
        The fewest ratings of a rated account; how far raters differ in hardness, times the sample's.
    gaps
        Names of `GAPS`: what the firm keeps no record of.
    """

    money: float = 1.0
    behaviours: Mapping[str, float] = field(default_factory=dict)
    failures: float = 1.0
    cases: float = 1.0
    orders: float = 1.0
    growth: float = 0.28
    difficult: float = 0.16
    made_by_us: float = 0.085
    over_served: float = 1.0
    silent: float = 0.20
    unstated: tuple[str, ...] = ()
    raters: int = 4
    severity: float = 1.0
    gaps: tuple[str, ...] = ()

    @classmethod
    def of(cls, seed: int, behaviours: tuple[str, ...], attributes: tuple[str, ...]) -> Trade:
        """Draw a trade; the same seed always draws the same.

        Parameters
        ----------
        seed
            Which firm.
        behaviours, attributes
            The names that a rate, or a gap in the stated levels, is drawn for.
        """
        rng = np.random.default_rng([seed, 1])

        def factor(least: float, most: float) -> float:
            return float(np.exp(rng.uniform(np.log(least), np.log(most))))

        return cls(
            money=factor(0.01, 1_000.0),
            behaviours={name: factor(0.4, 2.5) for name in behaviours},
            failures=factor(0.4, 3.0),
            cases=factor(0.6, 2.5),
            orders=factor(0.5, 2.5),
            growth=float(rng.uniform(0.1, 0.8)),
            difficult=float(rng.uniform(0.04, 0.20)),
            made_by_us=float(rng.uniform(0.02, 0.14)),
            over_served=float(rng.uniform(0.3, 1.2)),
            silent=float(rng.uniform(0.05, 0.8)),
            unstated=tuple(name for name in attributes if rng.random() < 0.2),
            raters=int(rng.integers(1, 6)),
            severity=factor(0.5, 2.0),
            gaps=tuple(name for name in GAPS if rng.random() < GAP_CHANCE),
        )

    def usual(self, behaviour: str) -> float:
        """Return how often accounts of this trade do what a behaviour names, times the sample's."""
        return self.behaviours.get(behaviour, 1.0)

    def recorded(self, tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        """Return the tables as this firm keeps them: what it has no record of is empty."""
        kept = dict(tables)
        for gap in self.gaps:
            for name, columns in GAPS[gap].items():
                kept[name] = _without(kept[name], columns)
        if self.unstated:
            levels = kept["service_levels"]
            kept["service_levels"] = levels[~levels["attribute"].isin(self.unstated)].reset_index(drop=True)
        return kept

    def in_money(self, table: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
        """Return a table with its amounts in this firm's money; `columns` says which are (`money`)."""
        amounts = [name for name, kind in columns.items() if kind == "money" and name in table]
        return table if self.money == 1.0 else table.assign(**{name: table[name] * self.money for name in amounts})


def _without(table: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    if not columns:
        return table.iloc[:0]
    return table.assign(**{name: pd.Series(index=table.index, dtype=table[name].dtype) for name in columns})
