"""Separation rounds on an open location program: contiguity rows that are found stay."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pulp
from scipy.sparse import csr_matrix

from planner.programs.location.catchments import (
    all_fractional_cuts,
    all_torn_cuts,
    fractional_rows,
    row_of,
    torn_rows,
)
from planner.programs.location.neighbours import Cut, neighbour_cuts
from planner.programs.location.problem import Bools, Floats, LocationProblem
from planner.programs.location.program import LocationProgram
from planner.programs.location.remaining import Pool, Remaining, remaining_of
from planner.solving.arrays import Rows, arrays_of, rows_of, vector_of
from planner.solving.highs import Session
from planner.solving.settings import Progress, Settings, gap_of

_ROUNDS = 60
_LP_ROUNDS = 12
_LOOSE = 0.05
"""Gap of the rounds before the first contiguous plan: their plans are torn anyway."""
_COMPACT_NODES = 400
"""Nodes after which compact plans are given up: that there are none proves nothing.

A plan found late still pays: without one, the search that follows is far longer.
"""
_OWN = ("capacity", "open", "one_option", "programme", "opened")
"""Families whose rows belong to one school or to the choice of options, not to the joint plan."""


@dataclass(frozen=True)
class Reached:
    """Bound of a search, and the best plan below what was asked for (None: there is none)."""

    bound: float
    value: float
    columns: Floats | None
    unfinished: bool = False
    """Whether plans were still torn when the number of rounds was up."""


class Rounds:
    """A location program in HiGHS whose contiguity rows come in rounds."""

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
        # rounds solve anew often enough: no restarts within
        self.session = Session(arrays, settings, restart=False)
        self._own = np.array([n.partition("__")[0] in _OWN for n in arrays.rows.names], bool)
        self._separators = [
            i for i, name in enumerate(arrays.rows.names) if name.startswith("neighbour__")
        ]
        self._known: set[str] = set()
        self._kept: dict[str, tuple[int, float]] = {}
        self._rows: dict[str, int] = {}
        self._cost, self.offset = np.zeros(len(arrays.names)), 0.0
        self._began = time.monotonic()
        self._joining: tuple[csr_matrix, Floats, Floats] | None = None
        self._compact: Rows | None = None

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
        self._joining = None
        spare = self._program.spare.get(level)
        if level in self._rows:
            sides = -math.inf, allowed + 1e-6 - expression.constant
            self.session.set_row_bounds(self._rows[level], *sides)
        else:
            row = expression - (0 if spare is None else spare) <= allowed + 1e-6
            row.name = f"keep__{level}"
            self._rows[level] = self.session.row_count
            self.session.add_rows(rows_of([row], self._position))
        if spare is not None:
            self._kept[level] = (self._position[spare.name], allowed)

    def release(self, level: str) -> None:
        """Take back what was kept of a level, if anything was."""
        if level in self._rows:
            self._joining = None
            self.session.set_row_bounds(self._rows[level], -math.inf, math.inf)

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

    def relaxed_bound(self) -> float:
        """Bound of the linear relaxation, separated."""
        bound = -math.inf
        for _ in range(_LP_ROUNDS):
            outcome = self.session.relax()
            bound = max(bound, outcome.bound)
            if outcome.columns is None or not self.separate_fractional(outcome.columns):
                break
        return bound

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

    def add_cuts(self, cuts: Sequence[Cut]) -> None:
        """Add cuts that hold for every contiguous plan."""
        self._add([row_of(self._problem, self._program, cut) for cut in cuts])

    def separate_fractional(self, columns: Floats) -> int:
        """Add the separators violated at a fractional point; their number."""
        return self._add(fractional_rows(self._problem, self._program, columns[self._x]))

    def separate(self, columns: Floats) -> bool:
        """Whether a plan is torn; adds the rows that forbid it."""
        return self.separate_torn(columns[self._x])

    def separate_torn(self, used: Floats) -> bool:
        """Whether a plan (by arc) has torn catchments; adds the rows that forbid it."""
        rows = torn_rows(self._problem, self._program, used)
        self._add(rows)
        return bool(rows)

    def remaining(self) -> tuple[Remaining, Pool]:
        """What is left of the program as its columns are fixed now, and its separators."""
        return remaining_of(self.session.arrays(), self._separators, self._x.astype(int))

    def cuts(self, columns: Floats, *, plan: bool) -> list[Cut]:
        """Separators that a point violates: a plan, or a fractional one."""
        of_point = all_torn_cuts if plan else all_fractional_cuts
        return of_point(self._problem, self._program, columns[self._x])

    def schools_near(self, columns: Floats) -> set[int]:
        """The schools whose catchments a plan tears, and those that its stray pieces touch."""
        arcs, graph = self._problem.arcs, self._problem.graph
        used = columns[self._x] > 0.5
        at = {int(u): int(f) for u, f in zip(arcs.unit[used], arcs.school[used], strict=True)}
        near = set[int]()
        for cut in self.cuts(columns, plan=True):
            unit = int(arcs.unit[cut.unit])
            around = graph.neighbours[unit] if graph is not None else ()
            near |= {int(arcs.school[cut.unit]), *(at[v] for v in around if v in at)}
        return near

    def shared(self, columns: Floats, schools: Collection[int]) -> Bools:
        """Which columns are arcs between these schools and the units that a plan sends there."""
        arcs = self._problem.arcs
        among = np.isin(arcs.school, sorted(schools))
        units = arcs.unit[among & (columns[self._x] > 0.5)]
        free = np.zeros(len(columns), bool)
        free[self._x] = among & np.isin(arcs.unit, units)
        return free

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

    def compact_plan(self, *, gap: float, below: float = math.inf) -> Reached:
        """The best plan below a value of those connected by nearer and nearer neighbours.

        No bound of other plans follows from it.
        """
        if self._problem.graph is None:
            return Reached(-math.inf, math.inf, None)
        if self._compact is None:
            cuts = neighbour_cuts(self._problem, nearer=True)
            rows = [row_of(self._problem, self._program, cut) for cut in cuts]
            self._compact = rows_of(rows, self._position)
        first = self.session.row_count
        self.session.add_rows(self._compact)
        outcome = self.session.optimise(gap=gap, cutoff=below, nodes=_COMPACT_NODES)
        self.session.drop_rows(first)
        for columns in map(self.exact, reversed(outcome.improving)):
            value = float(self._cost @ columns) + self.offset
            if value < below and not self.separate(columns):
                return Reached(-math.inf, value, columns)
        return Reached(-math.inf, math.inf, None)

    def solve(
        self,
        name: str,
        *,
        gap: float,
        below: float = math.inf,
        enough: float = -math.inf,
        mend: Callable[[Floats], Floats | None] | None = None,
        rounds: int = _ROUNDS,
        nodes: int | None = None,
    ) -> Reached:
        """Search plans below a value; the bound is at most `below`, inf if there is no plan at all.

        Stops when the bound is within `gap` of the best plan, or a plan is at most `enough`. With
        `mend`, which makes a whole plan of a torn one if it can, the linear relaxation is separated
        again after every torn plan. At most `rounds` programs are solved, those at a loose gap
        with at most `nodes` nodes.
        """
        bound, now = -math.inf, gap if self._problem.graph is None else max(gap, _LOOSE)
        best, found = Reached(bound, below, None), False
        for _ in range(rounds):
            found = best.columns is not None
            cutoff = best.value - gap * abs(best.value) if found else below
            # the plan of a loose round is torn anyway: one that takes long has lost its point
            few = nodes if now >= _LOOSE else None
            outcome = self.session.optimise(gap=now, cutoff=cutoff, nodes=few)
            bound, torn = max(bound, outcome.bound), False
            for columns in map(self.exact, outcome.improving):
                value = float(self._cost @ columns) + self.offset
                if self.separate(columns):
                    torn = True
                elif value < best.value - 1e-9:
                    best = Reached(bound, value, columns)
            found = best.columns is not None
            if torn and mend is not None and not (found and gap_of(best.value, bound) <= gap):
                assert outcome.columns is not None
                bound = max(bound, min(below, self.relaxed_bound()))
                best = self._mended(best, mend(self.exact(outcome.columns)))
            self.tell(name, best.value, bound)
            found = best.columns is not None
            met = found and (gap_of(best.value, bound) <= gap or best.value <= enough)
            stuck = not torn and now <= gap
            none = not found and bound >= below - 1e-9 * max(1.0, abs(below))
            if met or stuck or none or bound == math.inf or self.late():
                break
            if not torn:
                now = gap
        else:
            return replace(
                best, bound=bound, value=best.value if found else math.inf, unfinished=True
            )
        return Reached(bound, best.value if best.columns is not None else math.inf, best.columns)

    def _mended(self, best: Reached, columns: Floats | None) -> Reached:
        """The better of the best plan and one that was mended."""
        if columns is None:
            return best
        value = float(self._cost @ columns) + self.offset
        better = value < best.value - 1e-9 and not self.separate(columns)
        return Reached(best.bound, value, columns) if better else best

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

    def _add(self, rows: list[pulp.LpConstraint]) -> int:
        new = [row for row in rows if row.name not in self._known]
        self._known.update(row.name for row in new)
        if new:
            self._joining = None
            first = self.session.row_count
            self.session.add_rows(rows_of(new, self._position))
            self._separators += range(first, first + len(new))
        return len(new)


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
