"""Boundaries in words: what each side of a unit follows, road by road, out of geometry alone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from planner.maps.geometry import polygons
from planner.maps.reading import names
from planner.territory.territory import Territory

SIDES = ("east", "south", "west", "north")
"""In the order in which approvals name them."""
STEP_M = 20.0
"""Length of the pieces a ring is judged in."""
NEAR_M = 45.0
"""A piece follows a way whose line passes within this distance; arterials are that wide."""
PARALLEL_DEGREES = 35.0
FAR_M = 1500.0
"""A way further off is no help to find a boundary by."""
SHORT_M = 120.0
"""Stretches shorter than this go to their longer neighbour: a corner is no road of its own."""
_RANK = {"trunk": 0.0, "arterial": 0.0, "river": 0.0, "railway": 0.0, "collector": 8.0}
_LOCAL_M = 14.0

Pair = tuple[str, str]


@dataclass(frozen=True)
class Way:
    """A named road, river or railway: all its lines as one."""

    name: Pair
    """Chinese and English."""
    kind: str
    line: BaseGeometry


@dataclass(frozen=True)
class Beside:
    """A way some distance from a boundary, and on which side of the way the boundary runs."""

    way: Way
    direction: str
    """One of `SIDES`."""
    distance_m: float
    """Mean distance, in metres."""


@dataclass(frozen=True)
class Stretch:
    """A part of a side that follows one way, or none."""

    way: Way | None
    """None where the boundary follows no named way."""
    line: LineString
    """From west to east on the north and south sides, from north to south on the others."""
    neighbours: tuple[str, ...] = ()
    """Ids of the units on the other side, those with the longest common border first."""
    beside: Beside | None = None
    """Where no way is followed: the nearest one that runs along."""

    @property
    def length_m(self) -> float:
        """Length, in metres."""
        return float(self.line.length)


@dataclass(frozen=True)
class Boundary:
    """The outer boundary of a unit, side by side; together the sides are the whole ring."""

    sides: dict[str, tuple[Stretch, ...]]

    def ways(self, side: str) -> list[Way]:
        """Named ways that a side follows, in order, each once."""
        found = [part.way for part in self.sides[side] if part.way is not None]
        return list({way.name: way for way in found}.values())


def named_ways(territory: Territory) -> tuple[Way, ...]:
    """Every named road, river and railway of a territory, sorted by name."""
    ways = []
    for frame, column in ((territory.streets, "class"), (territory.barriers, "kind")):
        ways += _ways_of(frame, column)
    return tuple(sorted(ways, key=lambda way: (way.name, way.kind)))


def describe(
    area: BaseGeometry, ways: Sequence[Way], others: dict[str, BaseGeometry] | None = None
) -> Boundary:
    """What each side of an area follows.

    The ring is cut at its four corners: the points furthest to the north-east, south-east,
    south-west and north-west, after its box is stretched to a square. Each piece of `STEP_M`
    goes to the named way that runs within `NEAR_M` and `PARALLEL_DEGREES` of it.

    Args:
        area: Polygon in a projected CRS, in metres; of several parts the largest is described.
        ways: Candidates, as from `named_ways`.
        others: Neighbouring units by id, told where no way is followed.
    """
    largest = max(polygons(area), key=lambda part: part.area)
    tree = shapely.STRtree([way.line for way in ways])
    sides = {}
    for side, line in _sides(largest).items():
        stretches = []
        for way, (start, end) in _runs(line, ways, tree):
            part = LineString(line.coords[start : end + 1])
            near = None if way else beside(part, ways, side)
            stretches.append(Stretch(way, part, _neighbours(part, others or {}), near))
        sides[side] = tuple(stretches)
    return Boundary(sides)


def beside(line: LineString, ways: Sequence[Way], side: str) -> Beside | None:
    """The nearest named way that runs along a line of one side, within `FAR_M`; None for none.

    A way runs along if, seen from most points of the line, its nearest point lies across the
    side: east or west of an eastern or western side, north or south of the others.
    """
    points = [line.interpolate(share, normalized=True) for share in np.linspace(0.05, 0.95, 19)]
    across, (low, high) = (0, ("west", "east")) if side in ("east", "west") else (
        1, ("south", "north")
    )  # fmt: skip
    found = []
    for way in ways:
        steps = np.array([_from(way.line, point) for point in points])
        distance_m = float(np.hypot(*steps.T).mean())
        along = np.abs(steps[:, across]) > np.abs(steps[:, 1 - across])
        if distance_m <= FAR_M and along.mean() > 0.5:
            direction = high if np.median(steps[:, across]) > 0 else low
            found.append(Beside(way, direction, distance_m))
    return min(found, key=lambda near: (near.distance_m, near.way.name), default=None)


def _ways_of(frame: gpd.GeoDataFrame, column: str) -> list[Way]:
    groups: dict[Pair, tuple[set[str], list[BaseGeometry]]] = {}
    for _, row in frame.sort_index().iterrows():
        zh, en = names(row)
        if zh:
            kinds, lines = groups.setdefault((zh, en), (set(), []))
            kinds.add(str(row[column]))
            lines.append(row.geometry)
    # A road that changes class along its way counts as its highest.
    return [
        Way(name, min(kinds, key=lambda kind: (_RANK.get(kind, _LOCAL_M), kind)),
            shapely.line_merge(shapely.union_all(lines)))
        for name, (kinds, lines) in groups.items()
    ]  # fmt: skip


def _sides(polygon: Polygon) -> dict[str, LineString]:
    """The exterior ring cut at its four corners, each side from north or west on."""
    ring = shapely.segmentize(shapely.geometry.polygon.orient(polygon, -1.0).exterior, STEP_M)
    points = np.asarray(ring.coords)[:-1]
    west, south, east, north = polygon.bounds
    x = (points[:, 0] - west) / (east - west)
    y = (points[:, 1] - south) / (north - south)
    # Clockwise: north-west, north-east, south-east, south-west.
    corners = [int(np.argmax(score)) for score in (y - x, x + y, x - y, -x - y)]
    cuts = dict(zip(("north", "east", "south", "west"), corners, strict=True))
    ends = {"north": "east", "east": "south", "south": "west", "west": "north"}
    lines = {}
    for side in SIDES:
        start, end = cuts[side], cuts[ends[side]]
        count = (end - start) % len(points)
        part = points[(start + np.arange(count + 1)) % len(points)]
        lines[side] = LineString(part if side in ("north", "east") else part[::-1])
    return lines


def _runs(
    line: LineString, ways: Sequence[Way], tree: shapely.STRtree
) -> list[tuple[Way | None, tuple[int, int]]]:
    """Ways along a line with the positions of the points between which each is followed."""
    points = np.asarray(line.coords)
    pieces = [LineString(points[i : i + 2]) for i in range(len(points) - 1)]
    follows = [_followed(piece, ways, tree) for piece in pieces]
    runs: list[list[int]] = []
    position = 0
    for way, group in groupby(follows):
        count = len(list(group))
        runs.append([way, position, position + count])
        position += count
    steps = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    while len(runs) > 1:
        lengths = [steps[end] - steps[start] for _, start, end in runs]
        shortest = int(np.argmin(lengths))
        if lengths[shortest] >= SHORT_M:
            break
        _absorb(runs, lengths, shortest)
    return [(None if way < 0 else ways[way], (start, end)) for way, start, end in runs]


def _absorb(runs: list[list[int]], lengths: Sequence[float], short: int) -> None:
    """Give a short run to its longer neighbour, and join what then meets its like."""
    beside = [i for i in (short - 1, short + 1) if 0 <= i < len(runs)]
    heir = max(beside, key=lambda i: (lengths[i], -i))
    first, last = min(short, heir), max(short, heir)
    runs[first : last + 1] = [[runs[heir][0], runs[first][1], runs[last][2]]]
    for i in (first, first - 1):
        if 0 <= i < len(runs) - 1 and runs[i][0] == runs[i + 1][0]:
            runs[i : i + 2] = [[runs[i][0], runs[i][1], runs[i + 1][2]]]


def _followed(piece: LineString, ways: Sequence[Way], tree: shapely.STRtree) -> int:
    """Position of the way a piece follows; -1 for none."""
    middle = piece.interpolate(0.5, normalized=True)
    best, best_m = -1, math.inf
    for found in sorted(int(i) for i in tree.query(middle, predicate="dwithin", distance=NEAR_M)):
        way = ways[found]
        penalty_m = _RANK.get(way.kind, _LOCAL_M)
        cost_m = float(way.line.distance(middle)) + penalty_m
        if cost_m < best_m and _parallel(piece, way.line, middle):
            best, best_m = found, cost_m
    return best


def _parallel(piece: LineString, line: BaseGeometry, middle: BaseGeometry) -> bool:
    near = shapely.get_parts(shapely.intersection(line, middle.buffer(NEAR_M + STEP_M)))
    angle = _angle(np.asarray(piece.coords))
    for part in near:
        coords = np.asarray(part.coords)
        for i in range(len(coords) - 1):
            apart = abs(_angle(coords[i : i + 2]) - angle) % 180
            if min(apart, 180 - apart) <= PARALLEL_DEGREES:
                return True
    return False


def _angle(coords: np.ndarray) -> float:
    dx, dy = coords[-1] - coords[0]
    return math.degrees(math.atan2(dy, dx))


def _from(line: BaseGeometry, point: BaseGeometry) -> tuple[float, float]:
    """East and north steps from the nearest point of a line to a point."""
    (x, y), (to_x, to_y) = shapely.shortest_line(line, point).coords
    return to_x - x, to_y - y


def _neighbours(line: LineString, others: dict[str, BaseGeometry]) -> tuple[str, ...]:
    band = line.buffer(2.0, cap_style="flat")
    shared = {key: float(band.intersection(area).area) for key, area in sorted(others.items())}
    touching: Iterable[str] = (key for key, amount in shared.items() if amount > STEP_M)
    return tuple(sorted(touching, key=lambda key: (-shared[key], key)))
