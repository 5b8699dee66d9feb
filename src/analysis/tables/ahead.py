"""What is to come: each account's margin in the months ahead, as the months that are over tell it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from analysis.data.checks import Checked
from analysis.data.contract import conform, empty
from analysis.data.span import begins
from analysis.decision.next_year import TOO_SHORT, Months, forecast, forecast_fit, months_to_come, whole_months
from analysis.ledger.ledger import Ledger
from analysis.window import Window

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd


class Ahead:
    """The forecast and how well it would have done; each part is computed once, when asked for.

    Parameters
    ----------
    ledger_of
        Gives the ledger of a window.
    checked
        The dataset.
    as_of
        The day from which it looks ahead: from the end of the last whole month on.
    wanted
        Months to come; fewer where the data does not reach back twice as many.
    """

    def __init__(self, ledger_of: Callable[[Window], Ledger], checked: Checked, as_of: date, wanted: int) -> None:
        self.ledger_of, self.checked, self.as_of, self.wanted = ledger_of, checked, as_of, wanted

    @cached_property
    def _whole(self) -> Window | None:
        first = begins(self.checked)
        return None if first is None else whole_months(first, self.as_of)

    @cached_property
    def count(self) -> int:
        """The months to come that are told: 0 where the data does not reach back far enough."""
        return months_to_come(self._whole.months, self.wanted) if self._whole else 0

    @cached_property
    def _months(self) -> Months | None:
        """What each account brought and took month by month; None without sales, or where nothing can be told."""
        if self._whole is None or not self.count:
            return None
        ledger = self.ledger_of(self._whole)
        if ledger.lines is None:
            return None
        customers = self.checked["customers"].select("customer_id", "since", "ended").order_by("customer_id")
        return Months.of(ledger.margin_by_month, customers.to_pandas(), self._whole)

    @property
    def why_not(self) -> str:
        """Why nothing is told of what is to come; empty text where something is."""
        if self._months is not None:
            return ""
        return "sales are not recorded" if self.count else TOO_SHORT

    @cached_property
    def _forecast(self) -> pd.DataFrame:
        return empty("forecast") if self._months is None else conform(forecast(self._months, self.count), "forecast")

    def forecast(self) -> pd.DataFrame:
        """Return what each account's margin will be in the months to come."""
        return self._forecast

    def forecast_fit(self) -> pd.DataFrame:
        """Return how well that would have been told of the months that are over."""
        if self._months is None:
            return empty("forecast_fit")
        return conform(forecast_fit(self._months, self.count), "forecast_fit")
