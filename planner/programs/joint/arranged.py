"""The joint decision where choices and arrangements can be listed: its levels, one by one."""

from __future__ import annotations

import math
import time
from dataclasses import replace

from planner.programs.joint.alone import allowed_km, level_of
from planner.programs.joint.answer import AskBaseline, JointSolution, Plan
from planner.programs.joint.arrangements import TooManyArrangementsError, list_arrangements
from planner.programs.joint.listed import ListedSearch, Proven
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
    """Levels by listed arrangements; those below the joint value keep its arrangement.

    They are solved while the baseline may still be worked on, and again if it turns out so good
    that they took more of the joint value than it leaves them.
    """
    began = time.monotonic()
    proven = listed.minimise()
    seconds = time.monotonic() - began
    solution = _with_levels_below(listed, ranking, proven, math.inf, seconds)
    before = baseline()
    most, least = listed.value_of(before.plan), listed.with_baseline(proven, before)
    if least is proven and listed.value_of(solution.plan) <= most:
        first, *below = solution.levels
        levels = (replace(first, allowed=min(first.allowed, most)), *below)
        return replace(solution, levels=levels)
    return _with_levels_below(listed, ranking, least, most, seconds)


def _with_levels_below(
    listed: ListedSearch, ranking: Ranking, proven: Proven, most: float, seconds: float
) -> JointSolution:
    """The levels below the joint value, which may rise to `most` at the most."""
    problem, search = listed.problem, listed.search
    search.reopen()
    fixed = problem.prices.boundary_km * proven.plan.arrangement.boundary
    allowed = allowed_km(proven.value, fixed, most, ranking)
    began = time.monotonic() - seconds
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
