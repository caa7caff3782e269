"""The strong program of a facility problem, over the sites and arcs that are still open.

Variables: ``y[j]`` site open, ``x[a]`` share of a client served along an arc. Every row family is
one function that adds named rows keyed by positions.
Sources: ReVelle and Swain, Geographical Analysis 2 (1970); Balinski, Operations Research 12 (1964),
for the strong rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pulp

from planner.programs.facility.problem import Bools, FacilityProblem, Ints


@dataclass(frozen=True)
class FacilityProgram:
    """A built program; arcs are (client, site) positions in the order of `x`."""

    problem: pulp.LpProblem
    client: Ints
    site: Ints
    x: tuple[pulp.LpVariable, ...]
    y: Mapping[int, pulp.LpVariable]


def build_facility(
    data: FacilityProblem,
    *,
    arcs: Bools | None = None,
    must: Bools | None = None,
    skip: frozenset[str] = frozenset(),
) -> FacilityProgram:
    """Build the program over `arcs` (clients × sites; all that are allowed); `must` sites open.

    `skip` leaves row families out, for tests of what each one does.
    """
    allowed = np.isfinite(data.cost) if arcs is None else arcs
    client, site = np.nonzero(allowed)
    lp = pulp.LpProblem("facility", pulp.LpMinimize)
    # without capacities, and with split clients, shares are whole wherever that matters
    kind = pulp.LpInteger if data.capacitated and not data.split else pulp.LpContinuous
    least = np.zeros(len(data.sites)) if must is None else must.astype(float)
    y = {
        j: lp.add_variable(f"y_{j}", least[j], 1, pulp.LpInteger)
        for j in (np.unique(site) if data.count is None else np.arange(len(least))).tolist()
    }
    x = tuple(
        lp.add_variable(f"x_{i}_{j}", 0, 1, kind)
        for i, j in zip(client.tolist(), site.tolist(), strict=True)
    )
    costs = zip(x, data.cost[client, site].tolist(), strict=True)
    fees = ((y[j], float(data.fixed[j])) for j in y)
    lp.setObjective(pulp.LpAffineExpression([*costs, *fees]))
    program = FacilityProgram(lp, client, site, x, y)
    for family, define in FAMILIES.items():
        if family not in skip:
            define(data, program)
    return program


def define_served(data: FacilityProblem, program: FacilityProgram) -> None:
    """Each client is served in full: ``sum(x[i,j] for j) == 1``."""
    for i in range(len(data.clients)):
        own = np.flatnonzero(program.client == i)
        program.problem.addConstraint(pulp.lpSum(program.x[a] for a in own) == 1, f"served__{i}")


def define_capacity(data: FacilityProblem, program: FacilityProgram) -> None:
    """What a site serves fits it: ``sum(demand[i] x[i,j]) <= capacity[j] y[j]``."""
    for j, y in program.y.items():
        if np.isfinite(data.capacity[j]):
            own = np.flatnonzero(program.site == j)
            load = [(program.x[a], float(data.demand[program.client[a]])) for a in own]
            row = pulp.LpAffineExpression([*load, (y, -float(data.capacity[j]))]) <= 0
            program.problem.addConstraint(row, f"capacity__{j}")


def define_open(data: FacilityProblem, program: FacilityProgram) -> None:
    """Only where a site is open: ``x[i,j] <= y[j]``."""
    del data
    for x, i, j in zip(program.x, program.client.tolist(), program.site.tolist(), strict=True):
        program.problem.addConstraint(x <= program.y[j], f"open__{i}_{j}")


def define_count(data: FacilityProblem, program: FacilityProgram) -> None:
    """Exactly so many sites: ``sum(y[j]) == count``."""
    if data.count is not None:
        total = pulp.lpSum(program.y.values())
        program.problem.addConstraint(total == data.count, "count")


def define_room(data: FacilityProblem, program: FacilityProgram) -> None:
    """Open sites have room for all: ``sum(capacity[j] y[j]) >= sum(demand)``.

    Implied by the others; said outright, solvers cut with it.
    """
    if np.isfinite(data.capacity).all():
        room = [(y, float(data.capacity[j])) for j, y in program.y.items()]
        row = pulp.LpAffineExpression(room) >= float(data.demand.sum())
        program.problem.addConstraint(row, "room")


FAMILIES: Mapping[str, Callable[[FacilityProblem, FacilityProgram], None]] = {
    "served": define_served,
    "capacity": define_capacity,
    "open": define_open,
    "count": define_count,
    "room": define_room,
}
