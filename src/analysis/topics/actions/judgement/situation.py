"""What the steps are weighed on: each account's margin, its chance of leaving, and the amounts to change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.policy import Steps
from analysis.statistics.credibility import expected_again, variance_within
from analysis.topics.actions.measures.volumes import CELLS

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
#: A month's least part of the window that amounts are spread over, for an account that has only just come.
LEAST_MONTHS = 1.0
#: The pools of the work that our failures cause.
FAILURES = ("failure", "failure@hand")


@dataclass(frozen=True)
class Pool:
    """An amount of the window that a step takes a share of, one number per account.

    `cost` is what goes at full cost, `cash` the part of it known to go with the work, `minutes` what is freed. Where a
    step costs instead, they are below 0.
    """

    cost: Floats
    cash: Floats
    minutes: Floats

    def of(self, rows: NDArray[np.intp] | slice) -> Pool:
        """Return the pool of some accounts."""
        return Pool(self.cost[rows], self.cash[rows], self.minutes[rows])

    def times(self, factor: Floats) -> Pool:
        """Return so many times the pool, account by account."""
        return Pool(self.cost * factor, self.cash * factor, self.minutes * factor)


@dataclass(frozen=True)
class Situation:
    """The accounts that steps are weighed for, in the order of `accounts`.

    Parameters
    ----------
    accounts
        One row per account: the statement and every judgement.
    months
        The part of the window, in months, that each was a customer.
    margin, cash_margin, doubt, cost_doubt
        What it is to earn in a month at full and at avoidable cost, as in the window but for what is not expected to
        come again; the standard error of that from the costs' ranges, and the same as a share of what its work costs.
    hazards
        Accounts x months ahead: the chance of leaving.
    pools
        The amounts of the window by name.
    content, wanting, failed
        Whether it is content; the part of its over-service that it wants, 0 to 1; the share of cases that we caused.
    again
        The amounts to be expected in a like time, where they are not those of the window.
    """

    accounts: pd.DataFrame
    months: Floats
    margin: Floats
    cash_margin: Floats
    doubt: Floats
    cost_doubt: Floats
    hazards: Floats
    pools: Mapping[str, Pool]
    content: Bools
    wanting: Floats
    failed: Floats
    discount_rate: float
    again: Mapping[str, Pool] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.accounts)

    @property
    def staying_margin(self) -> Floats:
        """What a month of its staying is worth: of an account that loses money only what would go with it."""
        return np.where(self.margin < 0, self.cash_margin, self.margin)

    @property
    def ahead(self) -> dict[str, Pool]:
        """The amounts of a like time to come, for all that steps act on.

        A step is taken where its amount was large, of which chance made some: what comes again is less.
        """
        return {**self.pools, **self.again}

    @property
    def of_numbers(self) -> Situation:
        """The same without the accounts' columns, of which rows are quickly taken."""
        return replace(self, accounts=self.accounts[[]])

    def of(self, rows: NDArray[np.intp] | slice) -> Situation:
        """Return the situation of some accounts."""
        return replace(
            self,
            accounts=self.accounts.iloc[rows].reset_index(drop=True),
            **{name: getattr(self, name)[rows] for name in ARRAYS},
            pools={name: pool.of(rows) for name, pool in self.pools.items()},
            again={name: pool.of(rows) for name, pool in self.again.items()},
        )


#: What a situation has one of for each account.
ARRAYS = tuple(one.name for one in fields(Situation) if one.type in ("Floats", "Bools"))


def pools_of(accounts: pd.DataFrame) -> dict[str, Pool]:
    """Return the amounts of the window that steps act on.

    Parameters
    ----------
    accounts
        The statement with the cells of `driver_volumes`, `returned`, `late` and `shortfall`; what is empty is 0.
    """

    def number(name: str) -> Floats:
        if name not in accounts:
            return np.zeros(len(accounts))
        return np.nan_to_num(accounts[name].to_numpy(dtype=np.float64, na_value=np.nan))

    pools = {cell: Pool(number(f"{cell}:cost"), number(f"{cell}:cash"), number(f"{cell}:minutes")) for cell in CELLS}
    plain = {"late": "late", "write_offs": "write_offs", "freight": "freight", "returned": "returned"}
    pools |= {name: _money(number(column)) for name, column in plain.items()}
    pools |= {"goods": _money(np.maximum(number("cogs"), 0.0)), "net_revenue": _money(number("net_revenue"))}
    pools |= {"shortfall": _money(-number("shortfall")), "more_service": _money(-number("cost_to_serve"))}
    return pools


def _money(values: Floats) -> Pool:
    return Pool(values, values, np.zeros(len(values)))


def content(accounts: pd.DataFrame, steps: Steps) -> Bools:
    """Return whether each account is content; one that was never asked counts as the middle one of those asked."""
    asked = (accounts.total / accounts.answers).where(accounts.answers > 0)
    usual = asked.median() if asked.notna().any() else steps.content_from
    found: Bools = (asked.fillna(usual) >= steps.content_from).to_numpy(dtype=np.bool_)
    return found


def failed_share(accounts: pd.DataFrame, prior: float = 8.0) -> Floats:
    """Return the share of cases that we caused, drawn to the portfolio's where there are few cases."""
    cases, failed = (np.nan_to_num(accounts[name].to_numpy(dtype=np.float64)) for name in ("cases", "failed"))
    usual = failed.sum() / cases.sum() if cases.sum() else 0.0
    return np.asarray((failed + prior * usual) / (cases + prior))


def to_come_again(accounts: pd.DataFrame, pools: Mapping[str, Pool], failed: Floats) -> dict[str, Pool]:
    """Return the amounts of a like time to come, of what happens now and then: our failures, and money late or lost.

    Of failures those cases that are expected over those that were; of money the invoices' own mean (`expected_again`).

    Parameters
    ----------
    accounts
        cases and failed, with the columns of `late_money` and `never_came` where there are invoices.
    failed
        As `failed_share` gives it.
    """
    found = {name: pools[name].times(recurring_failures(accounts, failed)) for name in FAILURES}
    if "lost" in accounts:
        day = accounts.late_day.fillna(0.0).to_numpy(dtype=np.float64)
        found["late"] = _money(_expected_amount(accounts, "late_days") * day)
        found["write_offs"] = _money(_expected_amount(accounts, "lost"))
    return found


def _expected_amount(accounts: pd.DataFrame, name: str) -> Floats:
    """Return what is to be expected of a measure of invoices, were as much invoiced again."""
    ends = ("", "_of", "_cases", "_count", "_total", "_squares")
    amount, of, cases, *sums = (accounts[f"{name}{end}"].fillna(0.0).to_numpy(dtype=np.float64) for end in ends)
    each = np.divide(amount, of, out=np.zeros_like(of), where=of > 0)
    return expected_again(each, cases, variance_within(*sums)) * of


def not_again(pools: Mapping[str, Pool], again: Mapping[str, Pool], measure: str) -> Floats:
    """Return by how much the window cost more than a like time is expected to."""
    return np.asarray(sum(getattr(pools[name], measure) - getattr(pool, measure) for name, pool in again.items()))


def recurring_failures(accounts: pd.DataFrame, failed: Floats) -> Floats:
    """Return what of our failures is to be expected in a like time, over those of the window.

    Parameters
    ----------
    failed
        As `failed_share` gives it.
    """
    cases, seen = (np.nan_to_num(accounts[name].to_numpy(dtype=np.float64)) for name in ("cases", "failed"))
    return np.divide(failed * cases, seen, out=np.ones(len(accounts)), where=seen > 0)
