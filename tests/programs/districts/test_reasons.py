"""Infeasible problems say what blocks them, and the nearest bounds that work."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from planner.errors import DataError
from planner.programs.districts import solve
from planner.programs.districts.objective import cut_edges, seat_cost
from planner.programs.districts.plan import faults_of
from planner.programs.districts.problem import DistrictProblem, district_problem
from planner.programs.districts.reasons import screened
from planner.programs.districts.solve import DistrictSolution, solve_districts
from planner.solving.settings import Settings, SolveStatus
from tests.programs.districts.small_cases import choices, random_problem

EXACT = Settings(tolerance=0.0)
ROW = [("a", "b", 1.0), ("b", "c", 1.0), ("c", "d", 1.0)]


def solved(problem: DistrictProblem) -> DistrictSolution:
    solution = solve_districts(problem, [cut_edges(problem)], EXACT)
    assert solution.status == SolveStatus.INFEASIBLE
    assert solution.plan is None
    return solution


def kinds(solution: DistrictSolution) -> list[str]:
    return [reason.kind for reason in solution.reasons]


def test_a_unit_too_heavy_is_named_with_bounds_that_hold_it() -> None:
    problem = district_problem({"a": 9, "b": 2, "c": 2, "d": 3}, 2, (7, 8), ROW)
    solution = solved(problem)
    assert kinds(solution) == ["unit"]
    assert solution.reasons[0].units == ("a",)
    assert "9" in solution.reasons[0].text
    nearest = solution.nearest
    assert nearest is not None
    assert (nearest.lower, nearest.upper) == (6.0, 9.0)
    assert nearest.widened == pytest.approx(1 / 8)
    assert nearest.widened - nearest.proven <= 1e-3


def test_units_behind_one_door_are_named_with_it() -> None:
    star = [("a", "b", 1.0), ("b", "c", 1.0), ("b", "d", 1.0), ("d", "e", 1.0)]
    problem = district_problem({"a": 2, "b": 4, "c": 3, "d": 3, "e": 4}, 2, (7, 8), star)
    solution = solved(problem)
    assert kinds(solution) == ["door"]
    assert solution.reasons[0].units == ("a", "c", "b")
    assert solution.nearest is not None
    assert (solution.nearest.lower, solution.nearest.upper) == (6.0, 9.0)


def test_an_island_that_is_no_whole_number_of_parts() -> None:
    problem = district_problem({"a": 3, "b": 3, "c": 8, "d": 2}, 2, (7, 9), [ROW[0], ROW[2]])
    solution = solved(problem)
    assert kinds(solution) == ["piece", "piece"]
    assert {unit for reason in solution.reasons for unit in reason.units} == {"a", "b", "c", "d"}
    assert solution.nearest is not None
    assert solution.nearest.upper == 10.0


def test_more_islands_than_parts_cannot_be_mended_by_bounds() -> None:
    problem = district_problem(dict.fromkeys("abcd", 2), 2, (0, 8), [ROW[0]])
    solution = solved(problem)
    assert "pieces" in kinds(solution)
    assert solution.nearest is None


def test_units_that_would_lie_apart() -> None:
    cycle = [*ROW, ("a", "d", 1.0)]
    problem = district_problem({"a": 1, "b": 4, "c": 1, "d": 4}, 2, (2, 2), cycle)
    problem = replace(problem, lower=problem.lower * 0 + 2, upper=problem.upper * 0 + 8)
    assert solve_districts(problem, [cut_edges(problem)], EXACT).plan is not None
    torn = replace(problem, apart=((0, 1), (2, 3), (0, 3)), together=((0, 2),))
    solution = solved(torn)
    assert "contiguity" in kinds(solution)
    assert set(solution.reasons[0].units) <= set("abcd")
    assert "locks" in kinds(solution)


def test_fixed_seats_too_close_are_told() -> None:
    problem = district_problem(
        dict.fromkeys("abcd", 2), 2, (4, 4), ROW, seats="abcd", fixed=["a", "b"]
    )
    solution = solved(problem)
    assert kinds(solution) == ["contiguity", "seats"]
    assert solution.reasons[1].units == ("a", "b")
    assert solution.nearest is not None
    assert (solution.nearest.lower, solution.nearest.upper) == (2.0, 6.0)


def test_seats_that_a_cost_forbids_are_told() -> None:
    problem = district_problem(dict.fromkeys("abcd", 2), 2, (4, 4), ROW, seats="ad")
    cost = [[0.0, math.inf], [math.inf, math.inf], [0.0, 0.0], [math.inf, 0.0]]
    objective = seat_cost(problem, cost, name="way", unit="m")
    solution = solve_districts(problem, [objective], EXACT)
    assert solution.status == SolveStatus.INFEASIBLE
    assert kinds(solution) == ["cost"]


def test_reasons_are_true_and_nearest_bounds_are_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    found = 0
    for seed in range(400):
        problem = random_problem(seed)
        if next(choices(problem), None) is not None:
            assert not screened(problem), seed
            continue
        found += 1
        solution = solved(problem)
        assert solution.reasons, seed
        nearest = solution.nearest
        mean = float(problem.weight[0].sum()) / problem.number
        if nearest is None:
            wide = replace(problem, lower=problem.lower.copy(), upper=problem.upper.copy())
            wide.lower[0], wide.upper[0] = -math.inf, math.inf
            assert next(choices(wide), None) is None, seed
            continue
        wide = replace(problem, lower=problem.lower.copy(), upper=problem.upper.copy())
        wide.lower[0], wide.upper[0] = nearest.lower, nearest.upper
        assert not [f for f in faults_of(wide, nearest.plan) if "seat" not in f], seed
        less = nearest.proven * mean - 1e-9
        wide.lower[0], wide.upper[0] = problem.lower[0] - less, problem.upper[0] + less
        assert less <= 0 or next(choices(wide), None) is None, seed
    assert found > 30


def test_contradictory_rules_are_refused() -> None:
    units = dict.fromkeys("abcd", 2)
    with pytest.raises(DataError, match="apart from itself: a"):
        district_problem(units, 2, (4, 4), ROW, apart=[("a", "a")])
    with pytest.raises(DataError, match="numbered from 0 to 1"):
        district_problem(units, 2, (4, 4), ROW, locked={"a": 2})
    with pytest.raises(DataError, match="fixed seats in parts of others: a"):
        district_problem(units, 2, (4, 4), ROW, fixed=["a", "d"], locked={"a": 1})
    with pytest.raises(DataError, match="unknown units: x"):
        district_problem(units, 2, (4, 4), [("a", "x", 1.0)])
    with pytest.raises(DataError, match="negative or missing"):
        district_problem({**units, "a": -1}, 2, (4, 4), ROW)


def test_listing_and_program_tell_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = district_problem(
        dict.fromkeys("abcd", 2), 2, (4, 4), ROW, seats="abcd", fixed=["a", "b"]
    )
    listed = solved(problem)
    monkeypatch.setattr(solve, "TINY", 0)
    program = solved(problem)
    assert kinds(listed) == kinds(program)
    assert listed.nearest is not None
    assert program.nearest is not None
    assert listed.nearest.lower == program.nearest.lower
