"""``python -m tests.benchmarks districting DIR``: published districting instances, proven.

A row each: ours, bound, status, published, seconds, a peer's, memory and the way taken. Every
instance is read and solved in a process of its own that sees neither published values nor plans.
Published plans, where there are any, are evaluated first.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.comparing import line, write_rows
from tests.benchmarks.districting_files import (
    blind,
    judged,
    read_instance,
    read_manifest,
    read_plan,
)
from tests.benchmarks.measuring import Measured, measured

TOLERANCE = 1e-6
LIMIT_S = 300.0
FINDING = 1e-4
"""By how much a published optimum of a mixed-integer run may be above ours."""
HEAD = ("instance", "problem", "ours", "bound", "status", "published", "wall s", "CPU s", "peer s",
        "MB",
        "how it was solved")  # fmt: skip
WIDTHS = (24, 14, 14, 14, 20, 12, 8, 8, 8, 6, 30)


def main(arguments: list[str]) -> int:
    """Solve the rows; exit code 1 if a proven value is not the published one."""
    asked = _parsed(arguments)
    only = set(filter(None, asked.only.split(",")))
    wrong = _check_plans(asked.folder)
    rows = []
    print(line(HEAD, WIDTHS))
    for row in read_manifest(asked.folder):
        if only and row["name"] not in only:
            continue
        told = solve_row(asked.folder, row, asked.time_limit)
        rows.append(told)
        print(line(_cells(told, row), WIDTHS), flush=True)
        if told["problem_found"]:
            print(f"  !! {told['problem_found']}")
        if told["reasons"]:
            print(f"  {told['reasons']}")
        if asked.peer:
            _peer(asked.peer, asked.folder, row, told)
    write_rows(rows, asked.json)
    _summary(rows)
    return 1 if wrong or any(row["problem_found"] for row in rows) else 0


def solve_row(folder: Path, row: dict[str, str], limit: float | None) -> dict[str, Any]:
    """Solve one row; what is published is only compared afterwards."""
    done = measured(solve_blind, folder, blind(row), limit)
    told = {
        "instance": row["name"], "problem": row["objective"], "objective": None, "bound": None,
        "status": "ERROR", "published": _published(row["published"]),
        "published_status": row["status"] or None, "seconds": None, "cpu_seconds": None,
        "memory_mb": done.memory_mb,
        "method": done.error, "reasons": None, "peer_seconds": _published(row["peer_seconds"]),
    }  # fmt: skip
    told.update(done.result or {})
    told["problem_found"] = _disagreement(told, row, done)
    return told


def solve_blind(folder: Path, row: dict[str, str], limit: float | None) -> dict[str, Any]:
    """Read, solve and judge an instance; runs in a process of its own."""
    from planner.programs.districts.listing import count_plans
    from planner.programs.districts.solve import solve_districts
    from planner.solving.settings import Settings

    instance = read_instance(folder, row)
    began, cpu = time.monotonic(), time.process_time()
    whole = all(objective.whole for objective in instance.objectives)
    settings = Settings(
        tolerance=0.0 if whole else TOLERANCE, deadline=None if limit is None else began + limit
    )
    if instance.kind == "count_plans":
        count, all_of_them = count_plans(instance.problem, settings)
        return {
            "objective": count, "bound": None, "status": "OPTIMAL" if all_of_them else "FEASIBLE",
            "seconds": time.monotonic() - began, "cpu_seconds": time.process_time() - cpu,
            "method": "all plans listed",
        }  # fmt: skip
    solution = solve_districts(instance.problem, instance.objectives, settings)
    seconds = time.monotonic() - began
    told: dict[str, Any] = {
        "status": str(solution.status), "seconds": seconds,
        "cpu_seconds": time.process_time() - cpu,
    }  # fmt: skip
    if solution.plan is not None:
        value, faults = judged(instance, list(solution.plan.part))
        level = solution.levels[0]
        if faults or (value is not None and not math.isclose(value, level.value, rel_tol=1e-9)):
            raise AssertionError(f"the judge finds {value} and {faults}, told {level.value}")
        told |= {"objective": value, "bound": level.bound, "method": level.how}
    if instance.kind == "feasible":
        proven = solution.status in ("OPTIMAL", "INFEASIBLE")
        known = "feasible" if solution.plan is not None else "infeasible" if proven else None
        told |= {
            "objective": known,
            "bound": None,
            "status": "OPTIMAL" if proven else told["status"],
        }
    told["reasons"] = _reasons(instance, solution)
    told.setdefault("method", "; ".join(reason.kind for reason in solution.reasons))
    return told


def _reasons(instance: Any, solution: Any) -> str | None:
    if not solution.reasons:
        return None
    text = "; ".join(
        f"{reason.text} ({', '.join(instance.names[u] for u in reason.units[:8])})"
        for reason in solution.reasons
    )
    if solution.nearest is not None:
        text += (
            f"; nearest bounds {solution.nearest.lower:.0f}–{solution.nearest.upper:.0f} "
            f"(none below a widening of {solution.nearest.proven:.2%})"
        )
    return text


def _disagreement(told: dict[str, Any], row: dict[str, str], done: Measured) -> str | None:
    """What is wrong with a row: an error, or a proven value that is not the published one."""
    if done.error:
        return done.error
    if told["status"] != "OPTIMAL" or row["status"] != "proven" or not row["published"]:
        return None
    ours, published = told["objective"], _published(row["published"])
    if isinstance(ours, str) or isinstance(published, str):
        agreed = ours == published
    else:
        agreed = _agrees(row["objective"], float(ours), float(published or 0.0))
    return None if agreed else f"proven {ours!r}, published {row['published']}"


def _agrees(kind: str, ours: float, published: float) -> bool:
    """Whole numbers exactly, others to 1e-9; a smaller length is a finding, not an error."""
    whole = kind in ("hop_moment", "cut_edges", "count_plans") or published.is_integer()
    if whole:
        return ours == published
    if kind == "boundary_length" and published * (1 - FINDING) <= ours <= published:
        return True
    return math.isclose(ours, published, rel_tol=max(1e-9, TOLERANCE))


def _check_plans(folder: Path) -> bool:
    """Evaluate the published plans; whether any of them is not what it is said to be."""
    wrong = False
    files = sorted((folder / "plans").glob("*.json")) if (folder / "plans").is_dir() else []
    for file in files:
        row, district, published = read_plan(folder, file)
        value, faults = judged(read_instance(folder, row), district)
        fine = not faults and (value is None or math.isclose(value, published, rel_tol=1e-9))
        wrong = wrong or not fine
        print(f"plan {file.stem}: {value} {'as' if fine else '!! not as'} published {published}",
              *faults)  # fmt: skip
    return wrong


def _peer(peer: str, folder: Path, row: dict[str, str], told: dict[str, Any]) -> None:
    """A peer on the same units: one more line, and its figures in the row."""
    from tests.benchmarks.districting_peers import told as line_of
    from tests.benchmarks.districting_peers import with_peer

    done = measured(with_peer, peer, folder, blind(row))
    told["peer"] = peer
    told["peer_result"] = done.result
    if done.error or done.result is None:
        print(f"  {peer}: {done.error or 'not for this problem'}")
        return
    print(line_of(peer, done.result, done.memory_mb), flush=True)


def _summary(rows: list[dict[str, Any]]) -> None:
    """Geometric means of our seconds against the published ones, by kind of problem."""
    for kind in sorted({row["problem"] for row in rows}):
        ratios = [
            row["cpu_seconds"] / row["peer_seconds"]
            for row in rows
            if row["problem"] == kind and row["status"] == "OPTIMAL"
            and isinstance(row["peer_seconds"], float) and row["cpu_seconds"]
        ]  # fmt: skip
        if ratios:
            mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
            print(f"{kind}: {len(ratios)} proven rows, our CPU seconds are {mean:.2f} of the "
                  f"published ones (geometric mean)")  # fmt: skip


def _published(text: str) -> float | str | None:
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        return text


def _cells(told: dict[str, Any], row: dict[str, str]) -> tuple[object, ...]:
    seconds, cpu = (
        None if told[key] is None else round(told[key], 2) for key in ("seconds", "cpu_seconds")
    )
    return (
        told["instance"], told["problem"], told["objective"], told["bound"], told["status"],
        row["published"], seconds, cpu, row["peer_seconds"], round(told["memory_mb"]),
        told["method"] or "",
    )  # fmt: skip


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks districting")
    parser.add_argument("folder", type=Path, help="folder with manifest.csv and graphs")
    parser.add_argument("--only", default="", help="names of rows, comma between")
    parser.add_argument("--time-limit", type=float, default=LIMIT_S, help="seconds for a row")
    parser.add_argument("--json", type=Path, help="write the rows here")
    parser.add_argument("--peer", choices=("gerrychain", "spopt"), help="run a peer on each row")
    return parser.parse_args(arguments)
