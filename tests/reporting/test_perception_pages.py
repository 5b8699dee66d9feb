"""The report on perception on hand-made frames: what is said, and what is said where there is little to say."""

import html
import re
from datetime import date

import pandas as pd
import pytest

from analysis.data.contract import conform
from analysis.topics.perception.figures.departments import plot_departments
from analysis.topics.perception.figures.name_and_record import plot_name_and_record
from analysis.topics.perception.page import perception
from analysis.topics.perception.words import gap_in_words, value_in_words

PERIOD = "the bad spring of 2026: March to May"


def words(page: object) -> str:
    text = html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<(title|style|svg).*?</\1>", "", str(page), flags=re.S)))
    return re.sub(r"\s+", " ", text)


def whole(run) -> str:
    return "".join(str(getattr(perception, part)(run)) for part in perception.__all__)


def reputation(customer: str, view: str, record: float, gap: float | None, **more):
    known = {} if gap is None else {
        "perceived_difficulty": record + gap, "perception_gap": gap, "perception_gap_low": gap - 10,
        "perception_gap_high": gap + 10,
    }  # fmt: skip
    return {"customer_id": customer, "perception": view, "trouble": record, "difficulty_ours": 0.3, **known, **more}


@pytest.fixture
def run(made):
    """Five accounts: two with an undeserved bad name, one of few raters; a quietly difficult, a fair, an unjudged."""
    names = ["Halden", "<script>x</script>", "Redfern", "Calm", "Late"]
    accounts = made.statement(
        [{"customer_id": f"C{i}", "name": n, "list_revenue": 20_000.0, "cogs": c}
         for i, (n, c) in enumerate(zip(names, [5_000.0, 8_000.0, 25_000.0, 5_000.0, 5_000.0], strict=True))]
    )  # fmt: skip
    accounts["perception"] = ["unfairly_labelled", "unfairly_labelled", "quietly_difficult", "fair", None]
    reputations = [
        reputation("C0", "unfairly_labelled", 20.0, 45.0, cases=20, bad_cases=1, bad_period=PERIOD,
                   bad_period_cases=12, bad_period_bad=8, bad_period_cases_since=20, bad_period_bad_since=1),
        reputation("C1", "unfairly_labelled", 25.0, None, cases=1, bad_cases=0),
        reputation("C2", "quietly_difficult", 70.0, -40.0),
    ]  # fmt: skip
    behaviours = {"customer_id": "C2", "behaviour": "disputes", "sentence": "disputed 4 of 6 invoices",
                  "difficulty_points": 40.0}  # fmt: skip
    failure = {"customer_id": "C0", "failure": "amends", "recorded": 3.0, "count": 3.0, "of": 20.0, "rate_usual": 0.02,
               "sentence": "We had to make amends in 3 of 20 cases"}  # fmt: skip
    departments = [
        {"department": "Sales & <b>", "accounts": 40, "raters": 8, "perception_gap": 14.4, "perception_gap_low": 9.0,
         "perception_gap_high": 19.0},
        {"department": "Desk", "accounts": 30, "raters": 9, "perception_gap": -3.0, "perception_gap_low": -8.0,
         "perception_gap_high": 2.0},
        {"department": "Key accounts", "accounts": 12},
    ]  # fmt: skip
    views = [
        {"customer_id": "C0", "view": "disliked", "pattern": "disliked_but_earning", "net_margin": 15_000.0,
         "held_by": "Desk, Sales & <b>"},
        {"customer_id": "C2", "view": "liked", "pattern": "liked_but_losing", "net_margin": -5_000.0},
    ]  # fmt: skip
    meeting = {
        "customer_id": "C0", "why": "unfairly_labelled\ndisliked_but_earning", "held_by": "Desk",
        "departments": "Field", "account_manager": "Ada", "because": "The <old> story\nThey say so",
        "would_help": "Two days' notice",
        "praise": "Your technicians", "praised_on": date(2026, 3, 1),
    }  # fmt: skip
    decision = {
        "customer_id": "C3", "judgement": "over_served", "computed": "true", "value": "false", "reason": "A pilot",
        "by": "Ada", "until": date(2026, 12, 31), "state": "in_force",
    }  # fmt: skip
    return made.made_run(
        accounts=accounts,
        behaviours=conform(pd.DataFrame([behaviours]), "behaviours"),
        our_failures=conform(pd.DataFrame([failure]), "our_failures"),
        tables={
            "reputations": conform(pd.DataFrame(reputations), "reputations"),
            "departments": conform(pd.DataFrame(departments), "departments"),
            "views": conform(pd.DataFrame(views), "views"),
            "meetings": conform(pd.DataFrame([meeting]), "meetings"),
            "overridden": conform(pd.DataFrame([decision]), "overridden"),
        },
    )


def test_the_title_counts_the_names_that_are_wrong_either_way(run):
    assert "2 of 4 accounts have an undeserved bad name; 1 is harder than anybody says" in words(
        perception.opening(run)
    )


def test_a_bad_name_stands_beside_its_record_and_the_bad_time_that_explains_it(run):
    told = words(perception.unfairly_labelled(run))

    assert "2 bad names that the record does not bear out, on accounts that bring EUR" in told
    assert "Seen at 65, the record says 20; the gap is 35 to 55 points." in told
    assert "We had to make amends in 3 of 20 cases. Probably the bad spring of 2026: March to May." in told
    assert "Caused by us or late: 8 of 12 cases then, 1 of 20 since." in told


