"""The location program against trying every plan, by both ways of proof."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from planner.errors import InfeasibleError
from planner.programs.location import ranked as location_ranked
from planner.programs.location.problem import LocationProblem
from planner.programs.location.ranked import LocationSolution, solve_location
from planner.programs.location.settling import settle
from planner.scenario.model import Ranking
from planner.solving.settings import Settings, SolveStatus
from tests.programs.location_cases import arcs_of, hand_made, random_problem, random_ranking
from tests.programs.location_oracle import (
    SLACK,
    best_given,
    columns,
    every_choice,
    has_plan,
    keeps,
    keeps_rules,
    outcome_of,
)

EXACT = 1e-5
"""Below the grain of the cases: within it only the best value itself remains."""
LIMIT_S = 10.0
"""A solve that makes no headway ends as not proven."""
WAYS = ("listed", "alone")
NAMES = ("places_short", "way", "pupils_changing_school", "cost_yuan")
EXPLORE = (Phase.explicit, Phase.reuse, Phase.generate)
"""A case is told by its seed; to shrink the seed would only take time."""
Solve = Callable[[LocationProblem, Ranking, float], LocationSolution | None]


@pytest.fixture(params=WAYS)
def solve(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Solve:
    """Solve with the choices of options listed, or (too many to be listed) by the program alone."""
    if request.param == "alone":
        monkeypatch.setattr(location_ranked, "_CHOICES", -1)
    return solved


def solved(
    problem: LocationProblem, ranking: Ranking, tolerance: float = EXACT
) -> LocationSolution | None:
    """The solution; None if there is no plan."""
    limits = Settings(tolerance=tolerance, deadline=time.monotonic() + LIMIT_S)
    try:
        return solve_location(problem, limits, ranking)
    except InfeasibleError:
        return None


def check_against_all(problem: LocationProblem, ranking: Ranking, solve: Solve) -> None:
    """Same feasibility, every level the best of all plans, and the plan keeps what was promised."""
    solution = solve(problem, ranking, EXACT)
    assert (solution is not None) == has_plan(problem)
    if solution is None:
        return
    assert solution.status == SolveStatus.OPTIMAL
    best = best_given(problem, ranking, solution.levels)
    assert [level.value for level in solution.levels] == pytest.approx(best, abs=1e-3, rel=1e-6)
    check_plan(problem, ranking, solution)


def check_plan(problem: LocationProblem, ranking: Ranking, solution: LocationSolution) -> None:
    """The plan keeps the rules and all that its levels allow, in all and to every service."""
    assert keeps_rules(problem, solution.options, solution.school)
    plan = outcome_of(problem, solution.options, solution.school)
    for k, level in enumerate(solution.levels):
        assert keeps(problem, ranking, k, level, plan).all()
        assert plan[0, columns(problem, k)].sum() <= level.allowed + SLACK[k]
        assert level.parts == () or sum(level.parts) == pytest.approx(level.value, abs=1e-3)
    assert plan[0, -1] == pytest.approx(solution.levels[-1].value, abs=1.0)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=200, deadline=None, derandomize=True, phases=EXPLORE)
def test_every_level_is_the_best_of_all_plans(seed: int) -> None:
    check_against_all(random_problem(seed), random_ranking(seed), solved)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=150, deadline=None, derandomize=True, phases=EXPLORE)
def test_so_it_is_where_choices_are_too_many_to_be_listed(seed: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(location_ranked, "_CHOICES", -1)
        check_against_all(random_problem(seed), random_ranking(seed), solved)


def test_the_two_ways_of_proof_are_two(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = solved(hand_made(), Ranking())
    monkeypatch.setattr(location_ranked, "_CHOICES", -1)
    alone = solved(hand_made(), Ranking())
    assert listed is not None
    assert alone is not None
    assert all("choices" in how for how in listed.how)
    assert not any("choices" in how for how in alone.how)


def test_the_cases_are_partly_infeasible() -> None:
    problems = [random_problem(seed) for seed in range(200)]
    impossible = [problem for problem in problems if not has_plan(problem)]
    assert 0.1 <= len(impossible) / len(problems) <= 0.5
    # and not for their totals alone: some have choices, but no assignment in one piece
    torn = [p for p in impossible if any(True for _ in every_choice(p))]
    assert sum(has_plan(replace(p, graph=None)) for p in torn) >= 5


def test_by_hand(solve: Solve) -> None:
    """Site f1 must open with both services: 8 + 8 places, 18 + 7 pupils.

    Service a: u0, u1, u2 to f0 (12 pupils, 10 places), u3 and u4 to f1 (8 of 8): 2 short. With f0
    grown by 4 places none is: u0..u2 300 + 800 + 1500, u3 900, u4 1000; land 50, cost 10 million.
    Service b has only f1: 450 + 700 + 750 + 500.
    """
    solution = solve(hand_made(), Ranking(way=0.0), EXACT)
    assert solution is not None
    assert solution.options == (0, 2)
    assert [level.name for level in solution.levels] == list(NAMES)
    assert [level.value for level in solution.levels] == pytest.approx([0, 6900, 8, 10e6])
    assert solution.school == {
        **{(u, 0): (0, 0, 0, 1, 1)[u] for u in range(5)},
        **{(u, 1): 1 for u in range(5)},
    }


def test_threads_change_no_level() -> None:
    """Nor does it matter how many threads a program before used in the same process."""
    compared = 0
    for seed in range(12):
        problem, ranking = random_problem(seed), random_ranking(seed)
        if not has_plan(problem):
            continue
        two, one = (levels_with(problem, ranking, threads) for threads in (2, 1))
        assert two == one
        compared += len(problem.services) > 1
    assert compared >= 3


def levels_with(
    problem: LocationProblem, ranking: Ranking, threads: int
) -> list[tuple[float, float, tuple[float, ...]]]:
    limits = Settings(tolerance=EXACT, threads=threads, deadline=time.monotonic() + LIMIT_S)
    levels = solve_location(problem, limits, ranking).levels
    return [(level.value, level.bound, level.parts) for level in levels]


def test_levels_say_what_they_allow(solve: Solve) -> None:
    ranking = Ranking(places_short=0.1, way=0.05, moves=0.5)
    solution = solve(hand_made(), ranking, EXACT)
    assert solution is not None
    short, way, moves, cost = solution.levels
    assert short.allowed == short.value + 2  # a tenth of 27 pupils, in whole pupils
    assert way.allowed == pytest.approx(way.value * 1.05)
    assert moves.allowed == pytest.approx(moves.value * 1.5)
    assert cost.allowed == pytest.approx(cost.value)


@pytest.mark.parametrize("tolerance", [0.001, 0.05, 0.3])
def test_bounds_are_true_and_gaps_proven_under_any_tolerance(
    solve: Solve, tolerance: float
) -> None:
    for seed in range(40):
        problem, ranking = random_problem(seed), random_ranking(seed)
        solution = solve(problem, ranking, tolerance)
        assert (solution is not None) == has_plan(problem)
        if solution is None:
            continue
        assert solution.status == SolveStatus.OPTIMAL
        check_plan(problem, ranking, solution)
        best = best_given(problem, ranking, solution.levels)
        for level, least, slack in zip(solution.levels, best, SLACK, strict=True):
            assert level.bound <= least + slack
            assert level.value >= least - slack
            assert level.value - level.bound <= tolerance * abs(level.value) + slack


@given(seed=st.integers(0, 10**6))
@settings(max_examples=40, deadline=None, derandomize=True, phases=EXPLORE)
def test_pupils_need_not_be_whole(seed: int) -> None:
    """Pupils may come from rates: then fewest places short are no whole number either."""
    rng, problem = np.random.default_rng(seed), random_problem(seed)
    pupils = problem.pupils + rng.choice([0.0, 0.25, 0.5], problem.pupils.shape)
    check_against_all(replace(problem, pupils=pupils), random_ranking(seed), solved)


def test_part_of_a_pupil_may_be_short(solve: Solve) -> None:
    """6.3 pupils have one school, of 6 places; 2.7 a far one of 3, or a near one of 2."""
    problem = replace(
        hand_made(),
        services=("a",),
        units=("u0", "u1"),
        schools=("f0", "f1", "f2"),
        pupils=np.array([[6.3], [2.7]]),
        places_today=np.array([[6.0], [3.0], [2.0]]),
        options=(),
        arcs=arcs_of([(0, 0, 0, 100.0, False), (1, 1, 0, 900.0, False), (1, 2, 0, 50.0, False)]),
        totals={},
        graph=None,
        root=np.array([0, 1, 1]),
    )
    solution = solve(problem, Ranking(way=0.0), EXACT)
    assert solution is not None
    assert solution.levels[0].value == pytest.approx(0.3)
    assert solution.levels[1].value == pytest.approx(630 + 2430)


def test_units_without_pupils_settle_near_and_change_no_level() -> None:
    moved = 0
    for seed in range(60):
        problem = random_problem(seed)
        pupils = problem.pupils * (np.random.default_rng(seed).random(problem.pupils.shape) > 0.4)
        problem = replace(problem, pupils=pupils)
        solution = solved(problem, Ranking())
        if solution is None:
            continue
        school = settle(problem, solution.school)
        assert keeps_rules(problem, solution.options, school)
        assert outcome_of(problem, solution.options, school) == pytest.approx(
            outcome_of(problem, solution.options, solution.school)
        )
        moved += school != solution.school
    assert moved >= 3
