"""The customer's statement carries its allowed fields and nothing else: a marker in every other field never shows."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from analysis.data.contract import OUTPUTS, conform
from analysis.data.schema import Kind
from analysis.errors import UsageError
from analysis.publishing.pages import check_page
from analysis.publishing.statements import customer_statement, write_statements
from analysis.topics.overview.account_page.customer import ALLOWED, APPROVED, OURS, YOURS
from tests.pages import seen

MARKER, NUMBER, DAY = "Xmarkerx", 7654321.0, "1987-06-05"
#: How a marker would look on a page: as it is, as a number with units, as a date.
LOOKS = ("markerx", "7,654,321", "7654321", "7.65", "765,432", "765,432", "1987")
ME, OTHER = "C1", "C2"
#: What the allowed fields say, so that every part of the statement is there.
TELLING = {
    ("accounts", "name"): "Brandt",
    ("service_gaps", "attribute"): "site_visits",
    ("service_gaps", "wish"): "less",
    ("our_failures", "failure"): "missed_promises",
    ("our_failures", "recorded"): 3.0,
    ("our_failures", "of"): 9.0,
    ("halfway", "step"): "notice",
    ("halfway", "pieces"): 12,
    ("service_gaps", "delivered"): 4.0,
    ("service_gaps", "expected"): 2.0,
    ("service_gaps", "entitled"): 3.0,
}
MARKS = {Kind.TEXT: MARKER, Kind.DATE: DAY, Kind.TIMESTAMP: DAY, Kind.BOOLEAN: True}
PLAIN = {Kind.TEXT: "said", Kind.DATE: "2026-05-01", Kind.BOOLEAN: False}


def world(made, marked):
    """Return a run of two customers whose tables have a marker in each field that `marked` names, and who told."""
    tables = {}
    for name, table in OUTPUTS.items():
        rows = []
        for who in (ME, OTHER):
            row = {}
            for column in table.columns:
                field = (name, column.name)
                mark = who == OTHER or marked(*field)
                told = TELLING.get(field, PLAIN.get(column.kind, 10))
                value = MARKS.get(column.kind, NUMBER) if mark else told
                row[column.name] = pd.Timestamp(value) if column.kind in (Kind.DATE, Kind.TIMESTAMP) else value
            rows.append({**row, **({"customer_id": who} if "customer_id" in row else {})})
        tables[name] = conform(pd.DataFrame(rows), name)
    run = made.made_run(made.statement([{"customer_id": ME}]), tables=tables)
    run.facts |= {"run_id": MARKER, "code_version": MARKER, "warnings": [MARKER], "assumptions": [MARKER]}
    return run


def allowed(approved: bool) -> set[tuple[str, str]]:
    lists = (ALLOWED, APPROVED) if approved else (ALLOWED,)
    return {(name, column) for fields in lists for name, columns in fields.items() for column in columns}


def traces(html: str) -> list[str]:
    return [look for look in LOOKS if look in html]


@pytest.mark.parametrize("approved", [False, True])
def test_a_marker_in_every_internal_field_and_in_all_of_the_other_customer_never_shows(made, approved: bool) -> None:
    fields = allowed(approved)
    run = world(made, lambda table, column: (table, column) not in fields)
    html = customer_statement(run, ME, approved=approved)
    assert traces(html) == []
    for part in ("Brandt", "You received", "We must", "we missed 3 of 9", "two days", "Give you fewer site visits"):
        assert part in html.replace("&#x27;", "'")
    assert check_page(html) == []


CODES = {("service_gaps", "wish"), ("our_failures", "failure"), ("halfway", "step")}


@pytest.mark.parametrize("field", sorted(allowed(approved=True) - CODES))
def test_a_marker_in_a_field_that_is_shown_would_be_found(made, field: tuple[str, str]) -> None:
    run = world(made, lambda table, column: (table, column) == field)
    assert traces(customer_statement(run, ME, approved=True)) != []


def test_what_only_shows_once_approved_does_not_show_before(made) -> None:
    fields = {(name, column) for name, columns in APPROVED.items() for column in columns}
    run = world(made, lambda table, column: (table, column) in fields)
    assert traces(customer_statement(run, ME)) == []


def test_a_code_that_has_no_words_for_customers_is_never_shown(made) -> None:
    assert CODES.isdisjoint(TELLING.keys() - CODES)
    run = world(made, lambda table, column: (table, column) in CODES)
    assert traces(customer_statement(run, ME, approved=True)) == []
    assert "missed_promises" in OURS
    assert "notice" in YOURS


def test_it_is_never_written_into_the_folder_of_a_run(made, tmp_path) -> None:
    (tmp_path / "run.json").write_text("{}", encoding="utf-8")
    run: SimpleNamespace = world(made, lambda *_: False)
    with pytest.raises(UsageError, match="in the folder of a run"):
        write_statements(run, tmp_path / "accounts", [ME])
    [place] = write_statements(run, tmp_path.parent / "statements", [ME])
    assert place.name == "C1.html"


def test_one_that_was_credited_more_than_it_bought_is_told_so_and_nothing_given_is_left_out(made) -> None:
    run = world(made, lambda *_: False)
    rows = run.tables["accounts"]
    rows.loc[rows["customer_id"] == ME, ["net_revenue", "list_revenue", "discounts", "returns"]] = [
        -650.0,
        100.0,
        0.0,
        750.0,
    ]
    told = seen(customer_statement(run, ME, approved=True))
    assert "You were credited EUR 650 more than you bought in 12 months" in told
    assert "At list price: EUR 100; returns, credits and rebates EUR 750." in told
