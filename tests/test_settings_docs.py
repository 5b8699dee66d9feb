"""docs/settings.md says what the code takes: every key, none forgotten, none left over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from analysis.settings_docs import FILES, describe
from tests.conftest import ROOT


def test_the_page_is_what_the_command_prints() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert page == describe(), "run: mutual-value settings > docs/settings.md"


def _keys(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for model in (schema, *schema["$defs"].values()):
        yield from model["properties"].items()


@pytest.mark.parametrize("file", FILES)
def test_every_key_has_a_meaning(file: str) -> None:
    silent = [name for name, key in _keys(FILES[file][0].model_json_schema()) if not key.get("description")]
    assert silent == []


def test_keys_that_the_contract_fixes_are_on_the_page_with_their_defaults() -> None:
    page = describe()
    for line in (
        "| `months` | whole number, 1 or more, 120 at most | `12` |",
        "| `receivables_rate` | number, 0 or more, below 1 | `0.08` |",
        "| `capacity_minutes` | number, above 0 | required |",
        "| `avoidable` | number, 0 or more, 1 at most | not set |",
        '| `decimal` | text | `"."` |',
    ):
        assert line in page
