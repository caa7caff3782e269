"""Explaining a scenario: reasons, and repairs as files that extend it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from planner.errors import Problem, ScenarioError
from planner.reasons.case import Asking
from planner.reasons.explaining import CostedRepair, Explanation, explain
from planner.runs.place import keep, refuse_unusable
from planner.scenario.extending import extending_text
from planner.scenario.loading import LoadedScenario, load_scenario
from planner.territory.build import build_territory
from planner.territory.layers import read_layers


@dataclass(frozen=True)
class Explained:
    """An explanation, and where its repairs lie."""

    explanation: Explanation
    folder: Path | None
    """None: no repair was found, or none is needed."""
    files: tuple[Path, ...]
    """One for each repair."""


def explain_scenario(
    loaded: LoadedScenario, asking: Asking, *, out: Path | None, count: int
) -> Explained:
    """Explain a scenario and write its repairs.

    `out`: folder, new or empty; None: the next under ``runs/``. Raises UsageError for one that
    cannot be used, DataError, and ScenarioError for locks of unknown ids.
    """
    refuse_unusable(out)
    layers = read_layers(loaded.scenario)
    territory = build_territory(loaded.scenario, layers)
    found = explain(territory, loaded.scenario, loaded.places, asking, count=count)
    if not found.repairs:
        return Explained(found, None, ())

    def write(folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for number, costed in enumerate(found.repairs, start=1):
            _write_repair(folder / f"repair-{number}.yaml", loaded, costed, number)
        return folder

    folder = keep(out, name=f"{loaded.path.stem}-repairs", write=write)
    files = tuple(folder / f"repair-{n}.yaml" for n in range(1, len(found.repairs) + 1))
    return Explained(found, folder, files)


def _write_repair(path: Path, loaded: LoadedScenario, costed: CostedRepair, number: int) -> None:
    """Write a repair and load it back: it must ask what was shown to have a plan."""
    repaired = costed.repair.scenario
    named = repaired.model_copy(update={"name": f"{repaired.name}-repair-{number}"})
    base = load_scenario(loaded.path).scenario
    extends = Path(os.path.relpath(loaded.path, path.parent)).as_posix()
    text = extending_text(base, named, extends=extends, comments=repair_lines(costed))
    path.write_text(text, encoding="utf-8")
    if load_scenario(path).scenario != named:
        message = "does not load to the repaired scenario"
        raise ScenarioError(Problem(str(path), message, "please report it"))


def repair_lines(costed: CostedRepair) -> Sequence[str]:
    """What a repair changes, one line a rule."""
    return [f"{c.key} ({c.rank}): {c.now} -> {c.then}" for c in costed.repair.changes]
