"""Proof by choices: bounds over every way to meet the programme, programs with the choice fixed.

With the choice fixed, the linear relaxation of the assignment is tight; over all choices it is
not. Its dual solution, though, bounds every other choice too (the choice only moves the
right-hand side: a Benders cut), so some thousand quick linear programs bound all choices, and
integer programs are only solved for the few whose bound is below the best plan.
Source: J. F. Benders, Numerische Mathematik 4 (1962); here the master is a list.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from planner.programs.location_problem import Bools, Floats, LocationProblem
from planner.programs.location_rounds import Rounds
from planner.programs.programme_choices import Choices
from planner.solving.settings import gap_of

_LP_ROUNDS = 8
_ELASTIC = 20.0
"""Price of exceeding a kept level by its whole value, in values of the objective."""


@dataclass
class Bounds:
    """What is proven of each choice at one level."""

    lower: Floats
    exact: Bools
    """Whether the choice's own relaxation has been solved."""
    lps: int = 0
    mips: int = 0


@dataclass
class ChoiceSearch:
    """Minimises level after level over listed choices; dead choices stay dead."""

    problem: LocationProblem
    rounds: Rounds
    choices: Choices
    alive: Bools = field(init=False)
    how: str = ""
    carried_for: float = math.nan
    """What was kept of the places short while the carried bounds were found."""

    def __post_init__(self) -> None:
        self.alive = np.ones(len(self.choices), bool)
        self._proven = np.full(len(self.choices), -math.inf)
        self._carried: Bounds | None = None

    def minimise(self, name: str, *, whole: bool, tolerance: float, carry: bool = False) -> float:
        """Bound of the level whose objective is set; the best plan is kept in `rounds`.

        `carry` takes up the bounds of the search before, whose objective and rows were the same.

        Choices are taken in the order of their bounds, so the search ends when the lowest bound
        meets the best plan.
        """
        bounds = self._carried if carry and self._carried else self._first_bounds()
        low = _lowest(bounds, whole=whole)
        while gap_of(self.rounds.value, low) > tolerance and low < math.inf:
            i = int(np.argmin(bounds.lower))
            if bounds.exact[i]:
                bounds.mips += 1
                self._fix(i)
                proven = self.rounds.solve(name, gap=tolerance / 2)
                bounds.lower[i] = max(bounds.lower[i], proven)
            else:
                self._relax(bounds, i)
            low = _lowest(bounds, whole=whole)
            self.rounds.tell(name, low)
            if self.rounds.settings.seconds_left() <= 0:
                break
        self._note(bounds)
        return low

    def relaxed_bound(self, *, whole: bool) -> float:
        """Bound of the level from the relaxation over all choices alone."""
        bounds = self._first_bounds()
        self._note(bounds)
        return _lowest(bounds, whole=whole)

    def any_plan(self, name: str, *, gap: float, tries: int) -> bool:
        """Look for any plan in the choices that promise most; whether one was found."""
        bounds, skipped = self._first_bounds(), list[int]()
        while bounds.mips < tries and bounds.lower.min() < math.inf:
            i = int(np.argmin(bounds.lower))
            if not bounds.exact[i]:
                self._relax(bounds, i)
                continue
            bounds.mips += 1
            self._fix(i)
            proven = self.rounds.solve(name, gap=gap)
            if self.rounds.best is not None or self.rounds.settings.seconds_left() <= 0:
                break
            if proven < math.inf:
                skipped.append(i)
            bounds.lower[i] = math.inf
        self.how = _how(self.choices, bounds)
        bounds.lower[skipped] = -math.inf
        self._carried = bounds
        return self.rounds.best is not None

    def bury(self, allowed: float) -> None:
        """Forget the choices whose bound of the last level is above what is allowed."""
        self.alive &= self._proven <= allowed * (1 + 1e-9) + 1e-6

    def shift(self, by: float) -> None:
        """Move the bounds of the last level (a term of known size is taken off)."""
        self._proven = self._proven + by

    def _note(self, bounds: Bounds) -> None:
        self._proven = bounds.lower
        self.how = _how(self.choices, bounds)

    def _first_bounds(self) -> Bounds:
        """Bounds of all choices from the relaxation over all of them, separated."""
        count = len(self.alive)
        bounds = Bounds(np.where(self.alive, -math.inf, math.inf), np.zeros(count, bool))
        self.rounds.stretch(_ELASTIC)
        self.rounds.free_choice()
        for _ in range(_LP_ROUNDS):
            outcome = self.rounds.session.relax()
            if outcome.columns is None or outcome.reduced is None or outcome.objective is None:
                break
            z = outcome.columns[self.rounds.z]
            self._cut(bounds, outcome.objective, outcome.reduced[self.rounds.z], z)
            if not self.rounds.separate_fractional(outcome.columns):
                break
        self.rounds.stretch(0.0)
        return bounds

    def _relax(self, bounds: Bounds, i: int) -> None:
        """Solve the relaxation of one choice and let its duals bound all others."""
        bounds.lps += 1
        bounds.exact[i] = True
        z = self._fix(i)
        self.rounds.stretch(_ELASTIC)
        outcome = self.rounds.session.relax()
        self.rounds.stretch(0.0)
        if outcome.columns is None or outcome.reduced is None or outcome.objective is None:
            bounds.lower[i] = outcome.bound
            return
        self._cut(bounds, outcome.objective, outcome.reduced[self.rounds.z], z)
        bounds.lower[i] = max(bounds.lower[i], outcome.objective)
        if self.rounds.stretched(outcome.columns):
            # the kept levels cannot hold with this choice: its relaxation is infeasible
            bounds.lower[i] = math.inf

    def _cut(self, bounds: Bounds, value: float, reduced: Floats, z: Floats) -> None:
        gain = np.append(reduced, 0.0)
        cut = value - float(reduced @ z) + gain[self.choices].sum(1)
        np.maximum(bounds.lower, cut, out=bounds.lower)

    def _fix(self, i: int) -> Floats:
        z = np.zeros(len(self.rounds.z) + 1)
        z[self.choices[i]] = 1.0
        self.rounds.fix_choice(z[:-1])
        return z[:-1]


def _lowest(bounds: Bounds, *, whole: bool) -> float:
    low = float(bounds.lower.min(initial=math.inf))
    return math.ceil(low - 1e-6) if whole and math.isfinite(low) else low


def _how(choices: Choices, bounds: Bounds) -> str:
    return f"{len(choices)} choices, {bounds.lps} linear and {bounds.mips} integer programs"
