"""The priced places decision against trying every plan, and its parts against plain recounts."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.programs.location.problem import LocationProblem
from planner.programs.priced.ascent import Ascent
from planner.programs.priced.descent import descend
from planner.programs.priced.knapsacks import pack, with_each
from planner.programs.priced.layout import layout_of
from planner.programs.priced.neighbourhoods import Neighbourhoods
from planner.programs.priced.plan import overflow, plan_of, torn_pairs
from planner.programs.priced.search import PricedSolution, solve_priced
from planner.programs.priced.start import relaxed
from planner.solving.settings import Settings, SolveStatus
from tests.programs.location_cases import hand_made, unlocked_problem
from tests.programs.location_oracle import every_outcome

PRICE_KM = 5.0
EXACT = 1e-6


def solved(problem: LocationProblem) -> PricedSolution:
    """Solve exactly; a solve that makes no headway ends as not proven."""
    return solve_priced(
        problem, PRICE_KM, Settings(tolerance=EXACT, deadline=time.monotonic() + 20)
    )


def best_value(problem: LocationProblem) -> float:
    """The least of all plans, in pupil-kilometres; inf if there is none."""
    points, services = every_outcome(problem), len(problem.services)
    short, way = points[:, :services].sum(1), points[:, services : 2 * services].sum(1)
    return float((way / 1000 + PRICE_KM * short).min(initial=np.inf))


def may_be_served(problem: LocationProblem) -> bool:
    """Whether every unit has an arc in every service."""
    arcs = problem.arcs
    served = set(zip(arcs.unit.tolist(), arcs.service.tolist(), strict=True))
    return len(served) == len(problem.units) * len(problem.services)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6))
def test_value_and_verdict_of_all_plans(seed: int) -> None:
    problem = unlocked_problem(seed)
    if not may_be_served(problem):
        with pytest.raises(ValueError, match="no school may serve"):
            solved(problem)
        return
    best, found = best_value(problem), solved(problem)
    if best == np.inf:
        assert found.status == SolveStatus.INFEASIBLE
        return
    assert found.status == SolveStatus.OPTIMAL
    assert found.value == pytest.approx(best, rel=1e-5, abs=1e-6)
    assert found.bound <= best + 1e-6 * max(1.0, best)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 40))
def test_bounds_on_the_way_are_true(seed: int, steps: int) -> None:
    problem = unlocked_problem(seed)
    if not may_be_served(problem) or not len(problem.options):
        return
    best = best_value(problem)
    if best == np.inf:
        return
    layout = layout_of(problem, PRICE_KM)
    linear = relaxed(layout, Settings())
    assert linear.bound <= best + 1e-6 * max(1.0, best)
    ascent = Ascent(layout, linear.client, linear.cuts, linear.row)
    for _ in range(steps):
        ascent.step(best)
    assert ascent.best.bound <= best + 1e-6 * max(1.0, best)
    options = ascent.kept_options(best)
    arcs = ascent.kept_arcs(best, options)
    found = solved(problem)
    assert set(found.options) <= set(np.flatnonzero(options).tolist()) or found.value > best
    used = {
        (int(u), int(s)): int(f)
        for u, f, s in zip(
            problem.arcs.unit[arcs], problem.arcs.school[arcs], problem.arcs.service[arcs],
            strict=True,
        )
    }  # fmt: skip
    assert set(used) == set(found.school)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6))
def test_packing_against_all_sets(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 8))
    rest = rng.integers(-30, 10, count).astype(float)
    weight, rooms = rng.integers(0, 9, count), np.sort(rng.integers(0, 25, 3))
    sets = np.array(list(product((0, 1), repeat=count)))
    over = np.maximum(0, (sets @ weight)[:, None] - rooms)
    values = (sets @ rest)[:, None] + 2.5 * over
    packed = pack(rest, weight, rooms, 2.5)
    assert packed.values == pytest.approx(values.min(0))
    for i, room in enumerate(rooms.tolist()):
        members = packed.members(i)
        load = weight[members].sum()
        assert rest[members].sum() + 2.5 * max(0, load - room) == pytest.approx(values[:, i].min())
        held = with_each(rest, weight, room, 2.5)
        for k in range(count):
            assert held[k] == pytest.approx(values[sets[:, k] == 1, i].min())


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_descent_and_neighbourhoods_never_lose(seed: int) -> None:
    problem = unlocked_problem(seed)
    if not may_be_served(problem):
        return
    found = solved(problem)
    if found.value is None:
        return
    layout = layout_of(problem, PRICE_KM)
    option = np.full(layout.schools, -1)
    for o in found.options:
        option[problem.options[o].school] = o
    at = {(u, f, s): a for a, (u, f, s) in enumerate(
        zip(problem.arcs.unit.tolist(), problem.arcs.school.tolist(),
            problem.arcs.service.tolist(), strict=True))}  # fmt: skip
    arc = np.array([
        at[u, found.school[u, s], s]
        for u in range(len(problem.units)) for s in range(layout.services)
    ])  # fmt: skip
    plan = plan_of(layout, arc, option)
    assert plan.value == pytest.approx(found.value)
    assert torn_pairs(layout, arc) == []
    assert descend(layout, plan).value <= plan.value + 1e-9
    cuts = relaxed(layout, Settings()).cuts
    every = np.ones(len(layout.cost), bool), np.ones(len(problem.options), bool)
    better = Neighbourhoods(layout, cuts, Settings()).improve(plan, *every)
    assert better.value == pytest.approx(plan.value, rel=1e-5)  # it was the best already
    assert torn_pairs(layout, better.arc) == []
    assert (overflow(layout, better.arc, better.option) >= 0).all()


def test_a_sole_choice_needs_no_connection() -> None:
    problem = hand_made()
    arcs = problem.arcs
    # u3 may only go to f0, at the other end of the row, and u2 only to f1: u3 cannot be connected
    keep = ~((arcs.unit == 3) & (arcs.school == 1)) & ~((arcs.unit == 2) & (arcs.school == 0))
    keep |= arcs.service == 1
    cut = replace(arcs, **{name: getattr(arcs, name)[keep] for name in arcs.__dict__})
    problem = replace(problem, arcs=cut)
    assert solved(problem).status == SolveStatus.INFEASIBLE
    free = replace(problem, sole_exempt=True)
    assert (3, 0) in free.exempt
    found = solved(free)
    assert found.status == SolveStatus.OPTIMAL
    assert found.school[3, 0] == 0


def test_a_school_without_places_serves_only_where_it_may_overflow() -> None:
    problem = hand_made()  # f0 has no places of service b
    rows = replace(problem.arcs, **{
        name: np.append(getattr(problem.arcs, name), value)
        for name, value in (("unit", 0), ("school", 0), ("service", 1), ("way_m", 1.0),
                            ("moves", False))
    })  # fmt: skip
    order = np.lexsort((rows.service, rows.school, rows.unit))
    rows = replace(rows, **{name: getattr(rows, name)[order] for name in rows.__dict__})
    strict = replace(problem, arcs=rows)
    assert solved(strict).school[0, 1] == 1
    layout = layout_of(replace(strict, overflow_only=True), PRICE_KM)
    assert layout.open_today.tolist() == [True, True, False, False]


def test_classes_of_one_service_are_a_total() -> None:
    problem = hand_made()
    asked = replace(problem, totals={**problem.totals, "new_classes_1": (2, 2)})
    found = solved(asked)
    assert [problem.options[o].type for o in found.options if problem.options[o].kind == "new"] == [
        "large"
    ]
    none = replace(problem, totals={**problem.totals, "new_classes_1": (1, 1)})
    assert solved(none).status == SolveStatus.INFEASIBLE


def test_stopped_at_once_it_claims_nothing() -> None:
    stop = threading.Event()
    stop.set()
    found = solve_priced(hand_made(), PRICE_KM, Settings(tolerance=EXACT, stop=stop))
    assert found.status != SolveStatus.OPTIMAL
    with pytest.raises(ValueError, match="price"):
        solve_priced(hand_made(), 0.0, Settings())
