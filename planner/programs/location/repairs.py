"""Limits on ways to school that leave no plan, and the smallest change of them that helps."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from planner.errors import InfeasibleError, Problem
from planner.programs.location.inputs import location_problem
from planner.programs.location.program import build_location
from planner.programs.location.rounds import Rounds
from planner.programs.location.screens import screen
from planner.programs.lock_conflicts import conflicting_locks
from planner.scenario.locks import lock_paths
from planner.scenario.model import Scenario
from planner.solving.settings import Settings
from planner.territory.territory import Territory

_LIMITS = ("max_crossings", "reach_m")
"""Of a service; the first is changed only where the second alone does not help."""
_ANY = 0.9
"""Gap at which any plan will do."""


@dataclass(frozen=True)
class RaisedLimit:
    """A limit on ways of a service, and the smallest value of it that helps."""

    service: str
    limit: str
    """'max_crossings' or 'reach_m'."""
    now: float
    value: float

    @property
    def problem(self) -> Problem:
        """The reason in words."""
        key = f"services.{self.service}.{self.limit}"
        message = "leaves no plan that serves every compound with contiguous catchments"
        hint = f"smallest change that helps: raise it to {self.value} (now {self.now:g})"
        return Problem(key, message, hint)


def smallest_limits(
    territory: Territory, scenario: Scenario, settings: Settings
) -> list[RaisedLimit]:
    """Limits on ways that must be raised for any plan to exist, together, each with how far.

    Limits are tried one after the other while those not yet tried are lifted; what is found is
    exact for each of them in that order. Empty if raising limits does not help, or time runs out.
    """
    limits = [
        (name, limit)
        for limit in _LIMITS
        for name, service in scenario.services.items()
        if getattr(service, limit) is not None
    ]
    lifted = scenario
    for name, limit in limits:
        lifted = _with(lifted, name, limit, None)
    if not limits or not has_plan(territory, lifted, settings):
        return []
    found = []
    for name, limit in limits:
        now = getattr(scenario.services[name], limit)
        value = _smallest(territory, lifted, name, limit, settings, now=now)
        if value is None:
            return []
        lifted = _with(lifted, name, limit, value)
        if value > now:
            found.append(RaisedLimit(name, limit, now, value))
    return found


def _smallest(
    territory: Territory, scenario: Scenario, name: str, limit: str, settings: Settings, *,
    now: float,
) -> float | None:  # fmt: skip
    """The smallest value of one limit, from `now` on, with which there is a plan."""
    travel = territory.travel
    amounts = (travel.crossings if limit == "max_crossings" else travel.distance_m).to_numpy()
    amounts = np.where(np.isfinite(travel.distance_m.to_numpy()), amounts, np.nan)
    whole = np.unique(np.ceil(amounts[np.isfinite(amounts)] - 1e-9))
    steps = [now, *(int(step) for step in whole if step > now)]
    low, high = 0, len(steps) - 1
    while low < high:
        middle = (low + high) // 2
        able = has_plan(territory, _with(scenario, name, limit, steps[middle]), settings)
        if able is None:
            return None
        low, high = (low, middle) if able else (middle + 1, high)
    return steps[low]


def locks_in_the_way(territory: Territory, scenario: Scenario, settings: Settings) -> list[Problem]:
    """The locks that leave no plan of places, as few as can be; empty if they are not the cause."""
    paths = tuple(path for path in lock_paths(scenario.locks) if ".subdistricts." not in path)

    def able(trial: Scenario) -> bool | None:
        if not _meets_totals(territory, trial):
            return False
        # without places the totals alone were in the way: no search is needed to tell
        return has_plan(territory, trial, settings) if searched else True

    searched = _meets_totals(territory, scenario)
    return conflicting_locks(scenario, able, paths=paths)


def _meets_totals(territory: Territory, scenario: Scenario) -> bool:
    try:
        screen(location_problem(territory, scenario))
    except InfeasibleError:
        return False
    return True


def has_plan(territory: Territory, scenario: Scenario, settings: Settings) -> bool | None:
    """Whether any plan keeps the rules, however short of places; None if time ran out."""
    problem = location_problem(territory, scenario)
    arcs = problem.arcs
    reached = np.zeros((len(problem.units), len(problem.services)), bool)
    reached[arcs.unit, arcs.service] = True
    if not reached.all():
        return False
    program = build_location(problem)
    rounds = Rounds(problem, program, settings)
    rounds.set_objective(program.way)
    found = rounds.solve("repair", gap=_ANY)
    if found.columns is not None:
        return True
    return False if found.bound == math.inf else None


def _with(scenario: Scenario, name: str, limit: str, value: float | None) -> Scenario:
    """The scenario with one limit of a service changed."""
    service = scenario.services[name].model_copy(update={limit: value})
    return scenario.model_copy(update={"services": {**scenario.services, name: service}})
