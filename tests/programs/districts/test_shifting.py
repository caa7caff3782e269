"""Annealed parts keep every rule, and are worth what the search believes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.programs.districts.objective import cut_edges, seat_cost
from planner.programs.districts.plan import Plan, value_of
from planner.programs.districts.problem import district_problem
from planner.programs.districts.shifting import Shifting, joined_without, shifted
from tests.programs.districts import small_cases


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**6), kind=st.sampled_from(small_cases.KINDS))
def test_plans_stay_legal_and_are_never_worse_than_the_start(seed: int, kind: str) -> None:
    problem = small_cases.random_problem(seed)
    kind = kind if len(problem.homes) or kind != "hops" else "edges"
    objective = small_cases.random_objective(problem, kind, seed)
    worth = {c: small_cases.value(objective, c) for c in small_cases.choices(problem)}
    able = [c for c, value in worth.items() if np.isfinite(value)]
    if not able:
        return
    first = able[seed % len(able)]
    start = Plan(first.part, first.seat)
    found = shifted(problem, objective, start, seed=seed, hot=20.0, cold=0.5, sweeps=20)
    assert small_cases.legal(problem, found)
    assert min(worth.values()) - 1e-9 <= value_of(objective, found) <= worth[first] + 1e-9


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_each_sweep_without_warmth_gains(seed: int) -> None:
    problem = small_cases.random_problem(seed)
    objective = small_cases.random_objective(problem, "mixed", seed)
    first = next((c for c in small_cases.choices(problem)
                  if np.isfinite(small_cases.value(objective, c))), None)  # fmt: skip
    if first is None:
        return
    work = Shifting(problem, objective, Plan(first.part, first.seat), np.random.default_rng(seed))
    value = value_of(objective, work.plan)
    for _ in range(20):
        made = work.sweep(0.0)
        now = value_of(objective, work.plan)
        assert now <= value + 1e-9
        assert small_cases.legal(problem, work.plan)
        if not made:
            break
        assert now < value
        value = now


def test_a_row_of_six_is_cut_in_the_middle() -> None:
    borders = [(x, y, 1.0) for x, y in zip("abcde", "bcdef", strict=True)]
    row = district_problem(dict.fromkeys("abcdef", 1.0), 2, (1.0, 5.0), borders)
    start = Plan((0, 1, 1, 1, 1, 1))
    cost = np.abs(np.arange(6)[:, None] - np.arange(6)[None, :])
    seated = district_problem(dict.fromkeys("abcdef", 1.0), 2, (1.0, 5.0), borders, seats="abcdef")
    objective = seat_cost(seated, cost, name="distance", unit="steps")
    found = shifted(seated, objective, Plan(start.part, (0, 3)), seed=0, hot=2.0, cold=0.1)
    assert found == Plan((0, 0, 0, 1, 1, 1), (1, 4))
    assert value_of(objective, found) == 4.0
    assert shifted(row, cut_edges(row), start, seed=0, hot=1.0, cold=0.1) == start


@pytest.mark.parametrize(("unit", "whole"), [(0, True), (1, False), (4, False)])
def test_a_unit_in_the_middle_holds_a_part_together(unit: int, whole: bool) -> None:
    near = ((1,), (0, 2), (1, 3), (2,), ())
    members = {0, 1, 2, 3} if unit < 4 else {4}
    assert joined_without(near, members, unit) is whole
