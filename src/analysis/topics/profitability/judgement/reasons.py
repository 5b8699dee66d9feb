"""Why an account earns less, or more, than its peers at the same list revenue.

gap = pooled peers' (sum of net margin / sum of list revenue, the account itself left out) x own list revenue - own net
margin, and each driver likewise, so that the drivers sum to the gap. A driver of work is split further, as a controller
splits a variance: volume, channel mix, minutes per unit and price of a minute; the four sum to the driver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
BLOCK = 10_000
#: Money is kept to so many decimals.
DECIMALS = 4


def reasons(accounts: pd.DataFrame, work: pd.DataFrame | None, policy: Policy, months: int) -> pd.DataFrame:
    """Return `tables/reasons` for every account with list revenue and a measured margin.

    Parameters
    ----------
    accounts
        The statement of every account.
    work
        customer_id, driver, channel, events, minutes, cost; None without service events.
    policy
        Its `[peers]` say who is compared with whom.
    months
        The window's length, for the words.

    Returns
    -------
    DataFrame
        The contract's columns, and `peers`, `moved_by` and the four effects.
    """
    import pandas as pd

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
    cells = _cells(known, work)
    frames = [_price(known, peers, told, scale, policy.currency, months)]
    for start in range(0, len(told), BLOCK):
        frames.append(_work(known, cells, peers, told[start : start + BLOCK], scale, policy.currency, months))
    rows = pd.concat(frames, ignore_index=True)
    rows = rows.sort_values(["customer_id", "amount", "driver"], ascending=[True, False, True], ignore_index=True)
    rows["rank"] = rows.groupby("customer_id").cumcount() + 1
    return conform(rows, "reasons")


def _cells(accounts: pd.DataFrame, work: pd.DataFrame | None) -> Floats:
    """Return the accounts' work: accounts x drivers x channels x (events, minutes, cost).

    Costs are rounded per account and activity; the hair's breadth between that sum and the statement's line stays in
    `other_service` and `obtaining`, so that the drivers sum to the cent; what is finer than money is none of it.
    """
    import pandas as pd

    if work is None:
        return np.zeros((len(accounts), len(WORK_DRIVERS), 1, 3))
    mine = work[work.customer_id.isin(accounts.customer_id)]
    channels = sorted(mine.channel.unique()) or [""]
    cells = np.zeros((len(accounts), len(WORK_DRIVERS), len(channels), 3))
    row = pd.Index(accounts.customer_id).get_indexer(mine.customer_id)
    driver = pd.Index(WORK_DRIVERS).get_indexer(mine.driver)
    cells[row, driver, pd.Index(channels).get_indexer(mine.channel)] = mine[["events", "minutes", "cost"]]
    cost = cells[..., 2].sum(axis=2)
    obtaining, other = WORK_DRIVERS.index("obtaining"), WORK_DRIVERS.index("other_service")
    serving = cost.sum(axis=1) - cost[:, obtaining]
    cells[:, other, 0, 2] += np.round(accounts.cost_to_serve.to_numpy(dtype=np.float64) - serving, DECIMALS)
    left = accounts.cost_to_obtain.to_numpy(dtype=np.float64) - cost[:, obtaining]
    cells[:, obtaining, 0, 2] += np.round(left, DECIMALS)
    return cells


def _price(
    accounts: pd.DataFrame,
    alike: PeerSets,
    told: NDArray[np.intp],
    scale: Floats,
    currency: str,
    months: int,
) -> pd.DataFrame:
    """Return the drivers that are read off the statement: what is given away, and what goods and money cost."""
    import pandas as pd

    names = list(PRICE_DRIVERS)
    own = accounts[[PRICE_DRIVERS[name][0] for name in names]].fillna(0).to_numpy(dtype=np.float64)
    peers = np.zeros_like(own)
    peers[told] = alike.others(own, told) * scale[told][:, None]
    revenue, words = accounts.list_revenue.to_numpy(dtype=np.float64), alike.words
    ids = accounts.customer_id.to_numpy()
    rows = []
    for row in told:
        for column, name in enumerate(names):
            mine, theirs = own[row, column], peers[row, column]
            if mine or theirs:
                share = f"{percent(mine / revenue[row])} of list revenue against {percent(theirs / revenue[row])}"
                sentence = (
                    f"{PRICE_DRIVERS[name][1]}: {share} for {words[row]}, {_money(mine - theirs, currency, months)}"
                )
                rows.append(
                    (ids[row], name, mine - theirs, sentence, words[row], "price", 0.0, 0.0, 0.0, mine - theirs)
                )
    return pd.DataFrame(rows, columns=_COLUMNS)


_COLUMNS = ["customer_id", "driver", "amount", "sentence", "peers", "moved_by", *(f"{e}_effect" for e in EFFECTS)]


def _work(
    accounts: pd.DataFrame,
    cells: Floats,
    alike: PeerSets,
    told: NDArray[np.intp],
    scale: Floats,
    currency: str,
    months: int,
) -> pd.DataFrame:
    """Return the drivers of work for a block of accounts."""
    import pandas as pd

    own = cells[told]
    peers = alike.others(cells, told) * scale[told][:, None, None, None]
    effects = variance(own, peers)
    amounts = own[..., 2].sum(axis=2) - peers[..., 2].sum(axis=2)
    events, expected = own[..., 0].sum(axis=2), peers[..., 0].sum(axis=2)
    ids, words = accounts.customer_id.to_numpy(), alike.words
    rows = []
    for place, driver in np.argwhere((own[..., 2].sum(axis=2) != 0) | (peers[..., 2].sum(axis=2) != 0)):
        row, name, amount = told[place], WORK_DRIVERS[driver], amounts[place, driver]
        parts = effects[place, driver]
        moved = EFFECTS[int(np.abs(parts).argmax())]
        against = f"{count(events[place, driver])} against {_expected(expected[place, driver])} for {words[row]}"
        more = MOVERS[moved] if amount > 0 else ""
        sentence = f"{WORK_WORDS[name]}: {against}, {_money(amount, currency, months)}{more}"
        rows.append((ids[row], name, amount, sentence, words[row], moved, *parts))
    return pd.DataFrame(rows, columns=_COLUMNS)


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
