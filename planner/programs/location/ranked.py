"""The ranked location program from arrays to a proven plan: which way is taken, and the levels.

What a level may be exceeded by is granted to each service alone: later levels keep, service by
service, its value in the level's best plan and the share of it that the ranking grants (of places
short: the share of the service's pupils, in whole pupils). No service pays for another one. Places
short of which nothing is granted are kept in all once the fewest are proven: whichever services
they fall to, there are no more of them.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from planner.programs.location.alone import solve_alone
from planner.programs.location.choices import ChoiceSearch
from planner.programs.location.levels import (
    CLOSE,
    NAMES,
    Solved,
    counted,
    level_result,
    tidy,
    whole,
    without_plan,
)
from planner.programs.location.problem import LocationProblem
from planner.programs.location.programme_choices import programme_choices
from planner.programs.location.screens import screen
from planner.programs.location.shortage import fewest_short, keep_short
from planner.scenario.model import Ranking
from planner.solving.ranked import LevelResult
from planner.solving.settings import Settings, SolveStatus, gap_of, status_of

_CHOICES = 1_000_000
"""More ways to meet the programme than this are not listed: the program decides alone."""
_DIGITS = 1e-4
"""Pupils that are left for the last digits of a bound."""
_TASTE = 0.3
"""Share of the tolerance that the way may take in the level of the moves."""


@dataclass(frozen=True)
class LocationSolution:
    """Ranked levels, chosen options and the school of each unit and service, by position."""

    status: SolveStatus
    levels: tuple[LevelResult, ...]
    options: tuple[int, ...]
    school: dict[tuple[int, int], int]
    how: tuple[str, ...] = ()
    search: ChoiceSearch | None = None
    """The search over listed choices, to go on with; None where the program decided alone."""
    rest: Rest | None = None
    """The levels that are left, where they are not solved yet."""


@dataclass(frozen=True)
class Rest:
    """The levels below the way, within the ways that are kept: moves, then cost."""

    problem: LocationProblem
    account: Account
    ranking: Ranking
    most: float
    """What the way may be, in pupil-kilometres,"""
    way: float
    """and what it is at least."""


def solve_location(
    problem: LocationProblem,
    settings: Settings,
    ranking: Ranking,
    *,
    skip: frozenset[str] = frozenset(),
    whole: bool = True,
) -> LocationSolution:
    """Solve the ranked location program to the settings' tolerance.

    Unless `whole`, the levels below the way are left where they come one by one (`rest`).
    Every level's bound holds for all plans that keep what the levels above allow each service
    (their `parts`, by service, and what the ranking grants on top).
    Raises InfeasibleError with named reasons, NoPlanInTimeError if a limit comes first.
    """
    if not skip:
        screen(problem)
    if skip & {"separator"}:
        problem = replace(problem, graph=None)
    choices = None if skip else programme_choices(problem, limit=_CHOICES)
    if choices is None:
        solved, options, school = solve_alone(problem, settings, ranking, skip)
        return _solution(solved, options, school, settings)
    if not len(choices):
        without_plan(math.inf, settings)
    rest = _upper_levels(problem, ChoiceSearch(problem, choices, settings), settings, ranking)
    if whole:
        return solve_rest(rest)
    return replace(_best_of(rest.account), rest=rest)


def solve_rest(rest: Rest) -> LocationSolution:
    """Solve the levels that are left; the search goes on from where it stands."""
    lower_levels(rest.problem, rest.account, rest.ranking, rest.most, rest.way)
    return _best_of(rest.account)


def _best_of(account: Account) -> LocationSolution:
    """The best plan of a search, with the levels solved so far."""
    search = account.search
    assert search.best is not None
    options, school = search.options(search.best), search.schools(search.best)
    return replace(_solution(account.solved, options, school, search.settings), search=search)


def _solution(
    solved: Sequence[Solved], options: tuple[int, ...], school: dict[tuple[int, int], int],
    settings: Settings,
) -> LocationSolution:  # fmt: skip
    levels = tuple(level_result(level) for level in solved)
    proven = all(
        status_of(x.value, x.bound, settings.tolerance) == SolveStatus.OPTIMAL for x in levels
    )
    status = SolveStatus.OPTIMAL if proven else SolveStatus.FEASIBLE
    return LocationSolution(status, levels, options, school, tuple(x.how for x in solved))


def _upper_levels(
    problem: LocationProblem, search: ChoiceSearch, settings: Settings, ranking: Ranking
) -> Rest:
    """Places short and way over listed choices, service by service; the levels that are left."""
    account, parts = Account(search), search.parts
    search.start("way", [part.program.way for part in parts])
    bound = fewest_short(search, NAMES["places_short"][0])
    if search.best is None:
        without_plan(bound, settings)
    short = account.reached("places_short")
    extra = [float(math.floor(ranking.places_short * part.pupils)) for part in parts]
    keep_short(search, short, bound, extra)
    search.able = search.alive.copy()
    account.note("places_short", short, bound, sum(short) + sum(extra))

    tolerance = settings.tolerance
    bound = search.minimise("way", NAMES["way"][0], lambda value: CLOSE * tolerance * value)
    search.ways = [np.maximum(part.lower, 0.0) for part in parts]
    ways = account.reached("way")
    allowed = [way * (1 + ranking.way) for way in ways]
    search.keep("way", allowed)
    account.note("way", ways, bound, sum(allowed))
    return Rest(problem, account, ranking, sum(allowed), bound)


class Account:
    """The levels of a search as they are solved, in the unit of their expressions."""

    def __init__(self, search: ChoiceSearch) -> None:
        self.search = search
        self.solved: list[Solved] = []
        self._clock = time.monotonic()

    def resume(self) -> None:
        """The next level begins now."""
        self._clock = time.monotonic()

    def reached(self, level: str) -> list[float]:
        """What the best plan has in a level, by service; empty without a plan."""
        best = self.search.best
        return [] if best is None else [p.values[level] for p in self.search.plans(best) if p]

    def note(self, level: str, reached: Sequence[float], bound: float, allowed: float) -> None:
        """Take down a level."""
        now, value = time.monotonic(), tidy(sum(reached), level)
        own = tuple(reached) if level != "cost" else ()
        figures = value, min(value, bound), allowed
        self.solved.append(Solved(level, *figures, now - self._clock, self.search.how, own))
        self._clock = now


def lower_levels(
    problem: LocationProblem, account: Account, ranking: Ranking, most: float, way: float
) -> None:
    """The levels below the way, which may be `most` and is at least `way`: moves, then cost."""
    search = account.search
    bound, more = _fewest_moves(problem, search, most, way)
    counts = account.reached("moves")
    allowed = [count * (1 + ranking.moves) for count in counts]
    account.note("moves", counts, bound, sum(allowed))
    search.keep("moves", allowed, more)

    search.start("way again", [part.expressions["way"] for part in search.parts])
    bound = search.cheapest(NAMES["cost"][0])
    assert search.best is not None
    cost = float(search.cost_yuan[search.best])
    account.note("cost", [cost], bound, cost)


def _fewest_moves(
    problem: LocationProblem, search: ChoiceSearch, most: float, way: float
) -> tuple[float, float]:
    """Bound of the pupils who change school; `most` is what the way may be, `way` its bound.

    Moves alone have no taste: a little of the way is added, and taken off the bound. The most
    that it adds is returned with the bound. What is added is small beside the moves at hand: where
    they fall far below those, and too little is proven, it starts again with less.
    """
    assert search.best is not None
    least = 1.0 if counted(problem) else 0.0
    while True:
        before, tolerance = search.value(search.best, "moves"), search.settings.tolerance
        taste = _TASTE * tolerance * max(least, before) / max(most - way, 1e-3 * most, 1e-9)
        search.start(
            "moves and way",
            [p.program.moves + taste * p.expressions["way"] for p in search.parts],
        )
        room = partial(_room_for_moves, problem, search, tolerance, taste, most)
        bound = search.minimise("moves", NAMES["moves"][0], room)
        bound = whole(problem, max(0.0, bound - taste * most))
        now = search.value(search.best, "moves")
        if gap_of(now, bound) <= tolerance or now > before / 2 or search.left() <= 0:
            return bound, taste * most


def _room_for_moves(
    problem: LocationProblem, search: ChoiceSearch, tolerance: float, taste: float, most: float,
    _value: float,
) -> float:  # fmt: skip
    """How far the bound of moves and way may stay below the best plan's value."""
    assert search.best is not None
    moves, way = (search.value(search.best, level) for level in ("moves", "way"))
    spent = taste * (most - way)
    room = CLOSE * tolerance * moves
    if counted(problem):  # the bound is rounded up to whole pupils
        room = moves - math.ceil((1 - tolerance) * moves - 1e-9) + 1 - _DIGITS
    return max(room - spent, _TASTE * room)
