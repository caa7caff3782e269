"""What the joint search answers: a seat for each community, options and schools, with proof."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from planner.programs.joint.arrangements import Arrangement
from planner.programs.joint.problem import JointProblem, Schools
from planner.programs.location.problem import Floats
from planner.solving.ranked import LevelResult


@dataclass(frozen=True)
class Plan:
    """Both decisions, by position."""

    options: tuple[int, ...]
    school: Schools
    arrangement: Arrangement


@dataclass(frozen=True)
class Baseline:
    """The plan made one half after the other, and how the search over choices holds its places."""

    plan: Plan
    choice: int | None = None
    columns: tuple[Floats, ...] = ()
    """By part of the search."""


AskBaseline = Callable[[], Baseline]
"""Waits for the baseline, where it is still worked on."""


@dataclass(frozen=True)
class JointSolution:
    """The plan and the levels from the joint value on."""

    plan: Plan
    first: Plan
    """The plan of the joint value itself, before the levels below it."""
    levels: tuple[LevelResult, ...]
    how: tuple[str, ...]
    """By level."""


def joint_value_km(problem: JointProblem, school: Schools, arrangement: Arrangement) -> float:
    """Pupil-kilometres of a plan: ways, crossing pupils and boundaries at their prices."""
    return (
        problem.way_km(school)
        + problem.prices.crossing_km * crossing_pupils(problem, school, arrangement)
        + problem.prices.boundary_km * arrangement.boundary
    )


def crossing_pupils(problem: JointProblem, school: Schools, arrangement: Arrangement) -> float:
    """Pupils whose school lies in another subdistrict."""
    return float((problem.flows(school) * arrangement.apart).sum())


def arrangement_of(problem: JointProblem, seat: tuple[int, ...]) -> Arrangement:
    """An arrangement from the seat of each community, priced without pupils."""
    boundaries = problem.boundaries
    moved = sum(float(boundaries.moved[i, j]) for i, j in enumerate(seat))
    border = sum(price for (i, k), price in boundaries.cuts.items() if seat[i] != seat[k])
    return Arrangement(seat, moved + border)
