"""Tiny subdistrict problems, and the answer by trying every assignment."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from planner.programs.contiguity import graph_of
from planner.programs.subdistricts.problem import SubdistrictProblem
from planner.programs.subdistricts.search import Slack

SLACK = Slack(deviation=0.05, compactness=0.2)


def random_problem(seed: int) -> SubdistrictProblem:
    """Up to seven communities, some torn or without people, one or two parents."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 8))
    groups = int(rng.integers(1, 3))
    group = tuple(sorted(int(g) for g in rng.integers(0, groups, n)))
    group = tuple(sorted(set(group)).index(g) for g in group)
    owner = [*range(n), *(int(i) for i in rng.choice(n, int(rng.integers(0, 2)), replace=False))]
    owner.sort()
    vertices = [f"p{v:02}" for v in range(len(owner))]
    edges = [
        (vertices[v], vertices[w])
        for v in range(len(owner))
        for w in range(v + 1, len(owner))
        if owner[v] != owner[w] and group[owner[v]] == group[owner[w]] and rng.random() < 0.5
    ]
    seats = int(rng.integers(2, min(n, 4) + 1))
    home = [int(i) for i in rng.choice(n, seats, replace=False)]
    if rng.random() < 0.2:
        home[-1] = home[0]
    office = tuple(bool(rng.random() < 0.4) for _ in home)
    root = tuple(int(rng.choice([v for v, i in enumerate(owner) if i == h])) for h in home)
    pairs = {(i, k) for i in range(n) for k in range(i + 1, n) if rng.random() < 0.5}
    return SubdistrictProblem(
        communities=tuple(f"c{i}" for i in range(n)),
        population=tuple(int(x) for x in rng.integers(1, 12, n) * (rng.random(n) > 0.15) + 0),
        groups=tuple(f"g{g}" for g in sorted(set(group))),
        group=group,
        seats=tuple(f"s{j}" for j in range(seats)),
        office=office,
        home=tuple(home),
        number=int(rng.integers(1, seats + 1)),
        band=float(rng.choice([0.25, 0.45, 0.7, 1.5])),
        squared=rng.integers(1, 60, (n, seats)).astype(float),
        moved=rng.integers(0, 20, (n, seats)).astype(float),
        cuts={pair: float(rng.integers(1, 40)) for pair in sorted(pairs)},
        graph=graph_of(vertices, pd.DataFrame(edges, columns=["a", "b"])),
        owner=tuple(owner),
        root=root,
        **random_locks(np.random.default_rng(seed + 1), n, seats),
    )


def random_locks(rng: np.random.Generator, n: int, seats: int) -> dict[str, Any]:
    """Now and then communities kept from a seat, and a pair kept together."""
    pairs = {(int(rng.integers(n)), int(rng.integers(seats))) for _ in range(1)}
    group = tuple(sorted(int(i) for i in rng.choice(n, 2, replace=False)))
    return {
        "barred": frozenset(pairs) if rng.random() < 0.2 else frozenset(),
        "together": (group,) if rng.random() < 0.15 else (),
    }


def free(problem: SubdistrictProblem) -> SubdistrictProblem:
    """The same problem with a band that never binds."""
    return replace(problem, band=float(problem.number) + 1)


def every_answer(problem: SubdistrictProblem) -> list[tuple[float, float, float]]:
    """The three levels of every assignment that keeps all rules."""
    choices = [
        [j for j, home in enumerate(problem.home) if problem.group[home] == g]
        for g in problem.group
    ]
    return [levels(problem, seat) for seat in product(*choices) if keeps_rules(problem, seat)]


def best_levels(problem: SubdistrictProblem) -> tuple[float, float, float] | None:
    """The ranked optimum by brute force; None if nothing keeps the rules."""
    left = every_answer(problem)
    if not left:
        return None
    deviation = min(found[0] for found in left)
    left = [found for found in left if found[0] <= deviation + SLACK.deviation + 1e-7]
    squared = min(found[1] for found in left)
    left = [found for found in left if found[1] <= (1 + SLACK.compactness) * squared + 1e-6]
    return deviation, squared, min(found[2] for found in left)


def keeps_rules(problem: SubdistrictProblem, seat: tuple[int, ...]) -> bool:
    """Number, offices, homes, band and contiguity, each from its definition."""
    opened = sorted(set(seat))
    mean = sum(problem.population) / problem.number
    if len(opened) != problem.number:
        return False
    if any(office and j not in opened for j, office in enumerate(problem.office)):
        return False
    if any(seat[problem.home[j]] != j for j in opened):
        return False
    if any((i, j) in problem.barred for i, j in enumerate(seat)):
        return False
    if any(len({seat[i] for i in group}) > 1 for group in problem.together):
        return False
    people = Counter(dict.fromkeys(opened, 0))
    for i, j in enumerate(seat):
        people[j] += problem.population[i]
    if any(abs(people[j] - mean) > problem.band * mean + 1e-6 for j in opened):
        return False
    return all(hangs_together(problem, seat, j) for j in opened)


def hangs_together(problem: SubdistrictProblem, seat: tuple[int, ...], j: int) -> bool:
    """Connected with the root in its component, and among themselves in every other."""
    graph = problem.graph
    members = {v for v, i in enumerate(problem.owner) if seat[i] == j}
    for component in set(graph.component):
        here = {v for v in members if graph.component[v] == component}
        if not here:
            continue
        root = problem.root[j]
        seen = [root if graph.component[root] == component else min(here)]
        for v in seen:
            seen += [w for w in graph.neighbours[v] if w in here and w not in seen]
        if not here <= set(seen):
            return False
    return True


def levels(problem: SubdistrictProblem, seat: tuple[int, ...]) -> tuple[float, float, float]:
    """Deviation, squared distance, border and change of an assignment."""
    mean = sum(problem.population) / problem.number
    people: Counter[int] = Counter()
    for i, j in enumerate(seat):
        people[j] += problem.population[i]
    deviation = 0.0
    for g in range(len(problem.groups)):
        own = sorted({seat[i] for i, h in enumerate(problem.group) if h == g})
        average = sum(people[j] for j in own) / len(own)
        deviation = max(deviation, *(abs(people[j] - average) / mean for j in own))
    squared = sum(float(problem.squared[i, j]) for i, j in enumerate(seat))
    border = sum(float(problem.moved[i, j]) for i, j in enumerate(seat))
    border += sum(price for (i, k), price in problem.cuts.items() if seat[i] != seat[k])
    return deviation, squared, border
