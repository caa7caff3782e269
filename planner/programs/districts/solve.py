"""The districting engine's door: a problem and ranked objectives in, a proven plan out."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.programs.districts.answer import Answer, rounded
from planner.programs.districts.borders import search_program
from planner.programs.districts.explaining import Nearest, explained
from planner.programs.districts.large import search_large
from planner.programs.districts.listing import TooManyPlansError, list_plans
from planner.programs.districts.objective import Objective
from planner.programs.districts.plan import Plan, faults_of, value_of, with_best_seats
from planner.programs.districts.problem import DistrictProblem
from planner.programs.districts.reasons import Reason, screened
from planner.programs.districts.seats import SeatSearch
from planner.programs.districts.separators import Separators
from planner.solving.settings import Settings, SolveStatus, gap_of

TINY = 22
"""Units up to which every plan is listed."""
TINY_STEPS = 40_000
LARGE = 250
"""Units beyond which the best plan is not looked for over sets of seats alone."""
LARGE_PARTS = 12
NEAREST_SECONDS = 60.0
_ANY = Objective("any", "", pairs=np.zeros((0, 2), np.int64), price=np.zeros(0))


@dataclass(frozen=True)
class DistrictLevel:
    """What one objective reached, what is proven of it, and which way was taken."""

    name: str
    unit: str
    value: float
    bound: float
    gap: float
    allowed: float
    seconds: float
    how: str


@dataclass(frozen=True)
class DistrictSolution:
    """The last plan and its levels; without a plan the reasons, if proven that none is."""

    status: SolveStatus
    plan: Plan | None
    levels: tuple[DistrictLevel, ...]
    reasons: tuple[Reason, ...] = ()
    nearest: Nearest | None = None

    def parts(self, problem: DistrictProblem) -> tuple[tuple[object, ...], ...]:
        """Ids of the units of each part."""
        if self.plan is None:
            return ()
        return tuple(
            tuple(key for key, p in zip(problem.ids, self.plan.part, strict=True) if p == number)
            for number in range(problem.number)
        )


def solve_districts(
    problem: DistrictProblem,
    objectives: Sequence[Objective],
    settings: Settings,
    *,
    start: Plan | None = None,
    explain: bool = True,
) -> DistrictSolution:
    """Minimise the objectives in order, each within what those before allow.

    Without objectives any plan will do. Seats that a level has chosen stay for those after it.
    Any time the search is stopped the plan and bounds hold. A plan to start from must keep all
    rules; another one is not used. Without `explain` no reasons are looked for where there is none.
    """
    if screened(problem):
        return _without_plan(problem, None, settings, explain=explain)
    ranked = tuple(objectives) or (_ANY,)
    plan = start if start is not None and not faults_of(problem, start) else None
    separators = Separators(problem)
    levels: list[DistrictLevel] = []
    kept: dict[int, float] = {}
    for number, objective in enumerate(ranked):
        began = time.monotonic()
        answer = _level(problem, ranked[: number + 1], kept, separators, settings, plan)
        if answer.plan is None and not levels:
            return _without_plan(problem, answer, settings, explain=explain)
        if answer.plan is not None:
            plan = answer.plan
        assert plan is not None
        value = value_of(objective, plan)
        bound = min(answer.bound if answer.plan is not None else -math.inf, value)
        allowed = value + objective.allowed * abs(value)
        kept[number] = allowed
        gap = _gap(objective, value, bound)
        levels.append(DistrictLevel(
            objective.name, objective.unit, value, bound, gap, allowed,
            time.monotonic() - began, answer.how,
        ))  # fmt: skip
    proven = all(level.gap <= settings.tolerance * (1 + 1e-9) for level in levels)
    status = SolveStatus.OPTIMAL if proven else SolveStatus.FEASIBLE
    return DistrictSolution(status, plan, tuple(levels))


def _gap(objective: Objective, value: float, bound: float) -> float:
    if objective.whole and value - bound < 1.0 - 1e-6:
        return 0.0
    return gap_of(value, bound)


def _level(
    problem: DistrictProblem,
    objectives: Sequence[Objective],
    kept: dict[int, float],
    separators: Separators,
    settings: Settings,
    plan: Plan | None,
) -> Answer:
    """Minimise the last objective by the way that suits it and the size."""
    objective = objectives[-1]
    alone = not kept
    if alone and problem.count <= TINY:
        answer = _listed(problem, objective)
        if answer is not None:
            return answer
    to_seats = objective.cost is not None and objective.pairs is None and len(problem.homes) > 0
    if not (alone and to_seats):
        return search_program(problem, objectives, kept, separators, settings, start=plan)
    if problem.count <= LARGE and problem.number <= LARGE_PARTS:
        return SeatSearch(problem, objective, separators, settings).run(plan)
    answer = search_large(problem, objective, separators, settings, plan)
    if answer.plan is not None and answer.value is not None:
        return answer
    return SeatSearch(problem, objective, separators, settings).run(plan)


def _listed(problem: DistrictProblem, objective: Objective) -> Answer | None:
    """The best of all plans; None if there are too many to list."""
    best: tuple[float, Plan] | None = None
    try:
        for part in list_plans(problem, TINY_STEPS):
            plan = with_best_seats(problem, objective, part)
            if plan is None:
                continue
            value = value_of(objective, plan)
            if math.isfinite(value) and (best is None or value < best[0]):
                best = value, plan
    except TooManyPlansError:
        return None
    if best is None:
        return Answer(None, None, math.inf, "all plans listed")
    return Answer(best[1], best[0], rounded(objective, best[0]), "all plans listed")


def _without_plan(
    problem: DistrictProblem, answer: Answer | None, settings: Settings, *, explain: bool
) -> DistrictSolution:
    """The reasons, if it is proven that there is no plan (by a screen where there is no answer)."""
    if answer is not None and answer.bound < math.inf:
        return DistrictSolution(SolveStatus.NO_SOLUTION_IN_TIME, None, ())
    if not explain:
        return DistrictSolution(SolveStatus.INFEASIBLE, None, ())
    limit = min(settings.seconds_left(), NEAREST_SECONDS)
    short = replace(settings, deadline=time.monotonic() + limit, report=None, tolerance=0.0)

    def any_plan(other: DistrictProblem) -> tuple[Plan | None, bool]:
        if screened(other):
            return None, True
        found = _level(other, (_ANY,), {}, Separators(other), short, None)
        return found.plan, found.bound == math.inf

    reasons, nearest = explained(problem, any_plan)
    return DistrictSolution(SolveStatus.INFEASIBLE, None, (), reasons, nearest)
