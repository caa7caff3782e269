"""A small town by hand for the map's tests: 6 × 5 blocks, 8 schools, a plan for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely.geometry import LineString, Point, box
from shapely.ops import unary_union

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
from planner.scenario.model import Scenario
from planner.territory.territory import Territory, Travel

CRS = "EPSG:4551"
X, Y, BLOCK_M = 450_000.0, 4_860_000.0, 300.0
COLUMNS, ROWS = 6, 5
YEAR = 2020
SERVICES = ("primary", "junior")
BLOCKS = [(i, j) for i in range(COLUMNS) for j in range(ROWS)]
# id: block, kind, primary classes today, junior classes today
SCHOOLS = {
    "s1": (0, 0, "existing", 24, 0), "s2": (2, 3, "existing", 18, 0),
    "s3": (4, 1, "existing", 24, 0),
    "s4": (1, 2, "existing", 0, 18), "s5": (4, 3, "existing", 12, 12), "t1": (5, 4, "site", 0, 0),
    "t2": (3, 0, "site", 0, 0), "t3": (0, 4, "site", 0, 0),
}  # fmt: skip


def scenario(**changes: Any) -> Scenario:
    """The town's scenario."""
    entries = {
        "name": "town",
        "title": {"zh": "小城方案", "en": "Small town"},
        "design_year": YEAR,
        "crs": CRS,
    }
    return Scenario.model_validate(entries | changes)


def territory(*, rename: Mapping[str, str] | None = None, placed: bool = True) -> Territory:
    """The town; `rename` gives names by id, `placed` gives buildings a position."""
    rename = rename or {}
    cells = gpd.GeoSeries({_compound(i, j): _block(i, j) for i, j in BLOCKS}, crs=CRS).sort_index()
    communities = _communities(rename)
    schools = _schools(rename)
    return Territory(
        crs=CRS,
        study_area=unary_union(list(cells)),
        compounds=_compounds(rename),
        cells=cells,
        demand=_demand(),
        today=_today(),
        buildings=_buildings(placed),
        schools=schools,
        communities=communities,
        subdistricts=_subdistricts(communities, rename),
        seats=_seats(rename),
        streets=_streets(),
        barriers=_barriers(),
        context=_frame({"p": {"name": "公园", "name_en": "Park", "kind": "park",
                              "geometry": _block(-1, 2)}}),
        outcome=pd.DataFrame(),
        borders=pd.DataFrame(columns=["a", "b", "border_m", "followed_m"]),
        travel=_travel(schools),
        findings=(),
        modelled=("compounds", "schools"),
    )  # fmt: skip


def plan(town: Territory, **changes: Any) -> Plan:
    """Nearest school in operation, communities as today but one divided, three subdistricts."""
    operating = {"primary": ["s1", "s2", "s3", "s5", "t1"], "junior": ["s4", "s5", "t1"]}
    homes = {key: _planned_unit(key) for key in town.compounds.index}
    assignments = tuple(
        Assignment(
            key,
            {
                s: min(operating[s], key=lambda f: (town.travel.distance_m.at[key, f], f))
                for s in SERVICES
            },
            *homes[key],
        )
        for key in sorted(homes)
    )
    whole = Plan(
        scenario="town",
        design_year=YEAR,
        status=Status.OPTIMAL,
        gap=0.0004,
        tolerance=0.001,
        schools=_planned_schools(),
        assignments=assignments,
        communities=_planned_communities(town, homes),
        subdistricts=_planned_subdistricts(town, homes),
        grids=_grids(town, homes),
        levels=(Level("places_short", "location", "pupils", 12, 12, 0.0, 12),
                Level("way", "location", "pupil-metres", 1_234_567, 1_234_073, 0.0004, 1_240_000)),
        indicators={
            "new_schools": 1, "expanded_schools": 1, "new_classes": {"total": 24},
            "new_places": {"total": 1100}, "places_short": {"total": 12}, "land_m2": 22000.0,
            "cost_yuan": 2.2e8, "mean_distance_m": {"primary": 512.3, "junior": 801.0},
            "pupils_changing_school": 321, "subdistricts": 3, "communities": 7, "grids": 60,
        },
    )  # fmt: skip
    return replace(whole, **changes)


def _compound(i: int, j: int) -> str:
    return f"c{i}{j}"


def _block(i: int, j: int) -> Any:
    return box(X + i * BLOCK_M, Y + j * BLOCK_M, X + (i + 1) * BLOCK_M, Y + (j + 1) * BLOCK_M)


