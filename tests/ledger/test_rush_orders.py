"""Orders done in a rush, and who paid for one."""

from __future__ import annotations

from pathlib import Path

import ibis

from analysis.ledger.costing import Costing
from analysis.topics.difficulty.measures.rush_orders import rush_orders

COSTING = """
period = "month"
[resources.desk]
cost = 1
capacity_minutes = 1
[activities.pack]
resource = "desk"
per_order = true
"""


SCHEMA = {
    **dict.fromkeys(("event_id", "customer_id", "activity", "order_id", "case_id"), "string"),
    "rush": "boolean",
}


def events(*work: tuple[str, str, str | None, bool]) -> ibis.Table:
    rows = [(event, customer, "pack", order, None, rush) for event, customer, order, rush in work]
    return ibis.memtable(rows, schema=SCHEMA)


def counts(tmp_path: Path, work: ibis.Table, lines: ibis.Table | None) -> list[list[object]]:
    (tmp_path / "costing.toml").write_text(COSTING, encoding="utf-8")
    found = rush_orders(work, lines, Costing.read(tmp_path / "costing.toml"), ("*express*",))
    rows = found.order_by("customer_id").to_pandas()
    return rows[["customer_id", "orders", "rushed"]].to_numpy().tolist()


def test_a_surcharge_pays_for_the_order_of_its_own_customer_alone(tmp_path: Path) -> None:
    """Both number their orders from 1; A pays for the rush of its order 1, B does not."""
    work = events(("E1", "A", "1", True), ("E2", "B", "1", True), ("E3", "B", "2", False))
    lines = ibis.memtable(
        [("A", "1", "Express delivery", 20.0), ("B", "1", "Goods", 100.0), ("B", "2", "Goods", 100.0)],
        schema={"customer_id": "string", "order_id": "string", "product": "string", "net": "float64"},
    )
    assert counts(tmp_path, work, lines) == [["A", 1, 0], ["B", 2, 1]]


def test_work_on_orders_that_names_none_is_an_order_a_piece(tmp_path: Path) -> None:
    """Of B's four pieces two are of order 1, which is a rush; the two without a number are an order each."""
    work = events(
        *(("E1", "A", None, True), ("E2", "A", None, False), ("E3", "A", None, True)),
        *(("E4", "B", "1", True), ("E5", "B", "1", False), ("E6", "B", None, False), ("E7", "B", None, True)),
    )
    assert counts(tmp_path, work, None) == [["A", 3, 2], ["B", 3, 2]]
