"""Which export is which table, and whether their customers are the same."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from analysis.data.as_written import sheets_of
from analysis.data.contract import INPUTS, Kind
from analysis.data.sources import Source
from analysis.propose.look import Look
from analysis.propose.match import MAKES, NUMBERS, TIMES, Choice, Match, _names_in, match, nearly, stems
from analysis.propose.profile import ISO_FORMS, SWAPPED, Export, Field, same_header
from analysis.propose.words import Shape, file_speaks_for, likeness

#: So many different customers of a table are looked for among the accounts.
LOOKED_FOR = 2000
#: From this share of them on they are the same, and below it somebody should look.
ALIKE, SURE = 0.5, 0.95
#: What customers are told from where no list of them is there, the first that is.
HOLDERS = ("transactions", "invoices", "cases", "service_events", "contracts")


@dataclass
class Assigned:
    """The tables that were found, and the exports of which nothing is used with the reason."""

    tables: dict[str, Match]
    left: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def assign(exports: Sequence[Export], known: list[Shape]) -> Assigned:
    """Give each export to the table that it fits best, and each table the export that fits it best."""
    found = Assigned({})
    matches = []
    for one in _together(exports, found):
        fits = [m for table in (*MAKES, *_named_alone(one)) if (m := match(one, table, known))]
        if fits:
            matches.append(max(fits, key=lambda m: m.score))
        else:
            found.left[one.label] = nearly(one, known) or _why_none(one)
    for one_match in sorted(matches, key=lambda m: -m.score):
        rival = found.tables.get(one_match.table)
        if rival is None:
            found.tables[one_match.table] = one_match
        elif _knows_no_account(one_match):
            found.left[one_match.export.label] = nearly(one_match.export, known) or _why_none(one_match.export)
        else:
            found.left[one_match.export.label] = _beside(one_match, rival, known)
    _invoices_with_costs(found, known)
    if "customers" not in found.tables:
        _tell_customers(found)
    if "customers" in found.tables:
        _agree(found)
    return found


def _invoices_with_costs(found: Assigned, known: list[Shape]) -> None:
    """Take invoices for the sales, too, where they have a cost of goods and no lines of sales lie beside them."""
    invoices = found.tables.get("invoices")
    if invoices is None or "transactions" in found.tables:
        return
    sales = match(invoices.export, "transactions", known)
    if sales and "cogs" in sales.columns:
        amount = invoices.columns["amount"].said
        sales.aside.append(f"Each invoice counts as a sale, too: see that `{amount}` is net of tax.")
        found.tables["transactions"] = sales


def _knows_no_account(one: Match) -> bool:
    """Return whether accounts are told by their ids alone, as any table that names them does."""
    return (
        one.table == "customers"
        and {*one.columns} == {"customer_id", "name"}
        and (one.columns["name"].said == one.columns["customer_id"].said)
    )


def _why_none(export: Export) -> str:
    if not any(sign.isalpha() for one in export.fields for sign in one.name):
        return "? no line of it names its columns: put one with their names above the first row"
    return "no table of docs/tables.md is in it"


def _named_alone(export: Export) -> Iterator[str]:
    """Yield the tables that are taken only where a file has our own names in it."""
    headers = {one.name.strip().lower() for one in export.fields}
    for table, contract in INPUTS.items():
        if table not in MAKES and set(contract.required) <= headers:
            yield table


def _together(exports: Sequence[Export], found: Assigned) -> Iterator[Export]:
    """Yield the exports, those with the same header as one, where a glob or a folder names them and no others."""
    for alike in same_header(exports).values():
        first = alike[0]
        names = [one.look.file.name for one in alike]
        same = all(one.look.said == first.look.said and one.look.file.parent == first.look.file.parent for one in alike)
        same = same and "sql" not in first.look.said
        glob = _glob(names) if len(alike) > 1 and same else ""
        here = sorted(p.name for p in first.look.file.parent.glob(glob)) if glob else []
        if glob and here == sorted(names):
            first.why["path"] = f"{len(alike)} files with the same header"
            yield _as_one(alike, replace(first.look, file=first.look.file.with_name(glob)))
        elif folder := _folder_of(alike):
            first.why["path"] = f"{len(alike)} parts with the same columns, and no other Parquet in the folder"
            yield _as_one(alike, replace(first.look, file=folder))
        elif across := _across(alike):
            first.why["path"] = f"{len(alike)} files of one name with the same header"
            yield _as_one(alike, replace(first.look, file=across))
        elif sheets := _sheets(alike):
            first.why["sheet"] = f"{len(alike)} sheets with the same header and no row in common"
            yield _as_one(alike, replace(first.look, said={**first.look.said, "sheet": sheets}))
        else:
            yield from alike


def _folder_of(alike: Sequence[Export]) -> Path | None:
    """Return the folder that holds the exports as its parts, or in folders below it; None where it has others."""
    files = {one.look.file for one in alike}
    if len(files) < 2 or any(file.suffix.lower() != ".parquet" for file in files):
        return None
    if any(one.raw.schema() != alike[0].raw.schema() for one in alike):
        return None
    folder = Path(os.path.commonpath([file.parent for file in files]))
    return folder if set(folder.rglob("*.parquet")) == files else None


def _across(alike: Sequence[Export]) -> Path | None:
    """Return a glob of files of one name in folders side by side, as of each year; None where it names others, too."""
    first, files = alike[0].look, {one.look.file for one in alike}
    if len(files) < 2 or "sql" in first.said or any(one.look.said != first.said for one in alike):
        return None
    if len({file.name for file in files}) > 1 or len({file.parent.parent for file in files}) > 1:
        return None
    above, pattern = first.file.parent.parent, f"*/{first.file.name}"
    return above / pattern if set(above.glob(pattern)) == files else None


def _as_one(alike: list[Export], look: Look) -> Export:
    """Return exports of the same header as one, which is read as `look` says."""
    first = alike[0]
    first.files = [one.look for one in alike]
    first.rows = sum(one.rows for one in alike)
    first.raw = first.raw.union(*(one.raw for one in alike[1:]))
    first.look = look
    for one in first.fields:
        one.values = list(dict.fromkeys(v for other in alike for v in other[one.name].values))[:4000]
        one.filled = sum(other[one.name].filled for other in alike)
        one.distinct = int(first.raw[one.name].nunique().to_pandas())
        one.rows = first.rows
    return first


def _sheets(alike: list[Export]) -> str | list[str]:
    """Return what names several sheets of a workbook that are parts of one table; nothing where they are not.

    They are written alike, and no row of one is in another, as it would be where one sums the others up.
    """
    first, names = alike[0].look, [str(one.look.said.get("sheet", "")) for one in alike]
    rest = [{key: value for key, value in one.look.said.items() if key != "sheet"} for one in alike]
    of_one = all(names) and all(one.look.file == first.file for one in alike)
    if len(alike) < 2 or not of_one or any(said != rest[0] for said in rest):
        return ""
    rows = [one.raw.select(*(part.name for part in one.fields)).distinct() for one in alike]
    if sum(_many(part) for part in rows) != _many(rows[0].union(*rows[1:], distinct=True)):
        return ""
    # Of "2026-01" and "2026-02" what is the same is "2026-": the next month begins with it, too.
    begin = names[0][: _same_start(names)].rstrip("0123456789")
    for pattern in ("*", f"{begin}*"):
        if sheets_of(Source("export", (first.file,), sheet=(pattern,)), first.file) == names:
            return pattern
    return names


def _many(rows: Any) -> int:
    return int(rows.count().to_pandas())


def _same_start(names: list[str]) -> int:
    """Return how many of the first letters of different names are the same."""
    start = 0
    while len({name[: start + 1] for name in names}) == 1:
        start += 1
    return start


def _glob(names: list[str]) -> str:
    start, end = _same_start(names), 0
    while end < min(map(len, names)) - start and len({name[-end - 1 :] for name in names}) == 1:
        end += 1
    return f"{names[0][:start]}*{names[0][len(names[0]) - end :]}" if start >= 3 and end >= 4 else ""


def _tell_customers(found: Assigned) -> None:
    """Take the customers from what they bought or asked, where there is no list of them."""
    holder = next(
        (found.tables[t] for t in HOLDERS if t in found.tables and "customer_id" in found.tables[t].columns), None
    )
    if holder is None:
        return
    one = holder.theirs("customer_id")
    if one is None:
        return
    columns = {"customer_id": Choice(one.name, f"as in `{holder.table}`", 1.0)}
    named = match_names(holder.export, one)
    columns["name"] = Choice(
        named or one.name, "its name says so" if named else "? there is no other name", 0.9 if named else 0.6
    )
    for ours in ("industry", "region", "account_manager"):
        few = [f for f in holder.export.fields if not f.formats and 1 < f.distinct <= one.distinct / 2]
        likely = [(likeness(f.name, "customers", ours), -place, f.name) for place, f in enumerate(few)]
        if likely and (best := max(likely))[0] >= 0.95:
            columns[ours] = Choice(best[2], "? its name says so; of an account with several the first", 0.6)
    said = {"one_per": "customer_id"}
    told = Match(holder.export, "customers", columns, 1.0, said=said)
    told.why["one_per"] = f"there is no list of customers: those of {holder.export.label} are taken"
    found.tables["customers"] = told


def match_names(export: Export, key: Field) -> str:
    """Return the column that holds the customers' names beside their key; empty without one."""
    ranked = sorted(
        (-likeness(one.name, "customers", "name"), place, one.name)
        for place, one in enumerate(export.fields)
        if one.name != key.name
        and likeness(one.name, "customers", "name") >= 0.9
        and not one.looks_numeric
        and not one.formats
    )
    return ranked[0][2] if ranked else ""


