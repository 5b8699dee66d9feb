"""Exports made hostile: four files of a small firm, each spoiled in some of the ways in which real ones are."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

Rows = list[list[str]]


def firm(draw: random.Random) -> dict[str, Rows]:
    """Return what a small firm's systems hold, header first."""
    ids = [f"{n:04}" for n in range(1, 13)]
    days = [f"2026-{draw.randrange(1, 11):02}-{draw.randrange(1, 29):02}" for _ in range(60)]
    customers = [["Customer No", "Name", "Industry", "Since"], *([i, f"Firm {i}", "Trade", "2020-01-01"] for i in ids)]
    lines = [["Line ID", "Customer No", "Date", "Net amount", "Cost"]]
    lines += [
        [f"L{n}", draw.choice(ids), day, f"{draw.randrange(100, 9999) / 10}", "12.5"] for n, day in enumerate(days)
    ]
    cases = [["Ticket No", "Customer No", "Created at", "Closed at", "Type", "Escalated"]]
    cases += [
        [f"T{n}", draw.choice(ids), f"{day} 09:30", f"{day} 15:00", draw.choice(["Question", "Complaint"]), "no"]
        for n, day in enumerate(days[:25])
    ]
    invoices = [["Invoice No", "Customer No", "Invoice date", "Due date", "Amount"]]
    invoices += [[f"I{n}", draw.choice(ids), day, "2026-10-30", "100.00"] for n, day in enumerate(days[:20])]
    return {"customers": customers, "sales lines": lines, "tickets": cases, "invoices": invoices}


def _cell(rows: Rows, draw: random.Random) -> tuple[int, int]:
    row = draw.randrange(1, len(rows)) if len(rows) > 1 else 0
    return row, draw.randrange(max(1, len(rows[row])))


def _put(value: str) -> Callable[[Rows, random.Random], None]:
    def put(rows: Rows, draw: random.Random) -> None:
        for _ in range(draw.choice([1, 1, 30])):
            row, column = _cell(rows, draw)
            if rows[row]:
                rows[row][column % len(rows[row])] = value

    return put


def _three_formats(rows: Rows, draw: random.Random) -> None:
    for row in rows[1:]:
        for place, value in enumerate(row):
            if len(value) == 10 and value[4] == "-":
                year, month, day = value.split("-")
                row[place] = draw.choice([value, f"{day}.{month}.{year}", f"{month}/{day}/{year}"])


def _twice(rows: Rows, draw: random.Random) -> None:
    rows[0][draw.randrange(len(rows[0]))] = rows[0][0]


def _blank_columns(rows: Rows, draw: random.Random) -> None:
    for row in rows:
        row[1:1] = [""]
        row.append("")


def _header_again(rows: Rows, draw: random.Random) -> None:
    rows.insert(draw.randrange(1, len(rows) + 1), list(rows[0]))


def _no_header(rows: Rows, draw: random.Random) -> None:
    del rows[0]


def _ragged(rows: Rows, draw: random.Random) -> None:
    for row in draw.sample(rows, min(4, len(rows))):
        row += ["more"] if draw.random() < 0.5 else []
        del row[draw.randrange(1, len(row)) :]


def _repeated(rows: Rows, draw: random.Random) -> None:
    rows += [list(row) for row in rows[1 : draw.randrange(2, 20)]]


def _titled(rows: Rows, draw: random.Random) -> None:
    rows[0:0] = [["Report", "", ""], [], ["31.10.2026"]]
    rows.append(["Total", "", "", "9"])


def _empty(rows: Rows, draw: random.Random) -> None:
    del rows[draw.choice([0, 1]) :]


def _commas(rows: Rows, draw: random.Random) -> None:
    for row in rows[1:]:
        row[-2:] = [cell.replace(".", ",") for cell in row[-2:]]


SPOILT: dict[str, Callable[[Rows, random.Random], None]] = {
    "formula": _put("=HYPERLINK(\"http://x\",\"a\")"), "markup": _put("<script>alert(1)</script>"), "nul": _put("a\0b"),
    "huge": _put("9" * 400), "nan": _put("NaN"), "path": _put("../../etc/passwd"), "quote": _put('a"b'),
    "break": _put("a\nb"),
    "odd": _put("\u202e\ud7ff\ufeff\u200b"), "word": _put("abc"), "year": _put("0001-01-01"),
    "empty cell": _put(""),
    "three formats": _three_formats, "twice": _twice, "blank columns": _blank_columns, "header again": _header_again,
    "no header": _no_header, "ragged": _ragged, "repeated": _repeated, "titled": _titled,
    "empty": _empty, "commas": _commas,
}  # fmt: skip


def _as_text(rows: Rows, delimiter: str) -> str:
    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"' if any(c in cell for c in ('"', "\n", delimiter)) else cell

    return "".join(delimiter.join(map(quoted, row)) + "\n" for row in rows)


def _bytes(text: str, draw: random.Random) -> bytes:
    way = draw.choice(["plain"] * 5 + ["bom", "cp1252", "utf-16", "mixed", "cut", "nul", "mac"])
    if way in ("bom", "cp1252", "utf-16"):
        name = {"bom": "utf-8-sig"}.get(way, way)
        return text.replace("Trade", "Händler").encode(name, errors="replace")
    whole = text.encode("utf-8", errors="surrogatepass")
    if way == "mixed":
        half = len(whole) // 2
        return whole[:half] + "\nMüller;é".encode("cp1252") + whole[half:]
    if way == "cut":
        return whole[: draw.randrange(len(whole) + 1)]
    if way == "nul":
        place = draw.randrange(len(whole) + 1)
        return whole[:place] + b"\0" * 5 + whole[place:]
    return whole.replace(b"\n", b"\r") if way == "mac" else whole


def spoil(folder: Path, seed: int) -> list[str]:
    """Write the firm's exports, spoilt by a seed; return what was done."""
    draw = random.Random(seed)  # noqa: S311
    told = []
    for name, rows in firm(draw).items():
        for what in draw.sample(list(SPOILT), draw.choice([0, 1, 1, 2])):
            if rows:
                SPOILT[what](rows, draw)
                told.append(f"{name}: {what}")
        text = _as_text(rows, draw.choice([",", ",", ";", "\t"]))
        (folder / f"{name}.csv").write_bytes(_bytes(text, draw))
    return told
