"""A location program in HiGHS: its columns and rows, what is fixed, and the levels it keeps."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pulp
from scipy.sparse import csr_matrix

from planner.programs.location.problem import Bools, Floats, LocationProblem
from planner.programs.location.program import LocationProgram
from planner.solving.arrays import Rows, arrays_of, rows_of, vector_of
from planner.solving.highs import Session
from planner.solving.settings import Progress, Settings

_OWN = ("capacity", "open", "one_option", "programme", "opened")
"""Families whose rows belong to one school or to the choice of options, not to the joint plan."""


class OpenProgram:
    """A location program held open in HiGHS, to be solved under one objective after another."""

    def __init__(
        self, problem: LocationProblem, program: LocationProgram, settings: Settings
    ) -> None:
        self.settings = settings
        self._problem, self._program = problem, program
        arrays = arrays_of(program.problem)
        self._position = arrays.position
        self._x = np.array([self._position[v.name] for v in program.x], np.int32)
        self.z = np.array([self._position[v.name] for v in program.z], np.int32)
        self._over = {key[0]: self._position[v.name] for key, v in program.w.items()}
        self._w = np.array([self._position[v.name] for v in program.w.values()], np.int32)
        self._load, self._places, self._today = _capacity(problem, program)
        self._counts = any(name.startswith("capacity__") for name in arrays.rows.names)
        self.first_rows = arrays.rows.names
        """Names of the rows that the program was built with."""
        # rounds solve anew often enough: no restarts within
        self.session = Session(arrays, settings, restart=False)
        self._own = np.array([n.partition("__")[0] in _OWN for n in arrays.rows.names], bool)
        self._kept: dict[str, tuple[int, float]] = {}
        self._rows: dict[str, int] = {}
        self._cost, self.offset = np.zeros(len(arrays.names)), 0.0
        self._began = time.monotonic()
        self._joining: tuple[csr_matrix, Floats, Floats] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """All but the limits of time, and the program in PuLP: both are given anew."""
        left_out = ("settings", "_program", "_joining")
        return {name: held for name, held in self.__dict__.items() if name not in left_out}

    def reopen(self, program: LocationProgram) -> None:
        """Take on the program in PuLP after a copy was made: one built of the same problem."""
        self._program, self._joining = program, None

    def renew(self, settings: Settings) -> None:
        """Go on under other limits."""
        self.settings = settings
        self.session.renew(settings)

    def set_objective(self, expression: pulp.LpAffineExpression) -> None:
        """Minimise `expression` from now on."""
        self._cost, self.offset = vector_of(expression, self._position)
        self.session.set_cost(self._cost, self.offset)

    def value_of(self, expression: pulp.LpAffineExpression, columns: Floats) -> float:
        """Value of an expression at a plan."""
        cost, offset = self.vector(expression)
        return float(cost @ columns) + offset

    def vector(self, expression: pulp.LpAffineExpression) -> tuple[Floats, float]:
        """Coefficients of an expression by column, and its constant."""
        return vector_of(expression, self._position)

    def most_of(self, expression: pulp.LpAffineExpression) -> float:
        """The most that an expression over arcs can reach when each unit takes one of them."""
        cost, offset = vector_of(expression, self._position)
        most: dict[tuple[int, int], float] = {}
        arcs = self._problem.arcs
        for value, u, s in zip(cost[self._x], arcs.unit, arcs.service, strict=True):
            most[int(u), int(s)] = max(most.get((int(u), int(s)), 0.0), float(value))
        return sum(most.values()) + offset

    def keep(self, expression: pulp.LpAffineExpression, allowed: float, level: str) -> None:
        """Keep ``expression - spare <= allowed``; the spare is 0 unless stretched.

        Without a spare of that name (levels kept by service) nothing can be stretched.
        """
        spare = self._program.spare.get(level)
        if level in self._rows:
            self._set_most(level, allowed + 1e-6 - expression.constant)
        else:
            self._joining = None
            row = expression - (0 if spare is None else spare) <= allowed + 1e-6
            row.name = f"keep__{level}"
            self._rows[level] = self.session.row_count
            self.session.add_rows(rows_of([row], self._position))
        if spare is not None:
            self._kept[level] = (self._position[spare.name], allowed)

    def release(self, level: str) -> None:
        """Take back what was kept of a level, if anything was."""
        if level in self._rows:
            self._set_most(level, math.inf)

    def _set_most(self, level: str, most: float) -> None:
        """Replace the upper side of the row that keeps a level."""
        row = self._rows[level]
        self.session.set_row_bounds(row, -math.inf, most)
        if self._joining is not None:
            matrix, lower, upper = self._joining
            upper = upper.copy()
            upper[row] = most
            self._joining = matrix, lower, upper

    def forget(self, level: str) -> None:
        """Take back what was kept of a level for good: it may be kept again of another expression.

        Without effect where nothing was kept.
        """
        self.release(level)
        self._rows.pop(level, None)
        self._kept.pop(level, None)

    def price_of_kept(self, rows: Floats, level: str) -> float:
        """The price, among row prices, of what is kept of a level."""
        return float(min(rows[self._rows[level]], 0.0))

    def values(self, columns: Floats) -> dict[str, float]:
        """A plan by variable name."""
        return {name: float(columns[i]) for name, i in self._position.items()}

    def used_arcs(self, columns: Floats) -> list[int]:
        """The arcs of a plan."""
        return [int(a) for a in np.flatnonzero(columns[self._x] > 0.5)]

    def stretch(self, price: float, scale: float = 1.0) -> None:
        """Let kept levels be exceeded at a price (0: not at all), so that relaxations exist.

        Exceeding a level by a twentieth of what is kept costs `price` times `scale`.
        """
        if not self._kept:
            return
        columns = np.array([column for column, _ in self._kept.values()], np.int32)
        count = len(columns)
        most = np.full(count, math.inf if price else 0.0)
        self.session.set_bounds(columns, np.zeros(count), most)
        cost = self._cost.copy()
        for column, allowed in self._kept.values():
            cost[column] = price * scale / max(1.0, 0.05 * abs(allowed))
        self.session.set_cost(cost if price else self._cost, self.offset)

    def stretched(self, columns: Floats) -> bool:
        """Whether a relaxation had to exceed a kept level."""
        return any(
            columns[column] > 1e-6 * max(1.0, abs(allowed))
            for column, allowed in self._kept.values()
        )

    def fix_choice(self, z: Floats) -> None:
        """Fix every option (array by option)."""
        self.session.set_bounds(self.z, z, z)

    def fix_arcs(self, lower: Bools | None = None, upper: Bools | None = None) -> None:
        """Bounds of all arcs; without any they are free again."""
        count = len(self._x)
        low = np.zeros(count) if lower is None else lower.astype(float)
        high = np.ones(count) if upper is None else upper.astype(float)
        self.session.set_bounds(self._x, low, high)

    def join(self, matrix: csr_matrix, right: Floats) -> None:
        """Add rows over the arcs: ``matrix @ x <= right``."""
        count = len(right)
        if not count:
            return
        self._joining = None
        start = matrix.indptr.astype(np.int32)
        columns = self._x[matrix.indices].astype(np.int32)
        least = np.full(count, -math.inf)
        names = tuple(f"joined{i}" for i in range(count))
        values = np.asarray(matrix.data, float)
        self.session.add_rows(Rows(names, least, right, start, columns, values))

    def objective(self, columns: Floats) -> float:
        """Value of the present objective at a plan."""
        return float(self._cost @ columns) + self.offset

    def late(self) -> bool:
        """Whether time is up."""
        return min(self.settings.seconds_left(), self.session.until - time.monotonic()) <= 0

    def joining_rows(self) -> tuple[csr_matrix, Floats, Floats]:
        """All rows as a matrix with their sides; those of single schools are empty."""
        if self._joining is None:
            matrix, lower, upper = self.session.rows()
            own = np.concatenate([self._own, np.zeros(matrix.shape[0] - len(self._own), bool)])
            keep = csr_matrix(np.where(own, 0.0, 1.0)[:, None])
            lower, upper = np.where(own, 0.0, lower), np.where(own, 0.0, upper)
            self._joining = matrix.multiply(keep).tocsr(), lower, upper
        return self._joining

    def reduced(self, priced: Floats) -> tuple[Floats, Floats]:
        """Cost less `priced` (by column): by arc, and by school for a pupil above capacity."""
        rest = self._cost - priced
        over = np.zeros(len(self._problem.schools))
        for school, column in self._over.items():
            over[school] = rest[column]
        return rest[self._x], over

    def columns(self, used: Floats, over: Floats) -> Floats:
        """Columns of a plan given by arc, and by school for pupils above capacity."""
        columns = np.zeros(len(self._cost))
        columns[self._x] = used
        for school, column in self._over.items():
            columns[column] = over[school]
        return columns

    def columns_of(self, options: Sequence[int], school: Mapping[tuple[int, int], int]) -> Floats:
        """Columns of a plan given by its options, and the school of each unit and service."""
        columns, arcs = np.zeros(len(self._cost)), self._problem.arcs
        columns[self.z[list(options)]] = 1.0
        keys = zip(arcs.unit.tolist(), arcs.school.tolist(), arcs.service.tolist(), strict=True)
        columns[self._x] = [school.get((u, s)) == f for u, f, s in keys]
        return self.exact(columns)

    def exact(self, columns: Floats) -> Floats:
        """A plan without rounding: pupils above capacity follow from who goes where."""
        whole = np.where(self.session.integer, np.round(columns), columns)
        if not self._counts:
            return whole
        load, places = self._load @ whole[self._x], self._places @ whole[self.z]
        whole[self._w] = np.maximum(0.0, load - places - self._today)
        return whole

    def tell(self, name: str, value: float, bound: float) -> None:
        """Report progress."""
        if self.settings.report:
            seconds = time.monotonic() - self._began
            self.settings.report(Progress(name, seconds, value, bound))


def _capacity(
    problem: LocationProblem, program: LocationProgram
) -> tuple[csr_matrix, csr_matrix, Floats]:
    """Pupils by arc, places by option and places today of every school and service served."""
    row = {key: i for i, key in enumerate(program.w)}
    arcs = problem.arcs
    at = [row[int(f), int(s)] for f, s in zip(arcs.school, arcs.service, strict=True)]
    pupils = problem.pupils[arcs.unit, arcs.service]
    load = csr_matrix((pupils, (at, range(len(at)))), (len(row), len(at)))
    offers = [
        (row[o.school, s], i, n)
        for i, o in enumerate(problem.options) for s, n in enumerate(o.places)
        if (o.school, s) in row
    ]  # fmt: skip
    to, option, places = zip(*offers, strict=True) if offers else ((), (), ())
    added = csr_matrix((np.array(places, float), (to, option)), (len(row), len(problem.options)))
    today = np.array([problem.places_today[key] for key in row], float)
    return load, added, today
