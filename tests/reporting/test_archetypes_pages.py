"""The archetypes page on hand-made frames: what is said, and what is said where no kinds hold."""

from __future__ import annotations

import html
import importlib
import re

import pandas as pd
import pytest

from analysis.data.contract import conform
from analysis.topics.archetypes.figures.profiles import drawn_features
from analysis.topics.archetypes.figures.stability import by_number
from analysis.topics.archetypes.page import archetypes

HOSTILE = "More than agreed: <script>alert(1)</script>"
PLAIN = "More than wanted: site visits"


def words(page: str) -> str:
    page = html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<(title|style).*?</\1>", "", page)))
    return re.sub(r"\s+", " ", page)


def whole(run) -> str:
    part = importlib.import_module("analysis.topics.archetypes.page.archetypes")
    return "".join(str(getattr(part, name)(run)) for name in part.__all__)


def evidence(kind: str, answer: str, accounts: int, chosen: int = 1, **first) -> list[dict]:
    common = {"kind": kind, "answer": answer, "accounts": accounts, "chance_if_shuffled": 0.025}
    rows = [{"clusters": 1, "gap": 0.3, "gap_error": 0.02, **first}]
    if answer != "too few":
        rows += [
            {"clusters": k, "method": "k_means", "gap": 0.2 * k, "gap_error": 0.02, "supported": answer == "kinds",
             "prediction_strength": 0.9, "silhouette": 0.4, "stability": 0.95, "least_stability": least, "noise": 0.0}
            for k, least in ((2, 0.91), (3, 0.5))
        ]  # fmt: skip
    return [{**row, "chosen": row["clusters"] == chosen, **common} for row in rows]


def run_of(made, rows: list[dict], members: list[dict], profiles: list[dict], told: list[dict], **more):
    accounts = made.portfolio(12)
    frames = {"archetypes": rows, "archetype_members": members, "archetype_profiles": profiles,
              "archetype_evidence": told}  # fmt: skip
    tables = {name: conform(pd.DataFrame(content), name) for name, content in frames.items()}
    run = made.made_run(accounts, **tables)
    run.facts = {**run.facts, **more}
    return run


@pytest.fixture
def held(made):
    """Return a run with two kinds among seven over-served accounts, one account without a kind, and no difficult."""
    rows = [
        {"archetype": HOSTILE, "kind": "over_served", "accounts": 4, "stability": 0.97, "standing": "stable",
         "sets_apart": "site visits 80% (elsewhere 5%)", "typical": "C000000", "over_service_cost": 3_000.0,
         "net_margin": -500.0, "change": "same", "accounts_before": 5,
         "accounts_stayed": 3},
        {"archetype": PLAIN, "kind": "over_served", "accounts": 2, "stability": 0.7, "standing": "pattern",
         "typical": "C000003", "over_service_cost": 1_000.0, "net_margin": 900.0, "change": "new"},
        {"archetype": None, "kind": "over_served", "accounts": 1, "standing": "none", "over_service_cost": 50.0},
        {"archetype": "Late payment", "kind": "difficult", "accounts": 0, "standing": "none", "change": "dissolved"},
    ]  # fmt: skip
    kinds = [HOSTILE] * 4 + [PLAIN] * 2 + [None]
    members = [
        {"customer_id": f"C{n:06d}", "kind": "over_served", "archetype": kind, "strength": 0.8, "map_x": n / 7,
         "map_y": (n % 3) / 3, "moved": n == 4, "archetype_before": HOSTILE if n == 4 else kind}
        for n, kind in enumerate(kinds)
    ]  # fmt: skip
    profiles = [
        {"archetype": kind, "kind": "over_served", "feature": feature, "share": share, "mean": mean, "rest": 0.2,
         "place": place}
        for kind in (HOSTILE, PLAIN)
        for place, (feature, share, mean) in enumerate(
            [("site_visits", True, 0.8), ("beyond_agreed", True, 0.9), ("net_revenue", False, 5_000.0)]
        )
    ]  # fmt: skip
    told = evidence("over_served", "kinds", 7, chosen=2) + evidence("difficult", "too few", 0)
    return run_of(made, rows, members, profiles, told, last_run="2026-09-30")


