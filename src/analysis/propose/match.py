"""Which of their columns is which of ours: by name, kind, values and what makes a table what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from analysis.data.contract import INPUTS, Column, Kind
from analysis.propose.profile import MOST, Export, Field
from analysis.propose.words import SAME, Shape, file_speaks_for, flags, likeness, meaning, names_of, plain

TIMES = (Kind.DATE, Kind.TIMESTAMP)
NUMBERS = (Kind.MONEY, Kind.MINUTES, Kind.NUMBER, Kind.INTEGER)
#: What makes a table one: of each group one column at least must be found.
MAKES = {
    "customers": (("customer_id", "name"), ("name", "industry", "region", "account_manager", "since")),
    "transactions": (("date",), ("net_amount", "list_amount")),
    "service_events": (
        ("at",),
        ("activity", "minutes"),
        ("customer_id",),
        ("minutes", "worker", "channel", "activity"),
    ),
    "cases": (("opened_at",), ("customer_id",), ("case_id", "kind", "resolved_at")),
    "invoices": (("invoice_id",), ("customer_id",), ("issued",), ("due", "paid"), ("amount",)),
    "payments": (("on",), ("amount",), ("invoice_id", "customer_id")),
    "contracts": (("customer_id",), ("starts",), ("monthly_fee",)),
    "surveys": (("customer_id",), ("asked_on",), ("satisfaction", "nps")),
}
#: What stands beside their columns where one of ours is made of them.
NO_COLUMNS = ("between", "lookup", "constant", "width")
#: Words that hold no more than one account each, and are found by what they hold.
FREE_TEXT = ("activity", "name", "industry", "region", "size", "channel", "department", "account_manager", "tier")


@dataclass
class Choice:
    """One of our columns, said in terms of theirs; why; and what else it could be."""

    said: str | dict[str, Any]
    why: str
    score: float
    rivals: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class Match:
    """An export taken for a table: its columns, how well they fit, and what was left aside with the reason."""

    export: Export
    table: str
    columns: dict[str, Choice]
    score: float
    shape: Shape | None = None
    aside: list[str] = field(default_factory=list)
    said: dict[str, Any] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)

    def theirs(self, ours: str) -> Field | None:
        """Return the column of theirs that is taken as it is, or for its names or width."""
        said = self.columns[ours].said if ours in self.columns else ""
        name = said if isinstance(said, str) else said.get("from", "")
        return self.export[name] if name else None


def match(export: Export, table: str, known: list[Shape]) -> Match | None:
    """Return an export as a table; None where what makes the table one is not in it."""
    found, lacking = matched(export, table, known)
    return None if lacking else found


def matched(export: Export, table: str, known: list[Shape]) -> tuple[Match, list[tuple[str, ...]]]:
    """Return an export as a table, and what it lacks to be one: of each group none was found."""
    headers = [one.name for one in export.fields]
    shape = next((s for s in known if s.table == table and s.fits(headers)), None)
    found = _by_shape(export, shape) if shape else {}
    taken = {name for choice in found.values() for name in _names_in(choice.said)}
    found |= _by_name(export, table, found, taken)
    score = sum(choice.score * (2 if INPUTS[table][name].required else 1) for name, choice in found.items())
    match_ = Match(export, table, found, score, shape)
    _complete(match_)
    makes = MAKES.get(table, tuple((name,) for name in INPUTS[table].required))
    match_.score += 100 * bool(shape) + 3 * any(file_speaks_for(s, table) for s in stems(export))
    return match_, [group for group in makes if not any(name in match_.columns for name in group)]


def nearly(export: Export, known: list[Shape]) -> str:
    """Say which table an export would be by its own name, and the one thing that it lacks; nothing without such."""
    for table in MAKES:
        if not any(file_speaks_for(stem, table) for stem in stems(export)):
            continue
        lacking = matched(export, table, known)[1]
        if len(lacking) == 1:
            what = " or ".join(f"`{name}`" for name in lacking[0])
            called = (f for f in export.fields for name in lacking[0] if likeness(f.name, table, name) >= 0.9)
            if one := next(called, None):
                held = ", ".join(dict.fromkeys(one.values[:3])) or "nothing"
                return (
                    f"? by its name it is `{table}`, and `{one.name}` is called as {what} would be, but does not hold "
                    f"such values ({held}): correct them in the file, a date kept as a number by giving its cells the "
                    "format of dates, and propose again"
                )
            return (
                f"? by its name it is `{table}`, but none of its columns is called as {what} would be: "
                f"name the file under [tables.{table}], and the column under [tables.{table}.columns]"
            )
    return ""


def stems(export: Export) -> list[str]:
    """Return the names that may say what an export holds: of its file, its sheet or its table."""
    return [export.look.file.stem, str(export.look.said.get("sheet", "")), str(export.look.said.get("sql", ""))]


def _names_in(said: str | dict[str, Any]) -> list[str]:
    return [said] if isinstance(said, str) else _parts_of(said)


def _by_shape(export: Export, shape: Shape) -> dict[str, Choice]:
    headers = {one.name.strip().lower(): one for one in export.fields}
    found = {}
    for ours, candidates in shape.columns.items():
        for said in candidates:
            parts = _names_in(said)
            there = [headers.get(part.lower()) for part in parts]
            if isinstance(said, str) and there == [None]:
                # Of columns with one name the first is taken.
                there = [headers.get(f"{said.lower()} (1)")]
            if all(there) and all(one.filled for one in there if one):
                exact = there[0].name if isinstance(said, str) and there[0] else said
                again = isinstance(exact, str) and exact.strip().lower() != said.lower()
                why = f"known: {shape.name}" + (
                    "; ? it is there several times, and the first is taken" if again else ""
                )
                values = {k: v for k, v in shape.values.get(ours, {}).items()}
                found[ours] = Choice(exact, why, SAME, values=values)
                break
    return found


def _parts_of(said: dict[str, Any]) -> list[str]:
    values = [value for key, value in said.items() if key not in NO_COLUMNS]
    flat = [v for value in values for v in (value if isinstance(value, list) else [value])]
    return [name for name in flat if isinstance(name, str)]


def _by_name(export: Export, table: str, have: dict[str, Choice], taken: set[str]) -> dict[str, Choice]:
    """Take the best pair of theirs and ours first, each once."""
    pairs = []
    for column in INPUTS[table].columns:
        if column.name in have:
            continue
        for place, one in enumerate(export.fields):
            like = likeness(one.name, table, column.name) if one.filled else 0.0
            fit, values, why = fitness(one, column, table, export) if like else (0.0, {}, "")
            if like * fit:
                pairs.append((like * fit, column.required, -place, column, one, values, why))
    found: dict[str, Choice] = {}
    used = set(taken)
    for score, _, _, column, one, values, why in sorted(pairs, key=lambda p: p[:3], reverse=True):
        if column.name in found and one.name not in used:
            first = found[column.name]
            if score >= first.score - 0.1 and score >= 0.9:
                first.rivals.append(one.name)
        elif column.name not in found and one.name not in used:
            named = "its name says so" if score >= 0.9 else "? its name is near"
            found[column.name] = Choice(one.name, "; ".join(filter(None, (named, why))), score, values=values)
            used.add(one.name)
    for choice in found.values():
        choice.rivals = [name for name in choice.rivals if name not in used]
    return found


def fitness(one: Field, column: Column, table: str, export: Export) -> tuple[float, dict[str, Any], str]:
    """Return how well what is in a column fits ours, from 0 to 1, what its values mean, and why."""
    real = [v for v in one.values if v not in export.missing]
    if not real:
        return 0.0, {}, ""
    if column.kind in TIMES:
        return (1.0, {}, "dates") if one.formats else (0.0, {}, "")
    if column.kind is Kind.BOOLEAN:
        return _as_flag(real)
    if column.name == "satisfaction" and not one.looks_numeric:
        return _as_words(real, "cases", "satisfaction")
    if column.kind in NUMBERS:
        return _as_number(one, column, export)
    if column.values:
        return _as_words(real, table, column.name)
    if one.formats and one.formats != ["%Y%m%d"]:
        return 0.0, {}, ""
    if column.name in FREE_TEXT and one.looks_numeric:
        return 0.0, {}, ""
    if table == "customers" and column.name == "name" and sum(map(is_code, real)) >= MOST * len(real):
        return 0.7, {}, "? its values look like codes"
    if column.unique:
        return (1.0, {}, "another in every row") if one.is_key else (0.7, {}, "? it is not another in every row")
    if column.name in ("kind", "channel"):
        values = meaning(table, column.name, real[:200])
        return 1.0, {k: v for k, v in values.items() if k != v}, ""
    return 1.0, {}, ""


def is_code(text: str) -> bool:
    """Return whether a text is one word with a digit in it, as keys are and names are not."""
    return " " not in text and any(c.isdigit() for c in text)


def _as_flag(values: list[str]) -> tuple[float, dict[str, Any], str]:
    known = flags(values)
    if len(known) < len(values) or len(values) > 4:
        return 0.0, {}, ""
    plainly = all(value.lower() in ("true", "false") for value in values)
    return 1.0, {} if plainly else known, "yes and no"


def _as_words(values: list[str], table: str, column: str) -> tuple[float, dict[str, Any], str]:
    known = meaning(table, column, values[:200])
    if len(known) < MOST * min(len(values), 200):
        return 0.0, {}, ""
    ours: dict[str, Any] = {k: int(v) if v.isdigit() else v for k, v in known.items() if k != v}
    return 1.0, ours, "its values are such"


def _as_number(one: Field, column: Column, export: Export) -> tuple[float, dict[str, Any], str]:
    if not one.looks_numeric:
        return 0.0, {}, ""
    numbers = one.numbers(export.decimal, export.thousands)
    if not numbers:
        return 0.0, {}, ""
    low, high = column.minimum, column.maximum
    fits = sum((low is None or n >= low) and (high is None or n <= high) for n in numbers) / len(numbers)
    if column.kind is Kind.INTEGER:
        fits = min(fits, sum(n == int(n) for n in numbers) / len(numbers))
    if fits < MOST or (column.name == "discount" and is_share(one, numbers)):
        return 0.0, {}, ""
    return 1.0, {}, "numbers"


def is_share(one: Field, numbers: list[float]) -> bool:
    """Return whether a discount is a share of the price rather than an amount."""
    percent = any(word in one.name.lower() for word in ("%", "pct", "percent", "prozent", "rate", "satz"))
    return percent or (max(numbers) <= 1 and any(0 < n < 1 for n in numbers))


def part(export: Export, name: str, numeric: bool = True) -> Field | None:
    """Return the column that is no one of ours and helps to make one, such as hours."""
    ranked = (
        sorted(
            (names_of("parts", name)[plain(one.name)][0], place, one)
            for place, one in enumerate(export.fields)
            if plain(one.name) in names_of("parts", name) and one.filled and (one.looks_numeric or not numeric)
        )
        if export.fields
        else []
    )
    return ranked[0][2] if ranked else None


def _complete(found: Match) -> None:
    """Make what must be there and is not, out of what is."""
    for make in (_only_day, _time, _amounts, _kind, _events, _accounts, _key):
        make(found)


def _only_day(found: Match) -> None:
    """Take the only column of dates for the day of a sale or of work, whatever it is called."""
    ours = {"transactions": "date", "service_events": "at"}.get(found.table, "")
    dated = [one for one in found.export.fields if one.formats and one.filled]
    if ours and ours not in found.columns and len(dated) == 1 and dated[0].name in set(unused(found)):
        found.columns[ours] = Choice(dated[0].name, "? no name says it; the only column of dates", 0.6)


def _time(found: Match) -> None:
    """Take a day and a time of day in two columns for one moment."""
    start = part(found.export, "start_time", numeric=False)
    day_ = found.theirs("at") if found.table == "service_events" else None
    if start is None or day_ is None or start.name == day_.name:
        return
    if all(len(v) <= 10 for v in day_.values[:5]) and all(":" in v for v in start.values[:5]):
        found.columns["at"] = Choice({"join": [day_.name, start.name], "between": " "}, "a day and a time of day", 1.0)


def _amounts(found: Match) -> None:
    if found.table != "transactions":
        return
    export, columns = found.export, found.columns
    quantity = found.theirs("quantity")
    price, cost, profit = (part(export, name) for name in ("unit_price", "unit_cost", "profit"))
    if not {"net_amount", "list_amount"} & set(columns) and (listed := part(export, "list_price")):
        columns["list_amount"] = _at_list_price(export, listed, quantity)
    if not {"net_amount", "list_amount"} & set(columns) and price and quantity:
        said: dict[str, Any] = {"times": [quantity.name, price.name]}
        columns["net_amount"] = Choice(said, "? quantity times price, with no discount taken off", 0.6)
    if not {"net_amount", "list_amount"} & set(columns) and price:
        columns["list_amount"] = Choice(price.name, "? as the price of the whole line, before any discount", 0.6)
    net, discount = found.theirs("net_amount"), found.theirs("discount")
    if net and discount:
        why = "what is paid, and the discount on it"
        columns["list_amount"] = Choice({"plus": [net.name, discount.name]}, why, 0.9)
        found.aside.append(f"`{net.name}` is taken as what is left after `{discount.name}`: see that it is.")
    shares = [one for one in export.fields if likeness(one.name, "transactions", "discount") >= 0.9 and not discount]
    for one in shares:
        found.aside.append(
            f"`{one.name}` seems to be a share of the price, not an amount: the discount is not measured."
        )
    if "cogs" not in columns and net and profit:
        columns["cogs"] = Choice(
            {"plus": [net.name], "minus": [profit.name]}, f"what `{profit.name}` leaves of it", 0.9
        )
    elif "cogs" not in columns and cost and quantity:
        columns["cogs"] = Choice({"times": [quantity.name, cost.name]}, "quantity times the cost of one", 0.9)
    if "freight" in columns:
        name = _names_in(columns["freight"].said)[0]
        found.aside.append(
            f"`{name}` counts as a cost of ours: leave it out where it is billed on (take its line out, and write "
            f'leave_out = ["{name}"] under [tables.transactions]).'
        )


def _at_list_price(export: Export, listed: Field, quantity: Field | None) -> Choice:
    """Take a list price as that of one piece, or of the whole line where some are below 0, as no piece's price is."""
    if quantity and not any(n < 0 for n in listed.numbers(export.decimal, export.thousands)):
        return Choice({"times": [quantity.name, listed.name]}, "? quantity times list price, as that of one piece", 0.6)
    return Choice(listed.name, "? as the list price of the whole line, not of one piece", 0.6)


