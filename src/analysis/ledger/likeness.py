"""What accounts are alike in: size, product mix, tenure, industry, and how often we failed them."""

from __future__ import annotations

from typing import Any

from analysis.window import Window

#: Product families that count on their own; smaller ones are one family together.
FAMILIES = 12


def product_mix(lines: Any) -> Any:
    """Return customer_id, family and its amount of the window's sales; families beyond the largest are `other`.

    Parameters
    ----------
    lines
        The window's invoice lines (Ibis) with `net`.
    """
    import ibis

    sales = lines.filter(lines.kind == "sale").mutate(family=lines["product"].fill_null("none"))
    sizes = sales.group_by("family").aggregate(whole=sales.net.sum())
    largest = sizes.order_by(ibis.desc("whole"), "family").limit(FAMILIES).select("family")
    named = sales.mutate(family=sales.family.isin(largest.family).ifelse(sales.family, "other"))
    summed = named.group_by("customer_id", "family").aggregate(amount=named.net.sum().cast("float64"))
    return summed.order_by("customer_id", "family")


def demands(cases: Any, window: Window) -> Any:
    """Return customer_id, cases and failed (cases with cause `ours`) opened in the window."""
    opened = cases.filter(cases.opened_at >= window.start, cases.opened_at < window.after)
    counted = opened.group_by("customer_id").aggregate(
        cases=opened.count(), failed=(opened.cause == "ours").fill_null(False).sum()
    )
    return counted.order_by("customer_id")
