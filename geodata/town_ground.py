"""The ground plan in a flat frame (u east, v north, metres): outline, roads, barriers, blocks."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.ops import polygonize, split
from town_names import RAILWAY, RIVER, ROADS_SN, ROADS_WE

BASE_SN = (1100, 2050, 3000, 3900, 4950, 5900)
BASE_WE = (5700, 4050, 2950, 1850, 760)
SPACING_M = 570
RIM_M = 380
OVERSHOOT_M = 0.5


@dataclass(frozen=True)
class Line:
    """A line of the ground plan; `key` tells runs of collectors apart until they are named."""

    geometry: LineString
    kind: str
    name: str = ""
    name_en: str = ""
    key: tuple[str, int, int] | None = None


@dataclass
class Ground:
    """Lines and polygons of the flat frame."""

    outline: Polygon
    lines: list[Line]
    compounds: list[Polygon]
    superblock: list[int]
    side: list[str]
    """'220171001' west of 世纪大街 and south of 浦东路, '220171002' elsewhere."""
    blocks: list[list[Polygon]] = field(default_factory=list)


def lay_out(rng: np.random.Generator) -> Ground:
    """Draw a zone: arterials, a river, a railway, collectors, compounds and their blocks."""
    sn = np.array(BASE_SN) + rng.integers(-45, 46, len(BASE_SN))
    we = np.array(BASE_WE) + rng.integers(-45, 46, len(BASE_WE))
    outline = _outline(rng, sn, we)
    lines = [*_arterials(outline, sn, we), _river(rng, we), _railway(rng, we)]
    edges = [outline.exterior, *(line.geometry for line in lines)]
    pieces = _faces(edges, outline)
    pieces.sort(key=lambda p: (round(p.centroid.y), round(p.centroid.x)))
    ground = Ground(outline, lines, [], [], [])
    for number, piece in enumerate(pieces):
        for part in _collectors(rng, piece, sn, we, ground.lines):
            ground.compounds.append(part)
            ground.superblock.append(number)
    _divide(rng, ground, int(rng.integers(115, 122)))
    middles = [compound.centroid for compound in ground.compounds]
    order = sorted(range(len(middles)), key=lambda i: (-round(middles[i].y / 500), middles[i].x))
    ground.compounds = [ground.compounds[i] for i in order]
    ground.superblock = [ground.superblock[i] for i in order]
    for compound in ground.compounds:
        here = compound.representative_point()
        ground.side.append("220171001" if here.x < sn[3] and here.y < we[1] else "220171002")
        ground.blocks.append(_blocks(rng, compound, ground.lines))
    ground.lines.append(Line(LineString(outline.exterior), "local"))
    return ground


def _outline(rng: np.random.Generator, sn: np.ndarray, we: np.ndarray) -> Polygon:
    """A stair from south-west to north-east; partly along arterials."""

    def near(u: float, v: float) -> tuple[float, float]:
        du, dv = rng.integers(-50, 51, 2)
        return u + du, v + dv

    south, waist, north = rng.integers(-40, 41, 3)
    return Polygon([
        near(320, -230), near(2300, -270 + south), near(3950, -270), (sn[4], 1300 + 2 * waist),
        (sn[4], we[1]), (6500 + waist, we[1]), near(6500, 7050), near(6020, 7850),
        near(4900, 7960 + north), (3480 + north, 7900), (3480 + north, we[0]),
        (2480 + waist, we[0]), (2480 + waist, we[1]), (-150 + south, we[1]), near(-110, 800),
    ])  # fmt: skip


def _arterials(outline: Polygon, sn: np.ndarray, we: np.ndarray) -> list[Line]:
    frame = outline.buffer(RIM_M, join_style="mitre")
    found = []
    for at, (name, name_en, kind) in [*zip(we, ROADS_WE, strict=True)]:
        found.append((LineString([(-3000, at), (9000, at)]), kind, name, name_en))
    for at, (name, name_en, kind) in [*zip(sn, ROADS_SN, strict=True)]:
        found.append((LineString([(at, -3000), (at, 11000)]), kind, name, name_en))
    return [
        Line(part, kind, name, name_en)
        for whole, kind, name, name_en in found
        for part in shapely.get_parts(whole.intersection(frame))
        if part.intersection(outline).length > 400
    ]


def _river(rng: np.random.Generator, we: np.ndarray) -> Line:
    phase, wave = rng.uniform(0, 2 * np.pi), rng.uniform(70, 100)
    v = np.arange(we[1] + 700, -900, -70.0)
    u = 380 + wave * np.sin(2 * np.pi * v / 2600 + phase) + 0.2 * np.clip(1000 - v, 0, None)
    return Line(LineString(np.c_[u, v]), "river", *RIVER)


def _railway(rng: np.random.Generator, we: np.ndarray) -> Line:
    phase, slope = rng.uniform(0, 2 * np.pi), rng.uniform(0.06, 0.14)
    u = np.arange(2700, 7300, 100.0)
    v = we[0] + 1300 - slope * (u - 3480) + 55 * np.sin(2 * np.pi * u / 3100 + phase)
    return Line(LineString(np.c_[u, v]), "railway", *RAILWAY)


def _faces(edges: list[LineString], outline: Polygon) -> list[Polygon]:
    net = shapely.unary_union(edges, grid_size=0.01)
    inside = outline.buffer(1)
    return [face for face in polygonize(shapely.get_parts(net)) if inside.contains(face)]


def _collectors(
    rng: np.random.Generator, piece: Polygon, sn: np.ndarray, we: np.ndarray, lines: list[Line]
) -> list[Polygon]:
    """Cut a superblock by the collectors of its row and column; some stop at it."""
    west, south, east, north = piece.bounds
    parts = [piece]
    for axis, low, high, grid in (("v", south, north, we[::-1]), ("u", west, east, sn)):
        middle = (low + high) / 2
        band = int(np.searchsorted(grid, middle))
        below = grid[band - 1] if band > 0 else None
        above = grid[band] if band < len(grid) else None
        # A barrier or the outline may cut the band: then its own extent counts.
        start = below if below is not None and below - 5 <= low <= below + 250 else low
        end = above if above is not None and above - 250 <= high <= above + 5 else high
        strips = round((end - start) / SPACING_M)
        # A street changes its name where it meets one of these.
        ends = (sn[1], sn[3], sn[4]) if axis == "v" else (we[3], we[1], we[0])
        run = int(np.searchsorted(ends, _other(piece, axis)))
        for strip in range(1, strips):
            if rng.random() > 0.88:
                continue
            at = round((start + (end - start) * strip / strips) / 25) * 25
            key = ("WE" if axis == "v" else "SN", at, run)
            parts = _cut_all(parts, axis, at, lines, key)
    return parts


def _other(piece: Polygon, axis: str) -> float:
    return piece.centroid.x if axis == "v" else piece.centroid.y


def _cut_all(
    parts: list[Polygon], axis: str, at: float, lines: list[Line], key: tuple[str, int, int]
) -> list[Polygon]:
    after = []
    for part in parts:
        halves = cut(part, axis, at, area_m2=70_000, width_m=175)
        if halves is None:
            after.append(part)
        else:
            after.extend(halves[:2])
            lines.append(Line(halves[2], "collector", key=key))
    return after


def cut(
    polygon: Polygon, axis: str, at: float, *, area_m2: float, width_m: float
) -> tuple[Polygon, Polygon, LineString] | None:
    """Both halves and the cut, or None where a half would be too small or too thin."""
    west, south, east, north = polygon.bounds
    line = LineString(
        [(west - 9, at), (east + 9, at)] if axis == "v" else [(at, south - 9), (at, north + 9)]
    )
    halves = sorted(split(polygon, line).geoms, key=lambda p: (p.centroid.y, p.centroid.x))
    if len(halves) != 2:
        return None
    for half in halves:
        sides = shapely.minimum_rotated_rectangle(half).exterior.coords
        thin = min(np.hypot(*np.subtract(sides[i + 1], sides[i])) for i in (0, 1))
        if half.area < area_m2 or thin < width_m:
            return None
    # A little longer than the polygon is wide, so that noding meets the lines at both ends.
    reach = line.intersection(polygon).bounds
    du, dv = (OVERSHOOT_M, 0) if axis == "v" else (0, OVERSHOOT_M)
    ends = [(reach[0] - du, reach[1] - dv), (reach[2] + du, reach[3] + dv)]
    return halves[0], halves[1], LineString(ends)


def _halve(
    rng: np.random.Generator, polygon: Polygon, *, area_m2: float, width_m: float
) -> tuple[Polygon, Polygon, LineString] | None:
    west, south, east, north = polygon.bounds
    for axis in ("u", "v") if east - west > north - south else ("v", "u"):
        low, high = (west, east) if axis == "u" else (south, north)
        share = rng.uniform(0.40, 0.60)
        found = cut(polygon, axis, low + share * (high - low), area_m2=area_m2, width_m=width_m)
        if found is not None:
            return found
    return None


def _divide(rng: np.random.Generator, ground: Ground, count: int) -> None:
    """Cut the largest compounds (with some chance) until there are `count`."""
    weight = [p.area * rng.lognormal(0, 0.3) for p in ground.compounds]
    while len(ground.compounds) < count and max(weight) > 0:
        i = int(np.argmax(weight))
        halves = _halve(rng, ground.compounds[i], area_m2=70_000, width_m=175)
        if halves is None:
            weight[i] = 0
            continue
        ground.compounds[i], weight[i] = halves[0], halves[0].area * rng.lognormal(0, 0.3)
        ground.compounds.append(halves[1])
        weight.append(halves[1].area * rng.lognormal(0, 0.3))
        ground.superblock.append(ground.superblock[i])
        ground.lines.append(Line(halves[2], "local"))


def _blocks(rng: np.random.Generator, compound: Polygon, lines: list[Line]) -> list[Polygon]:
    """Cut a compound into blocks by local streets."""
    todo, done = [compound], []
    while todo:
        block = todo.pop()
        halves = None
        if block.area > 150_000 and rng.random() < 0.92:
            halves = _halve(rng, block, area_m2=45_000, width_m=140)
        if halves is None:
            done.append(block)
        else:
            todo.extend(halves[:2])
            lines.append(Line(halves[2], "local"))
    return done