def _agree(found: Assigned) -> None:
    """See in which column of each table the customers are those of `customers`, and how their ids are written."""
    accounts = found.tables["customers"]
    ids, names = _distinct(accounts, "customer_id"), _distinct(accounts, "name")
    bare = {value.lstrip("0") or "0": value for value in ids if value.isdigit()}
    zeros = False
    if "one_per" not in accounts.said:  # a list of customers: what is an id there is nobody's word for nothing
        for one in found.tables.values():
            one.export.missing = [text for text in one.export.missing if text not in ids]
    for table, one in found.tables.items():
        column = INPUTS[table].names
        if table == "customers" or "customer_id" not in column or one.said.get("one_per") == "customer_id":
            continue
        best = max(_ways(one, ids, set(bare), _lowered(names)), key=lambda w: w[0], default=(0.0, "", ""))
        share, how, name = best
        if not name:
            continue
        told = f"{share:.0%} of its values are in `customers`"
        mark = "" if share >= SURE else "? "
        if share < ALIKE:
            if "customer_id" in one.columns:
                one.columns["customer_id"].why += f"; ? only {told}"
                one.columns["customer_id"].score = min(0.5, one.columns["customer_id"].score)
            continue
        why = {
            "as it is": told,
            "zeros": f"{told}, zeros before them aside",
            "name": f"{share:.0%} of its values are names there",
        }[how]
        said: str | dict[str, Any] = name if how != "name" else {"from": name, "lookup": "name"}
        rivals = [
            r
            for r in (one.columns["customer_id"].rivals if "customer_id" in one.columns else [])
            if share < SURE and r != name
        ]
        one.columns["customer_id"] = Choice(said, mark + why, 0.95 if share >= SURE else 0.6, rivals)
        zeros = zeros or how == "zeros"
    if zeros:
        _write_alike(found, ids)


