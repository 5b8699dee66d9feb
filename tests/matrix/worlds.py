# ruff: noqa: S608 - the names are those of the contract
"""Datasets of any shape: one small world, opened once, with tables and columns taken out of its engine.

A shape says what a dataset lacks. Reading it again for each would take most of the time, so the accepted rows of the
whole world are kept in the engine once, and a shape's tables are made of these; what follows from a gap - a row whose
reference is gone - is done as the check does it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ibis
import pytest

from analysis import Portfolio
from analysis.data.checks import Checked
from analysis.data.contract import INPUTS, Kind
from analysis.data.reading import FILE, ROW, kept_table
from analysis.data.stand_ins import with_stand_ins
from analysis.ledger.costing import Costing
from analysis.opening import Opened, equation_problems, policy_problems
from sample_firms import make_sample
from tests.pages import FEWEST, written
from tests.pages import PAGES as OF_A_RUN

PAGES = ("account", "account_managers", *OF_A_RUN)
AS_OF = "2026-10-31"
TYPES = {
    Kind.TEXT: "VARCHAR",
    Kind.NUMBER: "DOUBLE",
    Kind.INTEGER: "BIGINT",
    Kind.MONEY: "DECIMAL(18, 4)",
    Kind.MINUTES: "DECIMAL(18, 6)",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.DATE: "DATE",
    Kind.TIMESTAMP: "TIMESTAMP",
}
OPTIONAL = [(name, c.name) for name, table in INPUTS.items() for c in table.columns if not c.required]
FLAGS = [(n, c) for n, c in OPTIONAL if INPUTS[n][c].kind is Kind.BOOLEAN]
TABLES = [name for name in INPUTS if name != "customers"]


@dataclass(frozen=True)
class Shape:
    """What a dataset lacks.

    Attributes
    ----------
    absent, headers
        Tables that are not there, and tables with a header alone.
    dropped, emptied
        Columns, as table and name, that are not there, and that are there without a value.
    flags
        Flags that say the same of every row.
    only
        How many accounts are left; 0: all.
    as_of
        The last day of the window.
    plain
        The costing has minutes alone: no `when`, no `per`.
    obtains, tiers, levels
        Whether the costing has activities that obtain, and whether the policy has tiers.
    """

    absent: frozenset[str] = frozenset()
    headers: frozenset[str] = frozenset()
    dropped: frozenset[tuple[str, str]] = frozenset()
    emptied: frozenset[tuple[str, str]] = frozenset()
    flags: tuple[tuple[tuple[str, str], bool], ...] = ()
    only: int = 0
    as_of: str = AS_OF
    plain: bool = False
    obtains: bool = True
    tiers: bool = True

    @property
    def is_dataset(self) -> bool:
        """Whether the contract allows it: at least one of the tables that say what was sold or done."""
        return not {"transactions", "invoices", "service_events", "cases"} <= self.absent


@dataclass
class World:
    """A small world with every table, opened once."""

    opened: Opened
    costings: dict[tuple[bool, bool], Costing]

    @classmethod
    def make(cls, folder: Path, accounts: int, seed: int) -> World:
        """Invent a world, open it and keep its accepted rows."""
        make_sample(folder, seed=seed, accounts=accounts)
        opened = Portfolio(folder, AS_OF, FEWEST).opened
        world = cls(opened, {})
        whole = Costing.read(folder / "costing.toml")
        for plain in (False, True):
            for obtains in (False, True):
                world.costings[plain, obtains] = _costing(whole, plain, obtains)
        for name, table in opened.checked.tables.items():
            kept = opened.checked.tables[name]
            rows = kept.stated if kept.stated is not None else table.accepted
            columns = {c.name: rows[c.name].cast(c.kind.value) for c in table.table.columns}
            opened.engine.keep(f"whole_{name}", _filled(name, rows.select(ROW, FILE, **columns)))
        return world

    def portfolio(self, shape: Shape) -> Portfolio:
        """Return the portfolio of a shape of this world."""
        policy = self.opened.policy
        policy = policy.model_copy(update={"window": policy.window.model_copy(update={"allow_beyond": True})})
        if not shape.tiers:
            policy = policy.model_copy(update={"tiers": {}})
        costing = None if "service_events" in shape.absent else self.costings[shape.plain, shape.obtains]
        checked = self._checked(shape)
        assert not [*policy_problems(policy, costing), *equation_problems(costing, checked)]
        engine = self.opened.engine
        opened = Opened(self.opened.dataset, policy, costing, engine, with_stand_ins(engine, checked))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("analysis.portfolio.open_all", lambda *_, **__: opened)
            return Portfolio(as_of=shape.as_of)

    def _checked(self, shape: Shape) -> Checked:
        tables: dict[str, Any] = {}
        for name, whole in self.opened.checked.tables.items():
            if name in shape.absent:
                continue
            rows, count = self._rows(name, shape, tables)
            gone = {column for table, column in shape.dropped if table == name}
            given = [column for column in whole.given if column not in gone]
            tables[name] = replace(
                whole, rows=rows, accepted=rows, stated=None, read=count, rejected=0, given=given, broken=[]
            )
        return Checked(tables, [])

    def _rows(self, name: str, shape: Shape, tables: dict[str, Any]) -> tuple[Any, int]:
        con, whole = self.opened.engine.con, self.opened.checked.tables[name]
        gone = {c for t, c in shape.dropped | shape.emptied if t == name}
        says = {c: f"NULL::{TYPES[INPUTS[name][c].kind]}" for c in gone}
        says |= {c: str(value).upper() for (t, c), value in shape.flags if t == name}
        said = ", ".join(f'{value} AS "{column}"' for column, value in says.items())
        swap = f" REPLACE ({said})" if says else ""
        where = " AND ".join(_conditions(name, shape, tables)) or "TRUE"
        con.con.execute(
            f'CREATE OR REPLACE TEMP TABLE "now_{name}" AS '
            f'SELECT * FROM (SELECT *{swap} FROM "whole_{name}") WHERE {where}'
        ).fetchall()
        count = con.con.execute(f'SELECT count(*) FROM "now_{name}"').fetchall()[0][0]
        kinds = {column.name: column.kind.value for column in whole.table.columns}
        return kept_table(con, f"now_{name}", ibis.schema({ROW: "int64", FILE: "string", **kinds})), count


def _filled(name: str, rows: Any) -> Any:
    """Return the rows with what the sample leaves out and the contract knows."""
    if name == "transactions":
        return rows.mutate(net_amount=rows.net_amount.fill_null(rows.list_amount - rows.discount.fill_null(0)))
    return rows


def _costing(whole: Costing, plain: bool, obtains: bool) -> Costing:
    def said(activity: Any) -> Any:
        lacks = {"when": {}, "per": {}} if plain else {}
        lacks |= {"purpose": "serve"} if not obtains and activity.purpose == "obtain" else {}
        return activity.model_copy(update=lacks)

    return whole.model_copy(update={"activities": {name: said(a) for name, a in whole.activities.items()}})


def _conditions(name: str, shape: Shape, tables: dict[str, Any]) -> Iterator[str]:
    """Yield what the rows of a table must fulfil: the rules of the contract that a gap can break."""
    if name in shape.headers:
        yield "FALSE"
    if name == "customers":
        if shape.only:
            yield f"customer_id IN (SELECT customer_id FROM whole_customers ORDER BY 1 LIMIT {shape.only})"
        return
    if name == "transactions":
        yield "(list_amount IS NOT NULL OR net_amount IS NOT NULL)"
    for column in INPUTS[name].columns:
        parent = column.references
        if not parent or column.unknown == "warning":
            continue
        known = f"SELECT {INPUTS[parent].key} FROM now_{parent}" if parent in tables else "SELECT NULL WHERE FALSE"
        yield f'("{column.name}" IS NULL OR "{column.name}" IN ({known}))'


def seen(page: str) -> str:
    """What a reader sees, without the data's own names and the settings at the foot."""
    page = re.sub(r'<bdi class="name"[^>]*>.*?</bdi>', "", page, flags=re.S)
    page = re.sub(r"<(style|title)\b.*?</\1>", "", page, flags=re.S)
    text = html.unescape(re.sub(r"<[^>]+>", " ", page))
    return re.sub(r"The policy in force.*", "", text, flags=re.S)


