"""What staff believe of the accounts, and where the record does not bear it out: the tables of perception."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from analysis.data.contract import conform, empty
from analysis.judgement.bad_periods import bad_periods, named
from analysis.judgement.departments import departments
from analysis.judgement.meetings import meetings
from analysis.judgement.perception import FAIR, UNFAIR, Perceived
from analysis.judgement.views import views
from analysis.ledger.ledger import Ledger
from analysis.ledger.ratings import case_months, departments_at_work, latest_praise, ratings, said
from analysis.ledger.working_time import WorkingTime

if TYPE_CHECKING:
    import pandas as pd


class Reputations:
    """Staff's view of a window's accounts; each part is computed once, when asked for.

    Parameters
    ----------
    ledger
        The window's ledger.
    known
        The accounts with every judgement before this one, `trouble` and `difficulty_ours` among them.
    """

    def __init__(self, ledger: Ledger, known: pd.DataFrame) -> None:
        self.ledger, self.known = ledger, known
        self.checked, self.window, self.policy = ledger.checked, ledger.window, ledger.policy.perception

    @cached_property
    def perceived(self) -> Perceived | None:
        """Staff's view, as far as it can be told; None without ratings enough."""
        table = self.checked.get("perceptions")
        if table is None:
            return None
        rows = ratings(table, self.window, self.policy.months)
        rows = rows[rows.customer_id.isin(self.known.customer_id)].reset_index(drop=True)
        record = self.known[["customer_id", "trouble", "difficulty_ours"]]
        record = record.astype({"trouble": "float64", "difficulty_ours": "float64"})
        found = Perceived(rows, record, self.policy)
        return found if found.enough else None

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """The judgement: `customer_id` and columns of `tables/accounts`."""
        found = self.known[["customer_id"]]
        return found if self.perceived is None else found.merge(self.perceived.shown, on="customer_id", how="left")

    @cached_property
    def shown(self) -> set[str]:
        """The accounts that enough people rated for a figure, or for what they said, to be shown."""
        if self.perceived is None:
            return set()
        judged = self.perceived.judged
        return set(judged.customer_id[judged.shown])

    def departments(self) -> pd.DataFrame:
        """Return how much harder than the record each department sees the accounts that it rated."""
        return empty("departments") if self.perceived is None else conform(departments(self.perceived), "departments")

    @cached_property
    def _views(self) -> pd.DataFrame:
        if self.perceived is None:
            return empty("views")
        known = self.known.reindex(columns=["customer_id", "net_margin", "certainty"])
        return conform(views(self.perceived.ratings, known, self.policy), "views")

    def views(self) -> pd.DataFrame:
        """Return the accounts that are liked but lose money, or disliked but earn it."""
        return self._views

    @cached_property
    def _off_the_record(self) -> pd.DataFrame:
        """The accounts whose name the record does not bear out, the widest gap first."""
        if self.perceived is None:
            return empty("reputations")
        rows = self.perceived.judged
        rows = rows[rows.perception.notna() & (rows.perception != FAIR)]
        rows = rows.merge(self.known[["customer_id", "trouble", "difficulty_ours"]], on="customer_id")
        rows = rows.assign(
            perception_gap_low=rows.perception_gap - rows.reach, perception_gap_high=rows.perception_gap + rows.reach
        )
        rows = rows.merge(self._cases(rows), on="customer_id", how="left")
        figures = [name for name in rows if name.startswith(("perceived", "perception_gap"))]
        # Sorted by name and not by the gap: the order would tell what the figures withhold.
        rows = rows.assign(**{name: rows[name].where(rows.shown) for name in figures})
        return conform(rows.sort_values(["perception", "customer_id"], ignore_index=True), "reputations")

    def reputations(self) -> pd.DataFrame:
        """Return the accounts whose name the record does not bear out, with the bad period that may explain it."""
        return self._off_the_record

    def _cases(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the cases of these accounts in the window, and the bad period of those that are unfairly labelled."""
        import pandas as pd

        cases = self.checked.get("cases")
        if cases is None or rows.empty:
            return rows[["customer_id"]]
        months = case_months(cases, rows.customer_id, self.window, WorkingTime.of(self.ledger.policy))
        now = months[pd.to_datetime(months.month) >= pd.Timestamp(self.window.start)]
        found = now.groupby("customer_id", as_index=False)[["cases", "bad"]].sum().rename(columns={"bad": "bad_cases"})
        unfair = rows.customer_id[rows.perception == UNFAIR]
        of = months[months.customer_id.isin(unfair)]
        longest, sure = self.policy.bad_period_months, self.policy.bad_period_sure
        past = bad_periods(of, self.window.end, longest, sure).add_prefix("bad_period_")
        past = past.rename(columns={"bad_period_customer_id": "customer_id"})
        days = zip(past.bad_period_start, past.bad_period_end, strict=True)
        return found.merge(past.assign(bad_period=[named(*pair) for pair in days]), on="customer_id", how="outer")

    def meetings(self) -> pd.DataFrame:
        """Return who needs to meet whom about which account, and what staff say would help."""
        import pandas as pd

        off = self._off_the_record[["customer_id", "perception"]].rename(columns={"perception": "why"})
        felt = self._views[["customer_id", "pattern", "held_by"]].rename(columns={"pattern": "why"})
        reasons = pd.concat([off, felt]).merge(self.known[["customer_id", "account_manager"]], on="customer_id")
        if reasons.empty:
            return empty("meetings")
        ids = reasons.customer_id.drop_duplicates()
        found = meetings(reasons, self._work(ids), self._said(ids), self._praise(ids))
        return conform(found, "meetings")

    def _work(self, ids: pd.Series[str]) -> pd.DataFrame:
        import pandas as pd

        if self.ledger.events is None:
            return pd.DataFrame({"customer_id": [], "department": [], "minutes": []}).astype({"department": "str"})
        return departments_at_work(self.ledger.events, ids)

    def _said(self, ids: pd.Series[str]) -> pd.DataFrame:
        words = said(self.checked["perceptions"], self.window, self.policy.months)
        return words[words.customer_id.isin(ids[ids.isin(self.shown)])]

    def _praise(self, ids: pd.Series[str]) -> pd.DataFrame:
        import pandas as pd

        surveys = self.checked.get("surveys")
        if surveys is None:
            return pd.DataFrame({"customer_id": ids, "praise": None, "praised_on": pd.NaT})
        found = latest_praise(surveys, self.window)
        return found[found.customer_id.isin(ids)]
