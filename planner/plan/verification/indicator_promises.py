"""Promises about indicators: each number that describes the plan is recomputed and compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from planner.plan.verification import amounts
from planner.plan.verification.case import Case, shortages
from planner.plan.verification.check import Check, promise, same
from planner.plan.verification.grid_promises import grid_households
from planner.plan.verification.subdistrict_promises import population_of
from planner.plan.verification.tables import text

BORDER_M = 0.1
"""Outlines digitised roughly: a border's length is known to this, for each pair of neighbours."""


def check_indicators(case: Case) -> list[Check]:
    """Every indicator is there and equals its recomputed value."""
    stated = case.plan.indicators
    broken = [f"{name} is unknown" for name in stated if name not in INDICATORS]
    for name, compute in INDICATORS.items():
        absolute = _border_slack(case) if name == "border_unfollowed_m" else 1e-6
        if name not in stated:
            broken.append(f"{name} is missing")
        else:
            broken += _differences(name, stated[name], compute(case), absolute)
    agree = len(INDICATORS) - len({what.split()[0].split(".")[0] for what in broken})
    return [promise("indicators", "Indicators are right", "指标无误", broken=broken,
                    figures=f"{max(0, agree)} of {len(INDICATORS)} agree")]  # fmt: skip


def check_outcome(case: Case) -> list[Check]:
    """The historical arrangement, where there is one, is described rightly."""
    expected = _outcome(case)
    broken = [f"{name} is unknown" for name in case.plan.outcome if name not in expected]
    for name, value in expected.items():
        absolute = 10 * _border_slack(case) + 1.0 if name == "border_unfollowed_m" else 1e-6
        if name not in case.plan.outcome:
            broken.append(f"{name} is missing")
        else:
            broken += _differences(name, case.plan.outcome[name], value, absolute)
    figures = f"{len(expected)} indicators" if expected else "the layers hold none"
    return [promise("outcome", "The historical outcome is described rightly", "历史结果描述无误",
                    broken=broken, figures=figures)]  # fmt: skip


def _classes(case: Case) -> dict[str, float]:
    return {
        name: sum(school.new_classes.get(name, 0) for school in case.plan.schools)
        for name in case.scenario.services
    }


def _new_places(case: Case) -> dict[str, float]:
    """Places above those of today's classes."""
    found = dict.fromkeys(case.scenario.services, 0.0)
    for school in case.plan.schools:
        classes = case.ground.schools[school.id].classes
        for name, service in case.scenario.services.items():
            found[name] += school.places.get(name, 0) - classes[name] * service.class_size
    return found


def _short(case: Case) -> dict[str, float]:
    found = dict.fromkeys(case.scenario.services, 0.0)
    for (_, service), over in shortages(case).items():
        found[service] += over
    return found


def _mean_distance_m(case: Case) -> dict[str, float]:
    metres: dict[str, float] = defaultdict(float)
    pupils: dict[str, float] = defaultdict(float)
    for trip in case.trips:
        if trip.pupils:
            metres[trip.service] += trip.pupils * trip.distance_m
            pupils[trip.service] += trip.pupils
    return {s: metres[s] / pupils[s] if pupils[s] else 0.0 for s in case.scenario.services}


def _beyond_radius(case: Case) -> dict[str, float]:
    found = dict.fromkeys(case.scenario.services, 0.0)
    for trip in case.trips:
        if trip.straight_m > case.scenario.services[trip.service].radius_m:
            found[trip.service] += trip.pupils
    return found


def _deviation(people: Mapping[str, float]) -> float:
    mean = sum(people.values()) / len(people) if people else 0.0
    return (
        max((abs(count - mean) / mean for count in people.values()), default=0.0) if mean else 0.0
    )


def _totalled(by_service: Mapping[str, float]) -> dict[str, float]:
    return {"total": sum(by_service.values()), **by_service}