def words(run: Portfolio, page: str) -> str:
    """Return what a reader of a page sees, without the data's own names and the settings at the foot."""
    return seen(written(run, page))


def single() -> Iterator[tuple[str, Shape]]:
    """Yield every single gap that the contract allows, by a name."""
    yield "whole", Shape()
    for name in TABLES:
        yield f"no {name}", Shape(absent=frozenset({name}))
        yield f"{name} of a header", Shape(headers=frozenset({name}))
    for place in OPTIONAL:
        yield f"no {'.'.join(place)}", Shape(dropped=frozenset({place}))
        yield f"{'.'.join(place)} empty", Shape(emptied=frozenset({place}))
    for place in FLAGS:
        for value in (True, False):
            yield f"{'.'.join(place)} {value}", Shape(flags=((place, value),))
    bare = frozenset({("service_events", "minutes")})
    yield "one account", Shape(only=1)
    yield "nothing happened", Shape(as_of="2031-12-31")
    yield "before anything", Shape(as_of="2015-12-31")
    yield "no obtaining", Shape(obtains=False)
    yield "no extra minutes", Shape(plain=True, dropped=bare)
    yield "no levels", Shape(absent=frozenset({"service_levels"}), tiers=False)
    yield "headers alone", Shape(headers=frozenset(TABLES))
    for core in ("transactions", "invoices", "service_events", "cases"):
        yield f"{core} alone", Shape(absent=frozenset(TABLES) - {core}, tiers=False)
        columns = frozenset(place for place in OPTIONAL if place[0] != "transactions" or place[1] != "net_amount")
        yield f"{core} alone, bare", Shape(absent=frozenset(TABLES) - {core}, dropped=columns)
    yield "all bare", Shape(dropped=frozenset(OPTIONAL) - {("transactions", "net_amount")})
