"""Open a dataset: its sources, settings and engine, with every problem of all of them told together."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property, reduce
from operator import or_
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.clock import SECOND_TIME
from analysis.data.checks import Checked, check
from analysis.data.contract import INPUTS, LARGEST, Column, Kind, RowRule, Table
from analysis.data.doubts import currency_problems
from analysis.data.first_days import with_first_sales
from analysis.data.reading import Engine
from analysis.data.sources import Dataset, open_dataset
from analysis.data.span import last_whole_month, late_starts, quiet_ends, tables_from
from analysis.data.stand_ins import with_stand_ins
from analysis.engines import ENGINES
from analysis.errors import DataError, Example, Problem, UsageError
from analysis.ledger.bridge import other_books
from analysis.ledger.costing import Costing
from analysis.ledger.duration import seconds_between
from analysis.ledger.warnings import warnings
from analysis.policy import Policy
from analysis.topics.actions.columns import ACTIONS
from analysis.topics.overview.columns import JUDGEMENTS
from analysis.window import Window

if TYPE_CHECKING:
    import ibis


@dataclass
class Opened:
    """A dataset that was read and checked, with the settings that belong to it."""

    dataset: Dataset
    policy: Policy
    costing: Costing | None
    engine: Engine
    checked: Checked

    @cached_property
    def warnings(self) -> list[Problem]:
        """What is kept and warned of: in the tables, and between them and the costing."""
        return [
            *_strangers(self.dataset),
            *self.checked.warnings,
            *warnings(self.checked, self.costing, self.policy),
        ]

    @property
    def problems(self) -> list[Problem]:
        """Every problem: the errors, then the warnings, those of the data's last whole month among them."""
        return [*self.checked.errors, *self.warnings, *self._of_the_window]

    def under(self, policy: Policy, costing: Costing | None) -> Opened | None:
        """Return the same rows under another policy and costing; None where these tell what a row may say.

        Raises
        ------
        DataError
            The policy or the tables do not have what the costing names.
        """
        if narrowed(policy, costing)["service_events"] != narrowed(self.policy, self.costing)["service_events"]:
            return None
        problems = [*policy_problems(policy, costing), *equation_problems(costing, self.checked)]
        if problems:
            raise DataError(problems)
        return replace(self, policy=policy, costing=costing, engine=self.engine.apart())

    @property
    def _of_the_window(self) -> list[Problem]:
        try:
            last = last_whole_month(self.checked)
        except (DataError, UsageError):  # no day, or a clock that stands before them all
            return []
        window = Window.until(last, self.policy.window.months)
        return [
            *late_starts(tables_from(self.checked, window)),
            *quiet_ends(self.checked, window),
            *other_books(self.costing, window),
        ]


def open_all(
    data: str | Path,
    policy: Mapping[str, Any] | Policy | None = None,
    *,
    policy_file: Path | None = None,
    costing_file: Path | None = None,
    costing: Costing | None = None,
    engine: str = ENGINES[0],
    told: Callable[[str], None] | None = None,
) -> Opened:
    """Return a dataset, read and checked.

    Parameters
    ----------
    data
        A folder with one file per table, or a `dataset.toml`.
    policy
        A policy to take as it is, or overrides of the dataset's, nested as in `policy.toml`.
    policy_file, costing_file
        Other files than the ones in the dataset's folder.
    costing
        A costing to take as it is.
    engine
        What computes: `duckdb`, on this machine, or `spark`.
    told
        What hears of each table when it was read.

    Raises
    ------
    UsageError
        There is no dataset, or no such engine.
    PolicyError
        The policy has problems.
    DataError
        The costing or the tables have problems that no row can be rejected for; all are told at once.
    """
    dataset = open_dataset(data)
    if not isinstance(policy, Policy):
        policy = Policy.read(policy_file or dataset.policy, policy)
    problems: list[Problem] = []
    try:
        costing = costing or _read_costing(dataset, costing_file)
        problems += policy_problems(policy, costing)
    except DataError as fault:
        problems += fault.problems
    computing = _engine(engine, dataset.folder, policy.timezone)
    try:
        computing.confine(dataset)
        checked = check(computing, dataset, narrowed(policy, costing), told)
        stopping = [
            *problems,
            *checked.stopping,
            *equation_problems(costing, checked),
            *currency_problems(checked, policy.currency),
        ]
        problems = [*stopping, *(p for p in checked.errors if p not in stopping)] if stopping else []
        checked.problems += with_first_sales(computing, checked)
    except DataError as fault:
        problems += fault.problems
    if problems:
        computing.close()
        raise DataError(problems)
    return Opened(dataset, policy, costing, computing, with_stand_ins(computing, checked))


