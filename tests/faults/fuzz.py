"""Datasets that are broken by chance, each by its seed alone."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.faults.helpers import DAY

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


#: Tables beside those of the firm, of which each dataset gets a few.
MORE = {
    "cases": "case_id,customer_id,kind,opened_at,needed_by,promised_at,first_response_at,resolved_at,reopened,handoffs,"
    "escalated,waiting_hours,cause,satisfaction\n"
    + "".join(
        f"k{n},c{n % 12},complaint,2026-0{1 + n % 9}-05T09:00:00,,2026-0{1 + n % 9}-06T09:00:00,"
        f"2026-0{1 + n % 9}-05T1{n % 10}:00:00,2026-0{1 + n % 9}-07T09:00:00,{n % 2},{n % 3},"
        f"{'true' if n % 5 == 0 else 'false'},{n},{('ours', 'customer', 'neither', '')[n % 4]},{1 + n % 5}\n"
        for n in range(24)
    ),
    "case_updates": "case_id,at,promised_at\n" + "".join(f"k{n},2026-0{1 + n % 9}-05T10:00:00,\n" for n in range(9)),
    "contracts": "contract_id,customer_id,starts,ends,monthly_fee,cancellation_fee\n"
    "o1,c1,2025-01-01,2027-12-31,100,500\no2,c2,2026-01-01,,50,\n",
    "service_levels": "customer_id,attribute,basis,level,wish,importance,stated_on\n"
    "c1,inquiries,entitled,4,,5,\nc2,inquiries,expected,inf,less,1,2026-02-02\n",
    "invoices": "invoice_id,customer_id,issued,due,amount,paid,disputed,dispute_outcome,written_off,written_off_on\n"
    + "".join(
        f"i{n},c{n},2026-0{1 + n % 9}-01,2026-0{1 + n % 9}-28,{100 + n},{DAY if n % 3 else ''},"
        f"{n if n % 4 == 0 else ''},{'open' if n % 4 == 0 else ''},,\n"
        for n in range(12)
    ),
    "payments": "invoice_id,customer_id,on,amount\ni1,,2026-03-03,50\n,c2,2026-04-04,60\n",
    "perceptions": "customer_id,department,rated_on,rater,difficulty,respect,appreciation,liking,because\n"
    + "".join(f"c{n % 12},desk,2026-05-0{1 + n % 9},r{n % 5},{1 + n % 5},3,4,{1 + n % 5},late\n" for n in range(20)),
    "surveys": "customer_id,asked_on,satisfaction,nps,forgiving,must_do,must_not,improve,satisfied_with\n"
    "c1,2026-05-05,4,9,2,call,,,staff\nc2,2026-05-05,1,0,5,,shout,all,\n",
    "mentions": "customer_id,on,sentiment,reach\nc1,2026-05-05,-0.5,1000\n",
    "bookings": "booking_id,customer_id,rep,on,amount\nb1,c1,Ann,2026-05-01,900\n",
    "assignments": "customer_id,person,role,from,to\nc1,Ann,owner,2025-01-01,\n",
    "actions_taken": "customer_id,action,on,outcome,cost\nc1,talk,2026-02-01,worked,20\n",
    "overrides": "customer_id,judgement,value,reason,by,until\nc1,over_served,false,agreed,Ann,2027-01-01\n",
}


def broken(source: Path, place: Path, seed: int) -> list[str]:
    """Copy a dataset with a few more tables and break it in one to three places; return what was done."""
    rng = random.Random(seed)  # noqa: S311
    shutil.copytree(source, place)
    for name in rng.sample(sorted(MORE), rng.randint(0, 2)):
        (place / f"{name}.csv").write_text(MORE[name], encoding="utf-8")
    ways: list[Callable[[random.Random, Path], str]] = [
        *(_cell, _cell, _cell, _column, _rows, _cut),
        *(_bytes, _header, _toml),
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
