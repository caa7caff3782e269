"""Questions about a stored run: its plan over its own layers, read whole."""

from __future__ import annotations

from pathlib import Path

from planner.errors import DataError, Problem
from planner.reasons.case import Asking, Case
from planner.store.run_folder import read_run
from planner.territory.build import build_territory


def read_case(path: Path, asking: Asking) -> Case:
    """The plan of a run, what was asked, and its territory.

    Raises UsageError for what is no run folder, DataError for a run of which a part is missing.
    """
    run = read_run(path)
    if run.problems or run.scenario is None or run.layers is None or run.plan is None:
        raise DataError(
            [Problem(str(run.path), text, "ask of a whole run") for text in run.problems]
        )
    return Case(build_territory(run.scenario, run.layers), run.scenario, run.plan, asking)
