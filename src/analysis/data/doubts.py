"""Values that look like something else: placeholders, ids that miss theirs by a hair, amounts of other currencies.

Nothing is repaired in silence: a placeholder links nothing, an id that is nearly one is told with the one it is near
to, and amounts of two currencies stop the run.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from analysis.data.asked import length_of, row_of, rows_of
from analysis.data.contract import Kind
from analysis.data.reading import Engine
from analysis.errors import Example, Problem

if TYPE_CHECKING:
    import ibis

    from analysis.data.checks import Checked, CheckedTable

#: A value that is missed, the one there is that it is near to, and the rows that miss it.
Pair = tuple[str, str, int]
SHOWN = 5
#: So many different ids that miss are looked at, the most frequent first.
MOST_IDS = 5000

#: What links a row to others, or to people, by table.
LINKS = {
    "customers": ("parent_id", "referred_by", "account_manager"),
    "transactions": ("order_id", "invoice_id", "rep"),
    "service_events": ("order_id", "case_id", "worker", "department"),
    "payments": ("invoice_id",),
    "perceptions": ("rater", "department"),
    "bookings": ("rep",),
    "assignments": ("person",),
}
#: The table whose key a link may be: a value that is a key there is no placeholder, whatever it looks like.
KEYS = {
    "parent_id": ("customers", "customer_id"),
    "referred_by": ("customers", "customer_id"),
    "case_id": ("cases", "case_id"),
    "invoice_id": ("invoices", "invoice_id"),
}
#: What belongs to one customer.
OF_ONE = {"transactions": ("order_id", "invoice_id"), "service_events": ("order_id", "case_id")}
_WORDS = (
    "na", "nan", "nat", "null", "none", "nil", "unknown", "notknown", "notapplicable", "notavailable",
    "notassigned", "unassigned", "undefined", "missing", "blank", "empty", "tbd", "tba", "tbc", "dummy",
    "placeholder", "unbekannt", "keine", "keiner", "keines", "ohne", "leer", "nichtbekannt", "nichtzugeordnet",
    "inconnu", "inconnue", "aucun", "aucune", "desconocido", "desconocida", "ninguno", "ninguna", "sconosciuto",
    "nessuno", "onbekend", "geen", "nvt",
)  # fmt: skip
#: Written so they may be names of people.
_NAMES = ("Na", "Nan", "Nat", "Nil", "Blank", "Leer")
_BARE = r"[\pP\pS\pZ\pC\s]"
#: What no word for nothing has, and nearly every id.
_FIGURE = "[1-9]"
#: A parent of so many of all the customers, where there are at least so few, is nobody's.
NEARLY_ALL, FEWEST = 0.9, 5
#: From so many ids on, most of them shared, they are numbered for each customer anew.
NUMBERED = 10


def take_placeholders_out(engine: Engine, tables: dict[str, CheckedTable]) -> None:
    """Empty the links that hold a placeholder, or what is of several customers, and warn of each."""
    for opened in (tables[name] for name in LINKS if name in tables):
        for column in _suspected(engine, opened):
            _take_words_out(tables, opened, column)
    if "parent_id" in tables["customers"].given:
        _take_common_parent_out(tables["customers"])
    for name, columns in OF_ONE.items():
        for column in columns:
            if name in tables and {column, "customer_id"} <= set(tables[name].given):
                _take_shared_out(engine, tables, name, column)


def _suspected(engine: Engine, opened: CheckedTable) -> list[str]:
    """Return the links of a table that hold any word for nothing: each value is looked at once, ids not at all."""
    import ibis

    columns = [column for column in LINKS[opened.table.name] if column in opened.given]
    if not columns:
        return []
    rows = opened.rows
    words = ibis.union(
        *(
            rows.filter(~rows[column].re_search(_FIGURE)).select(column=ibis.literal(column), value=rows[column])
            for column in columns
        ),
        distinct=True,
    )
    # Kept, since the engine would look at the values of all rows before it tells which differ.
    words = engine.keep(f"words_{opened.table.name}", words)
    held = {column for (column,) in rows_of(words.filter(_is_nothing(words["value"])).select("column").distinct())}
    return [column for column in columns if column in held]


def _is_nothing(value: ibis.Column) -> ibis.Column:
    """Return whether a text is a word for nothing: no letter and no figure but 0, or one of the words."""
    bare = value.lower().re_replace(_BARE, "")
    return (value.length() <= 40) & ((bare == "") | bare.isin(_WORDS) | bare.re_search("^0+$")) & value.notin(_NAMES)


def _take_words_out(tables: dict[str, CheckedTable], opened: CheckedTable, column: str) -> None:
    value = opened.rows[column]
    rows = opened.rows.filter(_is_nothing(value))
    table, key = KEYS.get(column, ("", ""))
    if table in tables:
        rows = rows.filter(~rows[column].isin(_keys(tables[table].rows, key)))
    found = rows.group_by(column).aggregate(rows=rows.count()).to_pandas().sort_values(["rows", column])[::-1]
    if len(found):
        needed = opened.table[column].required
        done = "sets the row aside, since this must be filled" if needed else "links nothing"
        message = f"this looks like a placeholder: it is taken as empty and {done}"
        mend = "Fill it, or leave the row out." if needed else "Leave it empty."
        opened.problems.append(_told(opened, column, "placeholder", message, mend, found))
        _empty_out(opened, column, value.isin(list(found[column])))


def _keys(rows: Any, key: str) -> Any:
    return rows.filter(rows[key].notnull())[key]


def _told(opened: CheckedTable, column: str, rule: str, message: str, mend: str, found: Any) -> Problem:
    """Return a warning of values: `found` has them under the column's name, with `rows`, the most frequent first."""
    examples = tuple(
        Example(None, f"{int(count):,} row{'s' if count != 1 else ''}", visible(value))
        for value, count in zip(found[column][:SHOWN], found["rows"][:SHOWN], strict=True)
    )
    count = int(found["rows"].sum())
    return Problem(opened.table.name, column, rule, message, mend, "warning", count, examples)


