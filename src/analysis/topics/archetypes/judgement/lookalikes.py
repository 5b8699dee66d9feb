"""The customer to look for instead: who earns and is well served by what we do, and small accounts like them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
#: Fewer that fit make no profile.
LEAST = 10
MOST_KINDS = 8
#: The feature that is compared on a log scale.
LOGGED = "Net revenue per order"
SHOWN = 100


def fits(accounts: pd.DataFrame) -> pd.Series[bool]:
    """Return whether each account earns and its expectations fit what we do well.

    It earns money after all costs; it is neither over-served, nor under-served, nor difficult, as far as that was
    judged; it gets at least as much for its money as the middle account, where that is known; it is not in its first
    year.
    """
    served = _not(accounts, "over_served") & _not(accounts, "under_served") & _not(accounts, "difficult")
    worth = accounts.value_to_customer
    content = (worth >= worth.median()) | worth.isna()
    earns = (accounts.net_margin > 0).fillna(False) & (accounts.running_margin > 0).fillna(False)
    found: pd.Series[bool] = earns & _not(accounts, "first_year") & served & content
    return found


def _not(accounts: pd.DataFrame, judgement: str) -> pd.Series[bool]:
    """Return whether a judgement is false, or was not made."""
    found: pd.Series[bool] = ~accounts[judgement].fillna(False).astype(bool)
    return found


def features(accounts: pd.DataFrame, mix: pd.DataFrame | None) -> pd.DataFrame:
    """Return what accounts are compared by: no feature grows with size.

    Parameters
    ----------
    accounts
        One row per account: industry, region, statement.
    mix
        customer_id, family and its amount of sales; None without transactions.
    """
    import pandas as pd

    net = accounts.net_revenue.where(accounts.net_revenue > 0)
    parts = {
        "Cost of goods / net revenue": accounts.cogs / net,
        "Freight / net revenue": accounts.freight / net,
        "Discounts / list revenue": accounts.discounts / accounts.list_revenue.where(accounts.list_revenue > 0),
        "Returns / net revenue": accounts.returns / net,
    }
    found = pd.DataFrame(parts, index=accounts.index).astype("float64").clip(-10, 10)
    each = net.astype("float64") / accounts.orders.astype("float64").where(accounts.orders > 0)
    found[LOGGED] = np.log(each)
    for column in ("industry", "region"):
        kinds = accounts[column].value_counts().index[:MOST_KINDS]
        for kind in sorted(kinds):
            found[f"{column.capitalize()}: {kind}"] = (accounts[column] == kind).fillna(False).astype("float64")
    if mix is not None and len(mix):
        wide = mix.pivot_table(index="customer_id", columns="family", values="amount", aggfunc="sum").fillna(0.0)
        whole = wide.sum(axis=1)
        top = wide.sum().sort_values(ascending=False, kind="stable").index[:MOST_KINDS]
        shares = wide[sorted(top)].div(whole.where(whole > 0), axis=0)
        bought = shares.reindex(accounts.customer_id).fillna(0.0).reset_index(drop=True)
        found = found.assign(**{f"Buys {name}": bought[name].to_numpy() for name in bought})
    some = found.columns[found.notna().any() & (found.std() > 0)]
    return found[some]


def standard(values: pd.DataFrame) -> Floats:
    """Return the features in standard deviations from their mean; an unknown one is the mean."""
    scaled = (values - values.mean()) / values.std()
    return np.asarray(scaled.clip(-4, 4).fillna(0.0).to_numpy(dtype=np.float64))


def profile(values: pd.DataFrame, fit: pd.Series[bool]) -> pd.DataFrame:
    """Return `tables/look_for`: what sets apart those that fit, the most telling first.

    Among many features some always differ: `by_chance` is how often features as far apart as this one, or farther,
    are so by chance alone (rank sums, false discovery rate of Benjamini & Hochberg 1995).
    """
    import pandas as pd

    yes, no = values[fit.to_numpy()], values[~fit.to_numpy()]
    lift = (yes.mean() - no.mean()) / values.std()
    frame = pd.DataFrame({"feature": values.columns, "share": yes.mean(), "others": no.mean(), "lift": lift})
    frame["by_chance"] = _by_chance(yes, no)
    logged = frame.feature == LOGGED
    frame.loc[logged, ["share", "others"]] = np.exp(frame.loc[logged, ["share", "others"]])
    order = frame.assign(size=-frame.lift.abs(), accounts=int(fit.sum())).sort_values(["size", "feature"])
    return order.drop(columns="size").reset_index(drop=True)


def _by_chance(yes: pd.DataFrame, no: pd.DataFrame) -> Floats:
    """Return the false discovery rate at which each feature differs; NaN where one side is not known."""
    from scipy.stats import false_discovery_control, mannwhitneyu

    found = np.full(yes.shape[1], np.nan)
    for place, name in enumerate(yes.columns):
        ours, others = yes[name].dropna(), no[name].dropna()
        if len(ours) and len(others):
            found[place] = mannwhitneyu(ours, others).pvalue
    known = np.isfinite(found)
    if known.any():
        found[known] = false_discovery_control(found[known])
    return found


def lookalikes(accounts: pd.DataFrame, values: pd.DataFrame, fit: pd.Series[bool]) -> pd.DataFrame:
    """Return `tables/lookalikes`: the small accounts nearest to one that fits.

    Small is below the middle net revenue, and above nothing: of one that buys nothing hardly a feature is known. Who is
    over-served or difficult is left out. Likeness is the share of the
    accounts that fit whose own nearest is farther away: at 50, the account is as near to one of them as they are to
    each other.
    """
    from sklearn.neighbors import NearestNeighbors

    places = standard(values)
    inside = np.flatnonzero(fit)
    small = (accounts.net_revenue > 0) & (accounts.net_revenue < accounts.net_revenue.median())
    easy = _not(accounts, "over_served") & _not(accounts, "difficult")
    others = np.flatnonzero((small & ~fit & easy).fillna(False))
    near = NearestNeighbors(n_neighbors=1).fit(places[inside])
    among = np.sort(near.kneighbors(places[inside], n_neighbors=2)[0][:, 1])
    distance, nearest = near.kneighbors(places[others])
    farther = len(among) - np.searchsorted(among, distance[:, 0], side="left")
    frame = accounts.iloc[others][["customer_id", "net_revenue", "net_margin"]].reset_index(drop=True)
    frame["likeness"] = 100.0 * farther / len(among)
    frame["nearest"] = accounts.customer_id.to_numpy()[inside[nearest[:, 0]]]
    best = frame[frame.likeness >= 50].sort_values(["likeness", "customer_id"], ascending=[False, True])
    return best.head(SHOWN).reset_index(drop=True)


def can_tell(fit: pd.Series[bool]) -> bool:
    """Return whether there are enough accounts that fit, and that do not, to tell them apart."""
    return bool(fit.sum() >= LEAST and (~fit).sum() >= LEAST)
