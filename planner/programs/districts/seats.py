"""Least cost to the seats: a best-first search over sets of seats, each leaf a small program.

A node holds seats that are open for certain and seats that may be; Lagrangian knapsacks bound it
and strike seats out. Few sets are left, and with its seats given a program is small and its
relaxation tight. Source of the bounds: see `knapsacks`.
"""

from __future__ import annotations

import heapq
import itertools
import math
import sys
from dataclasses import dataclass, replace

import numpy as np

from planner.programs.districts.answer import Answer, cutoff_below, rounded
from planner.programs.districts.centring import centred
from planner.programs.districts.knapsacks import Prices, ascend, knapsacks_of
from planner.programs.districts.objective import Objective
from planner.programs.districts.plan import Plan, value_of, with_best_seats
from planner.programs.districts.problem import DistrictProblem
from planner.programs.districts.program import build_program, columns_of
from planner.programs.districts.rounds import Found, Rounds
from planner.programs.districts.separators import Separators
from planner.solving.settings import Settings

ROOT_STEPS = 150
NODE_STEPS = 30
RISE = 1.2
"""Target of the first prices as a multiple of the bound reached so far."""
GUESS = 1.05
"""Value guessed from a bound while no plan is known."""
WORTH = 0.005
"""Relative rise of the bound that makes another ascent worth while."""
LEAST_SCALE = 1e-4
"""Smallest bound that is told from 0, as a share of what a plan can cost at most."""
WIDE = 4
"""Cheapest seats from which the first ones are drawn, by part."""
TRIES = 12
FIRST_ROUNDS = 6
"""Times that seats move to the middle of their parts before the search begins."""


@dataclass(frozen=True, order=True)
class _Node:
    bound: float
    serial: int
    fixed: tuple[int, ...]
    seats: tuple[int, ...]
    """Seats that may open, `fixed` among them."""


