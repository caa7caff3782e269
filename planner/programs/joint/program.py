"""The joint program: location and subdistricts in one model, coupled by pupils who cross.

Variables: those of both programs, and ``p[i,k]`` communities i and k lie in different
subdistricts, ``c[u,k,s]`` the pupils of unit u and service s cross to a school in community k.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pulp

from planner.programs.joint.problem import Caps, JointProblem
from planner.programs.location.program import LocationProgram, build_location
from planner.programs.subdistricts.program import SubdistrictProgram, build_subdistricts

Crossing = tuple[int, int, int]


@dataclass(frozen=True)
class JointProgram:
    """Both programs in one PuLP problem, the coupling variables, and the joint value."""

    location: LocationProgram
    """Its problem holds all variables and rows."""
    boundaries: SubdistrictProgram
    p: Mapping[tuple[int, int], pulp.LpVariable]
    """By pair of communities."""
    c: Mapping[Crossing, pulp.LpVariable]
    """By (unit, community of the school, service)."""
    arcs: Mapping[Crossing, tuple[int, ...]]
    """Arcs by (unit, community of the school, service), within a group of communities."""
    crossing: pulp.LpAffineExpression
    """Pupils whose school lies in another subdistrict."""
    value: pulp.LpAffineExpression
    """In pupil-kilometres."""

    @property
    def problem(self) -> pulp.LpProblem:
        """The whole program."""
        return self.location.problem


def build_joint(
    problem: JointProblem, caps: Caps | None = None, *, skip: frozenset[str] = frozenset()
) -> JointProgram:
    """Build the program; without `caps` the levels above are not kept, `skip` leaves rows out.

    Families of both programs are skipped by ``location.<family>`` and ``boundaries.<family>``.
    """
    program = _empty(problem, skip)
    for family, define in FAMILIES.items():
        if family not in skip:
            define(problem, program)
    if caps is not None and "kept" not in skip:
        define_kept(program, caps)
    return program


def define_parted(problem: JointProblem, program: JointProgram) -> None:
    """Two communities are apart where one belongs to j only: ``p[i,k] >= x[i,j] - x[k,j]``."""
    x = program.boundaries.x
    for (i, k), apart in program.p.items():
        for j in problem.boundaries.seats_of(problem.boundaries.group[i]):
            program.problem.addConstraint(x[i, j] - x[k, j] - apart <= 0, f"apart__{i}_{k}_{j}")


def define_crossing(problem: JointProblem, program: JointProgram) -> None:
    """Pupils cross where school and home are apart: ``c >= sum(x[u,f,s] for f in k) + p - 1``."""
    x = program.location.x
    for (u, k, s), crosses in program.c.items():
        i = int(problem.home[u])
        used = [(x[a], 1.0) for a in program.arcs[u, k, s]]
        apart = (program.p[min(i, k), max(i, k)], 1.0)
        row = pulp.LpAffineExpression([*used, apart, (crosses, -1.0)]) <= 1
        program.problem.addConstraint(row, f"crossing__{u}_{k}_{s}")


FAMILIES: Mapping[str, Callable[[JointProblem, JointProgram], None]] = {
    "parted": define_parted,
    "crossing": define_crossing,
}


def define_kept(program: JointProgram, caps: Caps) -> None:
    """The levels above, and what the scenario limits: each at most as allowed."""
    boundaries = program.boundaries
    rows = {
        "deviation": (boundaries.population_deviation, caps.deviation),
        "squared": (boundaries.squared_distance, caps.squared),
    }
    if caps.crossing is not None:
        rows["crossing"] = (program.crossing, caps.crossing)
    for name, (expression, most) in rows.items():
        slack = 1e-6 if name == "crossing" else 1e-6 * max(1.0, abs(most))
        program.problem.addConstraint(expression <= most + slack, f"kept__{name}")


def _empty(problem: JointProblem, skip: frozenset[str]) -> JointProgram:
    """Both programs joined, coupling variables and the joint value, without coupling rows."""
    location = build_location(problem.location, skip=_own(skip, "location"))
    boundaries = build_subdistricts(problem.boundaries, skip=_own(skip, "boundaries"))
    lp = location.problem
    # every variable is a column from the start, whatever rows follow
    columns = pulp.lpSum(0 * variable for variable in boundaries.problem.variables())
    lp.setObjective(lp.objective + columns)
    for row in boundaries.problem.constraints():
        lp.addConstraint(row, row.name)
    arcs, apart = _crossings(problem)
    p = {pair: lp.add_variable(f"p_{pair[0]}_{pair[1]}", 0, 1) for pair in problem.pairs}
    c = {key: lp.add_variable(f"c_{key[0]}_{key[1]}_{key[2]}", 0, 1) for key in arcs}
    lp.setObjective(lp.objective + pulp.lpSum(0 * v for v in (*p.values(), *c.values())))
    pupils = problem.location.pupils
    always = [(location.x[a], float(pupils[u, s])) for a, u, s in apart]
    shared = [(v, float(pupils[u, s])) for (u, _, s), v in c.items()]
    crossing = pulp.LpAffineExpression([*always, *shared])
    prices = problem.prices
    value = (
        location.way
        + prices.crossing_km * crossing
        + prices.boundary_km * boundaries.border_and_change
    )
    return JointProgram(location, boundaries, p, c, arcs, crossing, value)


def _crossings(
    problem: JointProblem,
) -> tuple[dict[Crossing, tuple[int, ...]], list[tuple[int, int, int]]]:
    """Arcs that may cross, by unit, community and service; and those that always do."""
    arcs, group = problem.location.arcs, problem.boundaries.group
    may: dict[Crossing, list[int]] = defaultdict(list)
    always = []
    for a, (u, f, s) in enumerate(
        zip(arcs.unit.tolist(), arcs.school.tolist(), arcs.service.tolist(), strict=True)
    ):
        i, k = int(problem.home[u]), int(problem.place[f])
        if group[i] != group[k]:
            always.append((a, u, s))
        elif i != k:
            may[u, k, s].append(a)
    return {key: tuple(found) for key, found in sorted(may.items())}, always


def _own(skip: frozenset[str], room: str) -> frozenset[str]:
    return frozenset(name.partition(".")[2] for name in skip if name.startswith(f"{room}."))
