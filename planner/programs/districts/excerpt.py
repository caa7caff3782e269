"""A part of a problem on its own: some units, cut into as many parts as a plan has of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.programs.districts.graph import Ints
from planner.programs.districts.objective import Objective
from planner.programs.districts.plan import Plan
from planner.programs.districts.problem import DistrictProblem


@dataclass(frozen=True, eq=False)
class Excerpt:
    """A smaller problem and where its units and seats are in the larger one."""

    problem: DistrictProblem
    units: Ints
    seats: Ints
    parts: tuple[int, ...]
    """Numbers that its parts have in the larger plan."""

    def objective(self, whole: Objective) -> Objective:
        """An objective of the larger problem, on these units and seats."""
        cost, pairs, price = whole.cost, whole.pairs, whole.price
        if cost is not None:
            columns = self.seats if len(self.problem.homes) else np.array(self.parts)
            cost = cost[np.ix_(self.units, columns)]
        if pairs is not None and price is not None:
            pairs, inside = _inside(pairs, self.units)
            price = price[inside]
        return replace(whole, cost=cost, pairs=pairs, price=price)

    def replaced(self, plan: Plan, own: Plan) -> Plan:
        """A plan of the larger problem with these parts as in a plan of this."""
        part, seat = list(plan.part), list(plan.seat)
        for i, p in zip(self.units.tolist(), own.part, strict=True):
            part[i] = self.parts[p]
        for p, s in enumerate(own.seat):
            seat[self.parts[p]] = int(self.seats[s])
        return Plan(tuple(part), tuple(seat))

    def restricted(self, plan: Plan) -> Plan:
        """These parts of a plan of the larger problem, as a plan of this."""
        number = {p: n for n, p in enumerate(self.parts)}
        place = {s: n for n, s in enumerate(self.seats.tolist())}
        part = tuple(number[plan.part[i]] for i in self.units.tolist())
        return Plan(part, tuple(place[plan.seat[p]] for p in self.parts) if plan.seat else ())


def excerpt_of(problem: DistrictProblem, plan: Plan, parts: Sequence[int]) -> Excerpt:
    """The units of some parts of a plan, to be cut into as many anew, with the seats in them."""
    units = np.flatnonzero(np.isin(plan.part, parts))
    place = np.full(problem.count, -1)
    place[units] = np.arange(len(units))
    kept = np.array([
        s for s, home in enumerate(problem.homes.tolist())
        if place[home] >= 0
    ], np.int64)  # fmt: skip
    edges, inside = _inside(problem.edges, units)
    seat_place = {s: n for n, s in enumerate(kept.tolist())}

    def both(pairs: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        found = ((int(place[u]), int(place[v])) for u, v in pairs)
        return tuple((u, v) for u, v in found if u >= 0 and v >= 0)

    smaller = replace(
        problem,
        ids=tuple(problem.ids[i] for i in units.tolist()),
        weight=problem.weight[:, units],
        number=len(parts),
        edges=edges,
        length=problem.length[inside],
        homes=place[problem.homes[kept]],
        fixed=tuple(seat_place[s] for s in problem.fixed if s in seat_place),
        together=both(problem.together),
        apart=both(problem.apart),
        parent=tuple(problem.parent[i] for i in units.tolist()) if problem.parent else (),
        locked=tuple(
            (int(place[u]), tuple(parts).index(p)) for u, p in problem.locked if place[u] >= 0
        ),
    )
    return Excerpt(smaller, units, kept, tuple(parts))


def _inside(pairs: Ints, units: Ints) -> tuple[Ints, Ints]:
    """Pairs with both ends in `units`, renumbered, and which they are."""
    place = np.full(int(max(pairs.max(initial=-1), units.max(initial=-1))) + 1, -1)
    place[units] = np.arange(len(units))
    ends = place[pairs].reshape(-1, 2)
    inside = np.flatnonzero((ends >= 0).all(axis=1))
    return ends[inside], inside
