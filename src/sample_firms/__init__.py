"""The sample: an invented B2B firm of any size, with the truth that it was made from beside it.

The worlds are frozen: scores are compared across versions of the judgements, never across worlds. A change that alters
a single byte of what :func:`make_sample` writes raises ``WORLD_VERSION``, and every score is reported before and after.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.folders import make_folder
from sample_firms.accounts import BEHAVIOURS, LEFT_BEFORE, made_customers, make_accounts, plant_referrals
from sample_firms.books import Books, costing_toml, make_books, policy_toml
from sample_firms.cases import make_cases
from sample_firms.entitlements import Plan, plan_service, stated_levels
from sample_firms.firm import ATTRIBUTES
from sample_firms.future import FUTURE_COLUMNS, LEVER_COLUMNS, make_future, make_levers, running_margin, yearly_costs
from sample_firms.future import expected_values as before_asking
from sample_firms.future import values_together as together
from sample_firms.guide import readme, world_json
from sample_firms.money import make_receivables
from sample_firms.opinions import Views, make_mentions, make_perceptions, make_surveys, plant_reputations
from sample_firms.relations import make_actions_taken, make_assignments, make_bookings, make_overrides
from sample_firms.sales import make_sales
from sample_firms.service import make_events
from sample_firms.steps_taken import take_effect
from sample_firms.trade import Trade
from sample_firms.truth import (
    ACCOUNT_COLUMNS,
    DEPARTMENT_COLUMNS,
    RATER_COLUMNS,
    SERVICE_COLUMNS,
    account_truth,
    service_truth,
)
from sample_firms.world import Calendar, Floats, Settings
from sample_firms.write import TABLES, write_table, write_text

#: The day that worlds end with, where none is asked for.
AS_OF = date(2026, 10, 31)
__all__ = ["WORLD_VERSION", "expected_values", "make_sample", "values_together"]

WORLD_VERSION = 1
FORMATS = ("csv", "parquet")


def make_sample(
    out: Path,
    *,
    seed: int = 7,
    accounts: int = 150,
    noise: float = 1.0,
    as_of: date = AS_OF,
    over_served: bool = True,
    difficult: bool = True,
    structure: bool = True,
    file_format: str = "csv",
    firm: int | None = None,
    steps_work: bool = False,
    record: pd.DataFrame | None = None,
) -> Path:
    """Invent a firm and write its dataset, with the truth in the folder ``truth`` beside it.

    The same arguments give the same bytes, on any machine.

    Parameters
    ----------
    out
        The folder to write to; it is made where it is missing, and files of the same names are replaced.
    seed
        Which world.
    accounts
        How many accounts it has, from 1 to several hundred thousand.
    noise
        How hard the world is to read: 0 is nearly clean, 1 usual, 2 hard.
    as_of
        The last day of the history of 28 months.
    over_served, difficult
        Whether any account is over-served, or difficult.
    structure
        Whether those have kinds; without, each has a mix of its own.
    file_format
        ``csv`` or ``parquet``, of the dataset's tables; the truth is always CSV.
    firm
        Draw a firm of another trade (`Trade.of`) by this number, which is its seed and tells its noise too; None: the
        sample's own trade.
    steps_work
        Whether the steps of ``actions_taken`` changed what was done since, as the truth says of such steps; else they
        changed nothing. The levers in the truth are of the world without them.
    record
        The steps that were taken, instead of those invented: customer_id, action, on, outcome, cost.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    ValueError
        If the number of accounts, the noise or the format is out of range.
    UsageError
        If the folder cannot be made or written to.
    """
    if accounts < 1:
        raise ValueError(f"accounts must be 1 or more, not {accounts}")
    if noise < 0:
        raise ValueError(f"noise must be 0 or more, not {noise}")
    if file_format not in FORMATS:
        raise ValueError(f"file_format must be one of {', '.join(FORMATS)}, not {file_format!r}")
    make_folder(out)
    settings = Settings(seed, accounts, noise, as_of, over_served, difficult, structure)
    settings = settings if firm is None else _of_firm(settings, firm)
    trade, calendar = settings.trade, Calendar.until(as_of)
    tables, latent, plan, views = _tables(settings, calendar)
    if record is not None:
        tables["actions_taken"] = record.sort_values(["customer_id", "on", "action"], ignore_index=True)
    if steps_work:
        take_effect(settings, latent, plan, tables)
    books = make_books(calendar, tables["transactions"], tables["invoices"], tables["service_events"])
    kept = trade.recorded(tables)
    for name, columns in TABLES.items():
        write_table(trade.in_money(kept[name], columns), columns, out / f"{name}.{file_format}")
    write_text(out / "costing.toml", costing_toml(books.in_money(trade.money)))
    write_text(out / "policy.toml", policy_toml())
    _write_truth(settings, calendar, tables, latent, plan, books, views, out / "truth")
    return out


def expected_values(
    *,
    seed: int,
    accounts: int,
    noise: float,
    over_served: bool,
    difficult: bool,
    structure: bool,
    as_before: bool = False,
) -> pd.DataFrame:
    """Return what each step would add in a world of `make_sample`, over the chances of each account's answers.

    The best of these is the most that can be expected of a choice made before anybody was asked; the truth's levers
    know the answers.

    Parameters
    ----------
    as_before
        As if accounts left as often as in the world's history: its future has them leave oftener, which nothing in its
        tables tells.
    """
    latent = _latent(seed, accounts, noise, over_served, difficult, structure)
    return before_asking(*latent, leaving=LEFT_BEFORE if as_before else 1.0)


def values_together(
    steps: pd.DataFrame, *, seed: int, accounts: int, noise: float, over_served: bool, difficult: bool, structure: bool
) -> Floats:
    """Return what the steps of each row would add together in a world of `make_sample`; it knows the answers.

    Parameters
    ----------
    steps
        customer_id; steps: names of the world's steps.
    """
    return together(*_latent(seed, accounts, noise, over_served, difficult, structure), steps)


@lru_cache(maxsize=1)
def _latent(
    seed: int, accounts: int, noise: float, over_served: bool, difficult: bool, structure: bool
) -> tuple[Settings, pd.DataFrame, Plan]:
    settings = Settings(seed, accounts, noise, AS_OF, over_served, difficult, structure)
    _, latent, plan, _ = _tables(settings, Calendar.until(AS_OF))
    return settings, latent, plan


def _of_firm(settings: Settings, firm: int) -> Settings:
    """Return the settings with the trade, the seed and the noise of a firm."""
    noise = float(np.random.default_rng([firm, 2]).uniform(0.5, 2.0))
    return replace(settings, seed=firm, noise=noise, trade=Trade.of(firm, BEHAVIOURS, tuple(ATTRIBUTES)))


def _tables(settings: Settings, calendar: Calendar) -> tuple[dict[str, pd.DataFrame], pd.DataFrame, Plan, Views]:
    """Draw every table of the contract; also what is latent about the accounts, the service plan and the raters."""
    accounts = make_accounts(settings, calendar)
    plan = plan_service(settings, accounts)
    plant_referrals(settings, accounts)
    plant_reputations(settings, accounts)
    sales = make_sales(settings, calendar, accounts)
    cases = make_cases(settings, calendar, accounts)
    money = make_receivables(settings, calendar, accounts, sales, cases)
    views = make_perceptions(settings, calendar, accounts)
    tables = {
        "customers": made_customers(settings, calendar, accounts),
        "transactions": sales.transactions,
        "service_events": make_events(settings, calendar, accounts, plan, sales, cases, money.reminders),
        "cases": cases.cases,
        "case_updates": cases.updates,
        "contracts": sales.contracts,
        "service_levels": stated_levels(settings, calendar, accounts, plan),
        "invoices": money.invoices,
        "payments": money.payments,
        "perceptions": views.perceptions,
        "surveys": make_surveys(settings, calendar, accounts),
        "mentions": make_mentions(settings, calendar, accounts),
        "bookings": make_bookings(settings, calendar, accounts, sales.orders),
        "assignments": make_assignments(settings, calendar, accounts),
        "actions_taken": make_actions_taken(settings, calendar, accounts),
        "overrides": make_overrides(settings, calendar, accounts),
    }
    return tables, accounts, plan, views


def _write_truth(
    settings: Settings,
    calendar: Calendar,
    tables: dict[str, pd.DataFrame],
    accounts: pd.DataFrame,
    plan: Plan,
    books: Books,
    views: Views,
    out: Path,
) -> None:
    """Write what the world was made from."""
    out.mkdir(exist_ok=True)

    def write(table: pd.DataFrame, columns: dict[str, str], name: str) -> None:
        write_table(settings.trade.in_money(table, columns), columns, out / f"{name}.csv")

    service = service_truth(
        calendar, accounts, plan, books, tables["service_events"], tables["cases"], tables["service_levels"]
    )
    costs = yearly_costs(settings, accounts, plan)
    margin = running_margin(settings, accounts, costs)
    write(account_truth(settings, calendar, accounts, service, views), ACCOUNT_COLUMNS, "accounts")
    write(service, SERVICE_COLUMNS, "service")
    write(views.raters, RATER_COLUMNS, "raters")
    write(views.departments, DEPARTMENT_COLUMNS, "departments")
    write(make_future(settings, accounts, margin), FUTURE_COLUMNS, "future")
    write(make_levers(settings, accounts, margin, costs), LEVER_COLUMNS, "levers")
    write_text(out / "world.json", world_json(settings, calendar, WORLD_VERSION))
    write_text(out / "README.md", readme(WORLD_VERSION))
