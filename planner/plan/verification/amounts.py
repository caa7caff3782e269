"""Amounts: what each level of each program counts, recomputed from a plan and its ground."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from types import MappingProxyType

from planner.plan.verification.case import Case, shortages, way_m
from planner.plan.verification.community_promises import households_outside
from planner.plan.verification.grid_promises import grid_households
from planner.plan.verification.subdistrict_promises import population_of
from planner.scenario.model import Scenario

M2_IN_KM2 = 1e6


def places_short(case: Case) -> float:
    """Pupils above the capacity of their school."""
    return sum(shortages(case).values())


def way(case: Case) -> float:
    """Pupil-metres, surcharges included."""
    return sum(trip.pupils * way_m(case, trip) for trip in case.trips if trip.pupils)


def pupils_changing_school(case: Case) -> float:
    """Pupils whose compound belongs to another school today."""
    return sum(trip.pupils for trip in case.trips if trip.changes)


def cost_yuan(case: Case) -> float:
    """Cost of new schools and expansions."""
    return sum(school.cost_yuan for school in case.plan.schools)


def households_outside_communities(case: Case) -> float:
    """Households by which communities break their limits."""
    return sum(households_outside(case, community) for community in case.plan.communities)


def people_changing_community(case: Case) -> float:
    """People whose compound belongs to another community today."""
    homes = case.ground.homes
    return sum(
        home.population
        for key, home in homes.items()
        if key in case.community and case.community[key] != home.community
    )


def communities(case: Case) -> float:
    """Number of communities."""
    return len(case.plan.communities)


def squared_distance_to_centre(case: Case) -> float:
    """Person-km² of each community's compounds to the best of them as its centre."""
    homes = case.ground.homes
    total = 0.0
    for community in case.plan.communities:
        inside = [homes[key] for key in community.compounds if key in homes]
        total += min(
            (
                sum(home.population * home.point.distance(centre.point) ** 2 for home in inside)
                for centre in inside
            ),
            default=0.0,
        )
    return total / M2_IN_KM2


def population_deviation(case: Case) -> float:
    """Largest deviation from the mean of a parent's subdistricts, per mean of all."""
    people = {part.id: population_of(case, part) for part in case.plan.subdistricts}
    mean = sum(people.values()) / len(people)
    groups: dict[str, list[int]] = defaultdict(list)
    for part in case.plan.subdistricts:
        rule = case.scenario.boundaries.parent_rule
        groups[part.parent if rule else ""].append(people[part.id])
    return max(
        (
            abs(count - sum(group) / len(group)) / mean
            for group in groups.values()
            for count in group
        ),
        default=0.0,
    )


def squared_distance_to_seat(case: Case) -> float:
    """Person-km² of all compounds to the seat of their subdistrict."""
    seats = {part.id: case.ground.seats[part.seat].point for part in case.plan.subdistricts}
    return sum(
        home.population * home.point.distance(seats[case.subdistrict[key]]) ** 2 / M2_IN_KM2
        for key, home in case.ground.homes.items()
        if case.subdistrict.get(key) in seats
    )


def border_and_change(case: Case) -> float:
    """Unfollowed border, pupils and people who change subdistrict, at the scenario's prices."""
    prices = case.scenario.boundaries.prices
    return (
        prices.border_m * border_unfollowed_m(case, case.subdistrict)
        + prices.crossing_pupil * sum(pupils_other_subdistrict(case).values())
        + prices.moved_person * people_changing_subdistrict(case)
    )


def border_unfollowed_m(case: Case, subdistrict: Mapping[str, str]) -> float:
    """Metres of border between subdistricts along no arterial and no barrier."""
    metres = (
        max(0.0, float(edge["border_m"] - edge["followed_m"]))
        for a, b, edge in case.ground.graph.edges(data=True)
        if subdistrict.get(a) != subdistrict.get(b)
    )
    return sum(metres)


