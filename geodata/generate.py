"""Generate the reference territory: ``python geodata/generate.py --seed N --out DIR``.

Everything is drawn from the seed. Stages are drawn again (with the next sub-seed) until the
list of the data passport is met; the files are the same on every run.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import networkx as nx
import numpy as np
import shapely
import town_layers
from shapely import Polygon
from shapely.affinity import scale as scaled
from town_checks import check
from town_communities import NoLuckError, communities, name_collectors, name_communities, sub_zones
from town_ground import Ground, lay_out
from town_network import Town, metres, weave
from town_people import People, Unit, estate_names, settle, side_of
from town_plots import Building, Plots
from town_programme import Tightness, price
from town_schools import School, candidate_spots, catchments, check_reach, demand, existing
from town_seats import Seat, halvings, seats

DEFAULT_SEED = 2017
TRIES = 40

Made = TypeVar("Made")


@dataclass(frozen=True)
class Zone:
    """All of a generated zone, flat; `town_layers` writes it."""

    ground: Ground
    town: Town
    units: list[Unit]
    people: People
    estates: list[tuple[str, str]]
    runs: dict[tuple[str, int, int], tuple[str, str]]
    suzhou: list[int]
    schools: list[School]
    sites: list[School]
    tightness: Tightness
    within_reach: dict[str, int]
    """Fewest schools and sites within reach of any compound, by service."""
    halvings: dict[str, int]
    seats: list[Seat]
    land_use: list[tuple[str, int, Polygon]]
    buildings: list[Building]


@dataclass(frozen=True)
class Base:
    """The ground on which people settle."""

    key: tuple[int, int]
    ground: Ground
    town: Town
    graph: nx.Graph
    demand: dict[str, int]


@dataclass(frozen=True)
class Settled:
    """Who lives where."""

    units: list[Unit]
    people: People
    runs: dict[tuple[str, int, int], tuple[str, str]]
    suzhou: list[int]


def main(arguments: Sequence[str] | None = None) -> None:
    """Write all layers of one seed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    given = parser.parse_args(arguments)
    zone = generate(given.seed)
    layers = town_layers.layers(zone)
    figures = check(layers)
    given.out.mkdir(parents=True, exist_ok=True)
    town_layers.write(layers, zone, given.out)
    own = {"halvings": zone.halvings, "within_reach": zone.within_reach}
    for name, value in {**vars(zone.tightness), **own, **figures}.items():
        print(f"{name}: {value}")


def generate(seed: int) -> Zone:
    """The zone of a seed."""
    return _draw(seed, 0, lambda number: _zone(seed, number), tries=8)


def _zone(seed: int, number: int) -> Zone:
    rng = np.random.default_rng([seed, number, 0])
    ground = lay_out(rng)
    town = weave(rng, ground)
    graph = nx.Graph(list(town.borders))
    if len(graph) != len(town.cells) or not nx.is_connected(graph):
        raise NoLuckError("compounds out of contact")
    base = Base((seed, number), ground, town, graph, demand())
    settled = _draw(seed, 1, lambda attempt: _settled(base, attempt))
    name_collectors(town, settled.runs, settled.suzhou)
    return _draw(seed, 2, lambda attempt: _built(base, settled, attempt))


def _draw(seed: int, stage: int, make: Callable[[int], Made], *, tries: int = TRIES) -> Made:
    reasons = []
    for number in range(tries):
        try:
            return make(number)
        except NoLuckError as reason:
            reasons.append(str(reason))
    raise NoLuckError(f"seed {seed}, stage {stage}: {', '.join(sorted(set(reasons)))}")


def _settled(base: Base, attempt: int) -> Settled:
    rng = np.random.default_rng([*base.key, 1, attempt])
    town = base.town
    found = communities(rng, town, sub_zones(rng, town, base.ground.side, base.ground.superblock))
    names, runs = name_communities(town, found)
    people = settle(rng, town, found, base.demand)
    units = sorted(
        (
            Unit(zone, side_of(zone), tuple(part), entry)
            for (zone, part, _), entry in zip(found, names, strict=True)
        ),
        key=lambda unit: unit.entry[0],
    )
    if min(halvings(town, units, people).values()) < 5:
        raise NoLuckError("a side that is hard to divide")
    return Settled(units, people, runs, _suzhou(base.graph, units, people))


