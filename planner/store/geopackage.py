"""The plan as a GeoPackage: one layer per kind of unit, in the territory's projected CRS."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import shapely
from shapely.geometry.base import BaseGeometry

from planner.plan.plan import Plan
from planner.territory.territory import Territory

_STAMP = "2000-01-01T00:00:00.000Z"
"""GeoPackages hold the time of writing; a fixed one keeps equal plans equal."""

Rows = list[dict[str, Any]]


def write_geopackage(path: Path, territory: Territory, plan: Plan) -> None:
    """Write the layers compounds, schools, communities, subdistricts, grids, sites_not_chosen.

    `*_planned` columns repeat what may be edited, so that a changed cell is seen (``--locks``).
    """
    layers = {
        "compounds": _compounds(territory, plan),
        "schools": _schools(territory, plan),
        "communities": _communities(territory, plan),
        "subdistricts": _subdistricts(territory, plan),
        "grids": _grids(territory, plan),
        "sites_not_chosen": _sites_not_chosen(territory, plan),
    }
    with _fixed_time():
        for name, rows in layers.items():
            if rows:
                frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=territory.crs)
                points = name in ("schools", "sites_not_chosen")
                pyogrio.write_dataframe(
                    frame, path, layer=name, driver="GPKG", promote_to_multi=not points
                )


def _compounds(territory: Territory, plan: Plan) -> Rows:
    rows = []
    for entry in sorted(plan.assignments, key=lambda entry: entry.compound):
        key = entry.compound
        row: dict[str, Any] = {
            "id": key,
            "name": territory.compounds["name"][key],
            "name_en": territory.compounds["name_en"][key],
            "population": int(territory.compounds["population"][key]),
            "households": int(territory.compounds["households"][key]),
        }
        for service, pupils in territory.demand.items():
            row[f"{service}_pupils"] = float(pupils[plan.design_year][key])
            row[f"{service}_school"] = entry.schools[service]
            row[f"{service}_planned"] = entry.schools[service]
            row[f"{service}_school_today"] = territory.today[service][key] or None
            row[f"{service}_distance_m"] = float(
                territory.travel.distance_m[entry.schools[service]][key]
            )
        row |= {
            "community": entry.community,
            "community_planned": entry.community,
            "community_today": territory.compounds["community"][key],
            "subdistrict": entry.subdistrict,
            "subdistrict_planned": entry.subdistrict,
            "locked": False,
        }
        rows.append(row | {"geometry": territory.cells[key]})
    return rows


def _schools(territory: Territory, plan: Plan) -> Rows:
    load: dict[tuple[str, str], float] = defaultdict(float)
    for entry in plan.assignments:
        for service, attended in entry.schools.items():
            load[attended, service] += float(
                territory.demand[service][plan.design_year][entry.compound]
            )
    rows = []
    for school in sorted(plan.schools, key=lambda school: school.id):
        row: dict[str, Any] = {
            "id": school.id,
            "name": territory.schools["name"][school.id],
            "name_en": territory.schools["name_en"][school.id],
            "kind": school.kind,
            "type": school.type,
            "land_m2": school.land_m2,
            "cost_yuan": school.cost_yuan,
        }
        for service in territory.demand:
            row[f"{service}_places"] = school.places.get(service, 0)
            row[f"{service}_new_classes"] = school.new_classes.get(service, 0)
            row[f"{service}_pupils"] = load[school.id, service]
        row["locked"] = False
        rows.append(row | {"geometry": territory.schools.geometry[school.id]})
    return rows


def _communities(territory: Territory, plan: Plan) -> Rows:
    return [
        {
            "id": community.id,
            "name": community.name,
            "name_en": community.name_en,
            "subdistrict": community.subdistrict,
            "subdistrict_planned": community.subdistrict,
            "locked": False,
            "parent": community.parent,
            "new": community.new,
            "households": community.households,
            "population": community.population,
            "geometry": _ground(territory.cells, community.compounds),
        }
        for community in sorted(plan.communities, key=lambda community: community.id)
    ]


def _subdistricts(territory: Territory, plan: Plan) -> Rows:
    members = {community.id: community.compounds for community in plan.communities}
    return [
        {
            "id": part.id,
            "name": part.name,
            "name_en": part.name_en,
            "parent": part.parent,
            "seat": part.seat,
            "new": part.new,
            "population": part.population,
            "area_km2": part.area_km2,
            "geometry": _ground(
                territory.cells, [key for own in part.communities for key in members[own]]
            ),
        }
        for part in sorted(plan.subdistricts, key=lambda part: part.id)
    ]


def _grids(territory: Territory, plan: Plan) -> Rows:
    """Grids on the cells of their compounds; those that share a compound lie on each other."""
    return [
        {
            "id": grid.id,
            "community": grid.community,
            "households": grid.households,
            "compounds": ", ".join(part.compound for part in grid.parts),
            "buildings": ", ".join(key for part in grid.parts for key in part.buildings),
            "reason": grid.reason,
            "geometry": _ground(territory.cells, [part.compound for part in grid.parts]),
        }
        for grid in sorted(plan.grids, key=lambda grid: grid.id)
    ]


def _sites_not_chosen(territory: Territory, plan: Plan) -> Rows:
    chosen = {school.id for school in plan.schools}
    sites = territory.schools[territory.schools["kind"] == "site"]
    return [
        {
            "id": key,
            "name": row["name"],
            "name_en": row["name_en"],
            "land_m2": float(row["land_m2"]),
            "locked": False,
            "geometry": row["geometry"],
        }
        for key, row in sites.sort_index().iterrows()
        if key not in chosen
    ]


def _ground(cells: Mapping[Any, BaseGeometry], compounds: Any) -> BaseGeometry:
    return shapely.union_all([cells[key] for key in sorted(compounds)])


@contextmanager
def _fixed_time() -> Iterator[None]:
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _STAMP})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
