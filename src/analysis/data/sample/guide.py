"""The words that go with a world: `truth/README.md` and `truth/world.json`."""

from __future__ import annotations

import json

import numpy as np

from analysis.data.sample.accounts import BEHAVIOURS, DIFFICULT_FROM, DIFFICULT_KINDS, FAILURE_LEADS_TO, REFERENCE
from analysis.data.sample.entitlements import OVER_AMOUNT, OVER_KINDS, OVER_SHARE
from analysis.data.sample.opinions import PERCEPTIONS
from analysis.data.sample.world import FUTURE_MONTHS, Calendar, Ints, Settings

README = """# The truth that this world was made from

No part of the project reads this folder but the benchmarks and the tests. World version {version}.

## accounts.csv: one row per account
| column | meaning |
|---|---|
| in_window | a customer on at least one day of the twelve-month window |
| levels_stated | it has a level of its own or by its tier; without one only peers can tell |
| over_served | the label: planted service beyond the level due that is expected to cost at least {share:.0%} of a year's revenue and {amount:,.0f} a year |
| over_served_archetype | `giveaway`: beyond what was agreed, and wanted; `unwanted`: beyond what it asked for, agreed or not; `both`; `white_glove`: a small account without any stated level. Empty where not over-served, or where the world has no structure |
| planted_kind, planted_excess | the kind planted, label or not; the expected cost a year beyond the level due, at the costing's rates (`white_glove`: of all planted service) |
| over_cost | what by the contract's rules lies beyond the level due in the window, material or not: the true `over_service_cost` of stated levels |
| kept_short | promises planted to be kept by a third to a half only |
| difficult | the label: difficulty of {difficult:.0f} or more, and difficulty_ours below 0.5 |
| difficult_archetype | {kinds}. Empty where not difficult, or where the world has no structure; may be empty for a difficult account to which no kind was planted |
| difficult_kind, difficult_degree | the kind planted, label or not, and how strongly (0 to 1) |
| trouble | 0 to 100: 100 x (1 - exp(-0.36 x index)); the index sums each behaviour's expected rate over its reference (`world.json`), whoever caused it |
| difficulty_ours | the share of that index that our failures cause |
| difficulty | trouble x (1 - difficulty_ours) |
| {behaviours} | the customer's own latent rates: share of cases (rush to reopening, dissatisfied), share of invoices (dispute), mean days late (late_payment) |
| failure_rate | the share of its cases that we fail on |
| made_by_us | planted to be made difficult by our failures alone |
| bad_period | a bad time of our doing that ended before the window began |
| reputation, perceived | what staff believe beyond the record, and trouble as staff see it, 0 to 100 |
| perception | `fair`, `unfairly_labelled`, `quietly_difficult`: by reputation, beyond +22 or -22 points; empty where nobody rated |
| ratings | how many ratings it has |
| revenue | expected net revenue of goods a year |
| satisfaction | latent, 1 to 5 |
| price_step | the part of its discount that it lost on one day of the history |
| hazard | the chance a month of leaving, at the as-of day |

## service.csv: account x attribute, per period of the attribute
`planned` (expected delivery, failure work and all), `planted` (the part of it that is planted over-service), `entitled` (own or tier), `expected`, `due`
(the lowest known of the latest statements; empty where unknown or without limit), `over_cost_planned` (a year, expected), `delivered` and `over_cost` (in the window, by the contract's rules).

## raters.csv, departments.csv
`severity`: how many points of the scale of 1 to 5 they rate everybody harder (or, below 0, kinder).

## future.csv: {months} months from the as-of day, of accounts that are still customers
`running_margin_year` (expected, without write-offs), `margin_expected` and `clv_expected` (mean over all futures; clv discounted at 10% a year, month ends), and one future that
happened: `months_survived`, `margin_realised`, `clv_realised`.

## levers.csv: what would work
`would_accept_notice`, `would_move_to_portal`, `tolerates_price_rise` (share), `save_uplift` (in the chance of keeping it), `value_<action>`: what
the step would truly add to the discounted margin over {months} months, its one-off cost taken off; `best_action`, `best_value`.
"""


def readme(version: int) -> str:
    """Return the text of the truth's README."""
    return README.format(
        version=version,
        share=OVER_SHARE,
        amount=OVER_AMOUNT,
        difficult=DIFFICULT_FROM,
        kinds=", ".join(f"`{kind}`" for kind in DIFFICULT_KINDS),
        behaviours=", ".join(BEHAVIOURS),
        months=FUTURE_MONTHS,
    )


def world_json(settings: Settings, calendar: Calendar, version: int) -> str:
    """Return the settings and definitions of a world."""
    facts = {
        "world_version": version,
        "seed": settings.seed,
        "accounts": settings.accounts,
        "noise": settings.noise,
        "as_of": settings.as_of.isoformat(),
        "history_starts": str(calendar.start),
        "window_starts": str(calendar.dates(_one(calendar.window))[0]),
        "over_served": settings.over_served,
        "difficult": settings.difficult,
        "structure": settings.structure,
        "over_served_from": {"share_of_revenue": OVER_SHARE, "amount_a_year": OVER_AMOUNT},
        "over_served_kinds": list(OVER_KINDS),
        "difficult_from": DIFFICULT_FROM,
        "difficult_kinds": list(DIFFICULT_KINDS),
        "behaviour_reference": REFERENCE,
        "failure_leads_to": FAILURE_LEADS_TO,
        "perceptions": list(PERCEPTIONS),
    }
    return json.dumps(facts, indent=2) + "\n"


def _one(number: int) -> Ints:
    return np.array([number], dtype=np.int64)