def _suzhou(graph: nx.Graph, units: list[Unit], people: People) -> list[int]:
    """The compounds of 苏州社区: the smaller half of the largest later 会展 community."""
    sums = people.households
    parent = max(
        (u for u in units if u.zone == "220171003"),
        key=lambda u: int(sums[list(u.compounds)].sum()),
    )
    own = parent.compounds
    best: tuple[float, list[int]] | None = None
    for mask in range(1, 2 ** len(own) - 1):
        part = [i for k, i in enumerate(own) if mask >> k & 1]
        rest = [i for i in own if i not in part]
        if not all(nx.is_connected(graph.subgraph(p)) for p in (part, rest)):
            continue
        cut = sum(1 for a in part for b in graph[a] if b in rest)
        gap = int(sums[rest].sum() - sums[part].sum())
        if gap >= 0 and (best is None or gap + 400 * cut < best[0]):
            best = gap + 400 * cut, part
    if best is None:
        raise NoLuckError("no 苏州社区")
    return best[1]


def _built(base: Base, settled: Settled, attempt: int) -> Zone:
    rng = np.random.default_rng([*base.key, 2, attempt])
    town, people, units = base.town, settled.people, settled.units
    plots = Plots(base.ground, town)
    schools = existing(rng, town, people, plots)
    catchments(town, people, schools)
    room_m2 = np.array([plots.largest_m2(i) for i in range(len(town.cells))])
    count = int(rng.integers(14, 17))
    spots = candidate_spots(rng, town, people, schools=schools, room_m2=room_m2, count=count)
    sites = [School(i, town.cells[i]) for i in spots]
    check_reach(town, schools, sites)
    tight = price(rng, sites, schools, room_m2[spots])
    for site in sites:
        site.plot = _parcel(rng, town, plots, site)
    within_reach = check_reach(town, schools, sites)
    found = seats(rng, town, units, plots)
    ways = halvings(town, units, people, found)
    if min(ways.values()) < 4:
        raise NoLuckError("a side that cannot be divided")
    land_use = _land_use(rng, town, people, plots)
    buildings = []
    for i, (households, age) in enumerate(zip(people.households, people.age, strict=True)):
        buildings.extend(plots.build(rng, i, int(households), int(age)))
    return Zone(
        ground=base.ground, town=town, units=units, people=people,
        estates=estate_names(rng, units, people), runs=settled.runs, suzhou=settled.suzhou,
        schools=schools, sites=sites, tightness=tight, within_reach=within_reach, halvings=ways,
        seats=found, land_use=land_use, buildings=buildings,
    )  # fmt: skip


def _parcel(rng: np.random.Generator, town: Town, plots: Plots, site: School) -> Polygon:
    """A plot of the site's land, once the ground is bent and scaled."""
    cell = town.cells[site.compound]
    bend = shapely.transform(cell, town.warp.metres).area / cell.area
    plot = plots.place(rng, site.compound, site.land_m2 / bend)
    if plot is None:
        raise NoLuckError("no room for a site")
    factor = float(np.sqrt(site.land_m2 / metres(town.warp.degrees(plot)).area))
    return scaled(plot, factor, factor)


def _land_use(
    rng: np.random.Generator, town: Town, people: People, plots: Plots
) -> list[tuple[str, int, Polygon]]:
    """Works and parks on whole blocks where few people live."""
    density = people.population / np.array([cell.area for cell in town.cells])
    found = []
    for i in np.argsort(density, kind="stable")[: int(0.62 * len(density))].tolist():
        plot = plots.take_block(i, keep_m2=25_000 + 70 * int(people.households[i]))
        if plot is not None:
            found.append(("park" if rng.random() < 0.27 else "industry", i, plot))
    return found


if __name__ == "__main__":
    main()