def _kind(found: Match) -> None:
    """Lines without a word for what they are: below 0 they go back to the customer."""
    if found.table != "transactions" or "kind" in found.columns:
        return
    ours = next((name for name in ("net_amount", "list_amount") if name in found.columns), "")
    # Of an amount that is made of others the first: of quantity times price, the quantity.
    amount = found.export[_names_in(found.columns[ours].said)[0]] if ours else None
    negative = amount and any(n < 0 for n in amount.numbers(found.export.decimal, found.export.thousands))
    if amount and negative:
        why = f"no column says it; some of `{amount.name}` are below 0"
        found.columns["kind"] = Choice({"by_sign": amount.name}, why, 0.9)
    else:
        found.columns["kind"] = Choice({"constant": "sale"}, "no column says it, and no amount is below 0", 0.9)


def _events(found: Match) -> None:
    if found.table != "service_events":
        return
    hours, duration = part(found.export, "hours"), part(found.export, "duration", numeric=False)
    if "minutes" not in found.columns and hours:
        found.columns["minutes"] = Choice({"times": [hours.name, 60]}, "hours, as minutes", 0.95)
    elif "minutes" not in found.columns and duration and any(":" in v for v in duration.values[:20]):
        found.columns["minutes"] = Choice({"duration": duration.name}, "h:mm, as minutes", 0.95)
    if "activity" not in found.columns and "minutes" in found.columns:
        found.columns["activity"] = Choice({"constant": "work"}, "? no column says what was done", 0.6)


