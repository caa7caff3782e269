"""Every objective against every plan, on hundreds of small problems and by every way."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import pytest

from planner.programs.districts import borders, solve
from planner.programs.districts.large import search_large
from planner.programs.districts.listing import count_plans
from planner.programs.districts.problem import DistrictProblem
from planner.programs.districts.solve import DistrictSolution, solve_districts
from planner.solving.settings import Settings, SolveStatus
from tests.programs.districts.small_cases import (
    KINDS,
    choices,
    legal,
    random_objective,
    random_problem,
    value,
)

EXACT = Settings(tolerance=0.0)
SEEDS = {"listed": range(40), "program": range(20), "large": range(6)}
WAYS = {"listed": (22, 60, 250), "program": (0, 60, 250), "large": (0, 0, 0)}
"""Units up to which plans are listed, columns that need no start, units of a large problem."""


@pytest.fixture(autouse=True)
def unexplained(monkeypatch: pytest.MonkeyPatch) -> None:
    """The nearest bounds of infeasible problems are tested elsewhere."""
    monkeypatch.setattr(solve, "explained", lambda *_: ((), None))


@pytest.fixture(params=sorted(WAYS))
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    tiny, few, large = WAYS[request.param]
    monkeypatch.setattr(borders, "FEW_COLUMNS", few)
    monkeypatch.setattr(solve, "TINY", tiny)
    monkeypatch.setattr(solve, "LARGE", large)
    monkeypatch.setattr(solve, "search_large", partial(search_large, patience=2))
    return str(request.param)


def problem_for(kind: str, seed: int) -> DistrictProblem:
    """A problem that the objective fits: hops go to seats."""
    problem = random_problem(seed)
    while kind == "hops" and not len(problem.homes):
        seed += 7919
        problem = random_problem(seed)
    return problem


def bounds_hold(solution: DistrictSolution, best: float) -> bool:
    level = solution.levels[0]
    return level.bound <= best + 1e-6 and level.value >= best - 1e-6


@pytest.mark.parametrize("kind", KINDS)
def test_the_best_of_all_plans_is_found_and_proven(kind: str, way: str) -> None:
    for seed in SEEDS[way]:
        problem = problem_for(kind, 1000 * KINDS.index(kind) + seed)
        objective = random_objective(problem, kind, seed)
        best = min((value(objective, c) for c in choices(problem)), default=math.inf)
        solution = solve_districts(problem, [objective], EXACT)
        if math.isinf(best):
            assert solution.status == SolveStatus.INFEASIBLE, seed
            continue
        assert solution.plan is not None, seed
        assert solution.levels[0].value == pytest.approx(best, abs=1e-6), seed
        assert value(objective, solution.plan) == pytest.approx(best, abs=1e-6), seed
        assert legal(problem, solution.plan), seed
        if way != "large":
            assert solution.status == SolveStatus.OPTIMAL, seed
        assert bounds_hold(solution, best), seed


@pytest.mark.parametrize("kind", KINDS)
def test_ranked_objectives_keep_what_those_above_allow(kind: str, way: str) -> None:
    for seed in SEEDS[way]:
        problem = problem_for(kind, 9000 + 100 * KINDS.index(kind) + seed)
        other = KINDS[seed % len(KINDS)]
        if other == "hops" and not len(problem.homes):
            other = "edges"
        first = replace(random_objective(problem, kind, seed), allowed=(0.0, 0.3)[seed % 2])
        second = random_objective(problem, other, seed + 1)
        plans = [c for c in choices(problem) if math.isfinite(value(first, c))]
        solution = solve_districts(problem, [first, second], EXACT)
        if not plans:
            assert solution.status == SolveStatus.INFEASIBLE, seed
            continue
        assert solution.plan is not None, seed
        assert legal(problem, solution.plan), seed
        top = solution.levels[0]
        if way != "large":
            assert top.value == pytest.approx(min(value(first, c) for c in plans)), seed
        if first.cost is not None and problem.homes.size:  # chosen seats stay
            plans = [c for c in plans if set(c.seat) == set(solution.plan.seat)]
        left = [c for c in plans if value(first, c) <= top.allowed + 1e-5]
        best = min(value(second, c) for c in left)
        assert value(first, solution.plan) <= top.allowed + 1e-5, seed
        if math.isfinite(best):
            assert solution.levels[1].value == pytest.approx(best, abs=1e-6), seed


def test_every_plan_is_counted_once() -> None:
    for seed in range(150):
        problem = replace(random_problem(seed), homes=random_problem(seed).homes[:0], fixed=())
        problem = replace(problem, locked=())
        parts = {tuple(dict.fromkeys(c.part)) and _canonical(c.part) for c in choices(problem)}
        assert count_plans(problem, Settings()) == (len(parts), True), seed


def _canonical(part: tuple[int, ...]) -> tuple[int, ...]:
    first: dict[int, int] = {}
    return tuple(first.setdefault(p, len(first)) for p in part)


@pytest.mark.parametrize("tolerance", [1e-3, 0.05, 0.3])
def test_bounds_hold_whatever_the_tolerance(
    tolerance: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solve, "TINY", 0)
    for seed in range(28):
        kind = KINDS[seed % len(KINDS)]
        problem = problem_for(kind, 20_000 + seed)
        objective = random_objective(problem, kind, seed)
        plans = [c for c in choices(problem) if math.isfinite(value(objective, c))]
        solution = solve_districts(problem, [objective], Settings(tolerance=tolerance))
        if not plans:
            assert solution.status == SolveStatus.INFEASIBLE, seed
            continue
        best = min(value(objective, c) for c in plans)
        level = solution.levels[0]
        assert solution.plan is not None, seed
        assert legal(problem, solution.plan), seed
        assert level.bound <= best + 1e-6, seed
        assert level.bound >= level.value * (1 - tolerance) - 1e-6, seed
        assert solution.status == SolveStatus.OPTIMAL, seed
