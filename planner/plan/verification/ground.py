"""The ground a plan stands on, recomputed from the layers alone: homes, schools, graph, ways."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import networkx as nx
import shapely
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from planner.plan.verification.cells import Cells, cells_of, nearest_key, own_point
from planner.plan.verification.homes import Home, Place, homes_of
from planner.plan.verification.neighbours import neighbour_graph
from planner.plan.verification.tables import Row, rows_of, shape_of, text, value
from planner.plan.verification.ways import (
    Ways,
    crossings,
    straight_ways,
    street_segments,
    table_segments,
    ways_of,
)
from planner.scenario.model import Scenario
from planner.territory.layers import Layers

HOUSEHOLDS_PER_BUILDING = 100


@dataclass(frozen=True)
class Seat:
    """An office or a candidate seat."""

    kind: str
    subdistrict: str
    name: str
    """What a subdistrict seated here is called; empty for offices."""
    home: str
    """A compound of the seat's own community: the one in whose cell it lies, or the nearest."""
    point: Point


@dataclass(frozen=True)
class Ground:
    """Everything that the checks compare a plan with; ids as in the layers."""

    homes: dict[str, Home]
    cells: dict[str, BaseGeometry]
    graph: nx.Graph[str]
    schools: dict[str, Place]
    communities: dict[str, Row]
    subdistricts: dict[str, Row]
    seats: dict[str, Seat]
    buildings: dict[str, tuple[str, int]]
    """Compound and households of each building."""
    ways: Ways
    crossed: tuple[BaseGeometry, ...]
    """Trunk roads and railways, those of one name together."""
    outcome: dict[str, Row]
    """The historical arrangement by compound; empty where there is none."""


def ground_of(scenario: Scenario, layers: Layers) -> Ground:
    """The ground, from the layers' tables; raises KeyError or ValueError for broken layers."""
    compounds = rows_of(layers, "compounds")
    communities = rows_of(layers, "communities")
    shapes = {key: shape_of(row) for key, row in compounds.items()}
    area = shapely.union_all([shape_of(row) for row in communities.values()])
    cells = cells_of(shapes, area)
    schools = _schools(scenario, layers, cells)
    points = {key: own_point(shape) for key, shape in shapes.items()}
    ways = _ways(scenario, layers, points, {key: place.point for key, place in schools.items()})
    homes = homes_of(scenario, layers, schools, ways)
    return Ground(
        homes=homes,
        cells=cells.shapes,
        graph=_graph(scenario, layers, shapes, cells),
        schools=schools,
        communities=communities,
        subdistricts=_subdistricts(layers, communities),
        seats=_seats(layers, communities, cells, homes),
        buildings=_buildings(layers),
        ways=ways,
        crossed=_crossed(scenario, layers),
        outcome={str(row["compound"]): row for row in rows_of(layers, "outcome").values()},
    )


def crossings_between(ground: Ground, compound: str, school: str) -> int:
    """Trunk roads and railways crossed on the straight line."""
    return crossings(ground.homes[compound].point, ground.schools[school].point, ground.crossed)


def _schools(scenario: Scenario, layers: Layers, cells: Cells) -> dict[str, Place]:
    found = {}
    for layer, kind in (("schools", "existing"), ("sites", "site")):
        for key, row in rows_of(layers, layer).items():
            shape = shape_of(row)
            parcel = shape.area if kind == "site" else 0.0
            names = (name.strip() for name in text(row, "types").split(","))
            found[key] = Place(
                kind=kind,
                point=own_point(shape),
                cell=nearest_key(own_point(shape), cells.shapes),
                classes={
                    name: int(value(row, f"{name}_classes", 0.0)) for name in scenario.services
                },
                expandable=bool(row.get("expandable", False)),
                land_m2=value(row, "land_m2", parcel),
                cost_yuan=value(row, "cost_yuan", 0.0),
                cost_per_place_yuan=value(row, "cost_per_place_yuan", 0.0),
                types=frozenset(name for name in names if name),
            )
    return found


def _subdistricts(layers: Layers, communities: Mapping[str, Row]) -> dict[str, Row]:
    """Today's subdistricts; without a layer those that the communities name."""
    rows = rows_of(layers, "subdistricts")
    if rows:
        return rows
    return {text(row, "subdistrict"): {} for row in communities.values()}