def _key(found: Match) -> None:
    """Make a key where none is: the invoice and its line, or the row's number; of a log of states the last counts."""
    key = next((c.name for c in INPUTS[found.table].columns if c.unique), "")
    mine = found.theirs(key)
    if found.table == "customers" and mine and mine.distinct < mine.filled:
        found.said["one_per"] = key
        found.why["one_per"] = f"? {mine.filled:,} rows of {mine.distinct:,} customers: the first of each counts"
    if not key or found.table == "customers":
        return
    if found.table == "cases" and mine and not mine.is_key:
        found.said |= {"one_per": "case_id", "keep": "last"}
        found.why["one_per"] = f"? {mine.rows:,} rows of {mine.distinct:,} cases: a log of which the last row counts"
        if version := part(found.export, "version"):
            found.said["order_by"] = version.name
            found.why["order_by"] = "the last is the one with the highest"
    elif found.table == "invoices" and mine and not mine.is_key:
        found.columns[key].why += "; of rows with the same one the first counts"
    elif key not in found.columns or (mine and not mine.is_key and not found.shape):
        found.columns[key] = _made_key(found)


def _made_key(found: Match) -> Choice:
    line = part(found.export, "line", numeric=False)
    for name in ("invoice_id", "order_id"):
        document = found.theirs(name)
        if document and line and line.name != document.name and _is_key(found.export, document.name, line.name):
            return Choice({"join": [document.name, line.name]}, "together another in every row", 1.0)
    # Where no name tells the customers, the column could as well be theirs, who bought once each.
    if "customer_id" in found.columns and (bare := _bare_key(found)):
        return Choice(bare.name, "? no name says it; another code in every row", 0.6)
    again = found.export.rows - _different(found.export, *(one.name for one in found.export.fields))
    if again:
        rows, each = ("row repeats", "it counts") if again == 1 else ("rows repeat", "each counts")
        found.aside.append(
            f"`{found.table}`: {again:,} {rows} another in every column, and {each}. What was exported twice, "
            "read with a SELECT DISTINCT (`sql`), or take it out."
        )
    return Choice({"row": True}, "no column is a key: the number of the row stands for one", 0.9)


