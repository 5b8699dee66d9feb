"""Why an account earns less, or more, than its peers at the same list revenue.

gap = pooled peers' (sum of net margin / sum of list revenue, the account itself left out) x own list revenue - own net
margin, and each driver likewise, so that the drivers sum to the gap. A driver of work is split further, as a controller
splits a variance: volume, channel mix, minutes per unit and price of a minute; the four sum to the driver.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.data.contract import conform, empty
from analysis.formats import count, money, percent
from analysis.ledger.drivers import WORK_DRIVERS
from analysis.policy import Policy
from analysis.topics.profitability.judgement.peers import PeerSets, peer_sets

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
#: Drivers read off the statement: the column that holds each, and the words for it.
PRICE_DRIVERS = {
    "discount": ("discounts", "Discounts"),
    "returns": ("returns", "Returns, credits and rebates"),
    "product_mix": ("cogs", "Cost of goods"),
    "freight": ("freight", "Freight"),
    "write_offs": ("write_offs", "Write-offs"),
    "financing": ("financing_cost", "Waiting for payment"),
}
WORK_WORDS = {
    "failure": "Work that our failures caused",
    "over_service": "Service beyond the level due",
    "out_of_scope": "Work out of scope",
    "unrequested": "Work that nobody asked for",
    "rush": "Rush work",
    "after_hours": "Work after hours",
    "order_size": "Order handling",
    "other_service": "Other service",
    "obtaining": "Winning business",
}
EFFECTS = ("volume", "channel", "minutes", "price")
MOVERS = {
    "volume": "",
    "channel": ", mostly the channel",
    "minutes": ", mostly more minutes each",
    "price": ", mostly dearer minutes",
}
#: The drivers as they are sorted.
DRIVERS = sorted([*PRICE_DRIVERS, *WORK_DRIVERS])
BLOCK = 10_000
#: Rows that are put into words together.
SENTENCES = 100_000
#: Where the drivers of price stand among all.
PRICED = [DRIVERS.index(name) for name in PRICE_DRIVERS]
#: Money is kept to so many decimals.
DECIMALS = 4


def reasons(accounts: pd.DataFrame, work: pd.DataFrame | None, policy: Policy, months: int) -> pd.DataFrame:
    """Return `tables/reasons` for every account with list revenue and a measured margin.

    Parameters
    ----------
    accounts
        The statement of every account.
    work
        customer_id, driver, channel, events, minutes, cost, pieces; None without service events.
    policy
        Its `[peers]` say who is compared with whom.
    months
        The window's length, for the words.

    Returns
    -------
    DataFrame
        The contract's columns, and `peers`, `moved_by` and the four effects.
    """
    known = accounts[accounts.net_margin.notna() & accounts.list_revenue.notna()].reset_index(drop=True)
    if known.empty:
        return empty("reasons")
    peers = peer_sets(known, policy.peers)
    revenue = known.list_revenue.to_numpy(dtype=np.float64)
    others = peers.others(revenue, np.arange(len(known)))
    told = np.flatnonzero((revenue > 0) & (others > 0))
    told = told[np.argsort(peers.start[told], kind="stable")]  # neighbours together, so that a block needs few others
    scale = np.zeros(len(known))
    scale[told] = revenue[told] / others[told]
    parts = [_price(known, peers, told, scale)]
    for driver, cells in _work_by_driver(known, work):
        for start in range(0, len(told), BLOCK):
            parts.append(_work(driver, cells, peers, told[start : start + BLOCK], scale))
    found = Differences.sorted(parts, known.customer_id)
    return conform(_table(found, known, peers.words, policy.currency, months), "reasons")


class Differences(NamedTuple):
    """What differs between accounts and their peers, one entry for each account and driver, in arrays.

    Parameters
    ----------
    row, driver
        The account's row, and the driver's place in `DRIVERS`.
    own, peers
        What the words tell of the account and of its peers: shares of list revenue, or pieces of work.
    effects
        Entries x effects: they sum to `amount`.
    """

    row: NDArray[np.intp]
    driver: NDArray[np.intp]
    own: Floats
    peers: Floats
    amount: Floats
    effects: Floats

    @classmethod
    def sorted(cls, parts: list[Differences], ids: pd.Series[str]) -> Differences:
        """Return the entries of all parts by account, the largest amount first."""
        whole = cls(*map(np.concatenate, zip(*parts, strict=True)))
        place = np.empty(len(ids), dtype=np.intp)
        place[ids.argsort().to_numpy()] = np.arange(len(ids))
        order = np.lexsort((whole.driver, -whole.amount, place[whole.row]))
        return whole.at(order)

    def at(self, places: NDArray[np.intp] | slice) -> Differences:
        """Return some of the entries."""
        return Differences._make(column[places] for column in self)


def _table(found: Differences, accounts: pd.DataFrame, peers: list[str], currency: str, months: int) -> pd.DataFrame:
    """Return the entries with their words, made for some at a time: as Python objects, those of all take gigabytes."""
    import pandas as pd

    moved = np.where(np.isin(found.driver, PRICED), EFFECTS.index("price"), np.abs(found.effects).argmax(axis=1))
    some = [slice(start, start + SENTENCES) for start in range(0, len(found.row), SENTENCES)]
    parts = [pd.Series(_sentences(found.at(of), moved[of], peers, currency, months), dtype="str") for of in some]
    return pd.DataFrame(
        {
            "customer_id": _each(accounts.customer_id, found.row),
            "rank": pd.Series(found.row).groupby(found.row).cumcount() + 1,
            "driver": _each(pd.Series(DRIVERS, dtype="str"), found.driver),
            "amount": found.amount,
            "sentence": pd.concat(parts, ignore_index=True) if parts else pd.Series(dtype="str"),
            "peers": _each(pd.Series(peers, dtype="str"), found.row),
            "moved_by": _each(pd.Series(EFFECTS, dtype="str"), moved),
            **{f"{name}_effect": found.effects[:, place] for place, name in enumerate(EFFECTS)},
        }
    )


def _each(values: pd.Series[str], places: NDArray[np.intp]) -> pd.Series[str]:
    return values.iloc[places].reset_index(drop=True)


def _sentences(some: Differences, moved: NDArray[np.intp], peers: list[str], currency: str, months: int) -> list[str]:
    """Return the entries in words; `moved`: the effect that each comes of most."""
    found = []
    for row, driver, own, theirs, amount, by in zip(
        some.row, some.driver, some.own, some.peers, some.amount, moved, strict=True
    ):
        name, money_told = DRIVERS[driver], _money(amount, currency, months)
        if name in PRICE_DRIVERS:
            share = f"{percent(own)} of list revenue against {percent(theirs)}"
            found.append(f"{PRICE_DRIVERS[name][1]}: {share} for {peers[row]}, {money_told}")
        else:
            more = MOVERS[EFFECTS[by]] if amount > 0 else ""
            pieces = f"{_expected(own)} {'piece' if 0 < own < 1.5 else 'pieces'} of work against {_expected(theirs)}"
            found.append(f"{WORK_WORDS[name]}: {pieces} for {peers[row]}, {money_told}{more}")
    return found


def _work_by_driver(accounts: pd.DataFrame, work: pd.DataFrame | None) -> Iterator[tuple[str, Floats]]:
    """Yield each driver with the accounts' work: accounts x channels x (events, minutes, cost, pieces).

    Costs are rounded per account and activity; the hair's breadth between that sum and the statement's line stays in
    `other_service` and `obtaining`, so that the drivers sum to the cent; what is finer than money is none of it.
    """
    import pandas as pd

    mine = accounts.iloc[:0].assign(driver="", channel="") if work is None else work
    mine = mine[mine.customer_id.isin(accounts.customer_id)]
    channels = sorted(mine.channel.unique()) or [""]
    row, channel = (
        pd.Index(accounts.customer_id).get_indexer(mine.customer_id),
        pd.Index(channels).get_indexer(mine.channel),
    )
    values = mine.reindex(columns=["events", "minutes", "cost", "pieces"]).to_numpy(dtype=np.float64)

    def cells_of(driver: str) -> Floats:
        found, of = np.zeros((len(accounts), len(channels), 4)), (mine.driver == driver).to_numpy(dtype=np.bool_)
        found[row[of], channel[of]] = values[of]
        return found

    cost = {driver: cells_of(driver)[..., 2].sum(axis=1) for driver in WORK_DRIVERS}
    obtaining = cost["obtaining"]
    serving = np.column_stack([*cost.values()]).sum(axis=1) - obtaining
    left = {
        "other_service": np.round(accounts.cost_to_serve.to_numpy(dtype=np.float64) - serving, DECIMALS),
        "obtaining": np.round(accounts.cost_to_obtain.to_numpy(dtype=np.float64) - obtaining, DECIMALS),
    }
    for driver in WORK_DRIVERS:
        cells = cells_of(driver)
        cells[:, 0, 2] += left.get(driver, 0.0)
        yield driver, cells


def _price(accounts: pd.DataFrame, alike: PeerSets, told: NDArray[np.intp], scale: Floats) -> Differences:
    """Return the drivers that are read off the statement: what is given away, and what goods and money cost."""
    names = list(PRICE_DRIVERS)
    columns = accounts[[PRICE_DRIVERS[name][0] for name in names]].fillna(0).to_numpy(dtype=np.float64)
    own, peers = columns[told], alike.others(columns, told) * scale[told][:, None]
    place, column = np.nonzero((own != 0) | (peers != 0))
    mine, theirs, row = own[place, column], peers[place, column], told[place]
    revenue = accounts.list_revenue.to_numpy(dtype=np.float64)[row]
    effects = np.zeros((len(row), len(EFFECTS)))
    effects[:, EFFECTS.index("price")] = mine - theirs
    driver = np.array([DRIVERS.index(name) for name in names])[column]
    return Differences(row, driver, mine / revenue, theirs / revenue, mine - theirs, effects)


def _work(driver: str, cells: Floats, alike: PeerSets, told: NDArray[np.intp], scale: Floats) -> Differences:
    """Return a driver of work for a block of accounts."""
    own, peers = cells[told], alike.others(cells, told) * scale[told][:, None, None]
    cost, theirs = own[..., 2].sum(axis=1), peers[..., 2].sum(axis=1)
    here = np.flatnonzero((cost != 0) | (theirs != 0))
    pieces, expected = own[..., 3].sum(axis=1), peers[..., 3].sum(axis=1)
    each = (pieces, expected, cost - theirs, variance(own, peers))
    return Differences(told[here], np.full(len(here), DRIVERS.index(driver)), *(values[here] for values in each))


def _expected(number: float) -> str:
    return count(number) if number >= 1 or number == 0 else "under 1"


def _money(amount: float, currency: str, months: int) -> str:
    span = "a year" if months == 12 else "in the window"
    return f"{money(abs(amount), currency)} {'less ' if amount < 0 else ''}{span}"


def variance(own: Floats, peers: Floats) -> Floats:
    """Split the difference of two costs into volume, channel mix, minutes per unit and price of a minute.

    Parameters
    ----------
    own, peers
        (..., channels, 3): events, minutes and cost of the account, and of its peers at the account's list revenue.

    Returns
    -------
    ndarray
        (..., 4): the effects, which sum to own cost - peers' cost. Where the peers have no such work, all is volume.

    Examples
    --------
    >>> import numpy as np
    >>> own = np.array([[10.0, 200.0, 200.0]])    # 10 calls of 20 minutes at 1 a minute
    >>> peers = np.array([[8.0, 80.0, 80.0]])     # 8 calls of 10 minutes at 1 a minute
    >>> variance(own, peers)
    array([ 20.,   0., 100.,   0.])
    """
    n, minutes, cost = own[..., 0], own[..., 1], own[..., 2]
    pn, pminutes, pcost = peers[..., 0], peers[..., 1], peers[..., 2]
    whole, pwhole, ptotal = n.sum(-1), pn.sum(-1), pcost.sum(-1)
    unit = _over(ptotal, pwhole)
    units = np.where(pn > 0, _over(pcost, pn), unit[..., None])
    rates = np.where(pminutes > 0, _over(pcost, pminutes), _over(ptotal, pminutes.sum(-1))[..., None])
    volume = (whole - pwhole) * unit
    channel = ((n - whole[..., None] * _over(pn, pwhole[..., None])) * units).sum(-1)
    longer = (minutes * rates - n * units).sum(-1)
    dearer = cost.sum(-1) - ptotal - volume - channel - longer
    effects = np.stack([volume, channel, longer, dearer], axis=-1)
    alone = (pwhole <= 0) | (ptotal == 0)
    effects[alone] = 0
    effects[alone, 0] = (cost.sum(-1) - ptotal)[alone]
    return effects


def _over(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros(np.broadcast(part, whole).shape), where=whole != 0)
