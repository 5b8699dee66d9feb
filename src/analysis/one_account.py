"""One account through: its rows of every table, down to its lines, orders, cases and work."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from analysis.cards import card
from analysis.data.contract import OUTPUTS
from analysis.errors import UsageError
from analysis.formats import money
from analysis.run import Run

if TYPE_CHECKING:
    import pandas as pd

    from analysis.portfolio import Portfolio

#: What lies below the tables, by where it comes from: only a portfolio that computes has it.
BELOW = {
    "lines": "its invoice lines in the window, settled",
    "orders": "its orders, each with its margin",
    "cases": "its cases opened in the window",
    "work": "the work for it in the window, with minutes and cost",
    "invoices": "its invoices",
}


class OneAccount:
    """The account's rows of each table that tells of accounts, by the table's name, and what lies below them.

    Attributes
    ----------
    customer_id, name
        Who it is.
    lines, orders, cases, work, invoices
        What lies below; without the dataset behind the portfolio a UsageError, in a word where there is no such table.

    Examples
    --------
    >>> one = Portfolio("data/sample").account("C00012")
    >>> one.service_gaps.customer_id.unique().tolist()
    ['C00012']
    """

    def __init__(self, run: Portfolio, customer_id: str) -> None:
        self._run, self.customer_id = run, customer_id
        self.name = str(self._of(run.table("accounts")).name.iloc[0])

    def __repr__(self) -> str:
        """Say who it is."""
        return f"<OneAccount {self.customer_id}: {self.name}>"

    def _of(self, rows: pd.DataFrame) -> pd.DataFrame:
        return rows[rows.customer_id == self.customer_id].reset_index(drop=True)

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name.startswith("_") or name not in self._names():
            raise AttributeError(f"An account has no {name!r}. It has {', '.join([*self._names(), *BELOW])}.")
        return self._of(self._run.table(name))

    @staticmethod
    def _names() -> list[str]:
        return [name for name, table in OUTPUTS.items() if "customer_id" in table.names]

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *self._names()]

    @property
    def lines(self) -> pd.DataFrame:
        """Its invoice lines in the window, settled: net amount, goods, freight."""
        return self._below(self._run.ledger.lines)

    @property
    def orders(self) -> pd.DataFrame:
        """Its orders, each with its margin."""
        return self._below(self._run.ledger.orders)

    @property
    def cases(self) -> pd.DataFrame:
        """Its cases opened in the window, with the chance that we failed each."""
        return self._below(self._run.computed.cases_judged)

    @property
    def work(self) -> pd.DataFrame:
        """The work for it in the window, with the minutes that count and what each piece cost."""
        ledger = self._run.ledger
        if ledger.events is None or ledger.rates is None:
            return self._below(None)
        rates = ledger.rates.select("activity", "resource", "rate")
        rows = ledger.events.inner_join(rates, "activity")
        return self._below(rows.mutate(cost=rows.minutes.cast("float64") * rows.rate.cast("float64")))

    @property
    def invoices(self) -> pd.DataFrame:
        """Its invoices, of all the data."""
        return self._below(self._run.opened.checked.get("invoices"))

    def _below(self, table: Any | None) -> pd.DataFrame:
        import pandas as pd

        if table is None:
            return pd.DataFrame()
        mine = table.filter(table.customer_id == self.customer_id)
        amounts = {name: mine[name].cast("float64") for name in mine.columns if mine[name].type().is_decimal()}
        shown = [name for name in mine.columns if not name.startswith("_")]
        found: pd.DataFrame = mine.mutate(**amounts).select(*shown).to_pandas()
        return found.sort_values(shown[: min(4, len(shown))], ignore_index=True) if len(found) else found

    def _repr_html_(self) -> str:
        from analysis.reporting.known import work_recorded
        from analysis.reporting.labels import segment_title

        row, run = self.accounts.iloc[0], self._run
        served = work_recorded(run.accounts)
        step = self.next_steps
        facts = {
            "Net margin": money(row.net_margin, run.policy.currency),
            "Net revenue": money(row.net_revenue, run.policy.currency),
            "Cost to serve": money(row.cost_to_serve if served else None, run.policy.currency),
            "Segment": segment_title(row.segment, served=served),
            "Next step": str(step.sentence.iloc[0]) if len(step) else "none",
        }
        lists = {name: OUTPUTS[name].doc for name in self._names() if name != "accounts" and len(getattr(self, name))}
        return card(f"{self.name} ({self.customer_id})", facts, lists if run.is_read else {**lists, **BELOW})


def one_account(run: Portfolio, wanted: str) -> OneAccount:
    """Return the account meant, by its id, its name or a part of its name.

    Raises
    ------
    UsageError
        There is none, or several; with the nearest.
    """
    return OneAccount(run, account_meant(run, wanted))


def account_meant(run: Run, wanted: str) -> str:
    """Return the id of the account meant; a page may choose one where nothing is wanted, an analyst's call does not.

    Raises
    ------
    UsageError
        There is none, or several; with the nearest.
    """
    from analysis.topics.overview.account_page.find import find

    if not isinstance(wanted, str) or not wanted.strip():
        raise UsageError(f"An account is meant by its id or its name, as text, not by {wanted!r}.")
    return find(run, wanted)


def named(run: Run, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the account's name beside its id.

    Raises
    ------
    UsageError
        The rows have no `customer_id`.
    """
    if "customer_id" not in rows:
        raise UsageError("These rows have no customer_id: there is no name to put beside it.")
    if "name" in rows:
        return rows
    names = run.table("accounts").set_index("customer_id").name
    found = rows.copy()
    found.insert(list(rows).index("customer_id") + 1, "name", rows.customer_id.map(names))
    return found
