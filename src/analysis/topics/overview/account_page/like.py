"""What like accounts have, line by line of the statement, at an account's own list revenue."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.run import Run
from analysis.topics.profitability.judgement.peers import peer_sets

LINES = ("discounts", "returns", "cogs", "freight", "write_offs", "financing_cost", "cost_to_obtain", "net_margin")


class LikeAccounts:
    """The peers' statement, pooled and scaled to each account: the same peers as those of `tables/reasons`."""

    def __init__(self, run: Run) -> None:
        accounts = run.accounts
        known = accounts[accounts["net_margin"].notna() & accounts["list_revenue"].notna()].reset_index(drop=True)
        self.lines = [*LINES, *run.groups]
        self._at = {key: place for place, key in enumerate(known["customer_id"])}
        self._amounts = self._scaled(known, run) if len(known) else np.zeros((0, len(self.lines)))

    def of(self, customer_id: str) -> dict[str, float]:
        """Return the lines of an account's peers at its list revenue; empty where it has none to be compared with."""
        place = self._at.get(customer_id)
        if place is None or np.isnan(self._amounts[place]).all():
            return {}
        return dict(zip(self.lines, self._amounts[place].tolist(), strict=True))

    def _scaled(self, known: pd.DataFrame, run: Run) -> np.ndarray:
        revenue = known["list_revenue"].to_numpy(dtype=np.float64)
        own = known[self.lines].astype("float64").fillna(0.0).to_numpy()
        peers, every = peer_sets(known, run.policy.peers), np.arange(len(known))
        others = peers.others(revenue, every)
        scale = np.divide(revenue, others, out=np.full(len(known), np.nan), where=(revenue > 0) & (others > 0))
        return np.asarray(peers.others(own, every) * scale[:, None])
