"""The report on difficulty on hand-made frames: what is said, and what is said where there is little to say."""

import html
import re

import pandas as pd
import pytest

from analysis.data.contract import conform
from analysis.policy import Policy
from analysis.topics.difficulty.page import difficult, difficult_cards
from analysis.topics.difficulty.words import behaviour_title, knows, step_in_words

LEARNT = {
    "cases": 200,
    "failed_cases": 30.0,
    "contradicted": 2,
    "adds": {
        "escalated": {"adds": 0.4, "without": 0.02, "e_value": 41.494},
        "reopened": {"adds": None, "without": None},
        "dissatisfied": {"adds": 0.5, "without": 0.07},
    },
}


def words(page: object) -> str:
    text = html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<(title|style|svg).*?</\1>", "", str(page), flags=re.S)))
    return re.sub(r"\s+", " ", text)


def whole(run) -> str:
    return "".join(str(getattr(difficult, part)(run)) for part in difficult.__all__)


def behaviour(customer: str, code: str, count: float, of: float, points: float, sentence: str | None):
    return {
        "customer_id": customer, "behaviour": code, "count": count, "of": of, "rate": count / of, "rate_usual": 0.05,
        "difficulty_points": points, "trouble_points": points, "sentence": sentence,
    }  # fmt: skip


@pytest.fixture
def run(made):
    """Five accounts: two difficult, one only by our failures, one calm, one not scored."""
    names = ["Halden", "<script>x</script>", "Redfern", "Calm", "Late"]
    accounts = made.statement(
        [{"customer_id": f"C{i}", "name": n, "list_revenue": 20_000.0, "cogs": c}
         for i, (n, c) in enumerate(zip(names, [5_000.0, 25_000.0, 5_000.0, 5_000.0, 5_000.0], strict=True))]
    )  # fmt: skip
    accounts = accounts.assign(
        trouble=[72.0, 60.0, 66.0, 12.0, None],
        difficulty_ours=[0.1, 0.2, 0.7, 0.2, None],
        difficulty=[64.8, 48.0, 19.8, 9.6, None],
        difficulty_low=[55.0, 40.0, 12.0, 5.0, None],
        difficulty_high=[73.0, 57.0, 28.0, 15.0, None],
        p_difficult=[0.999, 0.7, 0.0, 0.0, None],
        difficult=pd.array([True, True, False, False, None], dtype="boolean"),
        difficult_by_us=pd.array([False, False, True, False, None], dtype="boolean"),
        difficulty_not_scored=[None, None, None, None, "no cases and no invoices in the window"],
    )
    behaviours = [
        behaviour("C0", "short_notice", 14, 31, 40.0, "short notice in 14 of 31 cases"),
        behaviour("C0", "disputes", 3, 10, 20.0, "disputed 3 of 10 invoices"),
        behaviour("C0", "escalations", 0, 31, 1.0, None),
        behaviour("C1", "short_notice", 9, 20, 44.0, "short notice in 9 of 20 cases"),
        behaviour("C2", "escalations", 1, 20, 9.0, "escalated 1 of 20 cases"),
    ]
    failures = [
        {"customer_id": "C2", "failure": "missed_promises", "count": 6.0, "of": 12.0, "rate": 0.5, "rate_usual": 0.05,
         "sentence": "We missed 6 of 12 dates that we had promised"},
        {"customer_id": "C0", "failure": "silent_gaps", "count": 1.0, "of": 31.0, "rate": 0.03, "rate_usual": 0.08,
         "sentence": "We left without a word for days 1 of 31 cases"},
    ]  # fmt: skip
    talk = [
        {"customer_id": f"C{i}", "cases": 10, "dates_given_share": 0.8, "dates_kept_share": kept,
         "first_response_hours": 2.0, "longest_silence_days": silence, "people": 6, "departments": 3,
         "contact_after_project": True, "care_contacts": 1, "sales_contacts": 0, "reminders": 2,
         "reminders_while_waiting": waiting, "dunned_while_waiting": waiting > 0, "minutes_serving": 600.0,
         "minutes_obtaining": 60.0}
        for i, (kept, silence, waiting) in enumerate([(1.0, 3.0, 0), (1.0, 4.0, 0), (0.5, 20.0, 1), (1.0, 2.0, 0)])
    ]  # fmt: skip
    made_run = made.made_run(accounts)
    made_run.behaviours = conform(pd.DataFrame(behaviours), "behaviours")
    made_run.our_failures = conform(pd.DataFrame(failures), "our_failures")
    made_run.communication = conform(pd.DataFrame(talk), "communication")
    made_run.halfway = conform(
        pd.DataFrame([{"customer_id": "C0", "step": "notice", "pieces": 14, "worth": 4_800.0}]), "halfway"
    )
    made_run.who_knows = conform(
        pd.DataFrame([{"customer_id": "C0", "department": "Service <desk>", "pieces": 20, "cases": 14, "rushes": 9}]),
        "who_knows",
    )
    made_run.would_help = conform(
        pd.DataFrame([{"customer_id": "C0", "topic": "would_help", "words": "Two days' notice", "times": 3}]),
        "would_help",
    )
    made_run.facts["our_failures"] = LEARNT
    return made_run


