"""Every number on a page is written by one formatter."""

from datetime import date

import pytest

from analysis import formats

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"), (0.4, "0.40"), (0.004, "0"), (-0.4, "\N{MINUS SIGN}0.40"), (-0.004, "0"),
        (412.4, "412"), (999.4, "999"), (999.6, "1.0 k"), (9_410, "9.4 k"),
        (9_960, "10 k"), (41_000, "41 k"), (412_300, "412 k"), (999_400, "999 k"), (999_600, "1.00 M"),
        (1_340_000, "1.34 M"), (12_340_000, "12.3 M"), (123_400_000, "123 M"), (1_234_000_000, "1.23 bn"),
        (-63_000, "\N{MINUS SIGN}63 k"), (2e12, "2,000 bn"), (NAN, "not measured"),
        (None, "not measured"), (float("inf"), "not measured"),
    ],
)  # fmt: skip
def test_amounts_carry_two_or_three_digits(value: object, written: str) -> None:
    assert formats.amount(value).replace("\xa0", " ") == written


def test_money_has_its_sign_before_the_currency() -> None:
    assert formats.money(-412_300, "EUR").replace("\xa0", " ") == "\N{MINUS SIGN}EUR 412 k"
    assert formats.money(412_300, "EUR", signed=True).replace("\xa0", " ") == "+EUR 412 k"


@pytest.mark.parametrize(
    ("share", "written"),
    [
        (0, "0%"), (0.137, "14%"), (0.0421, "4.2%"), (0.04, "4%"), (0.0996, "10%"), (1.37, "137%"), (12.345, "1,234%"),
        (-0.5, "\N{MINUS SIGN}50%"), (0.0004, "under 0.1%"), (-0.0004, "above \N{MINUS SIGN}0.1%"),
        (NAN, "not measured"),
    ],
)  # fmt: skip
def test_shares_are_percentages(share: float, written: str) -> None:
    assert formats.percent(share) == written


def test_counts_agree_with_their_nouns() -> None:
    assert [formats.counted(n, "account") for n in (0, 1, 2, 200_000)] == [
        "no accounts", "1 account", "2 accounts", "200,000 accounts",
    ]  # fmt: skip


def test_dates_and_windows_are_in_words() -> None:
    assert formats.day(date(2026, 3, 1)) == "1 March 2026"
    assert formats.span(12, date(2026, 10, 31)) == "twelve months to 31 October 2026"
    assert formats.span(1, date(2026, 10, 31)) == "one month to 31 October 2026"
    assert [formats.per_window(months) for months in (12, 6, 36)] == ["a year", "in six months", "in 36 months"]


def test_a_range_that_is_not_known_is_not_written() -> None:
    assert formats.money_range(NAN, 5) == ""
