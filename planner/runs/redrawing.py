"""Redrawing: the map of a stored run once more, without a solver."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from planner.errors import DataError, Problem, UsageError
from planner.maps.page import draw_map
from planner.plan.verification import Check, Verification, verify
from planner.store.run_check import verify_run
from planner.store.run_folder import MAP, RECORD, read_run, replace_map
from planner.territory.build import build_territory


def redraw(run_dir: Path) -> tuple[Path, Verification]:
    """Verify and draw the plan of a run again; returns the map's path and what verification found.

    The page shows the plan's promises, and each promise of the run's files that is broken.
    Raises UsageError if there is no such folder or it cannot be written, DataError if a part of
    it cannot be read.
    """
    run = read_run(run_dir)
    problems = [Problem(str(run.path), text, "draw it from a whole run") for text in run.problems]
    if not problems and not isinstance(run.record.get("sha256"), dict):
        problems.append(Problem(str(run.path / RECORD), "holds no hashes"))
    if problems or run.scenario is None or run.layers is None or run.plan is None:
        raise DataError(problems)
    scenario, plan, record = run.scenario, run.plan, run.record
    territory = build_territory(scenario, run.layers)

    def draw(checks: Iterable[Check]) -> None:
        shown = [asdict(check) for check in checks]
        page = draw_map(territory, scenario, plan, verification=shown, record=record)
        try:
            replace_map(run.path, page)
        except OSError as error:
            reason = f"cannot be written: {error.strerror or error}"
            raise UsageError(Problem(str(run.path), reason, "draw it in a copy")) from error

    promises = verify(scenario, run.layers, run.plan_json).checks
    draw(promises)
    # The files are judged with the new map in place: a damaged map is mended by drawing it.
    stored = verify_run(run.path)
    codes = {check.code for check in promises}
    crosses = [check for check in stored.broken if check.code not in codes]
    if crosses:
        draw((*crosses, *promises))
    return run.path / MAP, stored
