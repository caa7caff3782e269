"""Closing a search by a tree and integer programs, against trying every plan."""

from __future__ import annotations

import math

import numpy as np
import pytest

from planner.programs.location import closing, parts
from planner.programs.location.closing import close
from planner.programs.location.neighbours import Cut
from planner.programs.location.problem import LocationProblem
from planner.programs.location.program import build_location
from planner.programs.location.ranked import solve_location
from planner.programs.location.rounds import Limits, Rounds
from planner.programs.location.tree import Tree
from planner.scenario.model import Ranking
from planner.solving.settings import Settings, SolveStatus
from tests.programs.location_cases import random_problem
from tests.programs.location_oracle import best_given, columns, every_outcome, has_plan

EXACT = 1e-6
SEEDS = range(80)


def way_rounds(problem: LocationProblem) -> Rounds:
    """The program of the way, opened."""
    program = build_location(problem)
    rounds = Rounds(problem, program, Settings())
    rounds.set_objective(program.way)
    return rounds


def shortest_way_km(problem: LocationProblem) -> float:
    """The shortest way of all plans, however short of places; inf without a plan."""
    points = every_outcome(problem)
    return float(points[:, columns(problem, 1)].sum(axis=1).min(initial=math.inf)) / 1000


@pytest.mark.parametrize("nodes", [0, 3, 100])
def test_it_finds_the_best_plan_however_long_the_tree(
    nodes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing, "_NODES", nodes)
    found = 0
    for seed in SEEDS:
        problem = random_problem(seed)
        best = shortest_way_km(problem)
        rounds = way_rounds(problem)
        reached = close(rounds, gap=EXACT, below=1e6)
        if best == math.inf:
            assert reached.columns is None, seed
            continue
        assert reached.value == pytest.approx(best, rel=1e-5, abs=1e-6), seed
        assert reached.bound <= best * (1 + 1e-9) + 1e-9, seed
        assert reached.bound >= best - 2 * EXACT * abs(best) - 1e-6, seed
        assert reached.columns is not None
        assert not rounds.separate(reached.columns), seed
        found += 1
    assert found > 20


def test_nothing_is_found_below_the_best() -> None:
    for seed in SEEDS:
        problem = random_problem(seed)
        best = shortest_way_km(problem)
        if not 0 < best < math.inf:
            continue
        reached = close(way_rounds(problem), gap=EXACT, below=best * (1 - 1e-4))
        assert reached.columns is None, seed
        assert reached.bound == pytest.approx(best * (1 - 1e-4)), seed


def test_what_is_fixed_leaves_the_program_and_comes_back() -> None:
    for seed in range(20):
        rounds = way_rounds(random_problem(seed))
        arrays = rounds.session.arrays()
        remaining, pool = rounds.remaining()
        whole = remaining.whole(remaining.arrays.lower)
        assert ((arrays.lower - 1e-9 <= whole) & (whole <= arrays.upper + 1e-9)).all()
        assert pool.matrix.shape[1] == len(remaining.columns)
        assert pool.count == len(pool.right)


def test_a_cut_is_known_once_and_counts_fixed_arcs() -> None:
    problem = random_problem(0)
    rounds = way_rounds(problem)
    lower = np.zeros(len(problem.arcs.unit), bool)
    lower[1] = True  # arc 1 is used: a cut through it forbids nothing
    rounds.fix_arcs(lower)
    _, pool = rounds.remaining()
    cut = Cut(0, (1,))
    (row,) = pool.add([cut])
    assert pool.right[row] == 1.0
    assert not len(pool.add([cut]))
    before = pool.count
    pool.forbid([cut])
    assert pool.count == before + 1


def test_the_tree_bounds_every_plan_it_does_not_meet() -> None:
    for seed in SEEDS:
        problem = random_problem(seed)
        best = shortest_way_km(problem)
        rounds = way_rounds(problem)
        remaining, pool = rounds.remaining()

        def find(point: np.ndarray, plan: bool, rounds: Rounds = rounds) -> list[Cut]:
            return rounds.cuts(point, plan=plan)

        tree = Tree(remaining, pool, find, Settings(), 1e6)
        bound = tree.grow(4, late=lambda: False)
        values = [rounds.objective(remaining.whole(plan)) for plan in tree.plans]
        assert min([bound, *values]) <= min(best, 1e6) + 1e-6, seed


@pytest.mark.parametrize("tolerance", [1e-5, 0.02, 0.3])
@pytest.mark.parametrize("limits", [Limits(rounds=0), Limits(rounds=8, loose_nodes=100, nodes=1)])
def test_levels_closed_by_trees_are_those_of_trying_everything(
    tolerance: float, limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "_LIMITS", limits)
    monkeypatch.setattr(closing, "_NODES", 2)
    ranking, checked = Ranking(way=0.05), 0
    for seed in range(60):
        problem = random_problem(seed)
        if not has_plan(problem):
            continue
        solution = solve_location(problem, Settings(tolerance=tolerance), ranking)
        best = best_given(problem, ranking, solution.levels)
        for level, value in zip(solution.levels, best, strict=True):
            told = (seed, level.name)
            assert value - 1e-3 <= level.value <= value / (1 - tolerance) + 1e-3, told
            assert level.bound <= value + 1e-3, told
            assert level.gap <= tolerance, told
        assert solution.status == SolveStatus.OPTIMAL
        checked += 1
    assert checked > 15


def test_what_is_broken_off_keeps_its_bound() -> None:
    broken = 0
    for seed in SEEDS:
        problem = random_problem(seed)
        best = shortest_way_km(problem)
        reached = way_rounds(problem).solve("", gap=EXACT, below=1e6, limits=Limits(rounds=1))
        assert reached.bound <= min(best, 1e6) + 1e-6, seed
        if reached.unfinished:
            broken += 1
        elif best < math.inf:
            assert reached.value == pytest.approx(best, rel=1e-5, abs=1e-6), seed
    assert broken > 2


@pytest.mark.parametrize("tolerance", [0.02, 0.1, 0.3])
def test_moves_are_proven_even_where_they_fall_far(tolerance: float) -> None:
    """With much way granted the moves fall far below those of the shortest way."""
    ranking, fallen = Ranking(way=3.0), 0
    for seed in range(60):
        problem = random_problem(seed)
        if not has_plan(problem):
            continue
        solution = solve_location(problem, Settings(tolerance=tolerance), ranking)
        moves = solution.levels[2]
        best = best_given(problem, ranking, solution.levels)[2]
        assert solution.status == SolveStatus.OPTIMAL, seed
        assert moves.bound - 1e-3 <= best <= moves.value + 1e-3, seed
        assert moves.gap <= tolerance, seed
        fallen += 0 < moves.value < moves_of_the_shortest_way(problem) / 2
    assert fallen > 2


def moves_of_the_shortest_way(problem: LocationProblem) -> float:
    """Pupils who change school in the plan with the shortest way of those with fewest short."""
    solution = solve_location(problem, Settings(tolerance=1e-5), Ranking(way=0.0))
    return solution.levels[2].value
