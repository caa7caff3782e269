"""Named alternatives inside a scenario file: what they may state, and how they combine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from planner.errors import Problem, ScenarioError, UsageError
from planner.scenario.keys import nearest
from planner.scenario.positions import Stated, describe, plain

ALTERNATIVES = "scenarios"
FORBIDDEN = ("extends", ALTERNATIVES)
Anchor = Callable[[Stated, Path], Stated]


def alternatives_of(stated: Stated | None, folder: Path, anchor: Anchor) -> dict[str, Stated]:
    """The named alternatives of one file, their paths made absolute from `folder`.

    Raises ScenarioError for anything but mappings of a scenario's keys.
    """
    if stated is None or stated.value is None:
        return {}
    if not isinstance(stated.value, dict):
        message = f"{ALTERNATIVES}: must be a mapping of names, not {describe(plain(stated))}"
        raise ScenarioError(Problem(stated.place, message))
    problems = []
    for name, tree in stated.value.items():
        path = f"{ALTERNATIVES}.{name}"
        if "," in name or not name.strip():
            problems.append(Problem(tree.key_place, f"{path}: a name must not hold a comma"))
        if tree.value is not None and not isinstance(tree.value, dict):
            message = f"{path}: must be a mapping of a scenario's keys, not {describe(plain(tree))}"
            problems.append(Problem(tree.place, message))
        problems += [
            Problem(tree.entries[key].key_place, f"{path}.{key}: cannot stand in an alternative",
                    "put it beside `scenarios`")
            for key in FORBIDDEN if key in tree.entries
        ]  # fmt: skip
    if problems:
        raise ScenarioError(problems)
    return {name: anchor(tree, folder) for name, tree in stated.value.items() if tree.entries} | {
        name: replace(tree, value={}) for name, tree in stated.value.items() if not tree.entries
    }


def chosen_names(wanted: Sequence[str]) -> tuple[str, ...]:
    """The alternatives asked for, in order: each of `wanted` may name several, with commas.

    Raises UsageError for an empty name or one given twice.
    """
    names = [name.strip() for text in wanted for name in text.split(",")]
    if any(not name for name in names):
        raise UsageError(f"--scenario {','.join(wanted)}: a name is empty")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"--scenario: {', '.join(twice)} is given twice")
    return tuple(names)


def refuse_unknown(names: Sequence[str], known: Mapping[str, object], shown: str) -> None:
    """Raise ScenarioError for names that no file of the chain has."""
    problems = []
    for name in names:
        if name not in known:
            close = nearest(name, list(known))
            listed = ", ".join(known) or "none"
            hint = f"nearest alternative '{close}'" if close else f"it has {listed}"
            message = f"{ALTERNATIVES}: there is no alternative '{name}' in {shown}"
            problems.append(Problem(f"--scenario {name}", message, hint))
    if problems:
        raise ScenarioError(problems)
