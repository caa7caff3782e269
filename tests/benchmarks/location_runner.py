"""``python -m tests.benchmarks location DIR``: published location instances, proven.

A row each: ours, bound, status, published, seconds, memory, and a peer's. Every instance is read
and solved in a process of its own that never sees the published value.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.comparing import agrees, line, write_rows
from tests.benchmarks.location_files import Instance, read_instance, read_manifest
from tests.benchmarks.measuring import Measured, measured

TOLERANCE = 1e-6
HEAD = ("instance", "problem", "ours", "bound", "status", "published", "model s", "solve s", "MB",
        "peer s", "peer MB")  # fmt: skip
WIDTHS = (14, 22, 14, 14, 10, 14, 8, 8, 6, 8, 7)


def main(arguments: list[str]) -> int:
    """Solve the rows; exit code 1 if a proven value is not the published one."""
    asked = _parsed(arguments)
    only = set(filter(None, asked.only.split(",")))
    rows = []
    print(line(HEAD, WIDTHS))
    for row in read_manifest(asked.folder):
        if only and row["name"] not in only:
            continue
        told = solve_row(asked.folder, row, asked.time_limit)
        told["peer_seconds"], told["peer_memory_mb"] = None, None
        if asked.peer:
            told.update(_peer(asked.folder, row))
        rows.append(told)
        print(line(_cells(told), WIDTHS), flush=True)
        if told["problem_found"]:
            print(f"  !! {told['problem_found']}")
    write_rows(rows, asked.json)
    return 1 if any(row["problem_found"] for row in rows) else 0


def solve_row(folder: Path, row: dict[str, str], limit: float | None) -> dict[str, Any]:
    """Solve one row; what is published is only compared afterwards."""
    blind = {key: row.get(key, "") for key in ("name", "file", "format", "problem", "p",
                                               "capacity", "radius")}  # fmt: skip
    done = measured(solve_blind, folder, blind, limit)
    told = {
        "instance": row["name"], "problem": row["problem"], "objective": None, "bound": None,
        "status": "ERROR", "published": _number(row["published"]),
        "published_status": row["status"] or None, "seconds": None, "memory_mb": done.memory_mb,
        "model_seconds": None, "how": done.error,
    }  # fmt: skip
    told.update(done.result or {})
    told["problem_found"] = _disagreement(told, row, done)
    return told


def solve_blind(folder: Path, row: dict[str, str], limit: float | None) -> dict[str, Any]:
    """Read and solve an instance; runs in a process of its own."""
    from planner.solving.settings import Settings

    began = time.monotonic()
    instance = read_instance(folder, row)
    ready = time.monotonic()
    deadline = None if limit is None else ready + limit
    solution = _solve(instance, Settings(tolerance=TOLERANCE, deadline=deadline))
    ended = time.monotonic()
    return {
        "objective": solution.value, "bound": solution.bound, "status": str(solution.status),
        "seconds": ended - began, "model_seconds": ready - began, "how": solution.how,
    }  # fmt: skip


def _solve(instance: Instance, settings: Any) -> Any:
    from planner.programs import facility

    problem, p, radius = instance.problem, instance.p or 0, instance.radius or 0.0
    amounts = {"capacity": problem.capacity.tolist(), "demand": problem.demand.tolist()}
    fixed = {"fixed": problem.fixed.tolist(), **amounts}
    kinds = {
        "p_median": lambda: facility.p_median(problem, p, settings, weight=instance.weight),
        "p_center": lambda: facility.p_center(problem, p, settings),
        "capacitated_facility": lambda: facility.capacitated_facility(problem, settings, **fixed),
        "single_source_facility": lambda: facility.single_source_facility(
            problem, settings, **fixed
        ),
        "capacitated_p_median": lambda: facility.capacitated_p_median(
            problem, p, settings, **amounts
        ),
        "max_cover": lambda: facility.max_cover(
            problem, p, radius, settings, weight=instance.weight
        ),
        "set_cover": lambda: facility.set_cover(problem, radius, settings),
    }
    return kinds[instance.kind]()


def _disagreement(told: dict[str, Any], row: dict[str, str], done: Measured) -> str | None:
    """What is wrong with a row: an error, or a proven value that is not the published one."""
    if done.error:
        return done.error
    if told["status"] != "OPTIMAL" or row["status"] != "proven":
        return None
    if agrees(told["objective"], row["published"]):
        return None
    return f"proven {told['objective']!r}, published {row['published']}"


def _peer(folder: Path, row: dict[str, str]) -> dict[str, Any]:
    from tests.benchmarks.spopt_peer import KINDS, solve_with_spopt

    if row["problem"] not in KINDS:
        return {}
    done = measured(solve_with_spopt, folder, dict(row))
    if done.error:
        print(f"  peer: {done.error}")
        return {}
    value, seconds = done.result
    return {"peer_seconds": seconds, "peer_memory_mb": done.memory_mb, "peer_objective": value}


def _cells(told: dict[str, Any]) -> list[object]:
    def rounded(value: float | None, digits: int) -> object:
        return None if value is None else f"{value:.{digits}f}".rjust(1)

    solve = None if told["seconds"] is None else told["seconds"] - told["model_seconds"]
    return [
        told["instance"], told["problem"], told["objective"], told["bound"], told["status"],
        told["published"], rounded(told["model_seconds"], 2), rounded(solve, 2),
        rounded(told["memory_mb"], 0), rounded(told["peer_seconds"], 2),
        rounded(told["peer_memory_mb"], 0),
    ]  # fmt: skip


def _number(text: str) -> float | None:
    return float(text) if text else None


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks location")
    parser.add_argument("folder", type=Path, metavar="DIR", help="with manifest.csv")
    parser.add_argument("--only", default="", metavar="NAME,...", help="rows of these names")
    parser.add_argument("--time-limit", type=float, metavar="S", help="seconds for a solve")
    parser.add_argument("--peer", choices=["spopt"], help="run it on the same instances")
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args(arguments)
