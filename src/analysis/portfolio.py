"""The one object that an analyst meets: a portfolio of accounts at an as-of day."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis import facts
from analysis.data.contract import OUTPUTS
from analysis.data.span import last_whole_month, stop_beyond
from analysis.errors import UsageError
from analysis.judgement.uncertainty import Ranges
from analysis.ledger.bridge import Tie
from analysis.ledger.identities import Identity
from analysis.ledger.ledger import Ledger
from analysis.opening import Opened, open_all
from analysis.policy import Policy
from analysis.settings import merge
from analysis.window import Window, parse_day

if TYPE_CHECKING:
    import pandas as pd

    from analysis.tables.computed import Computed


class Portfolio:
    """A portfolio of accounts: its tables are pandas frames, computed once, when asked for.

    Parameters
    ----------
    data
        A dataset: a folder with one file per table, or a `dataset.toml`. A relative path is looked for from the
        working directory upwards, then in the project.
    as_of
        The window's last day, as 2026-10-31; empty: the last whole month that the data covers.
    policy
        Overrides of the dataset's policy, nested as in `policy.toml`; or a `Policy` to take as it is.
    tables
        The folder of a run: its tables are read and nothing is computed. Empty: compute.
    policy_file, costing_file
        Other files than the ones in the dataset's folder.
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
        policy: Mapping[str, Any] | Policy | None = None,
        tables: str | Path = "",
        *,
        policy_file: Path | None = None,
        costing_file: Path | None = None,
        runs: Path | None = None,
        label: str = "",
    ) -> None:
        self._tables: dict[str, pd.DataFrame] = {}
        self._runs, self._label = runs, label
        self._run = Path(tables) if tables else None
        if self._run is not None:
            self._read_run(self._run)
            self._stop_unless_of(as_of, policy)
            return
        self._opened = open_all(data, policy, policy_file=policy_file, costing_file=costing_file)
        self.policy = self._opened.policy
        self.as_of = parse_day(as_of) if as_of else last_whole_month(self._opened.checked)
        try:
            stop_beyond(self._opened.checked, self.as_of, self.policy.window.allow_beyond)
        except UsageError:
            self._opened.engine.close()
            raise
        self.window = Window.until(self.as_of, self.policy.window.months)

    def _read_run(self, folder: Path) -> None:
        file = folder / "run.json"
        if not file.exists():
            raise UsageError(f"{folder} is not the folder of a run: it has no run.json.")
        self.facts = json.loads(file.read_text(encoding="utf-8"))
        self.policy = facts.policy_of(self.facts)
        self.as_of = parse_day(self.facts["as_of"])
        self.window = Window.until(self.as_of, self.policy.window.months)

    def _stop_unless_of(self, as_of: str | date | None, policy: Mapping[str, Any] | Policy | None) -> None:
        """Stop where another day or another policy is asked for than that of the run that is read."""
        here = self.policy.in_force()
        asked = policy if isinstance(policy, Policy) else Policy.read(None, merge(here, policy or {}))
        if asked != self.policy or (as_of and parse_day(as_of) != self.as_of):
            raise UsageError(f"{self._run} is a run of {self.as_of} under a policy of its own; leave `tables` empty.")

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

    def table(self, name: str) -> pd.DataFrame:
        """Return a table of the contract by name.

        Raises
        ------
        UsageError
            There is no such table.
        """
        if name not in OUTPUTS:
            raise UsageError(f"There is no table {name!r}. Known: {', '.join(OUTPUTS)}.")
        if name not in self._tables:
            self._tables[name] = self._read(self._run, name) if self._run else self.computed.table(name)
        return self._tables[name]

    def _read(self, run: Path, name: str) -> pd.DataFrame:
        import pandas as pd

        file = run / "tables" / f"{name}.parquet"
        if not file.exists():
            made = self.facts.get("code_version", "another version")
            raise UsageError(f"{run} has no table {name}: it is of version {made}. Run it again with this version.")
        return pd.read_parquet(file)

    @cached_property
    def computed(self) -> Computed:
        """The computation behind the tables, for whoever needs more than they hold."""
        opened = self.opened
        # Not above: whoever reads a finished run does without scikit-learn and SciPy, which take seconds to import.
        from analysis.tables.computed import Computed

        return Computed(opened, self.window, self.last_run)

    @cached_property
    def last_run(self) -> Path | None:
        """The folder of the run before this one, of the folder where runs land; None without one."""
        from analysis.publishing.finished import run_before

        return run_before(self._runs, self.as_of, self._label)

    @property
    def ledger(self) -> Ledger:
        """The ledger of the window."""
        return self.computed.ledger

    @property
    def ranges(self) -> Ranges | None:
        """What draws from the costing's ranges say; None without costs or margins to draw."""
        return self.computed.ranges

    @cached_property
    def groups(self) -> dict[str, str]:
        """The costing's groups: the column `cts_<group>` with its readable name."""
        columns = [name for name in self.accounts.columns if name.startswith("cts_") and name != "cts_pct"]
        return {name: name.removeprefix("cts_").replace("_", " ") for name in columns}

    @property
    def identities(self) -> list[Identity]:
        """The identities that hold to the cent in every run."""
        return self.computed.identities

    @property
    def tie(self) -> Tie | None:
        """How far the ledger is from the books; None without `[control]`."""
        return self.computed.tie

    @cached_property
    def inputs(self) -> list[dict[str, Any]]:
        """The input tables: rows read, accepted and rejected, and the files' SHA-256."""
        return facts.inputs_of(self)

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What `run.json` says: window, inputs, totals, coverage, what was left out and why."""
        return facts.facts_of(self)

    @property
    def accounts(self) -> pd.DataFrame:
        """One row per account of the window: its statement and the judgements on it."""
        return self.table("accounts")

    @property
    def last_year(self) -> pd.DataFrame:
        """The same window a year before; empty where the data does not reach back."""
        return self.table("accounts_last_year")

    @property
    def whale(self) -> pd.DataFrame:
        """The accounts from the most to the least profitable, with the running total."""
        return self.table("whale")

    @property
    def resources(self) -> pd.DataFrame:
        """Capacity supplied, used, unassigned and unused."""
        return self.table("resources")

    @property
    def capacity(self) -> pd.DataFrame:
        """Capacity by resource and month."""
        return self.table("capacity")

    @property
    def activities(self) -> pd.DataFrame:
        """What each activity took and cost, and how its log compares with its time equation."""
        return self.table("activities")

    @property
    def sensitivity(self) -> pd.DataFrame:
        """What an error of 30% in one rate would change in the conclusions."""
        return self.table("sensitivity")

    @property
    def uncertainty(self) -> pd.DataFrame:
        """What drives the range of the portfolio's net margin."""
        return self.table("uncertainty")

    @property
    def losses_within(self) -> pd.DataFrame:
        """The worst orders and the dearest cases of accounts that earn money."""
        return self.table("losses_within")

    @property
    def bridge(self) -> pd.DataFrame:
        """From the accounts' net margin to the books' operating profit."""
        return self.table("bridge")

    @property
    def ties(self) -> pd.DataFrame:
        """Revenue, cost of goods, work and invoices from the files to the accounts."""
        return self.table("ties")

    @property
    def rejected(self) -> pd.DataFrame:
        """The rows that broke the contract, with the reason."""
        return self.table("rejected")

    @property
    def reasons(self) -> pd.DataFrame:
        """Why accounts earn less or more than their peers."""
        return self.table("reasons")

    @property
    def service_gaps(self) -> pd.DataFrame:
        """Delivered against agreed and wanted."""
        return self.table("service_gaps")

    @property
    def offers(self) -> pd.DataFrame:
        """The price of standing ready."""
        return self.table("offers")

    @property
    def trades(self) -> pd.DataFrame:
        """Agreed but not wanted: what could be traded."""
        return self.table("trades")

    @property
    def expectations(self) -> pd.DataFrame:
        """The talk about what is expected: for every material gap, what to ask and what the customer said."""
        return self.table("expectations")

    @property
    def unasked(self) -> pd.DataFrame:
        """Work that nobody asked for, by who started it."""
        return self.table("unasked")

    @property
    def demand(self) -> pd.DataFrame:
        """Cost to serve by channel, department, weekday and hour."""
        return self.table("demand")

    @property
    def demand_by_week(self) -> pd.DataFrame:
        """Cost to serve by week."""
        return self.table("demand_by_week")

    @property
    def archetypes(self) -> pd.DataFrame:
        """The kinds among the over-served and the difficult."""
        return self.table("archetypes")

    @property
    def archetype_members(self) -> pd.DataFrame:
        """The accounts among which kinds were looked for."""
        return self.table("archetype_members")

    @property
    def archetype_profiles(self) -> pd.DataFrame:
        """What the accounts of each kind have more or less of than the others."""
        return self.table("archetype_profiles")

    @property
    def archetype_evidence(self) -> pd.DataFrame:
        """What speaks for each number of kinds and each method."""
        return self.table("archetype_evidence")

    @property
    def actions(self) -> pd.DataFrame:
        """The steps considered for each account."""
        return self.table("actions")

    def what_if(self, action: str, accounts: Iterable[str] = (), **assumptions: Any) -> pd.DataFrame:
        """Return what a step would add under other assumptions, beside what it adds under the policy's.

        Parameters
        ----------
        action
            A step of the contract, as `reprice`.
        accounts
            Ids; empty: every account that the step has something to act on.
        assumptions
            Keys of `[actions]` in `policy.toml`: a range as [low, likely, high], or one number.

        Returns
        -------
        DataFrame
            customer_id, value, low, high, p_gain, cash, freed_hours and `as_stated`: the value under the policy.

        Raises
        ------
        UsageError
            There is no such step, or the portfolio was read from a run's tables.
        PolicyError
            An assumption that there is not, or of the wrong kind.

        Examples
        --------
        >>> Portfolio("data/sample").what_if("reprice", accounts=["C00012"], accepts=0.9).shape
        (1, 8)
        """
        return self.computed.decided.what_if(action, accounts, **assumptions)

    @property
    def departments(self) -> pd.DataFrame:
        """The perception gap by department."""
        return self.table("departments")

    @property
    def behaviours(self) -> pd.DataFrame:
        """What each account's trouble is made of."""
        return self.table("behaviours")

    @property
    def our_failures(self) -> pd.DataFrame:
        """What we fail each account with."""
        return self.table("our_failures")

    @property
    def halfway(self) -> pd.DataFrame:
        """What customers could do to meet us half way."""
        return self.table("halfway")

    @property
    def who_knows(self) -> pd.DataFrame:
        """Who should be in the room about the accounts that need a talk."""
        return self.table("who_knows")

    @property
    def would_help(self) -> pd.DataFrame:
        """What staff say would help with them."""
        return self.table("would_help")

    @property
    def communication(self) -> pd.DataFrame:
        """The relationship from the customer's side of the table."""
        return self.table("communication")

    @property
    def reps(self) -> pd.DataFrame:
        """The scorecard of account managers."""
        return self.table("reps")

    @property
    def mutual_value(self) -> pd.DataFrame:
        """What the account gets for its money, beside its value to us."""
        return self.table("mutual_value")

    @property
    def lenses(self) -> pd.DataFrame:
        """The same accounts through three lenses, and what each would do."""
        return self.table("lenses")

    @property
    def rescue(self) -> pd.DataFrame:
        """Accounts that may leave, by what is at stake."""
        return self.table("rescue")

    @property
    def protect_first(self) -> pd.DataFrame:
        """Accounts that earn, and are under-served, failed by us, silent or up for renewal."""
        return self.table("protect_first")

    @property
    def referrals(self) -> pd.DataFrame:
        """The accounts that others brought in."""
        return self.table("referrals")

    @property
    def word_of_mouth(self) -> pd.DataFrame:
        """What accounts say in public."""
        return self.table("word_of_mouth")

    @property
    def staying_fit(self) -> pd.DataFrame:
        """How the chances of leaving compare with what happened."""
        return self.table("staying_fit")

    @property
    def staying_signs(self) -> pd.DataFrame:
        """What moves the chance of leaving."""
        return self.table("staying_signs")
