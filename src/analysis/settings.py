"""Settings files: read TOML, hold it against a pydantic model, tell every problem at once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from analysis.errors import Example, Problem, ProblemsError, UsageError
from analysis.formats import in_a_sentence


class Settings(BaseModel):
    """A model whose unknown keys and wrong types are errors, and whose values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def _three(value: Any) -> Any:
    """Return low, likely and high; one number stands for all three."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return (float(value),) * 3
    if not isinstance(value, (list, tuple)) or len(value) != 3:
        raise ValueError("write a range as [low, likely, high], or one number")
    numbers = tuple(float(item) for item in value)
    if not numbers[0] <= numbers[1] <= numbers[2]:
        raise ValueError("a range goes from low over likely to high")
    return numbers


def as_date(day: Any) -> date:
    """Return a date of TOML, or one that is written in text.

    Raises
    ------
    ValueError
        It is neither.
    """
    if type(day) is date:
        return day
    try:
        return date.fromisoformat(day)
    except (TypeError, ValueError):
        raise ValueError(f"{str(day)!r} is no date; write it as 2026-12-25") from None


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


Day = Annotated[date, BeforeValidator(as_date)]
#: Before a tuple: TOML and JSON write a list.
LISTED = BeforeValidator(_as_tuple)
Names = Annotated[tuple[str, ...], LISTED]
#: Low, likely and high; one number stands for all three.
Range = Annotated[tuple[float, ...], BeforeValidator(_three)]
Model = TypeVar("Model", bound=Settings)


def read_toml(path: Path, error: type[ProblemsError]) -> dict[str, Any]:
    """Return the file's content.

    Raises
    ------
    error
        The file is not there, is not UTF-8 or is not TOML; it says where.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise error([_file_problem(path, "missing_file", "the file is not there", "Write it.")]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as fault:
        raise error([_file_problem(path, "not_toml", f"the file cannot be read: {fault}", "Mend it.")]) from None


def _file_problem(path: Path, rule: str, message: str, mend: str) -> Problem:
    return Problem(path.name, "", rule, message, mend, examples=(Example(None, "", str(path)),))


def validate(model: type[Model], content: Mapping[str, Any], file: str, error: type[ProblemsError]) -> Model:
    """Return the model filled from the content.

    Raises
    ------
    error
        With one problem for each key that is unknown, missing or of the wrong kind.
    """
    try:
        return model.model_validate(content)
    except ValidationError as fault:
        raise error(problems_of(fault, model, file)) from None


def problems_of(fault: ValidationError, model: type[Settings], file: str) -> list[Problem]:
    """Return pydantic's complaints as problems that name the key and how to mend it."""
    return [_problem(dict(detail), model, file) for detail in fault.errors(include_url=False)]


def _problem(detail: dict[str, Any], model: type[Settings], file: str) -> Problem:
    path = ".".join(str(part) for part in detail["loc"] if part != "[key]")
    if detail["type"] == "extra_forbidden":
        known = ", ".join(_known_keys(model, detail["loc"][:-1]))
        if "." in (key := str(detail["loc"][-1])):
            nested = "{'" + key.replace(".", "': {'") + "': ...}" + "}" * key.count(".")
            return Problem(file, path, "unknown_key", "a key has no point in it", f"Write it nested: {nested}.")
        return Problem(file, path, "unknown_key", "this key is unknown", f"Known here: {known}.")
    if detail["type"] == "missing":
        return Problem(file, path, "missing_key", "this key is missing", "Add it.")
    message, mend = _in_words(detail, _known_keys(model, detail["loc"]))
    # A section as a whole says nothing of what is wrong in it, and is long.
    shown = () if isinstance(detail["input"], Mapping) else (Example(None, "", repr(detail["input"])[:200]),)
    return Problem(file, path, "wrong_value", message, mend, examples=shown)


#: What pydantic finds, in the words of somebody who writes a settings file: what it is not, and how to write it.
_WRONG_KINDS = {
    "int_type": ("this is not a whole number", "Write it in figures, without quotes: 12."),
    "int_from_float": ("this is not a whole number", "Write it in figures, without a point: 12."),
    "float_type": ("this is not a number", "Write it in figures, without quotes and with a point: 1234.5."),
    "bool_type": ("this is neither true nor false", "Write true or false, without quotes."),
    "string_type": ("this is not text", 'Put it in quotes: "...".'),
    "list_type": ("this is not a list", "Put it in brackets: [...]."),
    "tuple_type": ("this is not a list", "Put it in brackets: [...]."),
    "finite_number": ("this is not a finite number", "Correct it."),
}
_PATTERNS = {
    r"^[A-Z]{3}$": "Write three capitals, as EUR.",
    r"^[.,]$": 'Write "." or ",".',
    r"^[a-z][a-z0-9+]*://.+": "Write it as sqlite://erp.db, duckdb://erp.duckdb or postgres://reader@host/erp.",
}


def _in_words(detail: dict[str, Any], known: list[str]) -> tuple[str, str]:
    if detail["type"] in ("model_type", "dict_type", "model_attributes_type"):
        return "this is a section, and takes no value of its own", (
            f"Give it keys with values. Known here: {', '.join(known)}." if known else "Give it names with values."
        )
    if detail["type"] in _WRONG_KINDS:
        return _WRONG_KINDS[detail["type"]]
    if detail["type"] == "string_pattern_mismatch":
        return "this is not written as it has to be", _PATTERNS.get(
            detail["ctx"]["pattern"], "docs/settings.md says how."
        )
    said = detail["msg"].removeprefix("Value error, ")
    return in_a_sentence(said).replace("input should be", "this must be", 1), "Correct it."


def _known_keys(model: type[Settings], loc: tuple[Any, ...]) -> list[str]:
    current: Any = model
    for part in loc:
        fields = getattr(current, "model_fields", {})
        current = fields[part].annotation if part in fields else current
        current = next((arg for arg in getattr(current, "__args__", ()) if hasattr(arg, "model_fields")), current)
    return sorted(field.alias or name for name, field in getattr(current, "model_fields", {}).items())


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with the values of `over` laid on it, key by key, nested.

    Raises
    ------
    UsageError
        `over` is no mapping.

    Examples
    --------
    >>> merge({"window": {"months": 12}, "currency": "EUR"}, {"window": {"months": 24}})
    {'window': {'months': 24}, 'currency': 'EUR'}
    """
    if not isinstance(over, Mapping):
        raise UsageError(f"{over!r} is no change of settings: give it nested, as {{'window': {{'months': 24}}}}.")
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = merge(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged
