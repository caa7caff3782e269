"""The plan as JSON and back: strict, so that a wrong ``plan.json`` is told and not guessed at."""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np

from planner.plan.plan import Level, Plan

FORMAT = 1
"""Version of the JSON form."""

_OPEN = {(Plan, "gap"): math.inf, (Level, "gap"): math.inf, (Level, "bound"): -math.inf}
"""Numbers that are null in JSON where nothing is proven."""
_LATER: Mapping[type, Mapping[str, Any]] = {Plan: {"sequential": {}}}
"""Entries that plans stored by earlier versions do not have."""


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """The plan as plain JSON values; a gap or bound of which nothing is proven becomes null.

    Raises ValueError for any other number that is not finite.
    """
    return {"format": FORMAT, **_written(plan, "plan")}


def plan_from_json(data: Any) -> Plan:
    """The plan that `data` holds; raises ValueError naming what is missing, unknown or wrong."""
    if not isinstance(data, dict):
        raise ValueError(f"plan: expected an object, found {_kind(data)}")
    if data.get("format") != FORMAT or isinstance(data.get("format"), bool):
        raise ValueError(f"format: expected {FORMAT}, found {data.get('format', 'nothing')!r}")
    entries = {key: value for key, value in data.items() if key != "format"}
    plan: Plan = _read_record(Plan, entries, "plan")
    return plan


def _written(value: Any, where: str) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _written_field(value, field.name, f"{where}.{field.name}")
            for field in dataclasses.fields(value)
        }
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): _written(entry, f"{where}.{key}") for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_written(entry, f"{where}[{i}]") for i, entry in enumerate(value)]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{where}: {value} is no number that JSON can hold")
    if value is None or isinstance(value, str | int | float):
        return value
    raise ValueError(f"{where}: {_kind(value)} cannot be written as JSON")


def _written_field(record: Any, name: str, where: str) -> Any:
    value = getattr(record, name)
    if (type(record), name) in _OPEN and value == _OPEN[type(record), name]:
        return None
    return _written(value, where)


def _read_record(cls: type, data: Any, where: str) -> Any:
    if not isinstance(data, dict):
        raise ValueError(f"{where}: expected an object, found {_kind(data)}")
    hints = get_type_hints(cls)
    names = [field.name for field in dataclasses.fields(cls)]
    data = {**_LATER.get(cls, {}), **data}
    problems = [f"{where}.{name} is missing" for name in names if name not in data]
    problems += [f"{where}.{key} is unknown" for key in data if key not in names]
    if problems:
        raise ValueError("; ".join(problems))
    values = {}
    for name in names:
        if data[name] is None and (cls, name) in _OPEN:
            values[name] = _OPEN[cls, name]
        else:
            values[name] = _read(hints[name], data[name], f"{where}.{name}")
    return cls(**values)


def _read(kind: Any, value: Any, where: str) -> Any:
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _read_record(kind, value, where)
    if get_origin(kind) is tuple:
        return _read_tuple(get_args(kind)[0], value, where)
    if get_origin(kind) is dict:
        return _read_mapping(get_args(kind)[1], value, where)
    if kind is Any:
        return _plain(value, where)
    return _read_value(kind, value, where)


def _read_tuple(kind: Any, value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{where}: expected a list, found {_kind(value)}")
    return tuple(_read(kind, entry, f"{where}[{i}]") for i, entry in enumerate(value))


def _read_mapping(kind: Any, value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{where}: expected an object, found {_kind(value)}")
    if not all(isinstance(key, str) for key in value):
        raise ValueError(f"{where}: its keys must be text")
    return {key: _read(kind, entry, f"{where}.{key}") for key, entry in value.items()}


def _read_value(kind: Any, value: Any, where: str) -> Any:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        if value not in [member.value for member in kind]:
            raise ValueError(f"{where}: {value!r} is not one of {', '.join(kind)}")
        return kind(value)
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        if not math.isfinite(value):
            raise ValueError(f"{where}: {value} is not a finite number")
        return float(value)
    if kind in (str, bool) and isinstance(value, kind):
        return value
    if kind is int and isinstance(value, int) and not isinstance(value, bool):
        return value
    wanted = getattr(kind, "__name__", str(kind))
    raise ValueError(f"{where}: expected {_WORDS.get(wanted, wanted)}, found {_kind(value)}")


def _plain(value: Any, where: str) -> Any:
    """A value without a declared kind: any JSON value whose numbers are finite."""
    if isinstance(value, dict):
        return {key: _plain(entry, f"{where}.{key}") for key, entry in value.items()}
    if isinstance(value, list):
        return [_plain(entry, f"{where}[{i}]") for i, entry in enumerate(value)]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{where}: {value} is not a finite number")
    if value is None or isinstance(value, str | int | float):
        return value
    raise ValueError(f"{where}: {_kind(value)} is no JSON value")


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    return _WORDS.get(type(value).__name__, type(value).__name__)


_WORDS: Mapping[str, str] = types.MappingProxyType({
    "str": "text", "bool": "true or false", "int": "a whole number", "float": "a number",
    "dict": "an object", "list": "a list",
})  # fmt: skip
