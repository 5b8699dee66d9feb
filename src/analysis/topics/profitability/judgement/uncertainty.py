"""How sure the margins are: draws from the costing's stated ranges, shared by all accounts.

A resource's rate and an activity's modelled minutes are each multiplied by one triangular factor on [1 - u, 1 + u]
with its mode at 1; logged minutes are certain. An account's cost is linear in these factors and their products, so a
draw of all accounts is one matrix product of their costs (accounts x terms) with the draws (terms x draws). It is
streamed in blocks of accounts: no accounts x draws matrix is ever held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from analysis.ledger.costing import Costing
from analysis.policy import Policy, Segments
from analysis.statistics.ends import HIGH, LOW
from analysis.topics.profitability.judgement.segments import ABOVE

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Found = TypeVar("Found")
BLOCK_CELLS = 2_000_000
GRID = 4096
THREADS = 2
#: An account that has none of these has nothing in the window, and no sign to be sure of.
TRACES = ("list_revenue", "net_revenue", "cogs", "freight", "cost_to_serve", "cost_to_obtain", "write_offs", "events")
SEGMENTS = tuple(f"{p}_{d}_demand" for p in ("profitable", "unprofitable") for d in ("low", "high"))


@dataclass(frozen=True)
class Terms:
    """What each account costs at the stated rates, split by the factors that it is multiplied with.

    `serve`, `obtain` and `failure` are accounts x terms; `names` says of each term which resource's rate and which
    activity's minutes (empty: logged, or certain) it hangs on.
    """

    names: list[tuple[str, str]]
    serve: Floats
    obtain: Floats
    failure: Floats


def cost_terms(customers: pd.Series[str], minutes: pd.DataFrame, costing: Costing) -> Terms:
    """Return the accounts' costs by term.

    Parameters
    ----------
    customers
        The accounts' ids, in the order of the rows wanted.
    minutes
        customer_id, activity, logged, modelled, failure_logged, failure_modelled.
    costing
        Whose rates and ranges they are costed at.
    """
    uncertain = {name for name, a in costing.activities.items() if a.uncertainty > 0}
    names = [(r, "") for r in sorted(costing.resources)]
    names += [(costing.activities[name].resource, name) for name in sorted(uncertain)]
    column = {name: place for place, name in enumerate(names)}
    rows = customers.reset_index(drop=True).reset_index().set_index("customer_id")["index"]
    shape = (len(customers), len(names))
    terms = Terms(names, np.zeros(shape), np.zeros(shape), np.zeros(shape))
    for name, part in minutes.groupby("activity", sort=True):
        activity = costing.activities[str(name)]
        at = rows.loc[part.customer_id].to_numpy()
        rate = costing.resources[activity.resource].rate
        ranged = column[activity.resource, str(name) if name in uncertain else ""]
        certain = column[activity.resource, ""]
        whole = terms.obtain if activity.purpose == "obtain" else terms.serve
        np.add.at(whole, (at, certain), part.logged.to_numpy() * rate)
        np.add.at(whole, (at, ranged), part.modelled.to_numpy() * rate)
        if activity.purpose != "obtain":
            np.add.at(terms.failure, (at, certain), part.failure_logged.to_numpy() * rate)
            np.add.at(terms.failure, (at, ranged), part.failure_modelled.to_numpy() * rate)
    return terms


def draw_factors(names: list[tuple[str, str]], costing: Costing, draws: int, seed: int) -> Floats:
    """Return terms x draws: the product of each term's triangular factors; the same seed gives the same draws."""
    from scipy.stats import triang

    random = np.random.Generator(np.random.PCG64(seed))

    def triangular(width: float) -> Floats:
        return 1 + width * np.asarray(triang.ppf(random.random(draws), 0.5, loc=-1.0, scale=2.0))

    rates = {name: triangular(costing.resources[name].uncertainty) for name in sorted(costing.resources)}
    times = {name: triangular(costing.activities[name].uncertainty) for name in sorted(costing.activities)}
    return np.array([rates[r] * (times[a] if a else 1.0) for r, a in names])


