"""A PuLP problem read once into compressed arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pulp

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Rows:
    """Rows in compressed form: row i holds `index[start[i]:start[i+1]]`."""

    names: tuple[str, ...]
    lower: Floats
    upper: Floats
    start: Ints
    index: Ints
    value: Floats

    def among(self, rows: npt.NDArray[np.integer]) -> Rows:
        """Only some of the rows."""
        length = np.diff(self.start)[rows]
        start = np.concatenate([[0], np.cumsum(length)]).astype(np.int32)
        entry = np.repeat(self.start[rows] - start[:-1], length) + np.arange(start[-1])
        return Rows(
            tuple(self.names[i] for i in rows), self.lower[rows], self.upper[rows],
            start, self.index[entry], self.value[entry],
        )  # fmt: skip


@dataclass(frozen=True)
class Arrays:
    """A minimisation problem; columns are in the order of `names`."""

    names: tuple[str, ...]
    cost: Floats
    offset: float
    lower: Floats
    upper: Floats
    integer: npt.NDArray[np.bool_]
    rows: Rows

    @property
    def position(self) -> dict[str, int]:
        """Column of each variable name."""
        return {name: i for i, name in enumerate(self.names)}


def arrays_of(problem: pulp.LpProblem) -> Arrays:
    """Read a PuLP minimisation problem; raises ValueError if two variables share a name."""
    variables = problem.variables()
    names = tuple(variable.name for variable in variables)
    position = {name: i for i, name in enumerate(names)}
    if len(position) != len(names):
        raise ValueError("two variables share a name")
    cost, offset = vector_of(problem.objective, position)
    infinity = float("inf")
    return Arrays(
        names=names,
        cost=cost,
        offset=offset,
        lower=np.array([-infinity if v.lowBound is None else v.lowBound for v in variables], float),
        upper=np.array([infinity if v.upBound is None else v.upBound for v in variables], float),
        integer=np.array([v.cat == pulp.LpInteger for v in variables], bool),
        rows=rows_of(problem.constraints(), position),
    )


def vector_of(
    expression: pulp.LpAffineExpression | None, position: Mapping[str, int]
) -> tuple[Floats, float]:
    """Coefficients of an expression as a dense vector over `position`, and its constant."""
    cost = np.zeros(len(position))
    if expression is None:
        return cost, 0.0
    for variable, coefficient in expression.items():
        cost[position[variable.name]] += coefficient
    return cost, float(expression.constant)


def rows_of(constraints: Iterable[pulp.LpConstraint], position: Mapping[str, int]) -> Rows:
    """Compress PuLP constraints; a constraint's constant moves to its right-hand side."""
    names: list[str] = []
    lower: list[float] = []
    upper: list[float] = []
    start, index, value = [0], [], []
    for constraint in constraints:
        right = -float(constraint.constant)
        names.append(constraint.name)
        lower.append(right if constraint.sense >= 0 else -np.inf)
        upper.append(right if constraint.sense <= 0 else np.inf)
        for variable, coefficient in constraint.items():
            index.append(position[variable.name])
            value.append(coefficient)
        start.append(len(index))
    return Rows(
        tuple(names),
        np.array(lower, float),
        np.array(upper, float),
        np.array(start, np.int32),
        np.array(index, np.int32),
        np.array(value, float),
    )
