"""The joint value over prices, against all pairs of decisions at each of them."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from planner.programs.joint.answer import joint_value_km
from planner.programs.joint.curve import PricePoint, _shared_bounds, joint_values
from planner.programs.joint.problem import JointProblem
from planner.solving.settings import Settings
from tests.programs.joint import cases

PRICES = (0.0, 0.2, 1.0, 3.0)


def at(problem: JointProblem, price: float) -> JointProblem:
    return replace(problem, prices=replace(problem.prices, crossing_km=price))


@pytest.mark.parametrize("seed", range(0, 24, 3))
@pytest.mark.parametrize("tolerance", [cases.EXACT, 0.2])
def test_each_point_is_the_best_known_plan_with_a_true_bound(seed: int, tolerance: float) -> None:
    problem, caps, start, search = cases.random_case(seed)
    settings = Settings(tolerance=tolerance, deadline=time.monotonic() + 60)
    points = joint_values(
        problem, caps, settings, cases.RANKING, start=start, search=search, prices=PRICES
    )
    assert [point.price_km for point in points] == list(PRICES)
    for point in points:
        priced = at(problem, point.price_km)
        best = cases.best_joint_km(priced, caps)
        assert point.bound <= best + 1e-6 * max(1.0, best)
        assert point.value >= best - 1e-6 * max(1.0, best)
        assert point.value - point.bound <= (tolerance + 1e-6) * max(1.0, point.value)
        own = [joint_value_km(priced, p.plan.school, p.plan.arrangement) for p in points]
        assert point.value == pytest.approx(min(own))
    assert [p.bound for p in points] == sorted(p.bound for p in points)


def test_bounds_count_for_dearer_prices_and_between_two() -> None:
    _, _, plan, _ = cases.random_case(0)
    bounds = [(0.0, 10.0), (1.0, 11.0), (2.0, 20.0), (3.0, 19.0)]
    points = [PricePoint(price, 50.0, bound, plan) for price, bound in bounds]
    assert _shared_bounds(points) == pytest.approx([10.0, 15.0, 20.0, 20.0])