def pupils_other_subdistrict(case: Case) -> dict[str, float]:
    """Pupils by service whose school stands in another subdistrict than their compound."""
    schools, subdistrict = case.ground.schools, case.subdistrict
    found = dict.fromkeys(case.scenario.services, 0.0)
    for trip in case.trips:
        if subdistrict.get(schools[trip.school].cell) != subdistrict[trip.compound]:
            found[trip.service] += trip.pupils
    return found


def people_changing_subdistrict(case: Case) -> int:
    """People whose compound belongs to another subdistrict today."""
    return sum(
        home.population
        for key, home in case.ground.homes.items()
        if key in case.subdistrict and case.subdistrict[key] != home.subdistrict
    )


def households_outside_grids(case: Case) -> float:
    """Households of the grids that break their limits."""
    limits = case.scenario.boundaries.grid_households
    held = [grid_households(case, grid) for grid in case.plan.grids]
    return sum(count for count in held if not limits.min <= count <= limits.max)


def grids(case: Case) -> float:
    """Number of grids."""
    return len(case.plan.grids)


def compounds_divided(case: Case) -> float:
    """Grids that touch a compound beyond the fewest that can hold it, over all compounds."""
    most = case.scenario.boundaries.grid_households.max
    touching: dict[str, int] = defaultdict(int)
    for grid in case.plan.grids:
        for compound in {part.compound for part in grid.parts}:
            touching[compound] += 1
    held: dict[str, int] = defaultdict(int)
    for compound, households in case.ground.buildings.values():
        held[compound] += households
    return sum(
        max(0, count - max(1, -(-held[compound] // int(most))))
        for compound, count in touching.items()
    )


def joint_value(case: Case) -> float:
    """Pupil-kilometres: ways, pupils who cross, border and people who change, at their prices."""
    joint, prices = case.scenario.joint, case.scenario.boundaries.prices
    boundary = prices.border_m * border_unfollowed_m(case, case.subdistrict)
    boundary += prices.moved_person * people_changing_subdistrict(case)
    crossing = sum(pupils_other_subdistrict(case).values())
    coupling = joint.crossing_price_km * crossing + joint.boundary_price_km * boundary
    return way(case) / 1000 + coupling


def pupils_changing_both(case: Case) -> float:
    """Pupils who change school and whose compound changes subdistrict."""
    homes = case.ground.homes
    return sum(
        trip.pupils
        for trip in case.trips
        if trip.changes and case.subdistrict[trip.compound] != homes[trip.compound].subdistrict
    )


AMOUNTS: Mapping[tuple[str, str], Callable[[Case], float]] = MappingProxyType({
    ("location", "places_short"): places_short,
    ("location", "way"): way,
    ("location", "pupils_changing_school"): pupils_changing_school,
    ("location", "cost_yuan"): cost_yuan,
    ("communities", "households_outside_limits"): households_outside_communities,
    ("communities", "people_changing_community"): people_changing_community,
    ("communities", "communities"): communities,
    ("communities", "squared_distance_to_centre"): squared_distance_to_centre,
    ("subdistricts", "population_deviation"): population_deviation,
    ("subdistricts", "squared_distance_to_seat"): squared_distance_to_seat,
    ("subdistricts", "border_and_change"): border_and_change,
    ("grids", "households_outside_limits"): households_outside_grids,
    ("grids", "grids"): grids,
    ("grids", "compounds_divided"): compounds_divided,
})  # fmt: skip
"""Levels in rank order by (program, name), each with what it counts."""

_JOINT = (
    ("location", "places_short"),
    *(key for key in AMOUNTS if key[0] == "communities"),
    ("subdistricts", "population_deviation"),
    ("subdistricts", "squared_distance_to_seat"),
    ("joint", "joint_value"),
    ("location", "pupils_changing_school"),
    ("location", "cost_yuan"),
    *(key for key in AMOUNTS if key[0] == "grids"),
)


def amounts_of(scenario: Scenario) -> Mapping[tuple[str, str], Callable[[Case], float]]:
    """The levels of a scenario in rank order: decided one after the other, or together."""
    if scenario.solve != "joint":
        return AMOUNTS
    every = {**AMOUNTS, ("joint", "joint_value"): joint_value}
    return {key: every[key] for key in _JOINT}
