"""The files of a scenario: one file and those it extends, merged from the root on."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from planner.errors import Problem, ScenarioError
from planner.scenario.alternatives import ALTERNATIVES, alternatives_of
from planner.scenario.keys import nearest
from planner.scenario.positions import KeyPath, Stated, describe, plain, read_file


@dataclass(frozen=True)
class Link:
    """One file of the chain, its paths made absolute."""

    path: Path
    tree: Stated
    scenarios: dict[str, Stated] = field(default_factory=dict)
    """Its named alternatives."""


def read_chain(path: Path) -> tuple[Link, ...]:
    """The file at `path` and all it extends, the root (which extends nothing) first.

    Raises ScenarioError for a file that is missing, broken, or extends itself by any way round.
    """
    links: list[Link] = []
    shown, extends = str(path), None
    while True:
        resolved = Path(shown).resolve()
        _refuse_wrong_turn(resolved, extends, links)
        tree = read_file(resolved, shown=shown)
        entries = dict(tree.entries)
        extends = entries.pop("extends", None)
        named = alternatives_of(entries.pop(ALTERNATIVES, None), resolved.parent, anchored)
        own = anchored(replace(tree, value=entries), resolved.parent)
        links.append(Link(resolved, own, named))
        if extends is None or extends.value is None:
            return tuple(reversed(links))
        if not isinstance(extends.value, str) or not extends.value:
            message = f"extends: must be the path of one scenario, not {describe(plain(extends))}"
            raise ScenarioError(Problem(extends.place, message))
        shown = os.path.normpath(Path(shown).parent / extends.value)


def anchored(tree: Stated, folder: Path) -> Stated:
    """`tree` with `data` and the layers' files made absolute from `folder`."""
    entries = dict(tree.entries)
    if "data" in entries:
        entries["data"] = _absolute(entries["data"], folder)
    if "layers" in entries and isinstance(entries["layers"].value, dict):
        layers = {
            name: _with_absolute_file(layer, folder)
            for name, layer in entries["layers"].value.items()
        }
        entries["layers"] = replace(entries["layers"], value=layers)
    return replace(tree, value=entries)


def key_path(dotted: str) -> KeyPath:
    """``a.b.c`` as a path; empty if a part is missing."""
    parts = tuple(part.strip() for part in dotted.split("."))
    return parts if all(parts) else ()


def _with_absolute_file(layer: Stated, folder: Path) -> Stated:
    if "file" not in layer.entries:
        return layer
    file = _absolute(layer.entries["file"], folder)
    return replace(layer, value={**layer.entries, "file": file})


def _absolute(path: Stated, folder: Path) -> Stated:
    if not isinstance(path.value, str) or not path.value:
        return path
    return replace(path, value=str((folder / path.value).resolve()))


def _refuse_wrong_turn(path: Path, extends: Stated | None, links: list[Link]) -> None:
    if extends is None:
        return
    if any(link.path == path for link in links):
        message = f"extends: goes round in a circle: {extends.value} extends this file"
        raise ScenarioError(Problem(extends.place, message))
    if not path.exists():
        close = nearest(path.name, _neighbours(path.parent))
        hint = f"nearest file '{close}'" if close else ""
        raise ScenarioError(Problem(extends.place, f"extends: no such file: {extends.value}", hint))


def _neighbours(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(file.name for file in folder.iterdir() if file.suffix in (".yaml", ".yml"))