@dataclass(frozen=True)
class Ranges:
    """What the draws say of each account, of the portfolio, and of the whale curve.

    Attributes
    ----------
    known, terms
        The accounts drawn, and their costs.
    others, others_terms
        Those whose margin is not measured: they are drawn no margin, but are part of the portfolio's service demand.
    """

    accounts: pd.DataFrame
    portfolio: dict[str, Any]
    whale: pd.DataFrame
    known: pd.DataFrame
    terms: Terms
    others: pd.DataFrame
    others_terms: Terms

    @property
    def everyone(self) -> tuple[pd.DataFrame, Terms]:
        """All accounts and their costs, those that are drawn first."""
        import pandas as pd

        if self.others.empty:
            return self.known, self.terms
        both = (self.terms, self.others_terms)
        parts = (np.vstack([getattr(terms, name) for terms in both]) for name in ("serve", "obtain", "failure"))
        return pd.concat([self.known, self.others], ignore_index=True), Terms(self.terms.names, *parts)


def ranges(accounts: pd.DataFrame, minutes: pd.DataFrame, costing: Costing, policy: Policy) -> Ranges:
    """Return the ranges of margins and ranks over the costing's stated uncertainty.

    Parameters
    ----------
    accounts
        The statement of every account; those whose net margin is not measured get no range.
    minutes
        As `cost_terms` takes them.

    Returns
    -------
    Ranges
        `accounts`: customer_id, net_margin_low, net_margin_high (5% and 95% points), p_unprofitable, rank_low,
        rank_high. `portfolio`: the total's range, the range of the count of loss-makers, and the quantiles'
        error. `whale`: rank, cumulative_low, cumulative_high.
    """
    measured = accounts.net_margin.notna()
    known, others = (accounts[rows].reset_index(drop=True) for rows in (measured, ~measured))
    terms, others_terms = (
        cost_terms(rows.customer_id, minutes[minutes.customer_id.isin(rows.customer_id)], costing)
        for rows in (known, others)
    )
    factors = draw_factors(terms.names, costing, policy.uncertainty.draws, policy.uncertainty.seed)
    drawn = _Draw(known, terms, factors)
    few = factors[:, : policy.uncertainty.rank_draws]
    with threadpool_limits(1):  # the blocks are shared among threads already
        frame, losers = _by_account(drawn)
        grid, band = _by_draw(drawn, few)
        frame["rank_low"], frame["rank_high"] = _ranks(drawn, few, grid)
    nothing = (known[[name for name in TRACES if name in known]].fillna(0) == 0).all(axis=1)
    frame["certainty"] = certainty(frame.p_unprofitable, policy.uncertainty.sure).where(~nothing)
    total = drawn.base.sum() - (terms.serve + terms.obtain).sum(axis=0) @ factors
    portfolio = {
        "draws": factors.shape[1],
        "net_margin": _span(total),
        "loss_making_accounts": [round(edge) for edge in _span(losers)],
        "quantile_error": round(1.96 * float(np.sqrt(LOW * HIGH / factors.shape[1])), 4),
    }
    return Ranges(frame, portfolio, band, known, terms, others, others_terms)


def segment_chances(ranges: Ranges, costing: Costing, policy: Policy) -> pd.DataFrame:
    """Return the chance of each segment over the same draws: customer_id, and `p_<segment>`.

    Each draw has its own line between low and high service demand.
    """
    import pandas as pd

    factors = draw_factors(ranges.terms.names, costing, policy.uncertainty.draws, policy.uncertainty.seed)
    drawn = _Draw(ranges.known, ranges.terms, factors)
    lines = _DemandLines.of(*ranges.everyone, factors, policy.segments)
    with threadpool_limits(1):
        found = drawn.over_blocks(lambda block: _in_segments(drawn, block, lines, policy.segments.profit_threshold))
    chances = np.vstack([*found, np.zeros((0, len(SEGMENTS)))])
    frame = pd.DataFrame(chances, columns=[f"p_{name}" for name in SEGMENTS])
    frame.insert(0, "customer_id", ranges.known.customer_id.to_numpy())
    return frame


