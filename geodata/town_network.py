"""From the flat ground plan to geography: noded lines, exact cells, streets, adjacency."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import shapely
from pyproj import Transformer
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import linemerge, polygonize
from town_ground import OVERSHOOT_M, Ground, Line

AREA_M2 = 32_800_000
CENTRE = (451_150.0, 4_858_870.0)
RANKS = ("river", "railway", "trunk", "arterial", "collector", "local")
BARRIERS = ("river", "railway")
STOP_M = 45
TO_DEGREES = Transformer.from_crs("EPSG:4551", "EPSG:4326", always_xy=True)
TO_METRES = Transformer.from_crs("EPSG:4326", "EPSG:4551", always_xy=True)

Node = tuple[float, float]
Segment = tuple[Node, Node]


@dataclass(frozen=True)
class Warp:
    """A smooth bend, a small turn and a scale: flat metres → EPSG:4551 → degrees."""

    phases: tuple[float, ...]
    turn: float
    scale: float
    middle: tuple[float, float]

    def metres(self, uv: np.ndarray) -> np.ndarray:
        """Flat coordinates (n, 2) in EPSG:4551."""
        u, v = uv[:, 0], uv[:, 1]
        a, b, c, d, e = self.phases
        wave = 2 * np.pi
        du = 75 * np.sin(wave * v / 5300 + a) + 32 * np.sin(wave * v / 2300 + b)
        du = du + 22 * np.sin(wave * u / 2900 + c)
        dv = 60 * np.sin(wave * u / 4900 + d) + 28 * np.sin(wave * u / 2100 + e)
        x, y = u + du - self.middle[0], v + dv - self.middle[1]
        cos, sin = np.cos(self.turn), np.sin(self.turn)
        return np.c_[
            CENTRE[0] + self.scale * (cos * x - sin * y),
            CENTRE[1] + self.scale * (sin * x + cos * y),
        ]

    def degrees(self, geometry: BaseGeometry) -> BaseGeometry:
        """A flat geometry in WGS 84, rounded to 7 decimals."""
        return shapely.transform(geometry, self._degrees)

    def _degrees(self, uv: np.ndarray) -> np.ndarray:
        xy = self.metres(uv)
        lon, lat = TO_DEGREES.transform(xy[:, 0], xy[:, 1])
        return np.round(np.c_[lon, lat], 7)


def metres(geometry: BaseGeometry) -> BaseGeometry:
    """A WGS 84 geometry in EPSG:4551."""
    return shapely.transform(geometry, lambda c: np.c_[TO_METRES.transform(c[:, 0], c[:, 1])])


@dataclass(frozen=True)
class Street:
    """A stretch of street between junctions, flat."""

    line: LineString
    kind: str
    name: str
    name_en: str
    key: tuple[str, int, int] | None


@dataclass(frozen=True)
class Town:
    """Noded geometry, still flat, and the warp that takes it to the map."""

    warp: Warp
    cells: list[Polygon]
    """Compounds, every shared vertex in both neighbours."""
    streets: list[Street]
    barriers: list[Line]
    bridges: list[tuple[str, Node]]
    """Barrier kind and place of each crossing."""
    borders: dict[tuple[int, int], float]
    """Flat length of the border of neighbours that no uncrossed barrier parts."""
    along: dict[int, dict[str, float]]
    """Metres of each named or keyed road on a compound's border or inside it."""
    quiet: dict[tuple[int, int], float]
    """Of a border: length that follows no arterial and no barrier."""


def weave(rng: np.random.Generator, ground: Ground) -> Town:
    """Node all lines, build cells and streets from the same edges, and fix the scale."""
    segments = _segments(ground)
    cells = _cells(ground, segments)
    warp = _warp(rng, cells)
    bridges = _bridges(rng, segments)
    streets = _streets(segments, bridges)
    borders, quiet = _borders(cells, segments, bridges)
    return Town(
        warp=warp,
        cells=cells,
        streets=streets,
        barriers=[_noded(line, segments) for line in ground.lines if line.kind in BARRIERS],
        bridges=bridges,
        borders=borders,
        along=_along(cells, streets),
        quiet=quiet,
    )


def _node(point: tuple[float, ...]) -> Node:
    return round(point[0], 2) + 0.0, round(point[1], 2) + 0.0


