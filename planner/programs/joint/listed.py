"""Proof by arrangements: each way to draw the boundaries is bounded, and only then searched.

With the boundaries given, a pupil who crosses lengthens the way by a stated price: the joint
decision is then a location decision with other arcs. Row prices found for one arrangement bound
every other (`Part.bounds_at`), contiguity rows and plans are shared, so few are ever searched.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pulp

from planner.programs.joint.answer import Baseline, Plan, joint_value_km
from planner.programs.joint.arrangements import Arrangement
from planner.programs.joint.problem import JointProblem
from planner.programs.location.choices import ChoiceSearch
from planner.programs.location.distributions import Examined
from planner.programs.location.levels import CLOSE
from planner.programs.location.problem import Floats
from planner.solving.settings import Settings

_POOL = 12
"""Row prices kept for each service: the last that were found."""
_NOTHING = -1e15
"""Bound of a distribution of which nothing is known."""
_AHEAD = 0.3
"""Share of what is allowed to stay open by which an arrangement may run ahead of the others."""
SHARE = 0.7
"""Under a time limit: what the joint value may take of the time left."""


@dataclass(frozen=True)
class Proven:
    """The best plan, its joint value, and what no plan can be below; in pupil-kilometres."""

    plan: Plan
    value: float
    bound: float
    at: int
    """Position of its arrangement."""
    how: str


class ListedSearch:
    """Minimises the joint value over listed arrangements and choices of options."""

    def __init__(
        self,
        problem: JointProblem,
        arrangements: Sequence[Arrangement],
        search: ChoiceSearch,
        start: Plan,
        settings: Settings,
    ) -> None:
        self.problem, self.arrangements, self.search = problem, arrangements, search
        self._settings = settings
        search.renew(settings)
        search.reopen()
        self._apart = np.array([arrangement.apart for arrangement in arrangements])
        self._fixed = problem.prices.boundary_km * np.array([a.boundary for a in arrangements])
        self._pool: list[list[tuple[int, int, Floats]]] = [[] for _ in search.parts]
        """By service: when they were found, at which distribution, and the row prices."""
        self._round = 0
        """Counts the arrangements examined: bounds are refreshed with the prices of the last."""
        self._fresh = np.full(len(arrangements), -1)
        self._lower = [
            # crossing makes no way shorter: what bounds the ways alone bounds them here
            [ways.copy() for ways in search.ways]
            for _ in arrangements
        ]
        self._known: dict[int, list[Examined]] = {}
        self._bounds = self._fixed + self._least(search.ways)
        self._choices = [] if search.best is None else [search.best]
        self._stuck: set[int] = set()
        self._plan, self._value, self._at = self._placed(start)
        self._collect()

    def minimise(self) -> Proven:
        """The best plan over all arrangements, within the settings' tolerance or time."""
        left = self._settings.seconds_left()
        until = math.inf if left == math.inf else time.monotonic() + SHARE * left
        self._improve_in_turn()
        while True:
            room = CLOSE * self._settings.tolerance * abs(self._value)
            at = int(np.argmin(self._bounds))
            low = min(float(self._bounds[at]), self._value)
            self.search.tell("joint_value", self._value, low)
            if self._value - low <= room or at in self._stuck:
                break
            if time.monotonic() >= until or self._settings.seconds_left() <= 0:
                break
            if self._fresh[at] < self._round:
                self._refresh(at)
            else:
                others = np.delete(self._bounds, at)
                self._examine(at, room, float(others.min(initial=math.inf)) + _AHEAD * room)
        how = f"{len(self.arrangements)} arrangements, {len(self._known)} of them searched; "
        return Proven(self._plan, self._value, low, self._at, how + self.search.how)

    def with_baseline(self, proven: Proven, baseline: Baseline) -> Proven:
        """What is proven, with a plan that may be better; the levels below can start from it."""
        if baseline.choice is not None:
            self.search.take_in(baseline.choice, baseline.columns)
            self._choices.append(baseline.choice)
        plan, value, at = self._placed(baseline.plan)
        if value >= proven.value - 1e-9:
            return proven
        self._plan, self._value, self._at = plan, value, at
        return replace(proven, plan=plan, value=value, bound=min(proven.bound, value), at=at)

    def settle(self, at: int) -> float:
        """Make one arrangement the present one, with what is known; bound of its ways."""
        self._start(at)
        for part in self.search.parts:
            part.hinted = True
        best = self._best_choice()
        self.search.best = best
        return min(float(self.search.lower().min()), self.search.value(best))

    def value_of(self, plan: Plan) -> float:
        """Joint value of any plan, in pupil-kilometres."""
        return joint_value_km(self.problem, plan.school, plan.arrangement)

    def _improve_in_turn(self) -> None:
        """Better places for the arrangement, a better arrangement for these, as long as it helps.

        A good plan rules out most of what would be searched without it.
        """
        before = math.inf
        while self._value < before and self._settings.seconds_left() > 0:
            before, at = self._value, self._at
            self._start(at)
            choice = self._best_choice()
            self.search.improve(choice)
            self._take(choice, at)
            if self._at == at:
                break

    def _examine(self, at: int, room: float, pause: float) -> None:
        """Search the best places for one arrangement until its bound is `pause` or rules it out."""
        self._start(at)
        fixed, search = float(self._fixed[at]), self.search
        search.best = self._best_choice()
        tolerance, before = CLOSE * self._settings.tolerance, float(self._bounds[at])
        low = search.minimise(
            "way", "joint_value", lambda value: tolerance * (value + fixed),
            cutoff=self._value - room - fixed, pause=pause - fixed,
        )  # fmt: skip
        self._bounds[at] = max(before, fixed + low)
        assert search.best is not None
        if search.best not in self._choices:
            self._choices.append(search.best)
        improved = self._take(search.best, at)
        self._round += 1
        self._fresh[at] = self._round
        self._collect(self._known.get(at))
        self._known[at] = [part.examined() for part in search.parts]
        if self._bounds[at] <= before and not improved:
            self._stuck.add(at)

    def _take(self, choice: int, at: int) -> bool:
        """Take in the best plan of a choice for an arrangement; whether it is the best of all."""
        plan = Plan(self.search.options(choice), self.search.schools(choice), self.arrangements[at])
        plan, value, best = self._placed(plan)
        improved = value < self._value - 1e-9
        if improved:
            self._plan, self._value, self._at = plan, value, best
        return improved

    def _refresh(self, at: int) -> None:
        """Bound an arrangement by the row prices of others."""
        for part, lower, expression, pool in zip(
            self.search.parts, self._lower[at], self._expressions(at), self._pool, strict=True
        ):
            part.rounds.set_objective(expression)
            for found, v, rows in pool:
                if found > self._fresh[at]:
                    part.fix(v)
                    np.maximum(lower, part.bounds_at(v, rows), out=lower)
        least = self._least(self._lower[at])
        self._bounds[at] = max(float(self._bounds[at]), float(self._fixed[at]) + least)
        self._fresh[at] = self._round

    def _least(self, lower: Sequence[Floats]) -> float:
        """Least bound of all choices, from bounds by part and distribution."""
        parts = zip(self.search.parts, lower, strict=True)
        total = sum((np.maximum(own, _NOTHING)[part.of_choice] for part, own in parts), np.zeros(1))
        return float(np.where(self.search.able, total, math.inf).min())

    def _collect(self, known: Sequence[Examined] | None = None) -> None:
        """Keep the row prices found for the present arrangement since it was left, the last first.

        `known` is what was known of it by then.
        """
        for k, part in enumerate(self.search.parts):
            raised, old = part.raised("way"), known[k].raised if known else {}
            found = [v for v in raised if raised[v] is not old.get(v)]
            new = [(self._round, v, raised[v].rows) for v in found[::-1]]
            self._pool[k] = [*new, *self._pool[k]][:_POOL]

    def _start(self, at: int) -> None:
        """Put the price of an arrangement on the arcs that cross."""
        self.search.start("way", self._expressions(at))
        for k, part in enumerate(self.search.parts):
            if at in self._known:
                part.resume(self._known[at][k])
            part.take(self._lower[at][k])
            part.hinted = False  # the pool has bounded what others' prices can

    def _expressions(self, at: int) -> list[pulp.LpAffineExpression]:
        """By service: ways and crossing pupils at their price, in pupil-kilometres."""
        apart, prices = self._apart[at], self.problem.prices
        found = []
        for part in self.search.parts:
            arcs, pupils = part.problem.arcs, part.problem.pupils[:, 0]
            crosses = apart[self.problem.home[arcs.unit], self.problem.place[arcs.school]]
            costs = prices.crossing_km * pupils[arcs.unit] * crosses
            terms = [(part.program.x[a], float(costs[a])) for a in np.flatnonzero(costs)]
            found.append(part.program.way + pulp.LpAffineExpression(terms))
        return found

    def _best_choice(self) -> int:
        """The choice, of those with a plan, whose plan is the best for what is minimised now."""
        return min(self._choices, key=lambda i: (self.search.value(i), i))

    def _placed(self, plan: Plan) -> tuple[Plan, float, int]:
        """A plan with the arrangement that suits its schools best, its value, and which that is."""
        problem = self.problem
        crossing = (self._apart * problem.flows(plan.school)).sum((1, 2))
        values = problem.prices.crossing_km * crossing + self._fixed
        at = int(np.argmin(values))
        value = problem.way_km(plan.school) + float(values[at])
        return Plan(plan.options, plan.school, self.arrangements[at]), value, at
