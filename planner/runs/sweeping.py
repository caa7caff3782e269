"""Sweeps: every combination a run, side by side on Dask, resumable at any time."""

from __future__ import annotations

import json
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from planner.errors import Problem, UsageError
from planner.maps.sweep_page import sweep_page
from planner.plan.sweep_table import table_of, table_text
from planner.runs.sweep_grid import Axis, Combination
from planner.runs.sweep_run import RESULTS, RUNS, Job, recorded, solve

REQUEST, TABLE, PAGE = "sweep.json", "table.csv", "sweep.html"
_LOOK_S = 0.1
_WAIT_S = 10
"""Seconds for a scheduler to answer, and for workers to end."""
_NEEDED = "a sweep needs Dask: pip install 'planner[sweep]'"

Told = Callable[[dict[str, Any], int, int], None]
"""Told each result, how many there are by now, and of how many."""


@dataclass(frozen=True)
class SweepOutcome:
    """All results that are recorded, in the order of the grid, and what is missing."""

    folder: Path
    results: tuple[dict[str, Any], ...]
    kept: int
    """Of them, how many were there before."""
    failed: dict[str, str] = field(default_factory=dict)
    """By id: runs that ended in a bug or killed their workers."""
    missing: tuple[str, ...] = ()
    """Ids that were not solved before the stop."""
    interrupted: bool = False
    seconds: float = 0.0


def sweep(
    combinations: Sequence[Combination],
    axes: Sequence[Axis],
    *,
    out: Path,
    workers: int | None,
    cluster: str | None,
    stop: threading.Event,
    told: Told,
) -> SweepOutcome:
    """Solve every combination that has no recorded result in `out`; then table and page.

    Local processes (`workers`, None: as many as cores) unless `cluster` is the address of a
    scheduler. `stop` ends it early: what is finished stays, what is not is solved the next time.
    Raises UsageError for an `out` that is no sweep's, a missing Dask, or no scheduler there.
    """
    began, folder = time.monotonic(), out.absolute()
    _prepare(folder, combinations, axes)
    results = {c.id: known for c in combinations if (known := recorded(folder, c.id))}
    kept, total = len(results), len(combinations)
    for done, result in enumerate(list(results.values()), start=1):
        told(result, done, total)
    jobs = [Job(c.id, c.values, c.loaded, folder) for c in combinations if c.id not in results]
    failed: dict[str, str] = {}
    if jobs:
        with _client(workers, cluster, len(jobs)) as client:
            for key, reason in _ended(client, jobs, stop):
                if (found := recorded(folder, key)) is not None:
                    results[key] = found
                    told(found, len(results), total)
                else:
                    failed[key] = reason
    for job in jobs:
        # a run may have ended between the last look and the end of its worker
        stored = cluster is None and (folder / RUNS / job.id).is_dir()
        late = solve(job) if stored else recorded(folder, job.id)
        if late is not None:
            results[job.id] = late
    failed = {key: reason for key, reason in failed.items() if key not in results}
    if cluster is None:
        _sweep_up(folder)
    ordered = tuple(results[c.id] for c in combinations if c.id in results)
    _write_views(folder, ordered, axes, combinations)
    missing = tuple(c.id for c in combinations if c.id not in results and c.id not in failed)
    seconds = time.monotonic() - began
    return SweepOutcome(
        folder, ordered, kept, failed, missing, bool(missing and stop.is_set()), seconds
    )


def _prepare(folder: Path, combinations: Sequence[Combination], axes: Sequence[Axis]) -> None:
    """Make the sweep's folder, or refuse one that holds something else."""
    hint = "name a new or an empty folder with --out, or that of a sweep to go on with"
    if folder.exists() and not folder.is_dir():
        raise UsageError(Problem(str(folder), "is no folder", hint))
    if folder.is_dir() and any(folder.iterdir()) and not (folder / REQUEST).is_file():
        raise UsageError(Problem(str(folder), "is not empty and holds no sweep", hint))
    try:
        for name in (RUNS, RESULTS):
            (folder / name).mkdir(parents=True, exist_ok=True)
        _sweep_up(folder)
        request = {
            "scenario": combinations[0].loaded.path.name,
            "grid": {axis.key: list(axis.values) for axis in axes},
            "runs": {c.id: c.values for c in combinations},
        }
        _write_text(folder / REQUEST, json.dumps(request, ensure_ascii=False, indent=1) + "\n")
    except OSError as error:
        reason = f"cannot be written: {error.strerror or error}"
        raise UsageError(Problem(str(folder), reason, hint)) from error


def _ended(client: Any, jobs: Sequence[Job], stop: threading.Event) -> Iterator[tuple[str, str]]:
    """Ids of runs as they end, and why where one failed. Ends at `stop`, leaving the rest.

    Results are read from the sweep's folder: a worker that dies after a run takes none with it.
    """
    waiting = {
        job.id: client.submit(solve, job, key=f"planner-{job.id}-{os.getpid()}", pure=False)
        for job in jobs
    }
    while waiting and not stop.is_set():
        ended = [key for key, future in waiting.items() if future.done()]
        for key in ended:
            future = waiting.pop(key)
            error = future.exception() if future.status == "error" else None
            yield key, f"{type(error).__name__}: {error}" if error else str(future.status)
        if not ended:
            stop.wait(_LOOK_S)
    if waiting:
        client.cancel(list(waiting.values()), force=True)


@contextmanager
def _client(workers: int | None, address: str | None, jobs: int) -> Iterator[Any]:
    """A client of a scheduler elsewhere, or of local worker processes that end with it."""
    try:
        import dask
        import distributed
    except ImportError as error:
        raise UsageError(_NEEDED) from error
    # runs are long: none waits at a worker while another is free, or goes on after the stop
    dask.config.set({"distributed.scheduler.worker-saturation": 1.0})
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    cluster = None
    if address is None:
        cluster = distributed.LocalCluster(
            n_workers=min(workers or len(os.sched_getaffinity(0)), jobs), threads_per_worker=1,
            processes=True, memory_limit=0, dashboard_address=None,
            silence_logs=logging.CRITICAL, preload=["planner.runs.sweep_worker"],
        )  # fmt: skip
    try:
        client = distributed.Client(cluster or address, timeout=_WAIT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        hint = "start one with `dask scheduler`, and workers with `dask worker ADDRESS`"
        message = f"--cluster {address}: no scheduler answers: {error}"
        raise UsageError(Problem("", message, hint)) from error
    try:
        yield client
    finally:
        # what does not end in time ends with this process
        with suppress(TimeoutError):
            client.close(timeout=_WAIT_S)
        if cluster is not None:
            with suppress(TimeoutError):
                cluster.close(timeout=_WAIT_S)


def _sweep_up(folder: Path) -> None:
    """Remove what a killed worker left half written."""
    for part in (folder / RUNS, folder / RESULTS):
        for left in part.glob(".*.partial"):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)


def _write_views(
    folder: Path,
    results: Sequence[dict[str, Any]],
    axes: Sequence[Axis],
    combinations: Sequence[Combination],
) -> None:
    table = table_of(results, [axis.key for axis in axes])
    _write_text(folder / TABLE, table_text(table))
    scenario = combinations[0].loaded.scenario
    page = sweep_page(scenario, table, total=len(combinations))
    _write_text(folder / PAGE, page)


def _write_text(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.write_text(text, encoding="utf-8", newline="")
    partial.replace(path)
