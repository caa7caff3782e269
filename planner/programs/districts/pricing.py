"""Prices of pairs proven by prices of units: parts are made as the prices ask for them.

In turn the prices program tells the highest prices that no known part undercuts, and a sweep finds
the parts that undercut prices nearby. The least that parts cost less their prices is a bound on all
plans; it lies close to the best plan where a labelling relaxation starts near 0. If it does not
reach the best plan, every part that a better plan could hold is listed and the best choice of them
is solved. Sources: see `partition`; Wentges, International Transactions in Operational Research 4
(1997), for prices between the best and the new ones; Baldacci, Christofides and Mingozzi,
Mathematical Programming 115 (2008), for listing the parts within the gap.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from planner.programs.districts.answer import Answer, cutoff_below, proven, rounded
from planner.programs.districts.cheapest import PartSearch
from planner.programs.districts.graph import Floats, pieces
from planner.programs.districts.objective import Objective
from planner.programs.districts.partition import (
    Part,
    choice_program,
    kinds_of,
    part_of,
    prices_program,
)
from planner.programs.districts.plan import SLACK, Plan, faults_of, value_of
from planner.programs.districts.problem import DistrictProblem
from planner.programs.districts.sweep import Step, TooWideError, sweep_of
from planner.solving.arrays import arrays_of, rows_of
from planner.solving.highs import Session
from planner.solving.settings import Progress, Settings

HOW = "parts made by price"
LISTED_HOW = "parts made by price and listed within the gap"
MOST_STATES, MOST_LOOSE_STATES = 300_000, 600_000
"""States of a sweep, all steps together, up to which a table is made; of parts that may lie apart.
"""
MOST_UNITS = 400
"""Units up to which a sweep is looked for."""
MOST_ROUNDS = 1000
KEPT_SHARE = 0.6
"""Share of the best prices so far in those tried."""
LESS = 0.2
"""By how much that share falls when no new part undercuts the prices tried."""
WIDTH, WIDER, MOST_WIDTH = 300, 3, 150_000
"""Labels of a sweep at first, growth when they are too few, and at most."""
MADE = 60
"""Parts of each kind made at a time."""
MOST_LISTED = 30_000
PRECISION = 1e-6
"""Difference of bound and relaxation, as a share, that ends the making of parts."""


def priceable(problem: DistrictProblem, objectives: Sequence[Objective]) -> bool:
    """Whether only a price on pairs, one weight and contiguity count, and a sweep may be short."""
    objective = objectives[-1]
    pairs = objective.pairs is not None and len(objective.pairs) > 0 and objective.cost is None
    alone = len(objectives) == 1 and not problem.ruled and not len(problem.homes)
    small = problem.number > 1 and problem.count <= MOST_UNITS
    return pairs and alone and small and len(problem.weight) == 1


def search_prices(
    problem: DistrictProblem, objective: Objective, plan: Plan, settings: Settings
) -> Answer | None:
    """The best plan met and the bound reached; None if the map is too wide for a sweep.

    The problem must be `priceable`, and the plan keep its rules.
    """
    try:
        search = _PriceSearch(problem, objective, plan, settings)
    except TooWideError:
        return None
    search.make_parts()
    if not search.proven():
        search.choose(search.parts, proving=False)
    if not search.proven():
        search.list_parts()
    return search.answer()


def _swept(problem: DistrictProblem, half: Floats) -> tuple[bool, tuple[Step, ...]]:
    """A sweep, of parts that may lie apart if one of contiguous parts is too wide (True)."""
    if problem.contiguous:
        try:
            return False, sweep_of(problem.near, half, contiguous=True, most=MOST_STATES)
        except TooWideError:
            pass
    return problem.contiguous, sweep_of(
        problem.near, half, contiguous=False, most=MOST_LOOSE_STATES
    )


class _PriceSearch:
    def __init__(
        self, problem: DistrictProblem, objective: Objective, plan: Plan, settings: Settings
    ) -> None:
        """Raises TooWideError."""
        assert objective.pairs is not None
        assert objective.price is not None
        self._problem, self._objective, self._settings = problem, objective, settings
        self._began = time.monotonic()
        self.plan, self.value = plan, value_of(objective, plan)
        self.bound = 0.0
        self._how = HOW
        half = np.zeros((problem.count, problem.count))
        for (u, v), price in zip(objective.pairs.tolist(), objective.price.tolist(), strict=True):
            half[u, v] += 0.5 * price
            half[v, u] += 0.5 * price
        self._kinds = kinds_of(problem)
        self._numbers = np.array([kind.number for kind in self._kinds], float)
        self._loose, steps = _swept(problem, half)
        """Whether contiguity is left to the choice of parts: the bound holds without it."""
        lower, upper = float(problem.lower[0]), float(problem.upper[0])
        heavy = frozenset(kind.unit for kind in self._kinds if kind.unit is not None)
        self._searches = [
            PartSearch(
                steps, problem.weight[0],
                lower - SLACK * max(1.0, abs(lower)), upper + SLACK * max(1.0, abs(upper)),
                frozenset(() if kind.unit is None else (kind.unit,)), heavy - {kind.unit},
            )
            for kind in self._kinds
        ]  # fmt: skip
        self._program = prices_program(
            problem.count, self._kinds, 4.0 * max(1.0, 2 * half.sum(axis=1).max())
        )
        arrays = arrays_of(self._program.lp)
        self._position = arrays.position
        self._of_units = [arrays.position[v.name] for v in self._program.p]
        self._of_kinds = [arrays.position[v.name] for v in self._program.m]
        self._session = Session(arrays, settings)
        self.parts: list[Part] = []
        self._known: set[tuple[int, ...]] = set()
        self._add([np.array(plan.part) == j for j in range(problem.number)])
        share = problem.weight[0] / max(float(problem.weight[0].sum()), 1e-12)
        self._centre: Floats = self.value * share
        """Prices with the best bound so far; at first by weight, so that a part earns its share."""
        self._least = np.zeros(len(self._kinds))
        """By kind: what no part costs less, at those prices."""
        self._reached = -np.inf
        """The bound at those prices."""
        self._width = [WIDTH] * len(self._kinds)
        self._short: list[int] = []
        """Kinds whose labels were too few for the bound of the parts found."""

    def make_parts(self) -> None:
        """Make parts until the plan is proven or no part undercuts the prices."""
        kept, tried = KEPT_SHARE, 0
        prices, worth = self._centre, np.full(len(self._kinds), np.inf)
        for _ in range(MOST_ROUNDS):
            made = self._priced(prices, worth)
            outcome = self._session.relax()
            if made is None or outcome.columns is None or outcome.duals is None:
                return
            relaxation = -float(outcome.objective or 0.0)
            self._take_whole(-outcome.duals)
            near = relaxation - self._reached <= PRECISION * max(1.0, abs(relaxation))
            if near or self.proven():
                return
            self._report()
            if made:
                kept = KEPT_SHARE
            else:
                if tried < len(self.parts) and relaxation < self._cutoff():
                    tried = len(self.parts)
                    self.choose(self.parts, proving=False)
                widened = self._widened()
                if self.proven() or (not widened and kept == 0.0):
                    return
                kept = kept if widened else max(kept - LESS, 0.0)
            prices, worth = (
                kept * best + (1 - kept) * outcome.columns[places]
                for best, places in ((self._centre, self._of_units), (self._least, self._of_kinds))
            )

    def choose(self, parts: Sequence[Part], *, proving: bool) -> None:
        """The best choice of some parts; `proving`: every better plan is made of them."""
        cutoff = self._cutoff()
        if self._loose:
            parts = [p for p in parts if len(pieces(self._problem.near, p.units)) == 1]
        lp, y = choice_program(self._problem.count, self._kinds, parts)
        arrays = arrays_of(lp)
        place = arrays.position
        outcome = Session(arrays, self._settings).optimise(
            cutoff=cutoff, nodes=None if proving else 1
        )
        if outcome.columns is not None:
            chosen = outcome.columns[[place[v.name] for v in y]] > 0.5
            self._take([part for part, c in zip(parts, chosen, strict=True) if c])
        if proving:
            self._how = LISTED_HOW
            self.bound = max(self.bound, min(outcome.bound, cutoff, self.value))

    def list_parts(self) -> None:
        """List all parts that a better plan can hold, and choose among them."""
        gap = self._cutoff() - self._reached
        listed: list[Part] = []
        for kind, search in enumerate(self._searches):
            found = search.find(
                self._centre, width=MOST_WIDTH, most=MOST_LISTED, over=self._over,
                cutoff=float(self._least[kind]) + gap + 1e-6 * max(1.0, abs(gap)),
            )  # fmt: skip
            if not found.complete:
                return
            listed += [part_of(self._kinds, self._objective, inside) for inside in found.parts]
        if len(listed) <= MOST_LISTED:
            self.choose(listed, proving=True)

    def proven(self) -> bool:
        """Whether no plan is better than the best one by more than the tolerance."""
        return proven(self._objective, self.answer(), self._settings.tolerance)

    def answer(self) -> Answer:
        """The best plan and the bound so far."""
        bound = min(rounded(self._objective, self.bound), self.value)
        return Answer(self.plan, self.value, bound, self._how)

    def _priced(self, prices: Floats, worth: Floats) -> int | None:
        """Make parts that cost less than `worth`, by kind, under some prices: how many.

        Parts known already cost no less than that between the best prices and the newest. None if
        time is up.
        """
        least, made = np.zeros(len(self._kinds)), 0
        self._short = []
        for kind, search in enumerate(self._searches):
            if self._over():
                return None
            found = search.find(
                prices, cutoff=float(worth[kind]), width=self._width[kind], most=MADE,
                over=self._over,
            )  # fmt: skip
            if found.bound == -np.inf:
                return None
            least[kind] = found.bound
            made += self._add(list(found.parts))
            if found.bound < np.min([worth[kind], *found.reduced[:1]]) - 1e-9:
                self._short.append(kind)
        slack = 1e-9 * (1.0 + float(np.abs(prices).sum()))  # of the sums, rounded as they are
        bound = float(prices.sum() + self._numbers @ least) - slack
        if bound > self._reached:
            self._reached, self._centre, self._least = bound, prices, least
            self.bound = max(self.bound, bound)
        return made

    def _widened(self) -> bool:
        """Allow more labels where they were too few; whether there are such kinds."""
        short = [kind for kind in self._short if self._width[kind] < MOST_WIDTH]
        for kind in short:
            self._width[kind] = min(self._width[kind] * WIDER, MOST_WIDTH)
        return bool(short)

    def _over(self) -> bool:
        return self._settings.seconds_left() <= 0

    def _report(self) -> None:
        if self._settings.report is not None:
            seconds = time.monotonic() - self._began
            self._settings.report(Progress("districts", seconds, self.value, self.bound))

    def _add(self, insides: Sequence[np.ndarray]) -> int:
        """Add the parts not known yet to the prices program: how many."""
        rows = []
        for inside in insides:
            part = part_of(self._kinds, self._objective, inside)
            if part.units not in self._known:
                self._known.add(part.units)
                rows.append(self._program.priced(part, len(self.parts)))
                self.parts.append(part)
        self._session.add_rows(rows_of(rows, self._position))
        return len(rows)

    def _take_whole(self, shares: Floats) -> None:
        """Take the relaxation as a plan if its parts are chosen whole."""
        if ((shares < 1e-6) | (shares > 1 - 1e-6)).all():
            self._take([self.parts[n] for n in np.flatnonzero(shares > 0.5).tolist()])

    def _take(self, parts: Sequence[Part]) -> None:
        """Keep parts as the best plan if they are one and it is better."""
        units = sorted(i for part in parts for i in part.units)
        if units != list(range(self._problem.count)):
            return
        number = np.zeros(self._problem.count, np.int64)
        for n, part in enumerate(sorted(parts, key=lambda part: part.units)):
            number[list(part.units)] = n
        plan = Plan(tuple(number.tolist()))
        value = value_of(self._objective, plan)
        better = value < self.value - 1e-9 * abs(self.value)
        if better and not faults_of(self._problem, plan):
            self.plan, self.value = plan, value

    def _cutoff(self) -> float:
        """Largest value of a better plan."""
        if self._objective.whole:
            return float(np.ceil(self.value - 1e-6) - 1.0 + 1e-4)
        return cutoff_below(self._objective, self.value, self._settings.tolerance)
