"""Names from what sets a cluster apart, and labels that hold from run to run."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from analysis.topics.archetypes.judgement.features import Features, difficult_features, over_served_features
from analysis.topics.archetypes.judgement.matching import match
from analysis.topics.archetypes.judgement.naming import name_difficult, name_over_served, profile, told_apart


def features(rows: dict[str, list[float]], revenue: list[float] | None = None) -> Features:
    size = len(next(iter(rows.values())))
    ids = [f"a{n:03}" for n in range(size)]
    amounts = pd.DataFrame({"net_revenue": revenue or [1000.0] * size})
    return Features(pd.DataFrame({"customer_id": ids, **rows}), amounts)


TROUBLE = {
    "late_payment": [0.9, 0.8, 0.95, 0.85, 0.0, 0.1, 0.05, 0.0],
    "disputes": [0.1, 0.2, 0.05, 0.15, 0.0, 0.0, 0.05, 0.1],
    "out_of_scope": [0.0, 0.0, 0.0, 0.0, 1.0, 0.9, 0.9, 0.9],
}
LABELS = np.array([0, 0, 0, 0, 1, 1, 1, 1])


def named(name, features: Features, labels: np.ndarray) -> list[str]:
    rows = profile(features, labels)
    return [name(rows[rows.cluster == number]) for number in range(labels.max() + 1)]


def test_the_interval_is_welchs() -> None:
    given = features(TROUBLE)
    row = profile(given, LABELS).query("cluster == 0 and feature == 'late_payment'").iloc[0]
    values = given.frame.late_payment.to_numpy()
    interval = ttest_ind(values[:4], values[4:], equal_var=False).confidence_interval(0.95)
    spread = values.std()
    assert (row.low, row.high) == (pytest.approx(interval.low / spread), pytest.approx(interval.high / spread))
    assert row.difference == pytest.approx((0.875 - 0.0375) / spread)


def test_a_cluster_is_named_by_what_its_members_have_clearly_more_of() -> None:
    assert named(name_difficult, features(TROUBLE), LABELS) == ["Late payment", "Work out of scope"]


def test_the_same_pattern_has_the_same_words_whatever_its_number() -> None:
    assert named(name_difficult, features(TROUBLE), 1 - LABELS) == ["Work out of scope", "Late payment"]


def test_a_cluster_that_nothing_sets_apart_says_so() -> None:
    even = {name: [0.3, 0.35, 0.3, 0.35] * 2 for name in TROUBLE}
    assert named(name_difficult, features(even), LABELS) == ["A little of everything"] * 2


def test_over_service_is_named_by_its_way_and_by_what_it_is() -> None:
    rows = {
        "beyond_agreed": [1.0] * 4 + [0.0] * 4,
        "beyond_wanted": [0.0] * 4 + [1.0] * 4,
        "above_like_accounts": [0.0] * 8,
        "site_visits": [0.9, 0.8, 0.9, 0.8, 0.0, 0.0, 0.1, 0.1],
        "=1+1<b>": [0.1, 0.2, 0.1, 0.2, 1.0, 1.0, 0.9, 0.9],
    }
    assert named(name_over_served, features(rows), LABELS) == [
        "More than agreed: site visits",
        "More than wanted: =1+1<b>",
    ]


def test_accounts_that_are_clearly_smaller_are_called_small() -> None:
    rows = {
        "beyond_agreed": [0.0] * 4 + [1.0] * 4,
        "beyond_wanted": [0.0] * 8,
        "above_like_accounts": [1.0] * 4 + [0.0] * 4,
    }
    revenue = [900.0, 1000.0, 1100.0, 1200.0, 50_000.0, 70_000.0, 60_000.0, 90_000.0]
    first, second = named(name_over_served, features(rows, revenue), LABELS)
    assert first == "Small accounts, more than like accounts, with nothing agreed"
    assert second == "Large accounts, more than agreed"


def test_what_sets_it_apart_is_told_with_both_shares() -> None:
    rows = profile(features(TROUBLE), LABELS)
    assert told_apart(rows[rows.cluster == 0]).startswith("late payment 88% (elsewhere 4%)")


def test_of_trouble_only_what_is_beyond_the_usual_counts_by_hand() -> None:
    # Short notice 3 above the usual, half of it ours: 1.5; late payment 0.5, all theirs; disputes below the usual: 0.
    behaviours = pd.DataFrame(
        [("a", "short_notice", 3.0, 0.5), ("a", "late_payment", 0.5, 0.0), ("a", "disputes", -1.0, 0.0),
         ("b", "short_notice", 0.0, 0.0), ("b", "late_payment", -1.0, 0.0)],
        columns=["customer_id", "behaviour", "above_usual", "share_ours"],
    )  # fmt: skip
    accounts = pd.DataFrame(
        {"customer_id": ["a", "b"], "difficult": [True, True], "net_revenue": 1.0, "difficulty": 50}
    )
    found = difficult_features(accounts, behaviours).frame.set_index("customer_id")
    assert found.loc["a", "short_notice"] == pytest.approx(0.75)
    assert found.loc["a", "late_payment"] == pytest.approx(0.25)
    assert found.loc["a", "disputes"] == 0.0
    assert found.loc["b"].tolist() == [0.0, 0.0, 0.0]


def test_over_service_is_clustered_in_shares_and_what_is_unknown_is_told_apart() -> None:
    accounts = pd.DataFrame(
        {
            "customer_id": ["b", "a", "c", "d"],
            "over_served": [True, True, False, None],
            "over_served_by": ["levels", "peers", "levels", None],
            "over_service_cost": [200.0, 900.0, 10.0, np.nan],
            "beyond_agreed_cost": [150.0, np.nan, 10.0, np.nan],
            "beyond_wanted_cost": [200.0, np.nan, 10.0, np.nan],
            "net_revenue": [1000.0, 0.0, 5.0, 5.0],
        }
    )
    gaps = pd.DataFrame(
        [("a", "other_service", "peer", 900.0), ("b", "site_visits", "both", 50.0), ("b", "support", "both", 150.0)],
        columns=["customer_id", "attribute", "kind", "over_cost"],
    )
    found = over_served_features(accounts, gaps).frame
    assert found.to_dict("list") == {
        "customer_id": ["a", "b"],
        "beyond_agreed": [0.0, 0.75],
        "beyond_wanted": [0.0, 1.0],
        "above_like_accounts": [1.0, 0.0],
        "other_service": [1.0, 0.0],
        "site_visits": [0.0, 0.25],
        "support": [0.0, 0.75],
    }


def members(**kinds: str) -> pd.DataFrame:
    rows = [(customer, kind) for kind, customers in kinds.items() for customer in customers]
    return pd.DataFrame(rows, columns=["customer_id", "archetype"])


def centres(**kinds: float) -> pd.DataFrame:
    return pd.DataFrame([(name, "x", mean) for name, mean in kinds.items()], columns=["archetype", "feature", "mean"])


def test_labels_follow_members_and_centres_one_to_one() -> None:
    found = match(
        members(one="abcd", two="efgh"), centres(one=0.1, two=0.9),
        members(old="abce", other="fghi"), centres(old=0.15, other=0.85), 0.4,
    )  # fmt: skip
    assert dict(found.labels) == {"one": "old", "two": "other"}
    assert (found.new, found.dissolved) == ((), ())


def test_what_has_no_like_is_new_and_what_is_left_has_dissolved() -> None:
    found = match(
        members(one="abcd", two="wxyz"), centres(one=0.1, two=0.9),
        members(old="abcd", gone="mnop"), centres(old=0.1, gone=0.5), 0.4,
    )  # fmt: skip
    assert dict(found.labels) == {"one": "old"}
    assert (found.new, found.dissolved) == (("two",), ("gone",))


def test_the_same_words_are_the_same_archetype_even_with_other_members() -> None:
    found = match(
        members(same="mnop", other="abcd"), centres(same=0.9, other=0.1),
        members(same="abcd"), centres(same=0.1), 0.4,
    )  # fmt: skip
    assert dict(found.labels) == {"same": "same"}
    assert found.new == ("other",)


def test_an_archetype_whose_members_have_all_gone_is_known_by_its_centre() -> None:
    found = match(
        members(one="abcd", two="efgh"), centres(one=0.1, two=0.9),
        members(old="mnop", other="qrst"), centres(old=0.1, other=0.9), 0.4,
    )  # fmt: skip
    assert dict(found.labels) == {"one": "old", "two": "other"}


@pytest.mark.parametrize("side", ["now", "before"])
def test_without_archetypes_on_one_side_nothing_is_matched(side) -> None:
    none, some = (members(), centres()), (members(one="ab"), centres(one=0.5))
    now, before = (none, some) if side == "now" else (some, none)
    found = match(*now, *before, 0.4)
    assert dict(found.labels) == {}
    assert (len(found.new), len(found.dissolved)) == ((0, 1) if side == "now" else (1, 0))
