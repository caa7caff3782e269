"""The layers as GeoJSON features, and their files."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry
from town_names import BEFORE, SUBDISTRICTS, SUZHOU, WORKS
from town_network import BARRIERS
from town_people import YEARS
from town_schools import GRADES, School

if TYPE_CHECKING:
    from generate import Zone

Feature = tuple[dict[str, Any], BaseGeometry]
Layers = dict[str, list[Feature]]

MODELLED = {"status": "modelled", "source": "modelled"}
NAMED = {"status": "modelled", "source": "name: official list of 2017; geometry: modelled"}
ROAD = {"status": "modelled", "source": "name: real road; geometry: modelled"}
ORIGINS = ("腾笼换鸟（旧厂腾退）", "储备地", "村集体用地")


def layers(zone: Zone) -> Layers:
    """All layers; the outcome is a table without geometry."""
    degrees = zone.town.warp.degrees
    cells = [shapely.normalize(degrees(cell)) for cell in zone.town.cells]
    return {
        "compounds": _compounds(zone, cells),
        "communities": _communities(zone, cells),
        "subdistricts": _subdistricts(zone, cells),
        "buildings": _buildings(zone),
        "schools": _schools(zone),
        "sites": _sites(zone),
        "seats": _seats(zone),
        "streets": _streets(zone),
        "barriers": [
            (
                {"id": line.kind, "name": line.name, "name_en": line.name_en, "kind": line.kind,
                 **ROAD},
                degrees(line.geometry),
            )
            for line in zone.town.barriers
        ],
        "context": _context(zone),
    }  # fmt: skip


def write(found: Layers, zone: Zone, folder: Path) -> None:
    """One GeoJSON file per layer, one feature a line, and the outcome as CSV."""
    for name, features in found.items():
        lines = [
            json.dumps(
                {"type": "Feature", "properties": properties, "geometry": _geometry(geometry)},
                ensure_ascii=False, separators=(",", ":"),
            )
            for properties, geometry in features
        ]  # fmt: skip
        head = f'{{"type":"FeatureCollection","name":"{name}","features":[\n'
        text = head + ",\n".join(lines) + "\n]}\n"
        (folder / f"{name}.geojson").write_text(text, encoding="utf-8", newline="\n")
    with (folder / "outcome.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(_outcome(zone)[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(_outcome(zone))


def _geometry(geometry: BaseGeometry) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return [plain(v) for v in value]
        return round(float(value), 7)

    mapping = shapely.geometry.mapping(geometry)
    return {"type": mapping["type"], "coordinates": plain(mapping["coordinates"])}


def _id(prefix: str, number: int, digits: int = 2) -> str:
    return f"{prefix}{number + 1:0{digits}d}"


def _home(zone: Zone) -> dict[int, int]:
    return {i: k for k, unit in enumerate(zone.units) for i in unit.compounds}


def _compounds(zone: Zone, cells: list[Polygon]) -> list[Feature]:
    home = _home(zone)
    counts = np.bincount([b.compound for b in zone.buildings], minlength=len(cells))
    school = {
        (service, i): _id("S", k)
        for k, own in enumerate(zone.schools)
        for service, compounds in own.serves.items()
        for i in compounds
    }
    features = []
    for i, cell in enumerate(cells):
        name, name_en = zone.estates[i]
        properties: dict[str, Any] = {
            "id": _id("C", i, 3), "name": name, "name_en": name_en,
            "community": _id("K", home[i]), "population": int(zone.people.population[i]),
            "households": int(zone.people.households[i]), "buildings": int(counts[i]),
        }  # fmt: skip
        for service in GRADES:
            for year, pupils in zip(YEARS, zone.people.pupils[service][i], strict=True):
                properties[f"{service}_{year}"] = int(pupils)
        for service in GRADES:
            properties[f"{service}_school"] = school[service, i]
        features.append(({**properties, **MODELLED}, cell))
    return features


def _union(cells: list[Polygon], members: Iterable[int]) -> Polygon:
    return shapely.normalize(shapely.coverage_union_all([cells[i] for i in sorted(members)]))


def _communities(zone: Zone, cells: list[Polygon]) -> list[Feature]:
    return [
        (
            {
                "id": _id("K", k), "name": unit.entry[1], "name_en": unit.entry[2], "code": "",
                "subdistrict": unit.side, "parent": SUBDISTRICTS[unit.side][2], **NAMED,
            },
            _union(cells, unit.compounds),
        )
        for k, unit in enumerate(zone.units)
    ]  # fmt: skip


def _subdistricts(zone: Zone, cells: list[Polygon]) -> list[Feature]:
    features = []
    for side in BEFORE:
        name, name_en, parent = SUBDISTRICTS[side]
        own = [i for unit in zone.units if unit.side == side for i in unit.compounds]
        properties = {"id": side, "name": name, "name_en": name_en, "code": side, "parent": parent}
        note = {"status": "modelled", "source": "name, code: official list; geometry: modelled"}
        features.append(({**properties, **note}, _union(cells, own)))
    return features


def _buildings(zone: Zone) -> list[Feature]:
    features, number, last = [], 0, -1
    for building in zone.buildings:
        number = number + 1 if building.compound == last else 1
        last = building.compound
        compound = _id("C", building.compound, 3)
        properties = {
            "id": f"{compound}-{number:02d}", "compound": compound,
            "households": building.households, "status": "modelled",
        }  # fmt: skip
        features.append((properties, zone.town.warp.degrees(building.footprint)))
    return features


def _schools(zone: Zone) -> list[Feature]:
    home, used, features = _home(zone), {}, []
    for k, school in enumerate(zone.schools):
        primary, junior = school.parallels
        kind, kind_en = ("学校", "Nine-year School") if primary and junior else (
            ("小学", "Primary School") if primary else ("中学", "Junior Middle School")
        )  # fmt: skip
        unit = zone.units[home[school.compound]]
        nth = used[unit.entry[4], kind] = used.get((unit.entry[4], kind), 0) + 1
        ordinal, ordinal_en = (
            ("", "") if nth == 1 else (f"第{'一二三四五'[nth - 1]}", f" No. {nth}")
        )
        properties: dict[str, Any] = {
            "id": _id("S", k), "name": unit.entry[4] + ordinal + kind,
            "name_en": f"{unit.entry[5]}{ordinal_en} {kind_en}",
        }  # fmt: skip
        for s, service in enumerate(GRADES):
            served = school.serves.get(service, [])
            properties[f"{service}_classes"] = school.parallels[s] * GRADES[service]
            properties[f"{service}_pupils"] = int(zone.people.pupils[service][served, 0].sum())
        properties["expandable"] = school.expandable
        properties |= _money(school) if school.expandable else dict.fromkeys(_money(school))
        features.append(({**properties, **MODELLED}, zone.town.warp.degrees(school.plot.centroid)))
    return features


def _money(school: School) -> dict[str, Any]:
    return {
        "land_m2": school.land_m2,
        "cost_yuan": school.fixed_yuan,
        "cost_per_place_yuan": school.per_place_yuan,
    }


def _sites(zone: Zone) -> list[Feature]:
    home, features, works = _home(zone), [], list(WORKS)
    for k, site in enumerate(zone.sites):
        unit = zone.units[home[site.compound]]
        # Two of three stand on freed industrial land.
        origin = 0 if k % 3 < 2 else 1 + k // 3 % 2
        if origin == 0:
            work, work_en = works.pop(0)
            name, name_en = f"原{unit.entry[4]}{work}地块", f"Former {unit.entry[5]} {work_en}"
        else:
            name, name_en = f"{unit.entry[4]}预留地块", f"{unit.entry[5]} reserved plot"
        properties = {
            "id": _id("P", k), "name": name, "name_en": name_en, **_money(site),
            "types": ",".join(site.types), "origin": ORIGINS[origin], **MODELLED,
        }  # fmt: skip
        features.append((properties, zone.town.warp.degrees(site.plot)))
    return features


def _seats(zone: Zone) -> list[Feature]:
    features = []
    for k, seat in enumerate(zone.seats):
        office = seat.kind == "office"
        properties = {
            "id": _id("Z", k), "name": seat.name, "name_en": seat.name_en, "kind": seat.kind,
            "subdistrict": seat.side if office else None,
            "subdistrict_name": seat.subdistrict_name,
            "subdistrict_name_en": seat.subdistrict_name_en,
            **MODELLED,
        }  # fmt: skip
        features.append((properties, zone.town.warp.degrees(seat.point)))
    return features


def _streets(zone: Zone) -> list[Feature]:
    features = []
    for k, street in enumerate(zone.town.streets):
        name, name_en = zone.runs[street.key] if street.key else (street.name, street.name_en)
        properties = {
            "id": _id("R", k, 4), "name": name, "name_en": name_en, "class": street.kind,
            "status": "modelled",
        }  # fmt: skip
        features.append((properties, zone.town.warp.degrees(street.line)))
    return features


def _context(zone: Zone) -> list[Feature]:
    outline, degrees = zone.ground.outline, zone.town.warp.degrees
    home, features = _home(zone), []

    def add(name: str, name_en: str, kind: str, polygon: Polygon, note: dict[str, str]) -> None:
        properties = {"id": _id("X", len(features)), "name": name, "name_en": name_en, "kind": kind}
        features.append(({**properties, **note}, shapely.normalize(degrees(polygon))))

    for name, name_en, kind, at, size in FRINGE:
        blob = _blob(at, size).difference(outline.buffer(70, join_style="mitre"))
        add(name, name_en, kind, max(shapely.get_parts(blob), key=lambda p: p.area), NAMED)
    for line in zone.ground.lines:
        if line.kind in BARRIERS and line.kind == "river":
            add(line.name, line.name_en, "water", line.geometry.buffer(26, quad_segs=2), ROAD)
    for kind, compound, plot in zone.land_use:
        unit = zone.units[home[compound]]
        name, name_en = ("公园", "Park") if kind == "park" else ("工业园", "Industrial Park")
        add(unit.entry[4] + name, f"{unit.entry[5]} {name_en}", kind, plot, MODELLED)
    return features


FRINGE = (
    ("兴隆山镇", "Xinglongshan Town", "town", (4950, 8750), (1650, 620)),
    ("杨家村", "Yangjia Village", "village", (7080, 5600), (420, 560)),
    ("黎明村", "Liming Village", "village", (5950, 3150), (620, 480)),
    ("三道村", "Sandao Village", "village", (5250, 250), (520, 420)),
)


def _blob(at: tuple[float, float], size: tuple[float, float]) -> Polygon:
    """A many-cornered patch."""
    turns = np.arange(14) * 2 * np.pi / 14
    reach = 1 + 0.16 * np.sin(3 * turns + at[0]) + 0.09 * np.cos(5 * turns + at[1])
    return Polygon(
        np.c_[at[0] + size[0] * reach * np.cos(turns), at[1] + size[1] * reach * np.sin(turns)]
    )


def _outcome(zone: Zone) -> list[dict[str, str]]:
    home, rows = _home(zone), []
    for i in range(len(zone.town.cells)):
        unit = zone.units[home[i]]
        code, name, name_en = SUZHOU if i in zone.suzhou else unit.entry[:3]
        title, title_en, parent = SUBDISTRICTS[unit.zone]
        rows.append({
            "compound": _id("C", i, 3), "community": code, "community_name": name,
            "community_name_en": name_en, "subdistrict": unit.zone, "subdistrict_name": title,
            "subdistrict_name_en": title_en, "parent": parent, "status": "modelled",
        })  # fmt: skip
    return rows
