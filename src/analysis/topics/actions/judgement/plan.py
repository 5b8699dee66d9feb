"""The plan: the steps that add most under the hours that each team has, by quarter; exact, with its gap.

A mixed-integer programme (HiGHS, by scipy): at most one step or package per account, the teams' hours in each quarter,
and the policy's limits on how many of a kind and on how much may rest on one step. The bound is Lagrange's: with the
linear programme's prices of an hour, no plan over all candidates, weighed by the solver or not, can add more.

Where the policy is cautious, what the plan adds in the worst tenth of the draws counts too: the conditional value at
risk (Rockafellar & Uryasev, Journal of Risk 2(3), 2000). It is the least mean over any tenth of the draws, so that the
worst tenth of each plan found is a bound on all plans: a few such cuts find the best one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.policy import Finance, Plan, Policy
from analysis.topics.actions.judgement.packages import steps_of

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
#: The column of the candidates that the plan adds most of, by the policy's basis.
BASES = {"full": "value", "cash": "cash"}
#: The part of the draws that caution looks at; the cuts that are tried at most; how near is near enough.
WORST, MOST_CUTS, CLOSE = 0.1, 20, 1e-2
#: Parts between the most that could be added and the least, in which the worst tenth is told.
PARTS = 10_000
#: So many candidates are drawn at a time, where all are only summed.
AT_A_TIME = 20_000
#: So many columns are weighed whole; of more, those that the linear programme is least sure of.
CORE = 1_000


@dataclass(frozen=True)
class Planned:
    """A plan.

    Parameters
    ----------
    rows
        The candidates that are in it, with `quarter` (1 is the next), `value_then`: less what waiting costs, and
        `adds`: the same of what the plan is chosen by.
    prices
        team, quarter, hours, used, price: what one more hour would add, by the linear programme's dual.
    value, bound
        What it adds, the worst tenth counted as the policy says; and what no plan can pass.
    """

    rows: pd.DataFrame
    prices: pd.DataFrame
    value: float
    bound: float

    @property
    def gap(self) -> float:
        """How far the plan may be from the best there is, as a share of the bound."""
        return max(0.0, 1.0 - self.value / self.bound) if self.bound > 0 else 0.0


def waiting(quarters: int, finance: Finance) -> Floats:
    """Return what is left of a step's value when it is taken so many quarters later: less of the horizon, discounted.

    Examples
    --------
    >>> waiting(2, Finance(discount_rate=0.0, horizon_months=36)).round(4)
    array([1.    , 0.9167])
    """
    later = np.arange(quarters)
    rest = np.maximum(finance.horizon_months - 3 * later, 0) / finance.horizon_months
    return np.asarray(rest * (1.0 + finance.discount_rate) ** (-later / 4.0))


def worst_tenth(draws: Floats) -> float:
    """Return the mean of the lowest tenth of some draws.

    Examples
    --------
    >>> worst_tenth(np.arange(20.0))
    0.5
    """
    return float(np.sort(draws)[: _tenth(draws)].mean())


def _tenth(draws: Floats) -> int:
    return max(1, round(len(draws) * WORST))


def plan(candidates: pd.DataFrame, policy: Policy, draws: Callable[[pd.DataFrame], Floats] | None = None) -> Planned:
    """Return the plan of highest value.

    Parameters
    ----------
    candidates
        customer_id, action (a step, or a package of steps), value and cash: at most one per account is taken, of those
        that add anything by what the plan is chosen by (`plan.basis`).
    policy
        Its `[plan]`, and the hours and teams of its `[actions]`.
    draws
        Gives what each candidate adds in each draw of what is assumed, by the plan's basis; without them caution has
        nothing to go by.
    """
    some = candidates.assign(adds=candidates[BASES[policy.plan.basis]])
    some = some[(some.value > 0) & (some.adds > 0)]
    # Which of two plans that are as good is found hangs on the order of the columns, which no id may set.
    most = some.groupby("customer_id").adds.transform("max")
    some = some.assign(most=most).sort_values(["most", "customer_id", "action"], ascending=[False, True, True])
    some = some.drop(columns="most").reset_index(drop=True)
    kept = some[some.customer_id.isin(_most_promising(some, policy))].reset_index(drop=True)
    problem = _Problem.of(kept, policy)
    if draws is not None and policy.plan.caution > 0 and len(kept):
        problem = replace(problem, drawn=draws(kept), caution=policy.plan.caution)
    chosen, bound = problem.solve()
    prices = problem.prices()
    if len(kept) < len(some):
        bound = problem.bound_over(some, policy, draws)
    rows = kept.iloc[chosen // problem.quarters].assign(
        quarter=chosen % problem.quarters + 1, wait=waiting(problem.quarters, policy.finance)[chosen % problem.quarters]
    )
    rows = rows.assign(value_then=rows.value * rows.wait, adds=rows.adds * rows.wait).drop(columns="wait")
    used = problem.limits[:, chosen].sum(axis=1)
    value = problem.objective(chosen)
    return Planned(
        rows.sort_values(["quarter", "adds", "customer_id"], ascending=[True, False, True], ignore_index=True),
        problem.hours_table(np.asarray(used).ravel(), prices, policy.plan),
        value,
        max(value, bound),
    )


def _most_promising(candidates: pd.DataFrame, policy: Policy) -> pd.Index[str]:
    """Return, of each team's candidates, the accounts that add most for an hour of it; as many of each team."""
    import pandas as pd

    if candidates.empty:
        return pd.Index([], dtype="str")
    usage = {action: _hours(action, policy) for action in candidates.action.unique()}
    teams = sorted({team for used in usage.values() for team, hours in used.items() if hours > 0})
    free = candidates[candidates.action.map({a: sum(used.values()) == 0 for a, used in usage.items()})]
    kept = [free.sort_values(["adds", "customer_id"], ascending=[False, True])]
    for team in teams:
        hours = candidates.action.map({action: used.get(team, 0.0) for action, used in usage.items()})
        mine = candidates[hours > 0].assign(density=candidates.adds / hours)
        kept.append(mine.sort_values(["density", "customer_id"], ascending=[False, True]))
    each = policy.plan.accounts // max(len(kept), 1)
    return pd.Index(pd.concat([part.customer_id.drop_duplicates().head(each) for part in kept]).unique())


