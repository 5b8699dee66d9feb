"""What is to come: each account's margin in the months ahead, as the months that are over tell it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.data.checks import Checked
from analysis.data.contract import conform, empty
from analysis.data.reading import Engine
from analysis.data.span import begins
from analysis.ledger.costing import Costing
from analysis.ledger.ledger import Ledger
from analysis.policy import Policy
from analysis.tables.catalogue import CATALOGUE
from analysis.topics.profitability.judgement.next_year import TOO_SHORT, Months, months_to_come, whole_months
from analysis.topics.profitability.judgement.next_year import forecast as told
from analysis.topics.profitability.judgement.next_year import forecast_fit as would_have_told
from analysis.topics.profitability.tables import LEDGER
from analysis.window import Window

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd


@dataclass(frozen=True)
class Ahead:
    """What the forecast is learnt from: `months` is None, and `why_not` says why, where nothing can be told.

    Parameters
    ----------
    count
        The months to come that are told: fewer than wanted where the data does not reach back twice as many.
    """

    months: Months | None
    count: int
    why_not: str

    def forecast(self) -> pd.DataFrame:
        """Return what each account's margin will be in the months to come."""
        return empty("forecast") if self.months is None else conform(told(self.months, self.count), "forecast")


def looking_ahead(
    engine: Engine, checked: Checked, policy: Policy, costing: Costing | None, as_of: date, wanted: int
) -> Ahead:
    """Return the whole months before a day, as far as the data reaches back."""
    first = begins(checked)
    whole = None if first is None else whole_months(first, as_of)
    count = months_to_come(whole.months, wanted) if whole else 0
    if whole is None or not count:
        return Ahead(None, 0, TOO_SHORT)
    ledger = Ledger(engine, checked, policy, costing, whole)
    if ledger.lines is None:
        return Ahead(None, count, "sales are not recorded")
    customers = checked["customers"].select("customer_id", "since", "ended").order_by("customer_id").to_pandas()
    return Ahead(Months.of(ledger.margin_by_month, customers, whole), count, "")


@CATALOGUE.part(*LEDGER)
def ahead(engine: Engine, checked: Checked, policy: Policy, costing: Costing | None, window: Window) -> Ahead:
    """Return what the margins to come are learnt from."""
    return looking_ahead(engine, checked, policy, costing, window.end, window.months)


@CATALOGUE.part()
def why_no_forecast(ahead: Ahead) -> str:
    """Return why nothing can be told of the months to come; empty where it can."""
    return ahead.why_not


@CATALOGUE.table()
def forecast(ahead: Ahead) -> pd.DataFrame:
    """Return what each account's margin will be in the months to come."""
    return ahead.forecast()


@CATALOGUE.table()
def forecast_fit(ahead: Ahead) -> pd.DataFrame:
    """Return how well that would have been told of the months that are over."""
    if ahead.months is None:
        return empty("forecast_fit")
    return conform(would_have_told(ahead.months, ahead.count), "forecast_fit")
