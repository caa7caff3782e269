"""Both community programs against trying every plan; and what each row family is for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.programs import (
    community_choice,
    community_program,
    community_pruning,
    community_search,
)
from planner.programs.community_problem import Communities, community_problem
from planner.programs.community_search import search, search_assignments, search_parts
from planner.solving.settings import Settings, SolveStatus
from tests.programs.small_communities import best_levels, every_choice, levels, random_communities

ENGINES: dict[str, Callable[..., Any]] = {"parts": search_parts, "assignments": search_assignments}
PART_RULES = ("contiguous", "room")
MUTANTS = [
    *(("parts", family) for family in (*community_choice.FAMILIES, *PART_RULES)),
    *(("assignments", family) for family in community_program.FAMILIES),
]


def solved(engine: str, today: Communities, skip: frozenset[str] = frozenset()) -> Any:
    problem = community_problem(today)
    engine_of = ENGINES[engine] if problem.slots else search
    return engine_of(problem, Settings(tolerance=1e-9), skip=skip)


@pytest.mark.parametrize("engine", sorted(ENGINES))
@given(seed=st.integers(0, 10**6))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_every_level_is_the_best_of_all_plans(engine: str, seed: int) -> None:
    today = random_communities(seed)
    solution, _ = solved(engine, today)
    assert solution.status == SolveStatus.OPTIMAL
    found = [level.value for level in solution.levels]
    assert found == pytest.approx(best_levels(today), abs=1e-4)


def test_pruning_changes_no_level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(community_search, "FEW", 0)
    monkeypatch.setattr(community_pruning, "FIRST_KEEPERS", 1)
    for seed in range(150):
        today = random_communities(seed)
        solution, _ = solved("parts", today)
        found = [level.value for level in solution.levels]
        assert found == pytest.approx(best_levels(today), abs=1e-4)


@pytest.mark.parametrize("engine", sorted(ENGINES))
@given(seed=st.integers(0, 10**6))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_the_plan_itself_is_one_of_all_plans(engine: str, seed: int) -> None:
    today = random_communities(seed)
    solution, parts = solved(engine, today)
    choice = tuple((part.community, part.new, part.members) for part in parts)
    assert sorted(choice) in [sorted(possible) for possible in every_choice(today)]
    reached = levels(today, choice)
    assert reached == pytest.approx([level.value for level in solution.levels], abs=1e-4)


@pytest.mark.parametrize(("engine", "family"), MUTANTS)
def test_without_a_family_some_answer_is_wrong(engine: str, family: str) -> None:
    assert any(differs(engine, random_communities(seed), family) for seed in range(300))


def differs(engine: str, today: Communities, family: str) -> bool:
    solution, _ = solved(engine, today, frozenset({family}))
    found = [level.value for level in solution.levels]
    return found != pytest.approx(best_levels(today), abs=1e-4)
