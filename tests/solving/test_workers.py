"""Several workers of HiGHS: the same optimum, the same plan each time, and the same manners."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from planner.solving.arrays import Arrays, Rows
from planner.solving.highs import Outcome, Session
from planner.solving.settings import Settings

GAP = 1e-6


def knapsacks(seed: int, count: int, rows: int) -> Arrays:
    """Many knapsacks over the same things: dense enough to be watched, and not done at the root."""
    draw = np.random.default_rng(seed)
    weight = draw.integers(10, 100, (rows, count)).astype(float)
    value = -draw.integers(10, 100, count).astype(float)
    right = weight.sum(axis=1) // 2
    names = tuple(f"r{i}" for i in range(rows))
    start = np.arange(0, rows * count + 1, count, dtype=np.int32)
    index = np.tile(np.arange(count, dtype=np.int32), rows)
    least = np.full(rows, -np.inf)
    return Arrays(
        names=tuple(f"x{i}" for i in range(count)), cost=value, offset=0.0,
        lower=np.zeros(count), upper=np.ones(count), integer=np.ones(count, bool),
        rows=Rows(names, least, right, start, index, weight.ravel()),
    )  # fmt: skip


def solved(workers: int, seed: int = 0) -> Outcome:
    session = Session(knapsacks(seed, 50, 50), Settings())
    return session.optimise(gap=GAP, workers=workers)


@pytest.mark.parametrize("seed", [0, 1])
def test_any_number_of_workers_finds_the_optimum(seed: int) -> None:
    one, two, three = (solved(workers, seed) for workers in (1, 2, 3))
    assert one.nodes > 10
    assert one.objective == two.objective == three.objective
    for outcome in (one, two, three):
        assert outcome.objective is not None
        assert outcome.bound == pytest.approx(outcome.objective, rel=2 * GAP)


def test_two_workers_find_the_same_plan_each_time() -> None:
    first, again = solved(2), solved(2)
    assert first.columns is not None
    assert again.columns is not None
    assert (first.columns == again.columns).all()
    assert first.nodes == again.nodes


def test_their_number_may_change_from_solve_to_solve_and_differ_between_threads() -> None:
    session = Session(knapsacks(2, 50, 50), Settings())
    values = [session.optimise(gap=GAP, workers=workers).objective for workers in (1, 2, 1)]
    with ThreadPoolExecutor(2) as pool:
        values += [x.objective for x in pool.map(lambda n: solved(n, 2), (2, 1))]
    assert len(set(values)) == 1


def test_they_stop_when_told_to() -> None:
    limits = Settings()
    timer = threading.Timer(0.7, limits.stop.set)
    timer.start()
    began = time.monotonic()
    outcome = Session(knapsacks(0, 200, 200), limits).optimise(gap=GAP, workers=2)
    assert time.monotonic() - began < 0.7 + 2.5
    assert outcome.objective is not None
    assert outcome.bound <= outcome.objective
