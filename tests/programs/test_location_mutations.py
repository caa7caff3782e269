"""What each row family of the location program is for: without it some answer is wrong."""

from __future__ import annotations

import time

import pytest

from planner.errors import InfeasibleError
from planner.programs.location.problem import LocationProblem
from planner.programs.location.program import FAMILIES, build_location
from planner.programs.location.ranked import LocationSolution, solve_location
from planner.scenario.model import Ranking
from planner.solving.door import solve
from planner.solving.settings import Settings, SolveStatus
from tests.programs.location_cases import hand_made, random_problem, random_ranking
from tests.programs.location_oracle import best_given, has_plan, keeps_rules

EXACT = 1e-5
SEEDS = range(200)
RULES = sorted({*FAMILIES, "separator"} - {"neighbour"})


def mutant(
    problem: LocationProblem, ranking: Ranking, skip: frozenset[str]
) -> LocationSolution | None:
    limits = Settings(tolerance=EXACT, deadline=time.monotonic() + 5)
    try:
        return solve_location(problem, limits, ranking, skip=skip)
    except InfeasibleError:
        return None


def is_better_than_all_plans(seed: int, family: str) -> bool:
    """Whether the mutant claims what no plan reaches, with a plan that breaks a rule."""
    problem, ranking = random_problem(seed), random_ranking(seed)
    solution = mutant(problem, ranking, frozenset({family}))
    if solution is None or solution.status != SolveStatus.OPTIMAL:
        return False
    if keeps_rules(problem, solution.options, solution.school) and family != "capacity":
        return False
    return not agrees_with_all_plans(problem, ranking, solution)


def agrees_with_all_plans(
    problem: LocationProblem, ranking: Ranking, solution: LocationSolution
) -> bool:
    """Whether every level is the best of all plans, given the levels above."""
    try:
        best = best_given(problem, ranking, solution.levels)
    except AssertionError:  # no plan has what a level claims
        return False
    return [level.value for level in solution.levels] == pytest.approx(best, abs=1e-3, rel=1e-6)


@pytest.mark.parametrize("family", RULES)
def test_without_a_family_some_answer_is_wrong(family: str) -> None:
    assert any(is_better_than_all_plans(seed, family) for seed in SEEDS)


def test_left_out_families_are_the_only_difference() -> None:
    """The mutants go the way of the program alone; with all rows it agrees (on the same cases)."""
    for seed in range(30):
        problem, ranking = random_problem(seed), random_ranking(seed)
        solution = mutant(problem, ranking, frozenset({"no such family"}))
        assert (solution is not None) == has_plan(problem)
        if solution is not None:
            assert agrees_with_all_plans(problem, ranking, solution)


def test_neighbour_rows_are_first_separators_only() -> None:
    """Without them separation finds the same levels, in more rounds."""
    for seed in range(40):
        problem, ranking = random_problem(seed), random_ranking(seed)
        solution = mutant(problem, ranking, frozenset({"neighbour"}))
        assert (solution is not None) == has_plan(problem)
        if solution is not None:
            assert agrees_with_all_plans(problem, ranking, solution)


@pytest.mark.parametrize("skip", [frozenset(), frozenset({"neighbour"})])
def test_neighbour_rows_leave_no_unit_alone(skip: frozenset[str]) -> None:
    """Before any separation: a unit apart from its school's has a neighbour of its catchment."""
    assert any(lone_units(random_problem(seed), skip) for seed in range(60)) == bool(skip)


def lone_units(problem: LocationProblem, skip: frozenset[str]) -> list[tuple[int, int, int]]:
    """Units beside nobody of their catchment, in the program's shortest way without separation."""
    program = build_location(problem, skip=skip)
    program.problem.setObjective(program.way)
    solution = solve(program.problem, Settings(tolerance=EXACT))
    graph = problem.graph
    if graph is None:
        return []
    chosen = {key for key, a in program.arc.items() if used(solution.values, program.x[a].name)}
    alone = []
    for u, f, s in sorted(chosen):
        root = int(problem.root[f])
        near = graph.neighbours[u]
        if u == root or root in near or graph.component[u] != graph.component[root]:
            continue
        if not any((v, f, s) in chosen for v in near):
            alone.append((u, f, s))
    return alone


def used(values: dict[str, float], name: str) -> bool:
    return values.get(name, 0.0) > 0.5


def test_the_cases_have_every_family() -> None:
    locked = hand_made(opened=frozenset({1}), together=((0, 3),))
    rows = build_location(locked).problem.constraints()
    assert {row.name.split("__")[0] for row in rows} == set(FAMILIES)
