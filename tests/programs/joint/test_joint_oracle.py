"""The joint program against trying both decisions entirely, by both ways of proof."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from planner.programs.joint.answer import Baseline, joint_value_km
from planner.programs.joint.problem import Prices
from planner.programs.joint.search import solve_joint
from planner.solving.settings import Settings
from tests.programs import small_subdistricts
from tests.programs.joint import cases
from tests.programs.location_oracle import keeps_rules

EXPLORE = (Phase.explicit, Phase.reuse, Phase.generate)


@pytest.mark.parametrize("alone", [False, True])
@given(seed=st.integers(0, 10**6))
@settings(max_examples=80, deadline=None, derandomize=True, phases=EXPLORE)
def test_the_joint_value_is_the_best_of_all_pairs_of_decisions(alone: bool, seed: int) -> None:
    problem, caps, start, search = cases.random_case(seed)
    solution = solve_joint(
        problem, caps, cases.settings(), cases.RANKING,
        start=start, search=None if alone else search,
    )  # fmt: skip
    best = cases.best_joint_km(problem, caps)
    joint = solution.levels[0]
    assert joint.value == pytest.approx(best, abs=2e-5, rel=2e-5)
    assert joint.bound <= best + 1e-6 * max(1.0, abs(best))
    assert joint.value - joint.bound <= 1e-5 * max(1.0, joint.value)
    plan = solution.plan
    assert keeps_rules(problem.location, plan.options, plan.school)
    assert small_subdistricts.keeps_rules(problem.boundaries, plan.arrangement.seat)
    reached = joint_value_km(problem, plan.school, plan.arrangement)
    assert reached <= joint.allowed + 1e-5 * max(1.0, joint.allowed)
    if len(problem.location.services) == 1:
        fewest, cheapest = cases.best_below(problem, caps, solution)
        assert solution.levels[1].value == pytest.approx(fewest, abs=1e-6)
        assert solution.levels[2].value == pytest.approx(cheapest, abs=1.0)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=25, deadline=None, derandomize=True, phases=EXPLORE)
def test_without_coupling_the_halves_are_the_separate_optima(seed: int) -> None:
    problem, caps, start, search = cases.random_case(seed)
    problem = replace(problem, prices=Prices(0.0, 0.1))
    joint = solve_joint(
        problem, caps, cases.settings(), cases.RANKING, start=start, search=search
    ).levels[0]
    boundary = min(
        cases.arrangement_of(problem, seat).boundary
        for seat in cases.every_seat(problem.boundaries, caps)
    )
    services = len(problem.location.services)
    points = cases.every_outcome(problem.location)
    able = points[:, :services].sum(1) <= caps.short[0] + 1e-6
    way = float(points[able, services : 2 * services].sum(1).min()) / 1000
    assert joint.value == pytest.approx(way + 0.1 * boundary, abs=2e-5, rel=2e-5)


def test_cases_have_several_arrangements_and_gain_by_deciding_together() -> None:
    several = gains = 0
    for seed in range(20):
        problem, caps, start, search = cases.random_case(seed)
        several += len(cases.every_seat(problem.boundaries, caps)) > 1
        joint = solve_joint(
            problem, caps, cases.settings(), cases.RANKING, start=start, search=search
        ).levels[0]
        before = joint_value_km(problem, start.school, start.arrangement)
        gains += joint.value < before - 1e-6
    assert several >= 6
    assert gains >= 2


@pytest.mark.parametrize("alone", [False, True])
def test_without_time_the_start_stands_and_no_bound_is_above_it(alone: bool) -> None:
    for seed in range(12):
        problem, caps, start, search = cases.random_case(seed)
        over = Settings(tolerance=cases.EXACT, deadline=time.monotonic())
        solution = solve_joint(
            problem, caps, over, cases.RANKING, start=start, search=None if alone else search
        )
        best = cases.best_joint_km(problem, caps)
        before = joint_value_km(problem, start.school, start.arrangement)
        joint, *below = solution.levels
        assert best - 1e-6 <= joint.value <= before + 1e-6
        assert joint.bound <= best + 1e-6
        assert [level.name for level in below] == ["pupils_changing_school", "cost_yuan"]
        plan = solution.plan
        assert keeps_rules(problem.location, plan.options, plan.school)
        reached = joint_value_km(problem, plan.school, plan.arrangement)
        assert reached <= joint.allowed + 1e-6


def test_no_level_takes_more_of_the_joint_value_than_the_baseline_leaves() -> None:
    """A loose search, beside a baseline that turns out better than what it found."""
    taken = 0
    for seed in range(40):
        problem, caps, start, search = cases.random_case(seed)
        exact = solve_joint(
            problem, caps, cases.settings(), cases.RANKING, start=start, search=search
        )
        best = joint_value_km(problem, exact.first.school, exact.first.arrangement)
        problem, caps, start, search = cases.random_case(seed)
        loose = Settings(tolerance=0.3, deadline=time.monotonic() + 30)
        ranking = cases.RANKING.model_copy(update={"joint": 0.5})
        solution = solve_joint(
            problem, caps, loose, ranking, start=start, search=search,
            baseline=lambda found=exact.first: Baseline(found),
        )  # fmt: skip
        first = solution.levels[0]
        reached = joint_value_km(problem, solution.plan.school, solution.plan.arrangement)
        assert first.value == pytest.approx(best, abs=2e-5, rel=2e-5)
        assert first.allowed <= best + 2e-5 * max(1.0, best)
        assert reached <= first.allowed + 1e-5 * max(1.0, best)
        assert first.bound <= best + 2e-5 * max(1.0, best)
        taken += joint_value_km(problem, start.school, start.arrangement) > best * (1 + 1e-4)
    assert taken >= 4  # in the others there is nothing to gain
