"""Layers of schools, sites, seats, and the lines from homes to schools."""

from __future__ import annotations

from typing import cast

from shapely.geometry.base import BaseGeometry

from planner.maps.geometry import inner_point
from planner.maps.map_layer import Drawing, Feature, MapLayer
from planner.maps.reading import number, text


def today_points(drawing: Drawing) -> list[MapLayer]:
    """Today's schools and seats."""
    schools = drawing.reading.territory.schools
    seats = drawing.reading.territory.seats
    existing = [str(key) for key in schools.index[schools["kind"] == "existing"]]
    offices = [str(key) for key in seats.index[seats["kind"] == "office"]]
    return [
        _schools(drawing, "today_schools", ("现状学校", "Schools today"), existing),
        _seats(drawing, "today_seats", ("现状街道办", "Offices today"), offices),
    ]


def planned_points(drawing: Drawing) -> list[MapLayer]:
    """Schools in operation, sites not chosen, seats, and home-school lines of each service."""
    plan, territory = drawing.reading.plan, drawing.reading.territory
    schools, seats = territory.schools, territory.seats
    operating = [school.id for school in plan.schools]
    sites = [str(key) for key in schools.index[schools["kind"] == "site"] if key not in operating]
    chosen = [unit.seat for unit in plan.subdistricts if unit.seat in seats.index]
    unused = [str(key) for key in seats.index if key not in chosen]
    return [
        *[beyond_radius(drawing, service) for service in drawing.reading.services],
        *[home_school_lines(drawing, service) for service in drawing.reading.services],
        _schools(drawing, "plan_sites", ("未选用地", "Sites not chosen"), sites, True),
        _schools(drawing, "plan_schools", ("规划学校", "Planned schools"), operating, True),
        _seats(drawing, "plan_seats_unused", ("未选驻地", "Seats not chosen"), unused),
        _seats(drawing, "plan_seats", ("规划街道办驻地", "Planned seats"), chosen, True),
    ]


def home_school_lines(drawing: Drawing, service: str) -> MapLayer:
    """One straight line for each compound with pupils, to its planned school."""
    pupils = drawing.reading.pupils(service)
    hidden = drawing.reading.withheld(service)
    schools = drawing.reading.territory.schools
    features: list[Feature] = []
    for compound, assignment in sorted(drawing.reading.assignments.items()):
        school = assignment.schools.get(service, "")
        if not school or pupils.get(compound, 0) <= 0:
            continue
        ends = (_home(drawing, compound), schools.geometry[school])
        features.append({
            "line": [drawing.pool.point(end) for end in ends],
            "o": ["compound", compound],
            "s": school,
            "w": 0 if compound in hidden else number(pupils[compound], digits=1),
        })  # fmt: skip
    label = drawing.reading.scenario.services[service].name
    title = (f"家校连线：{label.zh}", f"Home to school: {label.en}")
    return MapLayer(
        f"plan_lines_{service}", "plan", title, "lines", tuple(features), service=service
    )


def beyond_radius(drawing: Drawing, service: str) -> MapLayer:
    """Compounds with pupils whose planned school lies beyond the service radius."""
    reading = drawing.reading
    entry, pupils = reading.scenario.services[service], reading.pupils(service)
    straight_m = reading.territory.travel.straight_m
    features = tuple(
        {"g": drawing.pool.add(reading.territory.cells[key]), "o": ["compound", key]}
        for key, assignment in sorted(reading.assignments.items())
        if pupils.get(key, 0) > 0
        and (school := assignment.schools.get(service, ""))
        and cast("float", straight_m.at[key, school]) > entry.radius_m
    )
    title = (
        f"服务半径外：{entry.name.zh}（{entry.radius_m:g} 米）",
        f"Beyond the radius: {entry.name.en} ({entry.radius_m:g} m)",
    )
    return MapLayer(f"plan_beyond_{service}", "plan", title, "beyond", features, service=service)


def _home(drawing: Drawing, compound: str) -> BaseGeometry:
    shape = drawing.reading.territory.compounds.geometry[compound]
    return shape if shape.geom_type == "Point" else inner_point(shape)


def _schools(
    drawing: Drawing, name: str, title: tuple[str, str], ids: list[str], show: bool = False
) -> MapLayer:
    geometry = drawing.reading.territory.schools.geometry
    features = tuple(
        {"g": drawing.pool.add(geometry[key]), "o": ["school", key]} for key in sorted(ids)
    )
    draw = name.partition("_")[2] if name != "today_schools" else "schools_today"
    return MapLayer(name, name.partition("_")[0], title, draw, features, show)


def _seats(
    drawing: Drawing, name: str, title: tuple[str, str], ids: list[str], show: bool = False
) -> MapLayer:
    rows = drawing.reading.territory.seats
    features = tuple(
        {
            "g": drawing.pool.add(rows.geometry[key]),
            "o": ["seat", key],
            "c": text(rows.at[key, "kind"]),
        }
        for key in sorted(ids)
    )
    group, _, draw = name.partition("_")
    return MapLayer(name, group, title, draw, features, show)
