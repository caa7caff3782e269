"""Both subdistrict programs against trying every assignment; and what each row family is for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.programs.subdistricts import partition_program, partition_search
from planner.programs.subdistricts import program as subdistrict_program
from planner.programs.subdistricts.problem import SubdistrictProblem
from planner.programs.subdistricts.search import (
    Answer,
    search_assignments,
    search_parts,
    smallest_band,
)
from planner.solving.settings import Settings, SolveStatus
from tests.programs.small_subdistricts import (
    SLACK,
    best_levels,
    free,
    keeps_rules,
    levels,
    random_problem,
)

EXACT = Settings(tolerance=1e-9)
ENGINES = {"parts": search_parts, "assignments": search_assignments}
PART_RULES = ("contiguous", "band", "office", "barred", "together")
MUTANTS = [
    *(("parts", family) for family in (*partition_program.FAMILIES, *PART_RULES)),
    *(("assignments", family) for family in subdistrict_program.FAMILIES),
]


def usable(problem: SubdistrictProblem) -> bool:
    """Mean above zero and a seat in every group, as the screens ask for."""
    return sum(problem.population) > 0 and all(
        problem.seats_of(g) for g in range(len(problem.groups))
    )


def solved(
    engine: Callable[..., Answer], problem: SubdistrictProblem, skip: frozenset[str] = frozenset()
) -> tuple[float, ...] | None:
    answer = engine(problem, SLACK, EXACT, skip=skip)
    if answer.solution.status == SolveStatus.INFEASIBLE:
        return None
    assert answer.solution.status == SolveStatus.OPTIMAL
    return tuple(level.value for level in answer.solution.levels)


@pytest.mark.parametrize("name", sorted(ENGINES))
@given(seed=st.integers(0, 10**6))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_every_level_is_the_best_of_all_assignments(name: str, seed: int) -> None:
    problem = random_problem(seed)
    if not usable(problem):
        return
    best = best_levels(problem)
    found = solved(ENGINES[name], problem)
    assert (found is None) == (best is None)
    if best is not None:
        assert found == pytest.approx(best, abs=2e-6, rel=1e-6)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_the_plan_itself_keeps_the_rules_and_what_was_allowed(seed: int) -> None:
    problem = random_problem(seed)
    if not usable(problem):
        return
    answer = search_parts(problem, SLACK, EXACT)
    if answer.seat:
        assert keeps_rules(problem, answer.seat)
        for reached, level in zip(
            levels(problem, answer.seat), answer.solution.levels, strict=True
        ):
            assert reached <= level.allowed + 1e-6


def test_the_cases_are_partly_infeasible() -> None:
    problems = [problem for problem in map(random_problem, range(300)) if usable(problem)]
    infeasible = sum(best_levels(problem) is None for problem in problems)
    assert 0.1 <= infeasible / len(problems) <= 0.55


def test_leaving_out_what_is_not_compact_changes_no_level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partition_search, "CORE", 3)
    monkeypatch.setattr(partition_search, "MANY", 3)
    for problem in filter(usable, map(random_problem, range(150))):
        best = best_levels(problem)
        found = solved(search_parts, problem)
        assert (found is None) == (best is None)
        assert best is None or found == pytest.approx(best, abs=2e-6, rel=1e-6)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_smallest_band_is_the_smallest_of_all_assignments(seed: int) -> None:
    problem = random_problem(seed)
    if not usable(problem):
        return
    found = smallest_band(problem, EXACT)
    mean = sum(problem.population) / problem.number
    bands = [band_of(free(problem), mean, seat) for seat in feasible_seats(free(problem))]
    assert (found is None) == (not bands)
    if bands:
        assert found == pytest.approx(min(bands), abs=2e-6)


def feasible_seats(problem: SubdistrictProblem) -> list[tuple[int, ...]]:
    from itertools import product

    choices = [problem.seats_of(g) for g in problem.group]
    return [seat for seat in product(*choices) if keeps_rules(problem, seat)]


def band_of(problem: SubdistrictProblem, mean: float, seat: tuple[int, ...]) -> float:
    return max(
        abs(sum(problem.population[i] for i, k in enumerate(seat) if k == j) - mean) / mean
        for j in set(seat)
    )


@pytest.mark.parametrize(("engine", "family"), MUTANTS)
def test_without_a_family_some_answer_is_wrong(engine: str, family: str) -> None:
    assert any(
        differs(ENGINES[engine], problem, family)
        for problem in map(random_problem, range(400))
        if usable(problem)
    )


def differs(engine: Callable[..., Answer], problem: SubdistrictProblem, family: str) -> bool:
    best = best_levels(problem)
    answer = engine(problem, SLACK, EXACT, skip=frozenset({family}))
    if answer.solution.status == SolveStatus.INFEASIBLE or best is None:
        return (best is None) != (answer.solution.status == SolveStatus.INFEASIBLE)
    found = [level.value for level in answer.solution.levels]
    return found != pytest.approx(best, abs=1e-4, rel=1e-4)
