"""Values given on the command line as ``key=value``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from planner.errors import Problem, ScenarioError, UsageError
from planner.scenario.chain import anchored, key_path
from planner.scenario.positions import Source, Stated, read_text

ONLY_IN_FILES = "can only be stated in a scenario file"


def read_sets(sets: Sequence[str]) -> tuple[Stated, ...]:
    """Each ``a.b.c=value`` as a tree of its own; the value is YAML, paths are relative to here.

    Raises UsageError for one that is not ``key=value``, ScenarioError for a value not readable.
    """
    malformed = [text for text in sets if not _is_assignment(text)]
    if malformed:
        raise UsageError(f"--set {malformed[0]}: must be key=value, for example solving.threads=1")
    trees = tuple(anchored(_tree(text), Path.cwd()) for text in sets)
    misplaced = [tree.entries["extends"].place for tree in trees if "extends" in tree.entries]
    if misplaced:
        raise ScenarioError([Problem(where, f"extends: {ONLY_IN_FILES}") for where in misplaced])
    return trees


def _is_assignment(text: str) -> bool:
    key, equals, _ = text.partition("=")
    return bool(equals and key_path(key))


def _tree(text: str) -> Stated:
    key, _, value = text.partition("=")
    place = f"--set {text}"
    tree = read_text(value, Source(place, setting=True))
    tree = tree or Stated(None, place, place, "--set")
    for part in reversed(key_path(key)):
        tree = replace(tree, value={part: tree})
    return tree
