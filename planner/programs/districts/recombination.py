"""Recombination: two neighbouring parts merged, and cut along an edge of a random spanning tree.

Worse plans are kept with a chance that falls over time. Source: DeFord, Duchin and Solomon, Harvard
Data Science Review 3 (2021), for the recombination step.
"""

from __future__ import annotations

import math
import time

import numpy as np

from planner.programs.districts.objective import Objective
from planner.programs.districts.plan import SLACK, Plan, totals, value_of, within
from planner.programs.districts.problem import DistrictProblem

TREES = 8
"""Trees drawn for each pair of parts."""
WARM = 1.5
"""Rise of the value, in mean prices, that is kept with a chance of 1/e at the beginning."""
LOOSE = 0.04
"""Share of a bound by which parts may miss it at the beginning."""
MISSED = 60.0
"""Price of missing a bound by its whole amount, in mean prices, at the beginning; it grows."""
GROWTH = 8.0
CALLS = 64
"""Steps between looks at the clock."""


def recombined(
    problem: DistrictProblem,
    objective: Objective,
    plan: Plan,
    *,
    seed: int,
    steps: int,
    until: float,
) -> Plan:
    """The best plan met in so many steps from a contiguous one, by a price on parted pairs.

    `until` is a `time.monotonic()` value. Seats and rules of belonging are not looked at.
    """
    assert objective.pairs is not None
    assert objective.price is not None
    chain = _Chain(problem, objective, plan, np.random.default_rng(seed))
    best, value = plan, value_of(objective, plan)
    began, share = time.monotonic(), 0.0
    for step in range(steps):
        if step % CALLS == 0:
            clock = time.monotonic()
            if clock >= until:
                break
            spent = (clock - began) / max(until - began, 1e-9) if math.isfinite(until) else 0.0
            share = max(spent, step / steps)
        if not chain.step(share):
            continue
        found = Plan(tuple(chain.part))
        now = value_of(objective, found)
        if now < value - 1e-9 and within(problem, totals(problem, np.array(found.part))).all():
            best, value = found, now
    return best


class _Chain:
    def __init__(
        self,
        problem: DistrictProblem,
        objective: Objective,
        plan: Plan,
        chance: np.random.Generator,
    ) -> None:
        assert objective.pairs is not None
        assert objective.price is not None
        self._problem = problem
        self._chance = chance
        self.part = list(plan.part)
        self.scale = float(objective.price.mean()) if len(objective.price) else 1.0
        slack = SLACK * np.maximum(1.0, np.abs(problem.upper))
        self._lower, self._upper = (
            (problem.lower - slack).tolist(),
            (problem.upper + slack).tolist(),
        )
        self._weight = [tuple(w) for w in problem.weight.T.tolist()]
        self._edges = [(u, v) for u, v in problem.edges.tolist()]
        self._pairs: list[list[tuple[int, float]]] = [[] for _ in range(problem.count)]
        for (u, v), price in zip(objective.pairs.tolist(), objective.price.tolist(), strict=True):
            self._pairs[u].append((v, price))
            self._pairs[v].append((u, price))

    def step(self, share: float) -> bool:
        """One pair of parts cut anew, if a cut is found that is kept; `share` of the way gone."""
        between = [(u, v) for u, v in self._edges if self.part[u] != self.part[v]]
        if not between:
            return False
        u, v = between[int(self._chance.integers(len(between)))]
        p, q = self.part[u], self.part[v]
        units = [i for i, own in enumerate(self.part) if own in (p, q)]
        inside = set(units)
        edges = [(a, b) for a, b in self._edges if a in inside and b in inside]
        before = self._price({i for i in units if self.part[i] == p}, inside, share)
        loose = LOOSE * max(1.0 - 2.0 * share, 0.0)
        cuts = [cut for _ in range(TREES) for cut in self._cuts(units, edges, loose)]
        if not cuts:
            return False
        after, chosen = min((self._price(cut, inside, share), n) for n, cut in enumerate(cuts))
        rise, warmth = after - before, WARM * self.scale * (1.0 - share)
        if rise > 0 and (warmth <= 0 or self._chance.random() >= math.exp(-rise / warmth)):
            return False
        for i in units:
            self.part[i] = p if i in cuts[chosen] else q
        return True

    def _price(self, one: set[int], inside: set[int], share: float) -> float:
        """Pairs parted between the units of a side and the others inside, and bounds missed."""
        missed = 0.0
        for side in (one, inside - one):
            for m, (low, high) in enumerate(zip(self._lower, self._upper, strict=True)):
                weight = float(sum(self._weight[i][m] for i in side))
                missed += max(low - weight, weight - high, 0.0) / max(high, 1e-9)
        price: float = MISSED * GROWTH**share * self.scale * missed
        return price + self._parted(one, inside)

    def _parted(self, one: set[int], inside: set[int]) -> float:
        """Price of the pairs between the units of a side and the other units inside."""
        return sum(
            price for u in one for v, price in self._pairs[u] if v in inside and v not in one
        )

    def _cuts(self, units: list[int], edges: list[tuple[int, int]], loose: float) -> list[set[int]]:
        """Both-sided fitting sides of a random spanning tree, each as one of its sides."""
        order, parent = self._tree(units, edges)
        total = [sum(ws) for ws in zip(*(self._weight[i] for i in units), strict=True)]
        below = {i: list(self._weight[i]) for i in units}
        fitting = []
        for i in reversed(order):
            above = parent[i]
            if above < 0:
                continue
            own = below[i]
            if all(
                low * (1 - loose) <= min(w, t - w) and max(w, t - w) <= high * (1 + loose)
                for w, t, low, high in zip(own, total, self._lower, self._upper, strict=True)
            ):
                fitting.append(i)
            for m, w in enumerate(own):
                below[above][m] += w
        return [self._under(i, order, parent) for i in fitting]

    def _tree(
        self, units: list[int], edges: list[tuple[int, int]]
    ) -> tuple[list[int], dict[int, int]]:
        """A spanning tree of least random weights: units from the root, and their parents."""
        root = {i: i for i in units}

        def find(i: int) -> int:
            while root[i] != i:
                root[i] = root[root[i]]
                i = root[i]
            return i

        near: dict[int, list[int]] = {i: [] for i in units}
        for k in self._chance.permutation(len(edges)).tolist():
            a, b = edges[k]
            one, other = find(a), find(b)
            if one != other:
                root[one] = other
                near[a].append(b)
                near[b].append(a)
        order, parent = [units[0]], {units[0]: -1}
        for i in order:
            for w in near[i]:
                if w not in parent:
                    parent[w] = i
                    order.append(w)
        return order, parent

    def _under(self, top: int, order: list[int], parent: dict[int, int]) -> set[int]:
        found = {top}
        for i in order:
            if parent[i] in found:
                found.add(i)
        return found
