"""The account managers' page: by name, in bands, and nothing that the numbers do not carry."""

import html
import re

import nbformat
import pandas as pd
import pytest

from analysis.data.contract import conform
from analysis.policy import Policy
from analysis.publishing.explore_cells import without_explore_cells
from analysis.topics.sellers.figures.gaps import plot_gaps
from analysis.topics.sellers.page import account_managers
from analysis.topics.sellers.page.account_managers import bands_title

HOSTILE = "<script>alert(1)</script>"
NOTEBOOK = "notebooks/account_managers.ipynb"


def seen(page: object) -> str:
    page = re.sub(r"<(title|style).*?</\1>", "", str(page))
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page))).strip()


def rep(name: str, band=None, gap: float = 0.0, **more):
    return {
        "rep": name, "bookings": 100_000.0, "bookings_basis": "bookings", "net_revenue": 90_000.0, "accounts": 20,
        "list_revenue": 100_000.0, "margin": 30_000.0, "gross_margin": 40_000.0, "cost_to_serve": 10_000.0,
        "clawback": 0.0, "satisfaction": 4.2, "answers": 40.0, "repeat_share": 0.8, "obtaining_share": 0.1,
        "tenure_share": 1.0, "measured_share": 1.0, "expected_margin": 30_000.0 - gap, "gap": gap,
        "gap_low": gap - 5_000.0, "gap_high": gap + 5_000.0, "band": band, "few_accounts": band is None,
        "few_answers": False, **more,
    }  # fmt: skip


@pytest.fixture
def run(made):
    def of(*rows, publish=True, covered=1.0):
        found = made.made_run(made.portfolio(30))
        found.policy = Policy.read(None, {"sellers": {"publish": publish}})
        found.facts["sellers"] = {"revenue_covered": covered}
        found.reps = conform(pd.DataFrame(list(rows), columns=None if rows else ["rep"]), "reps")
        return found

    return of


def page(run) -> str:
    return "".join(str(getattr(account_managers, name)(run)) for name in account_managers.__all__)


def test_sellers_stand_in_the_order_of_the_table_and_are_never_ranked(run) -> None:
    words = seen(account_managers.against_expectation(run(rep("Ann", "below", -9_000), rep("Zed", "above", 9_000))))
    assert words.index("Ann") < words.index("Zed")
    assert "Of 2 sellers, 1 is below and 1 is above what was to be expected" in words
    assert not re.search(r"\b(rank|best|worst|top|bottom)\b", words)


@pytest.mark.parametrize(
    ("bands", "said"),
    [
        (["as_expected", "as_expected"], "Of 2 sellers with enough accounts, none stands apart"),
        (["as_expected"], "The one seller with enough accounts is as was to be expected"),
        ([None, None], "No seller can be set against expectation"),
        (["below", "below", None], "Of 2 sellers, 2 are below what was to be expected; 1 had too few accounts"),
    ],
)
def test_the_title_says_what_the_bands_carry(bands, said) -> None:
    rows = [rep(f"S{place}", band) for place, band in enumerate(bands)]
    assert bands_title(conform(pd.DataFrame(rows), "reps")).startswith(said)


def test_the_sums_of_the_page_are_those_of_the_table(run) -> None:
    words = seen(account_managers.opening(run(rep("Ann", "below"), rep("Bob", "above"))))
    assert "2 sellers booked EUR 200 k; what was billed left EUR 60 k of margin" in words
    assert "30% of list price" in words


def test_where_there_are_no_bookings_the_page_says_that_billings_stand_in(run) -> None:
    words = seen(page(run(rep("Ann", "below", bookings_basis="billings", bookings=90_000.0))))
    assert "1 seller billed EUR 90 k" in words
    assert "billings stand in" in words
    assert "Booked" not in words


def test_few_accounts_and_few_answers_are_marked(run) -> None:
    words = seen(page(run(rep("Ann", None, accounts=3), rep("Bob", "below", few_answers=True, answers=2.0))))
    assert "too few accounts (3)" in words
    assert "4.2 of 2 answers (few)" in words
    assert "1 mean rests on few answers and says little" in words


def test_a_clawback_is_told_with_how_many_it_would_hit(run) -> None:
    words = seen(account_managers.sold(run(rep("Ann", "below", clawback=4_000.0), rep("Bob", "above"))))
    assert "Write-offs would take EUR 4.0 k back from 1 seller" in words


def test_without_the_policys_word_the_page_names_nobody_and_says_why(run) -> None:
    words = seen(page(run(publish=False)))
    assert "Nothing is said of account managers" in words
    assert "The policy does not ask for this page" in words


def test_where_the_data_names_no_seller_the_page_says_so(run) -> None:
    assert "Nothing in the data says who sold what" in seen(page(run()))


def test_a_name_is_shown_as_just_that_and_missing_numbers_in_words(run) -> None:
    known = ("rep", "bookings", "bookings_basis", "accounts", "few_accounts", "few_answers")
    nothing = {key: value if key in known else None for key, value in rep(HOSTILE).items()}
    whole = page(run(nothing))
    assert "<script" not in whole
    words = seen(re.sub(r'<bdi class="name"[^>]*>.*?</bdi>', "", whole))
    assert not re.search(r"\b(nan|NaN|None|NaT|inf)\b", words)
    assert not re.search(r"\bas_expected\b", words)


def test_revenue_without_a_seller_is_told(run) -> None:
    assert "12% of net revenue has no known seller" in seen(page(run(rep("Ann", "below"), covered=0.88)))


def test_the_dots_stand_at_the_gaps_and_the_lines_at_their_ends() -> None:
    rows = conform(pd.DataFrame([rep("Ann", "below", -9_000.0), rep("Bob", "above", 9_000.0)]), "reps")
    lines = plot_gaps(rows, "EUR").lines
    assert [list(line.get_xdata()) for line in lines[:4]] == [[-14_000, -4_000], [-9_000], [4_000, 14_000], [9_000]]


def test_the_notebook_is_thin_and_without_output(request) -> None:
    cells = without_explore_cells(nbformat.read(request.config.rootpath / NOTEBOOK, 4).cells)
    assert cells[0].source == 'data = "data/sample"\nas_of = ""\npolicy = {}\ntables = ""'
    called = [cell.source for cell in cells[2:]]
    names = ["opening", "how_to_read", "against_expectation", "sold", "relations", "what_it_rests_on", "foot"]
    assert called == [f"account_managers.{name}(p)" for name in names]
