"""The ground of grids: whole cells, and of divided ones the part nearest to a grid's buildings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import MultiPoint, Point
from shapely.geometry.base import BaseGeometry

from planner.maps.geometry import union
from planner.plan.plan import Plan
from planner.territory.territory import Territory

FOOTPRINT_M = 15.0
APART_M = 0.5


def grid_shapes(territory: Territory, plan: Plan) -> dict[str, BaseGeometry]:
    """Ground of every grid of the plan, in the territory's CRS.

    A cell whose buildings all belong to one grid is that grid's as a whole. Any other cell is
    divided so that every spot falls to the nearest building; where buildings have no position,
    they are laid out along the cell's longer side in the order of their ids.
    """
    grid_of = {
        (part.compound, building): grid.id
        for grid in plan.grids
        for part in grid.parts
        for building in part.buildings
    }
    ground: dict[str, list[BaseGeometry]] = {grid.id: [] for grid in plan.grids}
    for cell, buildings in _buildings_of_cells(territory, grid_of):
        for grid, piece in _pieces(territory, cell, buildings, grid_of):
            ground[grid].append(piece)
    return {grid: union(pieces) for grid, pieces in ground.items() if pieces}


def _buildings_of_cells(
    territory: Territory, grid_of: dict[tuple[str, str], str]
) -> list[tuple[BaseGeometry, list[tuple[str, str]]]]:
    """Distinct cells with their (compound, building) pairs; twin compounds share one cell."""
    buildings: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for compound, building in sorted(grid_of):
        buildings[compound].append((compound, building))
    cells: dict[bytes, tuple[BaseGeometry, list[tuple[str, str]]]] = {}
    for compound in sorted(buildings):
        cell = territory.cells[compound]
        cells.setdefault(cell.wkb, (cell, []))[1].extend(buildings[compound])
    return list(cells.values())


def _pieces(
    territory: Territory,
    cell: BaseGeometry,
    buildings: list[tuple[str, str]],
    grid_of: dict[tuple[str, str], str],
) -> list[tuple[str, BaseGeometry]]:
    grids = [grid_of[building] for building in buildings]
    if len(set(grids)) == 1:
        return [(grids[0], cell)]
    points = _apart(_positions(territory, cell, [building for _, building in buildings]))
    regions = shapely.voronoi_polygons(MultiPoint(points), extend_to=cell, ordered=True).geoms
    pieces = []
    for grid, point, region in zip(grids, points, regions, strict=True):
        piece = region.intersection(cell)
        pieces.append((grid, piece if piece.area > 1 else point.buffer(FOOTPRINT_M)))
    return pieces


def _positions(territory: Territory, cell: BaseGeometry, ids: Sequence[str]) -> list[Point]:
    table = territory.buildings
    if isinstance(table, gpd.GeoDataFrame):
        found = table.geometry.reindex(list(ids))
        if not found.isna().any() and not found.is_empty.any():
            return [shape.centroid for shape in found]
    return _along(cell, len(ids))


def _along(cell: BaseGeometry, count: int) -> list[Point]:
    """Evenly spaced spots along the longer middle line of the cell."""
    corners = shapely.get_coordinates(shapely.oriented_envelope(cell))[:4]
    a, b, c, d = corners
    if np.hypot(*(b - a)) >= np.hypot(*(c - b)):
        start, end = (a + d) / 2, (b + c) / 2
    else:
        start, end = (a + b) / 2, (c + d) / 2
    return [Point(start + (end - start) * (k + 0.5) / count) for k in range(count)]


def _apart(points: list[Point]) -> list[Point]:
    """The same points, those at one spot moved apart by half a metre each."""
    seen: dict[tuple[float, float], int] = defaultdict(int)
    moved = []
    for point in points:
        spot = (round(point.x, 2), round(point.y, 2))
        moved.append(Point(point.x + APART_M * seen[spot], point.y + APART_M / 3 * seen[spot]))
        seen[spot] += 1
    return moved
