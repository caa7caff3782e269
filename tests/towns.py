"""Tiny grid towns for tests: valid layers of a few blocks, to be changed or broken as needed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pyproj import Transformer
from shapely import transform
from shapely.geometry import LineString, Point, box, mapping
from shapely.ops import unary_union

from planner.scenario.model import Scenario

CRS = "EPSG:4551"
"""Projected CRS of the towns: a block is exactly `BLOCK_M` wide in it."""
ORIGIN = (450_000.0, 4_860_000.0)
"""South-west corner of the town in `CRS`."""
BLOCK_M = 300.0
EAST_M, NORTH_M = 10.0, 6.0
"""Streets run this far off the block edges, so that each place has one nearest street."""
YEARS = (2020, 2025)
"""Years of the pupils' columns; the last is the design year."""

TO_WGS84 = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)

Rows = list[dict[str, Any]]
"""A layer: one dict per feature, `geometry` (shapely, in `CRS`, or None) and the columns."""


def write_town(
    folder: Path,
    *,
    n: int = 4,
    m: int = 4,
    seed: int = 0,
    community_blocks: tuple[int, int] = (2, 2),
    parents: tuple[str, str] = ("甲区", "乙区"),
    households: tuple[int, int] = (600, 1200),
    schools: Sequence[tuple[int, int]] | None = None,
    sites: Sequence[tuple[int, int]] | None = None,
    river_row: int | None = None,
    railway_row: int | None = None,
    bridges: Sequence[int] = (),
    trunk_column: int | None = None,
    points: bool = False,
    layers: Sequence[str] | None = None,
    edit: Mapping[str, Callable[[Rows], Rows]] | None = None,
) -> Path:
    """Write a town of n columns × m rows of 300 m blocks, one compound each; return `folder`.

    Compound `c<column><row>` (two digits each, from the south-west) is the block's square, or its
    centre with `points`. Streets run 10 m east and 6 m north of all block edges; the middle column
    line is an arterial, `trunk_column` a trunk road.
    `river_row` / `railway_row` = k lays a barrier along the line under row k, in place of the
    street there; only the column lines in `bridges` (0..n) cross it. Communities `k<column><row>`
    are `community_blocks` large; subdistricts `d1` (west) and `d2` (east) have one of `parents`
    each. `schools` and `sites` name blocks: points 60 m east and 40 m north of the south-west
    corner, ids `s1`, `s2`, ... (the last is expandable) and `t1`, ... . `households` are the least
    and most of a compound, drawn with `seed`. `layers` writes only these; `edit` changes a layer's
    rows before they are written.
    """
    rng = np.random.default_rng(seed)
    blocks = [(i, j) for i in range(n) for j in range(m)]
    school_blocks = list(schools or [(0, 0), (n - 1, m - 1)])
    site_blocks = list(sites or [(n - 1, 0), (0, m - 1), (n // 2, m // 2)])
    compounds = _compounds(blocks, rng, households, community_blocks, school_blocks, points)
    communities = _communities(blocks, community_blocks, n, parents)
    town: dict[str, Rows] = {
        "compounds": compounds,
        "buildings": _buildings(compounds),
        "schools": _schools(school_blocks, compounds),
        "sites": _sites(site_blocks),
        "communities": communities,
        "subdistricts": _subdistricts(communities),
        "seats": _seats(n, m, community_blocks),
        "streets": _streets(n, m, {river_row, railway_row} - {None}, bridges, trunk_column),
        "barriers": _barriers(n, river_row, railway_row),
        "context": [],
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in town.items():
        changed = edit[name](rows) if edit and name in edit else rows
        if (layers is None or name in layers) and (changed or (edit and name in edit)):
            write_layer(folder / f"{name}.geojson", changed)
    return folder


def write_layer(path: Path, rows: Rows) -> None:
    """Write rows as GeoJSON in WGS 84, geometry taken from `CRS`."""

    def project(xy: np.ndarray) -> np.ndarray:
        return np.column_stack(TO_WGS84.transform(xy[:, 0], xy[:, 1]))

    features = [
        {
            "type": "Feature",
            "properties": {key: value for key, value in row.items() if key != "geometry"},
            "geometry": None
            if row["geometry"] is None
            else mapping(transform(row["geometry"], project)),
        }
        for row in rows
    ]
    collection = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")


def tiny_scenario(folder: Path, **overrides: Any) -> Scenario:
    """A scenario over the town in `folder`; `overrides` replace top-level entries."""
    entries: dict[str, Any] = {
        "name": "tiny",
        "title": {"zh": "小城", "en": "Tiny town"},
        "data": str(folder),
        "crs": CRS,
        "design_year": YEARS[-1],
        "programme": {"new_schools": 1, "expanded_schools": {"min": 0, "max": 1}},
        "boundaries": {"subdistricts": 2, "band": 0.5},
        "solving": {"threads": 1},
    }
    return Scenario.model_validate(entries | overrides)


def at(x_m: float, y_m: float) -> Point:
    """The point x metres east and y metres north of the town's south-west corner."""
    return Point(ORIGIN[0] + x_m, ORIGIN[1] + y_m)


def line(*xy_m: tuple[float, float]) -> LineString:
    """A line through points given in metres from the town's south-west corner."""
    return LineString([at(*xy) for xy in xy_m])


def block(i: int, j: int) -> Any:
    """The square of a block."""
    low, high = at(i * BLOCK_M, j * BLOCK_M), at((i + 1) * BLOCK_M, (j + 1) * BLOCK_M)
    return box(low.x, low.y, high.x, high.y)


def _compounds(
    blocks: list[tuple[int, int]],
    rng: np.random.Generator,
    households: tuple[int, int],
    community_blocks: tuple[int, int],
    schools: list[tuple[int, int]],
    points: bool,
) -> Rows:
    rows: Rows = []
    for i, j in blocks:
        count = int(rng.integers(households[0], households[1] + 1))
        people = round(count * 2.5)
        near = min(range(len(schools)), key=lambda s: _steps(schools[s], (i, j)))
        pupils = {
            f"{service}_{year}": round(people * rate * float(rng.uniform(0.8, 1.2)))
            for service, rate in (("primary", 0.05), ("junior", 0.026))
            for year in YEARS
        }
        rows.append({
            "id": f"c{i:02}{j:02}", "name": f"小区{i}-{j}", "name_en": f"Compound {i}-{j}",
            "community": _community(i, j, community_blocks),
            "population": people, "households": count, "buildings": _count(count), **pupils,
            "primary_school": f"s{near + 1}", "junior_school": f"s{near + 1}",
            "status": "modelled",
            "geometry": block(i, j).centroid if points else block(i, j),
        })  # fmt: skip
    return rows


def _buildings(compounds: Rows) -> Rows:
    rows: Rows = []
    for compound in compounds:
        count, centre = compound["buildings"], compound["geometry"].centroid
        base, rest = divmod(compound["households"], count)
        rows += [
            {
                "id": f"{compound['id']}-{k + 1:02}",
                "compound": compound["id"],
                "households": base + (k < rest),
                "geometry": Point(centre.x - 100 + 200 * (k + 0.5) / count, centre.y + 10),
            }
            for k in range(count)
        ]
    return rows


def _schools(blocks: list[tuple[int, int]], compounds: Rows) -> Rows:
    rows: Rows = []
    for k, (i, j) in enumerate(blocks):
        row: dict[str, Any] = {"id": f"s{k + 1}", "name": f"学校{k + 1}"}
        row["name_en"] = f"School {k + 1}"
        for service, grades, size in (("primary", 6, 45), ("junior", 3, 50)):
            need = sum(compound[f"{service}_{YEARS[-1]}"] for compound in compounds)
            parallels = max(1, int(0.8 * need / len(blocks) / (grades * size)))
            row[f"{service}_classes"] = grades * parallels
            row[f"{service}_pupils"] = sum(
                compound[f"{service}_{YEARS[0]}"]
                for compound in compounds
                if compound[f"{service}_school"] == row["id"]
            )
        last = k == len(blocks) - 1
        row |= {"expandable": last, "land_m2": 9000.0 if last else None}
        row |= {"cost_yuan": 20e6 if last else None, "cost_per_place_yuan": 40e3 if last else None}
        rows.append(row | {"status": "modelled", "geometry": _corner(i, j)})
    return rows


def _sites(blocks: list[tuple[int, int]]) -> Rows:
    return [
        {
            "id": f"t{k + 1}", "name": f"地块{k + 1}", "name_en": f"Site {k + 1}",
            "land_m2": 12_000.0 + 6_000.0 * k, "cost_yuan": 60e6 + 20e6 * k,
            "cost_per_place_yuan": 50e3, "types": None, "origin": "freed industrial land",
            "status": "modelled", "geometry": _corner(i, j),
        }
        for k, (i, j) in enumerate(blocks)
    ]  # fmt: skip


def _communities(
    blocks: list[tuple[int, int]], size: tuple[int, int], n: int, parents: tuple[str, str]
) -> Rows:
    parts: dict[str, list[tuple[int, int]]] = {}
    for i, j in blocks:
        parts.setdefault(_community(i, j, size), []).append((i, j))
    rows: Rows = []
    for key, members in parts.items():
        east = _is_east(members[0][0], n, size)
        rows.append({
            "id": key, "name": f"社区{key}", "name_en": f"Community {key}", "code": None,
            "subdistrict": "d2" if east else "d1", "parent": parents[east], "status": "modelled",
            "geometry": unary_union([block(i, j) for i, j in members]),
        })  # fmt: skip
    return rows


def _subdistricts(communities: Rows) -> Rows:
    rows: Rows = []
    for key in ("d1", "d2"):
        members = [row for row in communities if row["subdistrict"] == key]
        if members:
            rows.append({
                "id": key, "name": f"街道{key}", "name_en": f"Subdistrict {key}", "code": None,
                "parent": members[0]["parent"], "status": "modelled",
                "geometry": unary_union([row["geometry"] for row in members]),
            })  # fmt: skip
    return rows


def _seats(n: int, m: int, size: tuple[int, int]) -> Rows:
    east = next((i for i in range(n) if _is_east(i, n, size)), None)
    wanted = [("office", 0, 0, "d1"), ("candidate", 0, m - 1, None)]
    if east is not None:
        wanted += [("office", n - 1, 0, "d2"), ("candidate", n - 1, m - 1, None)]
    return [
        {
            "id": f"{kind[0]}{k + 1}", "name": f"办事处{k + 1}", "name_en": f"Seat {k + 1}",
            "kind": kind, "subdistrict": subdistrict,
            "subdistrict_name": None if subdistrict else f"新街道{k + 1}",
            "subdistrict_name_en": None if subdistrict else f"New subdistrict {k + 1}",
            "status": "modelled",
            "geometry": Point(block(i, j).centroid.x + 20, block(i, j).centroid.y + 30),
        }
        for k, (kind, i, j, subdistrict) in enumerate(wanted)
    ]  # fmt: skip


def _streets(
    n: int, m: int, barrier_rows: set[int | None], bridges: Sequence[int], trunk: int | None
) -> Rows:
    rows: Rows = []
    west, east = EAST_M, n * BLOCK_M + EAST_M
    south, north = NORTH_M, m * BLOCK_M + NORTH_M
    for j in range(m + 1):
        if j not in barrier_rows:
            y = j * BLOCK_M + NORTH_M
            rows.append(_street(f"h{j}", "local", line((west, y), (east, y))))
    for i in range(n + 1):
        kind = "trunk" if i == trunk else "arterial" if i == n // 2 else "local"
        cuts = [] if i in bridges else sorted(row for row in barrier_rows if row is not None)
        ends = [south, *(y for k in cuts for y in (k * BLOCK_M - 20, k * BLOCK_M + 20)), north]
        x = i * BLOCK_M + EAST_M
        for low, high in zip(ends[::2], ends[1::2], strict=True):
            if high > low:
                rows.append(_street(f"v{i}", kind, line((x, low), (x, high))))
    return [row | {"id": f"{row['id']}-{k}"} for k, row in enumerate(rows)]


def _street(key: str, kind: str, geometry: LineString) -> dict[str, Any]:
    return {"id": key, "name": f"{key}路", "name_en": f"{key} Road", "class": kind,
            "status": "modelled", "geometry": geometry}  # fmt: skip


def _barriers(n: int, river_row: int | None, railway_row: int | None) -> Rows:
    return [
        {
            "id": kind, "name": {"river": "河", "railway": "铁路"}[kind], "name_en": kind.title(),
            "kind": kind, "status": "modelled",
            "geometry": line((-50, row * BLOCK_M), (n * BLOCK_M + 50, row * BLOCK_M)),
        }
        for kind, row in (("river", river_row), ("railway", railway_row))
        if row is not None
    ]  # fmt: skip


def _corner(i: int, j: int) -> Point:
    return at(i * BLOCK_M + 60, j * BLOCK_M + 40)


def _community(i: int, j: int, size: tuple[int, int]) -> str:
    return f"k{i // size[0]}{j // size[1]}"


def _is_east(i: int, n: int, size: tuple[int, int]) -> bool:
    columns = -(-n // size[0])
    return i // size[0] >= -(-columns // 2)


def _count(households: int) -> int:
    return max(1, round(households / 100))


def _steps(a: tuple[int, int], b: tuple[int, int]) -> int:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])
