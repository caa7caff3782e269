"""A scenario written out in full: every value, defaults included, readable and loadable."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from planner.scenario.keys import bounds_of, is_open
from planner.scenario.merging import default_tree
from planner.scenario.model import Scenario
from planner.scenario.positions import KeyPath, Plain, plain

WIDTH = 100
SHORT = 3
PLAIN_TEXT = re.compile(r"\w([\w ./()–-]*[\w.)])?")


class _Representer(RoundTripRepresenter):
    """Writes null as a word, so that an open value does not look forgotten."""

    def represent_none(self, _data: Any) -> Any:
        return self.represent_scalar("tag:yaml.org,2002:null", "null")


_Representer.add_representer(type(None), _Representer.represent_none)


def dump_scenario(scenario: Scenario, *, data: str, files: Mapping[str, str]) -> str:
    """The resolved scenario as YAML text that loads back to an equal scenario.

    `data` and `files` (by layer name) are the paths to state in place of the scenario's own,
    relative to where the text will lie. Raises ValueError for a layer with a file of its own
    that `files` does not name.
    """
    values = scenario.model_dump(mode="json")
    values["data"] = data
    own = [name for name, layer in values["layers"].items() if layer["file"] is not None]
    forgotten = sorted(name for name in own if name not in files)
    if forgotten:
        raise ValueError(f"no path given for the file of layer {', '.join(forgotten)}")
    for name in sorted(files):
        values["layers"].setdefault(name, {})["file"] = files[name]
    _take_away_unused_defaults(values, plain(default_tree()), ())
    yaml = YAML(typ="rt", pure=True)
    yaml.width = WIDTH
    yaml.allow_unicode = True
    yaml.Representer = _Representer
    text = io.StringIO()
    yaml.dump(_readable(values, ()), text)
    return text.getvalue()


def _take_away_unused_defaults(values: dict[str, Any], defaults: Plain, path: KeyPath) -> None:
    """Add a null for each default entry that the scenario does not have."""
    if not isinstance(defaults, dict):
        return
    for key, default in defaults.items():
        if key in values and isinstance(values[key], dict):
            _take_away_unused_defaults(values[key], default, (*path, key))
        elif key not in values and is_open(path):
            values[key] = None


def _readable(value: Any, path: KeyPath) -> Any:
    if isinstance(value, dict):
        stands_for, short = _short_total(value, path)
        return short if stands_for else _mapping(value, path)
    if isinstance(value, list):
        items = CommentedSeq(_readable(item, path) for item in value)
        items.fa.set_flow_style()
        return items
    return _safe(_whole(value))


def _mapping(value: dict[str, Any], path: KeyPath) -> CommentedMap:
    entries = CommentedMap(
        (_safe(key), _readable(entry, (*path, key))) for key, entry in value.items()
    )
    nested = any(isinstance(entry, dict) for entry in entries.values())
    if path and not nested and len(entries) <= SHORT:
        entries.fa.set_flow_style()
    return entries


def _short_total(value: dict[str, Any], path: KeyPath) -> tuple[bool, float | None]:
    """Whether a number (or null) stands for the {min, max} at `path`, and which."""
    stated = {key: bound for key, bound in value.items() if bound is not None}
    number = value.get("max")
    if bounds_of(path, number) != stated:
        return False, None
    return True, _whole(number)


def _safe(value: Any) -> Any:
    """`value`, quoted if it is text with signs that might mean something in YAML."""
    bare = not isinstance(value, str) or PLAIN_TEXT.fullmatch(value)
    return value if bare else DoubleQuotedScalarString(value)


def _whole(value: Any) -> Any:
    exact = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    return int(value) if exact else value