def visible(value: str) -> str:
    """Return a value as it is written, what cannot be seen of it escaped, in quotes where it has any such or a space.

    Examples
    --------
    >>> visible("AX1"), visible("AX1 ")
    ('AX1', "'AX1 '")
    """
    shown = repr(value if len(value) <= 80 else value[:79] + "…")
    return value if shown[1:-1] == value and value == "".join(value.split()) else shown


def _empty_out(opened: CheckedTable, column: str, where: Any) -> None:
    import ibis

    opened.rows = opened.rows.mutate(
        **{column: where.fill_null(False).ifelse(ibis.null("string"), opened.rows[column])}
    )
    opened.accepted = opened.rows


def _take_common_parent_out(opened: CheckedTable) -> None:
    """Empty a parent of nearly everybody; one that is a customer itself is told and stays, as the head of a group."""
    rows = opened.rows
    customers = length_of(rows)
    counted = rows.filter(rows.parent_id.notnull()).group_by("parent_id").aggregate(rows=lambda t: t.count())
    found = counted.filter(counted["rows"] >= NEARLY_ALL * customers).to_pandas()
    if customers < FEWEST or found.empty:
        return
    itself = bool(length_of(rows.filter(rows.customer_id == found.parent_id[0]).limit(1)))
    done = "it stays, since it is a customer itself" if itself else "it is taken as empty and links nothing"
    message = f"this is the parent of nearly every customer, as a placeholder would be: {done}"
    mend = "Leave it empty where there is no group."
    opened.problems.append(_told(opened, "parent_id", "common_parent", message, mend, found))
    if not itself:
        _empty_out(opened, "parent_id", rows.parent_id == found.parent_id[0])


