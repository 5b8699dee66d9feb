"""What a step adds, by hand: the changed margin for as long as the account then stays, less the cost of doing it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.data.contract import OUTPUTS
from analysis.ledger.drivers import WORK_DRIVERS
from analysis.policy import Policy, Steps
from analysis.topics.actions.judgement.effects import drawn, triangular
from analysis.topics.actions.judgement.packages import packages
from analysis.topics.actions.judgement.recost import saved
from analysis.topics.actions.judgement.situation import (
    Pool,
    Situation,
    failed_share,
    not_again,
    pools_of,
    recurring_failures,
    to_come_again,
)
from analysis.topics.actions.judgement.steps import RUNG, STEPS, may_go_together
from analysis.topics.actions.judgement.weigh import Weighing, weigh
from analysis.topics.actions.judgement.when import has_matter
from analysis.topics.profitability.judgement.scale import Scale, in_amounts

#: A portfolio whose hour of work costs 50.
USUAL = Scale(served=1000.0, hour=50.0)
CERTAIN = {"share_refused": 0.0, "pull": 1.0, "pull_refused": 1.0, "cost": 0.0}


def _facing(hazard: float = 0.0, months: int = 12, margin: float = 100.0, **amounts: float) -> Situation:
    """Return one account that was a customer for twelve months, with stated amounts in them."""
    accounts = pd.DataFrame({"customer_id": ["A"], **{name: [value] for name, value in amounts.items()}})
    one = np.ones(1)
    return Situation(
        accounts=accounts,
        months=12 * one,
        margin=margin * one,
        cash_margin=margin / 2 * one,
        doubt=0 * one,
        cost_doubt=0 * one,
        hazards=np.full((1, months), hazard),
        pools=pools_of(accounts),
        content=np.array([True]),
        wanting=0 * one,
        failed=0.05 * one,
        discount_rate=0.0,
    )


def _value(here: Situation, action: str, **assumed: object) -> pd.Series:
    policy = Policy.read(None, {"actions": {action: {**CERTAIN, **assumed}}})
    return Weighing.of(here, in_amounts(policy, USUAL)).row((STEPS[action],), np.arange(1)).iloc[0]


def test_a_saving_of_20_a_month_for_12_months_less_50_adds_190() -> None:
    here = _facing(**{"failure:cost": 240.0, "failure:cash": 60.0, "failure:minutes": 600.0})
    found = _value(here, "mend_our_failures", share=1.0, cost=50.0)
    assert found.value == found.low == found.high == pytest.approx(190)
    assert found.cash == pytest.approx(12 * 5 - 50)
    assert found.freed_hours == pytest.approx(10)


def test_of_failures_that_many_few_cases_show_less_is_expected_to_come_again() -> None:
    accounts = pd.DataFrame({"cases": [8, 72, 0, 10], "failed": [4, 4, 0, 1]})
    # 9 of 90 cases are ours. 4 of 8, drawn to a tenth by eight cases more, is 4.8 of 16; 4 of 72 is 4.8 of 80.
    shares = failed_share(accounts)
    assert shares == pytest.approx([0.3, 0.06, 0.1, 0.1])
    assert recurring_failures(accounts, shares) == pytest.approx([0.6, 1.08, 1.0, 1.0])
    here = _facing(**{"failure:cost": 240.0, "failure:cash": 60.0, "failure:minutes": 600.0})
    again = {"failure": here.pools["failure"].times(np.array([0.6]))}
    found = _value(replace(here, again=again), "mend_our_failures", share=1.0, cost=50.0)
    assert found.value == pytest.approx(12 * 12 - 50)
    assert found.freed_hours == pytest.approx(6)


def _invoiced(late: float, lost: float, cases: float = 10.0) -> dict[str, float]:
    """Return ten invoices of 1,000: the days that a mean one was late, and the share of the money that was lost."""
    found: dict[str, float] = {"cases": 0, "failed": 0, "late_day": 0.01}
    for name, each, squares in (("late_days", late, 10 * late**2 + 9 * 4.0), ("lost", lost, 10 * lost)):
        found |= {name: each * 10_000, f"{name}_of": 10_000.0, f"{name}_cases": cases, f"{name}_count": 10.0}
        found |= {f"{name}_total": 10 * each, f"{name}_squares": squares}
    return found


def test_what_one_account_lost_us_in_a_year_is_a_rate_of_all_accounts_and_who_pays_late_does_so_again() -> None:
    # Days vary by 4 (squared) within an account, the means of ten by 0.4, and accounts by far more; of a hundred
    # invoices one was lost, as may happen to anybody.
    late = [0.0, 4.0, 8.0, 12.0, 16.0, 20.0, 24.0, 28.0, 32.0, 36.0]
    accounts = pd.DataFrame([_invoiced(days, 0.1 if place == 9 else 0.0) for place, days in enumerate(late)])
    pools = pools_of(accounts.assign(late=accounts.late_days * 0.01, write_offs=accounts.lost))
    again = to_come_again(accounts, pools, failed_share(accounts))
    assert again["write_offs"].cost == pytest.approx(np.full(10, 100.0))  # a hundredth of 10,000
    # The variance of the means is 440 / 3, of which 0.4 is chance.
    assert again["late"].cost == pytest.approx([(18 + (days - 18) * (1 - 0.4 / (440 / 3))) * 100 for days in late])
    # The one that lost us 1,000 is to earn 900 more in a like time, the others 100 less.
    assert not_again(pools, {"write_offs": again["write_offs"]}, "cost") == pytest.approx([-100.0] * 9 + [900.0])


@pytest.mark.parametrize(("sold", "there"), [(26_000.0, True), (-26_000.0, False)])
def test_where_more_came_back_than_was_sold_there_is_no_price_to_raise(sold: float, there: bool) -> None:
    here = _facing(margin=-100.0, net_revenue=sold, cost_to_serve=900.0)
    assert has_matter(STEPS["reprice"], here).tolist() == [there]


@pytest.mark.parametrize(("served", "there"), [(900.0, True), (0.0, False)])
def test_where_no_service_is_recorded_there_is_no_more_of_it_to_give_for_nothing(served: float, there: bool) -> None:
    judged = dict.fromkeys(("over_served", "difficult", "first_year"), False)
    here = _facing(net_revenue=26_000.0, cost_to_serve=served, **judged)
    assert has_matter(STEPS["invest"], here).tolist() == [there]


@pytest.mark.parametrize(
    ("over_served", "cost", "there"),
    [(True, 900.0, True), (False, 90.0, False), (None, 90.0, False), (None, None, True)],
)
def test_only_who_is_over_served_or_could_not_be_compared_is_trimmed(over_served, cost, there: bool) -> None:
    beyond = {"unrequested:cost": 417.0, "over_service_cost": np.nan if cost is None else cost}
    here = _facing(net_revenue=26_000.0, cost_to_serve=2_000.0, **beyond)
    judged = pd.array([over_served], dtype="boolean")
    here = replace(here, accounts=here.accounts.assign(over_served=judged))
    assert has_matter(STEPS["trim_frequency"], here).tolist() == [there]


def test_an_account_that_all_leaves_when_asked_costs_all_that_it_would_have_brought() -> None:
    # Half leaves each month: 0.5 + 0.25 = 0.75 months of 100; at twice that hazard nobody is left.
    here = _facing(hazard=0.5, months=2, **{"after_hours:cost": 120.0})
    refused = _value(here, "require_notice", share=1.0, accepts=0.0, pull_refused=2.0)
    assert refused.value == pytest.approx(-75)
    agreed = _value(here, "require_notice", share=1.0, accepts=1.0)
    assert agreed.value == pytest.approx(0.75 * 10)
    evenly = _value(here, "require_notice", share=1.0, accepts=0.5, pull_refused=2.0)
    assert evenly.value == pytest.approx((7.5 - 75) / 2)


def test_keeping_a_money_loser_longer_is_worth_less_and_only_by_what_would_go_with_it() -> None:
    earns, loses = (_facing(hazard=0.1, margin=margin) for margin in (100.0, -100.0))
    assert _value(earns, "talk", pull=0.5).value > 0
    # Half of what it loses is at avoidable cost.
    assert _value(loses, "talk", pull=0.5).value == pytest.approx(-_value(earns, "talk", pull=0.5).value / 2)


def test_a_price_rise_is_all_cash_and_of_net_revenue() -> None:
    found = _value(_facing(net_revenue=6000.0), "reprice", share=0.04, accepts=1.0)
    assert found.value == found.cash == pytest.approx(240)


def test_two_steps_never_save_the_same_work_twice() -> None:
    here = _facing(**{"other_service@hand:cost": 1000.0, "other_service:cost": 200.0})
    both = [(STEPS["educate"], 0.5), (STEPS["change_channel"], 0.5)]
    assert saved(here, both)[0] == pytest.approx(0.75 * 1000 + 0.5 * 200)
    assert saved(here, [(step, 1.0) for step, _ in both])[0] == pytest.approx(1200)


def test_a_package_adds_no_more_than_its_steps_and_no_less_than_the_best() -> None:
    amounts = {"failure:cost": 24000.0, "out_of_scope:cost": 12000.0, "rush:cost": 6000.0}
    here = _facing(hazard=0.01, months=36, **amounts)
    weighing = Weighing.of(here, in_amounts(Policy(), USUAL))
    free = {action: pd.Series(["" if action in _OPEN else None], dtype="str") for action in STEPS}
    weighed = weigh(weighing, free)
    best = packages(weighing, weighed).iloc[0]
    parts = weighed.set_index("action").value
    assert best.action == "charge_out_of_scope + mend_our_failures + require_notice"
    assert best.single < best.value
    assert best.value == pytest.approx(sum(parts[name] for name in _OPEN), rel=0.05)


_OPEN = ("charge_out_of_scope", "mend_our_failures", "require_notice")


def test_forms_of_one_step_are_never_taken_together() -> None:
    assert not may_go_together((STEPS["change_channel"], STEPS["change_staff"]))
    assert not may_go_together((STEPS["trim_frequency"], STEPS["change_offer"]))
    assert may_go_together((STEPS["payment_terms"], STEPS["require_notice"], STEPS["trim_frequency"]))


def test_every_driver_has_a_step_and_every_step_a_rung() -> None:
    contract = {*WORK_DRIVERS, "discount", "returns", "product_mix", "freight", "write_offs", "financing"}
    assert contract == {driver for step in STEPS.values() for driver in step.drivers}
    assert set(RUNG) == {"none", *STEPS, "terminate"}
    assert len(RUNG) == 17
    assert RUNG["payment_terms"] == "renegotiate" and RUNG["order_terms"] == "educate"
    assert "actions" in OUTPUTS


def test_the_triangular_draws_have_their_mean_and_stay_in_their_range() -> None:
    draws = drawn("reprice", in_amounts(Policy(), USUAL).actions["reprice"], Steps(draws=2000))
    assert draws.accepts.mean() == pytest.approx((0.35 + 0.45 + 0.55) / 3, abs=1e-3)
    assert draws.accepts.min() >= 0.35 and draws.accepts.max() <= 0.55
    # The quantile at (mode - low) / (high - low) is the mode.
    assert triangular((1.0, 2.0, 5.0), np.array([0.25])) == pytest.approx(2.0)


def test_a_pool_may_be_cut_out_for_some_accounts() -> None:
    pool = Pool(np.arange(3.0), np.arange(3.0), np.arange(3.0))
    assert pool.of(slice(1, 3)).cost.tolist() == [1.0, 2.0]


def test_a_stated_assumption_changes_that_key_alone() -> None:
    policy = Policy.read(None, {"actions": {"reprice": {"share": [0.02, 0.03, 0.05]}}})
    assert policy.actions["reprice"].share == (0.02, 0.03, 0.05)
    assert policy.actions["reprice"].accepts == Policy().actions["reprice"].accepts
    assert policy.actions["talk"] == Policy().actions["talk"]


@pytest.mark.parametrize(("kept", "rise"), [(0.5, 0.04), (0.32, 0.04), (0.10, 0.015), (0.006, 0.01), (-0.1, 0.04)])
def test_a_rise_takes_no_more_than_its_room_in_what_is_kept_of_a_sale(kept: float, rise: float) -> None:
    default = in_amounts(Policy(), Scale(served=1000.0, hour=50.0, kept=kept)).actions["reprice"]
    assert default.share == pytest.approx((rise,) * 3)
    assert max(default.share_refused) <= max(rise, 0.02)
    # What somebody states is what is weighed.
    stated = Policy.read(None, {"actions": {"reprice": {"share": 0.03}}})
    assert in_amounts(stated, Scale(1000.0, 50.0, kept)).actions["reprice"].share == (0.03,) * 3