def _segments(ground: Ground) -> dict[Segment, Line]:
    """Two-point edges of the noded net, each with the highest-ranking line it lies on."""
    dense = [shapely.segmentize(line.geometry, 190) for line in ground.lines]
    net = shapely.unary_union(dense, grid_size=0.01)
    tree = shapely.STRtree(dense)
    segments: dict[Segment, Line] = {}
    for part in shapely.get_parts(net):
        nodes = [_node(c) for c in part.coords]
        for a, b in itertools.pairwise(nodes):
            middle = Point((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
            near = tree.query(middle, predicate="dwithin", distance=0.05)
            # The position breaks ties, so that the answer does not hang on the tree's order.
            best = min((RANKS.index(ground.lines[i].kind), int(i)) for i in near)[1]
            segments[min(a, b), max(a, b)] = ground.lines[best]
    ends = _at_nodes(segments)
    return {
        s: line
        for s, line in sorted(segments.items())
        # What a cut overshoots beyond the line that it meets.
        if _length(s) > 2 * OVERSHOOT_M or min(len(ends[s[0]]), len(ends[s[1]])) > 1
    }


def _length(segment: Segment) -> float:
    (a, b), (c, d) = segment
    return float(np.hypot(a - c, b - d))


def _cells(ground: Ground, segments: dict[Segment, Line]) -> list[Polygon]:
    faces = list(polygonize([LineString(s) for s in segments]))
    tree = shapely.STRtree(ground.compounds)
    parts: dict[int, list[Polygon]] = defaultdict(list)
    for face in faces:
        owner = tree.query(face.representative_point(), predicate="within")
        if len(owner):
            parts[int(owner[0])].append(face)
    cells = []
    for i, compound in enumerate(ground.compounds):
        cell = shapely.normalize(shapely.coverage_union_all(parts[i]))
        if cell.geom_type != "Polygon" or abs(cell.area - compound.area) > 50:
            raise RuntimeError(f"compound {i} is not made of whole faces")
        cells.append(cell)
    return cells


def _warp(rng: np.random.Generator, cells: list[Polygon]) -> Warp:
    west, south, east, north = shapely.total_bounds(np.array(cells, dtype=object))
    phases = tuple(float(p) for p in rng.uniform(0, 2 * np.pi, 5))
    turn = float(np.radians(rng.uniform(-1.3, 1.3)))
    middle = (float(west + east) / 2, float(south + north) / 2)
    plain = Warp(phases, turn, 1.0, middle)
    area = sum(shapely.transform(c, plain.metres).area for c in cells)
    return Warp(phases, turn, float(np.sqrt(AREA_M2 / area)), middle)


def _at_nodes(segments: dict[Segment, Line]) -> dict[Node, list[Segment]]:
    at: dict[Node, list[Segment]] = defaultdict(list)
    for segment in segments:
        for node in segment:
            at[node].append(segment)
    return at


def _bridges(rng: np.random.Generator, segments: dict[Segment, Line]) -> list[tuple[str, Node]]:
    """Where arterials run on across a barrier; at most five per barrier, at random."""
    found: dict[str, list[Node]] = {kind: [] for kind in BARRIERS}
    for node, around in sorted(_at_nodes(segments).items()):
        kinds = [segments[s].kind for s in around]
        names = [segments[s].name for s in around if segments[s].kind in ("trunk", "arterial")]
        for barrier in BARRIERS:
            if barrier in kinds and any(names.count(n) == 2 for n in names):
                found[barrier].append(node)
    bridges = []
    for barrier, nodes in found.items():
        keep = rng.permutation(len(nodes))[:5]
        bridges.extend((barrier, nodes[i]) for i in sorted(keep.tolist()))
    return bridges


def _streets(segments: dict[Segment, Line], bridges: list[tuple[str, Node]]) -> list[Street]:
    """Streets between junctions; those without a bridge stop short of a barrier."""
    at = _at_nodes(segments)
    blocked = {n for n, around in at.items() if any(segments[s].kind in BARRIERS for s in around)}
    blocked -= {node for _, node in bridges}
    passed = {node for _, node in bridges}
    edges: dict[Segment, Line] = {}
    for (a, b), line in segments.items():
        if line.kind not in BARRIERS:
            edges[_stop(a, b) if a in blocked else a, _stop(b, a) if b in blocked else b] = line
    edges = _connected(edges)
    degree: dict[Node, int] = defaultdict(int)
    for edge in edges:
        for node in edge:
            degree[node] += 1
    runs: dict[tuple, list[Segment]] = defaultdict(list)
    for edge, line in edges.items():
        runs[line.kind, line.name, line.name_en, line.key or ("", 0, 0)].append(edge)
    streets = []
    for (kind, name, name_en, key), own in sorted(runs.items(), key=lambda run: run[0]):
        # A bridge is no junction: the stretch runs over it in one piece.
        streets.extend(
            Street(chain, kind, name, name_en, key if key[0] else None)
            for chain in _chains(own, degree)
        )
    if not all(degree[node] == 2 for node in passed):
        raise RuntimeError("a bridge is a junction")
    return streets


def _stop(blocked: Node, other: Node) -> Node:
    length = float(np.hypot(other[0] - blocked[0], other[1] - blocked[1]))
    share = min(STOP_M, 0.6 * length) / length
    return _node((
        blocked[0] + share * (other[0] - blocked[0]), blocked[1] + share * (other[1] - blocked[1])
    ))  # fmt: skip


def _connected(edges: dict[Segment, Line]) -> dict[Segment, Line]:
    """The largest connected part (a stub between two barriers leads nowhere)."""
    root: dict[Node, Node] = {}

    def find(node: Node) -> Node:
        while root.setdefault(node, node) != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for a, b in edges:
        root[find(a)] = find(b)
    length: dict[Node, float] = defaultdict(float)
    for a, b in edges:
        length[find(a)] += _length((a, b))
    main = max(sorted(length), key=lambda node: length[node])
    if length[main] < 0.985 * sum(length.values()):
        raise RuntimeError("the streets are not connected")
    return {edge: line for edge, line in edges.items() if find(edge[0]) == main}


def _chains(edges: list[Segment], degree: dict[Node, int]) -> list[LineString]:
    """Edges of one street joined up to the next junction."""
    merged = linemerge([LineString(e) for e in edges])
    chains = []
    for line in shapely.get_parts(merged):
        coords = [_node(c) for c in line.coords]
        start = 0
        for i in range(1, len(coords)):
            if i == len(coords) - 1 or degree[coords[i]] != 2:
                piece = coords[start : i + 1]
                chains.append(LineString(piece if piece[0] <= piece[-1] else piece[::-1]))
                start = i
    return sorted(chains, key=lambda chain: list(chain.coords))


def _borders(
    cells: list[Polygon], segments: dict[Segment, Line], bridges: list[tuple[str, Node]]
) -> tuple[dict[tuple[int, int], float], dict[tuple[int, int], float]]:
    owners: dict[Segment, list[int]] = defaultdict(list)
    for i, cell in enumerate(cells):
        nodes = [_node(c) for c in cell.exterior.coords]
        for a, b in itertools.pairwise(nodes):
            owners[min(a, b), max(a, b)].append(i)
    open_m: dict[tuple[int, int], float] = defaultdict(float)
    quiet: dict[tuple[int, int], float] = defaultdict(float)
    crossed = {node for _, node in bridges}
    for segment, (*pair,) in sorted(owners.items()):
        if len(pair) != 2:
            continue
        (a, b), kind, length = segment, segments[segment].kind, _length(segment)
        if kind not in BARRIERS or a in crossed or b in crossed:
            open_m[min(pair), max(pair)] += length
            if kind in ("collector", "local"):
                quiet[min(pair), max(pair)] += length
    return dict(sorted(open_m.items())), dict(sorted(quiet.items()))


def _along(cells: list[Polygon], streets: list[Street]) -> dict[int, dict[str, float]]:
    tree = shapely.STRtree(cells)
    along: dict[int, dict[str, float]] = {i: defaultdict(float) for i in range(len(cells))}
    for street in streets:
        label = street.name or (repr(street.key) if street.key else "")
        if label:
            for i in sorted(tree.query(street.line, predicate="intersects").tolist()):
                along[i][label] += street.line.intersection(cells[i].buffer(1)).length
    return along


def _noded(line: Line, segments: dict[Segment, Line]) -> Line:
    """A barrier with the nodes of its junctions."""
    own = [LineString(s) for s, on in segments.items() if on.kind == line.kind]
    merged = linemerge(own)
    if merged.geom_type != "LineString":
        raise RuntimeError(f"the {line.kind} is not one line")
    first, last = merged.coords[0], line.geometry.coords[0]
    same = np.hypot(first[0] - last[0], first[1] - last[1]) < 1
    return Line(merged if same else merged.reverse(), line.kind, line.name, line.name_en)