def _is_key(export: Export, *names: str) -> bool:
    return _different(export, *names) == export.rows


def _different(export: Export, *names: str) -> int:
    return int(export.raw.select(*names).distinct().count().to_pandas())


def _accounts(found: Match) -> None:
    """Take names for keys in a list of companies by name alone, and keys for names where there are no others."""
    if found.table == "customers":
        have = found.columns
        if "name" in have and "customer_id" not in have and (key := _bare_key(found)):
            why = "? no name says it; another code in every row"
            have["customer_id"] = Choice(key.name, why, 0.6)
        for ours, other in (("customer_id", "name"), ("name", "customer_id")):
            one = found.theirs(other)
            if ours not in have and one:
                have[ours] = Choice(one.name, f"? there is no other {'key' if ours == 'customer_id' else 'name'}", 0.6)


def _bare_key(found: Match) -> Field | None:
    """Return the first column that nothing is made of yet and that holds another code in every row."""
    left = set(unused(found))
    return next(
        (
            one
            for one in found.export.fields
            if one.name in left and one.is_key and not one.formats and _holds_codes(one)
        ),
        None,
    )


def _holds_codes(one: Field) -> bool:
    """Return whether nearly all values are codes; amounts and durations, which differ in each row too, are none."""
    if any(re.search(r"\d[.,]\d", value) for value in one.values) and one.looks_numeric:
        return False
    return sum(map(is_code, one.values)) >= MOST * len(one.values)


def unused(found: Match) -> Iterator[str]:
    """Yield their columns that nothing is made of."""
    used = {name for choice in found.columns.values() for name in _names_in(choice.said)}
    yield from (one.name for one in found.export.fields if one.name not in used)
