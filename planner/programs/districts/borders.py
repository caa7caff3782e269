"""Everything that is not a cost to free seats: one program, in rounds, from a plan made better.

Border objectives have parts that are only numbered; lower levels have the seats that the level
above has chosen. Where nothing but a price on pairs counts, whole parts are made by price first.
What that leaves open is left to a plan made better part by part, and to the program that its value
cuts off.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from planner.programs.districts.answer import Answer, cutoff_below, proven, rounded
from planner.programs.districts.graph import hops, pieces
from planner.programs.districts.large import rough_plan
from planner.programs.districts.neighbourhoods import improved
from planner.programs.districts.objective import Objective, seat_cost
from planner.programs.districts.plan import Plan, value_of, with_best_seats
from planner.programs.districts.pricing import priceable, search_prices
from planner.programs.districts.problem import DistrictProblem
from planner.programs.districts.program import build_program, columns_of
from planner.programs.districts.recombination import recombined
from planner.programs.districts.rounds import Rounds
from planner.programs.districts.separators import Separators
from planner.solving.settings import Settings

ROUGH_SECONDS = 10.0
RECOMBINING_SHARE, RECOMBINING_STEPS = 0.4, 10
"""Recombination: largest share of the time that is left, and steps for each unit and part."""
CHAINS = 3
NEIGHBOURHOOD_SHARE = 0.3
PRICING_SHARE = 0.6
"""Largest share of the time in which parts are made by price, before anything else is tried."""
FEW_COLUMNS = 60
"""Units × parts up to which the program needs no plan to start from."""
MOST_COLUMNS = 30_000
"""Units × parts beyond which the whole program is not tried."""


def search_program(
    problem: DistrictProblem,
    objectives: Sequence[Objective],
    kept: Mapping[int, float],
    separators: Separators,
    settings: Settings,
    *,
    start: Plan | None = None,
) -> Answer:
    """Minimise the last objective; the others stay within `kept` (by level)."""
    objective = objectives[-1]
    how = "labelling program, separators in rounds"
    small = problem.count * problem.number <= FEW_COLUMNS
    plan = start or (None if small else _compact(problem, objective, settings))
    least = _least(objective)
    if plan is not None and priceable(problem, objectives):
        priced = _priced(problem, objective, plan, settings)
        if priced is not None and priced.plan is not None:
            plan, least, how = priced.plan, priced.bound, f"{priced.how}, {how}"
            if proven(objective, priced, settings.tolerance):
                return priced
    if plan is not None and problem.number > 2:
        if _recombinable(problem, objectives, plan):
            left = RECOMBINING_SHARE * settings.seconds_left() / CHAINS
            chains = [
                recombined(
                    problem,
                    objective,
                    plan,
                    seed=settings.seed + chain,
                    steps=RECOMBINING_STEPS * problem.count * problem.number,
                    until=time.monotonic() + left,
                )
                for chain in range(CHAINS)
            ]
            plan = min(chains, key=lambda found: value_of(objective, found))
        share = NEIGHBOURHOOD_SHARE * settings.seconds_left()
        until = math.inf if _too_large(problem) else time.monotonic() + share
        plan = improved(
            problem, objectives, plan, recut, settings, bound=lambda: least, kept=kept,
            until=until,
        )  # fmt: skip
        how = f"neighbouring parts cut anew exactly, {how}"
    value = math.inf if plan is None else value_of(objective, plan)
    bound = least
    if not _too_large(problem) and value > bound:
        answer = _whole(problem, objectives, kept, separators, settings, plan)
        bound = max(bound, answer.bound)
        if answer.plan is not None and answer.value is not None and answer.value < value:
            plan, value = answer.plan, answer.value
    if plan is None:
        return Answer(None, None, bound, how)
    return Answer(plan, value, min(bound, value), how)


def _priced(
    problem: DistrictProblem, objective: Objective, plan: Plan, settings: Settings
) -> Answer | None:
    """The answer by prices of units, within a share of the time."""
    deadline = settings.deadline
    if deadline is not None:
        deadline = time.monotonic() + PRICING_SHARE * settings.seconds_left()
    return search_prices(problem, objective, plan, replace(settings, deadline=deadline))


def recut(
    problem: DistrictProblem,
    objectives: Sequence[Objective],
    kept: Mapping[int, float],
    settings: Settings,
    start: Plan,
) -> Answer:
    """The last level of some parts, by one program."""
    return _whole(problem, objectives, kept, Separators(problem), settings, start)


def _whole(
    problem: DistrictProblem,
    objectives: Sequence[Objective],
    kept: Mapping[int, float],
    separators: Separators,
    settings: Settings,
    start: Plan | None,
) -> Answer:
    columns = columns_of(problem, objectives, separators, seats=_seats(objectives, start))
    program = build_program(problem, objectives, columns, kept=kept)
    level = len(objectives) - 1
    cutoff = math.inf
    if start is not None:
        value = value_of(objectives[level], start)
        cutoff = cutoff_below(objectives[level], value, settings.tolerance)
    found = Rounds(program, separators, settings).minimise(
        objectives[level], level, cutoff=cutoff, start=None
    )
    if found.plan is None and found.bound == math.inf and start is not None:
        # nothing is better by more than the tolerance
        return Answer(start, value, rounded(objectives[level], cutoff), "")
    plan = found.plan
    if plan is not None and len(problem.homes) and not plan.seat:
        plan = with_best_seats(problem, objectives[level], plan.part)
    bound = min(found.bound, cutoff)
    return Answer(plan, found.value, rounded(objectives[level], bound), "")


def _seats(objectives: Sequence[Objective], start: Plan | None) -> tuple[int, ...] | None:
    """Seats to choose from: those chosen by a cost above, none without a cost, or all (None)."""
    if start is not None and start.seat and any(o.cost is not None for o in objectives[:-1]):
        return start.seat
    return None if objectives[-1].cost is not None else ()


def _recombinable(problem: DistrictProblem, objectives: Sequence[Objective], plan: Plan) -> bool:
    """Whether only a price on pairs and contiguity count."""
    free = not plan.seat and not problem.ruled and len(objectives) == 1
    priced = objectives[-1].cost is None and objectives[-1].pairs is not None
    whole = (len(pieces(problem.near, np.flatnonzero(np.array(plan.part) == p).tolist())) == 1
             for p in range(problem.number))  # fmt: skip
    return free and priced and all(whole)


def _too_large(problem: DistrictProblem) -> bool:
    return problem.count * problem.number > MOST_COLUMNS


def _least(objective: Objective) -> float:
    """What no plan can fall below, whatever it is."""
    if objective.cost is None:
        return 0.0
    return float(np.where(np.isfinite(objective.cost), objective.cost, np.inf).min(axis=1).sum())


def _compact(problem: DistrictProblem, objective: Objective, settings: Settings) -> Plan | None:
    """A plan of few hops to the middle of its parts, contiguous if it can be; seats do not count.

    None where the objective is a cost of numbered parts.
    """
    if objective.cost is not None:
        return None
    homes = problem.homes if len(problem.homes) else np.arange(problem.count)
    for contiguous in sorted({True, problem.contiguous}, reverse=True):
        free = replace(problem, homes=homes, contiguous=contiguous, locked=())
        cost = hops(problem.near)[:, homes]
        compact = seat_cost(free, cost, name="hops", unit="weight-hops")
        plan = rough_plan(free, compact, Separators(free), settings, ROUGH_SECONDS)
        if plan is not None:
            return with_best_seats(problem, objective, plan.part)
    return None
