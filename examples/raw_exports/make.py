"""Write four exports as they come from a firm's systems, with the totals that they were made from.

    python examples/raw_exports/make.py raw

The firm is invented. Its ERP and its timesheet speak German, its helpdesk English; each
file has what makes real ones hard: lines of title, a line of totals, 31.10.2026, decimal commas, Windows' encoding,
customer numbers with zeros in one file and without in another, names instead of numbers in a third.
"""

from __future__ import annotations

import csv
import json
import random
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import openpyxl

FIRST, LAST = date(2025, 11, 1), date(2026, 10, 31)
TOWNS = ("Ahorn", "Birke", "Buche", "Eiche", "Erle", "Esche", "Fichte", "Kiefer", "Lärche", "Linde")
TRADES = ("Söhne GmbH", "Maschinenbau AG", "Café", "Logistik KG")
ACTIVITIES = {"Beratung": 0.75, "Bestellannahme": 0.25, "Reklamation bearbeiten": 1.25, "Angebot erstellen": 1.5}
TEAMS = {"Beratung": "Kundendienst", "Reklamation bearbeiten": "Kundendienst"}


def customers(draw: random.Random) -> list[dict[str, object]]:
    """Return forty customers: a number with zeros before it, a name, and when they came."""
    return [
        {
            "number": f"{n * 7 + 7:05}",
            "name": f"{TOWNS[n % 10]} {TRADES[n // 10]}",
            "trade": draw.choice(["Handel", "Industrie", "Gastgewerbe"]),
            "since": FIRST - timedelta(days=draw.randrange(30, 2500)),
            "busy": draw.choice([1, 1, 1, 2, 4]),
        }
        for n in range(40)
    ]


def day(draw: random.Random) -> date:
    """Return a working day of the year."""
    found = FIRST + timedelta(days=draw.randrange((LAST - FIRST).days + 1))
    return found if found.weekday() < 5 else max(FIRST, found - timedelta(days=found.weekday() - 4))


def german(number: float) -> str:
    """Return a number as a German writes it."""
    return f"{number:,.2f}".translate(str.maketrans(",.", ".,"))


def write_crm(folder: Path, firms: list[dict[str, object]]) -> None:
    """Write the list of customers."""
    rows = [["Kundenliste", "", "", "", ""], ["Stand: 31.10.2026", "", "", "", ""], []]
    rows.append(["Kunden-Nr.", "Firma", "Branche", "Betreuer", "Kunde seit"])
    rows += [
        [f["number"], f["name"], f["trade"], "Kern" if f["busy"] == 1 else "Vogt", f"{f['since']:%d.%m.%Y}"]
        for f in firms
    ]
    rows.append([f"Anzahl Kunden: {len(firms)}", "", "", "", ""])
    _write(folder / "Kundenliste.csv", rows, "cp1252", ";")


def write_erp(folder: Path, firms: list[dict[str, object]], draw: random.Random) -> tuple[int, int]:
    """Write the lines of invoices and credit notes; return revenue and cost of goods in cents."""
    rows: list[list[object]] = []
    revenue = cost = 0
    for number in range(600):
        firm, when = draw.choices(firms, [int(str(f["busy"])) for f in firms])[0], day(draw)
        for line in range(1, draw.choice([2, 2, 3])):
            back = draw.random() < 0.06
            net = draw.randrange(4_000, 260_000) * (-1 if back else 1)
            goods = round(net * draw.uniform(0.55, 0.75))
            revenue, cost = revenue + net, cost + goods
            kind = "Gutschrift" if back else "Rechnung"
            family = draw.choice(["Anlagen", "Ersatzteile", "Verbrauch"])
            rows.append(
                [f"R{number:05}", line, f"{when:%d.%m.%Y}", kind, str(firm["number"]).lstrip("0"), family,
                 german(net / 100), german(goods / 100)]
            )  # fmt: skip
    rows.sort(key=lambda row: (str(row[0]), row[1]))
    head = ["Rechnung", "Pos", "Belegdatum", "Belegart", "Debitor", "Warengruppe", "Nettobetrag", "Wareneinsatz"]
    total = ["Summe", "", "", "", "", "", german(revenue / 100), german(cost / 100)]
    _write(folder / "Rechnungspositionen.csv", [head, *rows, total], "cp1252", ";")
    return revenue, cost