INDICATORS: Mapping[str, Callable[[Case], Any]] = MappingProxyType({
    "new_schools": lambda case: sum(s.kind == "new" for s in case.plan.schools),
    "expanded_schools": lambda case: sum(s.kind == "expanded" for s in case.plan.schools),
    "new_classes": lambda case: _totalled(_classes(case)),
    "new_places": lambda case: _totalled(_new_places(case)),
    "places_short": lambda case: _totalled(_short(case)),
    "mean_distance_m": _mean_distance_m,
    "beyond_radius": _beyond_radius,
    "land_m2": lambda case: sum(
        case.ground.schools[s.id].land_m2 for s in case.plan.schools if s.kind != "existing"
    ),
    "cost_yuan": amounts.cost_yuan,
    "way_pupil_m": amounts.way,
    "pupils_changing_school": amounts.pupils_changing_school,
    "subdistricts": lambda case: len({*case.subdistrict.values()}),
    "communities": lambda case: len(case.plan.communities),
    "new_communities": lambda case: sum(
        c.id not in case.ground.communities for c in case.plan.communities
    ),
    "grids": amounts.grids,
    "grids_within_limits": lambda case: len(case.plan.grids) - _grids_outside(case),
    "max_population_deviation": lambda case: _deviation(
        {part.id: population_of(case, part) for part in case.plan.subdistricts}
    ),
    "people_changing_subdistrict": amounts.people_changing_subdistrict,
    "pupils_changing_both": amounts.pupils_changing_both,
    "people_changing_community": amounts.people_changing_community,
    "border_unfollowed_m": lambda case: amounts.border_unfollowed_m(case, case.subdistrict),
    "pupils_other_subdistrict": lambda case: _totalled(amounts.pupils_other_subdistrict(case)),
})  # fmt: skip
"""Every indicator by name, each with its own way of computing it."""


def _grids_outside(case: Case) -> int:
    limits = case.scenario.boundaries.grid_households
    return sum(
        not limits.min <= grid_households(case, grid) <= limits.max for grid in case.plan.grids
    )


def _outcome(case: Case) -> dict[str, Any]:
    homes, rows = case.ground.homes, case.ground.outcome
    if not rows:
        return {}
    people: dict[str, float] = defaultdict(int)
    households: dict[str, int] = defaultdict(int)
    moved = 0
    for key, home in homes.items():
        there = text(rows[key], "subdistrict")
        people[there] += home.population
        households[text(rows[key], "community")] += home.households
        before = case.ground.subdistricts.get(home.subdistrict, {})
        names = {text(before, "name") or home.subdistrict}
        known = {home.subdistrict, text(before, "code")} - {""}
        named = text(rows[key], "subdistrict_name") or there
        if there not in known and named not in names:
            moved += home.population
    limits = case.scenario.boundaries.community_households
    subdistrict = {key: text(rows[key], "subdistrict") for key in homes}
    return {
        "subdistricts": len(people),
        "communities": len(households),
        "population": dict(people),
        "max_population_deviation": _deviation(people),
        "people_changing_subdistrict": moved,
        "communities_outside_limits": sum(
            not limits.min <= count <= limits.max for count in households.values()
        ),
        "border_unfollowed_m": amounts.border_unfollowed_m(case, subdistrict),
    }


def _differences(name: str, stated: Any, expected: Any, absolute: float) -> list[str]:
    if isinstance(expected, Mapping):
        if not isinstance(stated, Mapping) or set(stated) != set(expected):
            return [f"{name} holds {stated}, expected {', '.join(expected)}"]
        return [
            what
            for key in expected
            for what in _differences(f"{name}.{key}", stated[key], expected[key], absolute)
        ]
    if isinstance(stated, bool) or not isinstance(stated, int | float):
        return [f"{name} is {stated!r}, no number"]
    if same(stated, expected, absolute=absolute):
        return []
    return [f"{name} is {stated:.10g}, recomputed {expected:.10g}"]


def _border_slack(case: Case) -> float:
    subdistrict = case.subdistrict
    pairs = sum(subdistrict.get(a) != subdistrict.get(b) for a, b in case.ground.graph.edges)
    return max(1e-6, BORDER_M * pairs)
