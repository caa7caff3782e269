"""Values given on the command line: ``key=value``, and for lists ``key+=value``, ``key-=value``."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from planner.errors import Problem, ScenarioError, UsageError
from planner.scenario.chain import anchored, key_path
from planner.scenario.keys import kind_at, nearest, suggestion
from planner.scenario.messages import find
from planner.scenario.positions import KeyPath, Source, Stated, describe, plain, read_text

ONLY_IN_FILES = "can only be stated in a scenario file"
_OPERATIONS = ("+", "-")


@dataclass(frozen=True)
class Override:
    """One ``--set``: where, whether it replaces, adds or takes away, and the value."""

    path: KeyPath
    operation: str
    """Empty: replaces; ``+`` appends to a list, ``-`` takes away from it."""
    value: Stated

    @property
    def tree(self) -> Stated:
        """The value under its keys."""
        tree = self.value
        for part in reversed(self.path):
            tree = replace(tree, value={part: tree})
        return anchored(tree, Path.cwd())


def read_sets(sets: Sequence[str]) -> tuple[Override, ...]:
    """Each ``--set``; the value is YAML, typed by the schema, paths are relative to here.

    Raises UsageError for one that is not ``key=value``, ScenarioError for a value not readable.
    """
    malformed = [text for text in sets if not _is_assignment(text)]
    if malformed:
        raise UsageError(f"--set {malformed[0]}: must be key=value, for example solving.threads=1")
    overrides = tuple(_override(text) for text in sets)
    misplaced = [o for o in overrides if o.path[0] in ("extends", "scenarios")]
    if misplaced:
        raise ScenarioError(
            [Problem(o.value.place, f"{o.path[0]}: {ONLY_IN_FILES}") for o in misplaced]
        )
    return overrides


def resolved(override: Override, base: Stated) -> Stated:
    """The tree to lay over `base`: a list to be changed is the one that stands there, changed.

    Raises ScenarioError where there is no list, or not what is to be taken away from it.
    """
    if not override.operation:
        return override.tree
    path, dotted, value = override.path, ".".join(override.path), override.value
    kind = kind_at(path)
    if kind is None:
        raise ScenarioError(Problem(value.place, f"{dotted}: unknown key", suggestion(path)))
    found, depth = find(base, path)
    if _item_kind(kind) is None:
        sign = override.operation
        message = f"{dotted}: is no list: {sign}= changes lists"
        raise ScenarioError(Problem(value.place, message, f"write {dotted}=value"))
    listed = found.value if depth == len(path) and isinstance(found.value, list) else []
    items = _items(value, _item_kind(kind))
    known = [plain(item) for item in listed]
    if override.operation == "+":
        fresh = [item for item in items if plain(item) not in known]
        changed = [*listed, *fresh]
    else:
        _refuse_missing(items, known, dotted)
        taken = [plain(item) for item in items]
        changed = [item for item in listed if plain(item) not in taken]
    return replace(override, value=replace(value, value=changed)).tree


def _is_assignment(text: str) -> bool:
    key, equals, _ = text.partition("=")
    return bool(equals and key_path(key[:-1] if key.endswith(_OPERATIONS) else key))


def _override(text: str) -> Override:
    key, _, value = text.partition("=")
    operation = key[-1] if key.endswith(_OPERATIONS) else ""
    path = key_path(key.removesuffix(operation))
    place = f"--set {text}"
    tree = read_text(value, Source(place, setting=True))
    tree = tree or Stated(None, place, place, "--set")
    return Override(path, operation, _typed(tree, kind_at(path), value))


def _typed(tree: Stated, kind: Any, text: str) -> Stated:
    """The value as text where the schema wants text: ``220171001`` may be the id of something."""
    item = _item_kind(kind)
    if isinstance(tree.value, list) and _deepest(item) is str:
        return _as_texts(tree, _plain_texts(text))
    wants_text = kind is str or _deepest(item) is str or typing.get_origin(kind) is Literal
    if wants_text and isinstance(tree.value, int | float):
        return replace(tree, value=text.strip())
    return tree


def _plain_texts(text: str) -> Any:
    try:
        return YAML(typ="base", pure=True).load(text)
    except YAMLError:  # already read once as YAML proper
        return None


def _as_texts(tree: Stated, texts: Any) -> Stated:
    if isinstance(tree.value, list) and isinstance(texts, list):
        pairs = zip(tree.value, texts, strict=True)
        return replace(tree, value=[_as_texts(item, own) for item, own in pairs])
    number = isinstance(tree.value, int | float) and isinstance(texts, str)
    return replace(tree, value=texts) if number else tree


def _item_kind(kind: Any) -> Any:
    """What the items of a list are; None if it is no list."""
    return _bare(typing.get_args(kind)[0]) if typing.get_origin(kind) is tuple else None


def _deepest(kind: Any) -> Any:
    while typing.get_origin(kind) is tuple:
        kind = _item_kind(kind)
    return kind


def _bare(kind: Any) -> Any:
    return typing.get_args(kind)[0] if typing.get_origin(kind) is typing.Annotated else kind


def _items(value: Stated, kind: Any) -> list[Stated]:
    """The items that a value stands for: one, or several in a list; a list that is one item."""
    of_lists = typing.get_origin(kind) is tuple
    if not isinstance(value.value, list):
        return [value]
    nested = bool(value.value) and all(isinstance(item.value, list) for item in value.value)
    return value.value if not of_lists or nested else [value]


def _refuse_missing(items: Sequence[Stated], known: Sequence[Any], dotted: str) -> None:
    problems = []
    for item in items:
        if plain(item) not in known:
            texts = [entry for entry in known if isinstance(entry, str)]
            close = nearest(str(item.value), texts)
            listed = ", ".join(str(entry) for entry in known) or "nothing"
            hint = f"nearest entry '{close}'" if close else f"it holds {listed}"
            what = describe(plain(item))
            problems.append(Problem(item.place, f"{dotted}: does not hold {what}", hint))
    if problems:
        raise ScenarioError(problems)
