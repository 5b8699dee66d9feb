"""The value report on hand-made frames: what is said, and what is said where there is little to say."""

import html
import re
from datetime import date

import pandas as pd
import pytest

from analysis.data.contract import conform
from analysis.topics.value.figures.quadrants import quadrant_totals
from analysis.topics.value.page import value
from analysis.topics.value.page.value_rescue import why_now

HOSTILE = "<script>x</script>"


def words(page: str) -> str:
    page = re.sub(r"<svg.*?</svg>", "", re.sub(r"<(title|style).*?</\1>", "", page), flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def whole(run) -> str:
    return "".join(str(getattr(value, name)(run)) for name in value.__all__)


@pytest.fixture
def valued(made):
    """Four accounts: one carries the book, one loses money, one is kept for its avoidable margin, one has left."""
    names = ["Halden", HOSTILE, "Nordwind", "Gone"]
    accounts = made.statement(
        [{"customer_id": f"C{i}", "name": name, "list_revenue": 20_000.0} for i, name in enumerate(names)]
    ).assign(
        clv=[90_000.0, -4_000.0, -1_000.0, 0.0],
        clv_low=[60_000.0, -6_000.0, -3_000.0, 0.0],
        clv_high=[110_000.0, -1_000.0, 500.0, 0.0],
        margin_month=[3_000.0, -150.0, -40.0, 200.0],
        leaves_year=[0.1, 0.2, 0.25, 1.0],
        contract_value=[12_000.0, 0.0, 0.0, 0.0],
    )
    lens = [("C0", 12_000.0, 90_000.0, 99_000.0), ("C1", 500.0, -4_000.0, -2_000.0), ("C2", 0.0, -1_000.0, 8_000.0)]
    lenses = pd.DataFrame(lens, columns=["customer_id", "contract_value", "clv", "clv_avoidable"]).assign(
        exit_fee=0.0,
        accounting_keeps=[True, True, False],
        full_cost_keeps=[True, False, False],
        avoidable_keeps=[True, False, True],
        relationship_keeps=[True, False, True],
        differ=[False, True, True],
    )
    rescue = pd.DataFrame(
        {"customer_id": ["C0", "C2"], "leaves_year": [0.1, 0.25], "clv_avoidable": [99_000.0, 8_000.0],
         "at_stake": [9_900.0, 2_000.0], "save_budget": [9_900.0, 800.0], "low": [4_950.0, 400.0],
         "high": [19_800.0, 1_600.0], "save_hours": [165.0, None]}
    )  # fmt: skip
    protect = {"customer_id": "C2", "clv_avoidable": 8_000.0, "at_stake": 2_000.0, "under_served": True,
               "silent_days": 120.0, "silent": True, "contract_ends": date(2027, 2, 1), "renewal": True}  # fmt: skip
    mutual = pd.DataFrame(
        {"customer_id": ["C0", "C1", "C2", "C3"], "value_to_customer": [60.0, 80.0, None, 70.0],
         "value_to_us": [90_000.0, -4_000.0, -1_000.0, 0.0], "quadrant": ["we_gain", "they_gain", None, None]}
    )  # fmt: skip
    referral = {"customer_id": "C0", "referred": "C2", "clv": -1_000.0, "acquisition_cost": 300.0, "value": -350.0,
                "low": -675.0, "high": -25.0}  # fmt: skip
    said = {"customer_id": "C1", "mentions": 1, "reach": 400.0, "good_reach": 0.0, "bad_reach": 200.0}
    fit = {"fifth": range(1, 6), "months": [100] * 5, "expected": [1.0, 2.0, 3.0, 4.0, 8.0], "actual": [2, 1, 4, 3, 8]}
    signs = {"sign": ["satisfaction", "contract"], "step": [0.5, 0.4], "factor": [0.8, 0.9], "low": [0.7, 0.8],
             "high": [0.9, 1.1]}  # fmt: skip
    run = made.made_run(
        accounts,
        lenses=conform(lenses, "lenses"),
        rescue=conform(rescue, "rescue"),
        protect_first=conform(pd.DataFrame([protect]), "protect_first"),
        mutual_value=conform(mutual, "mutual_value"),
        referrals=conform(pd.DataFrame([referral]), "referrals"),
        word_of_mouth=conform(pd.DataFrame([said]), "word_of_mouth"),
        staying_fit=conform(pd.DataFrame(fit), "staying_fit"),
        staying_signs=conform(pd.DataFrame(signs), "staying_signs"),
    )
    book = {"model": "signs", "endings": 18, "months": 28, "accounts": 3, "clv": 85_000.0, "low": 70_000.0,
            "high": 101_000.0}  # fmt: skip
    run.facts = {**run.facts, "value": book}
    return run


def test_the_headline_is_the_book_with_its_range(valued):
    page = words(value.opening(valued))

    assert "The accounts are worth EUR 85 k over the next 36 months (70 to 101 k)" in page
    assert "Worth something 1 of 3 accounts still here" in page
    assert "Worth less than nothing 2 \N{MINUS SIGN}EUR 5.0 k over 36 months, at full cost" in page


def test_an_account_that_has_left_stands_in_no_list(valued):
    assert "Gone" not in words(whole(valued).replace(str(value.foot(valued)), ""))


def test_the_lenses_are_told_apart_by_what_hangs_on_them(valued):
    page = words(value.three_lenses(valued))

    assert "2 of 3 accounts look worth an effort through one lens and not through another" in page
    assert "Of 1 account accounting sees nothing that remains, and without it we would be EUR 8.0 k worse off." in page
    assert "1 account loses EUR 1.0 k at full cost, yet without it we would be EUR 8.0 k worse off" in page
    assert "Of 1 account fees remain, and keeping it costs more than it brings." in page


def test_what_is_at_stake_is_the_sum_and_a_row_without_hours_says_so(valued):
    page = words(value.at_risk(valued))

    assert "EUR 12 k is at stake over the next year" in page
    assert "10% more likely to stay (5% to 20%, assumed)" in page
    assert "165" in page


def test_why_an_account_needs_us_now_is_said_in_words(valued):
    row = valued.protect_first.iloc[0].to_dict()

    assert why_now(row) == "Under-served, no contact for 120 days, contract ends on 1 February 2027"
    assert why_now({**row, "under_served": pd.NA, "silent": pd.NA}) == "Contract ends on 1 February 2027"
    assert "1 account worth EUR 8.0 k to keep is under-served, silent or up for renewal" in words(
        value.protect_first(valued)
    )


def test_the_fields_are_counted_and_nobody_unknown_is_placed(valued):
    totals = quadrant_totals(valued.mutual_value)
    page = words(value.two_by_two(valued))

    assert totals.accounts.to_dict() == {"we_gain": 1, "both_gain": 0, "neither_gains": 0, "they_gain": 1}
    assert totals.value.to_dict() == {"we_gain": 90_000, "both_gain": 0, "neither_gains": 0, "they_gain": -4_000}
    assert "Of 2 accounts none is a gain for both sides" in page


def test_referrals_are_said_to_be_in_no_total_and_words_to_have_no_price(valued):
    page = words(value.network(valued))

    assert "1 account brought in 1 other" in page
    assert "saved EUR 300 each of winning them. None of this is in any total" in page
    assert "1 account spoke of us in public: 0 people reached in our favour and 200 against us" in page
    assert "It is evidence and has no price" in page


def test_what_moves_accounts_to_leave_is_told_for_steps_that_mean_something(valued):
    page = words(value.how_long_they_stay(valued))

    # A standard deviation of .5 changes the odds by .8; a whole point by .8 squared.
    assert "a point more of satisfaction (of 5) 0.64 0.49 to 0.81" in page
    assert "learnt from 18 endings in 28 months of history" in page
    # Three accounts with 10%, 20% and 25%.
    assert "The middle account has a chance of 20% of leaving within a year" in page


@pytest.mark.parametrize(
    ("model", "words_of_it"), [("tenure", "and by nothing else"), ("purchases", "how often it buys")]
)
def test_a_poorer_model_says_what_it_rests_on(valued, model, words_of_it):
    valued.facts["value"]["model"] = model

    assert words_of_it in words(value.how_long_they_stay(valued))


def test_names_from_the_data_are_escaped_everywhere(valued):
    assert HOSTILE not in whole(valued)
    assert html.escape(HOSTILE) in whole(valued)


def test_where_nothing_is_known_the_page_says_why(made):
    run = made.made_run(made.statement([{"customer_id": "C0"}]))
    run.facts = {
        **run.facts,
        "left_out": [{"what": "Value over the lifetime", "why": "no end of an account lies in the data"}],
    }
    page = words(whole(run))

    assert "What accounts are worth cannot be told No end of an account lies in the data." in page
    assert "nan" not in page.lower().split()


def test_no_account_at_all_is_a_page_too(made):
    page = words(whole(made.made_run(made.statement([]))))

    assert "What accounts are worth cannot be told" in page


def test_an_account_alone_is_told_in_the_singular(valued):
    one = valued.accounts.head(1)
    valued.accounts = one
    page = words(value.who_carries_it(valued))

    assert "1 account is worth more than it costs" in page


def test_where_only_margins_of_nothing_sold_are_known_no_worth_of_nothing_is_told(valued):
    nothing = dict.fromkeys(("clv", "clv_low", "clv_high"), 0.0)
    valued.accounts = valued.accounts.assign(**nothing)
    valued.lenses = valued.lenses.assign(clv=0.0, clv_avoidable=0.0)
    told = words(whole(valued))
    assert "What accounts are worth cannot be told" in told
    assert "Worth most" not in told and "The lenses" not in told


def test_only_what_is_worth_something_stands_among_those_worth_most(valued) -> None:
    worth = valued.accounts["clv"].astype("float64")
    assert (worth < 0).any() and (worth > 0).any()
    table = str(value.who_carries_it(valued)).partition("</table>")[0]
    assert "Worth most" in table
    for row in valued.accounts[worth < 0]["name"]:
        assert str(row) not in words(table)


@pytest.mark.parametrize(("endings", "told"), [(1, "Only 1 ending is in the"), (3, "Only 3 endings are in the")])
def test_endings_and_their_verb_agree(valued, endings, told) -> None:
    valued.facts["value"].update(model="tenure", endings=endings)
    assert told in words(value.how_long_they_stay(valued))
