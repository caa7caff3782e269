"""From a joint problem to its proven answer: by arrangements where they can be listed."""

from __future__ import annotations

from functools import partial

from planner.programs.joint.alone import solve_as_one
from planner.programs.joint.answer import (
    AskBaseline,
    Baseline,
    JointSolution,
    Plan,
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
