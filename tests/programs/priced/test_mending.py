"""Stray homes are given away: by hand, and never worse torn on random plans."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.programs.priced.layout import layout_of
from planner.programs.priced.mending import absorbed
from planner.programs.priced.plan import plan_of, torn_pairs
from tests.programs.location_cases import hand_made
from tests.programs.priced.drawn_plans import drawn_plan


def test_the_home_at_the_far_end_joins_its_neighbours() -> None:
    # u0 - u1 - u2 - u3: f0 stands at u0, f1 at u3; u3 goes to f0 past u1 and u2, which go to f1
    layout = layout_of(hand_made(), 5.0)
    arcs = layout.problem.arcs
    at = {
        (int(u), int(f), int(s)): a
        for a, (u, f, s) in enumerate(zip(arcs.unit, arcs.school, arcs.service, strict=True))
    }
    schools = {0: 0, 1: 1, 2: 1, 3: 0, 4: 1}
    arc = np.array([at[u, schools[u] if s == 0 else 1, s] for u in range(5) for s in range(2)])
    option = np.array([-1, 2])
    plan = plan_of(layout, arc, option)
    assert torn_pairs(layout, plan.arc) == [0]
    mended = absorbed(layout, plan)
    assert torn_pairs(layout, mended.arc) == []
    assert arcs.school[mended.arc].reshape(5, 2)[:, 0].tolist() == [0, 1, 1, 1, 1]


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**6))
def test_whole_plans_stay_and_nothing_opens(seed: int) -> None:
    drawn = drawn_plan(seed)
    if drawn is None:
        return
    layout, plan, is_open = drawn
    mended = absorbed(layout, plan)
    if not torn_pairs(layout, plan.arc):
        assert mended.arc.tolist() == plan.arc.tolist()
    assert is_open[mended.arc].all()
    assert layout.client[mended.arc].tolist() == list(range(layout.clients))
