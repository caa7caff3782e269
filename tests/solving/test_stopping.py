"""Stopping from outside: within two seconds, and what was found is kept."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from planner.errors import UsageError
from planner.solving.arrays import arrays_of
from planner.solving.door import Settings, Solution, SolveStatus, solve
from planner.solving.highs import Session
from planner.solving.ranked import Objective, solve_ranked
from planner.solving.watched import left_behind
from tests.solving.problems import IN_CHILDREN, SOLVERS, expression, market_split

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


def test_every_solve_of_a_session_keeps_its_own_limit() -> None:
    session = Session(arrays_of(market_split()), Settings(tolerance=1e-9))
    for _ in range(4):
        began = time.monotonic()
        session.optimise(seconds=0.3)
        assert time.monotonic() - began < 1.2  # it does not grow with the solves before


@pytest.mark.parametrize("solver", IN_CHILDREN)
def test_a_child_stops_and_keeps_its_plan(solver: str) -> None:
    solution, late = stopped(Settings(solver=solver, tolerance=1e-6))
    assert late < PATIENCE_S
    assert solution.status == SolveStatus.FEASIBLE
    assert solution.objective is not None
    assert solution.gap > 1e-6


@pytest.mark.skipif(sys.platform != "linux", reason="finds the child in /proc")
@pytest.mark.parametrize("solver", IN_CHILDREN)
def test_a_killed_child_leaves_its_plan(solver: str) -> None:
    timer = threading.Timer(AFTER_S + 0.5, kill_children)
    timer.start()
    solution = solve(market_split(), Settings(solver=solver, tolerance=1e-6))
    assert solution.status == SolveStatus.FEASIBLE
    assert solution.objective is not None
    assert solution.bound <= solution.objective


def kill_children() -> None:
    """End all processes that this one started."""
    for listed in Path("/proc/self/task").glob("*/children"):
        for child in listed.read_text().split():
            os.kill(int(child), signal.SIGKILL)


def test_a_solver_that_is_not_there_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"planner\[gurobi\]"):
        solve(market_split(), Settings(solver="gurobi"))


def test_cbc_stops_and_claims_nothing_that_it_has_not_proven() -> None:
    solution, late = stopped(Settings(solver="cbc", tolerance=1e-6))
    assert late < PATIENCE_S
    assert solution.status in (SolveStatus.FEASIBLE, SolveStatus.NO_SOLUTION_IN_TIME)


@pytest.mark.parametrize("solver", SOLVERS)
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


def deaf(session: Session, *, seconds: float) -> None:
    """Let the HiGHS of a session answer nothing for a while, as in strong branching."""
    highs = session._watched.highs
    real, end = highs.run, time.monotonic() + seconds

    def run() -> object:
        status = real()
        time.sleep(max(0.0, end - time.monotonic()))
        return status

    highs.run = run  # type: ignore[method-assign]


def test_a_solver_that_does_not_look_up_is_left_behind_with_what_it_told() -> None:
    limits = Settings(tolerance=1e-9)
    arrays = arrays_of(market_split(rows=6, columns=400))
    session = Session(arrays, limits)
    deaf(session, seconds=AFTER_S + 6)
    threading.Timer(AFTER_S, limits.stop.set).start()
    began = time.monotonic()
    outcome = session.optimise()
    assert time.monotonic() - began - AFTER_S < 1.5
    assert left_behind() == 1
    assert outcome.columns is not None
    assert outcome.objective == pytest.approx(arrays.cost @ outcome.columns + arrays.offset)
    assert 0.0 <= outcome.bound <= outcome.objective

    free = Settings(tolerance=1e-9)  # the session goes on with a program of its own
    session.renew(free)
    value = session.optimise(seconds=0.5).objective
    assert value is not None
    assert value >= outcome.bound - 1e-6
    deadline = time.monotonic() + 10
    while left_behind() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left_behind() == 0
