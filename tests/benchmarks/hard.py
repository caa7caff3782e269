"""``python -m tests.benchmarks hard``: a pinned family of random, hard places decisions.

Few options, places for 98 % of the pupils, contiguous catchments: where relaxations are weak. Every
instance follows from its seed. Ours stands beside the plain way, the compact program of
`programs.location` with separator rounds in HiGHS, in the same run and each in its own process;
exit 1 if a proven value lies outside what the other one has proven.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import Delaunay

from planner.programs.contiguity import graph_of
from planner.programs.location.problem import Arcs, LocationProblem, Option
from tests.benchmarks.comparing import line, write_rows
from tests.benchmarks.measuring import measured

SEEDS = tuple(range(1, 9))
PRICE_KM, TOLERANCE, LIMIT_S = 5.0, 1e-3, 120.0
HEAD = ("instance", "ours", "bound", "status", "s", "MB", "plain", "bound", "status", "s", "MB")
WIDTHS = (9, 12, 12, 9, 7, 5, 12, 12, 9, 7, 5)
_UNITS, _STANDING, _SITES, _REACH = 70, 5, 6, 6
_SHARE = 0.98
"""Places with the programme, by pupils."""


def main(arguments: list[str]) -> int:
    """Solve the family both ways; exit code 1 if they contradict each other."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks hard")
    parser.add_argument("seeds", nargs="*", type=int, default=list(SEEDS))
    parser.add_argument("--time-limit", type=float, default=LIMIT_S, metavar="S")
    parser.add_argument("--json", type=Path, metavar="FILE")
    asked = parser.parse_args(arguments)
    print(line(HEAD, WIDTHS))
    rows, wrong = [], False
    for seed in asked.seeds:
        row: dict[str, Any] = {"instance": f"hard{seed}"}
        for way, solve in (("ours", solve_ours), ("plain", solve_plain)):
            done = measured(solve, seed, asked.time_limit)
            value, bound, status = done.result or (None, None, done.error or "ERROR")
            row[way] = {"objective": value, "bound": bound, "status": status,
                        "seconds": done.seconds, "memory_mb": done.memory_mb}  # fmt: skip
        wrong |= _contradict(row["ours"], row["plain"])
        rows.append(row)
        print(line([row["instance"], *_cells(row["ours"]), *_cells(row["plain"])], WIDTHS),
              flush=True)  # fmt: skip
    write_rows(rows, asked.json)
    return 1 if wrong else 0


def solve_ours(seed: int, limit: float) -> tuple[float | None, float, str]:
    """Value, bound and status of the priced search."""
    from planner.programs.priced.search import solve_priced
    from planner.solving.settings import Settings

    settings = Settings(tolerance=TOLERANCE, deadline=time.monotonic() + limit)
    found = solve_priced(hard_problem(seed), PRICE_KM, settings)
    return found.value, found.bound, str(found.status)


def solve_plain(seed: int, limit: float) -> tuple[float | None, float, str]:
    """The same of the compact program, with separators in rounds."""
    from planner.programs.location.program import build_location
    from planner.programs.location.rounds import Rounds
    from planner.solving.settings import Settings, status_of

    problem = hard_problem(seed)
    settings = Settings(tolerance=TOLERANCE, deadline=time.monotonic() + limit)
    program = build_location(problem)
    rounds = Rounds(problem, program, settings)
    rounds.set_objective(program.way + PRICE_KM * program.places_short)
    bound = rounds.relaxed_bound()
    reached = rounds.solve("way", gap=TOLERANCE)
    value = None if reached.columns is None else reached.value
    bound = max(bound, reached.bound)
    return value, bound, str(status_of(value, bound, TOLERANCE))


def hard_problem(seed: int) -> LocationProblem:
    """The instance of a seed: homes and schools in a square of 5 km, two services."""
    rng = np.random.default_rng(seed)
    homes, schools = rng.random((_UNITS, 2)) * 5, rng.random((_STANDING + _SITES, 2)) * 5
    pupils = np.maximum(2, rng.lognormal(3.6, 0.8, (_UNITS, 1)) * [1.0, 0.5]).round()
    metres = 1300 * np.linalg.norm(homes[:, None] - schools, axis=2)
    demand = pupils.sum(0) * _SHARE
    today = np.zeros((len(schools), 2))
    today[:_STANDING] = (demand * 0.5 / _STANDING).round()
    options = _options(demand * 0.5)
    ids = [f"u{i:03}" for i in range(_UNITS)]
    return LocationProblem(
        units=tuple(ids),
        services=("primary", "junior"),
        schools=tuple(f"s{i:02}" for i in range(len(schools))),
        pupils=pupils,
        places_today=today,
        options=options,
        arcs=_arcs(metres),
        totals={"new_schools": (3, 3), "expanded_schools": (1, 1), "new_classes": (None, 40)},
        graph=graph_of(ids, _borders(ids, homes)),
        root=metres.argmin(0),
    )


def _options(missing: np.ndarray) -> tuple[Option, ...]:
    """Two sizes of a site, one expansion: three large schools and one expansion are enough."""
    found = []
    for school in range(_STANDING + _SITES):
        sizes = (("expanded", "wing", 0.1, 4),) if school < _STANDING else (
            ("new", "small", 0.2, 8), ("new", "large", 0.3, 12))  # fmt: skip
        for kind, name, share, classes in sizes:
            places = tuple(int(n) for n in np.ceil(missing * share))
            found.append(Option(school, kind, name, (classes // 2,) * 2, places, 0.0, 0.0))
    return tuple(found)


def _arcs(metres: np.ndarray) -> Arcs:
    """Every home may go to the nearest schools, for both services."""
    near = np.sort(np.argsort(metres, axis=1)[:, :_REACH], axis=1)
    unit = np.repeat(np.arange(len(metres)), 2 * _REACH)
    school = np.repeat(near.ravel(), 2)
    return Arcs(
        unit=unit,
        school=school,
        service=np.tile([0, 1], len(unit) // 2),
        way_m=metres[unit, school],
        moves=np.zeros(len(unit), bool),
    )


def _borders(ids: list[str], homes: np.ndarray) -> pd.DataFrame:
    corners = Delaunay(homes).simplices
    pairs = {
        tuple(sorted(pair)) for c in corners.tolist() for pair in zip(c, c[1:] + c[:1], strict=True)
    }
    named = [(ids[a], ids[b]) for a, b in sorted(pairs)]
    return pd.DataFrame(named, columns=["a", "b"])


def _contradict(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether a value of one lies below a bound of the other."""
    pairs = ((one, other), (other, one))
    return any(
        a["objective"] is not None and b["bound"] is not None
        and a["objective"] < b["bound"] - 1e-6 * abs(b["bound"])
        for a, b in pairs
    )  # fmt: skip


def _cells(told: dict[str, Any]) -> list[object]:
    return [
        told["objective"], told["bound"], told["status"],
        f"{told['seconds']:.1f}", f"{told['memory_mb']:.0f}",
    ]  # fmt: skip
