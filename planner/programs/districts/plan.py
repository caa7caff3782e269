"""A plan of parts: its value, the rules it breaks, and the best seats for its parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from planner.programs.districts.graph import Ints, pieces
from planner.programs.districts.objective import Objective
from planner.programs.districts.problem import DistrictProblem

SLACK = 1e-9
"""Share of a bound by which sums of weights may miss it."""


@dataclass(frozen=True)
class Plan:
    """Number of the part of each unit, and the seat of each part (none: parts have no seats)."""

    part: tuple[int, ...]
    seat: tuple[int, ...] = ()


def value_of(objective: Objective, plan: Plan) -> float:
    """Value of a plan, added up from the units and the pairs."""
    part = np.array(plan.part)
    total = 0.0
    if objective.cost is not None:
        column = np.array(plan.seat)[part] if plan.seat else part
        total += float(objective.cost[np.arange(len(part)), column].sum())
    if objective.pairs is not None and objective.price is not None:
        cut = part[objective.pairs[:, 0]] != part[objective.pairs[:, 1]]
        total += float(objective.price[cut].sum())
    return total


def faults_of(problem: DistrictProblem, plan: Plan) -> list[str]:
    """The rules that a plan breaks; empty if it keeps them all."""
    part = np.array(plan.part)
    faults = []
    if set(plan.part) != set(range(problem.number)):
        faults.append(f"{len(set(plan.part))} parts instead of {problem.number}")
        return faults
    faults += _out_of_bounds(problem, part)
    if problem.contiguous:
        for j in range(problem.number):
            if len(pieces(problem.near, np.flatnonzero(part == j).tolist())) > 1:
                faults.append(f"part {j} does not hang together")
    faults += [f"units {u} and {v} are parted" for u, v in problem.together if part[u] != part[v]]
    faults += [f"units {u} and {v} share a part" for u, v in problem.apart if part[u] == part[v]]
    faults += [f"unit {u} is not in part {p}" for u, p in problem.locked if part[u] != p]
    if problem.parent:
        parents = {(p, g) for p, g in zip(plan.part, problem.parent, strict=True)}
        if len(parents) > problem.number:
            faults.append("a part crosses the line of a parent")
    if len(problem.homes):
        faults += _misplaced_seats(problem, plan)
    return faults


def totals(problem: DistrictProblem, part: Ints) -> np.ndarray:
    """Measures × parts: weight of each part."""
    return np.array([np.bincount(part, w, problem.number) for w in problem.weight])


def within(problem: DistrictProblem, weights: np.ndarray) -> np.ndarray:
    """Which columns of measures × n keep both bounds of every measure."""
    slack = SLACK * np.maximum(1.0, np.abs(problem.upper))
    low = weights >= (problem.lower - slack)[:, None]
    high = weights <= (problem.upper + slack)[:, None]
    return np.asarray((low & high).all(axis=0))


def with_best_seats(
    problem: DistrictProblem, objective: Objective, part: Sequence[int]
) -> Plan | None:
    """The plan with the cheapest seat inside each part, fixed seats kept; None if a part has none.

    Parts are numbered by their first unit; without seats, so that they cost least, and locked units
    have the numbers they are locked to (None if they cannot).
    """
    order: dict[int, int] = {}
    numbered = tuple(order.setdefault(p, len(order)) for p in part)
    if not len(problem.homes):
        return _best_numbered(problem, objective, np.array(numbered))
    own = np.array(numbered)
    cost = np.zeros((problem.count, len(problem.homes)))
    if objective.cost is not None:
        cost = objective.cost
    seats = []
    for j in range(len(order)):
        inside = own == j
        here = [s for s, home in enumerate(problem.homes.tolist()) if inside[home]]
        kept = [s for s in here if s in problem.fixed]
        if not here or len(kept) > 1:
            return None
        sums = cost[inside][:, kept or here].sum(axis=0)
        seats.append((kept or here)[int(sums.argmin())])
    return Plan(numbered, tuple(seats))


def _best_numbered(problem: DistrictProblem, objective: Objective, part: Ints) -> Plan | None:
    if objective.cost is None and not problem.locked:
        return Plan(tuple(part.tolist()))
    count = problem.number
    paid = np.zeros((count, count))
    if objective.cost is not None:
        np.add.at(paid, part, objective.cost)
    for unit, number in problem.locked:
        paid[part[unit], np.arange(count) != number] = np.inf
    try:
        _, number_of = linear_sum_assignment(paid)
    except ValueError:
        return None  # no numbering avoids what is not allowed
    return Plan(tuple(number_of[part].tolist()))


def _out_of_bounds(problem: DistrictProblem, part: Ints) -> list[str]:
    weights = totals(problem, part)
    bad = np.flatnonzero(~within(problem, weights)).tolist()
    return [f"part {j} weighs {', '.join(f'{w:g}' for w in weights[:, j])}" for j in bad]


def _misplaced_seats(problem: DistrictProblem, plan: Plan) -> list[str]:
    faults = [
        f"the seat of part {j} lies elsewhere"
        for j, s in enumerate(plan.seat)
        if plan.part[int(problem.homes[s])] != j
    ]
    if len(plan.seat) != problem.number:
        faults.append("a part has no seat")
    faults += [f"seat {s} is not open" for s in problem.fixed if s not in plan.seat]
    return faults
