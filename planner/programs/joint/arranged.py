"""The joint decision where choices and arrangements can be listed: its levels, one by one."""

from __future__ import annotations

import time

from planner.programs.joint.alone import allowed_km, level_of
from planner.programs.joint.answer import AskBaseline, JointSolution, Plan
from planner.programs.joint.arrangements import TooManyArrangementsError, list_arrangements
from planner.programs.joint.listed import ListedSearch
from planner.programs.joint.problem import Caps, JointProblem
from planner.programs.location.choices import ChoiceSearch
from planner.programs.location.levels import level_result
from planner.programs.location.ranked import Account, lower_levels
from planner.programs.subdistricts.parts import TooManyPartsError
from planner.scenario.model import Ranking
from planner.solving.settings import Settings


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


def by_arrangements(listed: ListedSearch, ranking: Ranking, baseline: AskBaseline) -> JointSolution:
    """Levels by listed arrangements; those below the joint value keep its arrangement."""
    began, problem, search = time.monotonic(), listed.problem, listed.search
    proven = listed.minimise()
    waits = time.monotonic()
    before = baseline()
    began += time.monotonic() - waits  # that was for another level
    most = listed.value_of(before.plan)
    proven = listed.with_baseline(proven, before)
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
    lower_levels(problem.location, account, ranking, sum(kept), low)
    assert search.best is not None
    plan = Plan(search.options(search.best), search.schools(search.best), proven.plan.arrangement)
    below = tuple(level_result(level) for level in account.solved)
    how = (proven.how, *(f"boundaries kept; {level.how}" for level in account.solved))
    return JointSolution(plan, proven.plan, (first, *below), how)
