"""Published lifetimes, to the digits given: Fader & Hardie's retention, BG/NBD and Gamma-Gamma, and the multiples."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from analysis.topics.value.judgement.annuity import annuity
from analysis.topics.value.judgement.bg_nbd import BetaGeometricNBD
from analysis.topics.value.judgement.sbg import ShiftedBetaGeometric

CASE = json.loads(Path(__file__).with_name("retention.json").read_text(encoding="utf-8"))
COHORTS = {cohort["cohort"]: cohort for cohort in CASE["sbg"]}
BG_NBD = CASE["cdnow"]["bg_nbd"]
PUBLISHED = BetaGeometricNBD(*(BG_NBD[name] for name in ("r", "alpha", "a", "b", "log_likelihood")))


@pytest.mark.parametrize("name", COHORTS)
def test_a_cohort_gives_the_published_parameters_likelihood_and_projection(name):
    cohort = COHORTS[name]
    alive = np.array(cohort["alive"])
    model = ShiftedBetaGeometric.fit(alive[:-1], -np.diff(alive))

    assert (round(model.alpha, 3), round(model.beta, 3)) == (cohort["alpha"], cohort["beta"])
    assert round(model.log_likelihood, 2) == cohort["log_likelihood"]
    assert (1000 * model.survival(np.arange(8, 13))).round(1).tolist() == cohort["projected"]


@pytest.mark.parametrize("name", COHORTS)
def test_survival_is_what_the_chances_of_leaving_leave_over(name):
    model = ShiftedBetaGeometric(COHORTS[name]["alpha"], COHORTS[name]["beta"], 0.0)
    years = np.arange(1, 30)

    assert np.cumprod(1 - model.hazard(years)) == pytest.approx(model.survival(years), rel=1e-12)


def test_customers_who_come_into_view_late_bias_nothing():
    # Those who left in the first three years were never in the file: the rest tells the same parameters.
    alive = np.array(COHORTS["High End"]["alive"])
    whole = ShiftedBetaGeometric(0.668, 3.806, 0.0)
    expected = 1e7 * whole.survival(np.arange(0, 40))
    seen = np.where(np.arange(39) < 3, 0.0, expected[:-1])
    lost = np.where(np.arange(39) < 3, 0.0, -np.diff(expected))
    late = ShiftedBetaGeometric.fit(seen, lost)

    assert len(alive) == 8
    assert (late.alpha, late.beta) == pytest.approx((0.668, 3.806), rel=1e-3)


def series_of_the_spreadsheet(time: float, terms: int) -> float:
    """Return the expected purchases with the series cut off, as the authors' spreadsheet has it."""
    z = time / (PUBLISHED.alpha + time)
    term = total = 1.0
    for j in range(terms):
        up = (PUBLISHED.r + j) * (PUBLISHED.b + j)
        term *= up / ((PUBLISHED.a + PUBLISHED.b - 1 + j) * (j + 1)) * z
        total += term
    lost = (PUBLISHED.alpha / (PUBLISHED.alpha + time)) ** PUBLISHED.r * total
    return (PUBLISHED.a + PUBLISHED.b - 1) / (PUBLISHED.a - 1) * (1 - lost)


@pytest.mark.parametrize(("weeks", "purchases"), CASE["cdnow"]["expected_purchases"].items())
def test_a_new_customer_is_expected_to_buy_as_often_as_published(weeks, purchases):
    # The authors cut their series off after 150 terms, which at 78 weeks misses 0.0004.
    assert float(PUBLISHED.expected_purchases(float(weeks))) == pytest.approx(purchases, abs=5e-4)
    assert series_of_the_spreadsheet(float(weeks), 150) == pytest.approx(purchases, abs=2e-4)


def test_one_customer_is_alive_and_buys_as_published():
    one = CASE["cdnow"]["one_customer"]
    history = (one["x"], one["t_x"], one["T"])

    assert round(float(PUBLISHED.p_alive(*history)), 4) == one["p_alive"]
    bought = float(PUBLISHED.conditional_expected_purchases(one["t"], *history))
    assert round(bought, 3) == one["conditional_expected_purchases"]


def test_a_customer_without_a_repeat_cannot_have_left_yet():
    assert float(PUBLISHED.p_alive(0, 0, 50)) == 1.0


@pytest.mark.parametrize("retention", ["0.60", "0.70", "0.80", "0.90"])
def test_a_constant_retention_gives_the_multiples_of_the_margin_as_published(retention):
    stays = np.full((1, 400), 1 - float(retention))
    # A period is a month here, so a rate a period is compounded to a year's.
    found = [round(float(annuity(stays, (1 + rate) ** 12 - 1)[0]), 3) for rate in CASE["multiples"]["i"]]

    assert found == CASE["multiples"][retention]
