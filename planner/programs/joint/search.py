"""From a joint problem to its proven answer: by arrangements where they can be listed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from planner.programs.joint.alone import allowed_km, level_of, solve_as_one
from planner.programs.joint.answer import JointSolution, Plan, joint_value_km
from planner.programs.joint.arrangements import TooManyArrangementsError, list_arrangements
from planner.programs.joint.listed import ListedSearch
from planner.programs.joint.problem import Caps, JointProblem
from planner.programs.location.choices import ChoiceSearch
from planner.programs.location.levels import level_result
from planner.programs.location.ranked import Account, lower_levels
from planner.programs.subdistricts.parts import TooManyPartsError
from planner.scenario.model import Ranking
from planner.solving.settings import Settings


def solve_joint(
    problem: JointProblem,
    caps: Caps,
    settings: Settings,
    ranking: Ranking,
    *,
    start: Plan,
    search: ChoiceSearch | None,
) -> JointSolution:
    """The joint value, then, with its boundaries kept, pupils who change school and cost.

    `start` is a plan within the caps, the sequential one; `search` the search over choices that
    found its places. The joint value of the plan returned is never above that of the start.
    """
    listed = listed_search(problem, caps, settings, start=start, search=search)
    if listed is None:
        return solve_as_one(problem, caps, settings, ranking, start)
    return _by_arrangements(listed, settings, ranking, start)


def listed_search(
    problem: JointProblem, caps: Caps, settings: Settings, *, start: Plan,
    search: ChoiceSearch | None,
) -> ListedSearch | None:  # fmt: skip
    """The search over listed arrangements; None where they, or the choices, are too many."""
    if search is None:
        return None
    try:
        arrangements = list_arrangements(problem.boundaries, caps)
    except (TooManyPartsError, TooManyArrangementsError):
        return None
    return ListedSearch(problem, arrangements, search, start, settings)


def _by_arrangements(
    listed: ListedSearch, settings: Settings, ranking: Ranking, start: Plan
) -> JointSolution:
    """Levels by listed arrangements; those below the joint value keep its arrangement."""
    began, problem, search = time.monotonic(), listed.problem, listed.search
    most = listed.value_of(start)
    proven = listed.minimise()
    fixed = problem.prices.boundary_km * proven.plan.arrangement.boundary
    allowed = allowed_km(proven.value, fixed, most, ranking)
    first = level_of("joint_value", "pupil-km", proven.value, proven.bound, allowed, began)
    low = listed.settle(proven.at)
    if search.best is None:
        return JointSolution(proven.plan, proven.plan, (first,), (proven.how,))
    account = Account(search)
    ways = account.reached("way")
    share = (allowed - fixed) / max(1e-9, sum(ways))
    kept = [way * max(1.0, share) for way in ways]
    search.keep("way", kept)
    lower_levels(problem.location, account, settings, ranking, sum(kept), low)
    assert search.best is not None
    plan = Plan(search.options(search.best), search.schools(search.best), proven.plan.arrangement)
    below = tuple(level_result(level) for level in account.solved)
    how = (proven.how, *(f"boundaries kept; {level.how}" for level in account.solved))
    return JointSolution(plan, proven.plan, (first, *below), how)


def joint_values(
    problem: JointProblem,
    caps: Caps,
    settings: Settings,
    ranking: Ranking,
    *,
    start: Plan,
    search: ChoiceSearch | None,
    prices: Sequence[float],
) -> Iterator[tuple[float, float, float, Plan]]:
    """At each price of a crossing pupil: the price, joint value, its bound, and the plan.

    Contiguity rows and plans carry over from price to price. Ends early when time is up.
    """
    plans = [start]
    for price in prices:
        if settings.seconds_left() <= 0:
            return
        priced = replace(problem, prices=replace(problem.prices, crossing_km=price))
        best = min(plans, key=lambda p: joint_value_km(priced, p.school, p.arrangement))
        listed = listed_search(priced, caps, settings, start=best, search=search)
        if listed is None:
            solution = solve_as_one(priced, caps, settings, ranking, best)
            value, bound, plan = solution.levels[0].value, solution.levels[0].bound, solution.first
        else:
            proven = listed.minimise()
            value, bound, plan = proven.value, proven.bound, proven.plan
        plans.append(plan)
        yield price, value, bound, plan
