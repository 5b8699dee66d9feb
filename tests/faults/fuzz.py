"""Datasets that are broken by chance, each by its seed alone."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

#: What a cell may hold that no rule expects: at the ends of ranges, of other kinds, of other languages, or hostile.
CELLS = (
    *("", " ", "NA", "nan", "inf", "-inf", "None", "0", "-0", "-1", "1e308", "-1e308", "1e400", "99999999999999999999"),
    *("0.00001", "1,5", "1.234,56", "12345678901234.99999", "true", "0000-01-01", "0001-01-01", "9999-12-31"),
    *(
        "10000-01-01",
        "2026-02-30",
        "2026-10-31T24:00:00",
        "2026-03-29T02:30:00+01:00",
        "31.10.2026",
        "=1+1",
        "\u202eabc",
    ),
    *(
        "<script>alert(1)</script>",
        "../../etc/passwd",
        "'; DROP TABLE customers; --",
        "\x00",
        "\ufeff",
        "a\nb",
        "x" * 70000,
    ),
)


def broken(source: Path, place: Path, seed: int) -> list[str]:
    """Copy a dataset and break it in one to three places; return what was done."""
    rng = random.Random(seed)  # noqa: S311
    shutil.copytree(source, place)
    ways: list[Callable[[random.Random, Path], str]] = [
        _cell,
        _cell,
        _cell,
        _column,
        _rows,
        _cut,
        _bytes,
        _header,
        _toml,
    ]
    return [rng.choice(ways)(rng, place) for _ in range(rng.randint(1, 3))]


def _table(rng: random.Random, place: Path) -> Path:
    return rng.choice(sorted(place.glob("*.csv")))


def _lines(file: Path) -> list[list[str]]:
    text = file.read_text(encoding="utf-8", errors="surrogateescape")
    return [line.split(",") for line in text.split("\n")]


def _write(file: Path, lines: list[list[str]]) -> None:
    text = "\n".join(",".join(cells) for cells in lines)
    file.write_text(text, encoding="utf-8", errors="surrogateescape", newline="")


def _cell(rng: random.Random, place: Path) -> str:
    file, value = _table(rng, place), rng.choice(CELLS)
    lines = _lines(file)
    row = rng.randrange(1, len(lines)) if len(lines) > 1 else 0
    column = rng.randrange(len(lines[row]))
    lines[row][column] = '"' + value.replace('"', '""') + '"' if rng.random() < 0.5 else value
    _write(file, lines)
    return f"{file.name}, line {row + 1}, cell {column + 1}: {value[:30]!r}"


def _column(rng: random.Random, place: Path) -> str:
    file = _table(rng, place)
    lines = _lines(file)
    column, way = rng.randrange(len(lines[0])), rng.choice(["drop", "empty", "twice", "same"])
    value = rng.choice(CELLS[:20])
    for number, cells in enumerate(lines):
        if column < len(cells):
            if way == "drop":
                del cells[column]
            elif way == "twice":
                cells.append(cells[column])
            elif number:
                cells[column] = "" if way == "empty" else value
    _write(file, lines)
    return f"{file.name}, column {column + 1}: {way} {value[:20]!r}"


def _rows(rng: random.Random, place: Path) -> str:
    file = _table(rng, place)
    lines = _lines(file)
    way = rng.choice(["none", "one", "twice", "shuffled"])
    body = lines[1:]
    rng.shuffle(body)
    _write(file, [lines[0], *{"none": [], "one": body[:1], "twice": body + body, "shuffled": body}[way]])
    return f"{file.name}, rows: {way}"


def _cut(rng: random.Random, place: Path) -> str:
    file = rng.choice(sorted(place.iterdir()))
    content = file.read_bytes()
    at = rng.randrange(len(content) + 1)
    file.write_bytes(content[:at])
    return f"{file.name}, cut at {at}"


def _bytes(rng: random.Random, place: Path) -> str:
    file = rng.choice(sorted(place.iterdir()))
    content = bytearray(file.read_bytes())
    for _ in range(rng.randint(1, 8)):
        content.insert(rng.randrange(len(content) + 1), rng.randrange(256))
    file.write_bytes(content)
    return f"{file.name}, bytes"


def _header(rng: random.Random, place: Path) -> str:
    file = _table(rng, place)
    lines = _lines(file)
    rng.shuffle(lines[0])
    _write(file, lines)
    return f"{file.name}, header shuffled"


def _toml(rng: random.Random, place: Path) -> str:
    file = rng.choice(sorted(place.glob("*.toml")))
    lines = file.read_text(encoding="utf-8", errors="surrogateescape").split("\n")
    number = rng.randrange(len(lines))
    key = lines[number].partition("=")[0]
    value = rng.choice(
        ["0", "-1", "1e308", "nan", '""', "true", "[]", "{}", '"x"', "1979-05-27", "inf", "10000000000000"]
    )
    lines[number] = f"{key}= {value}" if key.strip() else ""
    file.write_text("\n".join(lines), encoding="utf-8", errors="surrogateescape")
    return f"{file.name}, line {number + 1}: {lines[number]}"
