"""A large problem's search on small ones: excess adds up, streams agree, catchments stay whole."""

from __future__ import annotations

import math
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from planner.programs.priced import layout as layouts
from planner.programs.priced.ascent import Ascent
from planner.programs.priced.excess import Excess
from planner.programs.priced.growing import grown
from planner.programs.priced.layout import Layout, layout_of
from planner.programs.priced.master import Master
from planner.programs.priced.plan import Plan, open_pairs, overflow, plan_of, torn_pairs
from planner.programs.priced.search import solve_priced
from planner.programs.priced.settling import annealed, settled
from planner.programs.priced.start import relaxed
from planner.programs.priced.wide import Wide, merged
from planner.solving.highs import Outcome
from planner.solving.settings import Settings, SolveStatus
from tests.programs.location_cases import unlocked_problem
from tests.programs.priced.test_priced_oracle import PRICE_KM, best_value, may_be_served, solved


def planned(seed: int, *, contiguous: bool) -> tuple[Layout, Plan]:
    """A layout and its best plan."""
    problem = unlocked_problem(seed)
    assume(may_be_served(problem) and (problem.graph is not None) == contiguous)
    found = solved(problem)
    assume(found.value is not None)
    layout = layout_of(problem, PRICE_KM)
    option = np.full(layout.schools, -1)
    for o in found.options:
        option[problem.options[o].school] = o
    at = {(int(c), int(p)): a for a, (c, p) in enumerate(
        zip(layout.client, layout.pair, strict=True))}  # fmt: skip
    services = layout.services
    arc = np.array([
        at[c, found.school[divmod(c, services)] * services + c % services]
        for c in range(layout.clients)
    ])  # fmt: skip
    return layout, plan_of(layout, arc, option)


def spoilt(layout: Layout, plan: Plan, seed: int) -> Plan:
    """The plan with some clients at any open school."""
    rng, arc = np.random.default_rng(seed), plan.arc.copy()
    is_open = open_pairs(layout, plan.option)[layout.pair]
    for client in rng.choice(layout.clients, min(4, layout.clients), replace=False).tolist():
        own = layout.by_client.of(client)
        arc[client] = rng.choice(own[is_open[own]])
    return plan_of(layout, arc, plan.option)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_excess_is_the_distance_from_the_bound(seed: int, contiguous: bool) -> None:
    layout, plan = planned(seed, contiguous=contiguous)
    assume(len(layout.option_school) > 0)
    linear = relaxed(layout, Settings())
    ascent = Ascent(layout, linear.client, linear.cuts, linear.row)
    for _ in range(5):
        ascent.step(plan.value)
    excess = Excess(layout, linear.cuts)
    for now in (plan, spoilt(layout, plan, seed), plan):
        by_school = excess.by_school(now, ascent.best)
        assert (by_school >= 0).all()
        fresh = Excess(layout, linear.cuts).by_school(now, ascent.best)
        assert by_school == pytest.approx(fresh, abs=1e-6)  # counted again only where it changed
        gap, little = now.value - ascent.best.bound, 1e-6 * now.value + 1e-6
        if not torn_pairs(layout, now.arc):
            assert by_school.sum() <= gap + little
        exact = (layout.least == layout.most) | (np.isinf(layout.least) & np.isinf(layout.most))
        if not contiguous and exact.all():
            assert by_school.sum() == pytest.approx(gap, abs=little)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_streams_together_never_lose(seed: int, contiguous: bool) -> None:
    layout, best = planned(seed, contiguous=contiguous)
    begun = spoilt(layout, best, seed)
    if torn_pairs(layout, begun.arc):
        begun = best
    linear = relaxed(layout, Settings())
    ascent = Ascent(layout, linear.client, linear.cuts, linear.row)
    ascent.step(best.value)
    values = [begun.value]
    plans: list[Plan] = []

    def take(plan: Plan) -> None:
        values.append(plan.value)
        plans.append(plan)

    wide = Wide(layout, linear.cuts, ascent, Settings(), streams=2, plan=begun, take=take)
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(wide.improve) for _ in range(12)]:
            done.result()
    assert values == sorted(values, reverse=True)
    assert values[-1] >= best.value * (1 - 1e-5) - 1e-6
    for plan in plans:
        assert plan_of(layout, plan.arc, plan.option).value == pytest.approx(plan.value)
        assert torn_pairs(layout, plan.arc) == []
        assert open_pairs(layout, plan.option)[layout.pair[plan.arc]].all()
        taken = layout.amounts[plan.option[plan.option >= 0]].sum(0)
        assert (taken <= layout.most + 1e-6).all()
        assert (taken >= layout.least - 1e-6).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
