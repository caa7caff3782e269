"""Own contiguity graph: cells with a common border that no river or railway parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import networkx as nx
import shapely
from shapely.geometry.base import BaseGeometry

from planner.plan.verification.cells import Cells, own_point

FOLLOWS_M = 25.0
NEAR_M = 1.0
CUT_M = 0.05


def neighbour_graph(
    shapes: Mapping[str, BaseGeometry],
    cells: Cells,
    *,
    barriers: Sequence[BaseGeometry],
    streets: Sequence[BaseGeometry],
    followed: Sequence[BaseGeometry],
) -> nx.Graph[str]:
    """Graph over the compounds; edges hold `border_m` and `followed_m`. Lines in metres."""
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(sorted(shapes))
    cut = shapely.union_all(list(barriers)) if barriers else None
    bridges = _bridges(barriers, streets)
    lines = shapely.union_all(list(followed)) if followed else None
    near = None if lines is None else lines.buffer(FOLLOWS_M)
    shapely.prepare(near)
    for (a, b), border in sorted(cells.borders.items(), key=lambda entry: entry[0]):
        ground = [cells.shapes[a], cells.shapes[b]]
        ends = (own_point(shapes[a]), own_point(shapes[b]))
        if cut is not None and _parted(ground, ends, cut=cut, bridges=bridges):
            continue
        along = _followed_m((shapes[a], shapes[b]), border, lines=lines, near=near)
        graph.add_edge(a, b, border_m=border.length, followed_m=along)
    for a, b in cells.twins:
        graph.add_edge(a, b, border_m=0.0, followed_m=0.0)
    return graph


def _parted(
    ground: Sequence[BaseGeometry],
    ends: tuple[BaseGeometry, BaseGeometry],
    *,
    cut: BaseGeometry,
    bridges: Sequence[BaseGeometry],
) -> bool:
    """Whether a barrier lies between two compounds, with no bridge within their cells."""
    both = shapely.union_all([cell.buffer(CUT_M) for cell in ground])
    if not both.intersects(cut):
        return False
    pieces = list(shapely.get_parts(both.difference(cut.buffer(2 * CUT_M))))
    if _nearest(pieces, ends[0]) == _nearest(pieces, ends[1]):
        return False
    near = both.buffer(NEAR_M)
    return not any(near.intersects(bridge) for bridge in bridges)


def _bridges(
    barriers: Sequence[BaseGeometry], streets: Sequence[BaseGeometry]
) -> list[BaseGeometry]:
    """Points where a street leads from one bank of a barrier to the other."""
    if not barriers or not streets:
        return []
    roads = shapely.union_all(list(streets))
    found: list[BaseGeometry] = []
    for barrier in shapely.get_parts(shapely.line_merge(shapely.union_all(list(barriers)))):
        spots = shapely.get_parts(roads.intersection(barrier))
        found += [s for s in spots if s.geom_type == "Point" and _crosses(s, barrier, roads)]
    return found


def _crosses(spot: BaseGeometry, barrier: BaseGeometry, roads: BaseGeometry) -> bool:
    """Whether roads meet the ring around the spot on at least two of the barrier's sides."""
    ring = spot.buffer(NEAR_M).exterior
    banks = list(shapely.get_parts(shapely.line_merge(ring.difference(barrier.buffer(CUT_M)))))
    meets = shapely.get_parts(roads.intersection(ring))
    reached = {_nearest(banks, p) for p in meets if barrier.distance(p) > CUT_M and banks}
    return len(reached) > 1


def _nearest(shapes: Sequence[BaseGeometry], point: BaseGeometry) -> int:
    return min(range(len(shapes)), key=lambda k: float(shapes[k].distance(point)))


def _followed_m(
    homes: tuple[BaseGeometry, BaseGeometry],
    border: BaseGeometry,
    *,
    lines: BaseGeometry | None,
    near: BaseGeometry | None,
) -> float:
    """Metres of a border along arterials and barriers; all or nothing where a home is a point."""
    if lines is None or near is None:
        return 0.0
    if any(home.geom_type == "Point" for home in homes):
        way = shapely.LineString([own_point(home) for home in homes])
        return float(border.length) if way.intersects(lines) else 0.0
    return float(border.intersection(near).length)
