"""The search of one service: integer programs of a distribution that its bounds do not rule out."""

from __future__ import annotations

import math

import numpy as np

from planner.programs.location.closing import close
from planner.programs.location.distributions import TORN, TRIED, Distributions
from planner.programs.location.knapsacks import forced
from planner.programs.location.neighbourhoods import improved
from planner.programs.location.rounds import Limits, Reached

WORKERS = 2
"""Workers of an integer program that is searched to its end.

Always as many, on however many threads: the plan depends on their number.
"""
COMPACT = 0.02
"""Relative gap of the program of compact plans."""
ROUGH = 0.05
"""Relative gap of the first integer program of a distribution."""
_LIMITS = Limits(rounds=8, loose_nodes=100, nodes=1500, least=0.25)
"""Of the integer programs of a distribution; beyond them separators come from a tree."""
_SHARPENING = Limits(rounds=4, loose_nodes=30, nodes=100, least=0.25)
"""Of those that narrow the gap of a part for the sake of another."""
_AIM = 0.99
"""Share of the gap that a search aims at, so that the part is closed when it ends."""
_NEAR = 0.5
"""How near the target must be to the best plan, from the bound, for that plan to be improved."""


class Part(Distributions):
    """The assignment of one service, over all distributions of places."""

    def search(self, v: int, target: float, gap: float) -> None:
        """Search the best plan of a distribution, as far as it is below `target`.

        What is hard is broken off, and left to `close`.
        """
        self.mips += 1
        loose = self.stage[v] < TRIED
        self.stage[v] = TRIED
        self.fix(v)
        value = self.value(v)
        if loose:
            if self._near(v, target):
                self.improve(v, gap)
            compact = self.rounds.compact_plan(gap=COMPACT, below=min(self.value(v), target))
            if compact.columns is not None:
                self.add(v, compact.columns)
                self.improve(v, gap)
            if self.value(v) < value:
                return
        wide = max(_AIM * gap, ROUGH) if loose else _AIM * gap
        reached = self._solve(v, self._below(v, target, gap), wide, _LIMITS)
        self._take_in(v, reached, gap)
        if reached.unfinished and not loose:
            self.stage[v] = TORN

    def sharpen(self, v: int, gap: float) -> None:
        """Narrow the gap of a distribution as far as it is cheap: others have what it leaves."""
        below = self._below(v, math.inf, gap)
        if self.lower[v] < below < math.inf:
            self.mips += 1
            self.fix(v)
            self._take_in(v, self._solve(v, below, _AIM * gap, _SHARPENING), gap)

    def _near(self, v: int, target: float) -> bool:
        """Whether a plan below the target may be close to the best one."""
        value, low = self.value(v), self.lower[v]
        return value < math.inf and bool(target - low >= _NEAR * (value - low))

    def _solve(self, v: int, below: float, gap: float, limits: Limits) -> Reached:
        self._fix_arcs(v, below)
        known = float(self.lower[v])
        return self.rounds.solve("", gap=gap, below=below, known=known, limits=limits)

    def close(self, v: int, target: float, gap: float) -> None:
        """Go on with a search that was broken off, to its end."""
        self.mips += 1
        self.fix(v)
        below = self._below(v, target, gap)
        self._fix_arcs(v, below)
        reached = close(self.rounds, gap=_AIM * gap, below=below, workers=WORKERS)
        self._take_in(v, reached, gap)

    def _below(self, v: int, target: float, gap: float) -> float:
        """What a plan must be below: within the gap of the best one there is nothing to find.

        That is so whatever the other parts leave of the target.
        """
        value = self.value(v)
        return min(target, value - _AIM * gap * abs(value)) if value < math.inf else target

    def improve(self, v: int, gap: float) -> None:
        """Look for better plans near the best one of a distribution, as far as the gap needs it."""
        best, low = self.best(v), float(self.lower[v])
        if best is None:
            return
        self.fix(v)
        enough = low / (1 - _AIM * gap) if 0 < low < math.inf else low
        better = improved(self.rounds, best.columns, gap=gap, enough=enough)
        if better is not best.columns:
            self.add(v, better)
            self._bound(v, low)

    def _take_in(self, v: int, reached: Reached, gap: float) -> None:
        self.rounds.fix_arcs()
        if reached.columns is not None:
            self.add(v, reached.columns)
        self._bound(v, reached.bound)
        if reached.columns is not None:
            self.improve(v, gap)

    def _fix_arcs(self, v: int, below: float) -> None:
        """Close arcs that no plan below `below` and within the kept levels uses."""
        places, limit = self.places[v], self.limits["places_short"][v]
        if limit > 0:
            return
        spare = int(places.sum() - self.pupils + 1e-6)
        count = len(self.program.x)
        lower, upper = np.zeros(count, bool), np.ones(count, bool)
        most = {level: float(limit[v]) for level, limit in self.limits.items()}
        most[self.level] = below
        for level, raised in self._raised.items():
            if v not in raised or not math.isfinite(most.get(level, math.inf)):
                continue
            prices = raised[v].prices
            value, inside, outside = forced(self._stalls, prices, places, spare=spare)
            if math.isinf(value):
                return
            slack = most[level] - value + 1e-6 * max(1.0, abs(most[level]))
            upper &= ~(inside > slack) | np.isinf(inside)
            lower |= (outside > slack) & np.isfinite(inside)
        if (lower <= upper).all():
            self.rounds.fix_arcs(lower, upper)