def test_the_title_counts_the_difficult_and_those_that_we_made_so(run):
    told = words(difficult.opening(run))

    assert "2 of 4 accounts scored are truly difficult; 1 seems so only because we fail it" in told
    assert "What weighs most with them, above what is usual here: short notice (2)" in told


def test_trouble_is_split_into_theirs_and_ours_by_its_own_sum(run):
    # Theirs 64.8 + 48 + 19.8 = 132.6 of 198.
    assert "Of the trouble with 3 accounts, 67% is theirs and 33% ours" in words(difficult.theirs_and_ours(run))


def test_where_too_many_are_difficult_to_draw_the_title_still_tells_of_all(run, monkeypatch):
    monkeypatch.setattr(difficult, "DRAWN", 1)
    told = words(difficult.theirs_and_ours(run))
    assert "Of the trouble with 3 accounts, 67% is theirs and 33% ours" in told
    assert "Those with most of it are drawn, 2 of 3." in told


def test_the_ranking_says_what_each_is_made_of_and_how_sure_that_is(run):
    told = words(difficult.ranking(run))

    assert "1 of the 2 difficult earns money all the same" in told
    assert "65 55 to 73 over 99% Short notice in 14 of 31 cases and disputed 3 of 10 invoices" in told
    assert "escalated" not in told


def test_a_talk_says_what_each_side_could_do_what_staff_say_and_who_should_be_there(run):
    told = words(difficult.talks_to_hold(run))

    assert "2 talks to hold: up to EUR 4.8 k if they met us half way" in told
    assert "Two days' notice: up to EUR 4.8 k (in this window 14 pieces of work done in a rush)." in told
    assert "Would help: Two days' notice (3 times)" in told
    assert "Service <desk> : 20 pieces of work on 14 cases: 9 rushes." in told
    assert "What would let you tell us two days ahead?" in told
    assert "We left without a word" not in told  # less often than usual


def test_whom_we_owe_an_apology_is_listed_with_what_went_wrong(run):
    told = words(difficult.apologies(run))

    assert "An apology list: 1 account that only our failures made difficult" in told
    assert "Redfern 66 70% We missed 6 of 12 dates that we had promised." in told


def test_what_a_failure_adds_is_said_where_it_was_learnt_and_nowhere_else(run):
    told = words(difficult.what_failures_add(run))

    assert "By the signs in the record we failed about 15% of the cases; what goes with that counts as ours" in told
    assert (
        "A case escalates in 42% where we failed it, in 2% where we did not (to explain it away: 41.5 times)." in told
    )
    assert "reopened" not in told
    assert "2 cases were written down as the customer's doing" in told


def test_the_customers_side_tells_dates_kept_by_cases_and_who_was_dunned_while_waiting(run):
    told = words(difficult.from_their_side(run))

    # Kept: (1 + 1 + 0.5 + 1) / 4, alike in cases.
    assert "We named a date in 80% of the cases and kept 88% of those" in told
    assert "1 of 8 reminders went out while a complaint was open: 1 account was dunned while waiting for us." in told
    assert told.index("Redfern") < told.index("Halden")  # who waited longest comes first
    assert "For each hour of winning new business we spent 10 hours on serving." in told


@pytest.mark.parametrize("working", [False, True])
def test_hours_and_days_are_called_working_ones_where_a_calendar_is_in_force(run, working):
    run.communication = run.communication.assign(first_response_hours=2.5)
    run.policy = Policy.read(None, {"calendar": {"hours": ["08:30", "17:30"]}} if working else {})
    told = words(difficult.from_their_side(run))

    assert ("waits 2.5 working hours for a first answer" in told) is working
    assert ("waits 2.5 hours for a first answer" in told) is not working
    assert ("Working hours to an answer" in told) is working
    assert ("Hours to an answer" in told) is not working
    assert ("Longest silence, working days" in told) is working
    assert ("A working day is the hours of one day of the calendar." in told) is working


