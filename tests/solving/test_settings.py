"""Gaps, statuses and time left: our own words for how an answer stands."""

from __future__ import annotations

import math
import time

import pytest

from planner.solving.settings import Settings, SolveStatus, gap_of, status_of


@pytest.mark.parametrize(
    ("value", "bound", "gap"),
    [
        (100.0, 90.0, 0.1),
        (90.0, 90.0, 0.0),
        (-90.0, -100.0, 10 / 90),
        (5.0, 5.0 - 1e-7, 0.0),
        (0.0, 0.0, 0.0),
        (3.0, 3.5, 0.0),
        (None, 5.0, math.inf),
        (None, math.inf, math.inf),
        (5.0, -math.inf, math.inf),
        (math.inf, 5.0, math.inf),
    ],
)
def test_gap(value: float | None, bound: float, gap: float) -> None:
    assert gap_of(value, bound) == pytest.approx(gap)


def test_a_value_of_zero_above_its_bound_is_never_near() -> None:
    assert gap_of(0.0, -1.0) > 1e6


@pytest.mark.parametrize(
    ("value", "bound", "tolerance", "status"),
    [
        (100.0, 99.95, 1e-3, SolveStatus.OPTIMAL),
        (100.0, 99.9, 1e-3, SolveStatus.OPTIMAL),
        (100.0, 99.8, 1e-3, SolveStatus.FEASIBLE),
        (100.0, -math.inf, 0.5, SolveStatus.FEASIBLE),
        (None, math.inf, 1e-3, SolveStatus.INFEASIBLE),
        (None, 3.0, 1e-3, SolveStatus.NO_SOLUTION_IN_TIME),
        (None, -math.inf, 1e-3, SolveStatus.NO_SOLUTION_IN_TIME),
    ],
)
def test_status(value: float | None, bound: float, tolerance: float, status: SolveStatus) -> None:
    assert status_of(value, bound, tolerance) == status


def test_seconds_left() -> None:
    assert Settings().seconds_left() == math.inf
    assert Settings(deadline=time.monotonic() - 5).seconds_left() == 0.0
    assert 99 < Settings(deadline=time.monotonic() + 100).seconds_left() <= 100
    stopped = Settings(deadline=time.monotonic() + 100)
    stopped.stop.set()
    assert stopped.seconds_left() == 0.0


def test_each_settings_stops_alone() -> None:
    first, second = Settings(), Settings()
    first.stop.set()
    assert not second.stop.is_set()
