"""Why there is no plan: what blocks it, and the nearest bounds that would work."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.programs.districts.graph import bit_pieces, bit_sets, members_of, pieces
from planner.programs.districts.plan import SLACK, Plan, totals
from planner.programs.districts.problem import DistrictProblem, Id

NEAREST = 1e-3
"""Precision of the nearest bounds, as a share of the mean weight."""


@dataclass(frozen=True)
class Reason:
    """One thing that stands in the way, with the units that it is about."""

    kind: str
    text: str
    units: tuple[Id, ...] = ()


@dataclass(frozen=True)
class Nearest:
    """Bounds widened on both sides just as far as a plan needs."""

    widened: float
    """By how much both bounds move, as a share of the mean weight of a part."""
    proven: float
    """No plan exists if they move by less."""
    lower: float
    upper: float
    plan: Plan


def screened(problem: DistrictProblem) -> list[Reason]:
    """Reasons that can be seen without a search; empty does not mean that there is a plan."""
    return [*_by_number(problem), *_by_weight(problem), *_by_pieces(problem), *_by_doors(problem)]


def strays_of(problem: DistrictProblem, plan: Plan) -> Reason:
    """Units that lie apart from their part in a plan that need not be contiguous."""
    part = np.array(plan.part)
    apart: list[int] = []
    for number in range(problem.number):
        found = pieces(problem.near, np.flatnonzero(part == number).tolist())
        found.sort(key=lambda piece: -float(problem.weight[0][piece].sum()))
        apart += [i for piece in found[1:] for i in piece]
    ids = tuple(problem.ids[i] for i in sorted(apart))
    text = (
        f"bounds can be kept, but not in one piece each: in the nearest such plan "
        f"{_named(ids)} would lie apart from their part"
    )
    return Reason("contiguity", text, ids)


def nearest_bounds(
    problem: DistrictProblem, any_plan: Callable[[DistrictProblem], tuple[Plan | None, bool]]
) -> Nearest | None:
    """The least widening of the first measure's bounds for which there is a plan.

    `any_plan` gives a plan and whether it is proven that there is none. None if no widening helps.
    """
    mean = float(problem.weight[0].sum()) / problem.number
    low, step = 0.0, 0.005
    found: Plan | None = None
    while found is None and step <= problem.number:
        found, none = any_plan(_widened(problem, step * mean))
        low, step = (step, step * 2) if found is None and none else (low, step * 2)
    if found is None:
        return None
    high = _missed(problem, found) / mean
    while high - low > NEAREST:
        middle = (low + high) / 2
        plan, none = any_plan(_widened(problem, middle * mean))
        if plan is not None:
            found, high = plan, min(middle, _missed(problem, plan) / mean)
        elif none:
            low = middle
        else:
            break
    lower, upper = float(problem.lower[0]), float(problem.upper[0])
    return Nearest(high, low, lower - high * mean, upper + high * mean, found)


def _widened(problem: DistrictProblem, by: float) -> DistrictProblem:
    lower, upper = problem.lower.copy(), problem.upper.copy()
    lower[0], upper[0] = lower[0] - by, upper[0] + by
    return replace(problem, lower=lower, upper=upper)


def _missed(problem: DistrictProblem, plan: Plan) -> float:
    weights = totals(problem, np.array(plan.part))[0]
    over = float((weights - problem.upper[0]).max())
    return max(over, float((problem.lower[0] - weights).max()), 0.0)


def _by_number(problem: DistrictProblem) -> Iterator[Reason]:
    if problem.number > problem.count:
        yield Reason("number", f"{problem.number} parts, but only {problem.count} units")
    if len(problem.homes) and problem.number > len({*problem.homes.tolist()}):
        places = len({*problem.homes.tolist()})
        yield Reason("number", f"{problem.number} parts, but seats in only {places} units")
    if len(problem.fixed) > problem.number:
        ids = tuple(problem.ids[int(problem.homes[s])] for s in problem.fixed)
        yield Reason("number", f"{len(ids)} fixed seats for {problem.number} parts", ids)


def _by_weight(problem: DistrictProblem) -> Iterator[Reason]:
    for m, weight in enumerate(problem.weight):
        measure = "" if len(problem.weight) == 1 else f" of measure {m + 1}"
        lower, upper = float(problem.lower[m]), float(problem.upper[m])
        total = float(weight.sum())
        if total < problem.number * lower * (1 - SLACK):
            yield Reason("total", f"all units weigh {total:g}{measure}, less than {problem.number} "
                         f"times the lower bound {lower:g}")  # fmt: skip
        if total > problem.number * upper * (1 + SLACK):
            yield Reason("total", f"all units weigh {total:g}{measure}, more than {problem.number} "
                         f"times the upper bound {upper:g}")  # fmt: skip
        for i in np.flatnonzero(weight > upper * (1 + SLACK)).tolist():
            yield Reason("unit", f"{problem.ids[i]} alone weighs {weight[i]:g}{measure}, more than "
                         f"the upper bound {upper:g}", (problem.ids[i],))  # fmt: skip


def _by_pieces(problem: DistrictProblem) -> Iterator[Reason]:
    """Pieces of the graph that cannot be cut into parts."""
    if not problem.contiguous:
        return
    least = 0
    for piece in pieces(problem.near, range(problem.count)):
        low, high = _parts_in(problem, piece)
        ids = tuple(problem.ids[i] for i in piece)
        if high < low:
            yield Reason("piece", f"{_named(ids)} border on no other unit and weigh "
                         f"{problem.weight[0][piece].sum():g}, which no whole number of parts "
                         f"within the bounds can be", ids)  # fmt: skip
        least += low
    if least > problem.number:
        yield Reason("pieces", f"the units lie in separate areas that need {least} parts, not "
                     f"{problem.number}")  # fmt: skip


def _by_doors(problem: DistrictProblem) -> Iterator[Reason]:
    """Units behind a single other one that are too light for a part and too heavy with it."""
    if not problem.contiguous:
        return
    bits = bit_sets(problem.near)
    whole = (1 << problem.count) - 1
    for piece in bit_pieces(bits, whole):
        for door in members_of(piece):
            behind = [side for side in bit_pieces(bits, piece & ~(1 << door))
                      if _too_light(problem, members_of(side))]  # fmt: skip
            bound = [i for side in behind for i in members_of(side)]
            if not bound or _fit(problem, [door, *bound]):
                continue
            ids = tuple(problem.ids[i] for i in bound)
            weight = float(problem.weight[0][[door, *bound]].sum())
            yield Reason(
                "door",
                f"{_named(ids)} can only join a part through {problem.ids[door]}, and with it "
                f"weigh {weight:g}, more than the upper bound {problem.upper[0]:g}",
                (*ids, problem.ids[door]),
            )


def _parts_in(problem: DistrictProblem, piece: Sequence[int]) -> tuple[int, int]:
    """Least and largest number of parts that a piece can be cut into, by weight."""
    weights = problem.weight[:, list(piece)].sum(axis=1)
    low, high = 1, len(piece)
    for w, lower, upper in zip(weights, problem.lower, problem.upper, strict=True):
        if upper > 0:
            low = max(low, math.ceil(w / upper * (1 - SLACK)))
        if lower > 0:
            high = min(high, math.floor(w / lower * (1 + SLACK)))
    return low, high


def _too_light(problem: DistrictProblem, units: Sequence[int]) -> bool:
    return bool((problem.weight[:, units].sum(axis=1) < problem.lower * (1 - SLACK)).any())


def _fit(problem: DistrictProblem, units: Sequence[int]) -> bool:
    return bool((problem.weight[:, units].sum(axis=1) <= problem.upper * (1 + SLACK)).all())


def _named(ids: Sequence[Id]) -> str:
    more = "" if len(ids) <= 8 else f" and {len(ids) - 8} more"
    return ", ".join(str(key) for key in ids[:8]) + more
