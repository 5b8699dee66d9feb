"""The customer to look for instead of those that lose money."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from analysis.data.contract import conform, empty
from analysis.ledger.ledger import Ledger
from analysis.tables.catalogue import CATALOGUE
from analysis.topics.archetypes.judgement.lookalikes import can_tell, features, fits, profile
from analysis.topics.archetypes.judgement.lookalikes import lookalikes as alike
from analysis.topics.service.measures.likeness import product_mix

if TYPE_CHECKING:
    import pandas as pd


class Fit(NamedTuple):
    """The accounts that are compared, by what, and which of them earn and fit what we do."""

    accounts: pd.DataFrame
    features: pd.DataFrame
    fits: pd.Series[bool]


@CATALOGUE.part()
def fit(valued: pd.DataFrame, ledger: Ledger) -> Fit | None:
    """Return which accounts fit, and what they are compared by; None where too few do or do not."""
    known = valued[valued.net_margin.notna()].reset_index(drop=True)
    found = fits(known)
    if not can_tell(found):
        return None
    mix = None if ledger.lines is None else product_mix(ledger.lines).to_pandas()
    return Fit(known, features(known, mix), found)


@CATALOGUE.table()
def look_for(fit: Fit | None) -> pd.DataFrame:
    """Return what sets apart the accounts that earn and fit what we do."""
    return empty("look_for") if fit is None else conform(profile(fit.features, fit.fits), "look_for")


@CATALOGUE.table()
def lookalikes(fit: Fit | None) -> pd.DataFrame:
    """Return small accounts that are like those that fit."""
    if fit is None:
        return empty("lookalikes")
    return conform(alike(fit.accounts, fit.features, fit.fits), "lookalikes")
