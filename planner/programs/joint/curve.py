"""The joint value as the price of a crossing rises: each price has its plan and its bound.

A plan counts for every price. And as the least value of plans that each grow evenly with the price,
the joint value never falls with it and bends downwards: what is proven at some prices bounds it at
others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from planner.programs.joint.answer import Plan, joint_value_km
from planner.programs.joint.arranged import listed_search
from planner.programs.joint.problem import Caps, JointProblem
from planner.programs.joint.search import solve_joint
from planner.programs.location.choices import ChoiceSearch
from planner.scenario.model import Ranking
from planner.solving.settings import Settings


@dataclass(frozen=True)
class PricePoint:
    """The best plan known at a price, its joint value, and what no plan can be below there."""

    price_km: float
    value: float
    bound: float
    plan: Plan


def joint_values(
    problem: JointProblem,
    caps: Caps,
    settings: Settings,
    ranking: Ranking,
    *,
    start: Plan,
    search: ChoiceSearch | None,
    prices: Sequence[float],
) -> list[PricePoint]:
    """A point at each of the rising prices of a crossing pupil; fewer where time is up.

    Contiguity rows and plans carry over from price to price, plans and bounds back as well.
    """
    found = list(_one_by_one(
        problem, caps, settings, ranking, start=start, search=search, prices=prices
    ))  # fmt: skip
    points = []
    for point, bound in zip(found, _shared_bounds(found), strict=True):
        priced = _at(problem, point.price_km)
        best = min((other.plan for other in found), key=partial(_value, priced))
        value = min(point.value, _value(priced, best))
        plan = point.plan if value == point.value else best
        points.append(PricePoint(point.price_km, value, min(bound, value), plan))
    return points


def _one_by_one(
    problem: JointProblem, caps: Caps, settings: Settings, ranking: Ranking, *,
    start: Plan, search: ChoiceSearch | None, prices: Sequence[float],
) -> Iterator[PricePoint]:  # fmt: skip
    """The points as they are solved, each from the best plan of those before."""
    plans = [start]
    for price in prices:
        if settings.seconds_left() <= 0:
            return
        priced = _at(problem, price)
        best = min(plans, key=partial(_value, priced))
        free = caps.crossing is None
        listed = None
        if free:
            listed = listed_search(priced, caps, settings, start=best, search=search)
        if listed is not None:
            proven = listed.minimise()
            point = PricePoint(price, proven.value, proven.bound, proven.plan)
        else:
            solution = solve_joint(
                priced, caps, settings, ranking, start=best, search=None if free else search
            )
            first = solution.levels[0]
            point = PricePoint(price, first.value, first.bound, solution.first)
        plans.append(point.plan)
        yield point


def _shared_bounds(points: Sequence[PricePoint]) -> list[float]:
    """The bounds, each raised by those at other prices: below it, and on both sides of it."""
    price = np.array([point.price_km for point in points])
    bound = np.array([point.bound for point in points])
    shared = np.maximum.accumulate(bound) if len(bound) else bound
    for i, at in enumerate(price):
        for low in np.flatnonzero(price < at):
            for high in np.flatnonzero(price > at):
                share = (at - price[low]) / (price[high] - price[low])
                shared[i] = max(shared[i], (1 - share) * bound[low] + share * bound[high])
    return [float(one) for one in shared]


def _at(problem: JointProblem, price_km: float) -> JointProblem:
    return replace(problem, prices=replace(problem.prices, crossing_km=price_km))


def _value(problem: JointProblem, plan: Plan) -> float:
    return joint_value_km(problem, plan.school, plan.arrangement)