def _take_shared_out(engine: Engine, tables: dict[str, CheckedTable], name: str, column: str) -> None:
    """Empty, in every table, what is of several customers in this one: what is of one cannot be told from it.

    What is the key of a case or an invoice there is stays: whose it is stands there.
    """
    opened, customers = tables[name], tables["customers"].rows
    rows = opened.rows.filter(opened.rows[column].notnull()).semi_join(customers, "customer_id")
    table, key = KEYS.get(column, ("", ""))
    if table in tables:
        rows = rows.filter(~rows[column].isin(_keys(tables[table].rows, key)))
    ids = rows.group_by(column).aggregate(rows=rows.count(), low=rows.customer_id.min(), high=rows.customer_id.max())
    shared = engine.keep(f"shared_{name}_{column}", ids.filter(ids.low != ids.high).select(column, "rows"))
    number = length_of(shared)
    if not number:
        return
    known = length_of(ids)
    anew = known >= NUMBERED and number > known / 2
    thing = column.removesuffix("_id")
    done = "most are, so they are taken as numbered for each customer" if anew else "it is taken as empty"
    message = f"this {thing} is of several customers: {done}{'' if anew else ' and links nothing'}"
    mend = f"Give each {thing} an id of its own, and leave it empty where there is none."
    first = shared.order_by(shared["rows"].desc(), column).limit(SHOWN).to_pandas()
    count = int(row_of(shared.aggregate(rows=shared["rows"].sum()))["rows"])
    opened.problems.append(replace(_told(opened, column, "shared_id", message, mend, first), count=count))
    if not anew:
        for other in (tables[t] for t in OF_ONE if t in tables and column in tables[t].given):
            _empty_out(other, column, other.rows[column].isin(shared[column]))


def plain_id(value: str) -> str:
    r"""Return an id without what people and programs change of it: case, spaces, odd signs, `.0` and lost zeros.

    Examples
    --------
    >>> plain_id(" C\u00a0007"), plain_id("7.0"), plain_id("\uff21X-1")
    ('c7', '7', 'ax-1')
    """
    text = unicodedata.normalize("NFKC", value).casefold()
    text = "".join("-" if unicodedata.category(c) == "Pd" else c for c in text if not _unseen(c))
    text = text.strip("'\"`\u2018\u2019\u201c\u201d")
    return re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"^(\d+)\.0+$", r"\1", text))


def _unseen(sign: str) -> bool:
    return sign.isspace() or unicodedata.category(sign) in ("Cc", "Cf", "Zs", "Mn")


