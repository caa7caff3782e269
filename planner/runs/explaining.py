"""Explaining a scenario: reasons, and repairs as files that extend it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from planner.errors import Problem, ScenarioError
from planner.maps.explain_page import RepairWords, explain_page
from planner.reasons.case import Asking
from planner.reasons.explaining import CostedRepair, Explanation, explain
from planner.runs.place import keep, refuse_unusable
from planner.scenario.extending import extending_text
from planner.scenario.loading import LoadedScenario, load_scenario
from planner.territory.build import build_territory
from planner.territory.layers import read_layers

PAGE = "explain.html"


@dataclass(frozen=True)
class Explained:
    """An explanation, and where its repairs lie."""

    explanation: Explanation
    folder: Path | None
    """None: there is a plan, or it was not told in time whether there is."""
    files: tuple[Path, ...]
    """One for each repair."""

    @property
    def page(self) -> Path | None:
        """The page that draws what the reasons name."""
        return None if self.folder is None else self.folder / PAGE


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
    if found.feasible is not False:
        return Explained(found, None, ())

    def write(folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for number, costed in enumerate(found.repairs, start=1):
            _write_repair(folder / _file(number), loaded, costed, number)
        html = explain_page(territory, loaded.scenario, found.reasons, _words(found))
        (folder / PAGE).write_text(html, encoding="utf-8")
        return folder

    folder = keep(out, name=f"{loaded.path.stem}-repairs", write=write)
    files = tuple(folder / _file(number) for number in range(1, len(found.repairs) + 1))
    return Explained(found, folder, files)


def _file(number: int) -> str:
    return f"repair-{number}.yaml"


def _words(found: Explanation) -> list[RepairWords]:
    return [
        RepairWords(_file(number), tuple(asdict(c) for c in costed.repair.changes), _cost(costed))
        for number, costed in enumerate(found.repairs, start=1)
    ]


def _cost(costed: CostedRepair) -> str:
    """What the plan of a repair costs, in figures; empty where places stay as they are."""
    figures = None if costed.places is None else costed.places.figures
    if figures is None:
        return ""
    return (
        f"{figures.places_short:,.0f} 学位缺口 places short · {figures.way_pupil_m:,.0f} 人·米 "
        f"pupil-metres · {figures.pupils_changing_school:,.0f} 人改变学校 change school · "
        f"{figures.cost_yuan:,.0f} 元 yuan"
    )


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
