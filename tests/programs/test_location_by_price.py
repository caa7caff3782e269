"""Levels by the priced search, as at city size: true bounds, and plans that keep what was told."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from planner.errors import InfeasibleError, NoPlanInTimeError
from planner.programs.location import alone
from planner.programs.location import ranked as location_ranked
from planner.programs.location.by_price import Limits, fewer_moves, priced_start
from planner.programs.location.problem import LocationProblem
from planner.programs.location.ranked import LocationSolution, solve_location
from planner.scenario.model import Ranking
from planner.solving.settings import Settings
from tests.programs.location_cases import hand_made, random_problem, random_ranking
from tests.programs.location_oracle import best_given, has_plan
from tests.programs.test_location_oracle import check_plan

SEEDS = range(40)


@pytest.fixture
def as_a_city(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither choices nor an integer program of everything."""
    monkeypatch.setattr(location_ranked, "_CHOICES", -1)
    monkeypatch.setattr(alone, "SMALL_ARCS", 0)


def solved(problem: LocationProblem, ranking: Ranking) -> LocationSolution | None:
    limits = Settings(tolerance=1e-3, deadline=time.monotonic() + 5)
    try:
        return solve_location(problem, limits, ranking)
    except (InfeasibleError, NoPlanInTimeError):
        return None


@pytest.mark.usefixtures("as_a_city")
def test_plans_keep_the_rules_and_bounds_are_true() -> None:
    seen = 0
    for seed in SEEDS:
        problem, ranking = random_problem(seed), random_ranking(seed)
        solution = solved(problem, ranking)
        assert (solution is not None) == has_plan(problem), seed
        if solution is None:
            continue
        seen += 1
        check_plan(problem, ranking, solution)
        best = best_given(problem, ranking, solution.levels)
        for level, least in zip(solution.levels, best, strict=True):
            assert level.bound <= least + 1e-3 + 1e-6 * abs(least), (seed, level.name)
            assert level.value >= least - 1e-3 - 1e-6 * abs(least), (seed, level.name)
    assert seen > 15


def test_fewer_change_school_where_the_way_allows_it() -> None:
    gained = 0
    for seed in SEEDS:
        problem = replace(random_problem(seed), opened=frozenset(), together=())
        limits = Settings(tolerance=1e-4, deadline=time.monotonic() + 5)
        try:
            start = priced_start(problem, limits)
        except ValueError:  # a unit that no school may serve
            continue
        if start is None or not start.school:
            continue
        ample = Limits((1e9,), (1e9,) * len(problem.services))
        found = fewer_moves(problem, start.options, start.school, ample, [0.0, 0.0], limits)
        before, after = (_moves(problem, school) for school in (start.school, found[1]))
        assert after <= before
        gained += after < before
        kept = fewer_moves(
            problem, start.options, start.school,
            Limits((0.0,), (0.0,) * len(problem.services)), [1.0, 1.0], limits,
        )  # fmt: skip
        assert kept == (tuple(sorted(start.options)), start.school)  # nothing else keeps that
        if gained >= 3:
            break
    assert gained >= 3


def test_locks_are_not_for_the_priced_search() -> None:
    assert priced_start(replace(hand_made(), together=((0, 1),)), Settings()) is None


def _moves(problem: LocationProblem, school: dict[tuple[int, int], int]) -> float:
    arcs = problem.arcs
    used = np.array([
        school[u, s] == f
        for u, s, f in zip(arcs.unit.tolist(), arcs.service.tolist(), arcs.school.tolist(),
                           strict=True)
    ])  # fmt: skip
    return float((problem.pupils[arcs.unit, arcs.service] * arcs.moves * used).sum())
