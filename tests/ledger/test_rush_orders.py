"""Orders done in a rush, and who paid for one."""

from __future__ import annotations

from pathlib import Path

import ibis

from analysis.ledger.costing import Costing
from analysis.ledger.rush_orders import rush_orders

COSTING = """
period = "month"
[resources.desk]
cost = 1
capacity_minutes = 1
[activities.pack]
resource = "desk"
per_order = true
"""


def test_a_surcharge_pays_for_the_order_of_its_own_customer_alone(tmp_path: Path) -> None:
    """Both number their orders from 1; A pays for the rush of its order 1, B does not."""
    (tmp_path / "costing.toml").write_text(COSTING, encoding="utf-8")
    work = [("E1", "A", "1", True), ("E2", "B", "1", True), ("E3", "B", "2", False)]
    events = ibis.memtable(
        [(event, customer, "pack", order, None, rush) for event, customer, order, rush in work],
        schema={
            "event_id": "string",
            "customer_id": "string",
            "activity": "string",
            "order_id": "string",
            "case_id": "string",
            "rush": "boolean",
        },
    )
    lines = ibis.memtable(
        [("A", "1", "Express delivery", 20.0), ("B", "1", "Goods", 100.0), ("B", "2", "Goods", 100.0)],
        schema={"customer_id": "string", "order_id": "string", "product": "string", "net": "float64"},
    )
    found = rush_orders(events, lines, Costing.read(tmp_path / "costing.toml"), ("*express*",))
    rows = found.order_by("customer_id").to_pandas()
    assert rows[["customer_id", "orders", "rushed"]].to_numpy().tolist() == [["A", 1, 0], ["B", 2, 1]]
