"""Points: where each compound, school, site or seat is taken to stand."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

_SAME_SPOT_M = 1e-3


def own_points(geometry: gpd.GeoSeries) -> gpd.GeoSeries:
    """The point itself, or a point surely inside of a polygon; index kept."""
    shapes = geometry.to_numpy()
    inside = shapely.point_on_surface(shapes)
    is_point = shapely.get_type_id(shapes) == 0
    return gpd.GeoSeries(np.where(is_point, shapes, inside), index=geometry.index, crs=geometry.crs)


def present(geometry: gpd.GeoSeries) -> np.ndarray:
    """Whether each geometry is there and not empty."""
    shapes = geometry.to_numpy()
    return np.asarray(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))


def coordinates(points: gpd.GeoSeries) -> np.ndarray:
    """Array n × 2 of metres."""
    return shapely.get_coordinates(points.to_numpy())


def spots(points: gpd.GeoSeries) -> list[list[str]]:
    """Ids by spot: those at the same coordinates (to a millimetre) together, sorted."""
    keys = np.round(coordinates(points) / _SAME_SPOT_M).astype(np.int64)
    groups: dict[tuple[int, int], list[str]] = {}
    for key, x, y in sorted(zip(points.index, *keys.T.tolist(), strict=True)):
        groups.setdefault((x, y), []).append(key)
    return list(groups.values())


def containing(points: Sequence[BaseGeometry], polygons: gpd.GeoSeries) -> list[str | None]:
    """For each point the polygon that holds it (the smallest id of several), or None."""
    tree = shapely.STRtree(polygons.to_numpy())
    which, held = tree.query(np.asarray(points, dtype=object), predicate="intersects")
    ids = polygons.index.to_numpy()
    found: list[str | None] = [None] * len(points)
    for point, polygon in zip(which.tolist(), held.tolist(), strict=True):
        key = str(ids[polygon])
        best = found[point]
        found[point] = key if best is None else min(best, key)
    return found


def nearest(points: Sequence[BaseGeometry], shapes: gpd.GeoSeries) -> list[str]:
    """For each point the id of the nearest shape (the smallest id of equally near ones)."""
    ids = shapes.index.to_numpy()
    targets = shapes.to_numpy()
    found = []
    for point in points:
        away = np.round(shapely.distance(point, targets), 6)
        found.append(str(min(ids[away == np.nanmin(away)])))
    return found