def certainty(p_unprofitable: pd.Series[float], sure: float) -> pd.Series[str]:
    """Return whether each account is surely positive, surely negative or sensitive to the cost ranges."""
    import pandas as pd

    words = np.select(
        [1 - p_unprofitable >= sure, p_unprofitable >= sure], ["surely_positive", "surely_negative"], "sensitive"
    )
    return pd.Series(words, p_unprofitable.index, dtype="str")


@dataclass(frozen=True)
class _Draw:
    """The accounts whose margin is measured, with what is needed to draw any block of them."""

    accounts: pd.DataFrame
    terms: Terms
    factors: Floats

    @property
    def base(self) -> Floats:
        """Gross margin - write-offs - financing: what no draw changes."""
        rows = self.accounts
        fixed: Floats = (rows.gross_margin - rows.write_offs - rows.financing_cost).to_numpy(dtype=np.float64)
        return fixed

    def blocks(self, draws: int) -> Iterator[slice]:
        size = max(1, BLOCK_CELLS // max(1, draws))
        for start in range(0, len(self.accounts), size):
            yield slice(start, min(start + size, len(self.accounts)))

    def over_blocks(self, of: Callable[[slice], Found]) -> list[Found]:
        """Return what a function finds of each block, in order; the blocks are shared among threads."""
        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(of, self.blocks(self.factors.shape[1])))

    def net(self, block: slice, factors: Floats) -> Floats:
        """Return the net margin of a block's accounts in each draw."""
        costs = self.terms.serve[block] + self.terms.obtain[block]
        return self.base[block, None] - costs @ factors


@dataclass(frozen=True)
class _DemandLines:
    """The line between low and high service demand in each draw (by size band where the policy asks for it).

    It is of all accounts, whether their margin is measured or not.
    """

    band: NDArray[np.intp]
    lines: Floats
    whole: Floats

    @classmethod
    def of(cls, rows: pd.DataFrame, terms: Terms, factors: Floats, choices: Segments) -> _DemandLines:
        sizes = rows["size"].fillna("").to_numpy(dtype=str)
        bands = sizes if choices.within_size_bands else np.full(len(rows), "")
        names, band = np.unique(bands, return_inverse=True)
        whole = (rows.list_revenue - rows.returns).to_numpy(dtype=np.float64)
        parts = np.zeros((len(names), factors.shape[0]))
        np.add.at(parts, band, terms.serve - terms.failure)
        wholes = np.bincount(band, weights=whole, minlength=len(names))
        wholes[wholes <= 0] = np.nan
        return cls(band, parts @ factors / wholes[:, None], whole)

    def above(self, block: slice, terms: Terms, factors: Floats) -> NDArray[np.bool_]:
        """Return, for a block's accounts, the draws in which each asks for more than the line."""
        whole, lines = self.whole[block, None], self.lines[self.band[block]]
        asked = (terms.serve[block] - terms.failure[block]) @ factors
        served = terms.serve[block].sum(axis=1)[:, None] > 0
        return np.where((whole > 0) & ~np.isnan(lines), asked > lines * whole * ABOVE, served)


def _span(values: Floats) -> list[float]:
    return [round(float(edge), 4) for edge in np.quantile(values, [LOW, HIGH], method="inverted_cdf")]


def _edges(draws: Floats) -> tuple[Floats, Floats]:
    """Return the 5% and 95% points of each row; the rows are reordered in place."""
    count = draws.shape[1]
    low, high = max(0, int(np.ceil(LOW * count)) - 1), max(0, int(np.ceil(HIGH * count)) - 1)
    draws.partition([low, high], axis=1)
    return draws[:, low].copy(), draws[:, high].copy()


