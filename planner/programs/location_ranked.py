"""The ranked location program from arrays to a proven plan: which way is taken, and the levels."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import NoReturn

from planner.errors import InfeasibleError, NoPlanInTimeError, Problem
from planner.programs.location import LEVELS, LocationProgram, build_location
from planner.programs.location_choices import ChoiceSearch
from planner.programs.location_problem import Floats, LocationProblem
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
_CLOSE = 0.9
"""Share of the tolerance at which a level is proven."""
NAMES = {
    "places_short": ("places_short", "pupils", 1.0),
    "way": ("way", "pupil-metres", 1e3),
    "moves": ("pupils_changing_school", "pupils", 1.0),
    "cost": ("cost_yuan", "yuan", 1.0),
}
"""By level: its name, unit, and how many of these are in a unit of its expression."""


@dataclass(frozen=True)
class LocationSolution:
    """Ranked levels, chosen options and the school of each unit and service, by position."""

    status: SolveStatus
    levels: tuple[LevelResult, ...]
    options: tuple[int, ...]
    school: dict[tuple[int, int], int]
    how: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Solved:
    """A level in the unit of its expression."""

    level: str
    value: float
    bound: float
    allowed: float
    seconds: float
    how: str


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
    choices = None if skip else programme_choices(problem, limit=_CHOICES)
    if choices is None:
        solved, options, school = _by_program(problem, settings, ranking, skip)
    else:
        search = ChoiceSearch(problem, choices, settings)
        solved, options, school = _by_choices(problem, search, settings, ranking)
    levels = tuple(_result(level) for level in solved)
    proven = all(
        status_of(x.value, x.bound, settings.tolerance) == SolveStatus.OPTIMAL for x in levels
    )
    status = SolveStatus.OPTIMAL if proven else SolveStatus.FEASIBLE
    return LocationSolution(status, levels, options, school, tuple(x.how for x in solved))


def _by_choices(
    problem: LocationProblem, search: ChoiceSearch, settings: Settings, ranking: Ranking
) -> tuple[list[_Solved], tuple[int, ...], dict[tuple[int, int], int]]:
    """All levels over listed choices, service by service.

    What a level may be exceeded by is granted to each service of the best plan alone: no stage
    pays for another one.
    """
    clock, parts, solved = time.monotonic(), search.parts, list[_Solved]()

    def note(level: str, value: float, bound: float, allowed: float) -> None:
        nonlocal clock
        now = time.monotonic()
        value = _tidy(value, whole=level in ("places_short", "moves"))
        solved.append(_Solved(level, value, min(value, bound), allowed, now - clock, search.how))
        clock = now

    search.start("way", [part.program.way for part in parts])
    bound = search.fewest_short("places_short")
    if search.best is None:
        _without_plan(bound, settings)
    reached = [plan.values["places_short"] for plan in search.plans(search.best) if plan]
    short = sum(reached)
    extra = [math.floor(ranking.places_short * part.pupils) for part in parts]
    search.keep_short(reached, extra)
    note("places_short", short, bound, short + sum(extra))

    tolerance = settings.tolerance
    bound = search.minimise("way", "way", lambda value: _CLOSE * tolerance * value)
    ways = [plan.values["way"] for plan in search.plans(search.best) if plan]
    allowed = [way * (1 + ranking.way) for way in ways]
    search.keep("way", allowed)
    note("way", sum(ways), bound, sum(allowed))

    # moves alone have no taste: a little of the way is added, and taken off the bound
    moves = search.value(search.best, "moves")
    most = sum(allowed)
    weight = _TASTE * tolerance * max(1.0, moves) / max(most - bound, 1e-3 * most, 1e-9)
    search.start("moves and way", [p.program.moves + weight * p.program.way for p in parts])
    bound = search.minimise(
        "moves",
        "pupils_changing_school",
        lambda value: (_CLOSE - _TASTE) * max(1.0, tolerance * (value - weight * most)),
    )
    counts = [plan.values["moves"] for plan in search.plans(search.best) if plan]
    allowed = [count * (1 + ranking.moves) for count in counts]
    search.keep("moves", allowed, weight * most)
    bound = _whole(problem, bound - weight * most)
    note("moves", sum(counts), bound, sum(allowed))

    search.start("way again", [part.program.way for part in parts])
    bound = search.cheapest("cost_yuan")
    cost = float(search.cost_yuan[search.best])
    note("cost", cost, bound, cost)
    return solved, search.options(search.best), search.schools(search.best)


def _by_program(
    problem: LocationProblem, settings: Settings, ranking: Ranking, skip: frozenset[str]
) -> tuple[list[_Solved], tuple[int, ...], dict[tuple[int, int], int]]:
    """All levels by one integer program, where the ways to meet the programme are too many."""
    program = build_location(problem, skip=skip)
    rounds, solved = Rounds(problem, program, settings), list[_Solved]()
    best: Floats | None = None
    share = {"way": ranking.way, "moves": ranking.moves}
    for level in LEVELS:
        began, expression = time.monotonic(), getattr(program, level)
        rounds.set_objective(expression)
        bound = rounds.relaxed_bound()
        if level in ("places_short", "moves"):
            bound = _whole(problem, bound)
        if best is None and math.isfinite(bound):
            best = _any_plan(program, rounds, bound)
            rounds.set_objective(expression)
        value = math.inf if best is None else rounds.value_of(expression, best)
        if gap_of(value, bound) > _CLOSE * settings.tolerance and bound < math.inf:
            reached = rounds.solve(NAMES[level][0], gap=_CLOSE * settings.tolerance, below=value)
            bound = max(bound, reached.bound)
            if reached.columns is not None:
                value, best = reached.value, reached.columns
        if best is None:
            _without_plan(bound, settings)
        value = _tidy(value, whole=level in ("places_short", "moves"))
        allowed = value * (1 + share.get(level, 0.0))
        if level == "places_short":
            allowed += math.floor(ranking.places_short * float(problem.pupils.sum()))
        rounds.keep(expression, allowed, level)
        scale = 1e6 if level == "cost" else 1.0
        seconds = time.monotonic() - began
        solved.append(
            _Solved(
                level, value * scale, min(value, bound) * scale, allowed * scale, seconds,
                "one integer program",
            )
        )  # fmt: skip
    assert best is not None
    arcs = problem.arcs
    values = rounds.values(best)
    options = tuple(o for o, v in enumerate(program.z) if values[v.name] > 0.5)
    school = {
        (int(arcs.unit[a]), int(arcs.service[a])): int(arcs.school[a])
        for a in rounds.used_arcs(best)
    }
    return solved, options, school


def _any_plan(program: LocationProgram, rounds: Rounds, short: float) -> Floats | None:
    """Any plan as short of places as `short`, looked for by its short way.

    Places short alone has no taste, and its separation rounds do not end.
    """
    rounds.keep(program.places_short, short, "places_short")
    rounds.set_objective(program.way)
    reached = rounds.solve(NAMES["places_short"][0], gap=_EASY)
    rounds.release("places_short")
    return reached.columns


def _whole(problem: LocationProblem, bound: float) -> float:
    """A bound of pupils: of whole pupils where all are counted in whole ones."""
    whole = math.isfinite(bound) and bool((problem.pupils % 1 == 0).all())
    return math.ceil(bound - 1e-5) if whole else bound


def _result(solved: _Solved) -> LevelResult:
    name, unit, scale = NAMES[solved.level]
    value, bound, allowed = (v * scale for v in (solved.value, solved.bound, solved.allowed))
    return LevelResult(
        name, unit, value, bound, gap_of(value, bound), max(value, allowed), solved.seconds
    )


def _without_plan(bound: float, settings: Settings) -> NoReturn:
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
