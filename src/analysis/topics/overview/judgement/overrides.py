"""What a person decided otherwise: it holds until its day, is shown as such, and never hides what was computed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from analysis.data.contract import Kind
from analysis.statistics.excess import OURS_FROM
from analysis.topics.overview.columns import ACCOUNTS, JUDGEMENTS

if TYPE_CHECKING:
    import ibis
    import pandas as pd

IN_FORCE, EXPIRED, OUTDONE, REFUSED, ABSENT = "in_force", "expired", "outdone", "refused", "not_in_window"
_COLUMNS = ["customer_id", "judgement", "value", "reason", "by", "until"]


def decisions(overrides: ibis.Table) -> pd.DataFrame:
    """Return the rows of `overrides` (Ibis; None: there are none), of two on one judgement the one that counts last."""
    import pandas as pd

    if overrides is None:
        return pd.DataFrame(columns=_COLUMNS)
    frame: pd.DataFrame = overrides.select(*_COLUMNS).to_pandas()
    flags = frame.judgement.isin([name for name in JUDGEMENTS if ACCOUNTS[name].kind is Kind.BOOLEAN])
    frame["value"] = frame["value"].mask(flags, frame["value"].str.lower())
    return frame.sort_values(["customer_id", "judgement", "until", "value", "reason", "by"], ignore_index=True)


@dataclass(frozen=True)
class Overrides:
    """The decisions of persons, as they stand on a day.

    Parameters
    ----------
    rows
        As `decisions` gives them.
    as_of
        The day: a decision holds through its `until`.
    """

    rows: pd.DataFrame
    as_of: date

    @cached_property
    def in_force(self) -> pd.DataFrame:
        """The decisions that hold, one for each account and judgement."""
        import pandas as pd

        rows = self.rows[pd.to_datetime(self.rows.until) >= pd.Timestamp(self.as_of)]
        return rows.drop_duplicates(["customer_id", "judgement"], keep="last")

    def on(self, accounts: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
        """Return the accounts with what persons decided laid on these of their columns.

        Parameters
        ----------
        accounts
            customer_id and the columns; with `difficulty_ours`, where `difficult` is among them.
        columns
            Those that were just computed.
        """
        for name in sorted(set(columns) & set(self.in_force.judgement)):
            allowed = self._allowed(accounts, name)
            values = accounts.customer_id.map(allowed.set_index("customer_id").value)
            decided = values.notna()
            typed = _typed(values[decided], name)
            column = accounts[name].astype("boolean" if ACCOUNTS[name].kind is Kind.BOOLEAN else "str").copy()
            column[decided] = typed
            accounts = accounts.assign(**{name: column})
        return accounts

    def _allowed(self, accounts: pd.DataFrame, name: str) -> pd.DataFrame:
        """Return the decisions on a judgement, without those that call difficult whom we made so."""
        rows = self.in_force[self.in_force.judgement == name]
        if name != "difficult" or "difficulty_ours" not in accounts:
            return rows
        ours = accounts.customer_id[accounts.difficulty_ours >= OURS_FROM]
        return rows[~(rows.customer_id.isin(ours) & (rows.value == "true"))]

    def table(self, computed: pd.DataFrame) -> pd.DataFrame:
        """Return every decision beside what was computed, and what became of it, as `tables/overridden`.

        Parameters
        ----------
        computed
            customer_id and the judgements as they were before any decision; `difficulty_ours`.
        """
        rows = self.rows.assign(state=OUTDONE, computed=None)
        rows.loc[self.in_force.index, "state"] = IN_FORCE
        for name, of in rows.groupby("judgement"):
            if name in computed:
                said = computed.set_index("customer_id")[name].reindex(of.customer_id)
                rows.loc[of.index, "computed"] = [_written(value) for value in said]
                kept = self._allowed(computed, str(name)).index
                rows.loc[of.index.intersection(self.in_force.index).difference(kept), "state"] = REFUSED
        rows.loc[_days(rows.until) < _days_of(self.as_of), "state"] = EXPIRED
        rows.loc[~rows.customer_id.isin(computed.customer_id), "state"] = ABSENT
        return rows.sort_values(["customer_id", "judgement", "until"], ignore_index=True)


def _days(until: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    return pd.to_datetime(until)


def _days_of(day: date) -> Any:
    import pandas as pd

    return pd.Timestamp(day)


def _typed(values: pd.Series[str], name: str) -> Any:
    if ACCOUNTS[name].kind is Kind.BOOLEAN:
        return (values == "true").astype("boolean")
    return values.astype("str")


def _written(value: Any) -> str | None:
    """Return a judgement as a person would write it; None where it is empty."""
    import pandas as pd

    if pd.isna(value):
        return None
    return str(value).lower() if str(value) in ("True", "False") else str(value)
