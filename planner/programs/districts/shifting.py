"""Annealing of a plan of parts: units move to a neighbouring part, seats follow.

A unit moves only if both parts keep their bounds and the one it leaves hangs together, so a plan
that keeps all rules does so after every move. All moves are priced at once, as arrays.
Source: Kirkpatrick, Gelatt, Vecchi, Science 220 (1983), annealing.
"""

from __future__ import annotations

import time

import numpy as np

from planner.programs.districts.graph import Floats, Ints, Neighbours
from planner.programs.districts.objective import Objective
from planner.programs.districts.plan import SLACK, Plan, totals, value_of
from planner.programs.districts.problem import DistrictProblem

HOPELESS = 4.0
"""Temperatures that a move may lose to be tried at all."""
LEAST = 1e-9
"""Share of the value that a move must gain at no temperature."""
SWEEPS = 200


class Shifting:
    """A plan on the move; units that rules of belonging name stay where they are."""

    def __init__(
        self,
        problem: DistrictProblem,
        objective: Objective,
        plan: Plan,
        chance: np.random.Generator,
    ) -> None:
        self._problem, self._objective, self._chance = problem, objective, chance
        self._part: Ints = np.array(plan.part, np.int64)
        self._seat = list(plan.seat)
        slack = SLACK * np.maximum(1.0, np.abs(problem.upper))
        self._lower, self._upper = problem.lower - slack, problem.upper + slack
        self._weight = totals(problem, self._part)
        self._members: list[set[int]] = [set() for _ in range(problem.number)]
        for u, p in enumerate(plan.part):
            self._members[p].add(u)
        bound = {u for pair in (*problem.together, *problem.apart) for u in pair}
        self._bound = bound | {u for u, _ in problem.locked}
        self._least = LEAST * max(1.0, abs(value_of(objective, plan)))
        self._take_seats()
        self.recouple(objective)

    @property
    def plan(self) -> Plan:
        """The plan as it stands."""
        return Plan(tuple(self._part.tolist()), tuple(self._seat))

    def recouple(self, objective: Objective) -> None:
        """Go on with other prices on pairs; the cost stays."""
        count = self._problem.count
        pairs, price = objective.pairs, objective.price
        if pairs is None or price is None:
            pairs, price = np.zeros((0, 2), np.int64), np.zeros(0)
        ends = np.concatenate([pairs, pairs[:, ::-1]])
        order = np.argsort(ends[:, 0], kind="stable")
        self._first = np.searchsorted(ends[order, 0], np.arange(count + 1))
        self._other, self._price = ends[order, 1], np.tile(price, 2)[order]
        self._held = np.zeros((count, self._problem.number))
        """Units × parts: price of the pairs of a unit whose other end lies in a part."""
        np.add.at(self._held, (ends[order, 0], self._part[self._other]), self._price)

    def sweep(self, warmth: float) -> int:
        """Try every move that does not lose too much, in random order; moves made.

        At `warmth` 0 only moves that gain are made. Afterwards seats follow their parts.
        """
        units, parts, change = self._moves()
        likely = change < HOPELESS * warmth if warmth > 0 else change < -self._least
        chosen = np.flatnonzero(likely)
        if warmth > 0:
            self._chance.shuffle(chosen)
            limits = self._chance.exponential(warmth, len(chosen))
        else:
            chosen = chosen[np.argsort(change[chosen], kind="stable")]
            limits = np.full(len(chosen), -self._least)
        made = 0
        for n, most in zip(chosen.tolist(), limits.tolist(), strict=True):
            made += self._move(int(units[n]), int(parts[n]), most)
        if made:
            self._reseat()
        return made

    def _moves(self) -> tuple[Ints, Ints, Floats]:
        """Units at a border, parts beyond it, and the change of the value."""
        edges = self._problem.edges
        ends = np.concatenate([edges, edges[:, ::-1]])
        beyond = self._part[ends[:, 1]]
        across = beyond != self._part[ends[:, 0]]
        keys = np.unique(ends[across, 0] * self._problem.number + beyond[across])
        units, parts = np.divmod(keys, self._problem.number)
        own = self._part[units]
        change = self._cost[units, parts] - self._cost[units, own]
        return units, parts, change + self._held[units, own] - self._held[units, parts]

    def _move(self, unit: int, to: int, most: float) -> bool:
        own = int(self._part[unit])
        if own == to or unit in self._bound or unit in self._homes:
            return False
        change = self._cost[unit, to] - self._cost[unit, own]
        if change + self._held[unit, own] - self._held[unit, to] > most:
            return False
        weight = self._problem.weight[:, unit]
        light = (self._weight[:, own] - weight < self._lower).any()
        heavy = (self._weight[:, to] + weight > self._upper).any()
        if light or heavy or not self._may_leave(unit, own, to):
            return False
        self._members[own].discard(unit)
        self._members[to].add(unit)
        self._weight[:, own] -= weight
        self._weight[:, to] += weight
        self._part[unit] = to
        near = slice(self._first[unit], self._first[unit + 1])
        np.subtract.at(self._held, (self._other[near], own), self._price[near])
        np.add.at(self._held, (self._other[near], to), self._price[near])
        return True

    def _may_leave(self, unit: int, own: int, to: int) -> bool:
        """Whether the unit touches the other part still, and its own stays, in one piece."""
        near, members = self._problem.near, self._members
        if not self._problem.contiguous:
            return len(members[own]) > 1
        if not any(v in members[to] for v in near[unit]):
            return False
        return joined_without(near, members[own], unit)

    def _take_seats(self) -> None:
        """Costs by part, and the units in which the seats lie."""
        problem, cost = self._problem, self._objective.cost
        self._homes = {int(problem.homes[s]) for s in self._seat}
        if cost is None:
            self._cost = np.zeros((problem.count, problem.number))
        else:
            self._cost = cost[:, self._seat] if self._seat else cost

    def _reseat(self) -> None:
        """Give every part the cheapest seat in it; fixed seats stay."""
        problem, cost = self._problem, self._objective.cost
        if not self._seat or cost is None:
            return
        part_of_seat = self._part[problem.homes]
        for p, now in enumerate(self._seat):
            if now in problem.fixed:
                continue
            here = np.flatnonzero(part_of_seat == p)
            sums = cost[np.ix_(np.flatnonzero(self._part == p), here)].sum(axis=0)
            best = int(here[sums.argmin()])
            if best not in problem.fixed and best != now:
                self._seat[p] = best
        self._take_seats()