def _frame(rows: Mapping[str, Mapping[str, Any]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame.from_dict(dict(rows), orient="index", geometry="geometry", crs=CRS)


def _households(i: int, j: int) -> int:
    return 200 + 100 * ((3 * i + 2 * j) % 8)


def _community(i: int, j: int) -> str:
    return f"k{i // 2}{int(j >= 2)}"


def _compounds(rename: Mapping[str, str]) -> gpd.GeoDataFrame:
    rows = {}
    for i, j in BLOCKS:
        key = _compound(i, j)
        rows[key] = {
            "name": rename.get(key, f"{key}小区"), "name_en": rename.get(key, f"Compound {key}"),
            "community": _community(i, j), "population": 2.5 * _households(i, j),
            "households": _households(i, j), "buildings": _households(i, j) // 100,
            "geometry": _block(i, j),
        }  # fmt: skip
    return _frame(rows).sort_index()


def _demand() -> dict[str, pd.DataFrame]:
    keys = sorted(_compound(i, j) for i, j in BLOCKS)
    people = {_compound(i, j): 2.5 * _households(i, j) for i, j in BLOCKS}
    shares = {"primary": 0.055, "junior": 0.028}
    demand = {
        name: pd.DataFrame({YEAR: [round(share * people[key], 1) for key in keys]}, index=keys)
        for name, share in shares.items()
    }
    demand["junior"].loc["c55" if "c55" in keys else "c00", YEAR] = 0.0
    return demand


def _today() -> pd.DataFrame:
    rows = {}
    for i, j in BLOCKS:
        rows[_compound(i, j)] = {"primary": "s1" if i < 2 else "s2" if j > 2 else "s3",
                                 "junior": "s4" if i < 4 else "s5"}  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index").sort_index()


def _buildings(placed: bool) -> pd.DataFrame:
    rows = {}
    for i, j in BLOCKS:
        count = _households(i, j) // 100
        for k in range(count):
            spot = Point(
                X + (i + 0.15 + 0.1 * (k % 5)) * BLOCK_M, Y + (j + 0.3 + 0.3 * (k // 5)) * BLOCK_M
            )
            rows[f"{_compound(i, j)}-b{k + 1:02}"] = {
                "compound": _compound(i, j), "households": 100, "source": "layer",
                "geometry": spot.buffer(9, cap_style="square"),
            }  # fmt: skip
    table = _frame(rows).sort_index()
    return table if placed else pd.DataFrame(table.drop(columns="geometry"))


def _schools(rename: Mapping[str, str]) -> gpd.GeoDataFrame:
    rows = {}
    for key, (i, j, kind, primary, junior) in SCHOOLS.items():
        rows[key] = {
            "name": rename.get(key, f"{key}学校"), "name_en": rename.get(key, f"School {key}"),
            "kind": kind, "primary_classes": primary, "junior_classes": junior,
            "primary_pupils": 44 * primary, "junior_pupils": 52 * junior,
            "expandable": key == "s5", "land_m2": 22000.0 if kind == "site" else float("nan"),
            "cost_yuan": 8e7, "cost_per_place_yuan": 9e4, "types": "nine_year",
            "cell": _compound(i, j),
            "geometry": Point(X + (i + 0.7) * BLOCK_M, Y + (j + 0.7) * BLOCK_M),
        }  # fmt: skip
    return _frame(rows).sort_index()


def _communities(rename: Mapping[str, str]) -> gpd.GeoDataFrame:
    rows = {}
    for key in sorted({_community(i, j) for i, j in BLOCKS}):
        blocks = [_block(i, j) for i, j in BLOCKS if _community(i, j) == key]
        rows[key] = {
            "name": rename.get(key, f"{key}社区"), "name_en": rename.get(key, f"Community {key}"),
            "code": None, "subdistrict": "d1" if key < "k2" else "d2",
            "parent": "甲区" if key < "k2" else "乙区", "geometry": unary_union(blocks),
        }  # fmt: skip
    return _frame(rows).sort_index()


def _subdistricts(communities: gpd.GeoDataFrame, rename: Mapping[str, str]) -> gpd.GeoDataFrame:
    rows = {}
    for key in ("d1", "d2"):
        members = communities[communities["subdistrict"] == key]
        rows[key] = {
            "name": rename.get(key, f"{key}街道"), "name_en": rename.get(key, f"Subdistrict {key}"),
            "code": None, "parent": members["parent"].iloc[0],
            "geometry": unary_union(list(members.geometry)),
        }  # fmt: skip
    return _frame(rows)


def _seats(rename: Mapping[str, str]) -> gpd.GeoDataFrame:
    spots = {"o1": (1, 1, "office", "d1"), "o2": (4, 2, "office", "d2"),
             "o3": (1, 4, "candidate", None), "o4": (5, 0, "candidate", None)}  # fmt: skip
    return _frame({
        key: {
            "name": rename.get(key, f"{key}办事处"), "name_en": rename.get(key, f"Seat {key}"),
            "kind": kind, "subdistrict": home, "subdistrict_name": None,
            "subdistrict_name_en": None, "cell": _compound(i, j), "community": _community(i, j),
            "geometry": Point(X + (i + 0.3) * BLOCK_M, Y + (j + 0.25) * BLOCK_M),
        }
        for key, (i, j, kind, home) in spots.items()
    })  # fmt: skip


def _streets() -> gpd.GeoDataFrame:
    rows = {}
    for i in range(COLUMNS + 1):
        line = LineString([(X + i * BLOCK_M, Y), (X + i * BLOCK_M, Y + ROWS * BLOCK_M)])
        rows[f"v{i}"] = {"name": f"{i}街", "name_en": f"{i} Street", "geometry": line,
                         "class": {4: "trunk", 2: "arterial"}.get(i, "local")}  # fmt: skip
    for j in range(ROWS + 1):
        line = LineString([(X, Y + j * BLOCK_M), (X + COLUMNS * BLOCK_M, Y + j * BLOCK_M)])
        rows[f"h{j}"] = {"name": f"{j}路", "name_en": f"{j} Road", "geometry": line,
                         "class": "arterial" if j == 2 else "collector"}  # fmt: skip
    return _frame(rows)


def _barriers() -> gpd.GeoDataFrame:
    river = LineString([(X - 60, Y), (X - 40, Y + 700), (X - 70, Y + 1500)])
    railway = LineString([(X, Y + 1540), (X + 1800, Y + 1520)])
    return _frame({
        "b1": {"name": "小河", "name_en": "Small River", "kind": "river", "geometry": river},
        "b2": {"name": "铁路", "name_en": "Railway", "kind": "railway", "geometry": railway},
    })  # fmt: skip


def _travel(schools: gpd.GeoDataFrame) -> Travel:
    keys = sorted(_compound(i, j) for i, j in BLOCKS)
    centres = {_compound(i, j): _block(i, j).centroid for i, j in BLOCKS}
    straight = pd.DataFrame(
        {
            f: [round(centres[key].distance(point)) for key in keys]
            for f, point in schools.geometry.items()
        },
        index=keys,
    )
    return Travel(straight * 1.3, straight, straight * 0)


def _planned_unit(compound: str) -> tuple[str, str]:
    i, j = int(compound[1]), int(compound[2])
    home = _community(i, j)
    if home == "k01" and i == 1:
        home = "k01b"
    return home, "d1" if i < 2 else "d3" if i < 4 else "d2"


def _planned_schools() -> tuple[SchoolPlan, ...]:
    sizes = {"primary": 45, "junior": 50}
    found = []
    for key, (_, _, kind, primary, junior) in sorted(SCHOOLS.items()):
        added = {"s5": (6, 0), "t1": (12, 6)}.get(key, (0, 0))
        if kind == "site" and key != "t1":
            continue
        classes = {"primary": primary + added[0], "junior": junior + added[1]}
        found.append(SchoolPlan(
            id=key,
            kind="new" if key == "t1" else "expanded" if key == "s5" else "existing",
            type="nine_year" if key == "t1" else "",
            places={s: count * sizes[s] for s, count in classes.items() if count},
            new_classes={s: n for s, n in zip(SERVICES, added, strict=True) if n},
            land_m2=22000.0 if key == "t1" else 0.0,
            cost_yuan=1.5e8 if sum(added) else 0.0,
        ))  # fmt: skip
    return tuple(found)


def _planned_communities(
    town: Territory, homes: Mapping[str, tuple[str, str]]
) -> tuple[CommunityPlan, ...]:
    found = []
    for key in sorted({community for community, _ in homes.values()}):
        members = tuple(sorted(c for c, (community, _) in homes.items() if community == key))
        rows = town.compounds.loc[list(members)]
        old = key in town.communities.index
        found.append(CommunityPlan(
            id=key,
            name=str(town.communities.at[key, "name"]) if old else f"{key}新社区",
            name_en=str(town.communities.at[key, "name_en"]) if old else f"New community {key}",
            subdistrict=homes[members[0]][1], parent="甲区", new=not old,
            households=int(rows["households"].sum()), population=int(rows["population"].sum()),
            compounds=members,
        ))  # fmt: skip
    return tuple(found)


def _planned_subdistricts(
    town: Territory, homes: Mapping[str, tuple[str, str]]
) -> tuple[SubdistrictPlan, ...]:
    seats = {"d1": "o1", "d2": "o2", "d3": "o3"}
    found = []
    for key, seat in seats.items():
        members = [c for c, (_, subdistrict) in homes.items() if subdistrict == key]
        old = key in town.subdistricts.index
        found.append(SubdistrictPlan(
            id=key,
            name=str(town.subdistricts.at[key, "name"]) if old else "新街道",
            name_en=str(town.subdistricts.at[key, "name_en"]) if old else "New subdistrict",
            parent="甲区", seat=seat, new=not old,
            population=int(town.compounds.loc[members, "population"].sum()),
            area_km2=0.09 * len(members),
            communities=tuple(sorted({homes[c][0] for c in members})),
        ))  # fmt: skip
    return tuple(found)


def _grids(town: Territory, homes: Mapping[str, tuple[str, str]]) -> tuple[GridPlan, ...]:
    found = []
    for compound in sorted(homes):
        rows = town.buildings[town.buildings["compound"] == compound].sort_index()
        ids = [str(key) for key in rows.index]
        half = len(ids) if len(ids) <= 5 else len(ids) // 2
        for part in (ids[:half], ids[half:]):
            if part:
                found.append(GridPlan(
                    id=f"g{len(found) + 1:03}", community=homes[compound][0],
                    households=100 * len(part), parts=(GridPart(compound, tuple(part)),),
                    reason="" if len(part) >= 3 else "no neighbour left to join",
                ))  # fmt: skip
    return tuple(found)
