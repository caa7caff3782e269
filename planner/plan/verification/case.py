"""The case to be checked: scenario, ground and plan, with the lookups that the checks share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import networkx as nx

from planner.plan.plan import Plan
from planner.plan.verification.check import Check
from planner.plan.verification.ground import Ground, crossings_between
from planner.scenario.model import Scenario


@dataclass(frozen=True)
class Trip:
    """The pupils of one compound on their way to one school."""

    compound: str
    service: str
    school: str
    pupils: float
    distance_m: float
    straight_m: float
    crossings: int
    changes: bool
    """Whether today's school is another one."""


@dataclass(frozen=True)
class Case:
    """A plan over its recomputed ground."""

    scenario: Scenario
    ground: Ground
    plan: Plan
    trips: tuple[Trip, ...]
    """Of known compounds to known schools; other ids are a broken promise of their own."""
    community: dict[str, str]
    """Planned community of each compound, by the assignments."""
    subdistrict: dict[str, str]
    """Planned subdistrict of each compound, by the assignments."""


Promise = Callable[[Case], list[Check]]


def case_of(scenario: Scenario, ground: Ground, plan: Plan) -> Case:
    """The case, with the trips of the plan worked out once."""
    return Case(
        scenario=scenario,
        ground=ground,
        plan=plan,
        trips=tuple(_trips(scenario, ground, plan)),
        community={entry.compound: entry.community for entry in plan.assignments},
        subdistrict={entry.compound: entry.subdistrict for entry in plan.assignments},
    )


def way_m(case: Case, trip: Trip) -> float:
    """Metres that a pupil's way counts: walking distance plus surcharges."""
    service = case.scenario.services[trip.service]
    way = trip.distance_m + service.crossing_surcharge_m * trip.crossings
    return way + (service.beyond_radius_surcharge_m if trip.straight_m > service.radius_m else 0.0)


def shortages(case: Case) -> dict[tuple[str, str], float]:
    """Pupils above the places of each school and service, where there are any."""
    load: dict[tuple[str, str], float] = defaultdict(float)
    for trip in case.trips:
        load[trip.school, trip.service] += trip.pupils
    for school in case.plan.schools:
        for service, places in school.places.items():
            load[school.id, service] -= places
    return {key: over for key, over in load.items() if over > 1e-9}


def pieces(graph: nx.Graph[str], members: Iterable[str]) -> list[list[str]]:
    """Connected pieces of some compounds, each sorted, the largest first."""
    inside = graph.subgraph(members)
    parts = [sorted(part) for part in nx.connected_components(inside)]
    return sorted(parts, key=lambda part: (-len(part), part))


def by_component(graph: nx.Graph[str], members: Iterable[str]) -> list[list[str]]:
    """The members by connected component of the whole graph."""
    wanted = set(members)
    found = [sorted(wanted & part) for part in nx.connected_components(graph)]
    return sorted(part for part in found if part)


def within_parents(case: Case) -> nx.Graph[str]:
    """The graph without edges across a parent's line, where subdistricts may not cross it."""
    if not case.scenario.boundaries.parent_rule:
        return case.ground.graph
    homes = case.ground.homes
    graph = case.ground.graph.copy()
    graph.remove_edges_from(
        [(a, b) for a, b in case.ground.graph.edges if homes[a].parent != homes[b].parent]
    )
    return graph


def duplicates(keys: Iterable[str]) -> list[str]:
    """Keys that occur more than once, sorted."""
    seen: dict[str, int] = defaultdict(int)
    for key in keys:
        seen[key] += 1
    return sorted(key for key, count in seen.items() if count > 1)


def _trips(scenario: Scenario, ground: Ground, plan: Plan) -> Iterable[Trip]:
    for entry in plan.assignments:
        home = ground.homes.get(entry.compound)
        for service in scenario.services:
            school = entry.schools.get(service, "")
            there = ground.schools.get(school)
            if home is None or there is None:
                continue
            yield Trip(
                compound=entry.compound,
                service=service,
                school=school,
                pupils=home.pupils[service],
                distance_m=ground.ways.distance_m[school].get(entry.compound, float("inf")),
                straight_m=home.point.distance(there.point),
                crossings=crossings_between(ground, entry.compound, school),
                changes=home.today[service] not in ("", school),
            )
