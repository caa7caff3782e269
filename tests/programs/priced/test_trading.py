"""Trades keep the programme's totals and what is open; swept plans keep every rule."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.programs.priced.layout import Layout, layout_of
from planner.programs.priced.plan import Plan, loads_of, open_pairs, plan_of, torn_pairs
from planner.programs.priced.search import PricedSearch
from planner.programs.priced.settling import Settling
from planner.programs.priced.trading import Trading
from planner.solving.settings import Settings
from tests.programs.location_cases import unlocked_problem
from tests.programs.priced.test_priced_oracle import PRICE_KM, may_be_served


def started(seed: int) -> tuple[Layout, Plan] | None:
    """A layout with any plan, if there is one."""
    problem = unlocked_problem(seed)
    if not may_be_served(problem):
        return None
    layout = layout_of(problem, PRICE_KM)
    search = PricedSearch(layout, Settings(tolerance=0.5))
    search.run()
    return None if search.plan is None else (layout, search.plan)


def keeps_totals(layout: Layout, plan: Plan) -> bool:
    taken = layout.amounts[plan.option[plan.option >= 0]].sum(0)
    return bool(((taken >= layout.least - 1e-6) & (taken <= layout.most + 1e-6)).all())


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_swept_plans_keep_every_rule_and_cool_ones_only_gain(seed: int) -> None:
    begun = started(seed)
    if begun is None:
        return
    layout, plan = begun
    state, chance = Settling(layout, plan), np.random.default_rng(seed)
    value = plan.value
    for warmth in (100.0, 10.0, 0.0, 0.0):
        state.sweep(warmth, chance)
        now = state.plan()
        assert keeps_totals(layout, now)
        assert open_pairs(layout, now.option)[layout.pair[now.arc]].all()
        assert layout.problem.graph is None or not torn_pairs(layout, now.arc)
        if warmth == 0.0:
            assert now.value <= value + 1e-6
        value = now.value


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_trade_gains_and_takes_as_much_of_every_total(seed: int) -> None:
    begun = started(seed)
    if begun is None:
        return
    layout, plan = begun
    option, load = plan.option.copy(), loads_of(layout, plan.arc)
    value, trading, chance = plan.value, Trading(layout), np.random.default_rng(seed)
    while trading.trade(option, load, 0.0, chance, least=1e-6):
        now = plan_of(layout, plan.arc, option.copy())
        assert now.value < value
        taken = layout.amounts[option[option >= 0]].sum(0)
        np.testing.assert_allclose(taken, layout.amounts[plan.option[plan.option >= 0]].sum(0))
        value = now.value
