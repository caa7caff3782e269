"""A city by rule for the page's weight: cells around given points, and a plan without a solver."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPoint, Point

from planner.plan.plan import (
    Assignment,
    CommunityPlan,
    GridPart,
    GridPlan,
    Level,
    Plan,
    SchoolPlan,
    Status,
    SubdistrictPlan,
)
from planner.territory.territory import Territory, Travel
from tests.maps.town import CRS, SERVICES, YEAR, X, Y

STRIPS = 5
"""Subdistricts lie in so many strips from west to east."""
COMMUNITIES = 7
"""Of each subdistrict."""
BUILDINGS = 8
"""Of each compound."""
YEARS = tuple(range(YEAR - 3, YEAR + 11))
CITY_M = 24_000.0


def city_points(count: int, seed: int = 1) -> NDArray[np.float64]:
    """Points spread over a square, in metres of the projected CRS."""
    rng = np.random.default_rng(seed)
    return np.array([X, Y]) + rng.uniform(0, CITY_M, (count, 2))


def city(
    points: NDArray[np.float64], *, subdistricts: int, schools: int, sites: int
) -> tuple[Territory, Plan]:
    """Territory and plan of a city with one compound at each point."""
    keys = [f"C{number:04}" for number in range(len(points))]
    cells = _cells(points, keys)
    homes = _units(points, keys, subdistricts)
    compounds = _compounds(cells, homes)
    places = _schools(points, schools, sites)
    straight = pd.DataFrame(
        np.hypot(
            points[:, 0][:, None] - places.geometry.x.to_numpy()[None, :],
            points[:, 1][:, None] - places.geometry.y.to_numpy()[None, :],
        ).round(),
        index=keys, columns=places.index,
    )  # fmt: skip
    operating = [key for key in places.index if key.startswith("S")]
    nearest = straight[operating].idxmin(axis=1)
    today = straight[operating[: len(operating) // 2]].idxmin(axis=1)
    territory = Territory(
        crs=CRS, study_area=shapely.union_all(list(cells)), compounds=compounds, cells=cells,
        demand={
            name: pd.DataFrame(
                {year: (compounds["population"] * share * (1 + 0.02 * (year - YEAR))).round()
                 for year in YEARS}, index=keys)
            for name, share in zip(SERVICES, (0.055, 0.028), strict=True)
        },
        today=pd.DataFrame(dict.fromkeys(SERVICES, today)), buildings=_buildings(points, keys),
        schools=places, communities=_areas(cells, homes, "community"),
        subdistricts=_areas(cells, homes, "subdistrict"), seats=_seats(points, homes),
        streets=_streets(cells), barriers=_frame({}, ["name", "name_en", "kind"]),
        context=_frame({}, ["name", "name_en", "kind"]), outcome=pd.DataFrame(),
        borders=pd.DataFrame(columns=["a", "b", "border_m", "followed_m"]),
        travel=Travel(straight * 1.3, straight, straight * 0), findings=(), modelled=("compounds",),
    )  # fmt: skip
    return territory, _plan(territory, homes, nearest, operating)


def _cells(points: NDArray[np.float64], keys: Sequence[str]) -> gpd.GeoSeries:
    frame = shapely.box(*(points.min(axis=0) - 200), *(points.max(axis=0) + 200))
    shapes = shapely.voronoi_polygons(MultiPoint(points), extend_to=frame, ordered=True).geoms
    bent = shapely.transform(
        shapely.segmentize(shapely.intersection(list(shapes), frame), 120.0), _bend
    )
    return gpd.GeoSeries(dict(zip(keys, bent, strict=True)), crs=CRS)


def _bend(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Streets are not straight: every spot moves a little, and neighbours with it."""
    x, y = xy[:, 0], xy[:, 1]
    return np.column_stack([x + 6 * np.sin(y / 90), y + 6 * np.sin(x / 110)])


