"""Verification of a stored run: its files, its parts, and every promise of its plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from planner.plan.verification import Check, Verification, verify
from planner.plan.verification.check import promise
from planner.store.assignments import expected_assignments, stated_assignments
from planner.store.run_folder import FILES, RECORD, TABLE, StoredRun, hashes, read_run


def verify_run(path: Path) -> Verification:
    """Check a run from its folder alone; what is missing or unreadable is a failed check.

    Raises UsageError if `path` is no folder.
    """
    run = read_run(path)
    checks = [_check_readable(run), _check_files(run), _check_self_contained(run)]
    if run.plan is not None:
        checks.append(_check_table(run))
    if run.scenario is None or run.layers is None or run.plan_json is None:
        return Verification(tuple(checks))
    return Verification((*checks, *verify(run.scenario, run.layers, run.plan_json).checks))


def _check_readable(run: StoredRun) -> Check:
    figures = "scenario, layers, record and plan"
    return promise("run-readable", "All parts of the run can be read", "运行文件齐全可读",
                   broken=run.problems, figures=figures)  # fmt: skip


def _check_files(run: StoredRun) -> Check:
    """Every file is as it was recorded, and none is missing or added."""
    stated = run.record.get("sha256")
    recorded: dict[str, Any] = stated if isinstance(stated, dict) else {}
    try:
        found = hashes(run.path)
    except OSError as error:
        found = {}
        broken = [f"{error.filename}: {error.strerror}"]
    else:
        broken = [f"{name} is not in {RECORD}" for name in found if name not in recorded]
        broken += [f"{name} has changed" for name, value in found.items()
                   if recorded.get(name, value) != value]  # fmt: skip
    wanted = sorted({*recorded, *FILES})
    broken += [f"{name} is missing" for name in wanted if name not in found]
    return promise("run-files", "Files are as recorded", "文件与记录一致", broken=broken,
                   figures=f"{len(found)} files")  # fmt: skip


def _check_self_contained(run: StoredRun) -> Check:
    """The scenario reads no file outside the run."""
    files = {} if run.layers is None else run.layers.files
    broken = [
        f"{name} is read from {path}"
        for name, paths in files.items()
        for path in paths
        if not path.resolve().is_relative_to(run.path.resolve())
    ]
    return promise("run-self-contained", "The run is self-contained", "运行文件自成一体",
                   broken=broken, figures=f"{len(files)} layers")  # fmt: skip


def _check_table(run: StoredRun) -> Check:
    """The table of assignments says what the plan says."""
    broken: list[str] = []
    expected = expected_assignments(run.plan) if run.plan else {}
    try:
        stated = stated_assignments((run.path / TABLE).read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError) as error:
        stated = {}
        broken.append(f"{TABLE} cannot be read: {error}")
    broken += [f"{key} is not in the plan" for key in stated if key not in expected]
    for key, entries in expected.items():
        row = stated.get(key, {})
        wrong = [name for name, value in entries.items() if row.get(name) != value]
        broken += [f"{key}: {', '.join(wrong)}"] if wrong else []
    figures = f"{len(stated)} of {len(expected)} compounds"
    return promise("run-table", "The table agrees with the plan", "分配表与方案一致",
                   broken=broken, figures=figures)  # fmt: skip


__all__ = ["verify_run"]