class SeatSearch:
    """The state of one search: the best plan so far and what was struck out."""

    def __init__(
        self,
        problem: DistrictProblem,
        objective: Objective,
        separators: Separators,
        settings: Settings,
    ) -> None:
        assert objective.cost is not None
        self._problem = problem
        self._objective = objective
        self._separators = separators
        self._settings = settings
        allowed = columns_of(problem, [objective], separators).allowed
        self._cost = np.where(allowed, objective.cost, np.inf)
        self._sacks = knapsacks_of(
            self._cost, problem.weight[0],
            (float(problem.lower[0]), float(problem.upper[0])), problem.homes, problem.number,
            fixed=problem.fixed,
        )  # fmt: skip
        self.best: Plan | None = None
        self.value = math.inf
        self.solved = 0
        self._low = math.inf
        self._serial = itertools.count()

    def run(self, start: Plan | None = None, *, most_nodes: int = sys.maxsize) -> Answer:
        """Search until the best plan is proven, so many nodes are done, or the time is over."""
        self._keep(start)
        root = self._root()
        if math.isfinite(root.bound):
            self._first_plans(root)
            root = ascend(self._sacks, self._target(root.bound), ROOT_STEPS, first=root.unit)
        heap = [self._node(root, tuple(self._problem.fixed))] if root.bound < math.inf else []
        prices = {heap[0].serial: root} if heap else {}
        while heap and most_nodes > 0 and self._settings.seconds_left() > 0:
            most_nodes -= 1
            node = heapq.heappop(heap)
            if self._struck(node.bound):
                heap.append(node)
                break
            for child, price in self._branch(node, prices.pop(node.serial)):
                if self._struck(child.bound):
                    self._low = min(self._low, child.bound)
                else:
                    heapq.heappush(heap, child)
                    prices[child.serial] = price
        low = min([self._low, *(node.bound for node in heap)])
        bound = min(rounded(self._objective, low), self.value)
        how = f"search over sets of seats, {self.solved} programs with given seats"
        return Answer(self.best, None if self.best is None else self.value, bound, how)

    def _root(self) -> Prices:
        """Prices over all seats, raised towards targets that rise with the bound."""
        root = ascend(self._sacks, 0.0, 0, first=np.zeros(self._problem.count))
        grown = True
        while grown and math.isfinite(root.bound) and self._settings.seconds_left() > 0:
            target = max(RISE * root.bound, self._target(root.bound))
            higher = ascend(self._sacks, target, ROOT_STEPS, first=root.unit)
            scale = max(abs(root.bound), LEAST_SCALE * self._sacks.dearest)
            grown = higher.bound > root.bound + WORTH * scale
            root = higher
        return root

    def _target(self, bound: float) -> float:
        """What prices rise towards: the best value known, or a guess at it."""
        return self.value if math.isfinite(self.value) else GUESS * bound

    def _first_plans(self, root: Prices) -> None:
        """Plans around the best seats that a transport problem finds, which move as units do."""
        seats = self._promising(root)
        for _ in range(FIRST_ROUNDS):
            found = self._solve(seats, rough=True)
            if found.plan is None:
                return
            plan = with_best_seats(self._problem, self._objective, found.plan.part)
            self._keep(plan)
            if plan is None or set(plan.seat) == set(seats):
                return
            seats = tuple(sorted(plan.seat))

    def _promising(self, root: Prices) -> tuple[int, ...]:
        """Seats from the cheapest ones at the root, and from some of the cheapest at random."""
        number, fixed = self._problem.number, set(self._problem.fixed)
        order = np.argsort(root.seat, kind="stable")
        cheap = [s for s in order.tolist() if np.isfinite(root.seat[s]) and s not in fixed]
        chance = np.random.default_rng(self._settings.seed)
        wide = cheap[: WIDE * number]
        tries = [cheap[: number - len(fixed)]]
        tries += [chance.permutation(wide)[: number - len(fixed)].tolist() for _ in range(TRIES)]
        tried = {tuple(sorted({*fixed, *own})) for own in tries}
        found = [centred(self._problem, self._cost, seats) for seats in sorted(tried)]
        return min(found, key=lambda c: (c.value, c.seats)).seats

    def _branch(self, node: _Node, prices: Prices) -> list[tuple[_Node, Prices]]:
        """Both sides of a node, or the plans of a leaf."""
        if len(node.seats) == self._problem.number or len(node.fixed) == self._problem.number:
            found = self._solve(node.seats if len(node.seats) == self._problem.number
                                else node.fixed)  # fmt: skip
            least = self._cutoff if found.bound == math.inf else found.bound
            self._keep(found.plan)
            self._low = min(self._low, max(least, node.bound))
            return []
        free = [s for s in node.seats if s not in node.fixed]
        chosen = min(free, key=lambda s: (prices.seat[s], s))
        with_it = self._child(prices, (*node.fixed, chosen), node.seats)
        without = self._child(prices, node.fixed, tuple(s for s in node.seats if s != chosen))
        return [child for child in (with_it, without) if child is not None]

    def _child(
        self, prices: Prices, fixed: tuple[int, ...], seats: tuple[int, ...]
    ) -> tuple[_Node, Prices] | None:
        """A node with its own prices; None if there are too few seats."""
        if len(fixed) == self._problem.number:
            seats = fixed
        sacks = replace(self._sacks, fixed=np.array(fixed, np.int64))
        own = ascend(
            sacks, self._target(prices.bound), NODE_STEPS, first=prices.unit,
            seats=np.array(seats, np.int64), enough=self._cutoff,
        )  # fmt: skip
        if own.bound == math.inf:
            return None
        return self._node(own, fixed), own

    def _node(self, prices: Prices, fixed: tuple[int, ...]) -> _Node:
        """A node over the seats that its prices do not strike out."""
        with_seat = prices.with_seat()
        struck = np.isfinite(with_seat) & np.array([self._struck(b) for b in with_seat])
        if struck.any():
            self._low = min(self._low, float(with_seat[struck].min()))
        left = tuple(np.flatnonzero(np.isfinite(with_seat) & ~struck).tolist())
        seats = tuple(sorted({*left, *fixed}))
        return _Node(prices.bound, next(self._serial), fixed, seats)

    @property
    def _cutoff(self) -> float:
        return cutoff_below(self._objective, self.value, self._settings.tolerance)

    def _struck(self, bound: float) -> bool:
        """Whether plans that cost at least this much need not be looked at."""
        return rounded(self._objective, bound) > self._cutoff

    def _keep(self, plan: Plan | None) -> None:
        if plan is None:
            return
        better = with_best_seats(self._problem, self._objective, plan.part) or plan
        value = value_of(self._objective, better)
        if value < self.value:
            self.best, self.value = better, value

    def _solve(self, seats: tuple[int, ...], *, rough: bool = False) -> Found:
        """The best plan around these seats below the cutoff."""
        self.solved += 1
        columns = columns_of(self._problem, [self._objective], self._separators, seats=seats)
        program = build_program(self._problem, [self._objective], columns)
        settings = replace(self._settings, tolerance=1e-3) if rough else self._settings
        rounds = Rounds(program, self._separators, settings)
        return rounds.minimise(self._objective, 0, cutoff=self._cutoff)
