"""Why a scenario has no plan, in words, and the cheapest repairs of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from planner.errors import InfeasibleError, NoPlanInTimeError, Problem
from planner.programs.location.places import Reasons, reasons_without_plan
from planner.programs.subdistricts.subdistricts import plan_subdistricts, screen_subdistricts
from planner.reasons.boundary_repairs import (
    boundaries_work,
    boundary_repairs,
    planned_communities,
)
from planner.reasons.case import Asking
from planner.reasons.crossing_limit import crossing_reasons
from planner.reasons.places import Again, places_again
from planner.reasons.repairs import Repair, place_repairs, places_work
from planner.scenario.locks import Locks
from planner.scenario.model import Scenario
from planner.territory.lock_checks import contradictory_locks
from planner.territory.territory import Territory


@dataclass(frozen=True)
class CostedRepair:
    """A repair and what its plan of places costs; None where it leaves places as they are."""

    repair: Repair
    places: Again | None


@dataclass(frozen=True)
class Explanation:
    """Whether a scenario has a plan, why not, and what would give it one."""

    feasible: bool | None
    """None: not told in time."""
    locks: tuple[Problem, ...]
    """Locks that contradict each other; the other reasons are then those without any lock."""
    places: tuple[Problem, ...]
    boundaries: tuple[Problem, ...]
    repairs: tuple[CostedRepair, ...]

    @property
    def reasons(self) -> tuple[Problem, ...]:
        """All reasons, in the order in which a run would meet them."""
        return (*self.locks, *self.places, *self.boundaries)


def explain(
    territory: Territory, scenario: Scenario, stated: Mapping[str, str], asking: Asking, *,
    count: int,
) -> Explanation:  # fmt: skip
    """Why there is no plan, and up to `count` repairs, the cheapest first.

    `stated` tells where each value stands, by dotted key. Raises ScenarioError for locks of ids
    that the territory does not have.
    """
    locks = contradictory_locks(territory, scenario, stated)
    judged = scenario.model_copy(update={"locks": Locks()}) if locks else scenario
    asking.told("reasons: places")
    places = reasons_without_plan(territory, judged, asking.settings(scenario))
    asking.told("reasons: boundaries")
    boundaries = _boundary_reasons(territory, judged, asking)
    torn = places is not None and bool(places.problems)
    if not locks and not torn and not boundaries:
        if places is None or boundaries is None:
            return Explanation(None, (), (), (), ())
        return _of_crossings(territory, scenario, asking)
    repairs = _repairs(territory, scenario, asking, count, bool(locks), places, boundaries)
    costed = tuple(_costed(territory, repair, asking) for repair in repairs)
    told = places.problems if places is not None else ()
    return Explanation(False, tuple(locks), told, tuple(boundaries or ()), costed)


def _of_crossings(territory: Territory, scenario: Scenario, asking: Asking) -> Explanation:
    """What is left where both halves have a plan: who may cross."""
    found = crossing_reasons(territory, scenario, asking)
    if found is None:
        return Explanation(None, (), (), (), ())
    problems, repairs = found
    costed = tuple(CostedRepair(repair, None) for repair in repairs)
    return Explanation(not problems, (), (), tuple(problems), costed)


def _boundary_reasons(
    territory: Territory, scenario: Scenario, asking: Asking
) -> list[Problem] | None:
    """Why there are no subdistricts; empty if there are, None if that was not told in time."""
    try:
        screen_subdistricts(territory, scenario)
        communities = planned_communities(territory, scenario, asking)
        plan_subdistricts(
            territory, scenario, asking.settings(scenario), communities=communities, served={}
        )
    except InfeasibleError as error:
        return list(error.problems)
    except NoPlanInTimeError:
        return None
    return []


def _repairs(
    territory: Territory, scenario: Scenario, asking: Asking, count: int, locks: bool,
    places: Reasons | None, boundaries: list[Problem] | None,
) -> list[Repair]:  # fmt: skip
    """Repairs of both decisions; the second goes with the first where both need one."""
    of_places: list[Repair] = []
    torn = places is not None and bool(places.problems)
    if torn or (locks and not places_work(territory, scenario, asking)):
        # limits that are known to help are so with the locks only if these were looked at too
        raised = places.raised if places is not None and not locks else ()
        of_places = place_repairs(territory, scenario, asking, count=count, raised=raised)
        if not of_places:
            return []
    if not (boundaries or (locks and not boundaries_work(territory, scenario, asking))):
        return of_places
    base = of_places[0].scenario if of_places else scenario
    of_boundaries = boundary_repairs(territory, base, asking, count=count)
    if not of_places:
        return of_boundaries
    if not of_boundaries:
        return []
    pairs = [(one, of_boundaries[0]) for one in of_places]
    pairs += [(of_places[0], other) for other in of_boundaries[1:]]
    together = [_joined(one, other, base) for one, other in pairs]
    return [repair for repair in together if repair is not None][:count]


def _joined(places: Repair, boundaries: Repair, base: Scenario) -> Repair | None:
    """One scenario with both repairs, the second made over `base`; None if locks do not fit."""
    locks = places.scenario.locks
    if boundaries.scenario.locks != base.locks:
        if locks != base.locks:
            return None
        locks = boundaries.scenario.locks
    scenario = places.scenario.model_copy(
        update={"boundaries": boundaries.scenario.boundaries, "locks": locks}
    )
    changes = (*places.changes, *boundaries.changes)
    return Repair(changes, scenario, places.cheapest and boundaries.cheapest)


def _costed(territory: Territory, repair: Repair, asking: Asking) -> CostedRepair:
    touched = any(not change.key.startswith("boundaries.") for change in repair.changes)
    if not touched or asking.stop.is_set():
        return CostedRepair(repair, None)
    asking.told("the plan of the repair")
    settings = asking.settings(repair.scenario)
    return CostedRepair(repair, places_again(territory, repair.scenario, settings))