@pytest.fixture
def none_found(made):
    return lambda answer, accounts: without_kinds(made, answer, accounts)


def without_kinds(made, answer: str, accounts: int):
    rows = [{"archetype": None, "kind": "difficult", "accounts": accounts, "standing": "none"}]
    members = [{"customer_id": f"C{n:06d}", "kind": "difficult"} for n in range(accounts)]
    return run_of(made, rows, members, [], evidence("difficult", answer, accounts))


def test_the_headline_counts_the_kinds_that_hold(held) -> None:
    assert "2 kinds of over-served accounts hold when the data is drawn anew" in words(archetypes.opening(held))


def test_each_kind_has_its_accounts_its_money_and_how_sure_it_is(held) -> None:
    page = words(archetypes.the_kinds(held))
    assert "6 of 7 over-served accounts fall into 2 kinds: EUR 4.0 k over-service" in page
    assert "1 account fits no kind." in page
    assert "stable" in page
    assert "a pattern" in page
    assert "97%" in page


def test_names_from_the_data_are_escaped_everywhere(held) -> None:
    page = whole(held)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_every_figure_says_in_words_what_it_shows(held) -> None:
    page = whole(held)
    labels = re.findall(r'aria-label="([^"]+)"', page)
    assert any("7 over-served accounts as points in 2 kinds" in label for label in labels)
    assert any("1 without a kind in grey" in label for label in labels)
    assert any("2 91%, 3 50%" in label for label in labels)


def test_only_shares_are_drawn_in_the_order_of_the_features(held) -> None:
    assert drawn_features(held.archetype_profiles) == ["site_visits", "beyond_agreed"]


def test_the_chosen_answer_stands_for_its_number_of_kinds() -> None:
    rows = pd.DataFrame(
        {"clusters": [2, 2], "method": ["k_means", "hdbscan"], "stability": [0.6, 0.9], "chosen": [False, True]}
    )
    assert by_number(rows).method.tolist() == ["hdbscan"]


def test_new_and_dissolved_kinds_and_who_moved_are_named(held) -> None:
    page = words(archetypes.since_last_time(held))
    assert "Since 30 September 2026, 1 account has changed kind" in page
    assert f"New among the over-served: {PLAIN}." in page
    assert "Dissolved among the difficult: Late payment." in page
    assert f"Kind Before Left Joined Now {HOSTILE} 5 2 1 4" in page


def test_where_nobody_moved_that_is_said(held) -> None:
    held.archetype_members["moved"] = False
    assert "Since 30 September 2026, no account has changed kind" in words(archetypes.since_last_time(held))


def test_without_a_last_run_nothing_is_said_of_changes(held) -> None:
    held.facts = {**held.facts, "last_run": ""}
    assert archetypes.since_last_time(held) == ""


def test_no_kinds_is_said_as_an_answer(none_found) -> None:
    page = words(whole(none_found("one", 30)))
    assert "No kinds of accounts hold: each case is one of its own" in page
    assert "No kinds among 30 difficult accounts: each is a case of its own" in page
    assert "no closer together in groups than accounts spread evenly" in page


def test_too_few_is_told_apart_from_none(none_found) -> None:
    page = words(whole(none_found("too few", 8)))
    assert "Too few to look for kinds: 8 difficult accounts, and it takes 20" in page
    assert "no closer together" not in page


def test_nobody_judged_is_said(made) -> None:
    page = words(whole(run_of(made, [], [], [], [])))
    assert "Whether there are kinds cannot be told" in page


@pytest.mark.parametrize("answer", ["kinds", "one", "too few"])
def test_no_page_shows_a_code_name_or_nan(answer, held, none_found) -> None:
    page = words(whole(held if answer == "kinds" else none_found(answer, 25)))
    assert "nan" not in page.lower().replace("finance", "")
    assert not re.search(r"\b(over_served|k_means|gaussian_mixture|site_visits|beyond_agreed)\b", page)
