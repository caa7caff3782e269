"""``python -m tests.benchmarks districting-grids``: n × n cells into n parts of n cells, proven.

Cells are neighbours along their sides; the objective is the sum of D² to the part's centre with
D = floor(100 × distance). Source of the values: Validi, Buchanan and Lykhovyd, Operations Research
70 (2022).
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.comparing import line, write_rows
from tests.benchmarks.measuring import measured

PUBLISHED = {5: 239_524, 6: 418_572, 7: 647_977, 8: 916_840}
HEAD = (
    "grid",
    "ours",
    "bound",
    "status",
    "published",
    "wall s",
    "CPU s",
    "MB",
    "how it was solved",
)
WIDTHS = (6, 10, 10, 10, 10, 7, 7, 5, 30)


def main(arguments: list[str]) -> int:
    """Solve the grids; exit code 1 if a proven value is not the published one."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks districting-grids")
    parser.add_argument("sizes", nargs="*", type=int, default=sorted(PUBLISHED))
    parser.add_argument("--time-limit", type=float, default=60.0, help="seconds for a grid")
    parser.add_argument("--json", type=Path, help="write the rows here")
    asked = parser.parse_args(arguments)
    rows = []
    print(line(HEAD, WIDTHS))
    for size in asked.sizes:
        done = measured(solve_grid, size, asked.time_limit)
        told = done.result or {"status": done.error or "ERROR", "objective": None}
        told |= {"instance": f"{size}x{size}", "published": PUBLISHED.get(size),
                 "memory_mb": done.memory_mb}  # fmt: skip
        rows.append(told)
        print(line(_cells(told), WIDTHS), flush=True)
    write_rows(rows, asked.json)
    wrong = [
        row for row in rows
        if row["published"] and row["status"] == "OPTIMAL" and row["objective"] != row["published"]
    ]  # fmt: skip
    return 1 if wrong or any(row["objective"] is None for row in rows) else 0


def solve_grid(size: int, limit: float) -> dict[str, Any]:
    """Solve one grid; runs in a process of its own."""
    from planner.programs.districts.objective import seat_cost
    from planner.programs.districts.plan import faults_of
    from planner.programs.districts.problem import district_problem
    from planner.programs.districts.solve import solve_districts
    from planner.solving.settings import Settings

    cells = [(x, y) for y in range(size) for x in range(size)]
    pairs = [((x, y), (x + a, y + b)) for x, y in cells for a, b in ((1, 0), (0, 1))]
    problem = district_problem(
        dict.fromkeys(cells, 1.0), size, (size, size),
        [(a, b, 1.0) for a, b in pairs if b[0] < size and b[1] < size], seats=cells,
    )  # fmt: skip
    cost = [
        [float(math.floor(100 * math.hypot(a - c, b - d)) ** 2) for c, d in cells] for a, b in cells
    ]
    objective = seat_cost(problem, cost, name="moment", unit="D²")
    began, cpu = time.monotonic(), time.process_time()
    settings = Settings(tolerance=0.0, deadline=began + limit)
    solution = solve_districts(problem, [objective], settings)
    seconds, cpu = time.monotonic() - began, time.process_time() - cpu
    assert solution.plan is not None
    assert not faults_of(problem, solution.plan)
    level = solution.levels[0]
    return {
        "problem": "squared_distance_moment", "objective": level.value, "bound": level.bound,
        "status": str(solution.status), "seconds": seconds, "cpu_seconds": cpu,
        "method": level.how,
    }  # fmt: skip


def _cells(told: dict[str, Any]) -> tuple[object, ...]:
    return (
        told["instance"], told["objective"], told.get("bound"), told["status"], told["published"],
        round(told.get("seconds", 0.0), 1), round(told.get("cpu_seconds", 0.0), 1),
        round(told["memory_mb"]), told.get("method", ""),
    )  # fmt: skip