def _units(points: NDArray[np.float64], keys: Sequence[str], count: int) -> pd.DataFrame:
    """Community and subdistrict of each compound: strips, cut across, and cut again."""
    found = pd.DataFrame({"x": points[:, 0], "y": points[:, 1]}, index=list(keys))
    strip = pd.qcut(found["x"], STRIPS, labels=False)
    block = found.groupby(strip)["y"].transform(lambda y: pd.qcut(y, count // STRIPS, labels=False))
    found["subdistrict"] = [f"D{a:02}{int(b):02}" for a, b in zip(strip, block, strict=True)]
    part = found.groupby("subdistrict")["x"].transform(
        lambda x: pd.qcut(x, COMMUNITIES, labels=False)
    )
    found["community"] = [
        f"{unit}-{int(n)}" for unit, n in zip(found["subdistrict"], part, strict=True)
    ]
    return found


def _compounds(cells: gpd.GeoSeries, homes: pd.DataFrame) -> gpd.GeoDataFrame:
    households = 300 + (np.arange(len(cells)) * 37) % 900
    return gpd.GeoDataFrame({
        "name": [f"第{key}居住小区" for key in cells.index],
        "name_en": [f"Residential Compound {key}" for key in cells.index],
        "community": homes["community"], "population": households * 2.5, "households": households,
        "buildings": BUILDINGS,
    }, geometry=cells, crs=CRS)  # fmt: skip


def _schools(points: NDArray[np.float64], schools: int, sites: int) -> gpd.GeoDataFrame:
    every = len(points) // (schools + sites)
    spots = points[::every][: schools + sites] + 40.0
    rows = {}
    for number, (x, y) in enumerate(spots):
        site = number >= schools
        key = f"P{number - schools:03}" if site else f"S{number:03}"
        rows[key] = {
            "name": f"{key}学校", "name_en": f"School {key}",
            "kind": "site" if site else "existing",
            "primary_classes": 0 if site else 24, "junior_classes": 0 if site else 12,
            "primary_pupils": 0 if site else 1000, "junior_pupils": 0 if site else 600,
            "expandable": False, "land_m2": 20_000.0, "cost_yuan": 8e7, "cost_per_place_yuan": 9e4,
            "types": "nine_year", "geometry": Point(x, y),
        }  # fmt: skip
    return _frame(rows)


def _buildings(points: NDArray[np.float64], keys: Sequence[str]) -> gpd.GeoDataFrame:
    rows = {
        f"{key}-{k:02}": {
            "compound": key, "households": 60 + k, "source": "layer",
            "geometry": Point(x + 30 * (k % 4), y + 35 * (k // 4)).buffer(9, cap_style="square"),
        }
        for key, (x, y) in zip(keys, points, strict=True)
        for k in range(BUILDINGS)
    }  # fmt: skip
    return _frame(rows)


def _areas(cells: gpd.GeoSeries, homes: pd.DataFrame, kind: str) -> gpd.GeoDataFrame:
    rows = {}
    for key, members in homes.groupby(kind):
        title = {"community": "社区", "subdistrict": "街道"}[kind]
        rows[str(key)] = {
            "name": f"{key}{title}", "name_en": f"{kind.title()} {key}", "code": None,
            "subdistrict": members["subdistrict"].iloc[0], "parent": "甲区",
            "geometry": shapely.union_all(list(cells[members.index])),
        }  # fmt: skip
    return _frame(rows)


def _seats(points: NDArray[np.float64], homes: pd.DataFrame) -> gpd.GeoDataFrame:
    rows = {}
    for key, members in homes.groupby("subdistrict"):
        x, y = members[["x", "y"]].mean()
        rows[f"O{key}"] = {
            "name": f"{key}办事处", "name_en": f"Office {key}", "kind": "office",
            "subdistrict": str(key), "geometry": Point(x, y),
        }  # fmt: skip
    return _frame(rows)


def _streets(cells: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """The borders of the cells, from crossing to crossing."""
    lines = shapely.union_all(shapely.boundary(list(cells)), grid_size=0.01)
    ways = [way for way in shapely.get_parts(shapely.line_merge(lines)) if way.length > 5]
    rows = {
        f"w{number}": {
            "name": f"{number % 300}号路", "name_en": f"Road {number % 300}",
            "class": "arterial" if number % 30 == 0 else "local", "geometry": way,
        }
        for number, way in enumerate(ways)
    }  # fmt: skip
    return _frame(rows)


def _frame(rows: dict[str, dict[str, Any]], columns: Sequence[str] = ()) -> gpd.GeoDataFrame:
    if not rows:
        return gpd.GeoDataFrame({name: [] for name in columns}, geometry=[], crs=CRS)
    return gpd.GeoDataFrame.from_dict(rows, orient="index", geometry="geometry", crs=CRS)


def _plan(
    place: Territory, homes: pd.DataFrame, nearest: pd.Series, operating: Sequence[str]
) -> Plan:
    people = place.compounds["population"]
    households = place.compounds["households"]
    moved = {key: number % 9 == 0 for number, key in enumerate(homes.index)}
    assignments = tuple(
        Assignment(key, dict.fromkeys(SERVICES, nearest[key]), row["community"], row["subdistrict"])
        for key, row in homes.iterrows()
    )
    communities = tuple(
        CommunityPlan(
            id=str(key), name=f"{key}社区", name_en=f"Community {key}",
            subdistrict=members["subdistrict"].iloc[0], parent="甲区",
            new=any(moved[member] for member in members.index[:1]),
            households=int(households[members.index].sum()),
            population=int(people[members.index].sum()), compounds=tuple(members.index),
        )
        for key, members in homes.groupby("community")
    )  # fmt: skip
    subdistricts = tuple(
        SubdistrictPlan(
            id=str(key), name=f"{key}街道", name_en=f"Subdistrict {key}", parent="甲区",
            seat=f"O{key}", new=False, population=int(people[members.index].sum()),
            area_km2=9.0, communities=tuple(sorted(set(members["community"]))),
        )
        for key, members in homes.groupby("subdistrict")
    )  # fmt: skip
    half = BUILDINGS // 2
    grids = tuple(
        GridPlan(
            id=f"{key}-g{part}", community=row["community"], households=240 + part,
            parts=(GridPart(key, tuple(f"{key}-{part * half + k:02}" for k in range(half))),),
            reason="",
        )
        for key, row in homes.iterrows()
        for part in (0, 1)
    )  # fmt: skip
    schools = tuple(
        SchoolPlan(id=key, kind="existing", type="", places={"primary": 1080, "junior": 600},
                   new_classes={}, land_m2=0.0, cost_yuan=0.0)
        for key in operating
    )  # fmt: skip
    return Plan(
        scenario="city", design_year=YEAR, status=Status.OPTIMAL, gap=0.0, tolerance=0.001,
        schools=schools, assignments=assignments, communities=communities,
        subdistricts=subdistricts, grids=grids,
        levels=(Level("way", "location", "pupil-metres", 1, 1, 0.0, 1),), indicators={},
    )  # fmt: skip