def _engine(name: str, folder: Path, timezone: str) -> Engine:
    if name not in ENGINES:
        raise UsageError(f"There is no engine {name!r}; known: {', '.join(ENGINES)}.")
    if name == ENGINES[0]:
        return Engine(folder, timezone)
    # Not above: pyspark is there only where somebody wants it.
    from analysis.data.spark import SparkEngine

    return SparkEngine(folder, timezone)


def _strangers(dataset: Dataset) -> Iterator[Problem]:
    """Yield a warning for each file of the folder that is no table of the contract."""
    for name in dataset.strangers:
        near = get_close_matches(Path(name).stem, INPUTS, 1)
        mend = f"Is it `{near[0]}`? Rename it." if near else f"Tables: {', '.join(INPUTS)}."
        yield Problem(
            name, "", "unknown_file", "this file is no table of the contract; it is not read", mend, "warning"
        )


def _read_costing(dataset: Dataset, file: Path | None) -> Costing | None:
    path = file or dataset.costing
    if file is None and not path.exists() and "service_events" not in dataset.sources:
        return None
    return Costing.read(path)


def narrowed(policy: Policy, costing: Costing | None) -> dict[str, Table]:
    """Return the input tables as this costing and this policy narrow them.

    An event's activity must be one of the costing's, a level's attribute one of the policy's, an override's
    judgement one that a person may decide; the columns that a time equation reads get their type. A tier that the
    policy does not have, and a step that is none of the contract's, are warned of: nothing rests on them.
    """
    tables = dict(INPUTS)
    if policy.tiers:
        tables["customers"] = _with_rule(tables["customers"], _unknown_tier(policy.tiers))
    tables["actions_taken"] = _with_rule(tables["actions_taken"], _UNKNOWN_ACTION)
    cases = tables["cases"]
    tables["cases"] = replace(cases, rules=tuple(_in_real_time(rule, policy.timezone) for rule in cases.rules))
    if costing:
        extra = _equation_columns(costing, tables["service_events"].names)
        events = _with_values(tables["service_events"], "activity", costing.activities)
        tables["service_events"] = replace(events, columns=(*events.columns, *extra))
    tables["service_levels"] = _with_values(tables["service_levels"], "attribute", policy.service)
    tables["overrides"] = _with_rule(_with_values(tables["overrides"], "judgement", JUDGEMENTS), _WRONG_DECISION)
    return tables


def _with_rule(table: Table, rule: RowRule) -> Table:
    return replace(table, rules=(*table.rules, rule))


def _unknown_tier(tiers: Collection[str]) -> RowRule:
    return RowRule(
        "unknown_tier",
        "tier",
        "the policy has no such tier, so it agrees no level",
        f"Correct it, or add [tiers.NAME] to the policy, empty where nothing is agreed. Known: {', '.join(tiers)}.",
        lambda t: t.tier.notin(list(tiers)),
        severity="warning",
    )


_UNKNOWN_ACTION = RowRule(
    "unknown_action",
    "action",
    "this is none of the steps that are known: it counts as none of them tried",
    f"Write one of {', '.join(ACTIONS)}.",
    lambda t: t.action.notin(ACTIONS),
    severity="warning",
)


def _in_real_time(rule: RowRule, timezone: str) -> RowRule:
    """Return a rule that two moments are in order, held against the time that passed and not what the clock showed."""
    last, before, first = rule.code.partition("_before_")
    if not before:
        return rule

    def breaks(t: ibis.Table) -> ibis.Column:
        # Only the few that the clock puts in the wrong order, or may have, are worth the conversion.
        second_time = t[first].microsecond() % 1000 == SECOND_TIME
        return ((t[last] < t[first]) | second_time).ifelse(seconds_between(t[first], t[last], timezone) < 0, False)

    return replace(rule, breaks=breaks)


