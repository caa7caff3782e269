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
from typing import Any

import numpy as np
import pulp

from planner.programs.location.parts import NEW, RAISED, RELAXED, TORN, TRIED, Found, Part
from planner.programs.location.problem import Floats, LocationProblem, option_amount
from planner.programs.location.programme_choices import Choices
from planner.solving.settings import Progress, Settings

_EQUAL = 1e-6
"""Values as close as that are equal."""
_NOTHING = -1e15
"""Bound of a distribution of which nothing is known."""
_TRIED_FIRST, _LOOKED_AT = 3, 200
"""Of the choices with the lowest bounds, how many different ones are tried before one is searched
to its end, and among how many these are looked for."""
_SHARP = 0.1
"""Share of the gap to which the parts that end soon are solved before a hard one is closed."""
_SHARES = {"places_short": 0.4, "any": 0.9, "way": 0.5, "moves": 0.7, "cost": 1.0}
"""Under a time limit: what a level may take of the time left when it begins."""


class ChoiceSearch:
    """Minimises level after level over listed choices; a dead choice stays dead."""

    def __init__(self, problem: LocationProblem, choices: Choices, settings: Settings) -> None:
        self.choices, self._problem, self.settings = choices, problem, settings
        services = range(len(problem.services))
        own = replace(settings, threads=1, report=None)
        self.parts = [Part(problem, service, choices, own) for service in services]
        cost = np.array([option_amount(o, "cost_yuan") for o in problem.options] + [0.0])
        self.cost_yuan: Floats = cost[choices].sum(1)
        self.alive = np.ones(len(choices), bool)
        self.able = self.alive.copy()
        """The choices that keep the fewest places short."""
        self.ways: list[Floats] = []
        """By part, bounds of the ways of all distributions, once that level is solved."""
        self._until = math.inf
        self.best: int | None = None
        """The choice of the best plan."""

    def __getstate__(self) -> dict[str, Any]:
        """All but the limits of time, which `renew` gives."""
        return {name: held for name, held in self.__dict__.items() if name != "settings"}

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
        return np.where(self.alive, sum(known, none), np.inf)

    def grant(self, share: float) -> None:
        """Give the search that follows a share of the time that is left."""
        left = self.settings.seconds_left()
        self._until = math.inf if left == math.inf else time.monotonic() + share * left
        for part in self.parts:
            part.rounds.session.until = self._until

    def left(self) -> float:
        """Seconds left of the share granted."""
        return min(self.settings.seconds_left(), self._until - time.monotonic())

    def renew(self, settings: Settings) -> None:
        """Go on under other limits of time."""
        self.settings = settings
        for part in self.parts:
            part.rounds.renew(replace(settings, threads=1, report=None))

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
            met = value - low <= room + len(self.parts) * _EQUAL * max(1.0, 1e-3 * abs(low))
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

    def advance(self, i: int, most: float, gap: float) -> bool:
        """Examine the parts of a choice one step deeper, those furthest behind first.

        False if that led nowhere: no bound, no plan, no deeper step.
        """
        at = [int(part.of_choice[i]) for part in self.parts]
        before = self._state(at)
        behind = self._behind(at, most, gap)
        stage = min((int(self.parts[k].stage[at[k]]) for k in behind), default=TORN)
        jobs = [k for k in behind if self.parts[k].stage[at[k]] == stage < TORN]
        if stage == NEW:  # the part with the fewest distributions rules out most choices
            jobs = [min(jobs, key=lambda k: len(self.parts[k].slots))]
        elif stage == TRIED:  # one that rules the choice out alone saves the search of the others
            able = [k for k in jobs if self.parts[k].value(at[k]) >= behind[k][0]]
            jobs = able or jobs

        self._each(jobs, lambda k: _step(self.parts[k], at[k], *behind[k]))
        self._close(at, most, gap)
        return self._state(at) != before

    def improve(self, i: int) -> None:
        """Look for better plans near the best one of a choice."""
        services, gap = range(len(self.parts)), self.settings.tolerance
        self._each(services, lambda k: self.parts[k].improve(int(self.parts[k].of_choice[i]), gap))

    def _each(self, services: Sequence[int], work: Callable[[int], None]) -> None:
        """Work on several services, side by side where there are threads."""
        if self.settings.threads > 1 and len(services) > 1:
            with ThreadPoolExecutor(min(self.settings.threads, len(services))) as pool:
                list(pool.map(work, services))
        else:
            for k in services:
                work(k)

    def _close(self, at: Sequence[int], most: float, gap: float) -> None:
        """Close the parts whose rounds were broken off, one by one: each takes what is left."""
        behind = self._behind(at, most, gap)
        apart = {k: self.parts[k].value(at[k]) - self.parts[k].lower[at[k]] for k in behind}
        for k in sorted(apart, key=lambda k: -apart[k]):
            part, v, behind = self.parts[k], at[k], self._behind(at, most, gap)
            if k in behind and part.stage[v] == TORN and self.left() > 0:
                for j in sorted(set(range(len(at))) - behind.keys()):  # each leaves the most it can
                    self.parts[j].sharpen(at[j], _SHARP * gap)
                target, share = self._behind(at, most, gap).get(k, (-math.inf, 0.0))
                if part.lower[v] < target:  # else the choice is ruled out by now
                    _step(part, v, target, share)

    def _behind(self, at: Sequence[int], most: float, gap: float) -> dict[int, tuple[float, float]]:
        """The parts that are not closed: the target and the gap of each.

        A part has its own gap, and what all others leave of theirs.
        """
        lower = [float(part.lower[v]) for part, v in zip(self.parts, at, strict=True)]
        value = [part.value(v) for part, v in zip(self.parts, at, strict=True)]
        behind = {}
        for k in range(len(at)):
            others = [j for j in range(len(at)) if j != k]
            share = gap
            if 0 < value[k] < math.inf and all(_closed(value[j], lower[j], gap) for j in others):
                spare = sum(gap * abs(value[j]) - (value[j] - lower[j]) for j in others)
                share += max(0.0, spare) / value[k]
            if lower[k] < math.inf and not _closed(value[k], lower[k], share):
                behind[k] = (most - sum(lower[:k] + lower[k + 1 :]), share)
        return behind

    def within(self, i: int, most: Sequence[float]) -> bool | None:
        """Whether a choice has a plan with each part at `most` of its own; None: not told in time.

        Plans that are found are kept.
        """
        if not self.alive[i]:
            return False
        at = [int(part.of_choice[i]) for part in self.parts]
        beyond = [limit + _EQUAL * max(1.0, abs(limit)) for limit in most]
        while True:
            behind = [k for k, p in enumerate(self.parts) if p.value(at[k]) > beyond[k]]
            if any(self.parts[k].lower[at[k]] >= beyond[k] for k in behind):
                return False
            if not behind:
                return True
            if self.left() <= 0:
                return None
            # the cheap steps of all parts first, and of the part that rules out most choices
            k = min(behind, key=lambda n: (self.parts[n].stage[at[n]], len(self.parts[n].slots)))
            before = self._state(at)
            target = beyond[k] + _EQUAL * max(1.0, abs(most[k]))
            _step(self.parts[k], at[k], target, self.settings.tolerance)
            if self._state(at) == before:
                return None

    def _state(self, at: Sequence[int]) -> list[tuple[float, int, float]]:
        """Bound, stage and value of the parts of a choice."""
        return [
            (float(part.lower[v]), int(part.stage[v]), part.value(v))
            for part, v in zip(self.parts, at, strict=True)
        ]

    def tell(self, name: str, value: float, bound: float) -> None:
        """Report progress."""
        if self.settings.report:
            known = bound if bound > _NOTHING else -math.inf
            self.settings.report(Progress(name, 0.0, value, known))


def _step(part: Part, v: int, target: float, gap: float) -> None:
    if part.stage[v] == NEW:
        part.relax(v, target)
    elif part.stage[v] == RELAXED:
        part.ascend(v, target)
    elif part.stage[v] in (RAISED, TRIED):
        part.search(v, target, gap)
    else:
        part.close(v, target, gap)


def _closed(value: float, lower: float, gap: float) -> bool:
    return value < math.inf and value - lower <= gap * abs(value) + _EQUAL
