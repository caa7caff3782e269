"""The door with both solvers: values, bounds and our own status, never a solver's word."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from itertools import product

import numpy as np
import pulp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.solving.door import Model, Settings, SolveStatus, solve
from planner.solving.settings import Progress
from tests.solving.problems import (
    IN_CHILDREN,
    SOLVERS,
    expression,
    knapsack,
    market_split,
    named,
    problem_of,
)

EXACT = 1e-9


@pytest.fixture(params=SOLVERS)
def exact(request: pytest.FixtureRequest) -> Settings:
    return Settings(solver=request.param, tolerance=EXACT)


def test_optimal(exact: Settings) -> None:
    solution = solve(knapsack(), exact)
    assert solution.status == SolveStatus.OPTIMAL
    assert solution.objective == pytest.approx(-12)
    assert solution.bound == pytest.approx(-12)
    assert solution.gap == 0
    assert solution.values == {"x_0": 0, "x_1": 1, "x_2": 1}
    assert solution.rounds == 1
    assert solution.seconds >= 0


def test_constants_count(exact: Settings) -> None:
    solution = solve(problem_of([2.0], [([1.0], ">=", 2.5)], constant=100.0), exact)
    assert solution.objective == pytest.approx(106)
    assert solution.bound == pytest.approx(106)


def test_a_linear_program(exact: Settings) -> None:
    solution = solve(problem_of([2.0, 3.0], [([1, 1], ">=", 2.5)], whole=False), exact)
    assert solution.status == SolveStatus.OPTIMAL
    assert solution.objective == pytest.approx(5)
    assert solution.values["x_0"] == pytest.approx(2.5)


def test_a_problem_without_rows(exact: Settings) -> None:
    solution = solve(problem_of([1.0, -1.0], lower=-3.0, upper=4.0), exact)
    assert solution.status == SolveStatus.OPTIMAL
    assert solution.objective == pytest.approx(-7)


def test_free_variables(exact: Settings) -> None:
    rows = [([1, 1], ">=", -7.5), ([1, -1], "=", 1)]
    solution = solve(problem_of([1.0, 1.0], rows, lower=None, upper=None), exact)
    assert solution.objective == pytest.approx(-7)
    assert solution.values == {"x_0": -3, "x_1": -4}


def test_infeasible(exact: Settings) -> None:
    # no multiple of 2 is odd: only branching or parity tells
    for rows in ([([2, 2], "=", 3)], [([1, 1], ">=", 30)]):
        solution = solve(problem_of([1.0, 1.0], rows), exact)
        assert solution.status == SolveStatus.INFEASIBLE
        assert solution.objective is None
        assert solution.bound == math.inf
        assert solution.values == {}


def test_infeasible_linear_program(exact: Settings) -> None:
    solution = solve(problem_of([1.0], [([1.0], ">=", 11)], whole=False), exact)
    assert solution.status == SolveStatus.INFEASIBLE


@pytest.mark.parametrize("whole", [True, False])
def test_unbounded_is_neither_optimal_nor_infeasible(exact: Settings, whole: bool) -> None:
    problem = problem_of([-1.0, 1.0], [([1, -1], ">=", 2)], upper=None, whole=whole)
    solution = solve(problem, exact)
    assert solution.status not in (SolveStatus.OPTIMAL, SolveStatus.INFEASIBLE)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_limit_is_kept_and_its_plan_is_not_called_optimal(solver: str) -> None:
    began = time.monotonic()
    limits = Settings(solver=solver, tolerance=1e-3, deadline=began + 1.0)
    problem = market_split()
    solution = solve(problem, limits)
    assert time.monotonic() - began < 3
    assert solution.status == SolveStatus.FEASIBLE
    assert solution.objective is not None
    assert solution.bound < solution.objective
    assert solution.gap == pytest.approx((solution.objective - solution.bound) / solution.objective)
    assert solution.gap > limits.tolerance
    check_rows(problem, solution.values)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_limit_before_any_plan_proves_nothing(solver: str) -> None:
    problem = market_split(rows=6, columns=60)
    for row in list(problem.variables()):
        if row.name.startswith(("over", "under")):
            row.upBound = 0  # only an exact split will do: none is found in no time
    solution = solve(problem, Settings(solver=solver, deadline=time.monotonic() + 0.3))
    assert solution.status == SolveStatus.NO_SOLUTION_IN_TIME
    assert solution.objective is None
    assert solution.gap == math.inf
    assert solution.values == {}


def test_a_tolerance_is_a_promise_about_the_bound(exact: Settings) -> None:
    loose = Settings(solver=exact.solver, tolerance=0.5)
    for seed in range(8):
        problem = random_cover(seed)
        best, found = solve(problem, exact), solve(problem, loose)
        assert best.objective is not None
        assert found.objective is not None
        assert found.status == SolveStatus.OPTIMAL
        assert found.bound <= best.objective + 1e-6 <= found.objective + 2e-6
        assert found.objective - found.bound <= 0.5 * found.objective + 1e-6


def random_cover(seed: int) -> pulp.LpProblem:
    """Weighted set cover of 15 elements by 12 sets."""
    rng = np.random.default_rng(seed)
    inside = rng.random((15, 12)) < 0.25
    inside[:, 0] |= ~inside.any(axis=1)
    rows = [(inside[i].astype(float).tolist(), ">=", 1.0) for i in range(15)]
    return problem_of(rng.integers(3, 20, 12).astype(float).tolist(), rows, upper=1)


def check_rows(problem: pulp.LpProblem, values: Mapping[str, float]) -> None:
    """All rows hold at the values."""
    for row in problem.constraints():
        total = row.constant + sum(c * values[v.name] for v, c in row.items())
        assert total <= 1e-5 or row.sense > 0
        assert total >= -1e-5 or row.sense < 0


@st.composite
def little_programs(draw: st.DrawFn) -> tuple[list[int], list[tuple[list[int], str, int]]]:
    """Three whole variables between -2 and 3, up to three rows."""
    small = st.integers(-4, 4)
    three = st.lists(small, min_size=3, max_size=3)
    rows = st.tuples(three, st.sampled_from(["<=", ">=", "="]), st.integers(-6, 6))
    return draw(three), draw(st.lists(rows, max_size=3))


@given(program=little_programs())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_highs_agrees_with_trying_all_points(
    program: tuple[list[int], list[tuple[list[int], str, int]]],
) -> None:
    check_program(program, "highs")


@given(program=little_programs())
@settings(max_examples=40, deadline=None, derandomize=True)
def test_cbc_agrees_with_trying_all_points(
    program: tuple[list[int], list[tuple[list[int], str, int]]],
) -> None:
    check_program(program, "cbc")


@pytest.mark.parametrize("solver", IN_CHILDREN)
def test_others_agree_with_trying_all_points(solver: str) -> None:
    @given(program=little_programs())
    @settings(max_examples=12, deadline=None, derandomize=True)
    def check(program: tuple[list[int], list[tuple[list[int], str, int]]]) -> None:
        check_program(program, solver)

    check()


@pytest.mark.parametrize("solver", SOLVERS)
def test_more_rows_than_columns(solver: str) -> None:
    # x + k y >= k for k = 1..6 with whole x, y: y = 1 alone is enough, at 3.
    rows = [([1, k], ">=", k) for k in range(1, 7)]
    solution = solve(problem_of([2, 3], rows), Settings(solver=solver))
    assert solution.status == SolveStatus.OPTIMAL
    assert solution.objective == pytest.approx(3)
    assert solution.values == {"x_0": 0, "x_1": 1}


def check_program(program: tuple[list[int], list[tuple[list[int], str, int]]], solver: str) -> None:
    cost, rows = program
    holds = {"<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b, "=": lambda a, b: a == b}
    values = [
        sum(c * v for c, v in zip(cost, x, strict=True))
        for x in product(range(-2, 4), repeat=3)
        if all(
            holds[s](sum(c * v for c, v in zip(row, x, strict=True)), right)
            for row, s, right in rows
        )
    ]
    solution = solve(
        problem_of(cost, rows, lower=-2, upper=3), Settings(solver=solver, tolerance=EXACT)
    )
    if not values:
        assert solution.status == SolveStatus.INFEASIBLE
    else:
        assert solution.status == SolveStatus.OPTIMAL
        assert solution.objective == pytest.approx(min(values), abs=1e-6)


def test_a_good_start_is_kept() -> None:
    """At a limit of no time, the plan is the start or better."""
    problem = market_split()
    first = solve(problem, Settings(deadline=time.monotonic() + 1.5))
    assert first.objective is not None
    again = solve(problem, Settings(deadline=time.monotonic() + 0.05), start=first.values)
    assert again.objective is not None
    assert again.objective <= first.objective + 1e-6


def test_a_start_may_be_part_of_a_plan_or_no_plan_at_all(exact: Settings) -> None:
    assert solve(knapsack(), exact, start={"x_1": 1}).objective == pytest.approx(-12)
    assert solve(knapsack(), exact, start={f"x_{i}": 1 for i in range(3)}).objective == (
        pytest.approx(-12)
    )
    assert solve(knapsack(), exact, start={}).objective == pytest.approx(-12)


def test_separated_rows_come_in_rounds(exact: Settings) -> None:
    """Each pair of three may not be chosen together; only violated pairs are told."""
    problem = problem_of([-3, -2, -2], upper=1)
    x = {v.name: v for v in problem.variables()}
    told: list[str] = []

    def separate(values: Mapping[str, float]) -> list[pulp.LpConstraint]:
        chosen = sorted(name for name, value in values.items() if value > 0.5)
        pairs = [(a, b) for a in chosen for b in chosen if a < b][:1]
        told.extend(f"{a}{b}" for a, b in pairs)
        return [named(x[a] + x[b] <= 1, f"pair__{a}__{b}") for a, b in pairs]

    solution = solve(problem, exact, separate=separate)
    assert solution.status == SolveStatus.OPTIMAL
    assert solution.objective == pytest.approx(-3)
    assert solution.rounds == len(told) + 1
    assert len(set(told)) == len(told) >= 2


def test_separation_may_leave_nothing(exact: Settings) -> None:
    problem = problem_of([1.0], upper=3)
    x = problem.variables()[0]

    def separate(values: Mapping[str, float]) -> list[pulp.LpConstraint]:
        return [named(x >= values["x_0"] + 1, f"more__{values['x_0']:.0f}")]

    solution = solve(problem, exact, separate=separate)
    assert solution.status == SolveStatus.INFEASIBLE
    assert solution.rounds == 5


def test_integral_values_are_whole(exact: Settings) -> None:
    for seed in range(4):
        solution = solve(random_cover(seed), exact)
        assert all(value == round(value) for value in solution.values.values())


def test_a_model_takes_other_objectives_and_rows(exact: Settings) -> None:
    problem = knapsack()
    model = Model(problem, exact)
    assert model.solve().objective == pytest.approx(-12)
    other = expression(problem, -1, 0, 0) + 5
    model.minimise(other)
    solution = model.solve()
    assert solution.objective == pytest.approx(4)
    assert model.value(other, solution.values) == pytest.approx(4)
    model.add([named(expression(problem, 1, 0, 0) <= 0, "none of the first")])
    assert model.solve().objective == pytest.approx(5)
    model.minimise(expression(problem, 1, 0, -1))
    assert model.solve().values["x_2"] == 1


def test_the_same_seed_gives_the_same_plan(exact: Settings) -> None:
    assert solve(random_cover(3), exact).values == solve(random_cover(3), exact).values


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_change_no_value(exact: Settings, threads: int) -> None:
    several = Settings(solver=exact.solver, tolerance=EXACT, threads=threads)
    assert solve(random_cover(5), several).objective == solve(random_cover(5), exact).objective


def test_progress_is_reported() -> None:
    told: list[Progress] = []
    solution = solve(knapsack(), Settings(tolerance=EXACT, report=told.append))
    assert told
    assert told[-1].best == pytest.approx(solution.objective)
    assert told[-1].bound <= told[-1].best + 1e-6
    assert told[-1].seconds >= 0


def test_progress_of_rounds_knows_no_plan_before_the_last() -> None:
    told: list[Progress] = []
    problem = problem_of([-1, -1], upper=1)
    x = {v.name: v for v in problem.variables()}

    def separate(values: Mapping[str, float]) -> list[pulp.LpConstraint]:
        torn = values["x_0"] + values["x_1"] > 1.5
        return [named(x["x_0"] + x["x_1"] <= 1, "one")] if torn else []

    solve(problem, Settings(tolerance=EXACT, report=told.append), separate=separate)
    assert [entry.best for entry in told] == [math.inf, pytest.approx(-1)]
    assert [entry.bound for entry in told] == pytest.approx([-2, -1])
