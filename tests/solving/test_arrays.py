"""A PuLP problem as arrays: names, bounds, kinds, sides, constants."""

from __future__ import annotations

import numpy as np
import pulp
import pytest

from planner.solving.arrays import Rows, arrays_of, rows_of, vector_of
from tests.solving.problems import named, problem_of


def dense(rows: Rows, columns: int) -> list[list[float]]:
    """The rows as a matrix."""
    matrix = np.zeros((len(rows.names), columns))
    for i in range(len(rows.names)):
        here = slice(rows.start[i], rows.start[i + 1])
        matrix[i, rows.index[here]] += rows.value[here]
    return matrix.tolist()


def mixed() -> pulp.LpProblem:
    """Minimise 3a - 2b + 7 over a in {-1..4}, b free, c in {0, 1}; one row of each sense."""
    problem = pulp.LpProblem("mixed", pulp.LpMinimize)
    a = problem.add_variable("a", -1, 4, pulp.LpInteger)
    b = problem.add_variable("b", None, None)
    c = problem.add_variable("c", cat=pulp.LpBinary)
    problem.setObjective(3 * a - 2 * b + 7)
    problem.addConstraint(a + 2 * b + 1 <= 5, "most__a")
    problem.addConstraint(a - b >= -3 * c, "least__a")
    problem.addConstraint(b + c == 2.5, "exact__b")
    return problem


def test_a_problem_is_read_whole() -> None:
    arrays = arrays_of(mixed())
    at = [arrays.position[name] for name in "abc"]
    assert sorted(arrays.names) == ["a", "b", "c"]
    assert arrays.cost[at].tolist() == [3, -2, 0]
    assert arrays.offset == 7
    assert arrays.lower[at].tolist() == [-1, -np.inf, 0]
    assert arrays.upper[at].tolist() == [4, np.inf, 1]
    assert arrays.integer[at].tolist() == [True, False, True]


def test_constants_move_to_the_right() -> None:
    arrays = arrays_of(mixed())
    rows, at = arrays.rows, [arrays.position[name] for name in "abc"]
    assert rows.names == ("most__a", "least__a", "exact__b")
    assert [[row[i] for i in at] for row in dense(rows, 3)] == [[1, 2, 0], [1, -1, 3], [0, 1, 1]]
    assert rows.lower.tolist() == [-np.inf, 0, 2.5]
    assert rows.upper.tolist() == [4, np.inf, 2.5]


def test_no_rows_and_no_objective() -> None:
    arrays = arrays_of(problem_of([1.0, 2.0]))
    assert arrays.rows.names == ()
    assert arrays.rows.start.tolist() == [0]
    assert vector_of(None, {"x": 0}) == (pytest.approx([0.0]), 0.0)


def test_rows_alone_use_the_given_positions() -> None:
    problem = problem_of([1.0, 2.0, 3.0])
    x = {v.name: v for v in problem.variables()}
    row = named(x["x_2"] - x["x_0"] <= 4, "later")
    rows = rows_of([row], {"x_0": 2, "x_1": 1, "x_2": 0})
    assert dense(rows, 3) == [[1, 0, -1]]
    assert rows.upper.tolist() == [4]


def test_two_variables_of_one_name_are_refused() -> None:
    problem = pulp.LpProblem("twice", pulp.LpMinimize)
    with pytest.raises((ValueError, pulp.PulpError)):  # noqa: PT012, PuLP may refuse it by itself
        a = problem.add_variable("same", 0, 1)
        b = problem.add_variable("same", 0, 1)
        problem.setObjective(a + b)
        problem.addConstraint(a + b <= 1, "row")
        arrays_of(problem)


def test_some_of_the_rows_are_these_rows() -> None:
    rows = arrays_of(mixed()).rows
    for chosen in ([2, 0], [1], []):
        some = rows.among(np.array(chosen, int))
        assert some.names == tuple(rows.names[i] for i in chosen)
        assert some.lower.tolist() == [rows.lower[i] for i in chosen]
        assert some.upper.tolist() == [rows.upper[i] for i in chosen]
        assert dense(some, 3) == [dense(rows, 3)[i] for i in chosen]