def write_desk(folder: Path, firms: list[dict[str, object]], draw: random.Random) -> list[dict[str, object]]:
    """Write the tickets, by the names of customers; return whose each is."""
    whose: list[dict[str, object]] = []
    rows: list[list[object]] = [
        ["Id", "Requester", "Organization", "Ticket type", "Assignee", "Created at", "Due date", "Solved at",
         "Reopens", "Satisfaction Score"]
    ]  # fmt: skip
    for number in range(1, 301):
        firm = draw.choices(firms, [int(str(f["busy"])) for f in firms])[0]
        whose.append(firm)
        opened = datetime.combine(day(draw), datetime.min.time()) + timedelta(
            hours=draw.randrange(8, 17), minutes=number % 60
        )
        due, solved = opened + timedelta(hours=24), opened + timedelta(hours=draw.choice([2, 5, 20, 30, 70]))
        late = solved > due
        kind = draw.choice(["Question", "Question", "Task", "Problem" if late else "Incident"])
        rows.append(
            [number, f"Person {number % 50}", firm["name"], kind, f"Agent {number % 4}", f"{opened:%Y-%m-%d %H:%M}",
             f"{due:%Y-%m-%d %H:%M}", f"{solved:%Y-%m-%d %H:%M}", int(late and number % 5 == 0),
             draw.choice(["Good", "Offered", "Bad" if late else "Good"])]
        )  # fmt: skip
    _write(folder / "tickets.csv", rows, "utf-8", ",")
    return whose


def write_timesheet(
    folder: Path, firms: list[dict[str, object]], tickets: list[dict[str, object]], draw: random.Random
) -> int:
    """Write the timesheet, a workbook with a merged title and a total; return its minutes."""
    book = openpyxl.Workbook()
    book.active.title = "Hinweise"
    book.active.append(["Bitte täglich ausfüllen."])
    sheet = book.create_sheet("Stunden")
    sheet.append(["Zeiterfassung November 2025 bis Oktober 2026"])
    sheet.merge_cells("A1:G1")
    sheet.append([])
    sheet.append(["Datum", "Mitarbeiter", "Abteilung", "Kunde", "Tätigkeit", "Stunden", "Vorgang"])
    minutes = 0
    for number in range(900):
        firm = draw.choices(firms, [int(str(f["busy"])) for f in firms])[0]
        activity = draw.choice(list(ACTIVITIES))
        hours = ACTIVITIES[activity] * draw.choice([1, 1, 1, 2])
        minutes += round(hours * 60)
        team = TEAMS.get(activity, "Verkauf")
        ticket = draw.randrange(len(tickets)) + 1 if activity != "Bestellannahme" and number % 3 == 0 else None
        firm = tickets[ticket - 1] if ticket else firm
        sheet.append([day(draw), f"{team[0]}{number % 3}", team, int(str(firm["number"])), activity, hours, ticket])
    sheet.append(["Summe", None, None, None, None, minutes / 60, None])
    book.save(folder / "Zeiterfassung.xlsx")
    return minutes


def _write(file: Path, rows: list[list[object]], encoding: str, delimiter: str) -> None:
    with file.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows(rows)


def main(folder: Path) -> None:
    """Write the four exports and `totals.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(15)  # noqa: S311
    firms = customers(draw)
    write_crm(folder, firms)
    revenue, cost = write_erp(folder, firms, draw)
    tickets = write_desk(folder, firms, draw)
    minutes = write_timesheet(folder, firms, tickets, draw)
    totals = {
        "revenue": revenue / 100,
        "cogs": cost / 100,
        "tickets": len(tickets),
        "minutes": minutes,
        "customers": len(firms),
    }
    (folder / "totals.json").write_text(json.dumps(totals, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "raw"))
