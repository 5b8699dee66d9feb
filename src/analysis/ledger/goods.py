"""What goods cost where an invoice line does not say: modelled from lines that do, or unknown.

An account with little missing has a margin that is nearly known, and to leave it out would take all of its revenue away
for the sake of a few lines; one with much missing has none, and to model it would invent it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from analysis.data.asked import length_of
from analysis.data.contract import Kind
from analysis.policy import Policy

if TYPE_CHECKING:
    import ibis

MONEY = Kind.MONEY.value
#: Kinds of line that move no goods: an empty cost of theirs is 0.
MOVE_NONE = ("credit", "rebate")
#: Where an assumed cost of goods comes from.
STATED, ACCOUNT, PRODUCT, PORTFOLIO = "stated", "account", "product", "portfolio"
#: Shares are compared as floats: exactly the share that the policy bears is borne.
SLACK = 1e-9


def with_goods(lines: ibis.Table, policy: Policy, keep: Callable[[str, Any], Any]) -> ibis.Table:
    """Return the window's lines with `goods`, and what of it is `assumed` and from which ratio (`assumed_from`).

    Where the policy states a share of cost of goods, it stands in for every line without one. Else a line's cost is
    its net amount x the known ratio of its account, else of its product, else of the portfolio, while the account's
    lines without it are no more than `costs.modelled_cogs_share` of its list revenue; beyond that they stay empty.

    Parameters
    ----------
    lines
        The window's lines (Ibis) with `net`; those of nobody are taken together as one account.
    policy
        Its `costs`.
    keep
        Computes a table once, under a name, and keeps it in the engine.
    """
    import ibis

    none = lines.kind.isin(list(MOVE_NONE))
    lines = lines.mutate(_moves=~none, _silent=~none & lines.cogs.isnull())
    share = policy.costs.cogs_share
    if share is not None:
        lines = lines.mutate(_ratio=ibis.literal(share), _from=ibis.literal(STATED))
    elif length_of(lines.filter(lines._silent).limit(1)):
        lines = _with_ratio(lines, policy.costs.modelled_cogs_share, keep)
    else:
        lines = lines.mutate(_ratio=ibis.null("float64"), _from=ibis.null("string"))
    modelled = lines._silent.ifelse((lines.net.cast("float64") * lines._ratio).cast(MONEY), ibis.null(MONEY))
    without = lines._moves.ifelse(modelled, ibis.literal(0).cast(MONEY))
    return lines.mutate(
        goods=lines.cogs.coalesce(without),
        assumed=modelled,
        assumed_from=modelled.notnull().ifelse(lines._from, ibis.null("string")),
    ).drop("_moves", "_silent", "_ratio", "_from")


def _with_ratio(lines: Any, bearable: float, keep: Callable[[str, Any], Any]) -> Any:
    """Return the lines with the ratio that a silent one is modelled at, and where it is from; empty: not modelled."""
    import ibis

    lines = lines.mutate(_buyer=lines.customer_id.fill_null(""))
    accounts = keep("goods_by_account", _by_account(lines, bearable))
    products = keep("goods_by_product", _by_product(lines))
    whole = keep("goods_in_all", _known(lines))
    joined = lines.left_join(accounts, "_buyer").drop("_buyer_right")
    joined = joined.left_join(products, joined["product"] == products._product).drop("_product").cross_join(whole)
    own, alike, every = (joined[name] for name in ("_own", "_alike", "_ratio"))
    source = ibis.cases((own.notnull(), ACCOUNT), (alike.notnull(), PRODUCT), (every.notnull(), PORTFOLIO))
    borne = joined._borne.fill_null(False)
    return joined.mutate(
        _ratio=borne.ifelse(own.coalesce(alike, every), ibis.null("float64")),
        _from=borne.ifelse(source, ibis.null("string")),
    ).drop("_buyer", "_borne", "_own", "_alike")


def _ratio(rows: Any) -> Any:
    """Return cost of goods / net amount of the rows that give both; empty where they sum to nothing."""
    gives = rows._moves & rows.cogs.notnull()
    net = rows.net.sum(where=gives).cast("float64")
    return (net > 0).ifelse(rows.cogs.sum(where=gives).cast("float64") / net, None)


def _known(lines: Any) -> Any:
    return lines.aggregate(_ratio=_ratio(lines))


def _by_product(lines: Any) -> Any:
    named = lines.filter(lines["product"].notnull())
    return named.group_by(_product=named["product"]).aggregate(_alike=_ratio(named))


def _by_account(lines: Any, bearable: float) -> Any:
    """Return each account with a silent line: its own ratio, and whether its silent lines are few enough to model."""
    listed = lines.list_amount.coalesce(lines.net)
    sums = lines.group_by("_buyer").aggregate(
        _own=_ratio(lines),
        _listed=listed.sum(where=lines.kind == "sale").cast("float64").fill_null(0),
        _missing=listed.abs().sum(where=lines._silent).cast("float64"),
    )
    some = sums.filter(sums._missing.notnull())
    return some.select("_buyer", "_own", _borne=some._missing <= some._listed * (bearable + SLACK))
