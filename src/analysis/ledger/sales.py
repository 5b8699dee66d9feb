"""What accounts pay: invoice lines summed per account."""

from __future__ import annotations

from typing import Any

from analysis.data.contract import Kind, net_of
from analysis.policy import Policy
from analysis.window import Window

MONEY = Kind.MONEY.value


def lines_with_net(lines: Any, policy: Policy, window: Window) -> Any:
    """Return the window's invoice lines with `net`, `given_discount` and `goods` (cost of goods) settled.

    Where a line gives no cost of goods, the policy's share of its net amount stands in; without one, `goods` of a
    sale or a return is empty (not measured). A credit or a rebate moves no goods: an empty cost of it is 0.
    """
    import ibis

    inside = lines.filter(lines["date"] >= window.start, lines["date"] <= window.end)
    lines = inside.mutate(net=net_of(inside).cast(MONEY))
    lines = lines.mutate(given_discount=(lines.list_amount - lines.net).cast(MONEY))
    share = policy.costs.cogs_share
    assumed = ibis.null(MONEY) if share is None else lines.cogs.isnull().ifelse((lines.net * share).cast(MONEY), None)
    moves_none = lines.kind.isin(["credit", "rebate"])
    without = moves_none.ifelse(ibis.literal(0).cast(MONEY), assumed)
    return lines.mutate(goods=lines.cogs.coalesce(without), assumed=moves_none.ifelse(None, assumed))


def sales_by_account(lines: Any) -> Any:
    """Return each account's revenue, reductions and direct costs from `lines_with_net`.

    Columns: customer_id, lines, list_revenue, discounts (empty where no list price is known), returns, net_revenue,
    cogs (empty where a line's is not measured), freight, assumed_cogs.
    """
    sale = lines.kind == "sale"
    listed = lines.list_amount.notnull()
    priced = sale & listed
    return lines.group_by("customer_id").aggregate(
        lines=lines.count(),
        list_revenue=listed.ifelse(lines.list_amount, lines.net).sum(where=sale).fill_null(0),
        discounts=lines.given_discount.sum(where=priced),
        sales_lines=lines.count(where=sale),
        returns=-lines.net.sum(where=~sale).fill_null(0),
        net_revenue=lines.net.sum(),
        cogs=(lines.goods.count() == lines.count()).ifelse(lines.goods.sum(), None),
        freight=lines.freight.sum().fill_null(0),
        assumed_cogs=lines.assumed.sum().fill_null(0),
    )