def _write_alike(found: Assigned, ids: set[str]) -> None:
    """Give the ids of all tables the width of those in `customers`, or no zeros before them where widths differ."""
    widths = {len(value) for value in ids if value.isdigit()}
    width = widths.pop() if len(widths) == 1 else 1
    for table, one in found.tables.items():
        choice = one.columns.get("customer_id")
        if choice is None or not isinstance(choice.said, str) or (table == "customers" and width > 1):
            continue
        choice.said = {"from": choice.said, "width": width}
        choice.why += f"; written with {width} digits" if width > 1 else "; written without zeros before them"


def _ways(one: Match, ids: set[str], bare: set[str], names: set[str]) -> Iterator[tuple[float, str, str]]:
    """Yield how large a share of each likely column's values is among the accounts, and by which way."""
    known = [one.theirs("customer_id")] if "customer_id" in one.columns else []
    likely = [f for f in one.export.fields if likeness(f.name, one.table, "customer_id") >= 0.5]
    named = [f for f in one.export.fields if likeness(f.name, "customers", "name") >= 0.9]
    taken = {n for ours, c in one.columns.items() if ours != "customer_id" for n in _names_in(c.said)}
    others = [f for f in one.export.fields if f.name not in taken and not f.formats and f.distinct > 1]
    for candidate in dict.fromkeys(f.name for f in (*(k for k in known if k), *likely, *named, *others)):
        values = set(one.export[candidate].values[:LOOKED_FOR]) - set(one.export.missing)
        if not values:
            continue
        hits = len(values & ids)
        yield hits / len(values), "as it is", candidate
        loose = sum((v.lstrip("0") or "0") in bare if v.isdigit() else v in ids for v in values)
        if loose > hits:
            yield loose / len(values) - 1e-6, "zeros", candidate
        yield len(_lowered(values) & names) / len(values) - 2e-6, "name", candidate


