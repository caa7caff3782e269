"""One choice examined: its parts one step deeper each time, those furthest behind first."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np

from planner.programs.location.distributions import NEW, RAISED, RELAXED, TORN, TRIED, Found
from planner.programs.location.parts import Part
from planner.programs.location.problem import LocationProblem
from planner.programs.location.programme_choices import Choices
from planner.solving.settings import Settings

EQUAL = 1e-6
"""Values as close as that are equal."""
_SHARP = 0.1
"""Share of the gap to which the parts that end soon are solved before a hard one is closed."""


class Examining:
    """The parts of all choices, and the time there is for them."""

    def __init__(self, problem: LocationProblem, choices: Choices, settings: Settings) -> None:
        self.settings = settings
        own = replace(settings, threads=1, report=None)
        self.parts = [Part(problem, s, choices, own) for s in range(len(problem.services))]
        self.alive = np.ones(len(choices), bool)
        """The choices that may still have a plan within the levels kept."""
        self._until = math.inf

    def __getstate__(self) -> dict[str, Any]:
        """All but the limits of time, which `renew` gives."""
        return {name: held for name, held in self.__dict__.items() if name != "settings"}

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
        beyond = [limit + EQUAL * max(1.0, abs(limit)) for limit in most]
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
            target = beyond[k] + EQUAL * max(1.0, abs(most[k]))
            _step(self.parts[k], at[k], target, self.settings.tolerance)
            if self._state(at) == before:
                return None

    def _state(self, at: Sequence[int]) -> list[tuple[float, int, float]]:
        """Bound, stage and value of the parts of a choice."""
        return [
            (float(part.lower[v]), int(part.stage[v]), part.value(v))
            for part, v in zip(self.parts, at, strict=True)
        ]


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
    return value < math.inf and value - lower <= gap * abs(value) + EQUAL
