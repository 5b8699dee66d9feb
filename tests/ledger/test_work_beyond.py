"""Work beyond the agreement, by hand: what counts against an account, and what does not."""

from __future__ import annotations

import ibis

from analysis.topics.difficulty.measures.case_facts import work_beyond


def test_what_a_service_attribute_measures_or_mends_a_failure_is_not_beyond_and_what_nobody_asked_for_is_no_demand():
    kinds = {"customer_id": "string", "in_scope": "boolean", "requested": "boolean", "attribute": "string"}
    rows = [
        ("A", False, True, None, False, 30.0),  # beyond
        ("A", False, None, None, False, 10.0),  # beyond: nothing says that nobody asked
        ("A", False, False, None, False, 40.0),  # we offered it
        ("A", False, True, "support", False, 20.0),  # judged as service
        ("A", False, True, None, True, 25.0),  # mends a failure
        ("A", True, True, None, False, 15.0),
        ("A", None, True, None, False, 60.0),  # nobody knows
    ]
    events = ibis.memtable(rows, schema={**kinds, "ours": "boolean", "minutes": "float64"})
    [row] = work_beyond(events).to_pandas().to_dict("records")

    assert (row["out_of_scope"], row["out_of_scope_of"]) == (2, 5)
    assert (row["scope_beyond"], row["scope_minutes"]) == (40.0, 100.0)
    assert row["scope_squared"] == 900 + 100 + 400 + 625 + 225