def _by_account(drawn: _Draw) -> tuple[pd.DataFrame, Floats]:
    """Return each account's range and its chance of a loss, and the count of loss-makers in each draw."""
    import pandas as pd

    found = drawn.over_blocks(lambda block: _net_of(drawn, block))
    values = np.vstack([*(values for values, _ in found), np.zeros((0, 3))])
    losers: Floats = sum((lost for _, lost in found), np.zeros(drawn.factors.shape[1]))
    frame = pd.DataFrame(values, columns=["net_margin_low", "net_margin_high", "p_unprofitable"])
    frame.insert(0, "customer_id", drawn.accounts.customer_id.to_numpy())
    return frame, losers


def _net_of(drawn: _Draw, block: slice) -> tuple[Floats, Floats]:
    net = drawn.net(block, drawn.factors)
    loses = net < 0
    lost, share = loses.sum(axis=0, dtype=np.float64), loses.mean(axis=1)
    low, high = _edges(net)
    return np.column_stack([low, high, share]), lost


def _in_segments(drawn: _Draw, block: slice, lines: _DemandLines, threshold: float) -> Floats:
    running = drawn.base[block, None] - drawn.terms.serve[block] @ drawn.factors
    profitable = running >= threshold
    high = lines.above(block, drawn.terms, drawn.factors)
    both = np.count_nonzero(profitable & high, axis=1)
    good, much = np.count_nonzero(profitable, axis=1), np.count_nonzero(high, axis=1)
    draws = drawn.factors.shape[1]
    return np.column_stack([good - both, both, draws - good - much + both, much - both]) / draws


def _by_draw(drawn: _Draw, factors: Floats) -> tuple[Floats, pd.DataFrame]:
    """Return, for each draw, a grid of its sorted net margins, and the band of the whale curve.

    The grid holds every account up to `GRID` of them, else as many points spread evenly over the ranks.
    """
    import pandas as pd

    count = len(drawn.accounts)
    places = np.unique(np.linspace(0, count - 1, min(count, GRID)).round().astype(int)) if count else np.zeros(0, int)
    # The last account's place is one of them: there the curve is the portfolio's own margin.
    sparse = np.union1d(places[:: max(1, len(places) // 500)], places[-1:])
    grid, running = np.empty((factors.shape[1], len(places))), np.empty((factors.shape[1], len(sparse)))

    def draw(part: slice) -> None:
        nets = np.sort(drawn.net(slice(0, count), factors[:, part]).T, axis=1)
        grid[part] = nets[:, places]
        running[part] = np.cumsum(nets[:, ::-1], axis=1)[:, sparse]

    step = max(1, BLOCK_CELLS // max(1, count))
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(draw, (slice(s, min(s + step, len(grid))) for s in range(0, len(grid), step))))
    low, high = _edges(running.T.copy()) if count else (np.zeros(0), np.zeros(0))
    ranks = np.arange(1, count + 1)
    band = {"rank": ranks, "cumulative_low": low, "cumulative_high": high}
    if count:
        band |= {
            "cumulative_low": np.interp(ranks, sparse + 1, low),
            "cumulative_high": np.interp(ranks, sparse + 1, high),
        }
    return grid, pd.DataFrame(band)


def _ranks(drawn: _Draw, factors: Floats, grid: Floats) -> tuple[Floats, Floats]:
    """Return the 5% and 95% points of each account's rank (1 earns most), by each draw's grid."""
    count, draws = len(drawn.accounts), factors.shape[1]
    places = np.linspace(0, count - 1, grid.shape[1]).round() if count else np.zeros(0)
    low, high = np.empty(count), np.empty(count)

    def rank(block: slice) -> None:
        nets = drawn.net(block, factors)
        for draw in range(draws):
            nets[:, draw] = count - np.interp(nets[:, draw], grid[draw], places)
        low[block], high[block] = _edges(nets)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(rank, drawn.blocks(draws)))
    return np.round(low), np.round(high)