def nearest(missed: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Return, of the ids that there are not, those that one there is differs from in no way that counts, with it."""
    wanted = {value: plain_id(value) for value in missed}
    plain = set(wanted.values())
    alike: dict[str, list[str]] = {}
    for value in known:
        if (key := plain_id(value)) in plain:
            alike.setdefault(key, []).append(value)
    return {
        value: max(sorted(alike[key]), key=lambda other: SequenceMatcher(None, value, other).ratio())
        for value, key in wanted.items()
        if key in alike
    }


def near_values(found: Any, column: str, known: Any) -> str:
    """Return a sentence on the values of rows found that are nearly ones there are; empty where none is.

    Parameters
    ----------
    found
        Rows whose value is not known (Ibis).
    known
        The values there are: a column (Ibis), or plain texts.
    """
    pairs = _pairs(found, column, known)
    if not pairs:
        return ""
    shown = ", ".join(
        f"{visible(missed)} is nearly {visible(near)} ({rows:,} row{'s' if rows != 1 else ''})"
        for missed, near, rows in pairs[:SHOWN]
    )
    more = f", and {len(pairs) - SHOWN:,} more" if len(pairs) > SHOWN else ""
    return f" Nearest: {shown}{more}.{_zeros(pairs, column)}"


def _zeros(pairs: Sequence[Pair], column: str) -> str:
    """Return the way out where ids differ by the zeros before them; empty elsewhere."""
    apart = [
        near
        for missed, near, _ in pairs
        if missed.isdigit() and near.isdigit() and missed.lstrip("0") == near.lstrip("0")
    ]
    if not apart:
        return ""
    width = len(apart[0]) if len({len(near) for near in apart}) == 1 else 1
    return (
        " They differ by zeros before them: dataset.toml writes them alike by "
        f'columns = {{ {column} = {{ from = "{column}", width = {width} }} }}.'
    )


def _pairs(found: ibis.Table, column: str, known: Any) -> list[Pair]:
    """Return the values that one there is near to, the most frequent first."""
    counted = found.group_by(missed=found[column]).aggregate(rows=found.count())
    counted = counted.filter(counted.missed.notnull()).order_by(counted["rows"].desc(), "missed").limit(MOST_IDS)
    missed = rows_of(counted)
    if not missed:
        return []
    if isinstance(known, (list, tuple)):
        there = known
    else:
        # A row without a key is set aside for that, and is near to nothing.
        there = known.name("known").as_table().distinct().to_pandas().known.dropna()
    near = nearest((value for value, _ in missed), there)
    return [(value, near[value], rows) for value, rows in missed if value in near]


#: What refers to a key, and is kept and not told where it is none: table, column, table referred to, its column.
SOFT = (
    ("service_events", "customer_id", "customers", "customer_id", "the work is charged to no account"),
    ("service_events", "order_id", "transactions", "order_id", "the work is on no order that was sold"),
    ("transactions", "invoice_id", "invoices", "invoice_id", "the line is on no invoice that there is"),
    ("customers", "parent_id", "customers", "customer_id", "it is taken as another group"),
)


def nearly_ids(checked: Checked) -> Iterator[Problem]:
    """Yield a warning of each link that misses what it means by a hair, where nothing else tells of it."""
    for name, column, other, key, done in SOFT:
        tables = checked.tables
        if name not in tables or other not in tables or column not in tables[name].given:
            continue
        rows, known = tables[name].accepted, tables[other].accepted
        known = known.filter(known[key].notnull())[key]
        missed = rows.filter(rows[column].notnull() & ~rows[column].isin(known))
        pairs = _pairs(missed, column, known)
        if pairs:
            yield _nearly(name, column, f"`{other}.{key}`" if key != column else f"`{other}`", done, pairs)


def _nearly(name: str, column: str, where: str, done: str, pairs: Sequence[Pair]) -> Problem:
    examples = tuple(
        Example(None, f"{rows:,} row{'s' if rows != 1 else ''}", f"{visible(missed)}; nearest: {visible(near)}")
        for missed, near, rows in pairs[:SHOWN]
    )
    message = f"this is not in {where}, but nearly the same as one that is: {done}"
    mend = "Write the id as it is there; ids are never changed here."
    return Problem(name, column, "nearly_an_id", message, mend, "warning", sum(rows for *_, rows in pairs), examples)


#: Keys that rows of other tables name, with the columns that name them.
NAMED = {
    "customers": ("customer_id", ("customer_id", "parent_id", "referred_by")),
    "cases": ("case_id", ("case_id",)),
    "invoices": ("invoice_id", ("invoice_id",)),
}


def placeholder_keys(checked: Checked) -> Iterator[Problem]:
    """Yield a warning of each key that looks like a word for nothing and that other rows name more than is usual."""
    for name, (key, columns) in NAMED.items():
        suspected = _suspected_keys(checked, name, key) if name in checked else []
        named = _namings(checked, name, columns, suspected) if suspected else {}
        found = sorted(((rows, value) for value, rows in named.items()), reverse=True)
        if found:
            examples = tuple(
                Example(None, f"{rows:,} row{'s' if rows != 1 else ''} of other tables", visible(value))
                for rows, value in found[:SHOWN]
            )
            message = "this looks like a placeholder, but it is a key here: it stays, and all that names it is one"
            mend = "Give it a true id, or leave it empty where it is named."
            yield Problem(name, key, "placeholder_key", message, mend, "warning", len(found), examples)


def _suspected_keys(checked: Checked, name: str, key: str) -> list[str]:
    """Return the keys that are words for nothing; not a zero that others are counted on from."""
    rows = checked[name]
    found = [value for (value,) in rows_of(rows.filter(_is_nothing(rows[key])).select(key).distinct())]
    first = {value: f"{value[:-1]}1" for value in found if set(value) == {"0"}}
    counted = rows.filter(rows[key].isin(list(first.values())))[key].to_pandas() if first else []
    return [value for value in found if first.get(value) not in set(counted)]


def _namings(checked: Checked, name: str, columns: tuple[str, ...], keys: list[str]) -> dict[str, int]:
    """Return how many rows of other tables (and, in other columns, of its own) name each of these keys.

    `NA` may be anybody's id: one counts where at least `FEWEST` rows name it, more than name the average of the
    others.
    """
    counts: dict[str, int] = {}
    for other, opened in checked.tables.items():
        for column in (c for c in columns if c in opened.given and (other != name or c != columns[0])):
            rows = opened.accepted.filter(opened.accepted[column].notnull())
            by_key = rows.group_by(value=rows[column]).aggregate(rows=rows.count())
            others = by_key.filter(by_key["value"].notin(keys))
            usual = row_of(others.aggregate(usual=others["rows"].mean().fill_null(0.0)))["usual"]
            counted = by_key.filter(by_key["value"].isin(keys), by_key["rows"] >= FEWEST).to_pandas()
            counted = counted[counted["rows"] > usual]
            for value, number in zip(counted["value"], counted["rows"], strict=True):
                counts[value] = counts.get(value, 0) + int(number)
    return counts


CURRENCY = (
    *("currency", "currency_code", "currencycode", "curr", "ccy", "waehrung", "währung", "waers", "devise"),
    *("moneda", "valuta"),
)
_SIGNS = {"€": "EUR", "EURO": "EUR", "EUROS": "EUR", "£": "GBP", "US$": "USD"}


def currency_problems(checked: Checked, currency: str) -> Iterator[Problem]:
    """Yield an error for each table with amounts that says they are in two currencies, or not in the policy's."""
    for opened in checked.tables.values():
        if any(c.kind is Kind.MONEY and c.name in opened.given for c in opened.table.columns):
            for column in (name for name in opened.given if name.strip().casefold() in CURRENCY):
                yield from _foreign(opened, column, currency)


def _foreign(opened: CheckedTable, column: str, currency: str) -> Iterator[Problem]:
    counted = opened.raw.group_by(found=opened.raw[column].cast("string").strip().upper()).aggregate(
        rows=lambda t: t.count()
    )
    counted = counted.filter(counted.found.notnull() & ~_is_nothing(counted.found))
    # A lone `$` or `¥` may be the sign of the policy's own.
    frame = counted.order_by(counted["rows"].desc(), "found").to_pandas()
    values = [_SIGNS.get(value, value) for value in frame.found]
    if set(values) <= {currency.upper()} or (len(values) == 1 and values[0] in ("$", "¥")):
        return
    several = len(set(values)) > 1
    what = "in more than one currency" if several else f"in {values[0]}, and the policy's `currency` is {currency}"
    select = "" if opened.source.kind == "xlsx" else ", or with a SELECT in dataset.toml"
    way = f"Convert them to {currency} before{select}"
    way += ", or keep the rows of one currency" if several else f'; or write currency = "{values[0]}" in policy.toml'
    way += f'. Where they are in {currency} already, take the column out: leave_out = ["{column}"] in dataset.toml.'
    examples = tuple(
        Example(None, f"{rows:,} row{'s' if rows != 1 else ''}", value)
        for value, rows in zip(frame.found, frame["rows"].astype(int), strict=True)
    )[: 2 * SHOWN]
    yield Problem(
        opened.table.name, column, "currency", f"the amounts are {what}", way, count=int(frame["rows"].sum()),
        examples=examples,
    )  # fmt: skip
