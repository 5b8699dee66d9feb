"""What staff believe of the accounts, and where the record does not bear it out: the tables of perception."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.data.checks import Checked
from analysis.data.contract import conform, empty
from analysis.ledger.ledger import Ledger
from analysis.ledger.working_time import WorkingTime
from analysis.policy import Policy
from analysis.tables.catalogue import CATALOGUE
from analysis.topics.difficulty.measures.ratings import case_months, departments_at_work, latest_praise, ratings, said
from analysis.topics.perception.judgement.bad_periods import bad_periods, named
from analysis.topics.perception.judgement.departments import departments as by_department
from analysis.topics.perception.judgement.meetings import meetings as who_meets
from analysis.topics.perception.judgement.perception import FAIR, UNFAIR, Perceived
from analysis.topics.perception.judgement.views import views as felt
from analysis.window import Window

if TYPE_CHECKING:
    import pandas as pd


@CATALOGUE.part("perception.months")
def staff_ratings(checked: Checked, listed: pd.DataFrame, policy: Policy, window: Window) -> pd.DataFrame | None:
    """Return staff's ratings of the accounts listed; None without such a table."""
    table = checked.get("perceptions")
    if table is None:
        return None
    rows = ratings(table, window, policy.perception.months)
    return rows[rows.customer_id.isin(listed.customer_id)].reset_index(drop=True)


@CATALOGUE.part("perception")
def perceived(
    staff_ratings: pd.DataFrame | None, difficulty_judgement: pd.DataFrame, conduct: pd.DataFrame, policy: Policy
) -> Perceived | None:
    """Return staff's view, as far as it can be told; None without ratings enough."""
    if staff_ratings is None:
        return None
    record = difficulty_judgement[["customer_id", "trouble", "difficulty_ours", "difficult"]]
    record = record.astype({"trouble": "float64", "difficulty_ours": "float64"})
    record["cases"] = record.customer_id.map(conduct.set_index("customer_id").cases)
    found = Perceived(staff_ratings, record, policy.perception)
    return found if found.enough else None


@CATALOGUE.part()
def perception_judgement(listed: pd.DataFrame, perceived: Perceived | None) -> pd.DataFrame:
    """Return the judgement on perception: `customer_id` and columns of `tables/accounts`."""
    return listed if perceived is None else listed.merge(perceived.shown, on="customer_id", how="left")


@CATALOGUE.table()
def departments(perceived: Perceived | None) -> pd.DataFrame:
    """Return how much harder than the record each department sees the accounts that it rated."""
    return empty("departments") if perceived is None else conform(by_department(perceived), "departments")


@CATALOGUE.table("perception")
def views(perceived: Perceived | None, dealt_with: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Return the accounts that are liked but lose money, or disliked but earn it."""
    if perceived is None:
        return empty("views")
    known = dealt_with.reindex(columns=["customer_id", "net_margin", "certainty"])
    return conform(felt(perceived.ratings, known, policy.perception), "views")


@CATALOGUE.table("perception.bad_period_months", "perception.bad_period_sure")
def reputations(
    perceived: Perceived | None,
    dealt_with: pd.DataFrame,
    checked: Checked,
    working_time: WorkingTime,
    policy: Policy,
    window: Window,
) -> pd.DataFrame:
    """Return the accounts whose name the record does not bear out, with the bad period that may explain it."""
    if perceived is None:
        return empty("reputations")
    rows = perceived.judged
    rows = rows[rows.perception.notna() & (rows.perception != FAIR)]
    rows = rows.merge(dealt_with[["customer_id", "trouble", "difficulty_ours"]], on="customer_id")
    rows = rows.assign(
        perception_gap_low=rows.perception_gap - rows.reach, perception_gap_high=rows.perception_gap + rows.reach
    )
    rows = rows.merge(_cases(rows, checked, working_time, policy, window), on="customer_id", how="left")
    figures = [name for name in rows if name.startswith(("perceived", "perception_gap"))]
    # Sorted by name and not by the gap: the order would tell what the figures withhold.
    rows = rows.assign(**{name: rows[name].where(rows.shown) for name in figures})
    return conform(rows.sort_values(["perception", "customer_id"], ignore_index=True), "reputations")


def _cases(
    rows: pd.DataFrame, checked: Checked, working_time: WorkingTime, policy: Policy, window: Window
) -> pd.DataFrame:
    """Return the cases of these accounts in the window, and the bad period of those that are unfairly labelled."""
    import pandas as pd

    cases = checked.get("cases")
    if cases is None or rows.empty:
        return rows[["customer_id"]]
    months = case_months(cases, rows.customer_id, window, working_time)
    now = months[pd.to_datetime(months.month) >= pd.Timestamp(window.start)]
    found = now.groupby("customer_id", as_index=False)[["cases", "bad"]].sum().rename(columns={"bad": "bad_cases"})
    unfair = rows.customer_id[rows.perception == UNFAIR]
    of = months[months.customer_id.isin(unfair)]
    longest, sure = policy.perception.bad_period_months, policy.perception.bad_period_sure
    past = bad_periods(of, window.end, longest, sure).add_prefix("bad_period_")
    past = past.rename(columns={"bad_period_customer_id": "customer_id"})
    days = zip(past.bad_period_start, past.bad_period_end, strict=True)
    return found.merge(past.assign(bad_period=[named(*pair) for pair in days]), on="customer_id", how="outer")


@CATALOGUE.table("perception.months")
def meetings(
    perceived: Perceived | None,
    reputations: pd.DataFrame,
    views: pd.DataFrame,
    dealt_with: pd.DataFrame,
    ledger: Ledger,
    checked: Checked,
    policy: Policy,
    window: Window,
) -> pd.DataFrame:
    """Return who needs to meet whom about which account, and what staff say would help."""
    import pandas as pd

    off = reputations[["customer_id", "perception"]].rename(columns={"perception": "why"})
    likes = views[["customer_id", "pattern", "held_by"]].rename(columns={"pattern": "why"})
    why = pd.concat([off, likes]).merge(dealt_with[["customer_id", "account_manager"]], on="customer_id")
    if why.empty or perceived is None:
        return empty("meetings")
    ids = why.customer_id.drop_duplicates()
    shown = perceived.judged.customer_id[perceived.judged.shown]  # enough rated them for what was said to be shown
    words = said(checked["perceptions"], window, policy.perception.months)
    words = words[words.customer_id.isin(ids[ids.isin(shown)])]
    return conform(who_meets(why, _work(ledger, ids), words, _praise(checked, ids, window)), "meetings")


def _work(ledger: Ledger, ids: pd.Series[str]) -> pd.DataFrame:
    import pandas as pd

    if ledger.events is None:
        return pd.DataFrame({"customer_id": [], "department": [], "minutes": []}).astype({"department": "str"})
    return departments_at_work(ledger.events, ids)


def _praise(checked: Checked, ids: pd.Series[str], window: Window) -> pd.DataFrame:
    import pandas as pd

    surveys = checked.get("surveys")
    if surveys is None:
        return pd.DataFrame({"customer_id": ids, "praise": None, "praised_on": pd.NaT})
    found = latest_praise(surveys, window)
    return found[found.customer_id.isin(ids)]
