"""Files of a dataset's folder that are no table of the contract."""

from __future__ import annotations

from analysis.opening import open_all


def test_a_file_that_is_no_table_is_warned_of_with_the_name_it_may_mean(write_dataset) -> None:
    data = write_dataset(
        customers="customer_id,name\nA,Ada\n",
        transaction="x\n1\n",
        cases="case_id,customer_id,opened_at\n1,A,2026-01-01\n",
    )
    opened = open_all(data)
    found = next(p for p in opened.problems if p.rule == "unknown_file")
    assert (found.table, found.severity) == ("transaction.csv", "warning")
    assert "`transactions`" in found.mend
