"""Both community programs against trying every plan; and what each row family is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import chain
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.programs.communities import choice as community_choice
from planner.programs.communities import parts as community_parts
from planner.programs.communities import program as community_program
from planner.programs.communities import pruning as community_pruning
from planner.programs.communities import search as community_search
from planner.programs.communities.large import split_large
from planner.programs.communities.problem import Communities, community_problem
from planner.programs.communities.search import search, search_assignments
from planner.solving.settings import Settings, SolveStatus
from tests.programs.small_communities import (
    best_levels,
    every_choice,
    levels,
    random_communities,
    star_of_small_communities,
)

ENGINES: dict[str, Callable[..., Any]] = {"parts": search, "assignments": search_assignments}
PART_RULES = ("contiguous", "room")
MUTANTS = [
    *(("parts", family) for family in (*community_choice.FAMILIES, *PART_RULES)),
    *(("assignments", family) for family in community_program.FAMILIES),
]


def solved(engine: str, today: Communities, skip: frozenset[str] = frozenset()) -> Any:
    problem = community_problem(today)
    engine_of = ENGINES[engine] if problem.slots else search
    return engine_of(problem, Settings(tolerance=1e-6), skip=skip)


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
def test_nobody_joins_a_community_that_has_gone(engine: str) -> None:
    # One pair can join; two of 3 households are left alone, one short each of 4.
    solution, _ = solved(engine, star_of_small_communities())
    assert [level.value for level in solution.levels] == pytest.approx([2, 6, 3, 6])


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
    zones = chain([star_of_small_communities()], map(random_communities, range(300)))
    assert any(differs(engine, today, family) for today in zones)


def differs(engine: str, today: Communities, family: str) -> bool:
    solution, _ = solved(engine, today, frozenset({family}))
    found = [level.value for level in solution.levels]
    return found != pytest.approx(best_levels(today), abs=1e-4)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_a_split_without_the_list_of_all_parts_keeps_every_rule_and_bound(seed: int) -> None:
    today = random_communities(seed)
    problem = community_problem(today)
    for c in sorted({slot.community for slot in problem.slots if slot.split}):
        split = split_large(today, c, Settings())
        choice = [(p.community, p.new, p.members) for p in split.parts]
        assert sorted(choice) in [sorted(possible) for possible in only(today, c)]
        every = [tuple(round(x, 6) for x in levels(today, other)) for other in only(today, c)]
        values = tuple(round(x, 6) for x in split.values)
        assert values >= min(every)
        assert values == pytest.approx(levels(today, choice), abs=1e-5)
        assert split.bounds[0] <= min(every)[0]
        # Bounds of the other levels hold for all that are as good in the first.
        as_good = [found for found in every if found[0] <= values[0]]
        for k in (1, 2, 3):
            assert split.bounds[k] <= min(found[k] for found in as_good) + 1e-4


def only(today: Communities, c: int) -> list[Any]:
    """Every split of one community."""
    alone = replace(today, members=(today.members[c],), within=(today.within[c],))
    choices = every_choice(alone)
    return [tuple((c, new, members) for _, new, members in choice) for choice in choices]


def test_where_parts_cannot_be_listed_the_levels_say_how_far_they_may_be_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(community_parts, "MOST_STEPS", 2)
    monkeypatch.setattr(community_search, "ASSIGNING_S", 0.0)
    proven = 0
    for seed in range(60):
        today = random_communities(seed)
        solution, parts = search(community_problem(today), Settings())
        choice = tuple((part.community, part.new, part.members) for part in parts)
        assert sorted(choice) in [sorted(possible) for possible in every_choice(today)]
        found = [level.value for level in solution.levels]
        assert levels(today, choice) == pytest.approx(found, abs=1e-4)
        best = best_levels(today)
        assert solution.levels[0].bound <= best[0] + 1e-6
        assert found[0] >= best[0] - 1e-6
        gaps = [level.gap for level in solution.levels]
        assert (solution.status == SolveStatus.OPTIMAL) == (max(gaps) <= 1e-6)
        proven += solution.status == SolveStatus.OPTIMAL
    assert 0 < proven < 60
