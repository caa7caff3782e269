"""Ranked levels: their values and bounds, and what each leaves to the next."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from itertools import product

import pulp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.solving.door import Settings, SolveStatus
from planner.solving.ranked import Objective, RankedSolution, solve_ranked
from tests.solving.problems import expression, market_split, named, problem_of

EXACT = Settings(tolerance=1e-9)
LEFT = [([1, 1, 1], ">=", 4)]
"""Four units of three goods, at most 10 of each."""


def ranked(
    *costs: tuple[float, ...],
    slack: float = 0.0,
    rows: Sequence[tuple[Sequence[float], str, float]] = LEFT,
) -> RankedSolution:
    problem = problem_of([0.0] * len(costs[0]), rows)
    objectives = [
        Objective(f"level {k}", "units", expression(problem, *cost), lambda v: v * (1 + slack))
        for k, cost in enumerate(costs)
    ]
    return solve_ranked(problem, objectives, EXACT)


def test_a_tie_is_broken_by_the_next_level() -> None:
    """The first two goods cost the same; the second is nearer."""
    solution = ranked((1, 1, 5), (3, 2, 0))
    assert solution.status == SolveStatus.OPTIMAL
    assert [level.value for level in solution.levels] == pytest.approx([4, 8])
    assert [level.bound for level in solution.levels] == pytest.approx([4, 8])
    assert solution.values == {"x_0": 0, "x_1": 4, "x_2": 0}


def test_a_level_gives_way_as_far_as_allowed() -> None:
    """A quarter more than 4 may be spent: one good of 2 in place of one of 1."""
    strict = ranked((1, 2, 9), (1, 0, 0))
    assert [level.value for level in strict.levels] == pytest.approx([4, 4])
    loose = ranked((1, 2, 9), (1, 0, 0), slack=0.25)
    assert [level.value for level in loose.levels] == pytest.approx([4, 3])
    assert loose.levels[0].allowed == pytest.approx(5)
    assert loose.values == {"x_0": 3, "x_1": 1, "x_2": 0}


def test_levels_are_named_and_timed() -> None:
    solution = ranked((1, 1, 5), (3, 2, 0))
    assert [(level.name, level.unit) for level in solution.levels] == [
        ("level 0", "units"),
        ("level 1", "units"),
    ]
    assert all(level.seconds >= 0 and level.gap == 0 for level in solution.levels)


def test_what_is_allowed_is_never_less_than_the_value() -> None:
    problem = problem_of([1.0], [([1.0], ">=", 3)])
    objectives = [Objective("a", "units", expression(problem, 1.0), lambda value: value - 1)]
    (level,) = solve_ranked(problem, objectives, EXACT).levels
    assert level.allowed == pytest.approx(3)


def test_infeasible_has_no_levels() -> None:
    solution = ranked((1, 1, 1), (1, 0, 0), rows=[([2, 2, 2], "=", 3)])
    assert solution.status == SolveStatus.INFEASIBLE
    assert solution.levels == ()
    assert solution.values == {}


def test_separated_rows_hold_at_all_levels() -> None:
    problem = problem_of([0.0, 0.0], [([1, 1], ">=", 4)], upper=4)
    objectives = [
        Objective("first", "units", expression(problem, 1, 2)),
        Objective("second", "units", expression(problem, 1, 0)),
    ]

    def separate(values: Mapping[str, float]) -> list[pulp.LpConstraint]:
        if values["x_0"] <= 2:
            return []
        return [named(expression(problem, 1, 0) <= 2, "few of the first")]

    solution = solve_ranked(problem, objectives, EXACT, separate=separate)
    assert [level.value for level in solution.levels] == pytest.approx([6, 2])
    assert solution.values == {"x_0": 2, "x_1": 2}


def test_an_unproven_level_makes_the_whole_feasible_only() -> None:
    problem = market_split()
    objectives = [
        Objective("off", "sales", problem.objective.copy()),
        Objective("customers", "customers", expression(problem, *[1.0] * 40)),
    ]
    solution = solve_ranked(problem, objectives, Settings(deadline=time.monotonic() + 1.0))
    assert solution.status == SolveStatus.FEASIBLE
    off, customers = solution.levels
    assert off.gap > 1e-3
    kept = sum(value for name, value in solution.values.items() if name[0] in "ou")
    assert kept <= off.allowed + 1e-3
    assert sum(v for name, v in solution.values.items() if name[0] == "x") == customers.value


@given(
    costs=st.lists(st.tuples(*[st.integers(-3, 5)] * 3), min_size=1, max_size=3),
    slack=st.sampled_from([0.0, 0.0, 0.4]),
    rows=st.lists(
        st.tuples(
            st.lists(st.integers(-2, 4), min_size=3, max_size=3),
            st.sampled_from(["<=", ">="]),
            st.integers(-2, 9),
        ),
        max_size=3,
    ),
)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_levels_agree_with_trying_all_points(
    costs: list[tuple[int, int, int]], slack: float, rows: list[tuple[list[int], str, int]]
) -> None:
    points = [x for x in product(range(4), repeat=3) if all(holds(x, row) for row in rows)]
    wanted = []
    for cost in costs:
        if points:
            wanted.append(min(total(cost, x) for x in points))
            most = max(wanted[-1], wanted[-1] * (1 + slack))
            points = [x for x in points if total(cost, x) <= most + 1e-6]
    problem = problem_of([0.0] * 3, rows, upper=3)
    objectives = [
        Objective(f"level {k}", "units", expression(problem, *cost), lambda v: v * (1 + slack))
        for k, cost in enumerate(costs)
    ]
    solution = solve_ranked(problem, objectives, EXACT)
    assert (solution.status == SolveStatus.INFEASIBLE) == (not points)
    assert [level.value for level in solution.levels] == pytest.approx(wanted, abs=1e-4)
    assert all(level.bound == pytest.approx(level.value, abs=1e-4) for level in solution.levels)


def total(cost: tuple[int, ...] | list[int], x: tuple[int, ...]) -> int:
    return sum(c * v for c, v in zip(cost, x, strict=True))


def holds(x: tuple[int, ...], row: tuple[list[int], str, int]) -> bool:
    value = total(row[0], x)
    return value <= row[2] if row[1] == "<=" else value >= row[2]
