"""What sellers sold and what became of it: the scorecard of account managers, where the policy asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.data.checks import Checked
from analysis.data.contract import conform, empty
from analysis.data.reading import Engine
from analysis.data.span import reaches_back
from analysis.ledger.ledger import Ledger
from analysis.policy import Policy
from analysis.tables.catalogue import CATALOGUE
from analysis.topics.sellers.judgement.pieces import pieces, shared_out, shares_of
from analysis.topics.sellers.judgement.scorecard import scorecard
from analysis.topics.sellers.judgement.territory import against_territory
from analysis.topics.sellers.measures.sold import (
    answers,
    billed,
    bookings_of,
    bought_before,
    order_days,
    sold_lines,
    sold_work,
    sold_write_offs,
)
from analysis.topics.sellers.measures.tenure import in_charge, stretches, tenures
from analysis.topics.service.measures.likeness import product_mix
from analysis.window import Window

if TYPE_CHECKING:
    import ibis
    import pandas as pd


@CATALOGUE.part("sellers.roles")
def in_charge_when(checked: Checked, engine: Engine, policy: Policy, window: Window) -> ibis.Table | None:
    """Return who was in charge in each stretch of an account's days (kept in the engine); None without assignments."""
    assignments = checked.get("assignments")
    if assignments is None:
        return None
    name = f"{window.end:%Y%m%d}_{window.months}"
    owned = engine.keep(f"tenures_{name}", tenures(assignments, policy.sellers.roles))
    found = engine.keep(f"stretches_{name}", stretches(owned))
    return engine.keep(f"charged_{name}", in_charge(owned, found))


@CATALOGUE.part("sellers.publish")
def sold_by(
    ledger: Ledger, checked: Checked, in_charge_when: ibis.Table | None, policy: Policy, window: Window
) -> pd.DataFrame | None:
    """Return what of each account's is each seller's; None where the policy does not ask for the scorecard.

    One row per account and seller; `measured` says whether the account's margin is.
    """
    if not policy.sellers.publish:
        return None
    import pandas as pd

    charged = pd.DataFrame(columns=["customer_id", "stretch", "seller", "weight"])
    if in_charge_when is not None:
        charged = in_charge_when.drop("starts", "stops").to_pandas()
    shares = shares_of(None if ledger.lines is None else billed(ledger.lines).to_pandas())
    sums = [_with_tenure(part) for part in _sums(ledger, checked, in_charge_when, window)]
    found = pieces([shared_out(part, charged, shares) for part in sums])
    measured = ledger.accounts.set_index("customer_id").gross_margin.notna()
    return found.assign(measured=found.customer_id.map(measured).fillna(False).astype(bool))


def _sums(ledger: Ledger, checked: Checked, in_charge_when: Any | None, window: Window) -> list[pd.DataFrame]:
    """Return the sums by account and stretch that the dataset has tables for."""
    held = None if in_charge_when is None else in_charge_when.select("customer_id", "starts", "stops").distinct()
    lines = checked.get("transactions")
    days = None if lines is None else order_days(lines)
    found = []
    if ledger.lines is not None:
        found.append(sold_lines(ledger.lines, days, held))
    if ledger.events is not None:
        found.append(sold_work(ledger.events, ledger.rates, days, held, checked["customers"]))
    if "invoices" in checked:
        found.append(sold_write_offs(checked["invoices"], held, window))
    said = answers(checked.get("cases"), checked.get("surveys"), held, window)
    return [table.to_pandas() for table in (*found, *([said] if said is not None else []))]


def _with_tenure(sums: pd.DataFrame) -> pd.DataFrame:
    """Return the sums with `in_tenure`: the net revenue that fell into somebody's tenure."""
    if "net_revenue" not in sums:
        return sums
    return sums.assign(in_tenure=sums.net_revenue.where(sums.stretch.notna(), 0.0))


@CATALOGUE.part()
def revenue_covered(ledger: Ledger, sold_by: pd.DataFrame | None) -> float | None:
    """Return the share of the accounts' net revenue that somebody is known to have sold; None where nothing tells."""
    whole = (ledger.transactions_net or 0.0) - ledger.unassigned_sales.net_revenue
    return float(sold_by.net_revenue.sum()) / whole if whole and sold_by is not None else None


@CATALOGUE.table("sellers")
def reps(
    ledger: Ledger, checked: Checked, sold_by: pd.DataFrame | None, policy: Policy, window: Window
) -> pd.DataFrame:
    """Return the scorecard of account managers; empty where the policy does not ask for it."""
    if sold_by is None or not _names_anyone(checked):
        return empty("reps")
    bookings, lines, before = checked.get("bookings"), checked.get("transactions"), None
    booked = None if bookings is None else bookings_of(bookings, window).to_pandas()
    if lines is not None and reaches_back(checked, window.year_before()):
        before = bought_before(lines, window).to_pandas().customer_id
    some = booked if booked is not None and len(booked) else None
    found = scorecard(sold_by, some, _territory(ledger, sold_by, policy), before, policy.sellers)
    return conform(found, "reps")


def _names_anyone(checked: Checked) -> bool:
    """Return whether the data says who sold what."""
    billed_by = bool(checked.says("transactions", "rep"))
    return billed_by or "assignments" in checked or "bookings" in checked


def _territory(ledger: Ledger, sold_by: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    accounts = ledger.accounts
    margin = accounts.gross_margin - (accounts.cost_to_serve - accounts.failure_cost)
    mix = None if ledger.lines is None else product_mix(ledger.lines).to_pandas()
    measured = sold_by[sold_by.measured]
    mine = measured.assign(margin=measured.gross_margin - measured.cost_to_serve)
    return against_territory(mine, accounts.assign(margin=margin), mix, policy.sellers)
