"""Seats of subdistricts, and whether both sides of the zone can be divided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np
from shapely import Point
from town_communities import NoLuckError
from town_names import BEFORE, CANDIDATES, SUBDISTRICTS
from town_network import Town
from town_people import PEOPLE, People, Unit, split_up
from town_plots import Plots

BAND = 0.25
SEAT_M2 = 3_600
APART_M = 1_700


@dataclass(frozen=True)
class Seat:
    """An office of today or a candidate seat."""

    kind: str
    side: str
    compound: int
    point: Point
    name: str
    name_en: str
    subdistrict_name: str
    subdistrict_name_en: str


def seats(rng: np.random.Generator, town: Town, units: Sequence[Unit], plots: Plots) -> list[Seat]:
    """One office per side, and candidates far from it and from each other."""
    centres = np.array([cell.centroid.coords[0] for cell in town.cells])
    found = []
    for side in BEFORE:
        zones = {z: [i for u in units if u.zone == z for i in u.compounds] for z in BEFORE[side]}
        taken: list[int] = []
        name, name_en, _ = SUBDISTRICTS[side]
        plan = [("office", name, name_en, side)]
        plan += [("candidate", *entry) for entry in CANDIDATES[side]]
        for kind, title, title_en, zone in plan:
            own = zones[zone]
            centre = centres[own].mean(axis=0)
            score = -0.6 * np.hypot(*(centres[own] - centre).T)
            if taken:
                gaps = np.hypot(*(centres[own][:, None] - centres[taken][None]).transpose(2, 0, 1))
                # Far from the other seats, but not out at the edge for the sake of it.
                score = score + np.minimum(gaps.min(axis=1), APART_M)
            for k in np.argsort(-score, kind="stable").tolist():
                plot = plots.place(rng, own[k], SEAT_M2)
                if plot is not None and own[k] not in taken:
                    break
            else:
                raise NoLuckError("no room for a seat")
            taken.append(own[k])
            office = kind == "office"
            found.append(
                Seat(
                    kind, side, own[k], plot.centroid,
                    f"{title}办事处" if office else f"{title}办事处备选点",
                    f"{title_en} Office" if office else f"Candidate seat of {title_en}",
                    title, title_en,
                )
            )  # fmt: skip
    return found


def halvings(
    town: Town, units: Sequence[Unit], people: People, found: Sequence[Seat] = ()
) -> dict[str, int]:
    """Ways to halve each side: contiguous, within the band, and (given seats) one in each half.

    Made of today's communities, the largest split into ones within the limits.
    """
    mean = sum(PEOPLE.values()) / 4
    whole = nx.Graph(list(town.borders))
    ways = {}
    for side in BEFORE:
        own: list[tuple[int, ...]] = []
        for unit in units:
            if unit.side == side:
                large = int(people.households[list(unit.compounds)].sum()) > 5000
                part = whole.subgraph(unit.compounds)
                split = split_up(part, people.households) if large else None
                own.extend(split or (unit.compounds,))
        where = {i: k for k, part in enumerate(own) for i in part}
        near = [0] * len(own)
        for a, b in town.borders:
            if a in where and b in where:
                near[where[a]] |= 1 << where[b]
                near[where[b]] |= 1 << where[a]
        weight = [int(people.population[list(part)].sum()) for part in own]
        office, *others = [1 << where[s.compound] for s in found if s.side == side] or [0]
        count = 0
        for mask in range(1, 2 ** (len(own) - 1)):
            inside = sum(w for k, w in enumerate(weight) if mask >> k & 1)
            if max(abs(p / mean - 1) for p in (inside, PEOPLE[side] - inside)) > BAND:
                continue
            rest = (2 ** len(own) - 1) ^ mask
            if found:
                other = rest if office & mask else mask
                if not any(candidate & other for candidate in others):
                    continue
            count += _in_one_piece(mask, near) and _in_one_piece(rest, near)
        ways[side] = count
    return ways


def _in_one_piece(mask: int, near: list[int]) -> bool:
    reached, front = 0, mask & -mask
    while front:
        reached |= front
        spread = 0
        while front:
            low = front & -front
            spread |= near[low.bit_length() - 1]
            front ^= low
        front = spread & mask & ~reached
    return reached == mask