def joined_without(near: Neighbours, members: set[int], unit: int) -> bool:
    """Whether the others of a part hang together, as they did with `unit`; not if there are none.

    Looks no further than needed to join the neighbours of the unit.
    """
    left = {v for v in near[unit] if v in members}
    if not left:
        return False
    front = [left.pop()]
    seen = {unit, *front}
    while front and left:
        for w in near[front.pop()]:
            if w in members and w not in seen:
                seen.add(w)
                left.discard(w)
                front.append(w)
    return not left


def shifted(
    problem: DistrictProblem,
    objective: Objective,
    plan: Plan,
    *,
    seed: int,
    hot: float,
    cold: float,
    sweeps: int = SWEEPS,
    until: float = np.inf,
) -> Plan:
    """The best plan met on the way from one temperature to another, the given one included.

    Temperatures are in the objective's unit, `until` is a `time.monotonic()` value. The plan must
    keep all rules.
    """
    work = Shifting(problem, objective, plan, np.random.default_rng(seed))
    best, value = plan, value_of(objective, plan)
    for warmth in [*np.geomspace(hot, cold, sweeps).tolist(), *([0.0] * sweeps)]:
        if time.monotonic() >= until:
            break
        made = work.sweep(warmth)
        now = value_of(objective, work.plan)
        if now < value:
            best, value = work.plan, now
        if not made and warmth <= 0:
            break
    return best
