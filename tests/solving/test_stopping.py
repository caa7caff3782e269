"""Stopping from outside: within two seconds, and what was found is kept."""

from __future__ import annotations

import threading
import time

import pytest

from planner.solving.door import Settings, Solution, SolveStatus, solve
from planner.solving.ranked import Objective, solve_ranked
from tests.solving.problems import expression, market_split

PATIENCE_S = 2.5
AFTER_S = 0.7


def stopped(limits: Settings) -> tuple[Solution, float]:
    """The answer to a hard program stopped after a while, and the seconds it took to stop."""
    timer = threading.Timer(AFTER_S, limits.stop.set)
    timer.start()
    began = time.monotonic()
    solution = solve(market_split(), limits)
    timer.cancel()
    return solution, time.monotonic() - began - AFTER_S


def test_highs_stops_and_keeps_its_plan() -> None:
    solution, late = stopped(Settings(tolerance=1e-6))
    assert late < PATIENCE_S
    assert solution.status == SolveStatus.FEASIBLE
    assert solution.objective is not None
    assert solution.gap > 1e-6


def test_cbc_stops_and_claims_nothing_that_it_has_not_proven() -> None:
    solution, late = stopped(Settings(solver="cbc", tolerance=1e-6))
    assert late < PATIENCE_S
    assert solution.status in (SolveStatus.FEASIBLE, SolveStatus.NO_SOLUTION_IN_TIME)


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_what_is_stopped_before_it_starts_ends_at_once(solver: str) -> None:
    limits = Settings(solver=solver, tolerance=1e-6)
    limits.stop.set()
    began = time.monotonic()
    solution = solve(market_split(), limits)
    assert time.monotonic() - began < PATIENCE_S
    assert solution.status != SolveStatus.OPTIMAL
    assert solution.status != SolveStatus.INFEASIBLE


def test_ranked_levels_stop_and_keep_the_last_plan() -> None:
    limits = Settings(tolerance=1e-6)
    problem = market_split()
    objectives = [
        Objective("off", "sales", problem.objective.copy()),
        Objective("customers", "customers", expression(problem, *[1.0] * 40)),
    ]
    timer = threading.Timer(AFTER_S, limits.stop.set)
    timer.start()
    began = time.monotonic()
    solution = solve_ranked(problem, objectives, limits)
    timer.cancel()
    assert time.monotonic() - began - AFTER_S < PATIENCE_S
    assert solution.status == SolveStatus.FEASIBLE
    assert [level.name for level in solution.levels] == ["off", "customers"]
    off, customers = solution.levels
    assert off.gap > 1e-6
    assert customers.bound <= customers.value
    assert solution.values
