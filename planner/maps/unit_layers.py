"""Layers of units: subdistricts, communities, grids and catchments, today's and planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shapely.geometry.base import BaseGeometry

from planner.maps.colours import colour_areas
from planner.maps.geometry import label_point, outline, union
from planner.maps.grid_shapes import grid_shapes
from planner.maps.map_layer import Drawing, Feature, MapLayer


def today_units(drawing: Drawing) -> list[MapLayer]:
    """Today's catchments, subdistricts and communities."""
    territory, reading = drawing.reading.territory, drawing.reading
    subdistricts = _shapes(territory.subdistricts.geometry)
    communities = _shapes(territory.communities.geometry)
    catchments = [
        _catchments(drawing, "today", service, reading.served_today(service))
        for service in reading.services
    ]
    return [
        _units(drawing, "today_subdistricts", "subdistricts", "today_subdistrict", subdistricts),
        _units(drawing, "today_communities", "communities", "today_community", communities),
        *catchments,
    ]


def planned_units(drawing: Drawing, *, grids: bool = True) -> list[MapLayer]:
    """Planned subdistricts, communities, grids (where wanted) and catchments."""
    plan = drawing.reading.plan
    communities = {
        unit.id: _cells(drawing, unit.compounds) for unit in plan.communities if unit.compounds
    }
    subdistricts = {
        unit.id: union(communities[key] for key in unit.communities if key in communities)
        for unit in plan.subdistricts
    }
    catchments = [
        _catchments(drawing, "plan", service, drawing.reading.served(service))
        for service in drawing.reading.services
    ]
    layers = [
        _units(drawing, "plan_subdistricts", "subdistricts", "subdistrict", subdistricts),
        _units(drawing, "plan_communities", "communities", "community", communities),
    ]
    if grids:
        shapes = grid_shapes(drawing.reading.territory, plan)
        layers.append(_units(drawing, "plan_grids", "grids", "grid", shapes))
    return [*layers, *catchments]


TITLES = {
    "today_subdistricts": ("现状街道", "Subdistricts today"),
    "today_communities": ("现状社区", "Communities today"),
    "plan_subdistricts": ("规划街道", "Planned subdistricts"),
    "plan_communities": ("规划社区", "Planned communities"),
    "plan_grids": ("网格", "Grids"),
}
SHOWN = ("plan_subdistricts", "plan_communities")


def _units(
    drawing: Drawing, name: str, draw: str, kind: str, shapes: Mapping[str, BaseGeometry]
) -> MapLayer:
    colours = colour_areas(shapes)
    symbols = _symbols(drawing)
    features: list[Feature] = []
    for key, shape in sorted(shapes.items()):
        feature = {"g": drawing.pool.add(shape), "o": [kind, key], "c": colours[key]}
        if draw != "grids":
            feature["l"] = drawing.pool.point(label_point(shape, symbols))
        features.append(feature)
    group = name.partition("_")[0]
    return MapLayer(
        name,
        group,
        TITLES[name],
        draw,
        tuple(features),
        show=name in SHOWN,
        outline=_lines(drawing, shapes) if draw != "grids" else None,
        areas=shapes,
    )


def _catchments(
    drawing: Drawing, group: str, service: str, served: Mapping[str, Sequence[str]]
) -> MapLayer:
    shapes = {school: _cells(drawing, compounds) for school, compounds in served.items()}
    colours = colour_areas(shapes)
    features = tuple(
        {"g": drawing.pool.add(shape), "o": ["school", school], "c": colours[school]}
        for school, shape in sorted(shapes.items())
    )
    label = drawing.reading.scenario.services[service].name
    title = (
        (f"现状学区：{label.zh}", f"Catchments today: {label.en}")
        if group == "today"
        else (f"规划学区：{label.zh}", f"Planned catchments: {label.en}")
    )
    name = f"{group}_catchments_{service}"
    lines = _lines(drawing, shapes)
    return MapLayer(
        name, group, title, "catchments", features, service=service, outline=lines, areas=shapes
    )


def _lines(drawing: Drawing, shapes: Mapping[str, BaseGeometry]) -> int | None:
    if not shapes:
        return None
    return drawing.pool.add(outline(shapes[key] for key in sorted(shapes)))


def _symbols(drawing: Drawing) -> list[BaseGeometry]:
    """Spots that symbols cover: schools, sites and the plan's seats."""
    reading = drawing.reading
    schools, seats = reading.territory.schools, reading.territory.seats
    chosen = {unit.seat for unit in reading.plan.subdistricts} & set(seats.index)
    return [
        *schools.geometry.sort_index(),
        *[seats.geometry[key] for key in sorted(chosen)],
    ]


def _shapes(series: Mapping[str, BaseGeometry]) -> dict[str, BaseGeometry]:
    return {str(key): shape for key, shape in series.items()}


def _cells(drawing: Drawing, compounds: Sequence[str]) -> BaseGeometry:
    cells = drawing.reading.territory.cells
    return union(cells[key] for key in sorted(compounds))
