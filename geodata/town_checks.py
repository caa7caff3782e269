"""What every seed must meet, checked on the finished layers (WGS 84)."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import networkx as nx
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from town_network import AREA_M2, metres
from town_people import DESIGN_YEAR, LARGEST, PEOPLE, YEARS
from town_programme import PARALLELS, PLACES, SITE_LAND_M2, SITE_YUAN
from town_schools import CLASS_SIZE, GRADES

Layers = dict[str, list[tuple[dict[str, Any], BaseGeometry]]]
EXTENT = (125.346, 43.822, 125.440, 43.905)


def check(layers: Layers) -> dict[str, Any]:
    """Figures of the territory; ValueError names everything that misses the list."""
    figures: dict[str, Any] = {}
    missed: list[str] = []
    for part in (_ground, _people, _communities, _buildings, _schools, _streets):
        for name, (value, holds) in part(layers).items():
            figures[name] = value
            if not holds:
                missed.append(f"{name} = {value}")
    if missed:
        raise ValueError("the territory misses its list: " + "; ".join(missed))
    return figures


Findings = dict[str, tuple[Any, bool]]


def _ground(layers: Layers) -> Findings:
    cells = [geometry for _, geometry in layers["compounds"]]
    flat = [metres(cell) for cell in cells]
    bounds = tuple(float(b) for b in shapely.total_bounds(np.array(cells, dtype=object)))
    area = sum(cell.area for cell in flat) / 1e6
    within = all(b >= e for b, e in zip(bounds[:2], EXTENT[:2], strict=True)) and all(
        b <= e for b, e in zip(bounds[2:], EXTENT[2:], strict=True)
    )
    whole = shapely.coverage_union_all(cells)
    outside = [g for p, g in layers["context"] if p["kind"] in ("town", "village")]
    return {
        "compounds": (len(cells), 110 <= len(cells) <= 130),
        "area_km2": (round(area, 3), abs(area - AREA_M2 / 1e6) < 0.005 * AREA_M2 / 1e6),
        "extent": (bounds, within),
        "coverage_valid": (
            True, bool(shapely.coverage_is_valid(cells) and shapely.coverage_is_valid(flat))
        ),
        "holes_or_islands": (0, whole.geom_type == "Polygon" and not whole.interiors),
        "fringe": (len(outside), len(outside) == 4 and not any(map(whole.intersects, outside))),
    }  # fmt: skip


def _people(layers: Layers) -> Findings:
    rows = [p for p, _ in layers["compounds"]]
    side = {p["id"]: p["subdistrict"] for p, _ in layers["communities"]}
    people: Counter[str] = Counter()
    for row in rows:
        people[side[row["community"]]] += row["population"]
    households = np.array([row["households"] for row in rows])
    population = np.array([row["population"] for row in rows])
    findings: Findings = {
        "people": (dict(people), dict(people) == PEOPLE),
        "households": (int(households.sum()), int(households.sum()) == 77_000),
        "median_people": (float(np.median(population)), 950 <= np.median(population) <= 1180),
        "mean_people": (round(float(population.mean())), 1450 <= population.mean() <= 1720),
        "largest": (int(households.max()), int(households.max()) == LARGEST),
        "above_500_households": (
            int((households > 500).sum()), 40 <= int((households > 500).sum()) <= 55
        ),
        "smallest": (int(households.min()), int(households.min()) >= 30),
    }  # fmt: skip
    for service, peaks in (("primary", (2021, 2022)), ("junior", (2024, 2025, 2026))):
        by_year = [sum(row[f"{service}_{year}"] for row in rows) for year in YEARS]
        per_1000 = 1000 * by_year[YEARS.index(DESIGN_YEAR)] / int(population.sum())
        peak = YEARS[int(np.argmax(by_year))]
        aim = 52 if service == "primary" else 26
        findings[f"{service}_per_1000"] = (round(per_1000, 2), abs(per_1000 - aim) < 1)
        findings[f"{service}_peak"] = (peak, peak in peaks and by_year[-1] < by_year[0])
    return findings


def _communities(layers: Layers) -> Findings:
    parts: dict[str, list[BaseGeometry]] = defaultdict(list)
    sums: Counter[str] = Counter()
    for row, cell in layers["compounds"]:
        parts[row["community"]].append(cell)
        sums[row["community"]] += row["households"]
    shapes = {p["id"]: g for p, g in layers["communities"]}
    same = all(shape.equals(shapely.coverage_union_all(parts[c])) for c, shape in shapes.items())
    one = all(shape.geom_type == "Polygon" for shape in shapes.values())
    subdistricts: dict[str, list[BaseGeometry]] = defaultdict(list)
    for row, shape in layers["communities"]:
        subdistricts[row["subdistrict"]].append(shape)
    nested = all(
        shape.equals(shapely.coverage_union_all(subdistricts[row["id"]]))
        for row, shape in layers["subdistricts"]
    )
    counts = [len(part) for part in parts.values()]
    large = sum(total > 5400 for total in sums.values())
    rest = [n for n in sums.values() if n <= 5400]
    return {
        "communities": (len(shapes), len(shapes) == 20 == len(parts)),
        "communities_are_unions": (same, same and one),
        "subdistricts_are_unions": (nested, nested),
        "compounds_per_community": (
            (min(counts), max(counts)),
            3 <= min(counts) <= max(counts) <= 10,
        ),
        "large_communities": (large, 3 <= large <= 6),
        "small_communities": (sum(n < 1000 for n in rest), any(n < 1000 for n in rest)),
        "largest_other": (max(rest), max(rest) <= 5000),
    }


def _buildings(layers: Layers) -> Findings:
    cells = {p["id"]: (p, g) for p, g in layers["compounds"]}
    sums: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    outside = 0
    for row, footprint in layers["buildings"]:
        sums[row["compound"]] += row["households"]
        counts[row["compound"]] += 1
        outside += not cells[row["compound"]][1].contains(footprint)
    sizes = [row["households"] for row, _ in layers["buildings"]]
    exact = all(
        sums[i] == p["households"] and counts[i] == p["buildings"] for i, (p, _) in cells.items()
    )
    footprints = np.array([g for _, g in layers["buildings"]], dtype=object)
    pairs = shapely.STRtree(footprints).query(footprints, predicate="intersects")
    return {
        "buildings": (len(sizes), exact),
        "building_households": ((min(sizes), max(sizes)), 30 <= min(sizes) <= max(sizes) <= 200),
        "buildings_outside": (outside, outside == 0),
        "buildings_overlapping": (
            int((pairs[0] < pairs[1]).sum()),
            not (pairs[0] < pairs[1]).any(),
        ),
    }


def _schools(layers: Layers) -> Findings:
    schools = [p for p, _ in layers["schools"]]
    compounds = [p for p, _ in layers["compounds"]]
    findings: Findings = {}
    for s, service in enumerate(GRADES):
        classes = sum(k[f"{service}_classes"] for k in schools)
        places = classes * CLASS_SIZE[service] + PARALLELS[s] * PLACES[s]
        pupils = sum(row[f"{service}_{DESIGN_YEAR}"] for row in compounds)
        findings[f"{service}_places_over_demand"] = (
            round(places / pupils, 4), 1.025 <= places / pupils <= 1.03
        )  # fmt: skip
        today: Counter[str] = Counter()
        for row in compounds:
            today[row[f"{service}_school"]] += row[f"{service}_2017"]
        counted = all(today[k["id"]] == k[f"{service}_pupils"] for k in schools)
        full = sum(today.values()) / (classes * CLASS_SIZE[service])
        findings[f"{service}_crowding_today"] = (round(full, 2), counted and full > 1.2)
    both = [k for k in schools if k["primary_classes"] and k["junior_classes"]]
    grown = [k for k in schools if k["expandable"]]
    sites = layers["sites"]
    off = [abs(metres(g).area / p["land_m2"] - 1) for p, g in sites]
    findings |= {
        "schools": (len(schools), 10 <= len(schools) <= 13 and len(both) >= 2),
        "expandable": (
            (len(grown), sum(k in both for k in grown)),
            4 <= len(grown) <= 5 and sum(k in both for k in grown) >= 2,
        ),
        "sites": (len(sites), 12 <= len(sites) <= 16),
        "site_land_m2": (
            (min(p["land_m2"] for p, _ in sites), max(p["land_m2"] for p, _ in sites)),
            all(SITE_LAND_M2[0] <= p["land_m2"] <= SITE_LAND_M2[1] for p, _ in sites)
            and max(off) < 0.002,
        ),
        "site_yuan": (
            (min(p["cost_yuan"] for p, _ in sites), max(p["cost_yuan"] for p, _ in sites)),
            all(SITE_YUAN[0] <= p["cost_yuan"] <= SITE_YUAN[1] for p, _ in sites),
        ),
    }
    return findings


def _streets(layers: Layers) -> Findings:
    graph = nx.Graph()
    for _, line in layers["streets"]:
        graph.add_edge(line.coords[0], line.coords[-1])
    findings: Findings = {
        "streets": (len(layers["streets"]), nx.is_connected(graph)),
        "street_classes": (
            dict(sorted(Counter(p["class"] for p, _ in layers["streets"]).items())),
            len({p["name"] for p, _ in layers["streets"] if p["class"] == "trunk"}) in (2, 3, 4),
        ),
    }
    lines = np.array([line for _, line in layers["streets"]], dtype=object)
    for row, barrier in layers["barriers"]:
        crossing = int(shapely.crosses(lines, barrier).sum())
        touching = int(shapely.touches(lines, barrier).sum())
        findings[f"{row['kind']}_crossings"] = (crossing, 3 <= crossing <= 6 and touching == 0)
    return findings
