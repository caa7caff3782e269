"""Borders: which compounds are neighbours, how long their border is, and what it follows."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from planner.territory.points import own_points, spots

_SNAP_M = 0.1
"""Cells whose outlines miss each other by less are taken to touch."""
_LEAST_BORDER_M = 0.5
_CUT_M = 0.05
_WITHIN_M = 1.0
_FOLLOWS_M = 25.0
_POLYGONAL = (3, 6)


@dataclass(frozen=True)
class _Pairs:
    """Pairs of touching cells: positions, cells fitted to each other, their common border."""

    a: np.ndarray
    b: np.ndarray
    union: np.ndarray
    border: np.ndarray


def borders_of(
    compounds: gpd.GeoSeries,
    cells: gpd.GeoSeries,
    *,
    barriers: gpd.GeoSeries,
    streets: gpd.GeoSeries,
    followed: gpd.GeoSeries,
) -> pd.DataFrame:
    """The contiguity graph: one row per pair a < b with `border_m` and `followed_m`.

    Twins are neighbours with a border of 0 m. Cells with a common border of more than 0.5 m are
    neighbours, unless a barrier parts the two compounds and no street crosses it within the two
    cells. `followed` are the lines that a good boundary runs along.
    """
    order = sorted(compounds.index)
    shapes, cells = compounds.loc[order], cells.loc[order]
    points = own_points(shapes)
    twins = [(a, b) for group in spots(points) for a in group for b in group if a < b]
    pairs = _touching(cells.to_numpy(), {(order.index(a), order.index(b)) for a, b in twins})
    keep = _passable(pairs, points.to_numpy(), barriers, streets)
    pairs = _Pairs(pairs.a[keep], pairs.b[keep], pairs.union[keep], pairs.border[keep])
    ids = np.asarray(order, dtype=object)
    table = pd.DataFrame({
        "a": ids[pairs.a],
        "b": ids[pairs.b],
        "border_m": shapely.length(pairs.border),
        "followed_m": _followed_m(pairs, shapes.to_numpy(), points.to_numpy(), followed),
    })  # fmt: skip
    same = pd.DataFrame(twins, columns=["a", "b"]).assign(border_m=0.0, followed_m=0.0)
    table = pd.concat([table, same], ignore_index=True) if len(same) else table
    return table.sort_values(["a", "b"], kind="stable").reset_index(drop=True)


def _touching(cells: np.ndarray, twins: set[tuple[int, int]]) -> _Pairs:
    tree = shapely.STRtree(cells)
    a, b = tree.query(cells, predicate="dwithin", distance=_SNAP_M)
    distinct = [i < j and (i, j) not in twins for i, j in zip(a.tolist(), b.tolist(), strict=True)]
    order = np.lexsort((b[distinct], a[distinct]))
    a, b = a[distinct][order], b[distinct][order]
    # Fitted to each other, both outlines have the same vertices along the common border.
    first = shapely.snap(cells[a], cells[b], _SNAP_M)
    second = shapely.snap(cells[b], first, _SNAP_M)
    first, second = shapely.make_valid(first), shapely.make_valid(second)
    border = shapely.intersection(shapely.boundary(first), second)
    keep = shapely.length(border) > _LEAST_BORDER_M
    union = shapely.union(first[keep], second[keep])
    return _Pairs(a[keep], b[keep], union, border[keep])


def _passable(
    pairs: _Pairs, points: np.ndarray, barriers: gpd.GeoSeries, streets: gpd.GeoSeries
) -> np.ndarray:
    """Whether each pair is joined on its own side of the barriers, or by a street across them."""
    keep = np.ones(len(pairs.a), dtype=bool)
    if barriers.empty or not len(keep):
        return keep
    cut = shapely.union_all(barriers.to_numpy())
    crossings = street_crossings(barriers, streets)
    tree = shapely.STRtree(crossings)
    for k in np.flatnonzero(shapely.intersects(pairs.union, cut)).tolist():
        ends = points[[pairs.a[k], pairs.b[k]]]
        if _parted(pairs.union[k], cut, ends):
            near = tree.query(pairs.union[k], predicate="dwithin", distance=_WITHIN_M)
            keep[k] = len(near) > 0
    return keep


def _parted(union: BaseGeometry, cut: BaseGeometry, ends: np.ndarray) -> bool:
    near = shapely.clip_by_rect(cut, *union.buffer(1.0).bounds)
    pieces = shapely.get_parts(union.difference(near.buffer(_CUT_M)))
    if len(pieces) < 2:
        return False
    first, second = (int(np.argmin(shapely.distance(end, pieces))) for end in ends)
    return first != second


def street_crossings(barriers: gpd.GeoSeries, streets: gpd.GeoSeries) -> np.ndarray:
    """Points at which a street runs from one side of a barrier to the other."""
    if streets.empty or barriers.empty:
        return np.empty(0, dtype=object)
    roads = shapely.union_all(streets.to_numpy())
    found = []
    for barrier in shapely.get_parts(shapely.line_merge(shapely.union_all(barriers.to_numpy()))):
        for spot in shapely.get_parts(shapely.intersection(roads, barrier)):
            disc = shapely.centroid(spot).buffer(_WITHIN_M)
            sides = shapely.get_parts(disc.difference(barrier.buffer(_CUT_M)))
            there = shapely.length(shapely.intersection(sides, roads))
            if shapely.get_type_id(spot) == 0 and (there > _WITHIN_M / 2).sum() > 1:
                found.append(spot)
    return np.asarray(found, dtype=object)


def _followed_m(
    pairs: _Pairs, shapes: np.ndarray, points: np.ndarray, followed: gpd.GeoSeries
) -> np.ndarray:
    """Length of each border along the followed lines (all or nothing between points)."""
    if followed.empty or not len(pairs.a):
        return np.zeros(len(pairs.a))
    lines = shapely.union_all(followed.to_numpy())
    along = shapely.length(shapely.intersection(pairs.border, lines.buffer(_FOLLOWS_M)))
    ends = np.stack([_xy(points[pairs.a]), _xy(points[pairs.b])], axis=1)
    crossed = shapely.intersects(shapely.linestrings(ends), lines)
    polygon = np.isin(shapely.get_type_id(shapes), _POLYGONAL)
    drawn = polygon[pairs.a] & polygon[pairs.b]
    return np.where(drawn, along, np.where(crossed, shapely.length(pairs.border), 0.0))


def _xy(points: np.ndarray) -> np.ndarray:
    return shapely.get_coordinates(points)