def test_an_account_that_few_rated_is_named_without_a_figure(run):
    told = words(perception.unfairly_labelled(run))

    assert "The record says 25; too few people rated it for a figure. No behaviour of its own stands out." in told
    assert "Halden" in str(perception.name_and_record(run))
    assert "script" not in str(perception.name_and_record(run))


def test_a_name_that_a_person_has_cleared_is_listed_no_more(run):
    run.accounts.loc[run.accounts.customer_id == "C0", "perception"] = "fair"
    told = words(perception.unfairly_labelled(run))

    assert "1 bad name that the record does not bear out" in told
    assert "Halden" not in told


def test_the_quietly_difficult_are_told_with_what_they_do(run):
    told = words(perception.quietly_difficult(run))

    assert "1 account is more trouble than its name says" in told
    assert "the gap is 30 to 50 points. Disputed 4 of 6 invoices." in told


def test_the_department_that_surely_differs_most_is_named_and_the_small_one_is_counted_only(run):
    page = str(perception.by_department(run))

    assert "Sales & <b> sees its accounts 14 points harder than the record" in words(page)
    assert "1 department is not shown" in words(page)
    assert "Key accounts" not in page


def test_no_department_is_singled_out_where_none_surely_differs(run):
    rows = run.tables["departments"]
    run.tables["departments"] = rows[rows.department != "Sales & <b>"]

    assert "No department of 1 surely sees its accounts otherwise" in words(perception.by_department(run))


def test_feelings_and_money_are_told_with_the_departments_that_may_be_named(run):
    told = words(perception.views(run))

    assert "1 account is liked and loses money, 1 is not liked and earns it" in told
    assert "Desk, Sales & <b>" in told
    run.tables["views"] = run.tables["views"].head(1)
    assert "no accounts are liked and lose money, 1 is not liked and earns it" in words(perception.views(run))


def test_a_meeting_says_why_who_and_what_would_help(run):
    told = words(perception.meetings_to_hold(run))

    assert "it has a bad name that its record does not bear out, and it is not liked and earns money" in told
    for part in ("Field", "Ada", "Two days' notice", "The <old> story", "Your technicians", "1 March 2026"):
        assert part in told


def test_of_one_that_has_left_nobody_need_meet(run):
    run.tables["next_steps"] = conform(pd.DataFrame({"customer_id": ["C0"], "rule": ["left"]}), "next_steps")
    assert not perception.meetings_to_hold(run)


def test_a_persons_decision_is_shown_with_its_reason_and_what_was_computed(run):
    told = words(perception.decided_otherwise(run))

    assert "1 decision by people, of which 1 still holds" in told
    assert re.search(r"Over-served\s+yes\s+no\s+A pilot\s+Ada\s+31 December 2026, holds", told)


def test_text_of_the_data_is_only_ever_text(run):
    page = whole(run)

    assert "<script" not in page
    assert "&lt;script&gt;x&lt;/script&gt;" in page
    assert "&lt;old&gt;" in page
    assert "nan" not in words(page).lower().split()
    assert "unfairly_labelled" not in words(page)
    assert "disliked_but_earning" not in words(page)


@pytest.mark.parametrize("part", ["name_and_record", "unfairly_labelled", "quietly_difficult", "by_department",
                                  "views", "meetings_to_hold", "decided_otherwise"])  # fmt: skip
def test_a_part_without_rows_is_left_out(made, part):
    accounts = made.statement([])
    assert str(getattr(perception, part)(made.made_run(accounts=accounts.assign(perception=None)))) == ""


def test_without_ratings_the_page_says_so(made):
    accounts = made.statement([{"customer_id": "C0", "name": "Halden"}]).assign(perception=None)
    told = words(perception.opening(made.made_run(accounts=accounts)))

    assert "What staff think cannot be set against the record" in told


def test_where_every_name_is_right_the_title_says_that(made):
    accounts = made.statement([{"customer_id": f"C{n}", "name": "Halden"} for n in range(3)])
    told = words(perception.opening(made.made_run(accounts=accounts.assign(perception="fair"))))

    assert "The names of all 3 accounts judged are borne out by the record" in told


def test_the_figures_hold_the_numbers_of_the_tables(run):
    rows = perception.named(run, "unfairly_labelled")
    line = plot_name_and_record(rows).get_lines()[0]
    assert line.get_xdata().tolist() == [20.0, 65.0]

    dots = [line for line in plot_departments(run.tables["departments"]).get_lines() if line.get_marker() == "o"]
    assert [float(dot.get_xdata()[0]) for dot in dots] == [14.4, -3.0]


def test_words_for_gaps_and_decisions():
    row = {"trouble": 70.0, "perceived_difficulty": 30.0, "perception_gap_low": -55.0, "perception_gap_high": -25.0}
    assert gap_in_words(row) == "seen at 30, the record says 70; the gap is 25 to 55 points"
    assert (value_in_words("false"), value_in_words("mend_our_failures")) == ("no", "mend our failures")
