"""The district program: units assigned to columns, which are seats or numbered parts.

Variables: ``x[i,j]`` unit i belongs to column j, ``z[q,j]`` the first unit of pair q belongs to j
and the second does not, ``g[h,j]`` numbered part j lies in parent h. With seats this is Hess's
formulation, where ``x[home of j, j]`` opens seat j; without, the labelling formulation.
Sources: Hess et al., Operations Research 13 (1965); Validi and Buchanan, INFORMS Journal on
Computing 34 (2022) for the extended objective z and for the breaking of symmetry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pulp

from planner.programs.districts.graph import Floats
from planner.programs.districts.objective import Objective
from planner.programs.districts.problem import DistrictProblem
from planner.programs.districts.separators import Cut, Separators

Pair = tuple[int, int]
Terms = list[tuple[pulp.LpVariable, float]]


@dataclass(frozen=True)
class Columns:
    """The seats or parts to choose from, and who may belong to them."""

    seats: tuple[int, ...]
    """Seat of each column; empty where parts are numbered."""
    opened: bool
    """Whether every column is a part for certain."""
    allowed: np.ndarray
    """Units × columns."""

    @property
    def count(self) -> int:
        """Number of columns."""
        return int(self.allowed.shape[1])


@dataclass(frozen=True)
class DistrictProgram:
    """A built program: its PuLP problem, variables, and the expression of each level."""

    problem: DistrictProblem
    columns: Columns
    lp: pulp.LpProblem
    x: Mapping[Pair, pulp.LpVariable]
    """By (unit, column), where allowed."""
    z: Mapping[tuple[int, int, int], pulp.LpVariable]
    """By (unit, unit, column)."""
    g: Mapping[Pair, pulp.LpVariable]
    """By (parent, column)."""
    levels: tuple[pulp.LpAffineExpression, ...]
    order: tuple[int, ...]
    """Units, heaviest first: the order in which numbered parts are numbered."""
    distinct: bool
    """Whether the numbers of the parts mean something, so that they are not to be ordered."""
    kept: Mapping[int, float]
    """By level: what it may not exceed."""
    rows_added: set[str] = field(default_factory=set)
    """Names of the separators so far."""

    def home(self, j: int) -> int | None:
        """Unit in which the seat of column j lies."""
        if not self.columns.seats:
            return None
        return int(self.problem.homes[self.columns.seats[j]])


def columns_of(
    problem: DistrictProblem,
    objectives: Sequence[Objective],
    separators: Separators,
    *,
    seats: Sequence[int] | None = None,
) -> Columns:
    """The seats given (None: all), or numbers where there are none, and who may belong to them."""
    all_seats = range(len(problem.homes))
    chosen = tuple(all_seats if seats is None else seats)
    allowed = np.ones((problem.count, len(chosen) or problem.number), bool)
    for objective in objectives:
        if objective.cost is not None:
            allowed &= np.isfinite(objective.cost[:, chosen] if chosen else objective.cost)
    if chosen:
        homes = problem.homes[list(chosen)]
        if problem.contiguous:
            allowed &= separators.joinable[:, homes]
        if problem.parent:
            parent = np.array(problem.parent)
            allowed &= parent[:, None] == parent[homes][None, :]
    for unit, part in problem.locked:
        allowed[unit] &= np.arange(allowed.shape[1]) == part
    return Columns(chosen, len(chosen) == problem.number or not chosen, allowed)


def build_program(
    problem: DistrictProblem,
    objectives: Sequence[Objective],
    columns: Columns,
    *,
    kept: Mapping[int, float] | None = None,
    skip: frozenset[str] = frozenset(),
) -> DistrictProgram:
    """Build the program; `kept` limits levels, `skip` leaves row families out."""
    program = _empty(problem, objectives, columns, kept or {})
    for family, define in FAMILIES.items():
        if family not in skip:
            define(program)
    return program


def define_assigned(program: DistrictProgram) -> None:
    """Each unit belongs to one part: ``sum(x[i,j] for j) == 1``."""
    for i in range(program.problem.count):
        whole = _sum(program, ((i, j) for j in range(program.columns.count)))
        _add(program, whole == 1, f"assigned__{i}")


def define_open(program: DistrictProgram) -> None:
    """Only to an open seat: ``x[i,j] <= x[home of j, j]``."""
    if program.columns.opened:
        return
    for i, j in program.x:
        if i != program.home(j):
            _add(program, program.x[i, j] - _opening(program, j) <= 0, f"open__{i}_{j}")


def define_home(program: DistrictProgram) -> None:
    """The unit of a seat that is open for certain belongs to it: ``x[home of j, j] == 1``."""
    for j, seat in enumerate(program.columns.seats):
        if program.columns.opened or seat in program.problem.fixed:
            _add(program, _opening(program, j) == 1, f"home__{j}")


def define_number(program: DistrictProgram) -> None:
    """As many parts as asked for: ``sum(x[home of j, j]) == number``."""
    if not program.columns.opened:
        total = pulp.lpSum(_opening(program, j) for j in range(program.columns.count))
        _add(program, total == program.problem.number, "number__all")


def define_bounds(program: DistrictProgram) -> None:
    """Weight within bounds: ``lower x[home of j, j] <= sum(w[i] x[i,j]) <= upper x[home, j]``.

    For every measure; a part that is there for certain has plain bounds. A numbered part of zero
    least weight still holds a unit: ``sum(x[i,j]) >= 1``.
    """
    problem = program.problem
    for j in range(program.columns.count):
        for m, weight in enumerate(problem.weight):
            total = _sum(program, ((i, j) for i in range(problem.count)), weight)
            low, high = float(problem.lower[m]), float(problem.upper[m])
            if program.columns.opened:
                _add(program, total >= low, f"bounds__{j}_{m}_lower")
                _add(program, total <= high, f"bounds__{j}_{m}_upper")
            else:
                one = _opening(program, j)
                _add(program, total - low * one >= 0, f"bounds__{j}_{m}_lower")
                _add(program, total - high * one <= 0, f"bounds__{j}_{m}_upper")
        if not program.columns.seats and (problem.lower <= 0).all():
            some = _sum(program, ((i, j) for i in range(problem.count)))
            _add(program, some >= 1, f"bounds__{j}_some")


def define_seated(program: DistrictProgram) -> None:
    """Numbered parts hold a seat: ``sum(x[home,j]) >= 1``; fixed ones differ: ``sum(…) <= 1``."""
    problem = program.problem
    if program.columns.seats or not len(problem.homes):
        return
    homes = sorted({*problem.homes.tolist()})
    fixed = problem.homes[list(problem.fixed)].tolist()
    for j in range(program.columns.count):
        _add(program, _sum(program, ((h, j) for h in homes)) >= 1, f"seated__{j}")
        if len(fixed) > 1:
            once = _sum(program, ((h, j) for h in fixed))
            _add(program, once <= 1, f"seated__{j}_fixed")


def define_together(program: DistrictProgram) -> None:
    """Two units in one part: ``x[u,j] == x[v,j]``."""
    for u, v in program.problem.together:
        for j in range(program.columns.count):
            both = _sum(program, [(u, j)]) - _sum(program, [(v, j)])
            if len(both):
                _add(program, both == 0, f"together__{u}_{v}_{j}")


def define_apart(program: DistrictProgram) -> None:
    """Two units in different parts: ``x[u,j] + x[v,j] <= x[home of j, j]``, or 1."""
    for u, v in program.problem.apart:
        for j in range(program.columns.count):
            both = _sum(program, [(u, j), (v, j)])
            one = 1 if program.columns.opened else _opening(program, j)
            if len(both) == 2:
                _add(program, both - one <= 0, f"apart__{u}_{v}_{j}")


def define_parent(program: DistrictProgram) -> None:
    """A numbered part lies in one parent: ``x[i,j] <= g[parent of i, j]``, ``sum(g[h,j]) == 1``."""
    for i, j in program.x if program.g else ():
        own = program.problem.parent[i]
        _add(program, program.x[i, j] - program.g[own, j] <= 0, f"parent__{i}_{j}")
    for j in range(program.columns.count if program.g else 0):
        one = pulp.lpSum(g for (_, k), g in program.g.items() if k == j)
        _add(program, pulp.LpAffineExpression(one) == 1, f"parent__{j}")


def define_numbered(program: DistrictProgram) -> None:
    """Parts are numbered by their heaviest units, unless their numbers mean something.

    A unit joins part j only if a heavier one is in part j - 1:
    ``x[i,j] <= sum(x[h,j-1] for h heavier than i)``.
    """
    if program.columns.seats or program.distinct:
        return
    for t, i in enumerate(program.order[:MOST_NUMBERED]):
        for j in range(1, min(program.columns.count, t + 1)):
            heavier = _sum(program, ((h, j - 1) for h in program.order[:t]))
            _add(program, program.x[i, j] - heavier <= 0, f"numbered__{i}_{j}")
        for j in range(t + 1, program.columns.count):
            _add(program, pulp.LpAffineExpression(program.x[i, j]) <= 0, f"numbered__{i}_{j}")


def define_parted(program: DistrictProgram) -> None:
    """A pair is parted where one unit belongs to j only: ``z[u,v,j] >= x[u,j] - x[v,j]``.

    The first unit belongs to one part, so ``sum(z[u,v,j] for j) <= 1``.
    """
    for (u, v, j), z in program.z.items():
        inside = _sum(program, [(u, j)]) - _sum(program, [(v, j)]) - z
        _add(program, inside <= 0, f"parted__{u}_{v}_{j}")
    if not program.columns.seats:
        for u, v in sorted({(u, v) for u, v, _ in program.z}):
            own = (program.z.get((u, v, j)) for j in range(program.columns.count))
            once = pulp.lpSum(z for z in own if z is not None)
            _add(program, once <= 1, f"parted__{u}_{v}")


def define_kept(program: DistrictProgram) -> None:
    """Levels above keep what they are allowed: ``level <= allowed``."""
    for number, allowed in program.kept.items():
        slack = 1e-6 * max(1.0, abs(allowed))  # smaller ones have made HiGHS presolve err
        _add(program, program.levels[number] <= allowed + slack, f"kept__{number}")


FAMILIES: Mapping[str, Callable[[DistrictProgram], None]] = {
    "assigned": define_assigned,
    "open": define_open,
    "home": define_home,
    "number": define_number,
    "bounds": define_bounds,
    "seated": define_seated,
    "together": define_together,
    "apart": define_apart,
    "parent": define_parent,
    "numbered": define_numbered,
    "parted": define_parted,
    "kept": define_kept,
}
MOST_NUMBERED = 20
"""Heaviest units by which parts are numbered; later ones hardly matter."""


def contiguous_rows(
    program: DistrictProgram, separators: Separators, cut: Cut, j: int
) -> list[pulp.LpConstraint]:
    """A cut as rows not added before: ``x[a,j] <= sum(x[c,j] for c in C)``, shortened by weight.

    Where the anchor b is not the seat of column j: ``x[a,j] + x[b,j] <= 1 + sum(x[c,j] for …)``.
    """
    rows = []
    anchor = cut.anchor
    for a in cut.piece:
        if (a, j) not in program.x:
            continue
        doors: Sequence[int] = cut.separator
        if anchor is not None:
            doors = separators.bounded(a, anchor, doors)
        pair = f"{a}" if anchor is None or anchor == program.home(j) else f"{a}_{anchor}"
        name = f"contiguous__{pair}__{j}__{'_'.join(map(str, doors))}"
        if name not in program.rows_added:
            program.rows_added.add(name)
            inside = _sum(program, ((c, j) for c in doors))
            row = program.x[a, j] - inside <= 0
            if anchor is not None and anchor != program.home(j):
                row = program.x[a, j] + _sum(program, [(anchor, j)]) - inside <= 1
            row.name = name
            rows.append(row)
    return rows


def _empty(
    problem: DistrictProblem,
    objectives: Sequence[Objective],
    columns: Columns,
    kept: Mapping[int, float],
) -> DistrictProgram:
    """Variables and expressions, without rows."""
    lp = pulp.LpProblem("districts", pulp.LpMinimize)
    x = {
        (i, j): lp.add_variable(f"x_{i}_{j}", 0, 1, pulp.LpInteger)
        for i, j in np.argwhere(columns.allowed).tolist()
    }
    pairs = sorted({
        (u, v)
        for objective in objectives
        if objective.pairs is not None
        for u, v in objective.pairs.tolist()
    })  # fmt: skip
    z = {
        (u, v, j): lp.add_variable(f"z_{u}_{v}_{j}", 0, 1)
        for u, v in pairs
        for j in range(columns.count)
        if (u, j) in x
    }
    g: dict[Pair, pulp.LpVariable] = {}
    if problem.parent and not columns.seats:
        parents = sorted(set(problem.parent))
        g = {
            (h, j): lp.add_variable(f"g_{h}_{j}", 0, 1, pulp.LpInteger)
            for h in parents
            for j in range(columns.count)
        }
    distinct = not columns.seats and (
        bool(problem.locked) or any(o.cost is not None for o in objectives)
    )
    return DistrictProgram(
        problem, columns, lp, x, z, g,
        levels=tuple(_expression(objective, columns, x, z) for objective in objectives),
        order=tuple(np.argsort(-problem.weight[0], kind="stable").tolist()),
        distinct=distinct,
        kept=kept,
    )  # fmt: skip


def _expression(
    objective: Objective,
    columns: Columns,
    x: Mapping[Pair, pulp.LpVariable],
    z: Mapping[tuple[int, int, int], pulp.LpVariable],
) -> pulp.LpAffineExpression:
    terms: Terms = []
    if objective.cost is not None:
        own = columns.seats or tuple(range(columns.count))
        terms += [(v, c) for (i, j), v in x.items() if (c := float(objective.cost[i, own[j]]))]
    if objective.pairs is not None and objective.price is not None:
        both = zip(objective.pairs.tolist(), objective.price.tolist(), strict=True)
        price = {(u, v): p for (u, v), p in both}
        terms += [(v, price[a, b]) for (a, b, _), v in z.items() if price.get((a, b))]
    return pulp.LpAffineExpression(terms)


def _opening(program: DistrictProgram, j: int) -> pulp.LpAffineExpression:
    home = program.home(j)
    return _sum(program, [] if home is None else [(home, j)])


def _sum(
    program: DistrictProgram, pairs: Iterable[Pair], weight: Floats | None = None
) -> pulp.LpAffineExpression:
    """Sum of the variables there are, weighed by unit."""
    terms: Terms = []
    for i, j in pairs:
        variable = program.x.get((i, j))
        factor = 1.0 if weight is None else float(weight[i])
        if variable is not None and factor:
            terms.append((variable, factor))
    return pulp.LpAffineExpression(terms)


def _add(program: DistrictProgram, row: pulp.LpConstraint, name: str) -> None:
    program.lp.addConstraint(row, name)
