"""Inputs on which over-service was judged wrongly before."""

from __future__ import annotations

from pathlib import Path

from analysis import Portfolio

HERE = Path(__file__).parent


def test_service_of_the_same_share_of_revenue_everywhere_over_serves_nobody():
    # 80 accounts of 200 to 2,000,000 of revenue, each served for 3% of it.
    p = Portfolio(HERE / "peers", "2026-09-30")
    judged = p.computed.service_judgement

    assert len(judged) == 80
    assert (judged.over_served == False).all()  # noqa: E712
    assert (judged.over_service_cost == 0).all()
    rows = p.service_gaps.set_index("customer_id")
    assert (rows.delivered / rows.peer_level).between(0.7, 1.4).all()
    p.opened.engine.close()
