"""From a joint problem to its proven answer: by arrangements where they can be listed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from planner.programs.joint.alone import solve_as_one
from planner.programs.joint.answer import (
    AskBaseline,
    Baseline,
    JointSolution,
    Plan,
    joint_value_km,
)
from planner.programs.joint.arranged import by_arrangements, listed_search
from planner.programs.joint.capped import solve_capped
from planner.programs.joint.problem import Caps, JointProblem
from planner.programs.joint.turns import improved_in_turn
from planner.programs.location.choices import ChoiceSearch
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
    baseline: AskBaseline | None = None,
) -> JointSolution:
    """The joint value, then, with its boundaries kept, pupils who change school and cost.

    `start` is a plan whose ways are proven, `search` the search over choices that found its places,
    `baseline` the sequential plan (None: `start`). The joint value of the plan returned is never
    above that of the baseline, unless too many pupils cross in that one. Raises InfeasibleError,
    NoPlanInTimeError where their number is limited.
    """
    ask = baseline or partial(Baseline, start)
    if caps.crossing is not None:
        return solve_capped(
            problem, caps, settings, ranking, start=start, search=search, baseline=ask
        )
    listed = listed_search(problem, caps, settings, start=start, search=search)
    if listed is None:
        best = improved_in_turn(problem, caps, settings, ask().plan)
        return solve_as_one(problem, caps, settings, ranking, best)
    return by_arrangements(listed, ranking, ask)


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
        if caps.crossing is not None:
            solution = solve_capped(
                priced, caps, settings, ranking, start=best, search=search,
                baseline=partial(Baseline, best),
            )  # fmt: skip
            value, bound, plan = solution.levels[0].value, solution.levels[0].bound, solution.first
            plans.append(plan)
            yield price, value, bound, plan
            continue
        listed = listed_search(priced, caps, settings, start=best, search=search)
        if listed is None:
            best = improved_in_turn(priced, caps, settings, best)
            solution = solve_as_one(priced, caps, settings, ranking, best)
            value, bound, plan = solution.levels[0].value, solution.levels[0].bound, solution.first
        else:
            proven = listed.minimise()
            value, bound, plan = proven.value, proven.bound, proven.plan
        plans.append(plan)
        yield price, value, bound, plan
