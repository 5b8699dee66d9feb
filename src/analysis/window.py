"""The window of a run: whole calendar months that end with the as-of day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta

from analysis.errors import UsageError

#: Days of a month, on average: a contract of a calendar year has twelve of these, whichever day it starts on.
MONTH_DAYS = 365.25 / 12


@dataclass(frozen=True)
class Window:
    """The stretch of time that a run looks at, first and last day included.

    Examples
    --------
    >>> window = Window.until(date(2026, 10, 31), 12)
    >>> window.start, window.end
    (datetime.date(2025, 11, 1), datetime.date(2026, 10, 31))
    >>> window.year_before().end
    datetime.date(2025, 10, 31)
    """

    start: date
    end: date
    months: int

    @classmethod
    def until(cls, as_of: date, months: int) -> Window:
        """Return the window that ends with a day and starts so many calendar months before the day after it.

        Raises
        ------
        UsageError
            It would reach beyond the calendar.
        """
        try:
            return cls(as_of + timedelta(days=1) - relativedelta(months=months), as_of, months)
        except (OverflowError, ValueError):
            raise UsageError(f"as-of is {as_of}: a window of {months} months to it is beyond the calendar.") from None

    @property
    def after(self) -> date:
        """The day after the last one."""
        return self.end + timedelta(days=1)

    @property
    def days(self) -> int:
        """Its length in days."""
        return (self.after - self.start).days

    def year_before(self) -> Window:
        """Return the same window a year before."""
        return Window.until(self.after - relativedelta(years=1) - timedelta(days=1), self.months)


def parse_day(text: str | date, what: str = "as-of") -> date:
    """Return a day written as 2026-10-31; `what` names it where it is none.

    Raises
    ------
    UsageError
        It is no such day.
    """
    if isinstance(text, datetime):
        return text.date()
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise UsageError(f"{what} is {text!r}: write a day as 2026-10-31.") from None
