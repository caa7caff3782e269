"""Crossings: trunk roads and railways on the straight line from home to school."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from planner.territory.points import coordinates

_ONE_CROSSING_M = 60.0
"""Crossings of one line within this distance count once: the two carriageways of a road."""


def lines_to_cross(
    streets: gpd.GeoDataFrame, barriers: gpd.GeoDataFrame, *, trunk_classes: Sequence[str]
) -> dict[str, BaseGeometry]:
    """Trunk roads and railways by name; lines of one name belong together."""
    trunk = streets.loc[streets["class"].isin(list(trunk_classes))]
    rail = barriers.loc[barriers["kind"] == "railway"]
    lines: dict[str, BaseGeometry] = {}
    for kind, frame in (("trunk", trunk), ("railway", rail)):
        names = frame["name"].fillna("").astype(str)
        for name in sorted(names.unique()):
            lines[f"{kind} {name}"] = shapely.union_all(frame.geometry[names == name].to_numpy())
    return lines


def crossings(
    origins: gpd.GeoSeries, targets: gpd.GeoSeries, lines: Mapping[str, BaseGeometry]
) -> pd.DataFrame:
    """Number of crossings, origins × targets."""
    a, b = coordinates(origins), coordinates(targets)
    total = np.zeros((len(a), len(b)), dtype=np.int64)
    for name in sorted(lines):
        parts = shapely.get_parts(lines[name])
        tree = shapely.STRtree(parts)
        for column in range(len(b)):
            ends = np.stack([a, np.broadcast_to(b[column], a.shape)], axis=1)
            total[:, column] += _count(np.asarray(shapely.linestrings(ends)), a, tree, parts)
    return pd.DataFrame(total, index=origins.index, columns=targets.index)


def _count(
    ways: np.ndarray, starts: np.ndarray, tree: shapely.STRtree, parts: np.ndarray
) -> np.ndarray:
    """Crossings of each way with one line."""
    count = np.zeros(len(ways), dtype=np.int64)
    which, part = tree.query(ways, predicate="intersects")
    if not len(which):
        return count
    spots, spot = shapely.get_coordinates(
        shapely.intersection(ways[which], parts[part]), return_index=True
    )
    way = which[spot]
    along = np.hypot(*(spots - starts[way]).T)
    order = np.lexsort((along, way))
    way, along = way[order], along[order]
    new = np.r_[True, (np.diff(way) != 0) | (np.diff(along) > _ONE_CROSSING_M)]
    np.add.at(count, way[new], 1)
    return count
