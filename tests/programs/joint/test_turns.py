"""Halves searched again in turn keep every rule and cap, and are never worse than the start."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from planner.programs.joint.answer import joint_value_km
from planner.programs.joint.turns import improved_in_turn
from tests.programs import small_subdistricts
from tests.programs.joint import cases
from tests.programs.location_oracle import keeps_rules, outcome_of


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_plan_made_in_turns_keeps_the_caps_and_lies_between_start_and_best(seed: int) -> None:
    problem, caps, start, _ = cases.random_case(seed)
    plan = improved_in_turn(problem, caps, cases.settings(), start)
    assert keeps_rules(problem.location, plan.options, plan.school)
    assert small_subdistricts.keeps_rules(problem.boundaries, plan.arrangement.seat)
    deviation, squared, _ = small_subdistricts.levels(problem.boundaries, plan.arrangement.seat)
    assert deviation <= caps.deviation + 1e-7
    assert squared <= caps.squared + 1e-5
    services = len(problem.location.services)
    short = outcome_of(problem.location, plan.options, plan.school)[0, :services].sum()
    assert short <= caps.short[0] + 1e-6
    before = joint_value_km(problem, start.school, start.arrangement)
    value = joint_value_km(problem, plan.school, plan.arrangement)
    best = cases.best_joint_km(problem, caps)
    assert best - 1e-6 <= value <= before + 1e-9


def test_some_gains_of_deciding_together_are_found_in_turns() -> None:
    gains = found = 0
    for seed in range(40):
        problem, caps, start, _ = cases.random_case(seed)
        before = joint_value_km(problem, start.school, start.arrangement)
        best = cases.best_joint_km(problem, caps)
        if best < before - 1e-6:
            gains += 1
            plan = improved_in_turn(problem, caps, cases.settings(), start)
            value = joint_value_km(problem, plan.school, plan.arrangement)
            found += value < before - 1e-6
    assert gains >= 4
    assert found >= 2
