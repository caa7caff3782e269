"""Existing schools, candidate sites and today's catchments."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import networkx as nx
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from shapely import Polygon
from town_communities import NoLuckError
from town_network import Town
from town_people import DESIGN_YEAR, YEARS, People
from town_plots import Plots

GRADES = {"primary": 6, "junior": 3}
CLASS_SIZE = {"primary": 45, "junior": 50}
SITE_ROOM_M2 = 32_000
# As the crow flies, on the safe side of the reach along the streets.
NEAR_M = {"primary": 2150, "junior": 3250}
OFFERS = 4
REACH_M = {"primary": 3000, "junior": 4500}
# Places per pupil once the programme is built, the same for both stages: whole classes and whole
# compounds hardly ever fill every place, so some three in a hundred stay free (98-103 % is asked).
RESERVE = 1.0285
# Parallel classes (primary, junior) of today's schools: 24 and 10 in all.
STOCKS = (
    ((3, 3), (2, 3), (0, 4), (3, 0), (3, 0), (3, 0), (2, 0), (2, 0), (2, 0), (2, 0), (2, 0)),
    ((2, 2), (2, 2), (2, 2), (0, 4), (3, 0), (3, 0), (3, 0), (3, 0), (2, 0), (2, 0), (2, 0)),
    ((3, 3), (3, 3), (0, 4), (3, 0), (3, 0), (2, 0), (2, 0), (2, 0), (2, 0), (2, 0), (2, 0)),
)


@dataclass
class School:
    """A school of today (with parallels) or a candidate site (without)."""

    compound: int
    plot: Polygon
    parallels: tuple[int, int] = (0, 0)
    expandable: bool = False
    land_m2: int = 0
    fixed_yuan: int = 0
    per_place_yuan: int = 0
    types: tuple[str, ...] = ()
    """Allowed at a site; empty: all."""
    serves: dict[str, list[int]] = field(default_factory=dict)


def demand() -> dict[str, int]:
    """Pupils of the design year, so that the places with the programme keep the reserve."""
    return {
        "primary": round((24 * 270 + 3510) / RESERVE),
        "junior": round((10 * 150 + 3450) / RESERVE),
    }


def existing(rng: np.random.Generator, town: Town, people: People, plots: Plots) -> list[School]:
    """Schools of today, spread over where people already lived."""
    stock = STOCKS[int(rng.integers(len(STOCKS)))]
    centres = np.array([cell.centroid.coords[0] for cell in town.cells])
    weight = people.population * np.array([1.3, 1.0, 0.6])[people.age]
    chosen = _medians(rng, centres, weight, len(stock))
    # Those with a junior stage go where they lie far from each other.
    junior = _spread(centres[chosen], weight[chosen], sum(1 for _, j in stock if j))
    order = junior + [k for k in range(len(chosen)) if k not in junior]
    schools = []
    for parallels, k in zip(stock, order, strict=True):
        land = 7000 + 2600 * sum(parallels) * float(rng.uniform(0.8, 1.2))
        spot, plot = _fit(
            rng, plots, centres, near=centres[chosen[k]], land_m2=land, taken=schools, apart_m=350
        )
        schools.append(School(spot, plot, parallels))
    extra = [k for k, (p, j) in enumerate(stock) if not (p and j)]
    for k in [i for i, (p, j) in enumerate(stock) if p and j] + _some(rng, extra, 5, stock):
        school = schools[k]
        school.expandable = True
        both = all(school.parallels)
        school.land_m2 = int(rng.integers(115, 160) if both else rng.integers(65, 125)) * 100
    return schools


def _some(
    rng: np.random.Generator, extra: list[int], total: int, stock: tuple[tuple[int, int], ...]
) -> list[int]:
    both = sum(1 for p, j in stock if p and j)
    return sorted(rng.permutation(extra)[: total - both].tolist())


def _medians(
    rng: np.random.Generator, centres: np.ndarray, weight: np.ndarray, count: int
) -> list[int]:
    """Greedy medians: each next school where it shortens the ways most (with some chance)."""
    apart = np.hypot(*(centres[:, None] - centres[None]).transpose(2, 0, 1))
    nearest = np.full(len(centres), 4000.0)
    chosen: list[int] = []
    for _ in range(count):
        gain = (weight[:, None] * np.maximum(0, nearest[:, None] - apart)).sum(axis=0)
        gain *= rng.uniform(0.88, 1.0, len(gain))
        gain[chosen] = -1
        chosen.append(int(np.argmax(gain)))
        nearest = np.minimum(nearest, apart[:, chosen[-1]])
    return chosen


def _spread(centres: np.ndarray, weight: np.ndarray, count: int) -> list[int]:
    chosen = [int(np.argmax(weight))]
    while len(chosen) < count:
        gaps = np.hypot(*(centres[:, None] - centres[chosen][None]).transpose(2, 0, 1))
        chosen.append(int(np.argmax(gaps.min(axis=1))))
    return chosen


def _fit(
    rng: np.random.Generator, plots: Plots, centres: np.ndarray, *, near: np.ndarray,
    land_m2: float, taken: list[School], apart_m: float,
) -> tuple[int, Polygon]:  # fmt: skip
    """The plot in the nearest compound that has room and no school yet."""
    used = [school.compound for school in taken]
    for i in np.argsort(np.hypot(*(centres - near).T), kind="stable").tolist():
        gaps = np.hypot(*(centres[used] - centres[i]).T) if used else np.array([np.inf])
        if gaps.min() < apart_m:
            continue
        plot = plots.place(rng, i, land_m2)
        if plot is not None:
            return i, plot
    raise NoLuckError("no room for a school")


def candidate_spots(
    rng: np.random.Generator, town: Town, people: People, *, schools: list[School],
    room_m2: np.ndarray, count: int,
) -> list[int]:  # fmt: skip
    """Compounds where places lack most, one after the other, never too near to each other."""
    centres = np.array([cell.centroid.coords[0] for cell in town.cells])
    apart = np.hypot(*(centres[:, None] - centres[None]).transpose(2, 0, 1))
    near = np.exp(-((apart / 1100) ** 2))
    near /= near.sum(axis=0, keepdims=True)
    lack = _lack(people, schools, near)
    offers = {
        service: apart[:, [k.compound for k in schools if k.parallels[s]]] < NEAR_M[service]
        for s, service in enumerate(GRADES)
    }
    free = room_m2 >= SITE_ROOM_M2
    for school in schools:
        free &= apart[school.compound] >= 330
    chosen: list[int] = []
    for _ in range(count):
        score = np.where(free, lack * rng.uniform(0.85, 1.15, len(lack)), -np.inf)
        # First where somebody has fewer than four schools or sites within reach.
        few = {service: offer.sum(axis=1) for service, offer in offers.items()}
        service = min(few, key=lambda s: int(few[s].min()))
        if few[service].min() < OFFERS:
            score = np.where(apart[int(few[service].argmin())] < NEAR_M[service], score, -np.inf)
        best = int(np.argmax(score))
        if not np.isfinite(score[best]):
            raise NoLuckError("no spot for a site")
        chosen.append(best)
        free &= apart[best] >= 620
        lack -= near[:, best] * sum(people.pupils[s][:, 3].sum() for s in GRADES) / 22
        for s, offer in offers.items():
            offers[s] = np.c_[offer, apart[:, best] < NEAR_M[s]]
    return chosen


def _lack(people: People, schools: list[School], near: np.ndarray) -> np.ndarray:
    lack = np.zeros(len(near))
    for s, service in enumerate(GRADES):
        lack += near @ people.pupils[service][:, YEARS.index(DESIGN_YEAR)].astype(float)
        for school in schools:
            places = school.parallels[s] * GRADES[service] * CLASS_SIZE[service]
            lack -= near[:, school.compound] * places
    return lack + 0.15 * abs(lack).max()


def check_reach(town: Town, schools: list[School], sites: list[School]) -> dict[str, int]:
    """At least three schools or sites of each stage within reach of every compound."""
    ways = distances(town, [school.plot for school in [*schools, *sites]])
    fewest = {}
    for s, service in enumerate(REACH_M):
        offers = [bool(k.parallels[s]) for k in schools]
        offers += [not k.types or service in k.types for k in sites]
        fewest[service] = int((ways[:, offers] <= REACH_M[service]).sum(axis=1).min())
    if min(fewest.values()) < 3:
        raise NoLuckError("a compound out of reach")
    return fewest


def distances(town: Town, targets: list[Polygon]) -> np.ndarray:
    """Walking metres from every compound to every plot along the streets (flat frame)."""
    nodes: dict[tuple[float, float], int] = {}
    rows: list[tuple[int, int, float]] = []
    for street in town.streets:
        coords = [(round(u, 2), round(v, 2)) for u, v in street.line.coords]
        for a, b in itertools.pairwise(coords):
            ends = [nodes.setdefault(node, len(nodes)) for node in (a, b)]
            rows.append((*ends, float(np.hypot(a[0] - b[0], a[1] - b[1]))))
    i, j, length = (np.array(column) for column in zip(*rows, strict=True))
    graph = coo_array((length, (i, j)), shape=(len(nodes), len(nodes))).tocsr()
    place = np.array(list(nodes))

    def access(points: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
        gaps = np.hypot(*(np.array(points)[:, None] - place[None]).transpose(2, 0, 1))
        return gaps.argmin(axis=1), gaps.min(axis=1)

    home, home_m = access([cell.representative_point().coords[0] for cell in town.cells])
    goal, goal_m = access([plot.centroid.coords[0] for plot in targets])
    ways = dijkstra(graph, directed=False, indices=goal)[:, home].T
    return (ways + home_m[:, None] + goal_m[None]) * town.warp.scale


def catchments(town: Town, people: People, schools: list[School]) -> None:
    """Today's zones: connected in the compound graph, near, fuller where a school is small."""
    graph = nx.Graph()
    centres = np.array([cell.centroid.coords[0] for cell in town.cells])
    for a, b in town.borders:
        graph.add_edge(a, b, weight=float(np.hypot(*(centres[a] - centres[b]))))
    for s, service in enumerate(GRADES):
        pupils = people.pupils[service][:, 0]
        here = [k for k, school in enumerate(schools) if school.parallels[s]]
        places = np.array([schools[k].parallels[s] for k in here], dtype=float)
        ways = np.array([_ways(graph, schools[k].compound) for k in here])
        shift = np.zeros(len(here))
        zone = np.argmin(ways, axis=0)
        for _ in range(60):
            load = np.bincount(zone, pupils, len(here)) / places
            shift += 60 * (load / load.mean() - 1)
            shift = np.clip(shift - shift.mean(), -450, 450)
            price = ways + shift[:, None]
            # A school never loses the compound in which it stands.
            for row, k in enumerate(here):
                price[row, schools[k].compound] = -1e6
            zone = np.argmin(price, axis=0)
        for row, k in enumerate(here):
            schools[k].serves[service] = np.flatnonzero(zone == row).tolist()


def _ways(graph: nx.Graph, root: int) -> list[float]:
    ways = nx.single_source_dijkstra_path_length(graph, root)
    return [ways[i] for i in range(graph.number_of_nodes())]
