"""Cells: the piece of the study area that each compound stands for."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from scipy.spatial import Voronoi
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from planner.territory.points import own_points, spots

_TILING_TOLERANCE = 0.01
_OUTLINE_STEP_M = 20.0
_OUTLINE_INSET_M = 0.5
_GRID_M = 1e-4
"""Voronoi parts are joined on this grid: without one, slivers between them break the union."""
_FAR = np.array([[-1.0, -1.1], [1.1, -1.0], [1.0, 1.1], [-1.1, 1.0]])
_POLYGONAL = (3, 6)


def cells_of(geometry: gpd.GeoSeries, study_area: BaseGeometry) -> gpd.GeoSeries:
    """The cell of each compound, index kept; compounds at one spot hold the same cell.

    Polygons that tile the study area (to 1 %) are their own cells; else Voronoi cells of the
    points, or of the polygons' outlines, within the study area. A compound far outside the study
    area may have an empty cell.
    """
    if tiles(geometry, study_area):
        return geometry.copy()
    points = own_points(geometry)
    groups = spots(points)
    shapes = geometry.to_numpy()
    position = {key: i for i, key in enumerate(geometry.index)}
    seeds = [_seeds(shapes[position[group[0]]]) for group in groups]
    owner = np.repeat(np.arange(len(groups)), [len(seed) for seed in seeds])
    cells = _voronoi(np.concatenate(seeds), owner, len(groups), study_area)
    result = np.empty(len(geometry), dtype=object)
    for group, cell in zip(groups, cells, strict=True):
        for key in group:
            result[position[key]] = cell
    return gpd.GeoSeries(result, index=geometry.index, crs=geometry.crs)


def tiles(geometry: gpd.GeoSeries, study_area: BaseGeometry) -> bool:
    """Whether the geometries are polygons that cover the study area once, to 1 %."""
    shapes = geometry.to_numpy()
    if not np.isin(shapely.get_type_id(shapes), _POLYGONAL).all():
        return False
    union = shapely.union_all(shapes)
    slack = _TILING_TOLERANCE * study_area.area
    overlap = float(shapely.area(shapes).sum()) - union.area
    return overlap <= slack and union.symmetric_difference(study_area).area <= slack


def _seeds(shape: BaseGeometry) -> np.ndarray:
    """Points that stand for a shape: itself, or its densified outline, a little inset."""
    if shapely.get_type_id(shape) not in _POLYGONAL:
        return shapely.get_coordinates(shapely.point_on_surface(shape))
    inset = shape.buffer(-_OUTLINE_INSET_M)
    outline = shapely.segmentize((shape if inset.is_empty else inset).boundary, _OUTLINE_STEP_M)
    return np.unique(np.round(shapely.get_coordinates(outline), 6), axis=0)


def _voronoi(
    seeds: np.ndarray, owner: np.ndarray, count: int, study_area: BaseGeometry
) -> list[BaseGeometry]:
    """The Voronoi cell of each owner's seeds within the study area; empty without seeds."""
    # Seeds on a millimetre grid: nearer ones count as one, and the first owner keeps it.
    unique, first = np.unique(np.round(seeds, 3), axis=0, return_index=True)
    owner = owner[first]
    if len(unique) == 1:
        return [study_area if group == owner[0] else Polygon() for group in range(count)]
    # Coordinates from the middle keep the precision; four far points close all regions.
    middle = unique.mean(axis=0)
    corners = np.array(study_area.bounds).reshape(2, 2) - middle
    reach_m = 20 * max(np.abs(corners).max(), np.abs(unique - middle).max())
    diagram = Voronoi(np.concatenate([unique - middle, reach_m * _FAR]))
    regions = [diagram.regions[diagram.point_region[k]] for k in range(len(unique))]
    parts = np.array([Polygon(diagram.vertices[region] + middle) for region in regions])
    whole = [shapely.union_all(parts[owner == group], grid_size=_GRID_M) for group in range(count)]
    return list(shapely.intersection(np.asarray(whole, dtype=object), study_area))
