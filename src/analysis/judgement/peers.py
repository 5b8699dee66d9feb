"""Like accounts: who an account is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.policy import Peers

if TYPE_CHECKING:
    import pandas as pd

PORTFOLIO = "the whole portfolio"


@dataclass(frozen=True)
class PeerGroups:
    """The group that each account is compared with, itself left out.

    `group` is a number per account, 0 for the whole portfolio; `labels` says it in words; `sizes` counts its members.
    """

    group: NDArray[np.intp]
    labels: list[str]
    sizes: NDArray[np.intp]

    def pool(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sums of each group, one row a group; the portfolio's is first."""
        sums = np.zeros((len(self.labels), *values.shape[1:]))
        np.add.at(sums, self.group, values)
        sums[0] = values.sum(axis=0)
        return sums

    def words(self) -> list[str]:
        """Return, for each account, who its peers are."""
        return [self.labels[number] for number in self.group]


def peer_groups(accounts: pd.DataFrame, choices: Peers) -> PeerGroups:
    """Return each account's peers: those alike in the policy's columns, else the whole portfolio.

    The portfolio stands in where a value is unknown or the account has fewer peers than the policy's minimum. A group
    that lacks members is no group for anyone in it, so that the sums of every group hold all of its members.
    """
    keys = accounts[list(choices.by)].astype("str") if choices.by else None
    group = np.zeros(len(accounts), dtype=np.intp)
    labels, sizes = [PORTFOLIO], [len(accounts)]
    if keys is not None and len(accounts):
        known = accounts[list(choices.by)].notna().all(axis=1).to_numpy()
        for values, rows in sorted(keys[known].groupby(list(choices.by)).indices.items()):
            if len(rows) - 1 >= choices.minimum:
                group[np.flatnonzero(known)[rows]] = len(labels)
                names = values if isinstance(values, tuple) else (values,)
                told = ", ".join(f"{column} {value}" for column, value in zip(choices.by, names, strict=True))
                labels.append(f"like accounts ({told})")
                sizes.append(len(rows))
    return PeerGroups(group, labels, np.array(sizes, dtype=np.intp))
