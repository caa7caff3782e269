"""The walking network: nodes and edges, from street lines or from tables."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

_JOIN_M = 0.5
"""An end of a street this close to another street is joined to it."""
_SAME_NODE_M = 1e-3


@dataclass(frozen=True)
class Network:
    """An undirected network in a fixed order, whatever the order of the input."""

    lines: np.ndarray
    """Geometry of each edge, from `tail` to `head`."""
    tail: np.ndarray
    head: np.ndarray
    length_m: np.ndarray
    nodes: int


def network_of_streets(streets: gpd.GeoSeries) -> Network:
    """Street lines, joined where they share a vertex, cross, or end at another."""
    lines = shapely.get_parts(shapely.union_all(_joined(shapely.get_parts(streets.to_numpy()))))
    lines = lines[shapely.get_type_id(lines) == 1]
    ends = np.stack([_ends(lines, 0), _ends(lines, -1)], axis=1)
    backwards = (ends[:, 0, 0] > ends[:, 1, 0]) | (
        (ends[:, 0, 0] == ends[:, 1, 0]) & (ends[:, 0, 1] > ends[:, 1, 1])
    )
    lines = np.where(backwards, shapely.reverse(lines), lines)
    ends[backwards] = ends[backwards][:, ::-1]
    length_m = shapely.length(lines)
    order = np.lexsort((length_m, *ends.reshape(-1, 4).T[::-1]))
    lines, ends, length_m = lines[order], ends[order], length_m[order]
    keys = np.round(ends.reshape(-1, 2) / _SAME_NODE_M).astype(np.int64)
    spots, node = np.unique(keys, axis=0, return_inverse=True)
    tail, head = node.reshape(-1, 2).T
    kept = (tail != head) | (length_m > _SAME_NODE_M)
    return Network(lines[kept], tail[kept], head[kept], length_m[kept], len(spots))


def network_of_tables(nodes: gpd.GeoDataFrame, edges: pd.DataFrame) -> Network:
    """Tables of nodes (`node_id`, geometry) and edges (`from_node`, `to_node`, `length_m`)."""
    nodes = nodes.sort_values("node_id", kind="stable")
    position = {key: i for i, key in enumerate(nodes["node_id"])}
    edges = edges.sort_values(["from_node", "to_node", "length_m"], kind="stable")
    tail = edges["from_node"].map(position).to_numpy(dtype=np.int64)
    head = edges["to_node"].map(position).to_numpy(dtype=np.int64)
    loose = tail == head
    tail, head = tail[~loose], head[~loose]
    xy = shapely.get_coordinates(nodes.geometry.to_numpy())
    lines = np.atleast_1d(np.asarray(shapely.linestrings(np.stack([xy[tail], xy[head]], axis=1))))
    return Network(lines, tail, head, edges["length_m"].to_numpy()[~loose], len(nodes))


def _joined(lines: np.ndarray) -> np.ndarray:
    """The lines, with a vertex wherever another line ends on them or nearly so."""
    ends = np.unique(np.concatenate([_ends(lines, 0), _ends(lines, -1)]), axis=0)
    points = np.asarray(shapely.points(ends))
    which, near = shapely.STRtree(points).query(lines, predicate="dwithin", distance=_JOIN_M)
    order = np.lexsort((near, which))
    which, near = which[order], near[order]
    result = lines.copy()
    for line in np.unique(which).tolist():
        result[line] = _with_vertices(lines[line], ends[near[which == line]])
    return result


def _with_vertices(line: shapely.LineString, ends: np.ndarray) -> shapely.LineString:
    """The line led through those ends that are not its own vertices already."""
    own = shapely.get_coordinates(line)
    new = np.array([xy for xy in ends if not (own == xy).all(axis=1).any()]).reshape(-1, 2)
    if not len(new):
        return line
    at = np.asarray(shapely.line_locate_point(line, shapely.points(new)))
    steps = np.r_[0.0, np.cumsum(np.hypot(*np.diff(own, axis=0).T))]
    inner = (at > _SAME_NODE_M) & (at < steps[-1] - _SAME_NODE_M)
    moved = own.copy()
    # An end that lies beyond one of the line's ends takes that end to itself.
    for xy, position in zip(new[~inner], at[~inner], strict=True):
        moved[0 if position <= _SAME_NODE_M else -1] = min(
            tuple(moved[0 if position <= _SAME_NODE_M else -1]), tuple(xy)
        )
    order = np.argsort(np.r_[steps, at[inner]], kind="stable")
    return shapely.LineString(np.r_[moved, new[inner]][order])


def _ends(lines: np.ndarray, which: int) -> np.ndarray:
    return shapely.get_coordinates(shapely.get_point(lines, which))