def _hours(action: str, policy: Policy) -> dict[str, float]:
    found: dict[str, float] = {}
    for name in steps_of(action):
        assumed = policy.actions[name]
        found[assumed.team] = found.get(assumed.team, 0.0) + assumed.hours
    return found


@dataclass(frozen=True)
class _Relaxed:
    """What the linear programme settles.

    Parameters
    ----------
    core, settled
        The columns of which it is not sure, and of the others those that it takes.
    bound
        What no choice can pass.
    prices
        What one more of each limit would add.
    cuts
        How much each cut counts; they sum to the caution, or less.
    """

    core: NDArray[np.intp]
    settled: NDArray[np.intp]
    bound: float
    prices: Floats
    cuts: Floats


@dataclass(frozen=True)
class _Problem:
    """The programme: one column for each candidate and quarter."""

    worth: Floats
    account: NDArray[np.intp]
    limits: Any
    most: Floats
    names: list[tuple[str, str, int]]
    quarters: int
    seconds: float
    rests: Any = None
    wait: Floats | None = None
    drawn: Floats | None = None
    caution: float = 0.0

    @classmethod
    def of(cls, candidates: pd.DataFrame, policy: Policy) -> _Problem:
        """Return the programme of some candidates."""
        import pandas as pd
        from scipy.sparse import csr_array

        quarters = policy.plan.quarters
        worth = np.outer(candidates.adds.to_numpy(dtype=np.float64), waiting(quarters, policy.finance)).ravel()
        account = np.repeat(pd.factorize(candidates.customer_id)[0], quarters).astype(np.intp)
        usage = {name: _usage(name, policy) for name in candidates.action.unique()}
        limits, most, names = [], [], []
        for (kind, name), limit in _ceilings(policy.plan).items():
            each = candidates.action.map({a: used.get((kind, name), 0.0) for a, used in usage.items()})
            for quarter in range(quarters):
                mask = np.arange(quarters) == quarter
                limits.append(np.outer(each.to_numpy(dtype=np.float64), mask).ravel())
                most.append(limit)
                names.append((kind, name, quarter + 1))
        rows = np.array(limits) if limits else np.zeros((0, len(worth)))
        rests = _rests(candidates, worth, policy.plan)
        wait = waiting(quarters, policy.finance)
        return cls(worth, account, csr_array(rows), np.array(most), names, quarters, policy.plan.seconds, rests, wait)

    @cached_property
    def _one_each(self) -> Any:
        from scipy.sparse import csr_array

        count = int(self.account.max()) + 1 if len(self.account) else 0
        place = np.arange(len(self.account))
        return csr_array((np.ones(len(place)), (self.account, place)), shape=(count, len(place)))

    def solve(self) -> tuple[NDArray[np.intp], float]:
        """Return the columns that the plan takes, and what no choice of these columns can pass."""
        if not len(self.worth):
            return np.zeros(0, dtype=np.intp), 0.0
        cuts = self._first_cuts
        best, bound = np.zeros(0, dtype=np.intp), float(self.worth.sum())
        for _ in range(MOST_CUTS if self.caution else 1):
            taken, told, bound = self._solved(cuts, bound)
            if self.objective(taken) > self.objective(best):
                best = taken
            worst = self._worst(taken)
            if worst is None or told - worst @ self._chosen(taken) <= CLOSE * max(abs(told), 1.0):
                break
            cuts.append(worst)
        return best, bound

    @property
    def _first_cuts(self) -> list[Floats]:
        """What is expected of each column, and what it adds in the draws that are the worst for all of them together.

        These are about the worst for the plan, too: mostly one solution is enough.
        """
        every = self._worst(self._every_first)
        return [self.worth] if every is None else [self.worth, every]

    @property
    def _every_first(self) -> NDArray[np.intp]:
        """The columns of all candidates in the first quarter."""
        return np.arange(0, len(self.worth), self.quarters)

    def _solved(self, cuts: list[Floats], bound: float) -> tuple[NDArray[np.intp], float, float]:
        """Return the best columns where the worst tenth is no more than any cut; what it is then; and the bound.

        Of many columns the linear programme settles nearly all: only those that it is least sure of are weighed whole
        (the core of the problem: Pisinger, "An expanding-core algorithm for the exact 0-1 knapsack problem", *European
        Journal of Operational Research* 87, 1995).
        """
        relaxed = self._relaxed(cuts) if len(self.worth) > CORE else None
        if relaxed is not None:
            found = self._weighed(cuts, relaxed.core, relaxed.settled)
            if found is not None:
                return found[0], found[1], relaxed.bound
        found = self._weighed(cuts, np.arange(len(self.worth)), np.zeros(0, dtype=np.intp))
        return found or (np.zeros(0, dtype=np.intp), 0.0, bound)

    def _relaxed(self, cuts: list[Floats]) -> _Relaxed | None:
        """Return what the linear programme settles, where a column is taken in part; None where it finds nothing."""
        from scipy.optimize import linprog
        from scipy.sparse import csr_array, hstack, vstack

        rows, most = self._limits
        # The numbers of one solution are of about one size: else the solver's tolerance is more than a small one.
        unit, count = float(self.worth.max()), len(self.worth)
        tenth = csr_array(np.column_stack([-np.array(cuts) / unit, np.ones(len(cuts))]))
        found = linprog(
            -np.r_[(1.0 - self.caution) * self.worth / unit, self.caution],
            A_ub=vstack([hstack([rows, csr_array((rows.shape[0], 1))]), tenth]),
            b_ub=np.r_[most, np.zeros(len(cuts))],
            bounds=[*[(0, 1)] * count, (self._lowest() / unit, None)],
            method="highs",
            options={"time_limit": self.seconds},
        )
        if found.status:
            return None
        unsure = np.abs(found.lower.marginals + found.upper.marginals)[:count]
        core = np.sort(np.argsort(unsure, kind="stable")[:CORE])
        whole = np.flatnonzero(found.x[:count] > 0.5)
        duals = np.maximum(-found.ineqlin.marginals, 0.0)
        first = self._one_each.shape[0]
        prices = duals[first : first + len(self.most)] * unit
        return _Relaxed(core, np.setdiff1d(whole, core), -float(found.fun) * unit, prices, duals[len(most) :])

    def _weighed(
        self, cuts: list[Floats], free: NDArray[np.intp], settled: NDArray[np.intp]
    ) -> tuple[NDArray[np.intp], float, float] | None:
        """Return the settled columns with the best of the free ones; the worst tenth; and the bound.

        None where no choice was found.
        """
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array, hstack

        # Every variable is whole, the worst tenth in small parts of all that could be added: of a continuous one the
        # solver writes to the standard output.
        count, low, every = len(free), self._lowest(), np.array(cuts)
        part = (float(self.worth.sum()) - low) / PARTS
        rows, most = self._limits
        whole = hstack([rows[:, free], csr_array((rows.shape[0], 1))])
        tenth = csr_array(np.column_stack([-every[:, free] / part, np.ones(len(cuts))]))
        held = [
            LinearConstraint(whole, -np.inf, most - rows[:, settled].sum(axis=1)),
            LinearConstraint(tenth, -np.inf, every[:, settled].sum(axis=1) / part),
        ]
        near, limit = (CLOSE / 10, self.seconds / (len(cuts) - 1)) if self.caution else (1e-5, self.seconds)
        options = {"time_limit": limit, "mip_rel_gap": near, "presolve": False}
        found = milp(
            -np.r_[(1.0 - self.caution) * self.worth[free] / part, self.caution],
            integrality=1,
            bounds=Bounds(np.r_[np.zeros(count), np.floor(low / part)], np.r_[np.ones(count), PARTS]),
            constraints=held,
            options=options,
        )
        if found.x is None:
            return None
        taken = np.union1d(settled, free[found.x[:count] > 0.5])
        bound = (self.caution - float(found.mip_dual_bound)) * part + (1.0 - self.caution) * self.worth[settled].sum()
        return taken, float(found.x[count]) * part, bound

    @cached_property
    def _limits(self) -> tuple[Any, Floats]:
        """Every row of the programme, and what it may come to."""
        from scipy.sparse import vstack

        one_each = self._one_each
        rows = vstack([one_each, self.limits, *([self.rests] if self.rests is not None else [])], format="csc")
        most = np.r_[np.ones(one_each.shape[0]), self.most]
        return rows, np.r_[most, np.zeros(rows.shape[0] - len(most))]

    def _lowest(self) -> float:
        """Return what no plan's worst tenth lies below: the sum of each candidate's own, where that takes something."""
        if self.drawn is None or not self.caution:
            return 0.0
        each = np.sort(self.drawn, axis=1)[:, : _tenth(self.drawn[0])].mean(axis=1)
        return float(np.minimum(each, 0.0).sum()) * self.quarters

    def _chosen(self, taken: NDArray[np.intp]) -> Floats:
        found = np.zeros(len(self.worth))
        found[taken] = 1.0
        return found

    def _totals(self, taken: NDArray[np.intp]) -> Floats | None:
        """Return what the columns add in each draw; None where nothing is drawn."""
        if self.drawn is None or self.wait is None or not self.caution:
            return None
        return np.asarray(self.wait[taken % self.quarters] @ self.drawn[taken // self.quarters])

    def _worst(self, taken: NDArray[np.intp]) -> Floats | None:
        """Return what each column adds in the draws that are the worst tenth of a plan."""
        draws = self._worst_draws(taken)
        if draws is None or self.drawn is None or self.wait is None:
            return None
        return np.outer(self.drawn[:, draws].mean(axis=1), self.wait).ravel()

    def _worst_draws(self, taken: NDArray[np.intp]) -> NDArray[np.intp] | None:
        """Return the draws that are the worst tenth of a plan; None where nothing is drawn."""
        totals = self._totals(taken)
        return None if totals is None else np.argsort(totals, kind="stable")[: _tenth(totals)]

    def objective(self, taken: NDArray[np.intp]) -> float:
        """Return what a plan is chosen by: what it adds, and as the policy is cautious what it adds at the worst."""
        value, totals = float(self.worth[taken].sum()), self._totals(taken)
        return value if totals is None else (1.0 - self.caution) * value + self.caution * worst_tenth(totals)

    def prices(self) -> Floats:
        """Return what one more of each limit would add: the duals of the linear programme, 0 or more."""
        from scipy.optimize import linprog
        from scipy.sparse import vstack

        if not len(self.worth):
            return np.zeros(len(self.most))
        matrix = vstack([self.limits, self._one_each])
        most = np.r_[self.most, np.ones(matrix.shape[0] - len(self.most))]
        found = linprog(-self.worth, A_ub=matrix, b_ub=most, bounds=(0, 1), method="highs")
        return np.maximum(-found.ineqlin.marginals[: len(self.most)], 0.0)

    def bound_over(
        self, candidates: pd.DataFrame, policy: Policy, draws: Callable[[pd.DataFrame], Floats] | None
    ) -> float:
        """Return what no plan over all candidates can pass: the limits at their price, and the best left of each.

        The prices are those of the linear programme of the candidates that were weighed (Lagrange); so is how much the
        worst tenth counts.
        """
        relaxed = self._relaxed(self._first_cuts) if len(self.worth) else None
        whole = _Problem.of(candidates, policy)
        prices, objective = np.zeros(len(whole.most)), whole.worth
        if relaxed is not None:
            prices = relaxed.prices
        if relaxed is not None and draws is not None and self.wait is not None and len(relaxed.cuts) > 1:
            # Any weights that sum to the caution give a bound, since the worst tenth is no more than either.
            share = self.caution * relaxed.cuts[1] / (relaxed.cuts.sum() or 1.0)
            worst = self._worst_draws(self._every_first)
            parts = np.array_split(np.arange(len(candidates)), 1 + len(candidates) // AT_A_TIME)
            low = np.concatenate([draws(candidates.iloc[part])[:, worst].mean(axis=1) for part in parts])
            objective = (1.0 - share) * objective + share * np.outer(low, self.wait).ravel()
        left = np.maximum(objective - whole.limits.T @ prices, 0.0)
        best = np.zeros(whole._one_each.shape[0])
        np.maximum.at(best, whole.account, left)
        return float(whole.most @ prices + best.sum())

    def hours_table(self, used: Floats, prices: Floats, choices: Plan) -> pd.DataFrame:
        """Return team, quarter, hours, used and price of the teams' hours."""
        import pandas as pd

        rows = [
            {"team": name, "quarter": quarter, "hours": choices.hours[name], "used": used[at], "price": prices[at]}
            for at, (kind, name, quarter) in enumerate(self.names)
            if kind == "team"
        ]
        return pd.DataFrame(rows, columns=["team", "quarter", "hours", "used", "price"])


def _rests(candidates: pd.DataFrame, worth: Floats, choices: Plan) -> Any | None:
    """Return a row for each step: what of a plan's value rests on it, less the share of the whole that may."""
    from scipy.sparse import csr_array

    if choices.most_on_one >= 1 or candidates.empty:
        return None
    each = candidates.action.map(steps_of)
    names = sorted({name for steps in each for name in steps})
    repeats = len(worth) // len(candidates)
    on = [np.repeat(each.map(lambda steps, name=name: name in steps).to_numpy(), repeats) for name in names]
    return csr_array(np.array([(mine - choices.most_on_one) * worth for mine in on]))


def _ceilings(choices: Plan) -> dict[tuple[str, str], float]:
    teams = {("team", name): hours for name, hours in sorted(choices.hours.items())}
    return teams | {("step", name): float(count) for name, count in sorted(choices.at_most.items())}


def _usage(action: str, policy: Policy) -> Mapping[tuple[str, str], float]:
    """Return what a candidate takes of each limit; a team without hours can do nothing."""
    used: dict[tuple[str, str], float] = {("team", team): hours for team, hours in _hours(action, policy).items()}
    return used | {("step", name): 1.0 for name in steps_of(action)}