def _is_no_value(rows: ibis.Table) -> ibis.Column:
    """Return whether a decision's value is none that its judgement may take."""
    limited = {name: values for name, values in JUDGEMENTS.items() if values}
    # As in any true or false: a spreadsheet writes TRUE.
    said = {name: rows["value"].lower() if "true" in values else rows["value"] for name, values in limited.items()}
    return reduce(or_, ((rows.judgement == name) & said[name].notin(values) for name, values in limited.items()))


_WRONG_DECISION = RowRule(
    "wrong_value",
    "value",
    "this is no value of that judgement",
    "Write " + "; ".join(f"{name}: {', '.join(values)}" for name, values in JUDGEMENTS.items() if values) + ".",
    _is_no_value,
)


def _with_values(table: Table, name: str, values: Iterable[str]) -> Table:
    columns = (replace(c, values=tuple(values)) if c.name == name else c for c in table.columns)
    return replace(table, columns=tuple(columns))


def _equation_columns(costing: Costing, known: list[str]) -> Iterator[Column]:
    numbers = {name for a in costing.activities.values() for name in a.per}
    words = {w.partition("=")[0] for a in costing.activities.values() for w in a.when if "=" in w}
    flags = {w for a in costing.activities.values() for w in a.when if "=" not in w}
    for name in sorted((numbers | words | flags) - set(known)):
        kind = Kind.NUMBER if name in numbers else Kind.TEXT if name in words else Kind.BOOLEAN
        most = LARGEST if kind is Kind.NUMBER else None
        yield Column(name, kind, "read by a time equation of the costing", required=False, maximum=most)


def policy_problems(policy: Policy, costing: Costing | None) -> Iterator[Problem]:
    """Yield what the policy names and the costing, or the policy itself, does not have."""
    default = type(policy)().service
    for name, attribute in policy.service.items():
        mine = default.get(name) != attribute
        for activity in attribute.activities:
            if costing and mine and activity not in costing.activities:
                yield _unknown("policy", f"service.{name}.activities", activity, costing.activities)
        if costing and attribute.standby and attribute.standby not in costing.resources:
            yield _unknown("policy", f"service.{name}.standby", attribute.standby, costing.resources)
    for tier, levels in policy.tiers.items():
        for attribute_name in levels:
            if attribute_name not in policy.service:
                yield _unknown("policy", f"tiers.{tier}.{attribute_name}", attribute_name, policy.service)


def _unknown(file: str, place: str, value: str, known: Iterable[str]) -> Problem:
    mend = f"Known here: {', '.join(sorted(known)) or 'none'}."
    return Problem(file, place, "unknown_name", "this name is unknown", mend, examples=(Example(None, "", value),))


def equation_problems(costing: Costing | None, checked: Checked) -> Iterator[Problem]:
    """Yield the terms of time equations whose column the events do not have, or not as a number or a flag."""
    if not costing or "service_events" not in checked:
        return
    table = checked.tables["service_events"]
    if not costing.activities:
        mend = "Add [activities.<name>] with its resource and its minutes."
        yield Problem("costing.toml", "activities", "missing_key", "`service_events` needs activities", mend)
    for name, activity in costing.activities.items():
        for term, wanted in [*((p, Kind.NUMBER) for p in activity.per), *((w, Kind.BOOLEAN) for w in activity.when)]:
            column = term.partition("=")[0]
            kind = table.table[column].kind
            place = f"activities.{name}.{'per' if wanted is Kind.NUMBER else 'when'}"
            if column not in table.given and column not in INPUTS["service_events"].names:
                yield _term(place, column, "`service_events` has no such column", "Add it, or drop the term.")
            elif wanted is Kind.NUMBER and kind not in (Kind.NUMBER, Kind.MINUTES):
                yield _term(place, column, "this column is not a number", "Name a number, or use `when`.")
            elif wanted is Kind.BOOLEAN and "=" not in term and kind is not Kind.BOOLEAN:
                yield _term(place, column, "this column is not true or false", 'Write "column=value".')
            elif kind in (Kind.NUMBER, Kind.MINUTES) and "=" in term and not _is_number(term.partition("=")[2]):
                yield _term(place, term, "this column holds numbers", 'Write "column=3".')


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _term(place: str, column: str, message: str, mend: str) -> Problem:
    return Problem("costing.toml", place, "wrong_term", message, mend, examples=(Example(None, "", column),))
