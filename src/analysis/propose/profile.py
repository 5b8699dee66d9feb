"""What is in the columns of an export: numbers and their marks, dates and their formats, words, keys."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from analysis.data.mapping import FILE, ROW
from analysis.data.reading import Engine, read
from analysis.propose.look import Look

#: So many rows are looked at for how things are written; keys are compared over all of them.
SAMPLED = 20_000
#: A column is of a kind when so many of its values are.
MOST = 0.8
NOTHING = ("?", "-", "--", "n/a", "N/A", "#N/A", "NULL", "null", "None", "k.A.", "(leer)", "(blank)")
_PARTS = {
    "%d": r"(?:0?[1-9]|[12]\d|3[01])", "%m": r"(?:0?[1-9]|1[0-2])", "%Y": r"(?:1[89]|20|21)\d\d", "%y": r"\d\d",
    "%H": r"(?:[01]?\d|2[0-3])", "%M": r"[0-5]\d", "%S": r"[0-5]\d", "%I": r"(?:0?[1-9]|1[0-2])", "%p": r"[AaPp][Mm]",
    "%b": r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)", "%f": r"\d{1,6}", "%z": r"[+-]\d\d:?\d\d",
    "%B": r"(?:January|February|March|April|May|June|July|August|September|October|November|December)",
}  # fmt: skip
_DAYS = (
    "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%y", "%d/%m/%y",
    "%m/%d/%y", "%d-%b-%Y", "%d/%b/%Y", "%d %b %Y", "%b %d, %Y", "%d-%b-%y", "%d/%b/%y", "%B %d, %Y",
    "%d %B %Y", "%Y%m%d",
)  # fmt: skip
_TIMES = (
    "", " %H:%M", " %H:%M:%S", "T%H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %H:%M", " - %H:%M", " %H:%M:%S.%f",
    " %H:%M:%S %z",
)  # fmt: skip
_ISO = re.compile(r"\d{4}-\d\d-\d\d([Tt ]\s*\d\d:\d\d(:\d\d([.,]\d+)?)?(\s*(Z|UTC|[+-]\d\d:?(\d\d)?|[A-Z][\w/]+))?)?")
#: The same dates, with day and month the other way round.
SWAPPED = {"%d/%m/": "%m/%d/", "%m/%d/": "%d/%m/", "%d-%m-": "%m-%d-", "%m-%d-": "%d-%m-"}
_SPACES = ("\u00a0", "\u202f", " ", "'", "\u2019")
MARKS = ((".", ""), (",", ""), (".", ","), (",", "."), *((",", s) for s in _SPACES), *((".", s) for s in _SPACES))
_CURRENCY = re.compile(r"(?<![A-Z])(?:[$€£¥]|EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|CZK|HUF|JPY|CAD|AUD)(?![A-Z])")


def _pattern(form: str) -> re.Pattern[str]:
    parts = re.split(r"(%[a-zA-Z])", form)
    return re.compile("".join(_PARTS.get(part, re.escape(part)) for part in parts), re.IGNORECASE)


FORMATS = {day + time: _pattern(day + time) for day in _DAYS for time in _TIMES if day != "%Y%m%d" or not time}
#: ISO 8601, format by format.
ISO_FORMS = {
    form: _pattern(form)
    for form in ("%Y-%m-%d", *(f"%Y-%m-%d{mark}%H:%M{more}" for mark in " T" for more in ("", ":%S", ":%S.%f")))
}


@dataclass
class Field:
    """A column of theirs: its name, the different values of the sample by frequency, and what is known of all rows."""

    name: str
    values: list[str]
    filled: int
    distinct: int
    rows: int

    @property
    def is_key(self) -> bool:
        """Whether it is filled and another in every row."""
        return self.rows > 0 and self.filled == self.distinct == self.rows

    @cached_property
    def formats(self) -> list[str]:
        """The formats that its dates need, the commonest first; `iso` among them; empty where it is no date."""
        real = [v for v in self.values if v not in NOTHING][:600]
        left, found = real, []
        for _ in range(4):
            likely = [f for f, p in FORMATS.items() if any(p.fullmatch(v) for v in left[:20])]
            hits = {form: sum(bool(FORMATS[form].fullmatch(v)) for v in left) for form in likely}
            hits["iso"] = sum(bool(_ISO.fullmatch(v)) for v in left)
            best = max(hits, key=lambda form: hits[form])
            if hits[best] == 0:
                break
            found.append(best)
            left = [v for v in left if not self._is_date(v, [best])]
        return found if real and len(real) - len(left) >= MOST * len(real) else []

    @staticmethod
    def _is_date(value: str, formats: Iterable[str]) -> bool:
        return any((_ISO if form == "iso" else FORMATS[form]).fullmatch(value) for form in formats)

    @cached_property
    def may_be_swapped(self) -> bool:
        """Whether day and month could as well be the other way round."""
        forms = [f for f in self.formats if f != "iso"]
        for form in forms:
            other = next((form.replace(a, b) for a, b in SWAPPED.items() if form.startswith(a)), "")
            mine = [v for v in self.values if FORMATS[form].fullmatch(v)]
            if other and all(FORMATS[other].fullmatch(v) for v in mine):
                return True
        return False

    def share_of_numbers(self, decimal: str = "", thousands: str = "") -> float:
        """Return the share of its values that are numbers, by these marks or by any."""
        pairs = [(decimal, thousands)] if decimal else MARKS
        real = [v for v in self.values if v not in NOTHING]
        return max((sum(is_number(v, *pair) for v in real) / len(real) for pair in pairs), default=0.0) if real else 0.0

    @cached_property
    def looks_numeric(self) -> bool:
        """Whether it holds numbers, whatever their marks, and no dates."""
        return self.share_of_numbers() >= MOST and not (self.formats and self.formats != ["%Y%m%d"])

    def numbers(self, decimal: str, thousands: str) -> list[float]:
        """Return its different values that are numbers."""
        return [to_number(v, decimal, thousands) for v in self.values if is_number(v, decimal, thousands)]


def currency_mark(text: str) -> str:
    """Return the sign or code of a currency before or after a number; empty without one.

    Examples
    --------
    >>> currency_mark("$1,234.50"), currency_mark("12,90 EUR"), currency_mark("-£5"), currency_mark("12.9")
    ('$', 'EUR', '£', '')
    """
    found = _CURRENCY.search(text)
    return found[0] if found else ""


def _unmarked(text: str) -> str:
    """Return a number without a currency, and one in brackets, as accountants write what is below 0, with a minus."""
    bare = _CURRENCY.sub("", text, count=1).strip()
    return f"-{bare[1:-1]}" if re.fullmatch(r"\([^-]*\d\)", bare) else bare


def is_number(text: str, decimal: str, thousands: str) -> bool:
    """Return whether a text is a number by these marks."""
    text = _unmarked(text)
    group = rf"|\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+" if thousands else ""
    return bool(
        re.fullmatch(rf"[+-]?(?:\d+{group})?(?:{re.escape(decimal)}\d*)?(?:e[+-]?\d+)?-?", text, re.IGNORECASE)
    ) and any(c.isdigit() for c in text)


def to_number(text: str, decimal: str, thousands: str) -> float:
    """Return the number that a text is by these marks."""
    text = _unmarked(text)
    bare = text.replace(thousands, "") if thousands else text
    bare = f"-{bare[:-1]}" if bare.endswith("-") else bare
    return float(bare.replace(decimal, "."))


@dataclass
class Export:
    """A file or a sheet with what is in it."""

    look: Look
    fields: list[Field]
    rows: int
    raw: Any
    decimal: str = "."
    thousands: str = ""
    currency_mark: str = ""
    why: dict[str, str] = field(default_factory=dict)
    files: list[Look] = field(default_factory=list)

    @property
    def label(self) -> str:
        """Its name for people."""
        if self.look.said.get("sheet") and self.files:
            return f"{self.look.file.name}, {len(self.files)} sheets"
        return self.look.label

    def __getitem__(self, name: str) -> Field:
        return next(one for one in self.fields if one.name == name)

    @cached_property
    def missing(self) -> list[str]:
        """The texts for nothing that stand in several of its columns, or among its numbers and dates."""
        found = []
        for text in NOTHING:
            # Where each row has another, it is a key like the others.
            holders = [one for one in self.fields if text in one.values and not one.is_key]
            telling = [one for one in holders if one.formats or one.looks_numeric]
            if len(holders) > 1 or telling:
                found.append(text)
        return found


def profile(engine: Engine, look: Look, number: int) -> Export:
    """Return what is in a file or a sheet.

    Raises
    ------
    DataError
        It cannot be read.
    """
    raw, _ = read(engine, look.source(f"export_{number}"))
    names = [name for name in raw.columns if name not in (ROW, FILE)]
    texts = raw.select(**{f"c{n}": raw[name].cast("string").strip().nullif("") for n, name in enumerate(names)})
    sums: dict[str, Any] = {"rows": texts.count()}
    for n in range(len(names)):
        sums |= {f"f{n}": texts[f"c{n}"].count(), f"d{n}": texts[f"c{n}"].nunique()}
    counts = texts.aggregate(**sums).to_pandas().iloc[0]
    sample = texts.limit(SAMPLED).to_pandas()
    fields = []
    for n, name in enumerate(names):
        values = [str(value) for value in sample[f"c{n}"].dropna().value_counts().index[:2000]]
        fields.append(Field(name, values, int(counts[f"f{n}"]), int(counts[f"d{n}"]), int(counts["rows"])))
    export = Export(look, fields, int(counts["rows"]), raw)
    _set_marks(export)
    return export


def _set_marks(export: Export) -> None:
    numeric = [one for one in export.fields if one.looks_numeric]
    beside = Counter(mark for one in numeric for v in one.values if (mark := currency_mark(v)))
    if beside:
        export.currency_mark = beside.most_common(1)[0][0]
        others = ", ".join(f"`{mark}`" for mark in beside if mark != export.currency_mark)
        export.why["currency_mark"] = f"? others have {others}" if others else "stands beside amounts"
    marked = [one for one in numeric if any(not re.fullmatch(r"[+-]?\d+-?", _unmarked(v)) for v in one.values)]
    if not marked:
        return
    fits = {pair: sum(one.share_of_numbers(*pair) for one in marked) for pair in MARKS}
    best = max(fits.values())
    good = [pair for pair in MARKS if fits[pair] >= best - 1e-9]
    semicolon = export.look.said.get("delimiter") == ";"
    chosen = next((p for p in good if p[0] == ","), good[0]) if semicolon else good[0]
    export.decimal, export.thousands = chosen
    if chosen != (".", ""):
        shown = next((v for one in marked for v in one.values if chosen[0] in v), marked[0].values[0])
        rival = [p for p in good if p[0] != chosen[0]]
        export.why["decimal"] = f"as in {shown}" if not rival else f"? as in {shown}; `{rival[0][0]}` would fit as well"
        export.why["thousands"] = "before three digits"


def same_header(exports: Sequence[Export]) -> dict[tuple[str, ...], list[Export]]:
    """Return the exports by their header, those alike together."""
    found: dict[tuple[str, ...], list[Export]] = {}
    for one in exports:
        found.setdefault(tuple(f.name for f in one.fields), []).append(one)
    return found
