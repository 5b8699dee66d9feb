"""What was agreed is due though nobody asked for each piece of it: a trim does not act on it."""

from __future__ import annotations

import pytest

from analysis import Portfolio

COSTING = """
period = "year"
[resources.field]
cost = 600000
capacity_minutes = 600000
[activities.site_visit]
resource = "field"
minutes = 60
"""
POLICY = """
[service.site_visits]
activities = ["site_visit"]
measure = "count"
period = "month"
"""
#: Each is visited twice a month, unasked, an hour that costs 60; one of the two is due to `agreed`.
VISITS = [f"{name}{month}{day},{name},2026-{month:02}-{day}T10:00,site_visit,false" for name in ("agreed", "silent")
          for month in range(1, 13) for day in (10, 20)]  # fmt: skip
DATA = {
    "customers": "customer_id,name,since,ended\n"
    "agreed,A,2020-01-01,\nsilent,B,2020-01-01,\ngone,C,2020-01-01,2026-05-01\n",
    "service_events": "event_id,customer_id,at,activity,requested\n" + "\n".join(VISITS) + "\n",
    "transactions": "transaction_id,customer_id,date,kind,net_amount,cogs\n"
    + "".join(f"{name}{month},{name},2026-{month:02}-15,sale,3000,1500\n" for name in ("agreed", "silent", "gone")
              for month in range(1, 5)),
    "service_levels": "customer_id,attribute,basis,level\nagreed,site_visits,entitled,1\n",
    "actions_taken": "customer_id,action,on,outcome\nagreed,trim_frequency,2026-07-01,worked\n"
    "silent,trim_frequency,2026-07-01,worked\n",
    "costing": COSTING,
    "policy": POLICY,
}  # fmt: skip


def test_a_trim_takes_what_lies_beyond_the_level_and_what_nobody_asked_for_only_where_there_is_none(
    share_dataset,
) -> None:
    p = Portfolio(share_dataset(**DATA), "2026-12-31")
    here, record = p.computed.situation, p.table("track_record").set_index("customer_id")
    p.opened.engine.close()
    cost = {
        name: {pool: here.pools[pool].cost[place] for pool in ("over_service", "unrequested", "other_service")}
        for place, name in enumerate(here.accounts.customer_id)
    }
    assert cost["agreed"] == pytest.approx({"over_service": 720, "unrequested": 0, "other_service": 720})
    assert cost["silent"] == pytest.approx({"over_service": 0, "unrequested": 1440, "other_service": 0})
    # A record holds a trim to the same: of the half year before it what lies beyond twelve visits a year.
    assert record.matter["agreed"] == pytest.approx(record.before["agreed"] - 720, abs=1)
    assert record.matter["silent"] == pytest.approx(record.before["silent"])
