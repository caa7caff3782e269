"""What keys a scenario knows, at any place in it."""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from planner.scenario.model import LAYER_NAMES, Programme, Range, Scenario
from planner.scenario.positions import KeyPath


def kind_at(path: KeyPath) -> Any:
    """The type that stands at `path`: a model, a dict type, a plain type; None if unknown."""
    kind: Any = Scenario
    for key in path:
        kind = _entry(kind, key)
    return kind


def known_keys(path: KeyPath) -> tuple[str, ...]:
    """Keys that may stand in the mapping at `path`; empty where they are free."""
    kind = kind_at(path)
    if path == ("layers",):
        return LAYER_NAMES
    return tuple(kind.model_fields) if _is_model(kind) else ()


def is_open(path: KeyPath) -> bool:
    """Whether the mapping at `path` holds entries of the user's own, such as services."""
    return typing.get_origin(kind_at(path)) is dict


def bounds_of(path: KeyPath, number: float | None) -> dict[str, float] | None:
    """What a number or null stands for at `path`, as {min, max}; None where just for itself."""
    if kind_at(path) is not Range:
        return None
    totals = Programme.model_validate({path[-1]: number})
    bounds: Range = getattr(totals, path[-1])
    return bounds.model_dump(exclude_none=True)


def nearest(name: str, candidates: Sequence[str]) -> str | None:
    """The candidate that `name` was most likely meant to be; None if none is near."""
    lowered = {candidate.lower(): candidate for candidate in reversed(candidates)}
    found = difflib.get_close_matches(name.lower().replace("-", "_"), lowered, n=1, cutoff=0.6)
    return lowered[found[0]] if found else None


def suggestion(path: KeyPath, *, present: Sequence[str] = ()) -> str:
    """What to write in place of the unknown key at the end of `path`.

    `present` are names that may stand there beside the schema's own, such as services.
    """
    siblings = (
        *known_keys(path[:-1]),
        *present,
        *(("extends", "scenarios") if len(path) == 1 else ()),
    )
    close = nearest(path[-1], siblings)
    if close:
        return f"nearest known key '{close}'"
    elsewhere = [".".join(known) for known in _all_paths() if known[-1] == path[-1]]
    if elsewhere:
        return f"nearest known key '{elsewhere[0]}'"
    return f"known keys are {', '.join(siblings)}" if siblings else ""


def _all_paths(kind: Any = Scenario, path: KeyPath = ()) -> list[KeyPath]:
    if not _is_model(kind):
        return []
    here = [(*path, name) for name in kind.model_fields]
    return here + [deeper for known in here for deeper in _all_paths(kind_at(known), known)]


def _entry(kind: Any, key: str) -> Any:
    if _is_model(kind):
        field = kind.model_fields.get(key)
        return _without_none(field.annotation) if field else None
    if typing.get_origin(kind) is dict:
        return _without_none(typing.get_args(kind)[1])
    return None


def _without_none(kind: Any) -> Any:
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        kind = next(part for part in typing.get_args(kind) if part is not type(None))
    return typing.get_args(kind)[0] if typing.get_origin(kind) is typing.Annotated else kind


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
