"""A scenario written as a few lines that extend another: only what it asks otherwise."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from ruamel.yaml import YAML

from planner.scenario.keys import bounds_of, kind_at
from planner.scenario.model import Range, Scenario
from planner.scenario.positions import KeyPath

_GONE = object()


def extending_text(
    base: Scenario, changed: Scenario, *, extends: str, comments: Sequence[str] = ()
) -> str:
    """YAML that extends the file of `base` and loads to `changed`.

    `extends` is the path of that file, relative to where the text will lie; `comments` head it.
    """
    tree = _difference(base.model_dump(mode="json"), changed.model_dump(mode="json"), ())
    entries = {} if tree is _GONE else tree
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    text = io.StringIO()
    yaml.dump({"extends": extends, **entries}, text)
    head = "".join(f"# {line}\n" for comment in comments for line in comment.splitlines())
    return head + text.getvalue()


def _difference(base: Any, changed: Any, path: KeyPath) -> Any:
    """What to state over `base` to get `changed`; `_GONE` where nothing needs to be said."""
    if base == changed:
        return _GONE
    if kind_at(path) is Range:
        return _range(changed, path)
    if not (isinstance(base, dict) and isinstance(changed, dict)):
        return changed
    found: dict[str, Any] = dict.fromkeys(key for key in base if key not in changed)
    for key, value in changed.items():
        here = _difference(base.get(key, _GONE), value, (*path, key))
        if here is not _GONE:
            found[key] = here
    return found


def _range(value: dict[str, Any], path: KeyPath) -> Any:
    """A total as the number that stands for it, or both its sides."""
    stated = {key: bound for key, bound in value.items() if bound is not None}
    number = value["max"]
    return _short(number) if bounds_of(path, number) == stated else {
        key: _short(bound) for key, bound in value.items()
    }  # fmt: skip


def _short(number: float | None) -> float | None:
    whole = number is not None and float(number).is_integer() and abs(number) < 1e15
    return int(number) if whole and number is not None else number
