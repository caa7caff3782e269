"""Households, people and pupils of every compound, to the published totals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import networkx as nx
import numpy as np
from scipy.stats import norm
from town_communities import SHAPES, SIDE_HOUSEHOLDS, NoLuckError
from town_names import BEFORE, ESTATES, NUMERALS
from town_network import Town

PEOPLE = {"220171001": 76_700, "220171002": 112_600}
LARGEST = 5445
YEARS = tuple(range(2017, 2031))
DESIGN_YEAR = 2020
# Demand over the years, the design year as 1: a peak, then decline.
CURVES = {
    "primary": (0.93, 0.955, 0.98, 1, 1.025, 1.03, 1.0, 0.95, 0.88, 0.80, 0.72, 0.64, 0.57, 0.51),
    "junior": (0.89, 0.92, 0.96, 1, 1.035, 1.07, 1.10, 1.125, 1.13, 1.11, 1.05, 0.98, 0.90, 0.82),
}
# Pupils per resident against the mean, by age of the estate.
YOUNG = {"primary": (0.78, 1.0, 1.32), "junior": (0.86, 1.0, 1.18)}


@dataclass(frozen=True)
class Unit:
    """A community before the reform."""

    zone: str
    side: str
    compounds: tuple[int, ...]
    entry: tuple


@dataclass(frozen=True)
class People:
    """Per compound, in the order of the cells."""

    households: np.ndarray
    population: np.ndarray
    age: np.ndarray
    """0 old, 1 middle, 2 young estate."""
    pupils: dict[str, np.ndarray]
    """Service → compounds × years."""


def side_of(zone: str) -> str:
    """The subdistrict before the reform to which a sub-zone belonged."""
    return next(before for before, zones in BEFORE.items() if zone in zones)


def settle(
    rng: np.random.Generator,
    town: Town,
    found: Sequence[tuple[str, list[int], int]],
    demand: dict[str, int],
) -> People:
    """Draw sizes of compounds and share them out so that every community comes near its aim."""
    households = _households(rng, town, found)
    _check_communities(town, found, households)
    population = np.zeros_like(households)
    for side, total in PEOPLE.items():
        own = [i for zone, part, _ in found if side_of(zone) == side for i in part]
        persons = households[own] * rng.uniform(2.3, 2.62, len(own))
        population[own] = apportion(persons, total)
    density = population / np.array([cell.area for cell in town.cells])
    age = rng.choice(3, len(population), p=(0.35, 0.4, 0.25))
    # The largest estates are new, the densest small ones old.
    age[households > 1500] = 2
    age[(households < 250) & (density > np.median(density))] = 0
    pupils = {
        service: _pupils(rng, service, population, age, demand[service]) for service in CURVES
    }
    return People(households, population, age, pupils)


def apportion(weights: np.ndarray, total: int) -> np.ndarray:
    """Whole numbers in proportion to the weights, adding up exactly (largest remainders)."""
    exact = weights / weights.sum() * total
    whole = np.floor(exact).astype(int)
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return whole


def _households(
    rng: np.random.Generator, town: Town, found: Sequence[tuple[str, list[int], int]]
) -> np.ndarray:
    count = len(town.cells)
    sizes = _sizes(rng, count)
    owner = np.zeros(count, dtype=int)
    for c, (_, part, _) in enumerate(found):
        owner[part] = c
    aims = _aims(found, int(sizes.sum()))
    area = np.array([cell.area for cell in town.cells])
    rank = np.argsort(np.argsort(area)) / count
    big = max((c for c in range(len(found)) if found[c][0] == "220171002"), key=lambda c: aims[c])
    at = rng.permutation(count)
    # The largest compound on the largest plot of the largest community.
    host = max(found[big][1], key=lambda i: area[i])
    here = int(np.argmax(sizes[at]))
    at[here], at[host] = at[host], at[here]
    value = sizes[at].astype(float)
    height = np.argsort(np.argsort(value)) / count
    totals = np.bincount(owner, value)
    for step in range(120_000):
        i, j = rng.integers(0, count, 2)
        if host in (i, j) or i == j:
            continue
        a, b, change = owner[i], owner[j], value[j] - value[i]
        gain = 0.0
        if a != b:
            before = ((totals[a] - aims[a]) / aims[a]) ** 2 + ((totals[b] - aims[b]) / aims[b]) ** 2
            after = ((totals[a] + change - aims[a]) / aims[a]) ** 2
            after += ((totals[b] - change - aims[b]) / aims[b]) ** 2
            gain = 40 * (before - after)
        gain += 0.08 * ((rank[j] - rank[i]) * (height[i] - height[j]))
        if gain > 0 or rng.random() < np.exp(gain / max(1e-9, 0.1 * (1 - step / 80_000))):
            value[i], value[j] = value[j], value[i]
            height[i], height[j] = height[j], height[i]
            totals[a] += change
            totals[b] -= change
    households = value.astype(int)
    for side, total in SIDE_HOUSEHOLDS.items():
        own = np.array([i for z, part, _ in found if side_of(z) == side for i in part])
        rest = own[own != host]
        fixed = LARGEST if host in own else 0
        households[rest] = apportion(households[rest].astype(float), total - fixed)
    return households


def _sizes(rng: np.random.Generator, count: int) -> np.ndarray:
    """A log-normal distribution by quantiles, and the one very large compound."""
    shares = (np.arange(count - 1) + rng.uniform(0.2, 0.8, count - 1)) / (count - 1)
    sizes = 436 * np.exp(0.84 * norm.ppf(shares))
    sizes = np.clip(sizes, 44, 2700)
    rest = sum(SIDE_HOUSEHOLDS.values()) - LARGEST
    # Scale the upper half only: the median stays where it is.
    upper = sizes > np.median(sizes)
    sizes[upper] *= (rest - sizes[~upper].sum()) / sizes[upper].sum()
    return np.append(np.round(sizes), LARGEST).astype(int)


def _aims(found: Sequence[tuple[str, list[int], int]], total: int) -> np.ndarray:
    aims = np.array([float(aim) for _, _, aim in found])
    for zone, shape in SHAPES.items():
        # The sub-zones of a side are about equal, so that it can be divided within the band.
        own = np.array([z == zone for z, _, _ in found])
        small = own & (aims < 1000)
        rest = own & ~small
        aims[rest] *= (sum(shape) - aims[small].sum()) / aims[rest].sum()
    return aims * total / aims.sum()


def _check_communities(
    town: Town, found: Sequence[tuple[str, list[int], int]], households: np.ndarray
) -> None:
    """Large ones can be split by whole compounds; a small one has a neighbour with room."""
    graph = nx.Graph(list(town.borders))
    sums = [int(households[part].sum()) for _, part, _ in found]
    if not 3 <= sum(total > 5400 for total in sums) <= 6:
        raise NoLuckError("large communities")
    if any(5000 < total <= 5400 or 1000 <= total < 1050 for total in sums):
        raise NoLuckError("communities between the bands")
    for (_, part, _), total in zip(found, sums, strict=True):
        if total > 5000 and split_up(graph.subgraph(part), households) is None:
            raise NoLuckError("a community that cannot be split")
    small = [c for c, total in enumerate(sums) if total < 1000]
    if not small:
        raise NoLuckError("no small community")
    for c in small:
        near = {n for i in found[c][1] for n in graph[i]}
        if not any(
            near & set(part) and side_of(zone) == side_of(found[c][0]) and sums[d] + sums[c] < 4900
            for d, (zone, part, _) in enumerate(found)
            if d != c
        ):
            raise NoLuckError("a small community without a neighbour that has room")


def split_up(graph: nx.Graph, households: np.ndarray) -> tuple[tuple[int, ...], ...] | None:
    """Contiguous communities of 1000 to 5000 households by whole compounds, or None.

    A single larger compound counts as one. The first division found, the fewest parts first.
    """

    @cache
    def parts(nodes: tuple[int, ...]) -> tuple[tuple[int, ...], ...] | None:
        if len(nodes) == 1 or 1000 <= int(households[list(nodes)].sum()) <= 5000:
            return (nodes,) if int(households[list(nodes)].sum()) >= 1000 else None
        first, others = nodes[0], nodes[1:]
        best: tuple[tuple[int, ...], ...] | None = None
        for mask in range(2 ** len(others) - 1):
            one = (first, *(n for k, n in enumerate(others) if mask >> k & 1))
            other = tuple(n for n in nodes if n not in one)
            if min(int(households[list(p)].sum()) for p in (one, other)) < 1000:
                continue
            if not all(nx.is_connected(graph.subgraph(p)) for p in (one, other)):
                continue
            left, right = parts(one), parts(other)
            if left and right and (best is None or len(left) + len(right) < len(best)):
                best = left + right
                if len(best) == 2:
                    break
        return best

    return parts(tuple(sorted(graph)))


def _pupils(
    rng: np.random.Generator, service: str, population: np.ndarray, age: np.ndarray, design: int
) -> np.ndarray:
    """Pupils by compound and year; young estates have more, and later."""
    rate = np.array(YOUNG[service])[age] * rng.uniform(0.85, 1.15, len(age))
    years = np.array(YEARS, dtype=float)
    table = np.zeros((len(population), len(YEARS)), dtype=int)
    shape = np.array([np.interp(years - shift, years, CURVES[service]) for shift in (-1, 0, 1)])
    weights = (population * rate)[:, None] * shape[age]
    for y, share in enumerate(CURVES[service]):
        table[:, y] = apportion(weights[:, y], round(design * share))
    return table


def estate_names(
    rng: np.random.Generator, units: Sequence[Unit], people: People
) -> list[tuple[str, str]]:
    """Made-up bilingual names: the community's stem and a kind of estate; some numbered."""
    names: list[tuple[str, str]] = [("", "")] * len(people.households)
    for unit in units:
        kinds = [ESTATES[i] for i in rng.permutation(len(ESTATES))[: len(unit.compounds)]]
        for compound, (kind, kind_en) in zip(unit.compounds, kinds, strict=True):
            names[compound] = unit.entry[4] + kind, f"{unit.entry[5]} {kind_en}"
    old = np.flatnonzero((people.age == 0) & (people.households > 300))[: len(NUMERALS)]
    for number, compound in enumerate(old.tolist()):
        names[compound] = f"经开{NUMERALS[number]}区", f"Jingkai Estate No. {number + 1}"
    return names
