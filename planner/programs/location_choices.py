"""Proof by choices: every way to meet the programme is listed, bounded, and only then searched.

One integer program over all choices does not close: its relaxation mixes class options. But the
choices can be listed, and a choice splits into services (`location_parts`). The choice with the
lowest sum of bounds is examined next, one step deeper each time, until that bound meets the best
plan: a branch and bound whose first branching is the list.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pulp

from planner.programs.location_parts import NEW, RAISED, RELAXED, TRIED, Found, Part
from planner.programs.location_problem import Floats, LocationProblem, option_amount
from planner.programs.programme_choices import Choices
from planner.solving.settings import Progress, Settings

_NOTHING = -1e15
"""Bound of a distribution of which nothing is known."""
_SHARES = {"places_short": 0.4, "any": 0.9, "way": 0.5, "moves": 0.7, "cost": 1.0}
"""Under a time limit: what a level may take of the time left when it begins."""


class ChoiceSearch:
    """Minimises level after level over listed choices; a dead choice stays dead."""

    def __init__(self, problem: LocationProblem, choices: Choices, settings: Settings) -> None:
        self.choices, self._problem, self._settings = choices, problem, settings
        services = range(len(problem.services))
        own = replace(settings, threads=1, report=None)
        self.parts = [Part(problem, service, choices, own) for service in services]
        cost = np.array([option_amount(o, "cost_yuan") for o in problem.options] + [0.0])
        self.cost_yuan: Floats = cost[choices].sum(1)
        self._alive = np.ones(len(choices), bool)
        self._until = math.inf
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

    def value(self, i: int, level: str = "") -> float:
        """Value of the best plan of a choice; inf without one."""
        plans = self.plans(i)
        if not all(plans):
            return math.inf
        return sum(
            p.values[level or part.level] for p, part in zip(plans, self.parts, strict=True) if p
        )

    def plans(self, i: int) -> list[Found | None]:
        """The best plan of each part of a choice."""
        return [part.best(int(part.of_choice[i])) for part in self.parts]

    def lower(self) -> Floats:
        """Bound of every choice; inf where it is dead."""
        none = np.zeros(len(self.choices))
        known = [np.maximum(part.lower, _NOTHING)[part.of_choice] for part in self.parts]
        return np.where(self._alive, sum(known, none), np.inf)

    def short(self) -> Floats:
        """Fewest places short that each choice may still reach; inf where there is no plan."""
        short = [part.limits["places_short"][part.of_choice] for part in self.parts]
        return sum(short, np.zeros(len(self.choices)))

    def fewest_short(self, name: str) -> float:
        """Bound of the places short; a plan that reaches it is kept, found by its short way.

        Under a time limit a plan with more places short is taken once the level's time is up.
        """
        self.grant(_SHARES["places_short"])
        least = self._search_short(name)
        if self.best is None and least < math.inf and self._settings.seconds_left() > 0:
            self.grant(_SHARES["any"])
            self._any_plan()
        return least

    def _search_short(self, name: str) -> float:
        self._relax_short(name)
        while True:
            short = self.short()
            least = float(short.min(initial=math.inf))
            if least == math.inf:
                return least
            lower = np.where(short <= least + 1e-6, self.lower(), np.inf)
            i = int(np.argmin(lower))
            if lower[i] == math.inf:
                self._lift(i, short, least)
                continue
            if self.value(i) < math.inf:
                self.best = i
                return least
            self._advance(i, math.inf, self._settings.tolerance)
            self._tell(name, math.inf, least)
            if self._left() <= 0:
                return least

    def grant(self, share: float) -> None:
        """Give the search that follows a share of the time that is left."""
        left = self._settings.seconds_left()
        self._until = math.inf if left == math.inf else time.monotonic() + share * left
        for part in self.parts:
            part.rounds.session.until = self._until

    def _left(self) -> float:
        return min(self._settings.seconds_left(), self._until - time.monotonic())

    def _any_plan(self) -> None:
        """A plan of the most promising choice, whatever it is short of places."""
        while self._left() > 0:
            short = self.short()
            seen = [part.known()[part.of_choice] for part in self.parts]
            promise = np.where(np.logical_and.reduce(seen), self.lower(), 1e12 + short)
            i = int(np.argmin(np.where(short < math.inf, promise, np.inf)))
            if short[i] == math.inf:
                return
            at = [int(part.of_choice[i]) for part in self.parts]
            for part, v in zip(self.parts, at, strict=True):
                part.relax_short(v)
            if self.short()[i] == math.inf:
                continue
            found = [part.any_plan(v) for part, v in zip(self.parts, at, strict=True)]
            if all(value < math.inf for value in found):
                for part, value in zip(self.parts, found, strict=True):
                    part.allow_short(value)
                self.best = i
                return

    def minimise(self, level: str, name: str, slack: Callable[[float], float]) -> float:
        """Bound of the present level, at most `slack` of its best value below that value."""
        self.grant(_SHARES[level])
        value = math.inf if self.best is None else self.value(self.best)
        while True:
            lower = self.lower()
            i = int(np.argmin(lower))
            low = float(lower[i])
            room = slack(value)
            self._tell(name, value, low)
            met = value - low <= room + 1e-6 * max(1.0, 1e-3 * abs(low))
            if met or self._left() <= 0:
                return min(low, value)
            gap = room / max(1e-9, abs(value)) if math.isfinite(value) else self._settings.tolerance
            self._advance(i, value - room, gap)
            reached = self.value(i)
            if reached < value:
                value, self.best = reached, i

    def cheapest(self, name: str) -> float:
        """Bound of the cost in yuan: the cheapest choice that keeps all levels."""
        if self.best is None:
            raise ValueError("no plan yet")
        self.grant(_SHARES["cost"])
        for i in np.argsort(np.where(self._alive, self.cost_yuan, np.inf), kind="stable"):
            cost = float(self.cost_yuan[i])
            if not self._alive[i] or cost >= self.cost_yuan[self.best]:
                break
            while self.lower()[i] < math.inf and self.value(int(i)) == math.inf:
                self._tell(name, float(self.cost_yuan[self.best]), cost)
                if self._left() <= 0:
                    return cost
                self._advance(int(i), math.inf, self._settings.tolerance)
            if self.value(int(i)) < math.inf:
                self.best = int(i)
                return cost
        return float(self.cost_yuan[self.best])

    def keep(self, level: str, most: Sequence[float], more: float = 0.0) -> None:
        """Keep a level at `most` per part; forget the choices whose bounds are above that.

        The present bounds are of the level's value plus at most `more`.
        """
        slack = 1e-6 * max(1.0, sum(most) + more)
        self._alive &= self.lower() <= sum(most) + more + slack
        for part, limit in zip(self.parts, most, strict=True):
            if not more:
                self._alive &= part.lower[part.of_choice] <= limit + slack
            part.limits[level] = np.full(len(part.slots), limit)

    def keep_short(self, reached: Sequence[float], extra: Sequence[float]) -> None:
        """Keep the places short as `reached` by part, and `extra` on top where any is granted."""
        if not any(extra):
            self._alive &= self.short() <= sum(reached) + 1e-6
            return
        for part, value, more in zip(self.parts, reached, extra, strict=True):
            limit = part.limits["places_short"]
            self._alive &= limit[part.of_choice] <= value + more + 1e-6
            part.allow_short(value + more)

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

    def _advance(self, i: int, most: float, gap: float) -> None:
        """Examine the parts of a choice one step deeper, those furthest behind first."""
        at = [int(part.of_choice[i]) for part in self.parts]
        lower = [float(part.lower[v]) for part, v in zip(self.parts, at, strict=True)]
        behind = [
            k for k, (part, v) in enumerate(zip(self.parts, at, strict=True))
            if lower[k] < math.inf and not _closed(part.value(v), lower[k], gap)
        ]  # fmt: skip
        stage = min((int(self.parts[k].stage[at[k]]) for k in behind), default=TRIED)
        jobs = [k for k in behind if self.parts[k].stage[at[k]] == stage]
        if stage == NEW:  # the part with the fewest distributions rules out most choices
            jobs = [min(jobs, key=lambda k: len(self.parts[k].slots))]
        targets = [most - sum(lower[:k] + lower[k + 1 :]) for k in range(len(at))]

        def work(k: int) -> None:
            _step(self.parts[k], at[k], targets[k], gap)

        if self._settings.threads > 1 and len(jobs) > 1:
            with ThreadPoolExecutor(min(self._settings.threads, len(jobs))) as pool:
                list(pool.map(work, jobs))
        else:
            for k in jobs:
                work(k)

    def _relax_short(self, name: str) -> None:
        """Bounds of the places short from linear relaxations, lowest first."""
        seen = [set[int]() for _ in self.parts]
        while self._left() > 0:
            short = self.short()
            i = int(np.argmin(short))
            if short[i] == math.inf:
                return
            at = [int(part.of_choice[i]) for part in self.parts]
            fresh = [k for k, v in enumerate(at) if v not in seen[k]]
            if not fresh:
                return
            for k in fresh:
                seen[k].add(at[k])
                self.parts[k].relax_short(at[k])
            self._tell(name, math.inf, float(short[i]))

    def _lift(self, i: int, short: Floats, least: float) -> None:
        """Raise what is known of the places short of a choice that cannot reach it."""
        if short[i] > least + 1e-6:
            i = int(np.argmin(short))
        for part in self.parts:
            v = int(part.of_choice[i])
            if part.lower[v] == math.inf and math.isfinite(part.limits["places_short"][v]):
                known = part.limits["places_short"][v]
                bound = part.least_short(v, self._settings.tolerance)
                part.limits["places_short"][v] = max(known + 1.0, bound)
                part.lower[v], part.stage[v] = -math.inf, NEW

    def _tell(self, name: str, value: float, bound: float) -> None:
        if self._settings.report:
            self._settings.report(Progress(name, 0.0, value, bound))


def _step(part: Part, v: int, target: float, gap: float) -> None:
    if part.stage[v] == NEW:
        part.relax(v, target)
    elif part.stage[v] == RELAXED:
        part.ascend(v, target)
    elif part.stage[v] in (RAISED, TRIED):
        part.search(v, target, gap)


def _closed(value: float, lower: float, gap: float) -> bool:
    return value < math.inf and value - lower <= gap * abs(value) + 1e-6
