"""Own ways to school: Dijkstra over a graph of street segments, and crossings counted by hand."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx
import numpy as np
import shapely
from scipy.spatial import cKDTree
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

NODE_M = 1e-3
JOIN_M = 0.5
TIE_M = 1e-6
ONE_CROSSING_M = 60.0

Key = tuple[object, ...]
Coordinate = tuple[float, ...]
Segment = tuple[Key, Key, LineString, float, Key]
"""Node, node, line between them, length in metres, and what decides between equally near ones."""


@dataclass(frozen=True)
class Ways:
    """Walking distance in metres by school and compound; missing pairs have no way."""

    distance_m: Mapping[str, Mapping[str, float]]


def ways_of(
    segments: Sequence[Segment], homes: Mapping[str, Point], schools: Mapping[str, Point]
) -> Ways:
    """Shortest ways over the segments, from each place's nearest one, with both legs."""
    graph, legs = _graph(segments, {
        **{("home", key): point for key, point in homes.items()},
        **{("school", key): point for key, point in schools.items()},
    })  # fmt: skip
    table = {}
    for school in sorted(schools):
        leg = legs["school", school]
        away = nx.single_source_dijkstra_path_length(graph, ("school", school), weight="length_m")
        table[school] = {
            home: leg + away["home", home] + legs["home", home]
            for home in homes
            if ("home", home) in away
        }
    return Ways(table)


def straight_ways(
    homes: Mapping[str, Point], schools: Mapping[str, Point], *, factor: float
) -> Ways:
    """Straight lines times a factor, where there are no streets."""
    return Ways({
        school: {home: factor * point.distance(there) for home, point in homes.items()}
        for school, there in schools.items()
    })  # fmt: skip


def street_segments(streets: Iterable[BaseGeometry]) -> list[Segment]:
    """Pieces of street between vertices and crossings; ends near another street join it."""
    lines = [list(part.coords) for shape in streets for part in shapely.get_parts(shape)]
    pairs = [pair for line in _joined(lines) for pair in pairwise(line)]
    pieces = [LineString(pair) for pair in pairs if pair[0] != pair[1]]
    cuts = _crossing_points(pieces)
    ends = [pair for k, piece in enumerate(pieces) for pair in _cut(piece, cuts[k])]
    node = _spots([xy for pair in ends for xy in pair])
    segments: list[Segment] = []
    for start, end in ends:
        low, high = sorted([start, end])
        line = LineString([low, high])
        if node[low] != node[high]:
            segments.append(((node[low],), (node[high],), line, line.length, (*low, *high)))
    return segments


def table_segments(
    nodes: Mapping[str, Point], edges: Iterable[tuple[str, str, float]]
) -> list[Segment]:
    """Edges of a node and edge table."""
    return [
        ((a,), (b,), LineString([nodes[a], nodes[b]]), length_m, (a, b, length_m))
        for a, b, length_m in sorted(edges)
        if a != b
    ]


def crossings(home: Point, school: Point, lines: Iterable[BaseGeometry]) -> int:
    """Times the straight way crosses the lines; one line within 60 m counts once."""
    way = LineString([home, school])
    count = 0
    for line in lines:
        met = way.intersection(line)
        along = sorted(home.distance(Point(xy)) for xy in shapely.get_coordinates(met))
        count += sum(k == 0 or along[k] - along[k - 1] > ONE_CROSSING_M for k in range(len(along)))
    return count


def _graph(
    segments: Sequence[Segment], places: Mapping[Key, Point]
) -> tuple[nx.Graph[Key], dict[Key, float]]:
    """The segments with every place set into the one it is nearest to; and each place's leg."""
    tree = shapely.STRtree([segment[2] for segment in segments])
    on: dict[int, list[tuple[float, Key]]] = defaultdict(list)
    legs: dict[Key, float] = {}
    for place, point in places.items():
        k = _nearest(tree, segments, point)
        line = segments[k][2]
        legs[place] = line.distance(point)
        share = line.project(point) / line.length if line.length else 0.0
        on[k].append((share, place))
    graph: nx.Graph[Key] = nx.Graph()
    for k, (a, b, _, length_m, _) in enumerate(segments):
        stops = [(0.0, a), *sorted(on.get(k, []), key=lambda stop: stop[0]), (1.0, b)]
        for (start, v), (end, w) in pairwise(stops):
            _add(graph, v, w, (end - start) * length_m)
    return graph, legs


