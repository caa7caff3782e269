"""Redrawing: the map of a stored run once more, without a solver."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from planner.errors import DataError, Problem
from planner.maps.page import draw_map
from planner.plan.verification import Verification, verify
from planner.store.run_folder import MAP, RECORD, read_run, replace_map
from planner.territory.build import build_territory


def redraw(run_dir: Path) -> tuple[Path, Verification]:
    """Verify and draw the plan of a run again; returns the map's path and the checks it shows.

    Raises UsageError if there is no such folder, DataError if a part of it cannot be read.
    """
    run = read_run(run_dir)
    problems = [Problem(str(run.path), text, "draw it from a whole run") for text in run.problems]
    if "sha256" not in run.record and not problems:
        problems.append(Problem(str(run.path / RECORD), "holds no hashes"))
    if problems or run.scenario is None or run.layers is None or run.plan is None:
        raise DataError(problems)
    territory = build_territory(run.scenario, run.layers)
    verification = verify(run.scenario, run.layers, run.plan_json)
    checks = [asdict(check) for check in verification.checks]
    page = draw_map(territory, run.scenario, run.plan, verification=checks, record=run.record)
    replace_map(run.path, page)
    return run.path / MAP, verification
