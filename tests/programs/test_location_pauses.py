"""A search over choices that pauses and is taken up again, against one that goes through."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from planner.programs.location.choices import ChoiceSearch
from planner.programs.location.problem import LocationProblem
from planner.programs.location.programme_choices import programme_choices
from planner.programs.location.shortage import fewest_short, keep_short
from planner.solving.settings import Settings
from tests.programs.location_cases import random_problem

SEEDS = range(120)
TOLERANCE = 1e-6


def opened(problem: LocationProblem) -> ChoiceSearch | None:
    """A search that has the places short behind it, and the way before it."""
    choices = programme_choices(problem, limit=10_000)
    if choices is None or not len(choices):
        return None
    search = ChoiceSearch(problem, choices, Settings(tolerance=TOLERANCE))
    search.start("way", [part.program.way for part in search.parts])
    bound = fewest_short(search, "")
    if search.best is None:
        return None
    short = [plan.values["places_short"] for plan in search.plans(search.best) if plan]
    keep_short(search, short, bound, [0.0] * len(short))
    return search


def minimised(search: ChoiceSearch, pause: float = math.inf) -> float:
    return search.minimise("way", "way", lambda value: TOLERANCE * value, pause=pause)


def opened_twice() -> Iterator[tuple[int, ChoiceSearch, ChoiceSearch]]:
    """Two searches of each problem that has a plan."""
    for seed in SEEDS:
        one, other = opened(random_problem(seed)), opened(random_problem(seed))
        if one is not None and other is not None:
            yield seed, one, other


def test_a_pause_costs_nothing() -> None:
    paused = 0
    for seed, through, halting in opened_twice():
        bound = minimised(through)
        assert through.best is not None
        best = through.value(through.best)
        assert bound == pytest.approx(best, rel=1e-5, abs=1e-6), seed
        early = minimised(halting, pause=0.5 * best)
        assert early <= best + 1e-6, seed
        assert early >= 0.5 * best - 1e-6, seed
        paused += early < best - 1e-3
        assert minimised(halting) == pytest.approx(best, rel=1e-5, abs=1e-6), seed
        assert halting.best is not None
        assert halting.value(halting.best) == pytest.approx(best, rel=1e-5, abs=1e-6), seed
    assert paused > 10


def test_a_part_that_is_sharpened_keeps_its_best_value() -> None:
    narrower = 0
    for seed, exact, loose in opened_twice():
        minimised(exact)
        loose.minimise("way", "way", lambda value: 0.1 * value)
        assert exact.best is not None
        assert loose.best is not None
        for theirs, part in zip(exact.parts, loose.parts, strict=True):
            v = int(part.of_choice[loose.best])
            low, value = float(part.lower[v]), part.value(v)
            part.sharpen(v, 1e-6)
            assert low <= part.lower[v] <= part.value(v) + 1e-6, seed
            assert part.value(v) <= value + 1e-9, seed
            if loose.best == exact.best:
                best = theirs.value(v)
                assert part.lower[v] <= best + 1e-5 * best, seed
                assert part.value(v) >= best - 1e-5 * best, seed
            narrower += part.value(v) - part.lower[v] < value - low - 1e-3
    assert narrower > 10
