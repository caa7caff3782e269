"""Small districting problems of every kind, and the answers by trying every assignment.

Shares nothing with the engine but the problem's own fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from planner.programs.districts.objective import (
    Objective,
    border_length,
    change,
    cut_edges,
    hop_cost,
    parted,
    seat_cost,
)
from planner.programs.districts.plan import Plan
from planner.programs.districts.problem import DistrictProblem, district_problem

KINDS = ("distance", "hops", "edges", "length", "parted", "change", "mixed")


@dataclass(frozen=True)
class Choice:
    """One legal plan: part of each unit and seat of each part (none: no seats)."""

    part: tuple[int, ...]
    seat: tuple[int, ...]


def random_problem(seed: int) -> DistrictProblem:
    """Up to eight units in a random graph, often with islands, in up to four parts."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(3, 9))
    number = int(rng.integers(1, min(count, 4 if count < 7 else 3) + 1))
    measures = 1 if rng.random() < 0.75 else 2
    weights = rng.integers(0, 10, (count, measures))
    ids = [f"u{i}" for i in range(count)]
    dense = rng.choice([0.25, 0.4, 0.6])
    borders = [
        (ids[u], ids[v], float(rng.integers(1, 9)))
        for u in range(count)
        for v in range(u + 1, count)
        if (v == u + 1 and rng.random() < 0.75) or rng.random() < dense
    ]
    mean = weights.sum(axis=0) / number
    band = float(rng.choice([0.2, 0.4, 0.8, 1.0]))
    bounds = [(float(np.floor(m * (1 - band))), float(np.ceil(m * (1 + band)))) for m in mean]
    some = [ids[i] for i in sorted(rng.choice(count, int(rng.integers(number, count + 1)), False))]
    seats = ids if rng.random() < 0.3 else some
    seated = rng.random() < 0.6
    fixed = seats[: int(rng.integers(0, number + 1))] if seated and rng.random() < 0.4 else []
    pairs = [tuple(rng.choice(ids, 2, False)) for _ in range(2)]
    lock = rng.random() < 0.2
    first = {key: p for p, key in enumerate(fixed)}
    own, into = ids[int(rng.integers(count))], int(rng.integers(number))
    locked = {own: first.get(own, into)} if lock else None
    parents = {key: int(rng.random() < 0.5) for key in ids} if rng.random() < 0.15 else None
    return district_problem(
        dict(zip(ids, weights.tolist(), strict=True)),
        number,
        bounds,
        borders,
        seats=seats if seated else (),
        fixed=fixed,
        locked=locked,
        together=[pairs[0]] if rng.random() < 0.2 else (),
        apart=[pairs[1]] if rng.random() < 0.2 else (),
        parents=parents,
        contiguous=bool(rng.random() < 0.8),
    )


def random_objective(problem: DistrictProblem, kind: str, seed: int) -> Objective:
    """One of every kind; costs may forbid some seats."""
    rng = np.random.default_rng(seed + 1000)
    count = problem.count
    columns = len(problem.homes) or problem.number
    cost = rng.integers(0, 30, (count, columns)).astype(float)
    if rng.random() < 0.3:
        cost = cost + 0.25
    if rng.random() < 0.3:
        cost[rng.random(cost.shape) < 0.1] = np.inf
    if kind == "hops":
        return hop_cost(problem)
    if kind == "edges":
        return cut_edges(problem)
    if kind == "length":
        return border_length(problem)
    pairs = [
        (problem.ids[u], problem.ids[v], float(rng.integers(1, 9)))
        for u in range(count) for v in range(u) if rng.random() < 0.4
    ]  # fmt: skip
    priced = parted(problem, pairs, name="catchments", unit="pupils")
    if kind == "parted":
        return priced
    if kind == "change":
        return change(problem, {key: int(rng.integers(problem.number)) for key in problem.ids[1:]})
    distance = seat_cost(problem, cost, name="distance", unit="weight-metres")
    if kind == "mixed":
        return Objective("mixed", "", distance.cost, priced.pairs, priced.price)
    return distance


def choices(problem: DistrictProblem) -> Iterator[Choice]:
    """Every legal plan; parts with seats are numbered by them, others in every way."""
    seats = len(problem.homes)
    for part in product(range(problem.number), repeat=problem.count):
        if not _legal(problem, part):
            continue
        if not seats:
            yield Choice(part, ())
            continue
        if list(dict.fromkeys(part)) != list(range(problem.number)):
            continue  # with seats the numbers mean nothing: one numbering is enough
        inside: list[list[int]] = [[] for _ in range(problem.number)]
        for seat, home in enumerate(problem.homes.tolist()):
            inside[part[home]].append(seat)
        for chosen in product(*inside):
            if set(problem.fixed) <= set(chosen):
                yield Choice(part, chosen)


def value(objective: Objective, choice: Choice | Plan) -> float:
    """Value of a plan, unit by unit and pair by pair."""
    total = 0.0
    if objective.cost is not None:
        for i, p in enumerate(choice.part):
            total += float(objective.cost[i, choice.seat[p] if choice.seat else p])
    if objective.pairs is not None and objective.price is not None:
        for (u, v), price in zip(objective.pairs.tolist(), objective.price.tolist(), strict=True):
            total += price if choice.part[u] != choice.part[v] else 0.0
    return total


def legal(problem: DistrictProblem, plan: Plan) -> bool:
    """Whether a plan keeps every rule, seats included."""
    if len(plan.seat) not in (0, problem.number):
        return False
    if not _legal(problem, plan.part):
        return False
    if not len(problem.homes):
        return plan.seat == ()
    lie = [plan.part[int(problem.homes[s])] for s in plan.seat]
    return lie == list(range(problem.number)) and set(problem.fixed) <= set(plan.seat)


def _legal(problem: DistrictProblem, part: Sequence[int]) -> bool:
    if not all(0 <= p < problem.number for p in part):
        return False
    members: list[list[int]] = [[] for _ in range(problem.number)]
    for i, p in enumerate(part):
        members[p].append(i)
    if not all(members):
        return False
    for own in members:
        for weight, low, high in zip(problem.weight, problem.lower, problem.upper, strict=True):
            if not low <= sum(weight[i] for i in own) <= high:
                return False
        if problem.parent and len({problem.parent[i] for i in own}) > 1:
            return False
        if problem.contiguous and not _connected(problem, own):
            return False
    return (
        all(part[u] == part[v] for u, v in problem.together)
        and all(part[u] != part[v] for u, v in problem.apart)
        and all(part[u] == p for u, p in problem.locked)
    )


def _connected(problem: DistrictProblem, members: list[int]) -> bool:
    root = {i: i for i in members}

    def find(i: int) -> int:
        while root[i] != i:
            i = root[i]
        return i

    for u, v in problem.edges.tolist():
        if u in root and v in root:
            root[find(u)] = find(v)
    return len({find(i) for i in members}) == 1
