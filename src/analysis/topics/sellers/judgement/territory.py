"""What a territory would lead one to expect of a seller, and how far what came is from it.

Expected is a margin on each unit of list revenue, by a ridge regression (Hoerl & Kennard, "Ridge Regression",
Technometrics 12(1), 1970) over the other sellers' accounts: industry, region, size and mix of products. A discount or
unpaid service is then the seller's; a poor region is not. The penalty is chosen by generalised cross-validation
(Golub, Heath & Wahba, Technometrics 21(2), 1979). Ranges are of the Bayesian bootstrap over accounts (Rubin, Annals of
Statistics 9(1), 1981), which weighs the seller's accounts and those it is held against anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.policy import Sellers
from analysis.topics.profitability.judgement.uncertainty import Floats

if TYPE_CHECKING:
    import pandas as pd

#: Accounts that the model is fitted on at most, and how many levels of a column it tells apart.
FITTED, LEVELS = 5_000, 12
#: Other sellers' accounts below which there is nothing to expect by.
OTHERS = 20
PENALTIES = np.logspace(-1, 4, 16)
BLOCK = 2_000_000
#: Bands of list revenue at most, and accounts in each at least.
BANDS, BAND = 10, 25
TERRITORY = ("industry", "region", "size")


def likeness(accounts: pd.DataFrame, mix: pd.DataFrame | None) -> pd.DataFrame:
    """Return what the model reads of each account, in columns of mean 0 and deviation 1.

    Parameters
    ----------
    accounts
        customer_id, industry, region, size, list_revenue.
    mix
        customer_id, family, amount of the window's sales.
    """
    import pandas as pd

    columns = {"revenue": np.log1p(accounts.list_revenue.clip(lower=0).to_numpy(dtype=np.float64))}
    for name in TERRITORY:
        columns |= {f"{name} {level}": share for level, share in _levels(accounts[name])}
    if mix is not None and len(mix):
        wide = mix.pivot_table(index="customer_id", columns="family", values="amount", aggfunc="sum").clip(lower=0)
        wide = wide[wide.sum().nlargest(LEVELS).index.sort_values()]
        wide = wide.reindex(accounts.customer_id).fillna(0.0)
        whole = wide.sum(axis=1).where(lambda total: total > 0, 1.0)
        columns |= {f"family {name}": (wide[name] / whole).to_numpy() for name in wide}
    frame = pd.DataFrame(columns, index=accounts.index)
    spread = frame.std(ddof=0)
    return ((frame - frame.mean()) / spread.where(spread > 0, 1.0)).loc[:, spread > 0]


def _levels(values: pd.Series[str]) -> Iterator[tuple[str, Floats]]:
    counts = values.value_counts()
    common = counts[counts >= max(5, 0.01 * len(values))]
    for level in sorted(common.nlargest(LEVELS, keep="all").index[:LEVELS]):
        yield str(level), (values == level).fillna(False).to_numpy(dtype=np.float64)


@dataclass(frozen=True)
class _Fit:
    """The accounts that expectations rest on.

    Attributes
    ----------
    products
        Weighted products of each account's columns, its rate the last: their sums are all that a fit needs.
    weights
        How each draw weighs each account; the first weighs all alike.
    edges, variances
        Bands of list revenue, and the mean square of the accounts' distance to expectation in each.
    """

    products: Floats
    weights: Floats
    penalty: float
    ids: NDArray[np.object_]
    edges: Floats
    variances: Floats

    @property
    def width(self) -> int:
        return int(np.sqrt(self.products.shape[1]))

    def without(self, ids: pd.Series[str], total: Floats) -> Any:
        """Return, for each draw, the coefficients of a fit that has not seen these accounts."""
        mine = np.isin(self.ids, ids.to_numpy(dtype=object))
        left = total - self.weights[mine].T @ self.products[mine]
        sums = left.reshape(-1, self.width, self.width)
        ridge = np.eye(self.width - 1) * self.penalty
        ridge[0, 0] = 0.0
        return np.linalg.solve(sums[:, :-1, :-1] + ridge, sums[:, :-1, -1:])[..., 0]

    def usual(self, listed: Floats) -> float:
        """Return the deviation of a sum over accounts of such list revenue, as accounts in general deviate."""
        return float(np.sqrt((listed**2 * self.variances[np.searchsorted(self.edges, listed)]).sum()))

    def others(self, ids: pd.Series[str]) -> int:
        return int((~np.isin(self.ids, ids.to_numpy(dtype=object))).sum())


def _fit(like: pd.DataFrame, accounts: pd.DataFrame, policy: Sellers, random: np.random.Generator) -> _Fit:
    from sklearn.linear_model import RidgeCV

    known = np.flatnonzero((accounts.list_revenue > 0) & accounts.margin.notna())
    if len(known) > FITTED:
        known = np.sort(random.choice(known, FITTED, replace=False))
    rows, x = accounts.iloc[known], like.to_numpy()[known]
    revenue = rows.list_revenue.to_numpy(dtype=np.float64)
    rate = rows.margin.to_numpy(dtype=np.float64) / revenue
    weight = revenue / revenue.mean()
    penalty = float(RidgeCV(PENALTIES).fit(x, rate, sample_weight=weight).alpha_) if x.shape[1] else 0.0
    joined = np.column_stack([np.ones(len(rows)), x, rate])
    products = (weight[:, None, None] * joined[:, :, None] * joined[:, None, :]).reshape(len(rows), -1)
    draws = random.standard_exponential((len(rows), policy.draws))
    weights = np.column_stack([np.ones(len(rows)), draws])
    fit = _Fit(
        products, weights, penalty, rows.customer_id.to_numpy(dtype=object), *_bands(revenue, np.zeros(len(rows)))
    )
    line = fit.without(rows.customer_id.iloc[:0], weights[:, :1].T @ products)[0]
    edges, variances = _bands(revenue, (rate - joined[:, :-1] @ line) ** 2)
    return replace(fit, edges=edges, variances=variances)


def _bands(revenue: Floats, squares: Floats) -> tuple[Floats, Floats]:
    """Return the edges of bands of list revenue, and the mean of the squares in each."""
    bands = max(1, min(BANDS, len(revenue) // BAND))
    edges = np.unique(np.quantile(revenue, np.arange(1, bands) / bands))
    band = np.searchsorted(edges, revenue)
    counts = np.bincount(band, minlength=len(edges) + 1)
    return edges, np.bincount(band, weights=squares, minlength=len(edges) + 1) / np.maximum(counts, 1)


def against_territory(
    pieces: pd.DataFrame, accounts: pd.DataFrame, mix: pd.DataFrame | None, policy: Sellers
) -> pd.DataFrame:
    """Return what was to be expected of each seller and the gap to it, with its interval.

    Parameters
    ----------
    pieces
        customer_id, seller, list_revenue, margin: only those whose margin is measured.
    accounts
        customer_id, industry, region, size, list_revenue and margin of every account, sorted by customer_id.
    mix
        customer_id, family, amount of the window's sales; None: not known.

    Returns
    -------
    DataFrame
        seller, expected_margin, gap, gap_low, gap_high; no row for a seller without list revenue, or where too few
        accounts of others are left to expect by.
    """
    import pandas as pd

    columns = ["seller", "expected_margin", "gap", "gap_low", "gap_high"]
    random = np.random.Generator(np.random.PCG64(policy.seed))
    accounts = accounts.reset_index(drop=True)
    if (accounts.margin.notna() & (accounts.list_revenue > 0)).sum() < OTHERS:
        return pd.DataFrame(columns=columns)
    like = likeness(accounts, mix)
    fit = _fit(like, accounts, policy, random)
    total = fit.weights.T @ fit.products
    place = pd.Series(accounts.index, index=accounts.customer_id)
    design = np.column_stack([np.ones(len(like)), like.to_numpy()])
    found = []
    for seller, mine in pieces.groupby("seller", sort=True):
        if fit.others(mine.customer_id) < OTHERS or not mine.list_revenue.sum() > 0:
            continue
        rates = fit.without(mine.customer_id, total)
        usual = fit.usual(mine.list_revenue.to_numpy(dtype=np.float64))
        found.append({"seller": seller, **_gap(mine, design[place[mine.customer_id]], rates, usual, policy, random)})
    return pd.DataFrame(found, columns=columns)


def _gap(
    mine: pd.DataFrame, design: Floats, rates: Floats, usual: float, policy: Sellers, random: np.random.Generator
) -> dict[str, float]:
    """Return the expectation, the gap and its interval: the gap on each unit of list revenue is what is drawn."""
    listed, margin = (mine[name].to_numpy(dtype=np.float64) for name in ("list_revenue", "margin"))
    expected = float(listed @ (design @ rates[0]))
    drawn = np.empty(len(rates) - 1)
    step = max(1, BLOCK // len(mine))
    for start in range(0, len(drawn), step):
        part = slice(start, start + step)
        gaps = margin[:, None] - listed[:, None] * (design @ rates[1:][part].T)
        weights = random.standard_exponential(gaps.shape)
        drawn[part] = (weights * gaps).sum(axis=0) / (weights * listed[:, None]).sum(axis=0)
    gap = float(margin.sum()) - expected
    reach = _reach(drawn, listed, usual, policy.sure)
    return {"expected_margin": expected, "gap": gap, "gap_low": gap - reach, "gap_high": gap + reach}


def _reach(drawn: Floats, listed: Floats, usual: float, sure: float) -> float:
    """Return how far the interval reaches to either side; NaN where one account is nearly all there is.

    A few large accounts make a sum as shaky as few accounts do, so it is Student's t of the effective number of
    accounts, (sum of w)^2 / (sum of w^2) (Kish, Survey Sampling, 1965, section 11.7). Margins are skewed: whoever
    happens to have no bad account would look surer than accounts are, so the spread is at least the usual one.
    """
    from scipy.stats import t

    effective = float(listed.sum() ** 2 / (listed**2).sum())
    if effective <= 2:
        return float("nan")
    deviation = float(drawn.std(ddof=1)) * listed.sum() * np.sqrt(effective / (effective - 1))
    return float(t.ppf((1 + sure) / 2, effective - 1) * max(deviation, usual))
