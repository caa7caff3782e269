"""Geometry on its way to the page: from the projected CRS to rounded WGS 84, each shape once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.affinity import scale
from shapely.geometry import GeometryCollection, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from planner.maps.shape_text import DECIMALS, encode

SNAP_M = 0.01
SLIVER_M2 = 1.0
OBSTACLE_M = 40.0
NAME_HEIGHT_TO_WIDTH = 0.4


class GeometryPool:
    """Shapes of one page; equal shapes are kept once and known by their position."""

    def __init__(self, crs: str) -> None:
        self._project = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
        self._positions: dict[str, int] = {}

    def of(self, crs: str) -> GeometryPool:
        """A pool for geometry in another CRS whose shapes lie among those of this one."""
        other = GeometryPool(crs)
        other._positions = self._positions
        return other

    def add(self, geometry: BaseGeometry) -> int:
        """Keep a geometry given in the projected CRS; return its position in the pool."""
        text = encode(shapely.transform(geometry, self._to_wgs84))
        return self._positions.setdefault(text, len(self._positions))

    def point(self, geometry: BaseGeometry) -> tuple[float, float]:
        """Latitude and longitude of a point given in the projected CRS."""
        lon, lat = self._project.transform(geometry.x, geometry.y)  # type: ignore[attr-defined]
        return round(lat, DECIMALS), round(lon, DECIMALS)

    def bounds(self, geometry: BaseGeometry) -> list[list[float]]:
        """South-west and north-east corner, each as latitude and longitude."""
        west, south, east, north = shapely.transform(geometry, self._to_wgs84).bounds
        corners = [[south, west], [north, east]]
        return [[round(value, DECIMALS) for value in corner] for corner in corners]

    def shapes(self) -> list[str]:
        """All shapes as `encode` writes them, in order of their positions."""
        return list(self._positions)

    def _to_wgs84(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(self._project.transform(xy[:, 0], xy[:, 1]))


def union(cells: Iterable[BaseGeometry]) -> BaseGeometry:
    """One shape from cells: seams closed to the centimetre, holes below a square metre filled."""
    merged = shapely.union_all(list(cells), grid_size=SNAP_M)
    parts = [_without_slivers(part) for part in polygons(merged)]
    if not parts:
        return merged
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def outline(areas: Iterable[BaseGeometry]) -> BaseGeometry:
    """The lines around areas, a border of two neighbours once: dashes would fill each other."""
    edges = shapely.union_all([area.boundary for area in areas], grid_size=SNAP_M)
    return shapely.line_merge(edges)


def polygons(geometry: BaseGeometry) -> list[Polygon]:
    """The polygons a geometry is made of."""
    if isinstance(geometry, Polygon):
        return [] if geometry.is_empty else [geometry]
    if isinstance(geometry, MultiPolygon | GeometryCollection):
        return [polygon for part in geometry.geoms for polygon in polygons(part)]
    return []


def inner_point(geometry: BaseGeometry) -> Point:
    """The middle of the largest circle inside: where a symbol stands best."""
    parts = polygons(geometry)
    if not parts:
        return geometry.representative_point()
    largest = max(parts, key=lambda part: part.area)
    circle = shapely.maximum_inscribed_circle(largest, tolerance=max(1.0, largest.length / 500))
    return Point(circle.coords[0])


def label_point(geometry: BaseGeometry, obstacles: Iterable[BaseGeometry]) -> Point:
    """Where a name stands best: the middle of the widest room free of obstacles (points)."""
    spots = np.array(list(obstacles), dtype=object)
    near = spots[shapely.dwithin(geometry, spots, OBSTACLE_M)] if len(spots) else spots
    free = geometry.difference(shapely.union_all(shapely.buffer(near, OBSTACLE_M)))
    # Names are wider than high: look for room in a picture squeezed from the sides.
    squeezed = scale(free, NAME_HEIGHT_TO_WIDTH, 1, origin=(0, 0))
    return scale(inner_point(squeezed), 1 / NAME_HEIGHT_TO_WIDTH, 1, origin=(0, 0))


def _without_slivers(polygon: Polygon) -> Polygon:
    holes = [hole for hole in polygon.interiors if Polygon(hole).area > SLIVER_M2]
    return Polygon(polygon.exterior, holes)
