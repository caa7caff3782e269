"""Torn plans shared again: against every contiguous plan with the same options."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.programs.location.neighbours import Cut
from planner.programs.location.problem import Bools, Ints
from planner.programs.priced.cutting import known_cuts
from planner.programs.priced.layout import Layout
from planner.programs.priced.plan import plan_of, torn_pairs
from planner.programs.priced.sharing import shared_again, sharing
from planner.solving.settings import Settings
from tests.programs.priced.drawn_plans import drawn_plan, keeps_totals

TIGHT = Settings(tolerance=1e-9)


def whole_plans(layout: Layout, service: int, is_open: Bools, arc: Ints) -> list[Ints]:
    """Every assignment of one service over open arcs that is contiguous; the other as it is."""
    clients = np.flatnonzero(np.arange(layout.clients) % layout.services == service)
    ways = [[a for a in layout.by_client.of(c).tolist() if is_open[a]] for c in clients]
    found = []
    for chosen in product(*ways):
        whole = arc.copy()
        whole[clients] = chosen
        torn = [pair for pair in torn_pairs(layout, whole) if pair % layout.services == service]
        if not torn:
            found.append(whole)
    return found


def keeps(cut: Cut, arc: Ints) -> bool:
    """Whether a plan keeps a cut."""
    used = set(arc.tolist())
    met = cut.unit in used and (cut.anchor is None or cut.anchor in used)
    return not met or any(a in used for a in cut.through)


@settings(max_examples=250, deadline=None)
@given(st.integers(0, 10**6))
def test_the_best_contiguous_plan_with_these_options(seed: int) -> None:
    drawn = drawn_plan(seed)
    if drawn is None or not keeps_totals(*drawn[:2]):
        return
    layout, plan, is_open = drawn
    ways = [whole_plans(layout, s, is_open, plan.arc) for s in range(layout.services)]
    shared, cuts = shared_again(layout, known_cuts(layout), plan, TIGHT)
    for s, own in enumerate(ways):
        met = [cut for cut in cuts if layout.client[cut.unit] % layout.services == s]
        assert all(keeps(cut, arc) for cut in met for arc in own)
    if not all(ways):
        assert shared is None
        return
    assert shared is not None
    assert not torn_pairs(layout, shared.arc)
    assert shared.option.tolist() == plan.option.tolist()
    best = plan.arc.copy()
    for s, own in enumerate(ways):
        cheapest = min(own, key=lambda arc: plan_of(layout, arc, plan.option).value)
        best[s :: layout.services] = cheapest[s :: layout.services]
    least = plan_of(layout, best, plan.option).value
    assert least - 1e-9 <= shared.value
    assert shared.value == pytest.approx(least, rel=4e-3, abs=1e-6)


def test_each_choice_of_options_is_shared_once() -> None:
    drawn = next(d for d in map(drawn_plan, range(200)) if d is not None)
    layout, plan, _ = drawn
    share = sharing(layout, known_cuts(layout), TIGHT)
    assert share(plan) is not None
    assert share(plan) == (None, [])
