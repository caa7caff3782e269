"""The grid of a sweep: every combination of values, each one a scenario of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import product
from pathlib import Path

from planner.errors import Problem, ScenarioError, UsageError
from planner.scenario.chain import key_path
from planner.scenario.loading import LoadedScenario, dump_scenario, load_scenario
from planner.scenario.model import Scenario
from planner.territory.layers import read_layers

MOST = 10_000
"""Combinations beyond which a sweep is surely a slip."""
_SLUG = 60


@dataclass(frozen=True)
class Axis:
    """One key and the values it takes."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Combination:
    """One run of a sweep: `id` tells it by what is asked and by the layers' contents."""

    id: str
    values: dict[str, str]
    loaded: LoadedScenario


def read_grid(texts: Sequence[str]) -> tuple[Axis, ...]:
    """Each ``key=v1,v2``; commas in brackets or braces belong to a value.

    Raises UsageError for one that cannot be read, or a key that is given twice.
    """
    axes = []
    for text in texts:
        key, equals, listed = text.partition("=")
        values = _split(listed)
        if not (equals and key_path(key) and values and all(values)):
            message = f"--grid {text}: must be key=v1,v2, for example boundaries.subdistricts=3,4"
            raise UsageError(message)
        if len(set(values)) < len(values):
            raise UsageError(f"--grid {text}: a value is given twice")
        axes.append(Axis(key.strip(), values))
    keys = [axis.key for axis in axes]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice or not axes:
        raise UsageError(f"--grid: {', '.join(twice)} is given twice" if twice
                         else "a sweep needs at least one --grid key=v1,v2")  # fmt: skip
    return tuple(axes)


def combinations_of(
    path: Path,
    axes: Sequence[Axis],
    *,
    alternatives: Sequence[str] = (),
    sets: Sequence[str] = (),
    data: Path | None = None,
) -> tuple[Combination, ...]:
    """Every combination, loaded and checked, the last axis turning fastest.

    A run solves with one thread unless the number of threads is stated: runs go on side by side.
    Raises ScenarioError with every wrong value, told by its ``--grid``.
    """
    count = 1
    for axis in axes:
        count *= len(axis.values)
    if count > MOST:
        raise UsageError(f"--grid: {count} combinations; a sweep takes at most {MOST}")
    problems: dict[Problem, None] = {}
    found: list[tuple[dict[str, str], LoadedScenario]] = []
    for values in product(*(axis.values for axis in axes)):
        own = dict(zip((axis.key for axis in axes), values, strict=True))
        words = [f"{key}={value}" for key, value in own.items()]
        try:
            loaded = load_scenario(path, alternatives=alternatives, sets=(*sets, *words), data=data)
        except ScenarioError as error:
            problems |= dict.fromkeys(_of_grid(problem, words) for problem in error.problems)
            continue
        found.append((own, _single_threaded(loaded)))
    if problems:
        raise ScenarioError(list(problems))
    contents: dict[str, str] = {}
    return tuple(Combination(_id(own, one.scenario, contents), own, one) for own, one in found)


def _split(text: str) -> tuple[str, ...]:
    """The values between commas that stand in no bracket or quote."""
    values, depth, quote, start = [], 0, "", 0
    for at, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "[{":
            depth += 1
        elif sign in "]}":
            depth -= 1
        elif sign == "," and depth == 0:
            values.append(text[start:at].strip())
            start = at + 1
    return (*values, text[start:].strip())


def _of_grid(problem: Problem, words: Sequence[str]) -> Problem:
    own = any(problem.where == f"--set {word}" for word in words)
    return replace(problem, where=problem.where.replace("--set", "--grid", 1)) if own else problem


def _single_threaded(loaded: LoadedScenario) -> LoadedScenario:
    if loaded.origins["solving.threads"] != "default":
        return loaded
    solving = loaded.scenario.solving.model_copy(update={"threads": 1})
    return replace(loaded, scenario=loaded.scenario.model_copy(update={"solving": solving}))


def _id(values: dict[str, str], scenario: Scenario, contents: dict[str, str]) -> str:
    """A readable name and a hash of all that is asked and of the layers it is asked about."""
    sources = repr((scenario.data, scenario.layers, scenario.services, scenario.crs))
    if sources not in contents:
        files = read_layers(scenario).files
        digest = sha256()
        for name, paths in files.items():
            for path in paths:
                digest.update(name.encode() + path.read_bytes())
        contents[sources] = digest.hexdigest()
    own = {name: "-" for name, layer in scenario.layers.items() if layer.file is not None}
    asked = dump_scenario(scenario, data="-", files={str(k): v for k, v in own.items()})
    digest = sha256((asked + contents[sources]).encode())
    slug = "_".join(f"{key.rpartition('.')[2]}={value}" for key, value in values.items())
    clean = re.sub(r"[^A-Za-z0-9=._+-]+", "-", slug)[:_SLUG].strip("-.")
    return f"{clean}-{digest.hexdigest()[:10]}"
