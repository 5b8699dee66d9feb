"""The accounts, judgement by judgement: each part's columns are laid on the accounts as they were before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.data.checks import Checked
from analysis.data.contract import conform
from analysis.ledger.costing import Costing
from analysis.ledger.ledger import Ledger
from analysis.ledger.orders import orders_by_account
from analysis.tables.catalogue import CATALOGUE
from analysis.topics.overview.columns import JUDGEMENTS
from analysis.topics.overview.judgement.overrides import Overrides, decisions
from analysis.topics.profitability.judgement.sensitivity import tipping
from analysis.topics.profitability.judgement.uncertainty import Ranges
from analysis.window import Window

if TYPE_CHECKING:
    import pandas as pd


@CATALOGUE.part()
def overrides(checked: Checked, window: Window) -> Overrides:
    """Return what persons decided otherwise."""
    return Overrides(decisions(checked.get("overrides")), window.end)


@CATALOGUE.part()
def drawn(
    statement: pd.DataFrame,
    overrides: Overrides,
    ranges: Ranges | None,
    segment_chances: pd.DataFrame | None,
    costing: Costing | None,
    ledger: Ledger,
) -> pd.DataFrame:
    """Return the accounts with their ranges and their orders."""
    found = overrides.on(statement, ["segment"])
    parts = []
    if ranges is not None and segment_chances is not None and costing is not None:
        parts += [ranges.accounts, segment_chances, tipping(ranges.known, ranges.terms, costing)]
    if ledger.orders is not None:
        parts.append(orders_by_account(ledger.orders).to_pandas())
    for part in parts:
        found = _decided_on(found, part, overrides)
    return found


@CATALOGUE.part()
def served(drawn: pd.DataFrame, service_judgement: pd.DataFrame, overrides: Overrides) -> pd.DataFrame:
    """Return the accounts with the judgement on service."""
    return _decided_on(drawn, service_judgement, overrides)


@CATALOGUE.part()
def dealt_with(served: pd.DataFrame, difficulty_judgement: pd.DataFrame, overrides: Overrides) -> pd.DataFrame:
    """Return the accounts with the judgement on difficulty, too."""
    return _decided_on(served, difficulty_judgement, overrides)


@CATALOGUE.part()
def judged(dealt_with: pd.DataFrame, perception_judgement: pd.DataFrame, overrides: Overrides) -> pd.DataFrame:
    """Return the accounts with segment, service, difficulty and perception: all that is judged before it is weighed."""
    return _decided_on(dealt_with, perception_judgement, overrides)


@CATALOGUE.part()
def of_a_kind(judged: pd.DataFrame, archetype_judgement: pd.DataFrame, overrides: Overrides) -> pd.DataFrame:
    """Return the accounts with their archetypes, too."""
    return _decided_on(judged, archetype_judgement, overrides)


@CATALOGUE.part()
def valued(of_a_kind: pd.DataFrame, value_judgement: pd.DataFrame, overrides: Overrides) -> pd.DataFrame:
    """Return the accounts with what each is worth, too."""
    return _decided_on(of_a_kind, value_judgement, overrides)


@CATALOGUE.table()
def accounts(valued: pd.DataFrame, advised: pd.DataFrame, group_columns: list[str]) -> pd.DataFrame:
    """Return one row per account of the window: its statement and every judgement on it."""
    return conform(_with(valued, advised), "accounts", group_columns, after="cost_to_serve")


@CATALOGUE.table()
def overridden(
    statement: pd.DataFrame,
    service_judgement: pd.DataFrame,
    difficulty_judgement: pd.DataFrame,
    perception_judgement: pd.DataFrame,
    archetype_judgement: pd.DataFrame,
    undecided: pd.DataFrame,
    overrides: Overrides,
) -> pd.DataFrame:
    """Return what persons decided otherwise, beside what was computed."""
    parts = [service_judgement, difficulty_judgement, perception_judgement, archetype_judgement, undecided]
    computed = statement[["customer_id", "segment"]]
    for part in parts:
        computed = _with(computed, part[["customer_id", *({*JUDGEMENTS, "difficulty_ours"} & {*part.columns})]])
    return conform(overrides.table(computed), "overridden")


def _decided_on(accounts: pd.DataFrame, part: pd.DataFrame, overrides: Overrides) -> pd.DataFrame:
    """Return the accounts with a part's columns laid on them, and on these what persons decided."""
    return overrides.on(_with(accounts, part), part.columns)


def _with(accounts: pd.DataFrame, part: pd.DataFrame) -> pd.DataFrame:
    """Return the accounts with a part's columns laid on them, by `customer_id`."""
    more = accounts[["customer_id"]].merge(part, on="customer_id", how="left").drop(columns="customer_id")
    return accounts.assign(**more)
