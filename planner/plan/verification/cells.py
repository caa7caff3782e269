"""Own cells and their common borders, by Delaunay's dual: each ridge is a piece of border."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import Voronoi
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

TILES = 0.01
"""Polygons that cover the study area once, to this share, are their own cells."""
TOUCH_M = 0.1
"""Outlines within this distance are one border."""
LEAST_BORDER_M = 0.5
SAME_SPOT_M = 1e-3
OUTLINE_STEP_M = 20.0
OUTLINE_INSET_M = 0.5

Pair = tuple[str, str]


@dataclass(frozen=True)
class Cells:
    """Cell of each compound, and the common border of each pair (a < b) of touching cells."""

    shapes: dict[str, BaseGeometry]
    borders: dict[Pair, BaseGeometry]
    twins: tuple[Pair, ...]
    """Pairs of compounds at one spot, which share a cell."""


def cells_of(shapes: Mapping[str, BaseGeometry], area: BaseGeometry) -> Cells:
    """Cells of the compounds within the study area; shapes are points or polygons, in metres."""
    groups = _spots(shapes)
    twins = tuple((a, b) for group in groups for a in group for b in group if a < b)
    if _tile(list(shapes.values()), area):
        borders = _outline_borders(shapes, frozenset(twins))
        return Cells(dict(shapes), borders, twins)
    cells, ridges = _dual([_seeds(shapes[group[0]]) for group in groups], area)
    own = {key: cell for group, cell in zip(groups, cells, strict=True) for key in group}
    borders = {
        (min(a, b), max(a, b)): border
        for (i, j), border in ridges.items()
        for a in groups[i]
        for b in groups[j]
    }
    return Cells(own, borders, twins)


def own_point(shape: BaseGeometry) -> shapely.Point:
    """The point itself, or one inside the polygon."""
    return shape if isinstance(shape, shapely.Point) else shape.representative_point()


def nearest_key(point: BaseGeometry, shapes: Mapping[str, BaseGeometry]) -> str:
    """The shape that holds a point, or the nearest; the smallest id of equally near ones."""
    away = {key: shape.distance(point) for key, shape in shapes.items() if not shape.is_empty}
    least = min(away.values())
    return min(key for key, distance in away.items() if distance <= least + 1e-6)


def _spots(shapes: Mapping[str, BaseGeometry]) -> list[list[str]]:
    groups: dict[tuple[int, int], list[str]] = defaultdict(list)
    for key in sorted(shapes):
        point = own_point(shapes[key])
        groups[round(point.x / SAME_SPOT_M), round(point.y / SAME_SPOT_M)].append(key)
    return list(groups.values())


def _tile(shapes: Sequence[BaseGeometry], area: BaseGeometry) -> bool:
    if not all(shape.geom_type in ("Polygon", "MultiPolygon") for shape in shapes):
        return False
    whole = shapely.union_all(list(shapes))
    slack = TILES * area.area
    overlap = sum(shape.area for shape in shapes) - whole.area
    outside = whole.difference(area).area + area.difference(whole).area
    return bool(overlap <= slack and outside <= slack)


def _outline_borders(
    shapes: Mapping[str, BaseGeometry], twins: frozenset[Pair]
) -> dict[Pair, BaseGeometry]:
    keys = sorted(shapes)
    tree = shapely.STRtree([shapes[key] for key in keys])
    borders: dict[Pair, BaseGeometry] = {}
    for i, a in enumerate(keys):
        for j in sorted(tree.query(shapes[a], predicate="dwithin", distance=TOUCH_M).tolist()):
            b = keys[j]
            if i >= j or (a, b) in twins:
                continue
            border = _trimmed(shapes[a].boundary.intersection(shapes[b].buffer(TOUCH_M)))
            if border.length > LEAST_BORDER_M:
                borders[a, b] = border
    return borders


def _trimmed(line: BaseGeometry) -> BaseGeometry:
    """The line without the reach of the buffer beyond both ends of each part."""
    parts = shapely.get_parts(shapely.line_merge(line))
    kept = [
        part if part.is_ring else substring(part, TOUCH_M, part.length - TOUCH_M)
        for part in parts
        if part.length > 2 * TOUCH_M
    ]
    return shapely.union_all([part for part in kept if isinstance(part, LineString)])


def _seeds(shape: BaseGeometry) -> npt.NDArray[np.float64]:
    """The point, or points along a polygon's outline, a little inset."""
    if shape.geom_type not in ("Polygon", "MultiPolygon"):
        point = own_point(shape)
        return np.array([[point.x, point.y]])
    inner = shape.buffer(-OUTLINE_INSET_M)
    outline = (shape if inner.is_empty else inner).boundary
    xy = shapely.get_coordinates(shapely.segmentize(outline, OUTLINE_STEP_M))
    return np.unique(np.round(xy, 6), axis=0)


def _dual(
    seeds: Sequence[npt.NDArray[np.float64]], area: BaseGeometry
) -> tuple[list[BaseGeometry], dict[tuple[int, int], BaseGeometry]]:
    """Cells by group, and border by pair of groups, from the Voronoi diagram of all seeds."""
    owner = np.repeat(np.arange(len(seeds)), [len(group) for group in seeds])
    points, first = np.unique(np.concatenate(seeds), axis=0, return_index=True)
    owner = owner[first]
    if len(points) == 1:
        return [area], {}
    middle = points.mean(axis=0)
    bounds = np.array(area.bounds).reshape(2, 2) - middle
    reach = 10 * max(np.abs(bounds).max(), np.abs(points - middle).max())
    # Four far points close the outer regions; their own ridges run far outside the area.
    far = reach * np.array([[-1.0, -1.1], [1.1, -1.0], [1.0, 1.1], [-1.1, 1.0]])
    diagram = Voronoi(np.vstack([points - middle, far]))
    vertices = diagram.vertices + middle
    pieces: list[list[BaseGeometry]] = [[] for _ in seeds]
    for k, group in enumerate(owner.tolist()):
        region = diagram.regions[diagram.point_region[k]]
        pieces[group].append(Polygon(vertices[region]))
    cells = [shapely.union_all(group).intersection(area) for group in pieces]
    return cells, _ridges(diagram, vertices, owner, area)


def _ridges(
    diagram: Voronoi,
    vertices: npt.NDArray[np.float64],
    owner: npt.NDArray[np.int64],
    area: BaseGeometry,
) -> dict[tuple[int, int], BaseGeometry]:
    found: dict[tuple[int, int], list[BaseGeometry]] = defaultdict(list)
    for (p, q), ends in zip(diagram.ridge_points.tolist(), diagram.ridge_vertices, strict=True):
        if max(p, q) >= len(owner) or owner[p] == owner[q]:
            continue
        pair = (int(min(owner[p], owner[q])), int(max(owner[p], owner[q])))
        found[pair].append(LineString(vertices[ends]))
    borders = {}
    for pair in sorted(found):
        border = shapely.union_all(found[pair]).intersection(area)
        if border.length > LEAST_BORDER_M:
            borders[pair] = border
    return borders
