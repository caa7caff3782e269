"""The ranked location program from arrays to a proven plan: which way is taken, and the levels."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pulp

from planner.errors import InfeasibleError, NoPlanInTimeError, Problem
from planner.programs.location import LocationProgram, build_location
from planner.programs.location_choices import ChoiceSearch
from planner.programs.location_problem import LocationProblem
from planner.programs.location_rounds import Rounds
from planner.programs.location_screens import screen
from planner.programs.programme_choices import programme_choices
from planner.scenario.model import Ranking
from planner.solving.ranked import LevelResult
from planner.solving.settings import Settings, SolveStatus, gap_of, status_of

_CHOICES = 200_000
"""More ways to meet the programme than this are not listed: the program decides alone."""
_EASY = 0.2
"""Gap at which any contiguous plan will do."""
_TASTE = 0.3
"""Share of the tolerance that the way may take in the level of the moves."""
_TRIES = 12
"""Choices tried for a plan that has no more places short than the bound."""


@dataclass(frozen=True)
class LocationSolution:
    """Ranked levels, chosen options and the school of each unit and service, by position."""

    status: SolveStatus
    levels: tuple[LevelResult, ...]
    options: tuple[int, ...]
    school: dict[tuple[int, int], int]
    how: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Level:
    name: str
    unit: str
    key: str
    expression: pulp.LpAffineExpression
    allowed: Callable[[float], float]
    whole: bool
    scale: float = 1.0
    """Of the reported unit in a unit of the expression."""


def solve_location(
    problem: LocationProblem,
    settings: Settings,
    ranking: Ranking,
    *,
    skip: frozenset[str] = frozenset(),
) -> LocationSolution:
    """Solve the ranked location program to the settings' tolerance.

    Raises InfeasibleError with named reasons, NoPlanInTimeError if a limit comes first.
    """
    if not skip:
        screen(problem)
    if skip & {"separator"}:
        problem = replace(problem, graph=None)
    program = build_location(problem, skip=skip)
    rounds = Rounds(problem, program, settings)
    choices = None if skip else programme_choices(problem, limit=_CHOICES)
    search = None if choices is None else ChoiceSearch(problem, rounds, choices)
    levels, how = [], []
    for level in _levels(problem, program, ranking):
        began = time.monotonic()
        bound = _minimise(level, program, rounds, search)
        if rounds.best is None:
            _without_plan(problem, bound, settings)
        value = _tidy(rounds.value_of(level.expression), whole=level.whole)
        bound = min(value, bound)
        allowed = max(value, level.allowed(value))
        gap = gap_of(value, bound)
        seconds = time.monotonic() - began
        scale = level.scale
        levels.append(
            LevelResult(
                level.name, level.unit, value * scale, bound * scale, gap, allowed * scale, seconds
            )
        )
        how.append(search.how if search else "separation rounds")
        rounds.keep(level.expression, allowed, level.key)
        if search:
            search.bury(allowed)
    proven = all(status_of(x.value, x.bound, settings.tolerance) == SolveStatus.OPTIMAL for x in levels)
    status = SolveStatus.OPTIMAL if proven else SolveStatus.FEASIBLE
    return _solution(problem, program, rounds, status, tuple(levels), tuple(how))


def _levels(
    problem: LocationProblem, program: LocationProgram, ranking: Ranking
) -> tuple[_Level, ...]:
    pupils = float(problem.pupils.sum())
    return (
        _Level(
            "places_short", "pupils", "places_short", program.places_short,
            lambda value: value + math.floor(ranking.places_short * pupils), whole=True,
        ),
        _Level(
            "way", "pupil-metres", "way", program.way,
            lambda value: value * (1 + ranking.way), whole=False, scale=1e3,
        ),
        _Level(
            "pupils_changing_school", "pupils", "moves", program.moves,
            lambda value: value * (1 + ranking.moves), whole=True,
        ),
        _Level("cost_yuan", "yuan", "cost", program.cost, lambda value: value, whole=False, scale=1e6),
    )  # fmt: skip


def _minimise(
    level: _Level, program: LocationProgram, rounds: Rounds, search: ChoiceSearch | None
) -> float:
    """Bound of the level; the best plan is left in `rounds`."""
    rounds.set_objective(level.expression)
    if search is None:
        return _without_choices(level, program, rounds)
    if level.key == "places_short":
        return _fewest_short(level, program, rounds, search)
    if level.key == "moves":
        return _fewest_moves(level, program, rounds, search)
    tolerance = rounds.settings.tolerance
    carry = level.key == "way" and rounds.kept("places_short") == search.carried_for
    return search.minimise(level.name, whole=level.whole, tolerance=tolerance, carry=carry)


def _fewest_moves(
    level: _Level, program: LocationProgram, rounds: Rounds, search: ChoiceSearch
) -> float:
    """Moves alone have no taste either: a little of the way is added, and taken off the bound.

    The way is at most what was kept of it, so what it adds to the bound is known.
    """
    tolerance = rounds.settings.tolerance
    longest = rounds.kept("way")
    spread = max(longest - rounds.value_of(program.way) / (1 + tolerance), 1e-3 * longest, 1.0)
    weight = _TASTE * tolerance * max(1.0, rounds.value) / spread
    rounds.set_objective(level.expression + weight * program.way)
    bound = search.minimise(
        level.name, whole=False, tolerance=(1 - 1.5 * _TASTE) * tolerance / (1 + weight * longest / max(1.0, rounds.value))
    )
    search.shift(-weight * longest)
    rounds.set_objective(level.expression)
    lifted = bound - weight * longest
    return math.ceil(lifted - 1e-6) if math.isfinite(lifted) else lifted


def _fewest_short(
    level: _Level, program: LocationProgram, rounds: Rounds, search: ChoiceSearch
) -> float:
    """Any plan as short of places as the relaxation allows proves the level.

    Places short alone has no taste and its separation rounds do not end, so the plan is looked
    for with the shortest way as objective.
    """
    bound = search.relaxed_bound(whole=True)
    if bound == math.inf:
        return bound
    rounds.keep(program.places_short, bound, level.key)
    rounds.set_objective(program.way)
    found = search.any_plan(level.name, gap=_EASY, tries=_TRIES)
    search.carried_for = bound
    rounds.set_objective(level.expression)
    if found:
        return bound
    rounds.release(level.key)
    return search.minimise(level.name, whole=True, tolerance=rounds.settings.tolerance)


def _without_choices(level: _Level, program: LocationProgram, rounds: Rounds) -> float:
    """One integer program over all options, where the ways to meet the programme are too many."""
    bound = rounds.relaxed_bound()
    if level.whole and math.isfinite(bound):
        bound = math.ceil(bound - 1e-6)
    if level.key == "places_short" and math.isfinite(bound):
        rounds.keep(program.places_short, bound, level.key)
        rounds.set_objective(program.way)
        rounds.solve(level.name, gap=_EASY)
        rounds.set_objective(level.expression)
        if rounds.best is None:
            rounds.release(level.key)
    if gap_of(rounds.value, bound) <= rounds.settings.tolerance:
        return bound
    proven = rounds.solve(level.name)
    return max(bound, math.ceil(proven - 1e-6) if level.whole and math.isfinite(proven) else proven)


def _without_plan(problem: LocationProblem, bound: float, settings: Settings) -> None:
    if bound == math.inf:
        raise InfeasibleError(
            Problem(
                "location",
                "no choice of schools serves every compound with contiguous catchments",
                "raise the reach of a service or add sites",
            )
        )
    if settings.seconds_left() <= 0:
        raise NoPlanInTimeError(Problem("location", "no plan of places found within the limit"))
    raise NoPlanInTimeError(Problem("location", "no contiguous plan of places found"))


def _tidy(value: float, *, whole: bool) -> float:
    return float(round(value)) if whole and abs(value - round(value)) < 1e-4 else value


def _solution(
    problem: LocationProblem,
    program: LocationProgram,
    rounds: Rounds,
    status: SolveStatus,
    levels: tuple[LevelResult, ...],
    how: tuple[str, ...],
) -> LocationSolution:
    values = rounds.best_values()
    options = tuple(o for o, v in enumerate(program.z) if values[v.name] > 0.5)
    chosen = np.flatnonzero([values[v.name] > 0.5 for v in program.x])
    arcs = problem.arcs
    school = {
        (int(arcs.unit[a]), int(arcs.service[a])): int(arcs.school[a]) for a in chosen
    }
    return LocationSolution(status, levels, options, school, how)
