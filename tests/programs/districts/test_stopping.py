"""Searches that are stopped: the best plan so far, and a bound that holds."""

from __future__ import annotations

import time
from threading import Event

import numpy as np
import pytest

from planner.programs.districts import solve
from planner.programs.districts.objective import Objective, cut_edges, hop_cost, seat_cost
from planner.programs.districts.plan import faults_of
from planner.programs.districts.problem import DistrictProblem, district_problem
from planner.programs.districts.solve import solve_districts
from planner.solving.settings import Progress, Settings, SolveStatus


def lattice(side: int, number: int, band: float, *, seats: bool) -> DistrictProblem:
    """Square cells of uneven weight."""
    cells = [(x, y) for x in range(side) for y in range(side)]
    weight = {(x, y): 3 + (5 * x + 7 * y + x * y) % 11 for x, y in cells}
    mean = sum(weight.values()) / number
    borders = [((x, y), (x + a, y + b), 1.0) for x, y in cells for a, b in ((0, 1), (1, 0))]
    return district_problem(
        weight,
        number,
        (mean * (1 - band), mean * (1 + band)),
        [pair for pair in borders if pair[1] in weight],
        seats=cells if seats else (),
    )


def squared(problem: DistrictProblem) -> Objective:
    place = np.array(problem.ids, float)
    cost = ((place[:, None, :] - place[None, :, :]) ** 2).sum(axis=2)
    return seat_cost(problem, cost[:, problem.homes], name="moment", unit="")


@pytest.mark.parametrize("seconds", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("seats", [True, False])
def test_a_deadline_leaves_a_plan_and_a_true_bound(seconds: float, seats: bool) -> None:
    problem = lattice(8, 5, 0.03, seats=seats)
    objective = squared(problem) if seats else cut_edges(problem)
    began = time.process_time()
    settings = Settings(tolerance=0.0, deadline=time.monotonic() + seconds)
    solution = solve_districts(problem, [objective], settings)
    assert time.process_time() - began < seconds + 3.0
    known = 1265.0 if seats else 23.0  # proven; reached
    if solution.plan is None:
        assert solution.status == SolveStatus.NO_SOLUTION_IN_TIME
        return
    level = solution.levels[0]
    assert not faults_of(problem, solution.plan)
    assert level.bound <= known
    assert not seats or known <= level.value
    assert (solution.status == SolveStatus.OPTIMAL) == (level.value - level.bound < 1 - 1e-6)


def test_a_city_is_stopped_at_its_next_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solve, "LARGE", 0)
    problem = lattice(9, 7, 0.1, seats=True)
    stop = Event()
    told: list[Progress] = []

    def report(progress: Progress) -> None:
        told.append(progress)
        stop.set()

    settings = Settings(tolerance=0.0, stop=stop, report=report)
    solution = solve_districts(problem, [squared(problem)], settings)
    assert len(told) == 1
    assert solution.plan is not None
    assert not faults_of(problem, solution.plan)
    level = solution.levels[0]
    assert solution.status == SolveStatus.FEASIBLE
    assert 0 < level.bound < level.value == told[0].best


def test_a_start_is_kept_when_there_is_no_time() -> None:
    problem = lattice(6, 3, 0.2, seats=True)
    best = solve_districts(problem, [hop_cost(problem)], Settings(tolerance=0.0))
    assert best.status == SolveStatus.OPTIMAL
    late = Settings(tolerance=0.0, deadline=time.monotonic())
    again = solve_districts(problem, [hop_cost(problem)], late, start=best.plan)
    assert again.plan is not None
    assert again.levels[0].value == best.levels[0].value
    assert again.levels[0].bound <= best.levels[0].value


def test_the_same_plan_whenever_it_is_asked_for() -> None:
    problem = lattice(7, 4, 0.1, seats=True)
    plans = {
        solve_districts(problem, [squared(problem)], Settings(tolerance=1e-3)).plan
        for _ in range(2)
    }
    assert len(plans) == 1
