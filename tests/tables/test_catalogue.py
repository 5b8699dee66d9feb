"""The catalogue of tables: whole, without circles, and keeping under another policy exactly what still holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from analysis import Portfolio
from analysis.data.contract import OUTPUTS
from analysis.errors import PolicyError
from analysis.facts import PARTS
from analysis.policy import Policy
from analysis.publishing.tables import write_and_let_go
from analysis.settings import merge
from analysis.tables import every as _every  # noqa: F401 - it fills the catalogue
from analysis.tables.catalogue import CATALOGUE, Catalogue, CatalogueError
from analysis.tables.computed import READING, Computed
from sample_firms import make_sample
from tests.pages import FEWEST

AS_OF = "2026-10-31"


def test_a_name_declared_twice_is_told_at_once():
    made = Catalogue()

    @made.table()
    def whale() -> None: ...

    with pytest.raises(CatalogueError, match="whale is declared twice"):

        @made.part()
        def whale() -> None: ...


def test_a_circle_a_missing_table_a_missing_need_and_a_table_of_no_contract_are_told_together():
    made = Catalogue()

    @made.table()
    def whale(ranges) -> None: ...

    @made.part()
    def ranges(whale, lost) -> None: ...

    @made.table("segments")
    def wale() -> None: ...

    with pytest.raises(CatalogueError) as told:
        made.stop_unless_whole(["whale", "reasons"])
    for said in (
        "No function computes the table reasons",
        "The contract has no table wale",
        "ranges needs lost",
        "wale declares keys of a policy that it is not given",
        "circle: whale, ranges, whale",
    ):
        assert said in str(told.value)


@pytest.mark.slow
def test_a_part_that_reads_a_key_it_does_not_declare_fails(small):
    node = replace(CATALOGUE.nodes["statement"], reads=("peers",))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(CATALOGUE.nodes, "statement", node)
        with pytest.raises(CatalogueError, match="statement reads the policy's segments and does not declare it"):
            Computed(small.opened, small.window).get("statement")


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Iterator[Portfolio]:
    p = Portfolio(make_sample(tmp_path_factory.mktemp("small"), seed=5, accounts=16), AS_OF, FEWEST)
    yield p
    p.opened.engine.close()


def test_only_what_is_asked_for_is_computed(small):
    fresh = Computed(small.opened, small.window)

    assert fresh.table("track_record").shape[1] == len(OUTPUTS["track_record"].columns)
    assert not {"ranges", "statement", "planned", "staying", "over_served_kinds"} & {*fresh._made}


def leaves(policy: Mapping[str, Any], at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in policy.items():
        if isinstance(value, Mapping):
            yield from leaves(value, (*at, name))
        else:
            yield (*at, name), value


def others(value: Any) -> Iterator[Any]:
    """Yield values that are not this one."""
    if isinstance(value, bool) or value is None:
        yield from (not value, 7.0, 7, 0.5, ["industry"], {"days": ["mon", "tue"], "hours": ["08:00", "12:00"]})
    elif isinstance(value, (int, float)):
        yield from (value * 1.25, value * 0.75, value + 1, value - 1, value * 2, 1.0, 0.5)
    elif isinstance(value, (list, tuple)):
        yield from ([*value][:-1], [item * 0.5 if isinstance(item, float) else item for item in value])
        yield from ([0.1, 0.2, 0.3], ["late_payment"], ["x*"])
    else:
        yield from ("sales", "service", "management", "cash")


def changed(policy: Policy, section: str) -> tuple[dict[str, Any], set[str]]:
    """Return another value for every key of a section that alone makes a policy, and the keys without one."""
    stated, found, without = policy.model_dump(mode="json"), {}, set()
    for path, value in leaves({section: stated[section]}):
        if ".".join(path) in OF_THE_LEDGER:
            continue
        for other in others(value):
            change: Any = other
            for name in reversed(path):
                change = {name: change}
            with suppress(PolicyError):
                if Policy.read(None, merge(merge(policy.in_force(), found), change)) != policy and other != value:
                    found = merge(found, change)
                    break
        else:
            without.add(".".join(path))
    return found, without


#: Sections that are changed together: so all keys are, and each group leaves most of the others' tables alone.
GROUPS = (
    ("actions", "archetypes", "ending", "plan", "sellers", "steps", "value"),
    ("difficulty", "over_service", "peers", "perception", "under_service"),
    ("calendar", "finance", "segments", "uncertainty"),
)
#: Keys that the ledger reads: under another of these all is computed anew.
OF_THE_LEDGER = {"costs.cogs_share", "costs.modelled_cogs_share", "finance.receivables_rate"}


def test_every_section_is_changed():
    apart = {
        *READING,
        "logged_zero",
        "costs",
        "checks",
        "backtest",
    }  # read with the data, by the ledger, or of no table
    assert {*Policy.model_fields} - apart == {name for group in GROUPS for name in group}
    stated = Policy().model_dump(mode="json")
    keys = {
        ".".join(path) for path, _ in leaves({name: stated[name] for name in {*stated} - {*READING, "logged_zero"}})
    }
    assert {key for key in keys if "ledger" in CATALOGUE.hang_on([key])} == OF_THE_LEDGER


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS, ids=", ".join)
def test_under_another_policy_what_is_kept_is_what_would_be_computed_anew(small, group):
    for name in OUTPUTS:
        small.table(name)
    change: dict[str, Any] = {}
    for section in group:
        found, without = changed(small.policy, section)
        assert found
        assert not {key for key in without if not key.startswith("actions.")}
        change |= found
    policy = Policy.read(None, merge(small.policy.in_force(), change))
    quick = small.with_policy(change)
    assert quick.opened.checked is small.opened.checked
    with small.opened.engine.scoped("anew") as engine:
        anew = Computed(replace(small.opened, policy=policy, engine=engine), small.window)
        for name in OUTPUTS:
            pd.testing.assert_frame_equal(quick.table(name), anew.table(name), obj=name)


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        {"resources": {"field_team": {"cost": 60_000.0, "avoidable": 0.9}}},
        {"activities": {"inquiry": {"minutes": 25.0, "uncertainty": 0.4}}},
    ],
    ids=["what a team costs", "what work takes"],
)
def test_at_other_costs_what_is_kept_is_what_would_be_computed_anew(small, change):
    for name in OUTPUTS:
        small.table(name)
    quick = small.with_costing(change)
    assert quick.opened.checked is small.opened.checked
    assert not quick.judged.cost_to_serve.equals(small.judged.cost_to_serve)
    with small.opened.engine.scoped("anew") as engine:
        anew = Computed(replace(small.opened, costing=quick.opened.costing, engine=engine), small.window)
        for name in OUTPUTS:
            pd.testing.assert_frame_equal(quick.table(name), anew.table(name), obj=name)


@pytest.mark.slow
def test_where_the_dataset_is_read_otherwise_all_is_computed_anew(small):
    other = small.with_policy({"window": {"months": 6}, "finance": {"receivables_rate": 0.5}})

    assert other.window.months == 6
    statement = other.computed.statement
    assert statement.net_revenue.sum() < small.accounts.net_revenue.sum()
    assert statement.financing_cost.sum() > small.accounts.financing_cost.sum()
    other.opened.engine.close()


@pytest.mark.slow
def test_each_table_comes_once_as_a_portfolio_has_it_and_nothing_else_is_held_at_the_end(small):
    run, came = Computed(replace(small.opened, engine=small.opened.engine.apart()), small.window), {}

    run.each(OUTPUTS, ["ledger", "listed"], came.__setitem__, came.__getitem__)

    assert [*came] != [*OUTPUTS] and {*came} == {*OUTPUTS}
    assert {*run._made} == {"ledger", "listed"}
    for name, frame in came.items():
        pd.testing.assert_frame_equal(frame, small.table(name), rtol=1e-9, atol=1e-9, obj=name)


@pytest.mark.slow
def test_whenever_a_table_is_taken_no_more_is_held_than_what_something_is_still_made_of(small):
    run, left = Computed(replace(small.opened, engine=small.opened.engine.apart()), small.window), {*OUTPUTS}

    def take(name: str, _: pd.DataFrame) -> None:
        left.remove(name)
        needed = {need for node in CATALOGUE.nodes.values() for need in node.rests_on if node.name not in made}
        made.update(run._made)
        assert {*run._made} - {name} - left <= needed

    made: set[str] = set()
    run.each(OUTPUTS, [], take, small.table)

    assert not left and not run._made


def test_what_a_run_let_go_of_is_read_back_where_it_is_a_table_and_told_where_it_is_a_part(small):
    run, came = Computed(replace(small.opened, engine=small.opened.engine.apart()), small.window), {}

    run.each(["whale"], [], came.__setitem__, came.__getitem__)

    assert run.whale is came["whale"]
    with pytest.raises(CatalogueError, match="ranges is asked for, and was let go of"):
        run.ranges  # noqa: B018


@pytest.mark.slow
def test_the_facts_of_a_run_are_those_of_a_portfolio(small, tmp_path):
    run = Portfolio(small._given.data, AS_OF, FEWEST)

    write_and_let_go(run, tmp_path)

    assert {*run.computed._made} == {*PARTS}
    assert run.facts == small.facts
    run.opened.engine.close()