@example(42056)  # a plan that costs nothing
def test_settling_and_annealing_keep_catchments_whole(seed: int) -> None:
    layout, plan = planned(seed, contiguous=True)
    begun = spoilt(layout, plan, seed)
    assume(not torn_pairs(layout, begun.arc))
    for better in (settled(layout, begun), annealed(layout, begun, Settings())):
        assert better.value <= begun.value + 1e-6
        assert torn_pairs(layout, better.arc) == []
        assert better.option.tolist() == plan.option.tolist()
        assert layout.client[better.arc].tolist() == list(range(layout.clients))
        assert plan.value <= better.value + 1e-6 * max(1.0, plan.value)
    first, again = (annealed(layout, begun, Settings(seed=3)) for _ in range(2))
    assert first.arc.tolist() == again.arc.tolist()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_grown_catchments_are_whole_where_homes_can_be_reached(seed: int) -> None:
    layout, best = planned(seed, contiguous=True)
    begun = spoilt(layout, best, seed)
    linear = relaxed(layout, Settings())
    every = np.ones(len(layout.cost), bool)
    found = grown(layout, linear.cuts, begun, every, Settings())
    assert layout.client[found.arc].tolist() == list(range(layout.clients))
    assert open_pairs(layout, found.option)[layout.pair[found.arc]].all()
    torn = torn_pairs(layout, found.arc)
    if torn:  # only by homes that nothing reached, which stayed where they were
        stayed = found.arc == begun.arc
        for pair in torn:
            assert stayed[layout.pair[found.arc] == pair].any()
    assert (overflow(layout, found.arc, found.option) >= 0).all()


def test_a_master_that_fails_is_solved_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    layout = layout_of(next(
        p for p in map(unlocked_problem, range(200))
        if may_be_served(p) and len(p.options) > 2 and best_value(p) < np.inf
    ), PRICE_KM)  # fmt: skip
    cost = -np.arange(len(layout.option_school), dtype=float)
    expected = Master(layout).solve(cost)
    master = Master(layout)
    master.allow(expected.choice > 0)
    monkeypatch.setattr(master._session, "relax", lambda: Outcome(None, math.inf, None))
    again = master.solve(cost)
    assert again.value == pytest.approx(expected.value)
    assert (again.choice[expected.choice == 0] == 0).all()


def test_what_two_streams_found_must_meet_the_totals_together() -> None:
    for seed in range(200):
        problem = unlocked_problem(seed)
        if may_be_served(problem) and len(problem.options) > 1 and problem.totals:
            break
    layout = layout_of(problem, PRICE_KM)
    nothing = np.full(layout.schools, -1)
    arc = layout.by_client.order[layout.by_client.start[:-1]]
    before = plan_of(layout, arc, nothing)
    schools = sorted(set(layout.option_school.tolist()))[:2]
    plans = []
    for school in schools:
        option = nothing.copy()
        option[school] = int(np.flatnonzero(layout.option_school == school)[0])
        plans.append(plan_of(layout, arc, option))
    assert merged(layout, before, before, plans[0]) is plans[0]
    both = np.maximum(plans[0].option, plans[-1].option)
    taken = layout.amounts[both[both >= 0]].sum(0)
    meets = bool((taken <= layout.most + 1e-6).all() and (taken >= layout.least - 1e-6).all())
    together = merged(layout, plans[0], before, plans[-1])
    assert (together is not None) == meets


@pytest.mark.parametrize("threads", [1, 2])
def test_the_large_search_ends_with_a_true_plan_and_bound(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layouts, "SMALL_ARCS", 0)
    done = 0
    for seed in range(60):
        problem = unlocked_problem(seed)
        if not may_be_served(problem) or not len(problem.options):
            continue
        best = best_value(problem)
        limits = Settings(threads=threads, tolerance=1e-3, deadline=time.monotonic() + 1.0)
        found = solve_priced(problem, PRICE_KM, limits)
        assert found.bound <= best + 1e-6 * max(1.0, best) or best == np.inf
        if found.value is not None:
            assert found.value >= best - 1e-5 * max(1.0, best)
            done += 1
        if done == 4:
            break
    assert done == 4


def test_the_large_search_stops_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layouts, "SMALL_ARCS", 0)
    problem = next(
        p for p in map(unlocked_problem, range(200))
        if may_be_served(p) and len(p.options) and best_value(p) < np.inf
    )  # fmt: skip
    limits = Settings(threads=2, tolerance=-1.0)  # never met: it would search for ever
    threading.Timer(1.0, limits.stop.set).start()
    began = time.monotonic()
    found = solve_priced(problem, PRICE_KM, limits)
    assert time.monotonic() - began < 6.0
    assert found.status != SolveStatus.NO_SOLUTION_IN_TIME
