"""Who wants a standing offer: five minutes a month are had without one."""

from __future__ import annotations

import pandas as pd

from analysis.policy import ServiceAttribute
from analysis.topics.service.judgement.offers import offers


def test_who_wants_a_piece_of_such_work_in_a_period_wants_the_offer_and_how_much_stands_beside():
    nights = {"nights": ServiceAttribute(activities=("night",), measure="minutes", period="month", standby="team")}
    rows = [("a", 120.0, None, 0.0), ("b", 5.0, None, 0.0), ("c", None, "more", 30.0), ("d", 0.0, None, 60.0)]
    levels = pd.DataFrame(rows, columns=["customer_id", "expected", "wish", "delivered"])
    levels = levels.assign(attribute="nights", entitled=float("nan"), periods=12.0)
    accounts = pd.DataFrame({"customer_id": list("abcde"), "net_revenue": 1000.0})
    work = pd.DataFrame({"customer_id": ["c", "d"], "attribute": "nights", "cost": [360.0, 720.0]})
    ready = {"resource": "team", "supplied_cost": 9000.0, "used_cost": 1080.0, "unused_cost": 7920.0}
    found = offers(levels, accounts, work, pd.DataFrame([ready]), nights, {"nights": 45.0}, {"nights": 1.0}).iloc[0]

    # A piece of such work takes 45 minutes; a wants 120 a month, c more than its 30, b 5, d none.
    assert (found.accounts_wanting, found.accounts_wanting_little, found.units_wanted) == (2, 1, 150)
    assert found.worth_wanted == 150 * 12 * 1.0
    assert found.who_wants == "a: 120; c: 30"
    assert found.revenue_wanting == 2000
