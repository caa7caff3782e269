"""The programme against the sites: parcels and costs calibrated so that it is feasible but tight.

Options are those of the reference scenario: whole parallel classes, 15 m² a place.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from town_communities import NoLuckError
from town_schools import School

LAND_M2 = 145_000
COST_YUAN = 1_100_000_000
PARALLELS = (13, 23)
PLACES = (270, 150)
LAND_PER_PLACE_M2 = 15
COST_SHARE = (0.88, 0.96)
LAND_SHARE = (0.80, 0.93)
COMBINATIONS = 200
SITE_LAND_M2 = (18_000, 45_000)
SITE_YUAN = (15_000_000, 90_000_000)
PER_PLACE_YUAN = (90_000, 145_000)
TYPES = {
    "primary": [(p, 0) for p in range(2, 7)],
    "junior": [(0, j) for j in range(4, 11)],
    "nine_year": [(k, k) for k in range(2, 7)],
}


@dataclass(frozen=True)
class Tightness:
    """How feasible and how tight the programme is."""

    cheapest_yuan: float
    least_land_m2: float
    combinations: int
    """Sets of four sites that some expansion makes feasible in land and money."""
    programmes: int
    """The same, counting the expansions apart."""


def tightness(sites: list[School], schools: list[School]) -> Tightness:
    """Enumerate every four sites with every expansion; cheapest totals by dynamic programming."""
    options = [_site_options(site) for site in sites]
    expansions = [_expansion(school) for school in schools if school.expandable]
    cheapest, least, sets, programmes = np.inf, np.inf, 0, 0
    tables: dict[tuple[int, ...], np.ndarray] = {(): _start()}
    for size in range(1, 5):
        for group in combinations(range(len(sites)), size):
            tables[group] = _add(tables[group[:-1]], options[group[-1]])
    for group in combinations(range(len(sites)), 4):
        land = sum(sites[i].land_m2 for i in group)
        found = 0
        for parcel, choices in expansions:
            if land + parcel > LAND_M2:
                continue
            cost = min(
                (
                    tables[group][PARALLELS[0] - p, PARALLELS[1] - j] + yuan
                    for p, j, yuan in choices
                ),
                default=np.inf,
            )
            if cost < np.inf:
                cheapest = min(cheapest, cost)
                if cost <= COST_YUAN:
                    least = min(least, land + parcel)
                    found += 1
        sets += found > 0
        programmes += found
    return Tightness(float(cheapest), float(least), sets, programmes)


def _start() -> np.ndarray:
    table = np.full((PARALLELS[0] + 1, PARALLELS[1] + 1), np.inf)
    table[0, 0] = 0
    return table


def _add(table: np.ndarray, options: list[tuple[int, int, float]]) -> np.ndarray:
    after = np.full_like(table, np.inf)
    rows, columns = table.shape
    for p, j, yuan in options:
        if p < rows and j < columns:
            part = table[: rows - p, : columns - j] + yuan
            np.minimum(after[p:, j:], part, out=after[p:, j:])
    return after


def _site_options(site: School) -> list[tuple[int, int, float]]:
    return [
        (p, j, site.fixed_yuan + _places(p, j) * site.per_place_yuan)
        for kind in (site.types or tuple(TYPES))
        for p, j in TYPES[kind]
        if _places(p, j) * LAND_PER_PLACE_M2 <= site.land_m2
    ]


def _expansion(school: School) -> tuple[int, list[tuple[int, int, float]]]:
    most = [5 if stage else 1 for stage in school.parallels]
    return school.land_m2, [
        (p, j, school.fixed_yuan + _places(p, j) * school.per_place_yuan)
        for p in range(most[0])
        for j in range(most[1])
        if (p or j) and _places(p, j) * LAND_PER_PLACE_M2 <= school.land_m2
    ]


def _places(p: int, j: int) -> int:
    return p * PLACES[0] + j * PLACES[1]


def price(
    rng: np.random.Generator, sites: list[School], schools: list[School], room_m2: np.ndarray
) -> Tightness:
    """Set parcels of sites and all costs; scale them until the programme is tight enough."""
    count = len(sites)
    base = (np.arange(count) + rng.uniform(0.2, 0.8, count)) / count
    base = SITE_LAND_M2[0] + (SITE_LAND_M2[1] - SITE_LAND_M2[0]) * base
    # Larger parcels where there is more room, with some chance.
    rank = np.argsort(np.argsort(room_m2 * rng.uniform(0.75, 1.3, count)))
    base = base[rank]
    fixed = rng.uniform(0.6, 1.5, count) * 50e6 * (base / base.mean()) ** 0.5
    per_place = rng.uniform(98_000, 132_000, count)
    grown = [school for school in schools if school.expandable]
    grown_fixed = rng.uniform(6e6, 16e6, len(grown))
    grown_per = rng.uniform(85_000, 112_000, len(grown))
    _restrict(rng, sites, base)
    level, spread = 1.0, 1.0
    for _ in range(40):
        near_fixed = fixed.mean() + spread * (fixed - fixed.mean())
        near_unit = per_place.mean() + spread * (per_place - per_place.mean())
        for i, site in enumerate(sites):
            site.land_m2 = _clip(min(base[i], 0.93 * room_m2[i]), SITE_LAND_M2, 100)
            site.fixed_yuan = _clip(level * near_fixed[i], SITE_YUAN, 100_000)
            site.per_place_yuan = _clip(level * near_unit[i], PER_PLACE_YUAN, 500)
        for i, school in enumerate(grown):
            school.fixed_yuan = round(level * grown_fixed[i] / 1e5) * 100_000
            school.per_place_yuan = round(level * grown_per[i] / 500) * 500
        found = tightness(sites, schools)
        if not np.isfinite(found.cheapest_yuan):
            raise NoLuckError("no programme fits the sites")
        share = found.cheapest_yuan / COST_YUAN
        land = found.least_land_m2 / LAND_M2
        if not np.isfinite(land) or not 0.885 <= share <= 0.925:
            level *= 0.905 / share
        elif not LAND_SHARE[0] + 0.01 <= land <= LAND_SHARE[1] - 0.02:
            base *= (0.85 / land) ** 0.8
        elif found.combinations < COMBINATIONS * 1.15:
            spread *= 0.9
            base = 0.995 * (base.mean() + 0.98 * (base - base.mean()))
        else:
            return found
    raise NoLuckError("costs and parcels could not be calibrated")


def _restrict(rng: np.random.Generator, sites: list[School], land_m2: np.ndarray) -> None:
    """A few sites do not take every type."""
    for site, land in zip(sites, land_m2, strict=True):
        site.types = ("primary",) if land < 20_500 else ()
    for k in rng.permutation(len(sites))[:2].tolist():
        if not sites[k].types and land_m2[k] < 36_000:
            sites[k].types = ("primary", "junior")


def _clip(value: float, bounds: tuple[int, int], step: int) -> int:
    return round(float(np.clip(value, *bounds)) / step) * step
