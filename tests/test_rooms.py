"""Rooms by topic: who may import whom, read from the imports themselves."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import analysis

SOURCE = Path(analysis.__file__).parent
#: A topic rests on those before it.
TOPICS = (
    *("profitability", "service", "difficulty", "perception", "archetypes", "value"),
    *("actions", "sellers", "backtest", "overview"),
)
#: Inside a topic each part rests on those before it; a module beside the folders counts as `tables`.
PARTS = ("policy", "columns", "measures", "judgement", "tables", "figures", "page", "account_page")
#: What every topic rests on, and knows none of them.
FOUNDATIONS = ("data", "ledger", "policy", "statistics", "reporting")
#: The two places that put the topics' own together: the contract, and the policy.
GATHERERS = {"data.contract.outputs": "columns", "policy": "policy"}


def modules() -> dict[str, Path]:
    """Return every module by its name within the package."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imported(path: Path) -> Iterator[str]:
    """Yield the package's own modules that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "analysis":
            module = (node.module or "").partition(".")[2]
            for name in node.names:
                inner = f"{module}.{name.name}".lstrip(".")
                yield inner if inner in MODULES else module


IMPORTS = {name: sorted(set(imported(path))) for name, path in MODULES.items()}
PAIRS = [(name, other) for name, others in IMPORTS.items() for other in others]


def topic_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if parts[0] == "topics" and len(parts) > 1 else ""


def part_of(module: str) -> str:
    part = [*module.split("."), "", ""][2]
    return part if part in PARTS else "tables"


def test_every_topic_has_its_room():
    assert {topic_of(name) for name in MODULES} - {""} == set(TOPICS)


def test_an_earlier_topic_never_imports_a_later_one():
    rank = {topic: place for place, topic in enumerate(TOPICS)}
    wrong = [(a, b) for a, b in PAIRS if topic_of(a) and topic_of(b) and rank[topic_of(b)] > rank[topic_of(a)]]
    assert wrong == []


def test_inside_a_topic_pages_rest_on_tables_these_on_judgement_and_that_on_measures():
    rank = {part: place for place, part in enumerate(PARTS)}
    wrong = [
        (a, b) for a, b in PAIRS if topic_of(a) and topic_of(a) == topic_of(b) and rank[part_of(b)] > rank[part_of(a)]
    ]
    assert wrong == []


@pytest.mark.parametrize("foundation", FOUNDATIONS)
def test_what_every_topic_rests_on_knows_none_of_them(foundation):
    wrong = [
        (a, b) for a, b in PAIRS if a.split(".")[0] == foundation and topic_of(b) and GATHERERS.get(a) != part_of(b)
    ]
    assert wrong == []


@pytest.mark.parametrize(("part", "rests_on"), [("policy", {"settings"}), ("columns", {"data.schema"})])
def test_a_topic_s_choices_and_columns_rest_on_nothing_of_the_house(part, rests_on):
    mine = [name for name in MODULES if topic_of(name) and name.endswith(f".{part}")]
    assert mine
    assert {other for name in mine for other in IMPORTS[name]} - set(mine) <= rests_on


def test_no_topic_knows_how_it_is_published_or_explored():
    outside = ("publishing", "exploring", "propose", "cli", "schedule")
    assert [(a, b) for a, b in PAIRS if topic_of(a) and b.split(".")[0] in outside] == []


def test_whoever_takes_the_catalogue_gets_no_topic_with_it():
    assert IMPORTS["tables"] == IMPORTS["tables.catalogue"] == []
