"""Walking distances between places over a network, or straight lines without one."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from planner.territory.network import Network
from planner.territory.points import coordinates

_SAME_SPOT_M = 1e-6


@dataclass(frozen=True)
class Access:
    """The network with places joined to it."""

    leg_m: pd.Series
    """Straight way from each place to the nearest street, by id."""
    node: pd.Series
    """The place's node in `graph`, by id."""
    graph: csr_array
    """Edge lengths in metres, nodes × nodes."""
    component: np.ndarray
    """Number of the connected component of each node."""


def straight_m(origins: gpd.GeoSeries, targets: gpd.GeoSeries) -> pd.DataFrame:
    """Straight-line distances, origins × targets."""
    a, b = coordinates(origins), coordinates(targets)
    away = np.hypot(*(a[:, None, :] - b[None, :, :]).transpose(2, 0, 1))
    return pd.DataFrame(away, index=origins.index, columns=targets.index)


def walking_m(access: Access, origins: pd.Index, targets: pd.Index) -> pd.DataFrame:
    """Distances along the network with both legs, origins × targets; inf where there is no way."""
    starts = access.node.loc[targets].to_numpy()
    unique, which = np.unique(starts, return_inverse=True)
    away = dijkstra(access.graph, directed=False, indices=unique)
    ways = away[which][:, access.node.loc[origins].to_numpy()].T
    ways = ways + access.leg_m.loc[origins].to_numpy()[:, None]
    ways = ways + access.leg_m.loc[targets].to_numpy()[None, :]
    return pd.DataFrame(ways, index=origins, columns=targets)


def join(network: Network, places: gpd.GeoSeries) -> Access:
    """Join places to their nearest edges, which are split there.

    The first edge in the network's order counts where several are equally near (to a micrometre).
    """
    points = places.to_numpy()
    edge, leg_m = _nearest_edges(network.lines, points)
    line_m = shapely.length(network.lines)[edge]
    along = shapely.line_locate_point(network.lines[edge], points)
    node, split = _split(network, edge, np.clip(along, 0.0, line_m), line_m)
    graph = _graph(*split)
    _, component = connected_components(graph, directed=False)
    return Access(
        pd.Series(leg_m, index=places.index), pd.Series(node, index=places.index), graph, component
    )


def _nearest_edges(lines: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    tree = shapely.STRtree(lines)
    nearest_m = shapely.distance(points, lines[tree.nearest(points)])
    which, edge = tree.query(points, predicate="dwithin", distance=nearest_m + _SAME_SPOT_M)
    first = np.full(len(points), len(lines))
    np.minimum.at(first, which, edge)
    return first, shapely.distance(points, lines[first])


def _split(
    network: Network, edge: np.ndarray, along: np.ndarray, line_m: np.ndarray
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray, int]]:
    """Node of each place, and the edges (tail, head, length, number of nodes) with splits."""
    node = np.empty(len(edge), dtype=np.int64)
    count = network.nodes
    tails, heads, lengths = [], [], []
    for e in np.unique(edge).tolist():
        here = np.flatnonzero(edge == e)
        here = here[np.argsort(along[here], kind="stable")]
        last, reached_m = int(network.tail[e]), 0.0
        scale = network.length_m[e] / line_m[here[0]] if line_m[here[0]] > 0 else 0.0
        for place in here.tolist():
            if along[place] - reached_m > _SAME_SPOT_M:
                at_head = line_m[place] - along[place] <= _SAME_SPOT_M
                following = int(network.head[e]) if at_head else count
                count += not at_head
                tails.append(last)
                heads.append(following)
                lengths.append((along[place] - reached_m) * scale)
                last, reached_m = following, float(along[place])
            node[place] = last
        if line_m[here[0]] - reached_m > _SAME_SPOT_M or line_m[here[0]] == 0:
            tails.append(last)
            heads.append(int(network.head[e]))
            lengths.append(network.length_m[e] - reached_m * scale)
    whole = np.ones(len(network.tail), dtype=bool)
    whole[edge] = False
    return node, (
        np.r_[network.tail[whole], np.array(tails, dtype=np.int64)],
        np.r_[network.head[whole], np.array(heads, dtype=np.int64)],
        np.r_[network.length_m[whole], np.array(lengths)],
        count,
    )


def _graph(tail: np.ndarray, head: np.ndarray, length_m: np.ndarray, nodes: int) -> csr_array:
    """Sparse matrix of the shortest of parallel edges (a sparse matrix would add them up)."""
    low, high = np.minimum(tail, head), np.maximum(tail, head)
    order = np.lexsort((length_m, high, low))
    low, high, length_m = low[order], high[order], length_m[order]
    first = np.r_[True, (np.diff(low) != 0) | (np.diff(high) != 0)] & (low != high)
    # A way of no length must stay a way: a sparse matrix has no explicit zeros.
    lengths = np.maximum(length_m[first], _SAME_SPOT_M)
    return csr_array((lengths, (low[first], high[first])), shape=(nodes, nodes))
