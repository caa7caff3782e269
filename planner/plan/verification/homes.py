"""Homes and places: compounds with their pupils and schools of today, and what schools offer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from shapely.geometry import Point

from planner.plan.verification.cells import nearest_key, own_point
from planner.plan.verification.tables import Row, rows_of, shape_of, text, value
from planner.plan.verification.ways import Ways
from planner.scenario.model import Scenario
from planner.territory.layers import Layers


@dataclass(frozen=True)
class Home:
    """A compound: people, households, its community, subdistrict and parent today."""

    population: int
    households: int
    community: str
    subdistrict: str
    parent: str
    point: Point
    pupils: Mapping[str, float]
    """By service, in the design year."""
    today: Mapping[str, str]
    """Today's school by service; empty where no school provides it."""


@dataclass(frozen=True)
class Place:
    """An existing school or a site, with what it offers today and what may be built."""

    kind: str
    point: Point
    cell: str
    """The compound in whose cell it stands."""
    classes: Mapping[str, int]
    expandable: bool
    land_m2: float
    cost_yuan: float
    cost_per_place_yuan: float
    types: frozenset[str]
    """Allowed school types; empty: all."""


def homes_of(
    scenario: Scenario, layers: Layers, schools: Mapping[str, Place], ways: Ways
) -> dict[str, Home]:
    """Compounds by id, from the tables."""
    communities = rows_of(layers, "communities")
    above = rows_of(layers, "subdistricts")
    polygons = {key: shape_of(row) for key, row in communities.items()}
    rows = rows_of(layers, "compounds")
    today = {name: _today(scenario, name, rows, schools, ways) for name in scenario.services}
    homes = {}
    for key, row in rows.items():
        point = own_point(shape_of(row))
        community = text(row, "community") or nearest_key(point, polygons)
        subdistrict = text(communities[community], "subdistrict")
        parent = text(communities[community], "parent") or text(
            above.get(subdistrict, {}), "parent"
        )
        homes[key] = Home(
            population=int(value(row, "population")),
            households=int(value(row, "households")),
            community=community,
            subdistrict=subdistrict,
            parent=parent,
            point=point,
            pupils={name: pupils_of(scenario, name, row) for name in scenario.services},
            today={name: today[name][key] for name in scenario.services},
        )
    return homes


def pupils_of(scenario: Scenario, service: str, row: Row, year: int | None = None) -> float:
    """Pupils of a compound in a year (None: the design year), with the service's demand factor."""
    pupils = _counted(scenario, service, row, year)
    factor = scenario.services[service].demand_factor
    late = year is None or year >= scenario.design_year
    return math.floor(pupils * factor + 0.5) if late and factor != 1 else pupils


def _counted(scenario: Scenario, service: str, row: Row, year: int | None) -> float:
    """Pupils as the layer has them: the column of the year, the one column, or people × rate."""
    years = sorted(
        int(name[-4:]) for name in row
        if name[:-4] == f"{service}_" and name[-4:].isdecimal()
    )  # fmt: skip
    if years:
        return value(row, f"{service}_{year or scenario.design_year}")
    if service in row:
        return value(row, service)
    return value(row, "population") * (scenario.services[service].pupils_per_1000 or 0.0) / 1000


def _today(
    scenario: Scenario,
    service: str,
    rows: Mapping[str, Row],
    schools: Mapping[str, Place],
    ways: Ways,
) -> dict[str, str]:
    """Today's school of every compound: as given, else the nearest with room left."""
    size = scenario.services[service].class_size
    room = {
        key: float(place.classes.get(service, 0) * size)
        for key, place in schools.items()
        if place.kind == "existing" and place.classes.get(service, 0) > 0
    }
    given = {key: text(row, f"{service}_school") for key, row in rows.items()}
    first = _first_year(service, rows)
    need = {key: pupils_of(scenario, service, row, first) for key, row in rows.items()}
    for key, school in given.items():
        if school in room:
            room[school] -= need[key]
    near = sorted(
        (ways.distance_m[school].get(key, float("inf")), key, school)
        for key in rows
        for school in room
        if not given[key]
    )
    for _, key, school in near:
        if not given[key] and need[key] <= room[school]:
            given[key] = school
            room[school] -= need[key]
    for _, key, school in near:
        given[key] = given[key] or school
    return given


def _first_year(service: str, rows: Mapping[str, Row]) -> int | None:
    names = {name for row in rows.values() for name in row}
    years = [int(n[-4:]) for n in names if n[:-4] == f"{service}_" and n[-4:].isdecimal()]
    return min(years, default=None)
