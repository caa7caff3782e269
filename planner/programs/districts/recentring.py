"""Neighbouring parts cut anew around seats that are shaken among them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from planner.programs.districts.answer import Answer, cutoff_below
from planner.programs.districts.centring import centred, shaken
from planner.programs.districts.objective import Objective
from planner.programs.districts.plan import Plan, value_of, with_best_seats
from planner.programs.districts.problem import DistrictProblem
from planner.programs.districts.program import build_program, columns_of
from planner.programs.districts.rounds import Rounds
from planner.programs.districts.separators import Separators
from planner.solving.settings import Settings

WORTH = 1e-5
"""Gain, as a share of the value, that makes a program worth while."""


def recentred(
    problem: DistrictProblem,
    objectives: Sequence[Objective],
    _: Mapping[int, float],
    settings: Settings,
    start: Plan,
    *,
    chance: np.random.Generator,
    shakes: float,
) -> Answer:
    """A plan around better seats, if divisible units promise one; no bound.

    Seats are settled after so many `shakes` by part without a gain. The cost of the last objective
    is inf wherever a unit may not belong to a seat.
    """
    objective = objectives[-1]
    assert objective.cost is not None
    before = value_of(objective, start)
    nothing = Answer(start, before, -math.inf, "")
    best = shaken(
        problem, objective.cost, centred(problem, objective.cost, start.seat), chance,
        patience=round(shakes * problem.number), until=settings.deadline or math.inf,
    )  # fmt: skip
    cutoff = cutoff_below(objective, before, WORTH)
    if best.value >= cutoff or settings.seconds_left() <= 0:
        return nothing
    # who can be joined to a seat is in the cost already
    loose = replace(problem, contiguous=False)
    separators = Separators(problem)
    columns = columns_of(loose, [objective], separators, seats=best.seats)
    program = build_program(problem, [objective], columns)
    found = Rounds(program, separators, settings).minimise(objective, 0, cutoff=cutoff)
    if found.plan is None:
        return nothing
    plan = with_best_seats(problem, objective, found.plan.part) or found.plan
    return Answer(plan, value_of(objective, plan), -math.inf, "")
