"""The ranked levels of the location program: their names, units, and how they are reported."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NoReturn

from planner.errors import InfeasibleError, NoPlanInTimeError, Problem
from planner.programs.location.problem import LocationProblem
from planner.solving.ranked import LevelResult
from planner.solving.settings import Settings, gap_of

CLOSE = 0.98
"""Share of the tolerance at which a level is proven."""
NAMES = {
    "places_short": ("places_short", "pupils", 1.0),
    "way": ("way", "pupil-metres", 1e3),
    "moves": ("pupils_changing_school", "pupils", 1.0),
    "cost": ("cost_yuan", "yuan", 1.0),
}
"""By level: its name, unit, and how many of these are in a unit of its expression."""

NO_CHOICE = Problem(
    "location",
    "no choice of schools serves every compound with contiguous catchments",
    "raise the reach of a service or add sites",
)


@dataclass(frozen=True)
class Solved:
    """A level in the unit of its expression."""

    level: str
    value: float
    bound: float
    allowed: float
    seconds: float
    how: str
    parts: tuple[float, ...] = ()
    """Value by service."""


def level_result(solved: Solved) -> LevelResult:
    """The level in the unit it is reported in."""
    name, unit, scale = NAMES[solved.level]
    value, bound, allowed, *parts = (
        v * scale for v in (solved.value, solved.bound, solved.allowed, *solved.parts)
    )
    gap, allowed = gap_of(value, bound), max(value, allowed)
    return LevelResult(name, unit, value, bound, gap, allowed, solved.seconds, tuple(parts))


def counted(problem: LocationProblem) -> bool:
    """Whether pupils are counted in whole ones."""
    return bool((problem.pupils % 1 == 0).all())


def whole(problem: LocationProblem, bound: float) -> float:
    """A bound of pupils: of whole pupils where all are counted in whole ones."""
    return math.ceil(bound - 1e-5) if math.isfinite(bound) and counted(problem) else bound


def tidy(value: float, level: str) -> float:
    """A value without the last digits where it is a whole number of pupils."""
    near = level in ("places_short", "moves") and abs(value - round(value)) < 1e-4
    return float(round(value)) if near else value


def without_plan(bound: float, settings: Settings) -> NoReturn:
    """Say why there is no plan: none can be (bound inf), or none was found within the limit."""
    if bound == math.inf:
        raise InfeasibleError(NO_CHOICE)
    if settings.seconds_left() <= 0:
        raise NoPlanInTimeError(Problem("location", "no plan of places found within the limit"))
    raise NoPlanInTimeError(Problem("location", "no contiguous plan of places found"))
