"""Subdistricts by the districting engine against trying every assignment, and at size."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from planner.programs.contiguity import graph_of
from planner.programs.districts import solve
from planner.programs.subdistricts import parts
from planner.programs.subdistricts.by_districts import search_districts, suits
from planner.programs.subdistricts.counts import shared_out
from planner.programs.subdistricts.problem import SubdistrictProblem
from planner.programs.subdistricts.search import search, search_assignments
from planner.solving.settings import Settings, SolveStatus
from tests.programs.small_subdistricts import (
    SLACK,
    best_levels,
    keeps_rules,
    levels,
    random_problem,
)

EXACT = Settings(tolerance=1e-9)
NEAR = 2e-6


def whole_problem(seed: int) -> SubdistrictProblem:
    """A random problem with every community in one piece and every group connected."""
    problem = random_problem(seed)
    rng = np.random.default_rng(len(problem.communities) * 7 + problem.number)
    count = len(problem.communities)
    edges = set()
    for i in range(count):
        own = [k for k in range(i) if problem.group[k] == problem.group[i]]
        edges |= {(k, i) for k in own if rng.random() < 0.25}
        edges |= {(int(rng.choice(own)), i)} if own else set()
    return linked(replace(problem, owner=tuple(range(count)), root=problem.home), edges)


def linked(problem: SubdistrictProblem, edges: set[tuple[int, int]]) -> SubdistrictProblem:
    ids = [f"p{i:03}" for i in range(len(problem.communities))]
    borders = pd.DataFrame([(ids[a], ids[b]) for a, b in sorted(edges)], columns=["a", "b"])
    return replace(problem, graph=graph_of(ids, borders))


def checked(problem: SubdistrictProblem) -> SolveStatus | None:
    """Status of the answer, each level of it held against the best of all assignments."""
    if not suits(problem) or not all(map(problem.seats_of, range(len(problem.groups)))):
        return None
    best = best_levels(problem)
    answer = search_districts(problem, SLACK, EXACT)
    assert answer is not None
    assert (answer.solution.status == SolveStatus.INFEASIBLE) == (best is None)
    if best is None:
        return answer.solution.status
    assert keeps_rules(problem, answer.seat)
    reached = levels(problem, answer.seat)
    for exact, level, now in zip(best[:2], answer.solution.levels, reached[:2], strict=False):
        assert level.bound - NEAR <= exact <= level.value + NEAR
        assert now <= level.allowed + 1e-5
    last = answer.solution.levels[2]
    assert last.bound - NEAR <= best[2] <= last.value + NEAR
    assert reached[2] == pytest.approx(last.value)
    if answer.solution.status == SolveStatus.OPTIMAL:
        found = [level.value for level in answer.solution.levels]
        assert found == pytest.approx(best, abs=NEAR, rel=1e-6)
    return answer.solution.status


def test_every_level_brackets_the_best_of_all_assignments() -> None:
    statuses = [checked(whole_problem(seed)) for seed in range(300)]
    assert statuses.count(SolveStatus.OPTIMAL) > 100
    assert statuses.count(SolveStatus.INFEASIBLE) > 50


def test_the_same_by_the_search_over_seats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solve, "TINY", 0)
    # 1087: prices without limit once made a bound that was none
    statuses = [checked(whole_problem(seed)) for seed in (*range(30), 1087)]
    assert statuses.count(SolveStatus.OPTIMAL) > 5
    assert statuses.count(SolveStatus.INFEASIBLE) > 5


def test_rules_that_the_engine_does_not_know_are_left_to_the_program() -> None:
    problem = next(p for p in map(whole_problem, range(50)) if len(p.communities) > 4)
    assert suits(problem)
    assert search_districts(linked(problem, {(0, 1)}), SLACK, EXACT) is None
    torn = replace(problem, owner=(0, *problem.owner[:-1]))
    assert search_districts(torn, SLACK, EXACT) is None


def test_numbers_are_shared_out_for_the_least_sum_or_largest() -> None:
    tables = [{1: 5.0, 2: 1.0}, {1: 4.0, 2: 2.0, 3: 9.0}]
    assert shared_out(tables, 3, lambda a, b: a + b) == (5.0, (2, 1))
    assert shared_out(tables, 3, max) == (4.0, (2, 1))
    assert shared_out(tables, 6, max)[1] == ()


def town(rows: int, columns: int, number: int) -> SubdistrictProblem:
    """A grid of communities in two groups, seats on every third, every sixth of them an office."""
    rng = np.random.default_rng(1)
    count = rows * columns
    at = np.array([divmod(i, columns) for i in range(count)], float)
    group = tuple(int(column * 2 >= columns) for column in at[:, 1])
    near = [
        (i, k) for i in range(count) for k in (i + 1, i + columns)
        if k < count and abs(at[i] - at[k]).sum() == 1
    ]  # fmt: skip
    people = tuple(int(x) for x in rng.integers(2000, 9000, count))
    home = tuple(range(0, count, 3))
    squared = np.array(people)[:, None] * ((at[:, None] - at[None, home]) ** 2).sum(axis=2)
    far = squared.argmin(axis=1)[:, None] != np.arange(len(home))[None]
    return linked(
        SubdistrictProblem(
            communities=tuple(f"c{i:03}" for i in range(count)), population=people,
            groups=("east", "west"), group=group,
            seats=tuple(f"s{j:02}" for j in range(len(home))),
            office=tuple(j % 6 == 0 for j in range(len(home))), home=home, number=number,
            band=0.4, squared=squared, moved=0.1 * np.array(people)[:, None] * far,
            cuts={pair: float(rng.integers(1, 500)) for pair in near},
            graph=graph_of([], pd.DataFrame({"a": [], "b": []})),
            owner=tuple(range(count)), root=home,
        ),
        {(i, k) for i, k in near if group[i] == group[k]},
    )  # fmt: skip


def test_parts_too_many_to_list_are_found_by_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MOST_STEPS", 200)
    problem = town(6, 6, 4)
    answer = search(problem, SLACK, Settings(deadline=time.monotonic() + 4))
    assert answer.how.startswith("by the districting engine")
    assert keeps_rules(problem, answer.seat)
    reached = levels(problem, answer.seat)
    for level, now in zip(answer.solution.levels, reached, strict=True):
        assert level.bound <= level.value <= level.allowed
        assert now <= level.allowed * (1 + 1e-6)
    assert answer.solution.levels[1].gap <= 1e-3
    assert reached[2] == pytest.approx(answer.solution.levels[2].value)


def test_a_search_that_is_stopped_claims_nothing() -> None:
    settings = Settings()
    settings.stop.set()
    answer = search_districts(town(6, 6, 4), SLACK, settings)
    assert answer is not None
    assert answer.solution.status in (SolveStatus.NO_SOLUTION_IN_TIME, SolveStatus.FEASIBLE)
    assert answer.solution.levels or not answer.seat


def test_the_old_program_agrees() -> None:
    problem = whole_problem(0)
    found = search_districts(problem, SLACK, EXACT)
    assert found is not None
    assert found.solution.status == search_assignments(problem, SLACK, EXACT).solution.status
