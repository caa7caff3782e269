"""The joint program against trying both decisions entirely, by both ways of proof."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from planner.programs.joint.answer import JointSolution, joint_value_km
from planner.programs.joint.problem import Prices
from planner.programs.joint.search import solve_joint
from tests.programs import small_subdistricts
from tests.programs.joint import cases
from tests.programs.location_oracle import keeps_rules

EXPLORE = (Phase.explicit, Phase.reuse, Phase.generate)


def solved(
    seed: int, *, alone: bool
) -> tuple[cases.JointProblem, cases.Caps, JointSolution] | None:
    problem = cases.random_joint(seed)
    first = None if problem is None else cases.sequential(problem)
    if problem is None or first is None:
        return None
    caps, start, search = first
    solution = solve_joint(
        problem, caps, cases.settings(), cases.RANKING,
        start=start, search=None if alone else search,
    )  # fmt: skip
    return problem, caps, solution


@pytest.mark.parametrize("alone", [False, True])
@given(seed=st.integers(0, 10**6))
@settings(max_examples=150, deadline=None, derandomize=True, phases=EXPLORE)
def test_the_joint_value_is_the_best_of_all_pairs_of_decisions(alone: bool, seed: int) -> None:
    found = solved(seed, alone=alone)
    if found is None:
        return
    problem, caps, solution = found
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


@given(seed=st.integers(0, 10**6))
@settings(max_examples=60, deadline=None, derandomize=True, phases=EXPLORE)
def test_without_coupling_the_halves_are_the_separate_optima(seed: int) -> None:
    problem = cases.random_joint(seed)
    if problem is None:
        return
    problem = replace(problem, prices=Prices(0.0, 0.1))
    first = cases.sequential(problem)
    if first is None:
        return
    caps, start, search = first
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


def test_enough_cases_have_a_plan_and_several_arrangements() -> None:
    plans = several = 0
    for seed in range(120):
        problem = cases.random_joint(seed)
        first = None if problem is None else cases.sequential(problem)
        if problem is not None and first is not None:
            plans += 1
            several += len(cases.every_seat(problem.boundaries, first[0])) > 1
    assert plans >= 30
    assert several >= 10
