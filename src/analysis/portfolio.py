"""The one object that an analyst meets: a portfolio of accounts at an as-of day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis import facts
from analysis.data.span import last_whole_month, stop_beyond
from analysis.engines import ENGINES
from analysis.errors import UsageError
from analysis.finished_run import FinishedRun
from analysis.folders import is_there, places
from analysis.ledger.bridge import Tie
from analysis.ledger.costing import Costing
from analysis.ledger.identities import Identity
from analysis.ledger.ledger import Ledger
from analysis.opening import Opened, open_all
from analysis.policy import Policy
from analysis.run import Run
from analysis.settings import merge
from analysis.topics.profitability.judgement.uncertainty import Ranges
from analysis.window import Window, parse_day

if TYPE_CHECKING:
    import pandas as pd

    from analysis.cards import Tables
    from analysis.one_account import OneAccount
    from analysis.tables.computed import Computed


@dataclass(frozen=True)
class _Given:
    """Where a portfolio comes from: what it takes to open the dataset again."""

    data: str | Path
    policy_file: Path | None
    costing_file: Path | None
    engine: str
    runs: Path | None
    label: str


def _stop_at_new(stated: Mapping[str, Any], now: Costing) -> None:
    """Stop at a resource or an activity that is no change of one there is, and too little to be one of its own."""
    for kind, needed in {"resource": {"cost", "capacity_minutes"}, "activity": {"resource"}}.items():
        section = {"resource": "resources", "activity": "activities"}[kind]
        known = getattr(now, section)
        for name, said in _items(stated.get(section)):
            if name not in known and not needed <= {key for key, _ in _items(said)}:
                raise UsageError(f"There is no {kind} {name!r} to change. Known: {', '.join(known)}.")


def _items(section: Any) -> Iterable[tuple[str, Any]]:
    return section.items() if isinstance(section, Mapping) else ()


class Portfolio(Run):
    """A portfolio of accounts: each of its tables is a pandas frame of its name, computed once, when asked for.

    Parameters
    ----------
    data
        A dataset: a folder with one file per table, or a `dataset.toml`. A relative path is looked for from the
        working directory upwards, then in the project.
    as_of
        The window's last day, as 2026-10-31; empty: the last whole month that the data covers.
    policy
        Overrides of the dataset's policy, nested as in `policy.toml`; the path of another `policy.toml`, looked for as
        `data` is; or a `Policy` to take as it is.
    tables
        The folder of a run, looked for as `data` is: its tables are read and nothing is computed. Empty: compute.
    policy_file, costing_file
        Other files than the ones in the dataset's folder.
    engine
        What computes: `duckdb`, on this machine, or `spark` (docs/past-one-machine.md).
    runs, label
        The folder where runs land, and this one's second name: it is set beside the run before it, and an archetype
        that is the same as in that one keeps its label. The folder is only read.

    Raises
    ------
    UsageError, PolicyError, DataError
        What is wrong with the call, the policy or the data, all of it at once.

    Examples
    --------
    >>> p = Portfolio("data/sample")
    >>> p.accounts[["customer_id", "net_revenue", "cost_to_serve", "net_margin"]].shape[1]
    4
    """

    def __init__(
        self,
        data: str | Path = "data/sample",
        as_of: str | date | None = None,
        policy: Mapping[str, Any] | Policy | str | Path | None = None,
        tables: str | Path = "",
        *,
        policy_file: Path | None = None,
        costing_file: Path | None = None,
        engine: str = ENGINES[0],
        runs: Path | None = None,
        label: str = "",
    ) -> None:
        if not isinstance(data, (str, Path)) and not tables:
            raise UsageError(f"`data` is {data!r}: give the folder of a dataset, or its dataset.toml.")
        if isinstance(policy, (str, Path)):
            policy_file, policy = next((file for file in places(policy) if is_there(file)), Path(policy)), None
        as_of = parse_day(as_of) if as_of else None
        self._given = _Given(data, policy_file, costing_file, engine, runs, label)
        self._run = FinishedRun(Path(tables)) if tables else None
        if self._run is not None:
            self.policy, self.as_of, self.window = self._run.policy, self._run.as_of, self._run.window
            self._run.stop_unless_of(as_of, policy)
            return
        self._open(policy, as_of)

    def _open(
        self, policy: Mapping[str, Any] | Policy | None, as_of: str | date | None, costing: Costing | None = None
    ) -> None:
        of = self._given
        self._opened = open_all(
            of.data, policy, policy_file=of.policy_file, costing_file=of.costing_file, costing=costing, engine=of.engine
        )
        self.policy = self._opened.policy
        self.as_of = parse_day(as_of) if as_of else last_whole_month(self._opened.checked)
        try:
            stop_beyond(self._opened.checked, self.as_of, self.policy.window.allow_beyond)
        except UsageError:
            self._opened.engine.close()
            raise
        self.window = Window.until(self.as_of, self.policy.window.months)

    def with_policy(self, policy: Mapping[str, Any] | Policy) -> Portfolio:
        """Return the same portfolio under another policy; all that reads none of the changed keys is kept.

        Parameters
        ----------
        policy
            What to change, nested as in `policy.toml`; or a whole `Policy`.

        Raises
        ------
        UsageError
            The portfolio was read from a run's tables.
        PolicyError
            The policy has problems.

        Examples
        --------
        >>> p = Portfolio("data/sample")
        >>> fewer = p.with_policy({"over_service": {"amount": 5_000.0}})
        >>> bool(fewer.judged.over_served.sum() < p.judged.over_served.sum())
        True
        """
        other = policy if isinstance(policy, Policy) else Policy.read(None, merge(self.policy.in_force(), policy))
        return self._under(other, self.opened.costing)

    def with_costing(self, costing: Mapping[str, Any] | Costing) -> Portfolio:
        """Return the same portfolio at other costs: its rows are not read again where they would say the same.

        Parameters
        ----------
        costing
            What to change, nested as in `costing.toml`; or a whole `Costing`.

        Raises
        ------
        UsageError
            The portfolio was read from a run's tables, or has no costing.
        DataError
            The costing has problems.

        Examples
        --------
        >>> p = Portfolio("data/sample")
        >>> dearer = p.with_costing({"resources": {"field_team": {"cost": 50_000.0}}})
        >>> bool(dearer.judged.cost_to_serve.sum() > p.judged.cost_to_serve.sum())
        True
        """
        now = self.opened.costing
        if now is None:
            raise UsageError("This dataset has no costing.toml to change: docs/own-exports.md says what it holds.")
        if not isinstance(costing, Costing):
            stated = merge(now.model_dump(exclude_unset=True), costing)
            _stop_at_new(stated, now)
            costing = Costing.of(stated)
        return self._under(self.policy, costing)

    def _under(self, policy: Policy, costing: Costing | None) -> Portfolio:
        computed, found = self.computed.under(policy, costing), Portfolio.__new__(Portfolio)
        found._given, found._run = self._given, None
        if computed is None:
            found._open(policy, self.as_of, costing)
        else:
            found.policy, found.as_of, found.window = policy, self.as_of, self.window
            found._opened, found.computed = computed.opened, computed
        return found

    @property
    def opened(self) -> Opened:
        """The dataset behind it.

        Raises
        ------
        UsageError
            The portfolio was read from a run's tables.
        """
        if self._run is not None:
            raise UsageError("This portfolio was read from a run's tables; give `data` and no `tables` to compute.")
        return self._opened

    def _table(self, name: str) -> pd.DataFrame:
        return self._run.table(name) if self._run is not None else self.computed.table(name)

    @cached_property
    def computed(self) -> Computed:
        """The computation behind the tables, for whoever needs more than they hold: each part is an attribute."""
        opened = self.opened
        # Not above: whoever reads a finished run does without scikit-learn and SciPy, which take seconds to import.
        from analysis.tables.computed import Computed

        return Computed(opened, self.window, self.last_run)

    @cached_property
    def last_run(self) -> Path | None:
        """The folder of the run before this one, of the folder where runs land; None without one."""
        from analysis.publishing.finished import run_before

        return run_before(self._given.runs, self.as_of, self._given.label)

    @property
    def ledger(self) -> Ledger:
        """The ledger of the window."""
        found: Ledger = self.computed.ledger
        return found

    @property
    def ranges(self) -> Ranges | None:
        """What draws from the costing's ranges say; None without costs or margins to draw."""
        found: Ranges | None = self.computed.ranges
        return found

    @property
    def judged(self) -> pd.DataFrame:
        """The accounts with segment, service, difficulty and perception: what is judged before steps are weighed.

        Under another threshold it is there at once, where `accounts`, with value and next step, takes its time.
        """
        found: pd.DataFrame = self.table("accounts") if self._run is not None else self.computed.judged
        return found

    def compare(self, other: Portfolio) -> pd.DataFrame:
        """Return who is judged otherwise in another portfolio, by how much, and why.

        Parameters
        ----------
        other
            As `p.with_policy(...)`, `p.with_costing(...)`, another day's, or one of another run's tables.

        Returns
        -------
        DataFrame
            customer_id, name, judgement, before (here), after (in the other), figure (the column of `accounts` that it
            is judged by, in that column's unit), figure_before, figure_after and why: which settings differ that it
            hangs on, and "the line moved" where the figure did not. Empty where all are judged alike.

        Raises
        ------
        UsageError
            The other is no portfolio.

        Examples
        --------
        >>> p = Portfolio("data/sample")
        >>> moved = p.compare(p.with_policy({"over_service": {"amount": 5_000.0}}))
        >>> set(moved.judgement)
        {'over_served'}
        """
        from analysis.side_by_side import compare

        if not isinstance(other, Portfolio):
            raise UsageError(f"A portfolio is compared with another, as `p.with_policy(...)`, not with {other!r}.")
        return compare(self, other)

    def account(self, wanted: str) -> OneAccount:
        """Return one account through: by its id, its name or a part of its name that only one has.

        Returns
        -------
        OneAccount
            Its rows of every table that tells of accounts (`.reasons`, `.service_gaps`, ...), and of a portfolio that
            computes `.lines`, `.orders`, `.cases`, `.work` and `.invoices`: the rows behind them.

        Raises
        ------
        UsageError
            There is none, or several; with the nearest.
        """
        from analysis.one_account import one_account

        return one_account(self, wanted)

    def named(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows with the account's name beside its id.

        Raises
        ------
        UsageError
            The rows have no `customer_id`.
        """
        from analysis.one_account import named

        return named(self, rows)

    @property
    def tables(self) -> Tables:
        """The tables, each an attribute; shows the list of them with a line each."""
        from analysis.cards import Tables

        return Tables(self)

    def __repr__(self) -> str:
        return f"<Portfolio {self.window.start} to {self.window.end}>"

    def _repr_html_(self) -> str:
        from analysis.cards import portfolio_card

        return portfolio_card(self)

    @property
    def is_read(self) -> bool:
        """Whether it was read from a run's tables, and nothing is computed."""
        return self._run is not None

    @property
    def identities(self) -> list[Identity]:
        """The identities that hold to the cent in every run."""
        found: list[Identity] = self.computed.identities
        return found

    @property
    def tie(self) -> Tie | None:
        """How far the ledger is from the books; None without `[control]`."""
        found: Tie | None = self.computed.tie
        return found

    @cached_property
    def inputs(self) -> list[dict[str, Any]]:
        """The input tables: rows read, accepted and rejected, and the files' SHA-256."""
        return list(self._run.facts["inputs"]) if self._run is not None else facts.inputs_of(self)

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """What `run.json` says: window, inputs, totals, coverage, what was left out and why."""
        return self._run.facts if self._run is not None else facts.facts_of(self)

    def what_if(self, action: str, accounts: Iterable[str] = (), **assumptions: Any) -> pd.DataFrame:
        """Return what a step would add under other assumptions, beside what it adds under the policy's.

        Parameters
        ----------
        action
            A step of the contract, as `reprice`.
        accounts
            Ids or names; empty: every account that the step has something to act on.
        assumptions
            Keys of `[actions]` in `policy.toml`: a range as [low, likely, high], or one number.

        Returns
        -------
        DataFrame
            customer_id; value, low and high: what the step adds over the horizon at full cost, as expected and the 5%
            and 95% points, in the policy's currency; p_gain: the chance that it adds anything; cash: the same at
            avoidable cost; freed_hours: of work, a year; `as_stated`: the value as it is assumed now (`learnt`).

        Raises
        ------
        UsageError
            There is no such step or account, or the portfolio was read from a run's tables.
        PolicyError
            An assumption that there is not, or of the wrong kind.

        Examples
        --------
        >>> Portfolio("data/sample").what_if("reprice", accounts=["C00012"], accepts=0.9).shape
        (1, 8)
        """
        import numpy as np

        from analysis.one_account import account_meant
        from analysis.topics.actions.judgement.what_if import assumed, weighed_again

        of = self.computed
        stated, ids = assumed(of.weighing.actions, action, assumptions), of.situation.accounts.customer_id
        wanted = [account_meant(self, one) for one in ([accounts] if isinstance(accounts, str) else accounts)]
        matters = of.weighed[of.weighed.action == action].customer_id
        rows = np.flatnonzero(ids.isin(wanted or matters).to_numpy())
        return weighed_again(of.weighing, action, rows, stated)
