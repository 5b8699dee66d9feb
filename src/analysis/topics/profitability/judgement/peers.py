"""Like accounts: who an account is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.formats import count
from analysis.policy import Peers

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
PORTFOLIO = "the whole portfolio"


@dataclass(frozen=True)
class PeerSets:
    """Whom each account is compared with, itself left out: its neighbours where all stand in order of list revenue.

    Cost to serve grows slower than revenue, so that a ratio pooled over a wide band of sizes expects too little of the
    small accounts of the band; neighbours are alike in size whatever the unit of money.

    `order` lists accounts by list revenue, those of the whole portfolio first and those of each group behind them; an
    account's peers stand in it from `start` up to `stop`, the account itself among them. `words` says who they are.
    """

    order: Places
    start: Places
    stop: Places
    words: list[str]

    def others(self, values: Floats, rows: Places) -> Floats:
        """Return the sums over the peers of these rows, each row itself left out.

        Each stretch is summed once and for itself: differences of running totals would leave a hair's breadth where the
        peers have nothing.
        """
        if not len(rows):
            return np.zeros((0, *values.shape[1:]))
        spans, which = np.unique(np.stack([self.start[rows], self.stop[rows]], axis=1), axis=0, return_inverse=True)
        first, last = spans[:, 0].min(), spans[:, 1].max()
        stretch = np.concatenate([values[self.order[first:last]], np.zeros((1, *values.shape[1:]))])
        sums = np.add.reduceat(stretch, (spans - first).ravel(), axis=0)[::2]
        return np.asarray(sums[which.ravel()] - values[rows])


def peer_sets(accounts: pd.DataFrame, choices: Peers) -> PeerSets:
    """Return each account's peers: of those alike in the policy's columns the nearest in list revenue.

    The whole portfolio is searched where a value is unknown or fewer are alike than the policy's minimum. Where no more
    than `nearest` others have sales, all are peers.
    """
    number, revenue = len(accounts), accounts.list_revenue.to_numpy(dtype=np.float64)
    orders, length = [], 0
    start, stop = np.zeros(number, dtype=np.intp), np.zeros(number, dtype=np.intp)
    words = [PORTFOLIO] * number
    for told, rows in [("", np.arange(number)), *_alike(accounts, choices)]:
        order = rows[np.argsort(revenue[rows], kind="stable")]
        start[order], stop[order] = _stretches(revenue[order], choices.nearest)
        for row in order:
            words[row] = _words(int(stop[row] - start[row]), len(rows), told)
        start[order] += length
        stop[order] += length
        orders.append(order)
        length += len(order)
    return PeerSets(np.concatenate(orders), start, stop, words)


def _alike(accounts: pd.DataFrame, choices: Peers) -> list[tuple[str, Places]]:
    """Return the groups of accounts alike in the policy's columns that are large enough, in words and by their rows."""
    by = list(choices.by or ())
    if not by or accounts.empty:
        return []
    known = np.flatnonzero(accounts[by].notna().all(axis=1))
    groups = accounts[by].iloc[known].astype("str").groupby(by).indices
    found = []
    for values, rows in sorted(groups.items()):
        names = values if isinstance(values, tuple) else (values,)
        told = ", ".join(f"{column} {value}" for column, value in zip(by, names, strict=True))
        if len(rows) - 1 >= choices.minimum:
            found.append((told, known[rows]))
    return found


def _stretches(revenue: Floats, nearest: int) -> tuple[Places, Places]:
    """Return where each account's peers begin and end among accounts in order of revenue, itself among them.

    As many on either side as there are; at the ends the more on the other. Those that sell for as much as the last of
    them belong to them too, so that no id decides.
    """
    sells = int(np.searchsorted(revenue, 0.0, side="right"))
    sellers = revenue[sells:]
    last = len(sellers) - 1
    start, stop = np.zeros(len(revenue), dtype=np.intp), np.full(len(revenue), len(revenue), dtype=np.intp)
    if last <= nearest:
        return start, stop
    middle = (np.searchsorted(sellers, sellers, "left") + np.searchsorted(sellers, sellers, "right") - 1) / 2
    low = np.clip(np.floor(middle - nearest / 2), 0, last - nearest).astype(np.intp)
    high = np.clip(np.ceil(middle + nearest / 2), nearest, last).astype(np.intp)
    start[sells:] = sells + np.searchsorted(sellers, sellers[low], "left")
    stop[sells:] = sells + np.searchsorted(sellers, sellers[high], "right")
    return start, stop


def _words(taken: int, among: int, told: str) -> str:
    """Say who the peers are."""
    if taken == among:
        return f"like accounts ({told})" if told else PORTFOLIO
    others = "account" if taken == 2 else f"{count(taken - 1)} accounts"
    nearest = f"the {others} nearest in list revenue"
    return f"{nearest} ({told})" if told else nearest