def _nearest(tree: shapely.STRtree, segments: Sequence[Segment], point: Point) -> int:
    least = float(segments[int(tree.nearest(point))][2].distance(point))
    near = tree.query(point, predicate="dwithin", distance=least + TIE_M)
    nearest: int = min(near.tolist(), key=lambda k: segments[k][4])
    return nearest


def _add(graph: nx.Graph[Key], v: Key, w: Key, length_m: float) -> None:
    if not graph.has_edge(v, w) or graph.edges[v, w]["length_m"] > length_m:
        graph.add_edge(v, w, length_m=length_m)


def _spots(ends: Sequence[Coordinate]) -> dict[Coordinate, int]:
    """Number of the spot of each coordinate; those within a millimetre are one spot."""
    unique = sorted(set(ends))
    near: nx.Graph[int] = nx.Graph()
    near.add_nodes_from(range(len(unique)))
    near.add_edges_from(cKDTree(np.array(unique)).query_pairs(NODE_M))
    return {
        unique[k]: number for number, spot in enumerate(nx.connected_components(near)) for k in spot
    }


def _joined(lines: list[list[Coordinate]]) -> list[list[Coordinate]]:
    """Lines led through the ends of others that lie on them or nearly so."""
    ends = sorted({line[k] for line in lines for k in (0, -1)})
    tree = shapely.STRtree([Point(end) for end in ends])
    joined = []
    for line in lines:
        shape = LineString(line)
        near = tree.query(shape, predicate="dwithin", distance=JOIN_M)
        new = [ends[k] for k in sorted(near.tolist()) if ends[k] not in line]
        joined.append(_through(line, shape, new) if new else line)
    return joined


def _through(line: list[Coordinate], shape: LineString, new: list[Coordinate]) -> list[Coordinate]:
    steps = [0.0]
    for a, b in pairwise(line):
        steps.append(steps[-1] + math.dist(a, b))
    stops = list(zip(steps, line, strict=True))
    inner = []
    for end in new:
        at = shape.project(Point(end))
        if NODE_M < at < steps[-1] - NODE_M:
            inner.append((at, end))
        else:
            which = 0 if at <= NODE_M else -1
            stops[which] = (stops[which][0], min(stops[which][1], end))
    return [xy for _, xy in sorted([*stops, *inner], key=lambda stop: stop[0])]


def _crossing_points(pieces: list[LineString]) -> dict[int, list[tuple[float, float]]]:
    tree = shapely.STRtree(pieces)
    a, b = tree.query(pieces, predicate="intersects")
    a, b = a[a < b], b[a < b]
    shapes = np.asarray(pieces, dtype=object)
    met, which = shapely.get_coordinates(
        shapely.intersection(shapes[a], shapes[b]), return_index=True
    )
    cuts: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for (x, y), k in zip(met.tolist(), which.tolist(), strict=True):
        cuts[int(a[k])].append((x, y))
        cuts[int(b[k])].append((x, y))
    return cuts


def _cut(
    piece: LineString, spots: list[tuple[float, float]]
) -> list[tuple[Coordinate, Coordinate]]:
    """A straight piece cut at spots that lie on it."""
    start, end = piece.coords[0], piece.coords[-1]
    inner = sorted(
        (math.dist(start, spot), spot)
        for spot in {*spots}
        if math.dist(start, spot) > NODE_M and math.dist(end, spot) > NODE_M
    )
    stops = [start, *(spot for _, spot in inner), end]
    return list(pairwise(stops))
