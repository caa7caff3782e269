"""Proof by choices: every way to meet the programme is listed, bounded, and only then searched.

One integer program over all choices does not close: its relaxation mixes class options. But the
choices can be listed, and a choice splits into services (`distributions`). The choice with the
lowest sum of bounds is examined next, one step deeper each time, until that bound meets the best
plan: a branch and bound whose first branching is the list.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pulp

from planner.programs.location.distributions import TRIED
from planner.programs.location.examining import EQUAL, Examining
from planner.programs.location.problem import Floats, LocationProblem, option_amount
from planner.programs.location.programme_choices import Choices
from planner.solving.settings import Progress, Settings

_NOTHING = -1e15
"""Bound of a distribution of which nothing is known."""
_TRIED_FIRST, _LOOKED_AT = 3, 200
"""Of the choices with the lowest bounds, how many different ones are tried before one is searched
to its end, and among how many these are looked for."""
_SHARES = {"places_short": 0.4, "any": 0.9, "way": 0.5, "moves": 0.7, "cost": 1.0}
"""Under a time limit: what a level may take of the time left when it begins."""


class ChoiceSearch(Examining):
    """Minimises level after level over listed choices; a dead choice stays dead."""

    def __init__(self, problem: LocationProblem, choices: Choices, settings: Settings) -> None:
        super().__init__(problem, choices, settings)
        self.choices, self._problem = choices, problem
        cost = np.array([option_amount(o, "cost_yuan") for o in problem.options] + [0.0])
        self.cost_yuan: Floats = cost[choices].sum(1)
        self.able = self.alive.copy()
        """The choices that keep the fewest places short."""
        self.ways: list[Floats] = []
        """By part, bounds of the ways of all distributions, once that level is solved."""
        self.best: int | None = None
        """The choice of the best plan."""

    @property
    def how(self) -> str:
        """Which way was taken, in numbers."""
        lps, mips = (sum(getattr(p, name) for p in self.parts) for name in ("lps", "mips"))
        return f"{len(self.choices)} choices, {lps} linear and {mips} integer programs"

    def start(self, level: str, expressions: list[pulp.LpAffineExpression]) -> None:
        """Minimise the sum of one expression per part from now on."""
        for part, expression in zip(self.parts, expressions, strict=True):
            part.start(level, expression)

    def lower(self) -> Floats:
        """Bound of every choice; inf where it is dead."""
        none = np.zeros(len(self.choices))
        known = [np.maximum(part.lower, _NOTHING)[part.of_choice] for part in self.parts]
        return np.where(self.alive, sum(known, none), np.inf)

    def reopen(self) -> None:
        """Take back what was kept of the levels below the places short."""
        self.alive = self.able.copy()
        for part in self.parts:
            for level in [level for level in part.limits if level != "places_short"]:
                del part.limits[level]
                part.rounds.forget(level)

    def minimise(
        self, level: str, name: str, slack: Callable[[float], float], cutoff: float = math.inf,
        pause: float = math.inf,
    ) -> float:  # fmt: skip
        """Bound of the present level, at most `slack` of its best value below that value.

        A bound of `cutoff` will do; what is beyond it is not searched. At a bound of `pause` the
        search is left as it stands.
        """
        self.grant(_SHARES[level])
        if self.best is None:
            raise ValueError("no plan yet")
        value = self.value(self.best)
        while True:
            lower = self.lower()
            i = int(np.argmin(lower))
            low = float(lower[i])
            room = slack(value)
            self.tell(name, value, low)
            met = value - low <= room + len(self.parts) * EQUAL * max(1.0, 1e-3 * abs(low))
            if met or low >= min(cutoff, pause) or self.left() <= 0:
                break
            first = self._first(lower, i, value - room) if cutoff == math.inf else i
            for j in (first, i):  # where the first leads nowhere, the lowest may still
                moved = self.advance(j, min(value - room, cutoff), room / max(1e-9, abs(value)))
                if moved:
                    break
            if self.value(j) < value:
                value, self.best = self.value(j), j
            elif not moved:
                break
        return max(0.0, min(low, value))

    def _first(self, lower: Floats, i: int, most: float) -> int:
        """The choice to go on with before `i`, the lowest, is searched to its end.

        A good plan shortens that search, and another of the lowest may have a better one. The
        choice of the best plan comes first of those tried: its bound must be raised in any case.
        """
        tried: set[tuple[int, ...]] = set()
        few = min(len(lower), _LOOKED_AT)
        lowest = np.argpartition(lower, few - 1)[:few]
        for j in map(int, [i, *lowest[np.argsort(lower[lowest], kind="stable")]]):
            at = tuple(int(part.of_choice[j]) for part in self.parts)
            if lower[j] >= most or (at not in tried and len(tried) == _TRIED_FIRST):
                break
            tried.add(at)
            if any(part.stage[v] < TRIED for part, v in zip(self.parts, at, strict=True)):
                return j
        assert self.best is not None
        return self.best if lower[self.best] < most else i

    def cheapest(self, name: str) -> float:
        """Bound of the cost in yuan: the cheapest choice that keeps all levels."""
        if self.best is None:
            raise ValueError("no plan yet")
        self.grant(_SHARES["cost"])
        open_cost = math.inf
        order = np.argsort(np.where(self.alive, self.cost_yuan, np.inf), kind="stable")
        for i in map(int, order):
            cost = float(self.cost_yuan[i])
            if not self.alive[i] or cost >= self.cost_yuan[self.best]:
                break
            while self.lower()[i] < math.inf and self.value(i) == math.inf:
                self.tell(name, float(self.cost_yuan[self.best]), min(cost, open_cost))
                late = self.left() <= 0
                if late or not self.advance(i, math.inf, self.settings.tolerance):
                    open_cost = min(cost, open_cost)
                    break
            if self.value(i) < math.inf:
                self.best = i
                break
        return min(float(self.cost_yuan[self.best]), open_cost)

    def keep(self, level: str, most: Sequence[float], more: float = 0.0) -> None:
        """Keep a level at `most` per part; forget the choices whose bounds are above that.

        The present bounds are of the level's value plus at most `more`.
        """
        slack = 1e-6 * max(1.0, sum(most) + more)
        self.alive &= self.lower() <= sum(most) + more + slack
        for part, limit in zip(self.parts, most, strict=True):
            if not more:
                self.alive &= part.lower[part.of_choice] <= limit + slack
            part.limits[level] = np.full(len(part.slots), limit)

    def options(self, i: int) -> tuple[int, ...]:
        """The options of a choice."""
        return tuple(sorted(int(o) for o in self.choices[i] if o < len(self._problem.options)))

    def schools(self, i: int) -> dict[tuple[int, int], int]:
        """The school of each unit and service in the best plan of a choice."""
        school: dict[tuple[int, int], int] = {}
        for service, (part, plan) in enumerate(zip(self.parts, self.plans(i), strict=True)):
            arcs = part.problem.arcs
            for a in part.rounds.used_arcs(plan.columns) if plan else ():
                school[int(arcs.unit[a]), service] = int(arcs.school[a])
        return school

    def take_in(self, i: int, columns: Sequence[Floats]) -> None:
        """Take in a plan of a choice, given by part."""
        for part, own in zip(self.parts, columns, strict=True):
            part.add(int(part.of_choice[i]), own)

    def tell(self, name: str, value: float, bound: float) -> None:
        """Report progress."""
        if self.settings.report:
            known = bound if bound > _NOTHING else -math.inf
            self.settings.report(Progress(name, 0.0, value, known))
