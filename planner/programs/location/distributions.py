"""One service at a time: with the places of all schools given, services do not touch each other.

A choice of options gives every school a number of places per service. Each service is then an
assignment of its own, over far fewer *distributions* of places than there are choices. What is
proven or found of a distribution counts for every choice that leads to it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pulp

from planner.programs.location.ascent import Raised, Setting, ascend, prices_of
from planner.programs.location.knapsacks import distribution_bounds, stalls_of
from planner.programs.location.problem import Bools, Floats, Ints, LocationProblem
from planner.programs.location.program import LEVELS, LocationProgram, build_location
from planner.programs.location.programme_choices import Choices
from planner.programs.location.rounds import Rounds
from planner.programs.location.services import of_service, places_of, reaching
from planner.solving.highs import Outcome
from planner.solving.settings import Settings

NEW, RELAXED, RAISED, TRIED, TORN = range(5)
"""How far a distribution was examined: not, relaxed, raised by prices, tried at a loose gap, or at
the gap asked for without an end."""
_ELASTIC = 20.0
"""Price of exceeding a kept level by a twentieth, in values of the level, in a relaxation."""
_LP_ROUNDS = 4
_HINTED, _FEW, _MANY = 12, 12, 100
"""Steps of the ascent from prices of others, after the relaxation, before the integer program."""
_HOPE = 0.02
"""Rise of the bound that the ascent aims at where there is no plan to aim at yet."""


@dataclass(frozen=True)
class Found:
    """A plan of one distribution: its columns, and the value of every level."""

    columns: Floats
    values: Mapping[str, float]


@dataclass(frozen=True)
class Examined:
    """How far the distributions were examined for one objective."""

    lower: Floats
    stage: Ints
    raised: Mapping[int, Raised]


def _levels_of(program: LocationProgram) -> dict[str, pulp.LpAffineExpression]:
    return {name: getattr(program, name) for name in LEVELS if name != "cost"}


class Distributions:
    """The assignment of one service: what is found and proven of each distribution of places."""

    def __init__(
        self, problem: LocationProblem, service: int, choices: Choices, settings: Settings
    ) -> None:
        self.problem, position = of_service(problem, service)
        self.program = build_location(self.problem)
        self.rounds = Rounds(self.problem, self.program, settings)
        self.slots, of_choice = np.unique(
            np.sort(position[choices], axis=1), axis=0, return_inverse=True
        )
        self.of_choice: Ints = of_choice.ravel()
        self.places = places_of(self.problem, self.slots)
        self.lps = self.mips = 0
        self._stalls = stalls_of(self.problem)
        self.pupils = float(self.problem.pupils.sum())
        self.counted = bool((self.problem.pupils % 1 == 0).all())
        """Whether pupils are whole, so that bounds of pupils are."""
        self.fewest: Floats = np.maximum(0.0, self.pupils - self.places.sum(1))
        """Bound of the pupils above capacity of each distribution."""
        self.limits: dict[str, Floats] = {"places_short": self.fewest.copy()}
        """What each distribution may reach in the levels kept so far; inf: it has no plan."""
        self.limits["places_short"][~reaching(self.problem, self.places)] = math.inf
        self.level = ""
        self.expressions = _levels_of(self.program)
        self._vectors = {
            name: self.rounds.vector(expression) for name, expression in self.expressions.items()
        }
        self._found: dict[int, list[Found]] = {}
        self._raised: dict[str, dict[int, Raised]] = {}
        self.hinted = True
        """Whether the last row prices are tried on another distribution before its relaxation."""
        self.lower = np.zeros(len(self.slots))
        self.stage = np.zeros(len(self.slots), int)

    def __getstate__(self) -> dict[str, Any]:
        """All but what is in PuLP, whose variables are known by where they lie."""
        left_out = ("program", "expressions")
        return {name: held for name, held in self.__dict__.items() if name not in left_out}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.program = build_location(self.problem)
        self.rounds.reopen(self.program)
        self.expressions = _levels_of(self.program)

    def start(self, level: str, expression: pulp.LpAffineExpression) -> None:
        """Minimise `expression` from now on; what was found so far stays."""
        self.level = level
        self.expressions[level] = expression
        self._vectors[level] = self.rounds.vector(expression)
        self._raised[level] = {}
        self.lower = np.full(len(self.slots), -math.inf)
        self.stage = np.full(len(self.slots), NEW)
        self.rounds.set_objective(expression)
        for plans in self._found.values():
            plans[:] = [self._evaluated(plan.columns) for plan in plans]

    def examined(self) -> Examined:
        """What is known of the present level, to go on with later."""
        return Examined(self.lower.copy(), self.stage.copy(), dict(self._raised[self.level]))

    def resume(self, known: Examined) -> None:
        """Go on from what was known of the same objective."""
        self.lower, self.stage = known.lower.copy(), known.stage.copy()
        self._raised[self.level] = dict(known.raised)

    def raised(self, level: str) -> Mapping[int, Raised]:
        """The best row prices met in a level, by distribution, in the order they were met."""
        return self._raised.get(level, {})

    def best(self, v: int) -> Found | None:
        """The best plan of a distribution within the levels kept; None if there is none."""
        within = [plan for plan in self._found.get(v, ()) if self._within(plan, v)]
        return min(within, key=lambda plan: plan.values[self.level], default=None)

    def value(self, v: int) -> float:
        """Value of the best plan of a distribution; inf without one."""
        best = self.best(v)
        return math.inf if best is None else best.values[self.level]

    def add(self, v: int, columns: Floats) -> Found:
        """Take in a plan of a distribution."""
        plan = self._evaluated(columns)
        self._found.setdefault(v, []).append(plan)
        return plan

    def relax(self, v: int, target: float) -> None:
        """Bound from the separated linear relaxation; its prices bound all distributions."""
        self.stage[v] = RELAXED
        self.fix(v)
        last = list(self._raised[self.level].values())[-1:] if self.hinted else []
        for raised in last:
            self._raise(v, raised.rows, target, _HINTED)
            if self.lower[v] >= target:
                return
        self.lps += 1
        # kept levels may be exceeded at a price: even without a plan there are prices then
        self.rounds.stretch(_ELASTIC, scale=max(1.0, abs(self.scale(v))))
        outcome = self.separated()
        self.rounds.stretch(0.0)
        stretched = outcome.columns is not None and self.rounds.stretched(outcome.columns)
        if outcome.duals is not None:
            self._raise(v, outcome.duals, target, _FEW)
        if outcome.columns is None or stretched:
            outcome = self.separated() if stretched else outcome
            self._bound(v, outcome.bound)
            if stretched and outcome.duals is not None:
                self._raise(v, outcome.duals, target, _FEW)

    def ascend(self, v: int, target: float) -> None:
        """Raise the bound of a distribution by its prices."""
        self.stage[v] = RAISED
        self.fix(v)
        raised = self._raised[self.level].get(v)
        if raised is not None:
            self._raise(v, raised.rows, target, _MANY)

    def known(self) -> Bools:
        """Which distributions have a relaxation of the present level."""
        return np.asarray((self.stage > NEW) & np.isfinite(self.lower), bool)

    def limit_short(self, limit: Floats) -> None:
        """Replace the limits of places short; what was proven within tighter ones is forgotten."""
        looser = limit > self.limits["places_short"]
        self.limits["places_short"] = limit
        self.lower[looser], self.stage[looser] = -math.inf, NEW
        for raised in self._raised.values():
            for v in np.flatnonzero(looser).tolist():
                raised.pop(v, None)

    def separated(self) -> Outcome:
        """The linear relaxation, separated."""
        outcome = self.rounds.session.relax()
        for _ in range(_LP_ROUNDS):
            if outcome.columns is None or not self.rounds.separate_fractional(outcome.columns):
                break
            outcome = self.rounds.session.relax()
        return outcome

    def _raise(self, v: int, duals: Floats, target: float, steps: int) -> None:
        places, limit = self.places[v], self.limits["places_short"]
        spare = int(places.sum() + limit[v] - self.pupils + 1e-6)
        setting = Setting(places, spare, int(limit[v]))
        known = self.lower[v]
        goal = target if math.isfinite(target) else max(known, 0.0) * (1 + _HOPE) + 1.0
        raised = ascend(self.rounds, self._stalls, setting, duals, target=goal, steps=steps)
        self._raised[self.level][v] = raised
        self.take(self.bounds_at(v, raised.rows))
        self._bound(v, raised.bound)

    def _bound(self, v: int, bound: float) -> None:
        """Raise the bound of a distribution; a plan that is there outweighs the last digits."""
        self.lower[v] = min(max(self.lower[v], bound), self.value(v))

    def take(self, bounds: Floats) -> None:
        """Raise the bounds of all distributions; those without a plan within the limits stay."""
        ends = np.isfinite(self.limits["places_short"])
        np.maximum(self.lower, bounds, out=self.lower, where=ends)

    def bounds_at(self, v: int, rows: Floats) -> Floats:
        """Bounds of all distributions from row prices, while the limits of `v` are kept.

        Prices of another objective are valid too: only the costs of the arcs differ.
        """
        limit = self.limits["places_short"]
        ends = np.isfinite(limit)
        above = int(limit[ends].max(initial=0.0))
        spare = int((self.places.sum(1) + limit)[ends].max(initial=0.0) - self.pupils + 1e-6)
        prices = prices_of(self.rounds, rows, above)
        bounds = distribution_bounds(self._stalls, prices, self.places, spare=spare, above=above)
        if above:
            price = self.rounds.price_of_kept(rows, "places_short")
            bounds = bounds + price * (np.where(ends, limit, 0.0) - limit[v])
        return np.where(ends, bounds, math.inf)

    def fix(self, v: int) -> Floats:
        """Fix the places of a distribution and keep its limits; its options, by position."""
        z = np.zeros(len(self.program.z) + 1)
        z[self.slots[v]] = 1.0
        self.rounds.fix_choice(z[:-1])
        for level, limit in self.limits.items():
            self.rounds.keep(self.expressions[level], float(limit[v]), level)
        return z[:-1]

    def scale(self, v: int) -> float:
        """A number of the size of a distribution's value."""
        value = self.value(v)
        if math.isfinite(value):
            return value
        return max(1.0, float(self.lower[v])) if math.isfinite(self.lower[v]) else 1e4

    def whole(self, bound: Floats | float) -> Floats:
        """A bound of pupils: of whole pupils where all are counted in whole ones."""
        return np.asarray(np.ceil(np.asarray(bound) - 1e-5) if self.counted else bound)

    def _evaluated(self, columns: Floats) -> Found:
        values = {
            name: float(cost @ columns) + constant
            for name, (cost, constant) in self._vectors.items()
        }
        return Found(columns, values)

    def _within(self, plan: Found, v: int) -> bool:
        return all(
            plan.values[level] <= limit[v] + 1e-5 * max(1.0, abs(limit[v]))
            for level, limit in self.limits.items()
        )
