"""One run of a sweep, wherever it is solved: its result is recorded whole, or not at all."""

from __future__ import annotations

import json
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planner.errors import (
    DataError,
    ExitCode,
    InfeasibleError,
    NoPlanInTimeError,
    PlannerError,
    Problem,
    ScenarioError,
)
from planner.runs.main_job import run
from planner.scenario.loading import LoadedScenario
from planner.solving.settings import Progress
from planner.store.run_check import verify_run
from planner.store.run_folder import read_run

RUNS, RESULTS = "runs", "results"
_STATUSES: dict[type[PlannerError], str] = {
    InfeasibleError: "INFEASIBLE",
    NoPlanInTimeError: "NO_SOLUTION_IN_TIME",
    DataError: "INVALID_DATA",
    ScenarioError: "INVALID_SCENARIO",
}


@dataclass(frozen=True)
class Job:
    """What a worker needs: it may be another process, or another machine on the same files."""

    id: str
    values: dict[str, str]
    loaded: LoadedScenario
    folder: Path
    """Of the sweep, absolute."""


def solve(job: Job) -> dict[str, Any]:
    """The recorded result of a job, solved only if there is none yet.

    A result without a plan (infeasible, no plan in time, data that cannot be used) is one too.
    """
    known = recorded(job.folder, job.id)
    if known is not None:
        return known
    out, began = job.folder / RUNS / job.id, time.monotonic()
    if out.is_dir() and any(out.iterdir()):
        # the plan was stored, and its worker killed before the result was
        result = _stored_result(out)
    else:
        result = _solved_result(job.loaded, out)
    seconds = round(time.monotonic() - began, 3)
    entries = {"id": job.id, "values": job.values, **result, "seconds": seconds}
    _write(job.folder / RESULTS / f"{job.id}.json", entries)
    return entries


def recorded(folder: Path, key: str) -> dict[str, Any] | None:
    """The result of a finished run; None unless it is there whole, with its run folder."""
    try:
        result = json.loads((folder / RESULTS / f"{key}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    whole = isinstance(result, dict) and result.get("id") == key
    if not whole or (result["run_dir"] and not (folder / result["run_dir"]).is_dir()):
        return None
    return dict(result)


def _solved_result(loaded: LoadedScenario, out: Path) -> dict[str, Any]:
    try:
        outcome = run(loaded, out=out, stop=threading.Event(), report=_nothing)
    except tuple(_STATUSES) as error:
        status = next(word for kind, word in _STATUSES.items() if isinstance(error, kind))
        return _result(status, error.exit_code, problems=error.problems)
    plan, broken = outcome.plan, [check.figures for check in outcome.verification.broken]
    return _result(
        "BROKEN" if broken else plan.status.value, outcome.exit_code, run_dir=f"{RUNS}/{out.name}",
        gap=plan.gap, indicators=plan.indicators,
        problems=[Problem("verification", text) for text in broken],
    )  # fmt: skip


def _stored_result(out: Path) -> dict[str, Any]:
    """The result of a run that is stored already."""
    stored, verification = read_run(out), verify_run(out)
    if stored.plan is None:
        raise DataError([Problem(str(out), text, "delete it") for text in stored.problems])
    proven = stored.plan.status.value == "OPTIMAL"
    code = ExitCode.FINE if proven else ExitCode.STOPPED_WITH_PLAN
    broken = [Problem("verification", check.figures) for check in verification.broken]
    return _result(
        "BROKEN" if broken else stored.plan.status.value,
        ExitCode.VERIFICATION if broken else code, run_dir=f"{RUNS}/{out.name}",
        gap=stored.plan.gap, indicators=stored.plan.indicators, problems=broken,
    )  # fmt: skip


def _result(
    status: str,
    code: ExitCode,
    *,
    run_dir: str | None = None,
    gap: float | None = None,
    indicators: dict[str, Any] | None = None,
    problems: Any = (),
) -> dict[str, Any]:
    return {
        "status": status,
        "exit_code": int(code),
        "run_dir": run_dir,
        "gap": None if gap is None or gap == float("inf") else gap,
        "indicators": indicators or {},
        "problems": [
            {"where": p.where, "message": p.message, "hint": p.hint, "ids": list(p.ids)}
            for p in problems
        ],
    }


def _write(path: Path, entries: dict[str, Any]) -> None:
    """Write in one piece: a reader finds all of it, or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    text = json.dumps(entries, ensure_ascii=False, indent=1, allow_nan=False)
    partial.write_text(text + "\n", encoding="utf-8", newline="")
    partial.replace(path)


def _nothing(_step: str, _progress: Progress | None) -> None:
    """A run of a sweep tells nobody how it goes."""
