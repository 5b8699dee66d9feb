"""How numbers, money, shares and dates are written: one way for every page.

No more digits than carry meaning: three for large amounts, two for small ones. What is unknown is said in words,
never as ``nan``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

NOT_MEASURED = "not measured"
MINUS = "\N{MINUS SIGN}"
GAP = "\N{NO-BREAK SPACE}"

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_UNITS = ((1e9, "bn"), (1e6, "M"), (1e3, "k"))


def is_known(value: object) -> bool:
    """Whether there is a finite number to show."""
    try:
        return math.isfinite(float(value))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False


def holds(value: object) -> bool:
    """Return whether a flag is known and true."""
    return is_known(value) and bool(value)


def amount(value: object, *, signed: bool = False) -> str:
    """Write an amount of money without its currency.

    Examples
    --------
    >>> amount(63.2), amount(0.234), amount(0.001), amount(float("nan"))
    ('63', '0.23', '0', 'not measured')
    >>> amount(412_300).split(), amount(1_340_000).split(), amount(9_410).split()
    (['412', 'k'], ['1.34', 'M'], ['9.4', 'k'])
    """
    if not is_known(value):
        return NOT_MEASURED
    number = float(value)  # type: ignore[arg-type]
    text = _short(abs(number))
    return _sign(number, text, signed) + text


def is_nothing(value: float) -> bool:
    """Whether an amount is so small that it is written as 0.

    Examples
    --------
    >>> is_nothing(0.001), is_nothing(-0.3), is_nothing(0.3)
    (True, False, False)
    """
    return amount(value) == "0"


def money(value: object, currency: str, *, signed: bool = False) -> str:
    """Write an amount of money with its currency.

    Examples
    --------
    >>> money(412_300, "EUR").split()
    ['EUR', '412', 'k']
    """
    if not is_known(value):
        return NOT_MEASURED
    number = float(value)  # type: ignore[arg-type]
    text = _short(abs(number))
    return f"{_sign(number, text, signed)}{currency}{GAP}{text}"


def money_range(low: object, high: object) -> str:
    """Write a range of money without its currency, or nothing where it is unknown.

    The unit is said once, and what is written alike is written once. A unit that ends the range is its beginning's,
    too: of 635 to 2,500 the beginning is written in thousands.

    Examples
    --------
    >>> money_range(128, 141)
    '128 to 141'
    >>> money_range(512_300, 543_800).split(), money_range(30_600, 30_900).split()
    (['512', 'to', '544', 'k'], ['about', '31', 'k'])
    >>> money_range(635, 2_500).split(), money_range(-10, 17_000).split()
    (['0.6', 'to', '2.5', 'k'], ['0', 'to', '17', 'k'])
    """
    if not (is_known(low) and is_known(high)):
        return ""
    first, last = amount(low), amount(high)
    if first == last:
        return last if low == high else f"about {last}"
    begins, _, unit = first.partition(GAP)
    ends = last.partition(GAP)[2]
    if ends and not unit:
        size = next(size for size, letter in _UNITS if letter == ends)
        begins = number(float(low) / size)  # type: ignore[arg-type]
    return f"{begins if unit in ('', ends) else first} to {last}"


def money_span(low: object, high: object, currency: str) -> str:
    """Write a range of money with its currency, or nothing where it is unknown.

    Examples
    --------
    >>> money_span(128, 141, "EUR").split(), money_span(30_600, 30_900, "EUR").split()
    (['EUR', '128', 'to', '141'], ['about', 'EUR', '31', 'k'])
    """
    words = money_range(low, high)
    rest = words.removeprefix("about ")
    return f"{words[: len(words) - len(rest)]}{currency}{GAP}{rest}" if words else ""


def percent(share: object, *, signed: bool = False) -> str:
    """Write a share as a percentage.

    Examples
    --------
    >>> percent(0.137), percent(0.042), percent(0.0002), percent(1.37)
    ('14%', '4.2%', 'under 0.1%', '137%')
    """
    if not is_known(share):
        return NOT_MEASURED
    number = float(share) * 100  # type: ignore[arg-type]
    if 0 < abs(number) < 0.1:
        return "under 0.1%" if number > 0 else f"above {MINUS}0.1%"
    small = abs(number) < 9.95 and abs(number - round(number)) >= 0.05
    text = f"{abs(number):,.1f}%" if small else f"{abs(number):,.0f}%"
    return _sign(number, text, signed) + text


def count(number: object) -> str:
    """Write a whole number with thousands separators.

    Examples
    --------
    >>> count(200_000)
    '200,000'
    """
    if not is_known(number):
        return NOT_MEASURED
    whole = round(float(number))  # type: ignore[arg-type]
    return f"{MINUS if whole < 0 else ''}{abs(whole):,}"


def counted(number: int, one: str, many: str = "") -> str:
    """Write a count with its noun, in the singular where there is one.

    Examples
    --------
    >>> counted(1, "account"), counted(32, "account"), counted(0, "entry", "entries")
    ('1 account', '32 accounts', 'no entries')
    """
    noun = one if number == 1 else (many or f"{one}s")
    return f"{'no' if number == 0 else count(number)} {noun}"


def the_next(number: int) -> str:
    """Name those of a list that come after the first ones.

    Examples
    --------
    >>> the_next(4), the_next(1)
    ('The next 4', 'One more')
    """
    return f"The next {count(number)}" if number > 1 else "One more"


def agree(number: int, one: str, many: str) -> str:
    """Choose the word that agrees with a count.

    Examples
    --------
    >>> agree(1, "is", "are"), agree(2, "is", "are")
    ('is', 'are')
    """
    return one if number == 1 else many


def some(number: int) -> str:
    """Write a count within a sentence: none, or the number."""
    return "none" if number == 0 else count(number)


def word(number: int) -> str:
    """Write a small number as a word.

    Examples
    --------
    >>> word(12), word(18)
    ('twelve', '18')
    """
    return _WORDS[number] if 0 <= number < len(_WORDS) else count(number)


def capital(words: str) -> str:
    """Write words as a sentence begins; what follows the first letter stays as it is.

    Examples
    --------
    >>> capital("account managers of ERP")
    'Account managers of ERP'
    """
    return words[:1].upper() + words[1:]


def in_a_sentence(title: str) -> str:
    """Write a title, or a sentence, as a part of a sentence.

    Examples
    --------
    >>> in_a_sentence("Site visits")
    'site visits'
    """
    return title[:1].lower() + title[1:]


def in_turn(*parts: str) -> str:
    """Set sentences one after the other; those that are empty are left out.

    Examples
    --------
    >>> in_turn("It earns.", "", "It stays.")
    'It earns. It stays.'
    """
    return " ".join(part for part in parts if part)


def as_one(sentences: Sequence[str], by: str = "; ") -> str:
    """Write sentences as one: the first as it is, the others as its parts.

    Examples
    --------
    >>> as_one(["Agree on payment", "Ask for notice"])
    'Agree on payment; ask for notice'
    """
    first, *others = sentences
    return by.join([first, *map(in_a_sentence, others)])


def number(value: object, digits: int = 1) -> str:
    """Write a plain number with at most so many decimals.

    Examples
    --------
    >>> number(4.0), number(2.25), number(12345.6)
    ('4', '2.2', '12,346')
    """
    if not is_known(value):
        return NOT_MEASURED
    real = float(value)  # type: ignore[arg-type]
    text = f"{abs(real):,.{0 if abs(real) >= 1000 else digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return _sign(real, text, False) + text


def hours(minutes: object) -> str:
    """Write minutes as hours.

    Examples
    --------
    >>> hours(90), hours(60), hours(600_000)
    ('1.5 hours', '1 hour', '10,000 hours')
    """
    if not is_known(minutes):
        return NOT_MEASURED
    real = float(minutes) / 60  # type: ignore[arg-type]
    text = number(real, 0 if abs(real) >= 10 else 1)
    return f"{text} {'hour' if text == '1' else 'hours'}"


def day(when: date) -> str:
    """Write a date in words.

    Examples
    --------
    >>> day(date(2026, 10, 31))
    '31 October 2026'
    """
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def month(when: date, *, short: bool = False) -> str:
    """Write a month in words.

    Examples
    --------
    >>> month(date(2026, 10, 1)), month(date(2026, 10, 1), short=True)
    ('October 2026', 'Oct 26')
    """
    words = _MONTHS[when.month - 1]
    return f"{words[:3]} {when.year % 100:02d}" if short else f"{words} {when.year}"


def span(months: int, end: date) -> str:
    """Write a window in words.

    Examples
    --------
    >>> span(12, date(2026, 10, 31))
    'twelve months to 31 October 2026'
    """
    return f"{word(months)} {'month' if months == 1 else 'months'} to {day(end)}"


def per_window(months: int) -> str:
    """Write what an amount of the window is per.

    Examples
    --------
    >>> per_window(12), per_window(6), per_window(1)
    ('a year', 'in six months', 'in one month')
    """
    if months == 12:
        return "a year"
    return f"in {word(months)} {'month' if months == 1 else 'months'}"


def listed(parts: list[str]) -> str:
    """Join words into a list as one would say it.

    Examples
    --------
    >>> listed(["discounts", "returns", "freight"]), listed(["freight"])
    ('discounts, returns and freight', 'freight')
    """
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _short(size: float) -> str:
    """Write a size with a unit, after rounding, so that 999,600 is 1.00 M and not 1,000 k."""
    if 0.005 <= size < 0.5:  # of books kept in thousands, or in millions
        return f"{size:.2f}"
    if round(size) < 1000:
        return f"{size:.0f}"
    for place, (unit, letter) in enumerate(_UNITS):
        scaled = size / unit
        if scaled < 0.9995 and place < len(_UNITS) - 1:
            continue
        return f"{_three_digits(max(scaled, 1.0), letter)}{GAP}{letter}"
    raise AssertionError("unreachable: every size has a unit")  # pragma: no cover


def _three_digits(scaled: float, letter: str) -> str:
    if scaled < 9.995 and letter != "k":
        return f"{scaled:.2f}"
    if scaled < (9.95 if letter == "k" else 99.95):
        return f"{scaled:.1f}"
    return f"{scaled:,.0f}"


def _sign(number: float, text: str, signed: bool) -> str:
    """Give the sign, but none to what is written as zero."""
    if not any(digit in text for digit in "123456789"):
        return ""
    return MINUS if number < 0 else ("+" if signed else "")


def on(when: Any) -> str:
    """Write the day of a moment in words."""
    return day(when.date() if hasattr(when, "date") else when)
