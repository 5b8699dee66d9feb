"""Every key of `costing.toml`, `policy.toml` and `dataset.toml` in words, as the documentation shows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from analysis.data.options import DatasetFile
from analysis.ledger.costing import Costing
from analysis.policy import Policy
from analysis.settings import Settings

FILES: dict[str, tuple[type[Settings], str]] = {
    "costing.toml": (Costing, "What service costs. It is required where the dataset has `service_events`."),
    "policy.toml": (Policy, "The choices that you make. An empty file, or none, is a policy too."),
    "dataset.toml": (DatasetFile, "Where the tables come from, if not from files named after them in one folder."),
}
_HEAD = """# Settings

Written from the code by `mutual-value settings`; do not edit it by hand. An unknown key or a value of the wrong type
is an error that names it. `costing.toml` and `policy.toml` lie in the dataset's folder, or are named with `--costing`
and `--policy`. One key for one run: `--set window.months=24`.
"""
_DEFAULT_ATTRIBUTES = """### The attributes that `[service]` has by default

Entries of your own replace these. One whose activities the costing does not have is left out.
"""
_DEFAULT_ACTIONS = """### What `[actions]` assumes by default

What you write is laid on these, key by key.
"""
_WORDS = {
    "number": "number",
    "integer": "whole number",
    "string": "text",
    "date": "date",
    "boolean": "true or false",
}

_BOUNDS = {
    "minimum": "{:g} or more",
    "exclusiveMinimum": "above {:g}",
    "maximum": "{:g} at most",
    "exclusiveMaximum": "below {:g}",
}

Schema = dict[str, Any]


def describe() -> str:
    """Return every settings file, section and key as Markdown."""
    parts = [_HEAD]
    for file, (model, purpose) in FILES.items():
        schema = model.model_json_schema()
        parts += [f"## {file}\n\n{purpose}\n", *_sections(schema, "", schema["$defs"])]
        if model is Policy:
            parts += [_DEFAULT_ATTRIBUTES, _default_attributes(), _DEFAULT_ACTIONS, _default_actions()]
    return "\n".join(parts)


def _sections(schema: Schema, path: str, known: Schema) -> Iterator[str]:
    """Yield a model's own keys as one section, then a section for each table within it."""
    required = schema.get("required", ())
    keys = {name: key for name, key in schema["properties"].items() if _below(key, known) is None}
    title = f"### [{path}]" if path else "### Outside any section"
    if keys:
        words = schema["description"] if path else "These stand at the top of the file."
        rows = [_row(name, key, name in required) for name, key in keys.items()]
        yield "\n".join(
            [f"{title}\n", f"{words}\n", "| key | type | default | meaning |", "|---|---|---|---|", *rows, ""]
        )
    for name, key in schema["properties"].items():
        below = _below(key, known)
        if below is not None:
            inner = f"{path}.{name}".lstrip(".") + (".NAME" if "additionalProperties" in key else "")
            yield from _sections(below, inner, known)


def _below(key: Schema, known: Schema) -> Schema | None:
    """Return the model that a key holds (one, one or none, or one for each name); None where it holds a value."""
    candidates = [key, *key.get("anyOf", ()), key.get("additionalProperties") or {}]
    reference = next((c["$ref"] for c in candidates if isinstance(c, dict) and "$ref" in c), "")
    found: Schema | None = known.get(reference.rpartition("/")[2])
    return found


def _row(name: str, key: Schema, required: bool) -> str:
    default = "required" if required else _default(key)
    return f"| `{name}` | {_type(key)} | {default} | {key['description'].replace('|', '/')} |"


def _default(key: Schema) -> str:
    value = key.get("default")
    return "not set" if value in (None, "", [], {}) else f"`{json.dumps(value)}`"


def _type(key: Schema) -> str:
    for choice in key.get("anyOf", ()):
        if choice.get("type") != "null":
            return _type(choice)
    if "enum" in key:
        return ", ".join(f"`{value}`" for value in key["enum"])
    if key.get("type") == "array":
        return f"list of {_type(key['items'])}"
    if key.get("type") == "object":
        inner = key.get("additionalProperties")
        return f"names, each with {_type(inner)}" if isinstance(inner, dict) and inner else "any"
    return ", ".join([_WORDS[key.get("format") or key["type"]], *_bounds(key)])


def _bounds(key: Schema) -> Iterator[str]:
    yield from (words.format(key[bound]) for bound, words in _BOUNDS.items() if bound in key)


def _default_attributes() -> str:
    lines = ["```toml"]
    for name, attribute in Policy().service.items():
        lines.append(f"[service.{name}]")
        lines += [f"{key} = {_toml(value)}" for key, value in attribute.model_dump(exclude_defaults=True).items()]
        lines.append("")
    return "\n".join([*lines[:-1], "```", ""])


def _default_actions() -> str:
    lines = ["```toml"]
    for name, assumed in Policy().actions.items():
        lines.append(f"[actions.{name}]")
        lines += [f"{key} = {_toml(value)}" for key, value in assumed.model_dump(exclude_defaults=True).items()]
        lines.append("")
    return "\n".join([*lines[:-1], "```", ""])


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    return json.dumps(value)
