"""What pydantic found, in words a planner can act on, at the place where it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from planner.errors import Problem
from planner.scenario.keys import known_keys, nearest, suggestion
from planner.scenario.positions import KeyPath, Stated, describe
from planner.scenario.values import LINE

_WANTED: dict[str, str] = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "text",
    "bool_type": "true or false",
    "model_type": "a mapping",
    "dict_type": "a mapping",
    "tuple_type": "a list",
    "range_type": "a number or a mapping of min and max",
}
_LIMITS: dict[str, tuple[str, str]] = {
    "greater_than": ("greater than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}


def problems_of(error: ValidationError, tree: Stated) -> list[Problem]:
    """Every problem in `error`, placed by `tree`, the merged scenario it was raised for."""
    return [_problem(details, tree) for details in error.errors(include_url=False)]


def find(tree: Stated, path: Sequence[str]) -> tuple[Stated, int]:
    """The deepest value stated on the way to `path`, and how many keys deep it lies."""
    here = tree
    for depth, key in enumerate(path):
        if isinstance(here.value, list) and key.isdigit():
            here = here.value[int(key)]
        elif key in here.entries:
            here = here.entries[key]
        else:
            return here, depth
    return here, len(path)


def _problem(details: ErrorDetails, tree: Stated) -> Problem:
    kind = details["type"]
    of_key = details["loc"][-1:] == ("[key]",)
    path = tuple(str(key) for key in details["loc"] if key != "[key]")
    if kind == "limit_not_kept":  # told of the whole scenario, but said of one key
        path = ("joint", "max_crossing_share")
    value, depth = find(tree, path)
    if kind == "missing":
        return Problem(value.key_place, f"{'.'.join(path)}: is missing")
    path = path[:depth]
    where = value.key_place if of_key or kind == "extra_forbidden" else value.place
    if kind == "order":
        ends = [value.entries[end] for end in ("min", "max") if end in value.entries]
        where = next((end.place for end in ends if end.origin == "--set"), where)
    message, hint = _words(details, path, of_key=of_key)
    return Problem(where, f"{'.'.join(path)}: {message}", hint)


def _words(details: ErrorDetails, path: KeyPath, *, of_key: bool) -> tuple[str, str]:
    kind, value, context = details["type"], details["input"], details.get("ctx", {})
    if kind == "extra_forbidden" or (of_key and known_keys(path[:-1])):
        return "unknown key", suggestion(path)
    if kind == "literal_error":
        return _choice(str(context["expected"]), value)
    return _value_words(kind, value, context, details["msg"], path)


def _value_words(
    kind: str, value: object, context: Mapping[str, Any], message: str, path: KeyPath
) -> tuple[str, str]:
    if kind in _WANTED:
        hint = "put it in quotes" if kind == "string_type" and _is_single(value) else ""
        return f"must be {_WANTED[kind]}, not {describe(value)}", hint
    if kind in _LIMITS:
        words, key = _LIMITS[kind]
        return f"must be {words} {context[key]:.15g}, not {describe(value)}", ""
    if kind == "string_pattern_mismatch":
        if context["pattern"] == LINE:
            return ("must be on one line" if value else "must not be empty"), ""
        more = " (after the first also . and -)" if path == ("name",) else ", a letter first"
        return f"must be letters, digits and underscores{more}, not {describe(value)}", ""
    if kind in ("string_too_short", "too_short"):
        return "must not be empty", ""
    return message, ""


def _choice(expected: str, value: object) -> tuple[str, str]:
    options = [part.strip("'") for part in expected.replace(" or ", ", ").split(", ")]
    close = nearest(str(value), options)
    hint = f"nearest known value '{close}'" if close else ""
    return f"must be one of {', '.join(options)}, not {describe(value)}", hint


def _is_single(value: object) -> bool:
    return isinstance(value, int | float)
