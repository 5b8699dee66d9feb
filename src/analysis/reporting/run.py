"""What the reports read of a run: its tables and facts, whoever made them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

import pandas as pd


class Window(Protocol):
    """The window that the run covers; its end is the as-of day."""

    @property
    def start(self) -> date:
        """The first day."""
        ...

    @property
    def end(self) -> date:
        """The last day."""
        ...

    @property
    def months(self) -> int:
        """The length in calendar months."""
        ...


class Run(Protocol):
    """A run as `analysis.Portfolio` offers it: tables as the contract names them, and the facts of run.json."""

    @property
    def as_of(self) -> date:
        """The day the run looks back from."""
        ...

    @property
    def window(self) -> Window:
        """The window."""
        ...

    @property
    def policy(self) -> Any:
        """The policy in force."""
        ...

    @property
    def facts(self) -> Mapping[str, Any]:
        """What run.json holds."""
        ...

    @property
    def groups(self) -> Mapping[str, str]:
        """Readable labels of the ``cts_<group>`` columns."""
        ...

    @property
    def accounts(self) -> pd.DataFrame:
        """The accounts' table."""
        ...

    @property
    def whale(self) -> pd.DataFrame:
        """The whale curve's table."""
        ...

    @property
    def resources(self) -> pd.DataFrame:
        """The resources' table."""
        ...

    @property
    def bridge(self) -> pd.DataFrame:
        """The bridge to the books."""
        ...

    @property
    def ties(self) -> pd.DataFrame:
        """What was read, step by step to what the accounts sum to."""
        ...

    @property
    def rejected(self) -> pd.DataFrame:
        """Rows that broke the contract."""
        ...

    @property
    def last_year(self) -> pd.DataFrame:
        """The accounts of the same window a year before."""
        ...

    @property
    def reasons(self) -> pd.DataFrame:
        """Why accounts earn less or more than their peers."""
        ...

    @property
    def uncertainty(self) -> pd.DataFrame:
        """What drives the range of the portfolio's net margin."""
        ...

    @property
    def sensitivity(self) -> pd.DataFrame:
        """What an error in one rate would change."""
        ...

    @property
    def capacity(self) -> pd.DataFrame:
        """Capacity by resource and month."""
        ...

    @property
    def activities(self) -> pd.DataFrame:
        """What each activity took, and how its log compares with its time equation."""
        ...

    @property
    def losses_within(self) -> pd.DataFrame:
        """The worst orders and the dearest cases of accounts that earn money."""
        ...

    @property
    def service_gaps(self) -> pd.DataFrame:
        """What accounts get against what was agreed and what they want."""
        ...

    @property
    def trades(self) -> pd.DataFrame:
        """What was agreed and is not wanted."""
        ...

    @property
    def offers(self) -> pd.DataFrame:
        """The price of standing ready."""
        ...

    @property
    def expectations(self) -> pd.DataFrame:
        """The talks that the material gaps call for."""
        ...

    @property
    def unasked(self) -> pd.DataFrame:
        """Work that nobody asked for, by who started it."""
        ...

    @property
    def demand(self) -> pd.DataFrame:
        """Cost to serve by channel, department, weekday and hour."""
        ...

    @property
    def demand_by_week(self) -> pd.DataFrame:
        """Cost to serve by week."""
        ...

    @property
    def reps(self) -> pd.DataFrame:
        """The scorecard of account managers; empty unless the policy asks for it."""
        ...

    @property
    def mutual_value(self) -> pd.DataFrame:
        """What accounts get for their money, beside their value to us."""
        ...

    @property
    def lenses(self) -> pd.DataFrame:
        """The same accounts through three lenses, and what each would do."""
        ...

    @property
    def rescue(self) -> pd.DataFrame:
        """Accounts that may leave, by what is at stake."""
        ...

    @property
    def protect_first(self) -> pd.DataFrame:
        """Accounts that earn, and are under-served, failed by us, silent or up for renewal."""
        ...

    @property
    def referrals(self) -> pd.DataFrame:
        """The accounts that others brought in."""
        ...

    @property
    def word_of_mouth(self) -> pd.DataFrame:
        """What accounts say in public."""
        ...

    @property
    def staying_fit(self) -> pd.DataFrame:
        """How the chances of leaving compare with what happened."""
        ...

    @property
    def staying_signs(self) -> pd.DataFrame:
        """What moves the chance of leaving."""
        ...

    @property
    def archetypes(self) -> pd.DataFrame:
        """The kinds among the over-served and the difficult."""
        ...

    @property
    def archetype_members(self) -> pd.DataFrame:
        """The accounts among which kinds were looked for."""
        ...

    @property
    def archetype_profiles(self) -> pd.DataFrame:
        """What the accounts of each kind have more or less of."""
        ...

    @property
    def archetype_evidence(self) -> pd.DataFrame:
        """What speaks for each number of kinds."""
        ...

    @property
    def behaviours(self) -> pd.DataFrame:
        """What each account's trouble is made of."""
        ...

    @property
    def our_failures(self) -> pd.DataFrame:
        """What we fail each account with."""
        ...

    @property
    def halfway(self) -> pd.DataFrame:
        """What customers could do to meet us half way."""
        ...

    @property
    def who_knows(self) -> pd.DataFrame:
        """What each department knows of the accounts that need a talk."""
        ...

    @property
    def would_help(self) -> pd.DataFrame:
        """What staff say would help with them."""
        ...

    @property
    def communication(self) -> pd.DataFrame:
        """The relationship from the customer's side of the table."""
        ...

    def table(self, name: str) -> pd.DataFrame:
        """Return any table of the contract by name."""
        ...
