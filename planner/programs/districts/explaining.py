"""Why a problem has no plan, searched for: rules that alone stand in the way, nearest bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from planner.programs.districts.graph import pieces
from planner.programs.districts.listing import TooManyPlansError, list_plans
from planner.programs.districts.plan import Plan, totals
from planner.programs.districts.problem import DistrictProblem
from planner.programs.districts.reasons import Reason, named, screened

NEAREST = 1e-3
"""Precision of the nearest bounds, as a share of the mean weight."""
FIRST_WIDENING = 0.005
LISTED_STEPS = 40_000
AnyPlan = Callable[[DistrictProblem], tuple[Plan | None, bool]]
"""A plan of a problem, and whether it is proven that there is none."""


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


def explained(
    problem: DistrictProblem, any_plan: AnyPlan
) -> tuple[tuple[Reason, ...], Nearest | None]:
    """What stands in the way of any plan, and the least widening of the bounds that helps."""
    reasons = screened(problem)
    if not reasons:
        reasons = list(_rules_alone(problem, any_plan))
    if not reasons:
        reasons = [Reason("bounds", "no plan keeps all the rules; this is proven, and no single "
                          "unit or rule is the cause")]  # fmt: skip
    return tuple(reasons), nearest_bounds(problem, any_plan)


def _rules_alone(problem: DistrictProblem, any_plan: AnyPlan) -> Iterator[Reason]:
    """Rules without which there would be a plan."""
    if any_plan(problem)[0] is not None:
        yield Reason("cost", "all rules can be kept, but not with every unit at a seat to which "
                     "the first objective lets it belong")  # fmt: skip
        return
    if problem.contiguous:
        plan = _fewest_strays(replace(problem, contiguous=False), any_plan)
        if plan is not None:
            yield strays_of(problem, plan)
    pairs = {*problem.together, *problem.apart}
    if pairs or problem.locked:
        units = sorted({u for pair in pairs for u in pair} | {u for u, _ in problem.locked})
        free = replace(problem, together=(), apart=(), locked=())
        if any_plan(free)[0] is not None:
            ids = tuple(problem.ids[u] for u in units)
            yield Reason("locks", f"without the locks of {named(ids)} there would be a plan", ids)
    if problem.fixed and any_plan(replace(problem, fixed=()))[0] is not None:
        ids = tuple(problem.ids[int(problem.homes[s])] for s in problem.fixed)
        yield Reason("seats", f"were the seats in {named(ids)} not fixed, there would be a plan",
                     ids)  # fmt: skip
    elif len(problem.homes):
        no_seats = replace(problem, homes=problem.homes[:0], fixed=())
        if any_plan(no_seats)[0] is not None:
            yield Reason("seats", "bounds can be kept, but not with a seat inside every part")


def _fewest_strays(loose: DistrictProblem, any_plan: AnyPlan) -> Plan | None:
    """A plan that need not be contiguous, with few units apart where all can be listed."""
    try:
        plans = [Plan(part) for part in list_plans(loose, LISTED_STEPS)]
    except TooManyPlansError:
        return any_plan(loose)[0]
    return min(plans, key=lambda plan: len(strays_of(loose, plan).units), default=None)


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
        f"{named(ids)} would lie apart from their part"
    )
    return Reason("contiguity", text, ids)


def nearest_bounds(problem: DistrictProblem, any_plan: AnyPlan) -> Nearest | None:
    """The least widening of the first measure's bounds for which there is a plan.

    None if no widening helps, or none was found in time.
    """
    mean = float(problem.weight[0].sum()) / problem.number
    low, step = 0.0, FIRST_WIDENING
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