def _lowered(values: Iterable[str]) -> set[str]:
    return {" ".join(value.lower().split()) for value in values}


def _distinct(one: Match, ours: str) -> set[str]:
    theirs = one.theirs(ours) if ours in one.columns else None
    if theirs is None:
        return set()
    column = one.export.raw[theirs.name].cast("string")
    values = column.name("value").as_table().distinct().limit(1_000_000).to_pandas()["value"].dropna()
    return {str(value).strip() for value in values} - {""}


def formats_needed(one: Match) -> tuple[list[str], bool]:
    """Return the formats of a table's dates, and whether day and month could as well be the other way round."""
    fields = []
    for ours, choice in one.columns.items():
        if INPUTS[one.table][ours].kind not in TIMES:
            continue
        if isinstance(choice.said, dict) and choice.said.get("join"):
            fields.append(_joined(one.export, choice.said))
        elif theirs := one.theirs(ours):
            fields.append(theirs)
    settled = {form[:6] for place in fields if not place.may_be_swapped for form in place.formats}
    counted: dict[str, int] = {}
    doubt = False
    for place in fields:
        for form in place.formats:
            other = SWAPPED.get(form[:6], "")
            if place.may_be_swapped and other in settled:
                form = form.replace(form[:6], other)
            doubt = doubt or (place.may_be_swapped and bool(other) and not {form[:6], other} & settled)
            counted[form] = counted.get(form, 0) + place.filled
    if list(counted) == ["iso"]:
        return [], False
    forms = sorted(counted, key=lambda form: -counted[form])
    return [form for one_form in forms for form in ([one_form] if one_form != "iso" else _iso(fields))], doubt


def _iso(fields: Iterable[Field]) -> list[str]:
    """Return the formats of the dates in ISO 8601, which are to be told where others are declared beside them."""
    values = [value for one in fields if "iso" in one.formats for value in one.values[:600]]
    return [form for form, pattern in ISO_FORMS.items() if any(pattern.fullmatch(value) for value in values)]


def _joined(export: Export, said: dict[str, Any]) -> Field:
    columns = [export.raw[name].cast("string") for name in said["join"]]
    joined = columns[0] + said["between"] + columns[1]
    values = joined.name("value").as_table().limit(2000).to_pandas()["value"].dropna()
    return Field("joined", list(dict.fromkeys(values)), len(values), len(values), len(values))


def _beside(one: Match, rival: Match, known: list[Shape]) -> str:
    """Say what to do with an export of a table that another was taken for."""
    if not any(file_speaks_for(stem, one.table) for stem in stems(one.export)) and (other := nearly(one.export, known)):
        return other
    ways = "join them in one file or with `sql` (docs/own-exports.md has both)"
    if one.export.look.said.get("sheet"):
        ways = "name them together (sheet = [...])"
    return f"? it looks like `{one.table}`, which is taken from {rival.export.label}; {ways} if both belong there"


def has_numbers_as_text(one: Match) -> bool:
    """Return whether any number of a table is written as text."""
    kinds = {ours: INPUTS[one.table][ours].kind for ours in one.columns}
    return any(kind in NUMBERS or kind is Kind.MONEY for kind in kinds.values()) or "by_sign" in str(one.columns)
