"""A limit on pupils who cross, against trying both decisions entirely."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from planner.errors import InfeasibleError, NoPlanInTimeError
from planner.programs.joint.answer import arrangement_of, crossing_pupils, joint_value_km
from planner.programs.joint.curve import joint_values
from planner.programs.joint.problem import Caps, JointProblem
from planner.programs.joint.program import build_joint
from planner.programs.joint.search import solve_joint
from planner.solving.settings import Settings
from tests.programs import small_subdistricts
from tests.programs.joint import cases
from tests.programs.joint.test_joint_golden import CAPS, joint
from tests.programs.location_oracle import every_outcome, keeps_rules

Points = list[tuple[float, float]]
SLACK = 1e-6


def joint_points(problem: JointProblem, caps: Caps) -> Points:
    """Crossing pupils and joint value of all pairs of decisions within the other caps."""
    services, found = len(problem.location.services), []
    for seat in cases.every_seat(problem.boundaries, caps):
        coupled = cases.coupled(problem, seat)
        # who crosses is counted where the oracle counts who moves
        counted = replace(coupled, arcs=replace(coupled.arcs, moves=problem.crosses(seat)))
        points = every_outcome(counted)
        short, way = points[:, :services].sum(1), points[:, services : 2 * services].sum(1)
        crossing = points[:, 2 * services : 3 * services].sum(1)
        able = short <= caps.short[0] + SLACK
        boundary = problem.prices.boundary_km * arrangement_of(problem, seat).boundary
        found += zip(crossing[able].tolist(), (way[able] / 1000 + boundary).tolist(), strict=True)
    return found


def best_within(points: Points, most: float) -> float:
    return min((value for crossing, value in points if crossing <= most + SLACK), default=math.inf)


def limited_cases() -> Iterator[tuple[cases.Case, Points]]:
    """Random cases, each with several limits: none may cross, some, fewer than would, all."""
    for seed in range(24):
        problem, caps, start, search = cases.random_case(seed)
        points = joint_points(problem, caps)
        values = sorted({crossing for crossing, _ in points})
        freely = min(points, key=lambda point: point[1])[0]
        tried = {0.0, values[0], values[len(values) // 2], max(0.0, freely - 1.0), values[-1]}
        for most in sorted(tried):
            yield (problem, replace(caps, crossing=most), start, search), points


@pytest.mark.parametrize("alone", [False, True])
def test_the_best_plan_within_the_limit_or_the_reason_why_there_is_none(alone: bool) -> None:
    bound_by_it = none = 0
    for (problem, caps, start, search), points in limited_cases():
        assert caps.crossing is not None
        best = best_within(points, caps.crossing)
        ours = None if alone else search
        if best == math.inf:
            none += 1
            with pytest.raises(InfeasibleError) as caught:
                solve_joint(
                    problem, caps, cases.settings(), cases.RANKING, start=start, search=ours
                )
            fewest = min(crossing for crossing, _ in points) / problem.location.pupils.sum()
            works = math.ceil(fewest * 1e4 - 1e-6) / 1e4
            assert f"(set joint.max_crossing_share: {works:.4f})" in str(caught.value)
            continue
        solution = solve_joint(
            problem, caps, cases.settings(), cases.RANKING, start=start, search=ours
        )
        first = solution.levels[0]
        assert first.value == pytest.approx(best, abs=2e-5, rel=2e-5)
        assert first.bound <= best + 1e-6 * max(1.0, abs(best))
        for plan in (solution.first, solution.plan):
            assert crossing_pupils(problem, plan.school, plan.arrangement) <= caps.crossing + SLACK
            assert keeps_rules(problem.location, plan.options, plan.school)
            assert small_subdistricts.keeps_rules(problem.boundaries, plan.arrangement.seat)
        reached = joint_value_km(problem, solution.plan.school, solution.plan.arrangement)
        assert reached <= first.allowed + 1e-5 * max(1.0, first.allowed)
        bound_by_it += best > best_within(points, math.inf) + 1e-6
    assert none >= 3
    assert bound_by_it >= 3


def test_a_trade_off_keeps_the_limit_at_every_price() -> None:
    problem, caps, start, search = cases.random_case(3)
    points = joint_points(problem, caps)
    most = sorted({crossing for crossing, _ in points})[len({c for c, _ in points}) // 2]
    caps = replace(caps, crossing=most)
    told = joint_values(
        problem, caps, cases.settings(), cases.RANKING,
        start=start, search=search, prices=(0.0, 0.5),
    )  # fmt: skip
    assert [point.price_km for point in told] == [0.0, 0.5]
    for point in told:
        plan = point.plan
        assert crossing_pupils(problem, plan.school, plan.arrangement) <= most + SLACK


def test_without_time_nothing_beyond_the_limit_is_given_out() -> None:
    for (problem, caps, start, search), points in limited_cases():
        assert caps.crossing is not None
        over = Settings(tolerance=cases.EXACT, deadline=time.monotonic())
        best = best_within(points, caps.crossing)
        try:
            solution = solve_joint(
                problem, caps, over, cases.RANKING, start=start, search=search
            )  # fmt: skip
        except NoPlanInTimeError:
            continue
        except InfeasibleError:
            assert best == math.inf
            continue
        plan = solution.plan
        assert crossing_pupils(problem, plan.school, plan.arrangement) <= caps.crossing + SLACK
        assert solution.levels[0].bound <= best + 1e-6


def test_the_limit_is_a_row_over_all_who_cross() -> None:
    program = build_joint(joint(), replace(CAPS, crossing=7.0))
    rows = {row.name: row for row in program.problem.constraints()}
    row = rows["kept__crossing"]
    assert {v.name: c for v, c in row.items()} == {v.name: c for v, c in program.crossing.items()}
    assert -row.constant == pytest.approx(7.0, abs=1e-5)
    assert "kept__crossing" not in {
        r.name for r in build_joint(joint(), CAPS).problem.constraints()
    }
    assert np.isclose(row.sense, -1)
