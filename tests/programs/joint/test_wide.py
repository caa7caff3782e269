"""The joint search of large problems, on tiny ones: against trying both decisions entirely."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.programs.districts.objective import Objective
from planner.programs.districts.problem import district_problem
from planner.programs.joint.annealing import annealed_together
from planner.programs.joint.wide import WideSearch, WideSolution, solve_wide
from planner.programs.joint.wide_problem import WidePlan, WideProblem
from planner.programs.location.problem import LocationProblem
from planner.programs.priced.layout import layout_of
from planner.programs.priced.plan import options_of, schools_of
from planner.solving.settings import Settings, SolveStatus
from tests.programs.districts import small_cases
from tests.programs.location_cases import arcs_of, graph, unlocked_problem
from tests.programs.location_oracle import every_outcome, keeps_rules
from tests.programs.priced.test_priced_oracle import may_be_served

OVERFLOW_KM = 5.0
EXACT = 1e-6
FEW = 6
"""Units of the districts, at most: every partition is tried with every plan of places."""


def random_problem(seed: int) -> WideProblem | None:
    """Random halves over one ground, now and then on the same units; None if these do not fit."""
    rng = np.random.default_rng(seed)
    location, districts = unlocked_problem(seed), small_cases.random_problem(seed)
    if not may_be_served(location) or districts.count > FEW or districts.number < 2:
        return None
    apart = small_cases.random_objective(districts, str(rng.choice(["distance", "length"])), seed)
    scale = float(rng.choice([0.01, 0.1]))
    cost, price = apart.cost, apart.price
    apart = replace(
        apart,
        cost=None if cost is None else scale * cost,
        price=None if price is None else scale * price,
    )
    if apart.cost is None:
        districts = replace(districts, homes=np.zeros(0, np.int64), fixed=())
    home = rng.integers(0, districts.count, len(location.units))
    place = home[location.root]
    crossing_km = float(rng.choice([0.0, 0.05, 1.0]))
    return WideProblem(location, OVERFLOW_KM, districts, apart, home, place, crossing_km)


def every_arrangement(problem: WideProblem) -> Iterator[tuple[tuple[int, ...], float]]:
    """Every way to draw the districts, and the least that they count by themselves."""
    least: dict[tuple[int, ...], float] = {}
    for choice in small_cases.choices(problem.districts):
        value = small_cases.value(problem.apart, choice)
        if np.isfinite(value):
            least[choice.part] = min(value, least.get(choice.part, np.inf))
    yield from least.items()


def best_value(problem: WideProblem) -> float:
    """The least of all pairs of decisions, in pupil-kilometres; inf if there is none."""
    best, services = np.inf, len(problem.location.services)
    for part, apart in every_arrangement(problem):
        arcs = problem.location.arcs
        where = np.array(part)
        crosses = where[problem.home[arcs.unit]] != where[problem.place[arcs.school]]
        longer = arcs.way_m + 1000 * problem.crossing_km * crosses
        points = every_outcome(replace(problem.location, arcs=replace(arcs, way_m=longer)))
        short, way = points[:, :services].sum(1), points[:, services : 2 * services].sum(1)
        value = (way / 1000 + OVERFLOW_KM * short).min(initial=np.inf)
        best = min(best, apart + float(value))
    return best


def value_of(problem: WideProblem, plan: WidePlan) -> float:
    """The value of a plan, home by home."""
    location, part = problem.location, plan.districts.part
    layout = layout_of(location, OVERFLOW_KM)
    way = {
        key: metres
        for *key_, metres in zip(
            location.arcs.unit.tolist(), location.arcs.school.tolist(),
            location.arcs.service.tolist(), location.arcs.way_m.tolist(), strict=True,
        )
        for key in [tuple(key_)]
    }  # fmt: skip
    room = location.places_today.copy()
    for o in options_of(plan.places):
        room[location.options[o].school] += location.options[o].places
    total, load = 0.0, np.zeros_like(room)
    for (u, s), f in schools_of(layout, plan.places).items():
        pupils = float(location.pupils[u, s])
        load[f, s] += pupils
        total += pupils * way[u, f, s] / 1000
        total += problem.crossing_km * pupils * (part[problem.home[u]] != part[problem.place[f]])
    total += OVERFLOW_KM * float(np.maximum(0.0, load - room).sum())
    return total + small_cases.value(problem.apart, plan.districts)


def legal(problem: WideProblem, plan: WidePlan) -> bool:
    layout = layout_of(problem.location, OVERFLOW_KM)
    schools = schools_of(layout, plan.places)
    return small_cases.legal(problem.districts, plan.districts) and keeps_rules(
        problem.location, options_of(plan.places), schools
    )


def solved(problem: WideProblem) -> WideSolution:
    return solve_wide(problem, Settings(tolerance=EXACT, deadline=time.monotonic() + 20))


def cases(count: int) -> Iterator[tuple[WideProblem, float]]:
    """The first random problems that fit, with the least value."""
    seed = 0
    while count:
        problem = random_problem(seed)
        seed += 1
        if problem is not None:
            count -= 1
            yield problem, best_value(problem)


def test_values_are_right_bounds_hold_and_nothing_is_worse_than_the_start() -> None:
    met = gained = planned = 0
    for problem, best in cases(30):
        found = solved(problem)
        assert found.bound <= best + 1e-6 * max(1.0, abs(best))
        if best == np.inf:
            assert found.plan is None
            continue
        assert found.plan is not None
        assert found.sequential is not None
        planned += 1
        assert legal(problem, found.plan)
        assert legal(problem, found.sequential)
        assert found.plan.value == pytest.approx(value_of(problem, found.plan), abs=1e-6)
        assert found.sequential.value == pytest.approx(value_of(problem, found.sequential))
        assert best - 1e-6 <= found.plan.value <= found.sequential.value + 1e-9
        if found.status == SolveStatus.OPTIMAL:
            assert found.plan.value == pytest.approx(best, rel=1e-5, abs=1e-5)
        met += found.plan.value <= best + 1e-5 * max(1.0, best)
        gained += found.plan.value < found.sequential.value - 1e-6
    assert planned >= 8
    assert gained >= 2
    assert met >= 0.8 * planned


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_both_halves_annealed_keep_all_rules(seed: int) -> None:
    problem = random_problem(seed)
    if problem is None:
        return
    search = WideSearch(problem, Settings(tolerance=EXACT, deadline=time.monotonic() + 20))
    start = search.sequential()
    if start is None:
        return
    layout = layout_of(problem.location, OVERFLOW_KM)
    found = annealed_together(
        problem, layout, start, seed=seed, hot=20.0, cold=0.5, sweeps=15
    )  # fmt: skip
    assert legal(problem, found)
    assert found.value <= start.value
    assert found.value == pytest.approx(value_of(problem, found), abs=1e-6)


def test_without_time_there_is_no_plan_and_no_false_bound() -> None:
    for problem, best in cases(8):
        found = solve_wide(problem, Settings(tolerance=EXACT, deadline=time.monotonic()))
        assert found.bound <= best + 1e-6
        if found.plan is not None:
            assert legal(problem, found.plan)


def test_a_price_on_crossing_moves_the_line_to_the_catchments() -> None:
    # two schools at the ends of a row of four; the middle homes go to the right one
    districts = district_problem(
        dict.fromkeys("abcd", 1.0), 2, (1.0, 3.0),
        [("a", "b", 1.0), ("b", "c", 1.0), ("c", "d", 1.0)],
    )  # fmt: skip
    problem = WideProblem(
        two_schools(), OVERFLOW_KM, districts,
        Objective("borders", "km", None, districts.edges, np.array([0.3, 0.1, 0.3])),
        np.arange(4), np.array([0, 3]), 1.0,
    )  # fmt: skip
    found = solved(problem)
    assert found.sequential is not None
    assert found.plan is not None
    # alone: ways 0 + 0.2 + 0.2 + 0 with b and c to the right; the cheapest line parts b from c
    assert found.sequential.value == pytest.approx(10 * 0.4 + 0.1 + 10)
    assert found.plan.value == pytest.approx(10 * 0.4 + 0.3)
    assert found.plan.crossing == 0
    assert found.bound == pytest.approx(10 * 0.4 + 0.1)


def two_schools() -> LocationProblem:
    """Ten pupils in each of four homes; a school at either end, both with room for all."""
    ways = {(0, 0): 0.0, (1, 0): 300.0, (2, 0): 500.0, (3, 0): 900.0,
            (0, 1): 900.0, (1, 1): 200.0, (2, 1): 200.0, (3, 1): 0.0}  # fmt: skip
    rows = sorted((u, f, 0, metres, False) for (u, f), metres in ways.items())
    return LocationProblem(
        units=("a", "b", "c", "d"), services=("primary",), schools=("left", "right"),
        pupils=np.full((4, 1), 10.0), places_today=np.full((2, 1), 40.0), options=(),
        arcs=arcs_of(rows), totals={}, graph=graph(4, [(0, 1), (1, 2), (2, 3)]),
        root=np.array([0, 3]),
    )  # fmt: skip