def test_who_is_not_scored_is_named_with_the_reason(run):
    told = words(difficult.not_scored(run))

    assert "1 of 5 accounts is not scored" in told
    assert "1 account: no cases and no invoices in the window." in told
    assert "Late" in told


def test_hostile_names_are_shown_as_they_are_and_no_code_or_nan_is(run):
    page = whole(run)

    assert "<script>x" not in page
    assert "<desk>" not in page
    assert "nan" not in words(page).lower().replace("financ", "")
    assert "short_notice" not in words(page)


@pytest.mark.parametrize("kind", ["none", "one", "nobody difficult", "nobody scored"])
def test_with_few_or_none_the_page_says_that_instead(made, run, kind):
    accounts = run.accounts
    if kind in ("none", "one"):
        chosen = accounts.head(0 if kind == "none" else 1)
        run = made.made_run(chosen)
    elif kind == "nobody difficult":
        calm = accounts.assign(
            difficult=accounts.difficult.mask(accounts.difficult.notna(), False), trouble=accounts.trouble * 0.1
        )
        run = made.made_run(calm)
    else:
        run = made.made_run(accounts.assign(difficult=accounts.difficult.mask(accounts.difficult.notna())))
    told = words(whole(run))

    assert {
        "none": "Whether accounts are difficult cannot be judged",
        "one": "The one account scored is truly difficult",
        "nobody difficult": "None of 4 accounts scored is difficult",
        "nobody scored": "Whether accounts are difficult cannot be judged",
    }[kind] in told


def test_why_nobody_is_difficult_is_said_unless_our_failures_made_one_so(made, run):
    flags = ["difficult", "difficult_by_us"]
    nobody = run.accounts.assign(**{name: run.accounts[name].mask(run.accounts[name].notna(), False) for name in flags})
    ours = nobody.assign(difficult_by_us=run.accounts.difficult_by_us)
    why = "No account stands out by more than chance shows in a portfolio of this size."

    assert why in words(whole(made.made_run(nobody)))
    assert why not in words(whole(made.made_run(ours)))
    assert why not in words(whole(run))


def test_an_account_that_a_person_called_difficult_without_a_score_is_listed_with_dashes(made, run):
    accounts = run.accounts.assign(difficult=run.accounts.difficult.mask(run.accounts.customer_id == "C4", True))
    told = words(difficult.ranking(made.made_run(accounts)))

    assert "Late \N{EN DASH} \N{EN DASH} \N{EN DASH}" in told


def test_words_for_codes_that_are_not_known_are_their_own():
    assert behaviour_title("shouting_loudly") == "Shouting loudly"
    assert words(step_in_words({"step": "fax_us", "pieces": None, "worth": 10.0}, "EUR")) == "Fax us: up to EUR 10."
    assert knows(
        {"pieces": 1, "cases": 0, **dict.fromkeys(("rushes", "evenings", "beyond", "amends", "reminders"))}
    ) == ("1 piece of work")


def test_with_an_account_that_has_left_there_is_no_talk_to_hold(run):
    left = pd.DataFrame([{"customer_id": "C0", "rule": "left"}, {"customer_id": "C1", "rule": "nothing"}])
    run.tables["next_steps"] = conform(left, "next_steps")

    told = words(difficult.talks_to_hold(run))

    assert "1 talk to hold" in told
    assert "Halden" not in told
    assert "up to EUR" not in told  # the EUR 4.8 k were Halden's
    assert "1 of the 2 difficult earns money" in words(difficult.ranking(run))


def test_points_for_what_all_followed_on_our_failures_are_explained():
    row = {"behaviour": "reopenings", "sentence": "reopened 2 of 7 cases, all after failures of ours",
           "rate": 2 / 7, "rate_usual": 1 / 36, "difficulty_points": 7.0}  # fmt: skip
    told = str(difficult_cards._points(row))
    assert told.endswith("7 of its points, as fewer follow elsewhere on as many failures of ours.")
    assert str(difficult_cards._points(row | {"sentence": "reopened 2 of 7 cases"})).endswith("7 of its points.")


def test_where_nothing_was_learnt_of_what_failures_add_no_number_is_spoken_of(run):
    run.facts["our_failures"] = {"failed_cases": 26.0, "cases": 298, "adds": {}}
    told = words(difficult.what_failures_add(run))
    assert "we failed about 8.7% of the cases" in told
    assert "To explain it away" not in told and "cannot be told yet" in told


def test_a_sentence_that_comes_first_names_whom_it_speaks_of(run):
    run.communication["first_response_hours"] = float("nan")
    told = words(difficult.from_their_side(run))
    assert "The middle account meets" in told and " It meets" not in told
