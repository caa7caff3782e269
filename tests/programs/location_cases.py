"""Tiny location problems: at random, and one by hand that is read at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from planner.programs.contiguity import Graph, graph_of
from planner.programs.location.problem import Arcs, LocationProblem, Option, option_amount
from planner.scenario.model import Ranking

Range: TypeAlias = tuple[float | None, float | None]
TOTALS = (
    "new_schools",
    "expanded_schools",
    "new_classes",
    "new_places",
    "land_m2",
    "cost_yuan",
)
OPEN: Range = (None, None)


def random_problem(seed: int) -> LocationProblem:
    """Three to six units, two to four schools, one or two services; about a third has no plan."""
    rng = np.random.default_rng(seed)
    units, schools = int(rng.integers(3, 7)), int(rng.integers(2, 5))
    services = int(rng.integers(1, 3))
    pupils = rng.integers(1, 10, (units, services)) * (rng.random((units, services)) > 0.1)
    existing = rng.random(schools) < 0.45
    today = rng.integers(2, 16, (schools, services)) * existing[:, None]
    today[rng.random((schools, services)) < 0.15] = 0
    options = tuple(o for f in range(schools) for o in random_options(rng, f, today[f]))
    offered = today > 0
    for option in options:
        offered[option.school] |= np.array(option.places) > 0
    opened, together = random_locks(np.random.default_rng(seed + 2), units, options)
    return LocationProblem(
        units=tuple(f"u{u}" for u in range(units)),
        services=tuple(f"s{s}" for s in range(services)),
        schools=tuple(f"f{f}" for f in range(schools)),
        pupils=pupils.astype(float),
        places_today=today.astype(float),
        options=options,
        arcs=random_arcs(rng, units, offered),
        totals=random_totals(rng, options),
        graph=random_graph(rng, units),
        root=rng.integers(0, units, schools),
        opened=opened,
        together=together,
    )


def unlocked_problem(seed: int) -> LocationProblem:
    """A random problem without locks, which the priced decision does not know."""
    return replace(random_problem(seed), opened=frozenset(), together=())


def random_locks(
    rng: np.random.Generator, units: int, options: Sequence[Option]
) -> tuple[frozenset[int], tuple[tuple[int, ...], ...]]:
    """Now and then a school that must open, and a pair of units kept together."""
    able = sorted({option.school for option in options})
    opened = frozenset({int(rng.choice(able))} if able and rng.random() < 0.25 else ())
    pair = tuple(sorted(int(u) for u in rng.choice(units, 2, replace=False)))
    return opened, (pair,) if rng.random() < 0.25 else ()


def random_ranking(seed: int) -> Ranking:
    """Levels kept exactly, or with some room for the levels below."""
    rng = np.random.default_rng(seed + 1)
    places, way, moves = (float(rng.choice([0.0, 0.0, x])) for x in (0.1, 0.07, 0.3))
    return Ranking(places_short=places, way=way, moves=moves)


def random_options(rng: np.random.Generator, school: int, today: np.ndarray) -> list[Option]:
    """Class options of a site (no places today) or an expansion."""
    kind = "expanded" if today.any() else "new"
    land, fixed = float(rng.integers(1, 5) * 10), float(rng.integers(1, 9) * 10**6)
    found = []
    for _ in range(int(rng.integers(0, 3) if today.any() else rng.integers(1, 4))):
        classes = rng.integers(0, 3, len(today)) * ((today > 0) | (kind == "new"))
        if classes.any():
            places = tuple(int(n) * 4 for n in classes)
            cost = fixed + 10**5 * sum(places)
            counted = tuple(int(n) for n in classes)
            found.append(Option(school, kind, "any", counted, places, land, cost))
    return found


def random_arcs(rng: np.random.Generator, units: int, offered: np.ndarray) -> Arcs:
    """Few or all ways are within reach, mostly one at least; one school of today a service."""
    reach = float(rng.choice([1.0, 0.8, 0.5]))
    today = rng.integers(0, len(offered), (units, offered.shape[1]))
    way = rng.integers(2, 60, (units, len(offered))) * 50.0
    within = (rng.random((units, *offered.shape)) < reach) & offered
    for u, s in np.argwhere(~within.any(axis=1)):
        if offered[:, s].any() and rng.random() < 0.95:
            within[u, rng.choice(np.flatnonzero(offered[:, s])), s] = True
    rows = [
        (u, f, s, float(way[u, f]), bool(f != today[u, s]))
        for u, f, s in np.ndindex(within.shape)
        if within[u, f, s]
    ]
    return arcs_of(rows)


def arcs_of(rows: Sequence[tuple[int, int, int, float, bool]]) -> Arcs:
    """Arcs from rows of unit, school, service, way and whether pupils change school."""
    columns = list(zip(*sorted(rows), strict=True)) or [()] * 5
    kinds = (np.int64, np.int64, np.int64, np.float64, np.bool_)
    return Arcs(*(np.array(c, kind) for c, kind in zip(columns, kinds, strict=True)))


def random_totals(rng: np.random.Generator, options: Sequence[Option]) -> dict[str, Range]:
    """Exact totals, ranges and maxima about some choice of options, mostly within its means."""
    chosen = {o.school: o for o in options if rng.random() < 0.5}.values()
    totals: dict[str, Range] = {}
    for name in TOTALS:
        amount = sum(option_amount(o, name) for o in chosen)
        if name in ("land_m2", "cost_yuan"):
            spare = float(rng.choice([1.0, 1.2, 1.5, 2.0]))
            totals[name] = (None, amount * spare) if rng.random() < 0.5 else OPEN
            continue
        off = float(rng.random() < 0.05)
        form = rng.random()
        if form < 0.3:
            totals[name] = (amount + off, amount + off)
        elif form < 0.55:
            low = amount - float(rng.integers(0, 3)) + off
            totals[name] = (low, low + float(rng.integers(0, 4)))
        else:
            totals[name] = OPEN
    return totals


def random_graph(rng: np.random.Generator, units: int) -> Graph | None:
    """Any graph, often in several components; now and then none."""
    if rng.random() < 0.1:
        return None
    density = float(rng.choice([0.25, 0.5, 0.7]))
    pairs = [pair for pair in combinations(range(units), 2) if rng.random() < density]
    return graph(units, pairs)


def graph(units: int, pairs: Sequence[tuple[int, int]]) -> Graph:
    """The graph over `units` vertices with these edges."""
    named = [(f"u{a}", f"u{b}") for a, b in pairs]
    return graph_of([f"u{u}" for u in range(units)], pd.DataFrame(named, columns=["a", "b"]))


def hand_made(**locks: Any) -> LocationProblem:
    """Four units in a row and an island; a school at one end, a site at the other.

    u0 - u1 - u2 - u3    u4. School f0 (cell u0) has 10 places of service a and may grow; site f1
    (cell u3) has two options, one of them with places of b.
    """
    ways = {0: (100, 200, 300, 400, 900), 1: (450, 350, 250, 150, 500)}
    rows = [(u, 0, 0, float(ways[0][u]), False) for u in range(5)]
    rows += [(u, 1, 0, float(ways[1][u]), True) for u in range(5)]
    rows += [(u, 1, 1, float(ways[1][u]), False) for u in range(5)]
    return LocationProblem(
        units=("u0", "u1", "u2", "u3", "u4"),
        services=("a", "b"),
        schools=("f0", "f1"),
        pupils=np.array([[3.0, 1], [4, 2], [5, 3], [6, 0], [2, 1]]),
        places_today=np.array([[10.0, 0], [0, 0]]),
        options=(
            Option(0, "expanded", "expansion", (1, 0), (4, 0), 20.0, 2e6),
            Option(1, "new", "small", (2, 0), (8, 0), 30.0, 5e6),
            Option(1, "new", "large", (2, 2), (8, 8), 30.0, 8e6),
        ),
        arcs=arcs_of(rows),
        totals={
            "new_schools": (1, 1),
            "expanded_schools": (0, 1),
            "new_classes": (2, None),
            "new_places": OPEN,
            "land_m2": (None, 50.0),
            "cost_yuan": (None, 10e6),
        },
        graph=graph(5, [(0, 1), (1, 2), (2, 3)]),
        root=np.array([0, 3]),
        **locks,
    )