def _seats(
    layers: Layers, communities: Mapping[str, Row], cells: Cells, homes: Mapping[str, Home]
) -> dict[str, Seat]:
    polygons = {key: shape_of(row) for key, row in communities.items()}
    seats = {}
    for key, row in rows_of(layers, "seats").items():
        point = own_point(shape_of(row))
        cell = nearest_key(point, cells.shapes)
        there = nearest_key(point, polygons)
        own = {u: home.point for u, home in homes.items() if home.community == there}
        seats[key] = Seat(
            kind=text(row, "kind"),
            subdistrict=text(row, "subdistrict"),
            name=text(row, "subdistrict_name"),
            home=cell if cell in own or not own else nearest_key(point, own),
            point=point,
        )
    return seats


def _buildings(layers: Layers) -> dict[str, tuple[str, int]]:
    """Buildings of the layer; equal ones with generated ids for compounds it does not list."""
    found = {
        key: (text(row, "compound"), int(value(row, "households")))
        for key, row in rows_of(layers, "buildings").items()
    }
    listed = {compound for compound, _ in found.values()}
    for key, row in rows_of(layers, "compounds").items():
        if key in listed:
            continue
        households = int(value(row, "households"))
        count = int(value(row, "buildings", 0.0)) or max(
            1, round(households / HOUSEHOLDS_PER_BUILDING)
        )
        width = max(2, len(str(count)))
        for k in range(count):
            share = households // count + (1 if k < households % count else 0)
            found[f"{key}-b{str(k + 1).zfill(width)}"] = (key, share)
    return found


def _graph(
    scenario: Scenario, layers: Layers, shapes: Mapping[str, BaseGeometry], cells: Cells
) -> nx.Graph[str]:
    barriers = [shape_of(row) for row in rows_of(layers, "barriers").values()]
    streets = rows_of(layers, "streets").values()
    arterial = [shape_of(row) for row in streets
                if (text(row, "class") or "local") in scenario.ways.arterial_classes]  # fmt: skip
    return neighbour_graph(
        shapes,
        cells,
        barriers=barriers,
        streets=[*(shape_of(row) for row in streets), *_edge_lines(layers)],
        followed=[*arterial, *barriers],
    )


def _edge_lines(layers: Layers) -> list[BaseGeometry]:
    """The edges of the walking network's tables as straight lines."""
    points = {
        text(row, "node_id"): own_point(shape_of(row))
        for row in rows_of(layers, "network_nodes").values()
    }
    ends = [
        (points[text(row, "from_node")], points[text(row, "to_node")])
        for row in rows_of(layers, "network_edges").values()
    ]
    return [LineString([a, b]) for a, b in ends if a != b]


def _ways(
    scenario: Scenario, layers: Layers, homes: Mapping[str, Point], schools: Mapping[str, Point]
) -> Ways:
    nodes, edges = rows_of(layers, "network_nodes"), rows_of(layers, "network_edges")
    streets = rows_of(layers, "streets")
    if nodes and edges:
        points = {text(row, "node_id"): own_point(shape_of(row)) for row in nodes.values()}
        table = [(text(row, "from_node"), text(row, "to_node"), value(row, "length_m"))
                 for row in edges.values()]  # fmt: skip
        return ways_of(table_segments(points, table), homes, schools)
    if streets:
        segments = street_segments(shape_of(row) for row in streets.values())
        return ways_of(segments, homes, schools)
    return straight_ways(homes, schools, factor=scenario.ways.straight_factor)


def _crossed(scenario: Scenario, layers: Layers) -> tuple[BaseGeometry, ...]:
    lines: dict[tuple[str, str], list[BaseGeometry]] = defaultdict(list)
    for row in rows_of(layers, "streets").values():
        if (text(row, "class") or "local") in scenario.ways.trunk_classes:
            lines["trunk", text(row, "name")].append(shape_of(row))
    for row in rows_of(layers, "barriers").values():
        if text(row, "kind") == "railway":
            lines["railway", text(row, "name")].append(shape_of(row))
    return tuple(shapely.union_all(lines[key]) for key in sorted(lines))
