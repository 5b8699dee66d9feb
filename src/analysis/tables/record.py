"""What has been tried with accounts, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.data.checks import Checked
from analysis.data.contract import conform
from analysis.data.credits import owed
from analysis.data.reading import Engine
from analysis.data.span import begins
from analysis.decision.ladder import DONE
from analysis.decision.track_record import expected_share, measured, questions
from analysis.decision.track_record import track_record as held_against
from analysis.ledger.before_after import dated_lateness, dated_work
from analysis.ledger.costing import Costing
from analysis.ledger.drivers import driver_of
from analysis.ledger.ledger import Ledger
from analysis.ledger.work import with_minutes
from analysis.policy import Policy
from analysis.tables.catalogue import CATALOGUE
from analysis.window import Window

if TYPE_CHECKING:
    import pandas as pd


@CATALOGUE.part()
def taken(checked: Checked, window: Window) -> pd.DataFrame:
    """Return what has been tried up to the as-of day: customer_id, action, on, outcome, cost."""
    import pandas as pd

    columns = ["customer_id", "action", "on", "outcome", "cost"]
    table = checked.get("actions_taken")
    if table is None:
        return pd.DataFrame(columns=columns).astype({**dict.fromkeys(columns, "str"), "cost": "float64"})
    rows = table.filter(table["on"] <= window.end)
    frame: pd.DataFrame = rows.select(*columns).mutate(cost=rows.cost.cast("float64")).to_pandas()
    return frame.sort_values(["customer_id", "on", "action"], ignore_index=True)


@CATALOGUE.part("steps.again_after_months")
def taken_lately(taken: pd.DataFrame, policy: Policy, window: Window) -> pd.DataFrame:
    """Return what was taken or refused too short a while ago to be proposed again."""
    import pandas as pd

    since = pd.Timestamp(window.after) - pd.DateOffset(months=policy.steps.again_after_months)
    return taken[(pd.to_datetime(taken.on) >= since) & taken.outcome.isin([*DONE, "open"])]


@CATALOGUE.table("actions", "finance.receivables_rate", "logged_zero")
def track_record(
    taken: pd.DataFrame,
    checked: Checked,
    ledger: Ledger,
    engine: Engine,
    costing: Costing | None,
    policy: Policy,
    window: Window,
) -> pd.DataFrame:
    """Return what earlier steps promised against what came of them."""
    asked = questions(taken, begins(checked), window)
    dated = None
    if (asked.verdict == "").any():
        dated = _acted_on(checked, ledger, engine, costing, policy, window)
    if dated is None:
        return conform(asked, "track_record")
    shares = {name: expected_share(assumed) for name, assumed in policy.actions.items()}
    return conform(held_against(asked, measured(asked, dated), shares), "track_record")


def _acted_on(
    checked: Checked, ledger: Ledger, engine: Engine, costing: Costing | None, policy: Policy, window: Window
) -> Any | None:
    """Return what steps act on, by account, day and driver (Ibis), of all the data; None without any of it."""
    import ibis

    events, invoices, parts = checked.get("service_events"), owed(checked, window.end), []
    if events is not None and costing is not None:
        settled = with_minutes(events, checked.get("cases"), costing, policy)
        parts.append(dated_work(settled, driver_of(settled, costing), ledger.rates))
    if invoices is not None:
        rate, payments = policy.finance.receivables_rate, checked.get("payments")
        parts.append(dated_lateness(invoices, payments, rate, window.after))
    if not parts:
        return None
    found = ibis.union(*parts) if len(parts) > 1 else parts[0]
    return engine.keep_small(f"dated_{window.end:%Y%m%d}", found, checked.length("service_events", "invoices"))
