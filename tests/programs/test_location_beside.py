"""Levels below the way, solved beside: in a process of its own, with the answer of this one."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from planner.errors import InfeasibleError
from planner.programs.location.beside import Below, solving_beside
from planner.programs.location.ranked import LocationSolution, solve_location, solve_rest
from planner.scenario.model import Ranking
from planner.solving import aside
from planner.solving.settings import Settings
from tests.programs.location_cases import random_problem

EXACT = 1e-6


def limits(threads: int, stop: threading.Event | None = None) -> Settings:
    deadline = time.monotonic() + 60.0
    return Settings(
        threads=threads, tolerance=EXACT, deadline=deadline, stop=stop or threading.Event()
    )


def upper(seed: int) -> LocationSolution:
    """Ways alone, of the first random problem from a seed on that has a plan."""
    while True:
        try:
            problem = random_problem(seed)
            return solve_location(problem, limits(1), Ranking(way=0.1), whole=False)
        except InfeasibleError:
            seed += 1000


def below(first: LocationSolution, settings: Settings) -> Below:
    assert first.rest is not None
    with solving_beside(first.rest, settings) as answer:
        return answer()


def told(solution: LocationSolution) -> Any:
    """What is decided and proven, whatever time it took."""
    levels = [replace(level, seconds=0.0) for level in solution.levels]
    return levels, solution.options, dict(solution.school), solution.how, solution.status


@pytest.mark.parametrize("seed", range(12))
def test_a_copy_has_the_levels_of_the_search_itself(seed: int) -> None:
    first = upper(seed)
    assert [level.name for level in first.levels] == ["places_short", "way"]
    copied = below(first, limits(1)).solution
    assert first.rest is not None
    whole = solve_rest(first.rest)  # the copy has left it as it was
    assert [x.name for x in copied.levels] == [x.name for x in whole.levels]
    for copy, own in zip(copied.levels, whole.levels, strict=True):
        assert copy.value == pytest.approx(own.value, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("seed", [0, 1])
def test_another_process_answers_the_same(seed: int) -> None:
    first = upper(seed)
    here, there = below(first, limits(1)), below(first, limits(2))
    assert told(there.solution) == told(here.solution)
    assert there.choice == here.choice
    for own, other in zip(here.columns, there.columns, strict=True):
        assert (own == other).all()


def test_the_columns_are_those_of_the_plan() -> None:
    first = upper(3)
    found = below(first, limits(1))
    assert first.rest is not None
    search = first.rest.account.search
    search.take_in(found.choice, found.columns)
    assert search.options(found.choice) == found.solution.options
    assert search.value(found.choice, "moves") == pytest.approx(found.solution.levels[2].value)


def test_a_process_that_fails_is_stood_in_for(monkeypatch: pytest.MonkeyPatch) -> None:
    first = upper(4)
    here = below(first, limits(1))
    command = "import sys; sys.exit(3)"

    def failing(_asked: list[str], **more: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", command], **more)

    monkeypatch.setattr(aside, "_popen", failing)
    assert told(below(first, limits(2)).solution) == told(here.solution)


def test_a_stop_reaches_the_other_process() -> None:
    stop = threading.Event()
    first = upper(5)
    assert first.rest is not None
    began = time.monotonic()
    with solving_beside(first.rest, limits(2, stop)) as answer:
        stop.set()
        found = answer()
    assert time.monotonic() - began < 30
    assert len(found.solution.levels) == 4
    assert found.solution.school.keys() == first.school.keys()


def test_nothing_is_left_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[subprocess.Popen[bytes]] = []

    def noted(asked: list[str], **more: Any) -> subprocess.Popen[bytes]:
        begun.append(subprocess.Popen(asked, **more))
        return begun[-1]

    monkeypatch.setattr(aside, "_popen", noted)
    first = upper(6)
    assert first.rest is not None
    with pytest.raises(KeyError), solving_beside(first.rest, limits(2)):
        raise KeyError("whatever happens meanwhile")
    assert [process.poll() is not None for process in begun] == [True]
