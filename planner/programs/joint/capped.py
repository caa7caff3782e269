"""The joint decision where only so many pupils may cross: proven with the limit as a row.

The limit may bind or not. Without it the best plan may keep it by itself. Else a higher price on
crossing finds plans within it, and bounds those by what the price adds (Lagrange); from the best of
them the joint program decides with the limit as a row of its own.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from planner.errors import InfeasibleError, NoPlanInTimeError, Problem
from planner.programs.joint.alone import fewest_crossings, solve_as_one
from planner.programs.joint.answer import (
    AskBaseline,
    JointSolution,
    Plan,
    crossing_pupils,
    joint_value_km,
)
from planner.programs.joint.arranged import by_arrangements, listed_search
from planner.programs.joint.problem import Caps, JointProblem
from planner.programs.location.choices import ChoiceSearch
from planner.programs.location.problem import LocationProblem
from planner.scenario.model import Ranking
from planner.solving.settings import Settings, gap_of

LIMIT = "joint.max_crossing_share"
_SLACK = 1e-6
_FIRST_KM, _TIMES, _RAISES, _HALVINGS = 0.5, 4.0, 6, 3
"""Price added at first, by how much it is raised and how often until a plan is within the limit,
and how often the interval in which it then lies is halved."""
SHARE = 0.25
"""Share of the time left that one price may take."""


class LimitTooLowError(InfeasibleError):
    """No plan keeps the limit on who crosses."""

    def __init__(self, problem: Problem, smallest_share: float, *, proven: bool) -> None:
        super().__init__([problem])
        self.smallest_share = smallest_share
        """A share of all pupils that a plan is known to keep."""
        self.proven = proven
        """Whether none keeps a smaller one."""


def solve_capped(
    problem: JointProblem, caps: Caps, settings: Settings, ranking: Ranking, *,
    start: Plan, search: ChoiceSearch | None, baseline: AskBaseline,
) -> JointSolution:  # fmt: skip
    """The joint value and the levels below it, at most `caps.crossing` pupils crossing throughout.

    `start` and the baseline are plans within the other caps. Raises InfeasibleError with the
    smallest share that works where no plan keeps the limit, NoPlanInTimeError where none was found
    in time.
    """
    assert caps.crossing is not None
    bound = -math.inf
    listed = listed_search(problem, caps, _sooner(settings), start=start, search=search)
    if listed is not None:
        free = by_arrangements(listed, ranking, baseline)
        if all(_within(problem, caps, plan) for plan in (free.first, free.plan)):
            return free
        plans, bound = [baseline().plan, free.first, free.plan], free.levels[0].bound
        more, raised, fewest = _priced(problem, caps, settings, plans, search)
        plans, bound = [*plans, *more], max(bound, raised)
        if fewest > caps.crossing + _SLACK:
            few = min(plans, key=lambda plan: crossing_of(problem, plan))
            raise _too_low(problem, caps, settings, few, fewest)
    else:
        plans = [baseline().plan]
    able = [plan for plan in plans if _within(problem, caps, plan)]
    if not able:
        able = [_any_within(problem, caps, settings)]
    best = min(able, key=lambda plan: joint_value_km(problem, plan.school, plan.arrangement))
    return solve_as_one(problem, caps, settings, ranking, best, bound)


def _priced(
    problem: JointProblem, caps: Caps, settings: Settings, plans: Sequence[Plan],
    search: ChoiceSearch | None,
) -> tuple[list[Plan], float, float]:  # fmt: skip
    """Plans at higher prices of a crossing, and what these prices prove.

    That is a bound of the joint value within the limit, and how many cross at least.
    """
    assert caps.crossing is not None
    found, bound, fewest = list(plans), -math.inf, -math.inf
    longest = _longest_km(problem.location)
    low, high, added = 0.0, math.inf, _FIRST_KM
    for _ in range(_RAISES + _HALVINGS):
        if settings.seconds_left() <= 0 or (low == 0.0 and added > _FIRST_KM * _TIMES**_RAISES):
            break
        price = problem.prices.crossing_km + added
        dearer = replace(problem, prices=replace(problem.prices, crossing_km=price))
        best = min(found, key=lambda p: joint_value_km(dearer, p.school, p.arrangement))
        listed = listed_search(dearer, caps, _sooner(settings), start=best, search=search)
        if listed is None:
            break
        proven = listed.minimise()
        found.append(proven.plan)
        bound = max(bound, proven.bound - added * caps.crossing)
        dearest = max(arrangement.boundary for arrangement in listed.arrangements)
        others = longest + problem.prices.boundary_km * dearest
        fewest = max(fewest, (proven.bound - others) / price)
        least = crossing_of(problem, proven.plan)
        if fewest > caps.crossing + _SLACK and gap_of(least, fewest) <= settings.tolerance:
            break
        if _within(problem, caps, proven.plan):
            high = added
        else:
            low = added
        added = added * _TIMES if high == math.inf else (low + high) / 2
    return found, bound, fewest


def _longest_km(location: LocationProblem) -> float:
    """What no plan's ways are beyond: the longest of every unit and service."""
    longest = np.zeros_like(location.pupils)
    np.maximum.at(longest, (location.arcs.unit, location.arcs.service), location.arcs.way_m)
    return float((location.pupils * longest).sum()) / 1000


def _any_within(problem: JointProblem, caps: Caps, settings: Settings) -> Plan:
    """A plan that keeps the limit, found by minimising who crosses."""
    assert caps.crossing is not None
    plan, bound = fewest_crossings(problem, caps, settings, caps.crossing)
    if plan is not None and _within(problem, caps, plan):
        return plan
    if plan is None or bound <= caps.crossing + _SLACK:
        share = caps.crossing / max(float(problem.location.pupils.sum()), 1e-9)
        message = f"no plan with at most {share:.2%} of the pupils crossing was found in time"
        raise NoPlanInTimeError(Problem(LIMIT, message, "give it more time, or raise the limit"))
    raise _too_low(problem, caps, settings, plan, bound)


def _too_low(
    problem: JointProblem, caps: Caps, settings: Settings, plan: Plan, bound: float
) -> LimitTooLowError:
    """That at least `bound` pupils cross, and that no more need to than in `plan`."""
    assert caps.crossing is not None
    total = max(float(problem.location.pupils.sum()), 1e-9)
    fewest = crossing_of(problem, plan)
    works = math.ceil(fewest / total * 1e4 - 1e-6) / 1e4
    message = (
        f"at most {caps.crossing / total:.2%} of the pupils may have their school in another "
        f"subdistrict, and in every plan at least {bound:.0f} of {total:.0f} have "
        f"({bound / total:.2%}), as far as the levels above are kept: places short, deviation and "
        "squared distance"
    )
    proven = gap_of(fewest, bound) <= settings.tolerance
    known = "smallest share that works" if proven else "a share that works"
    hint = f"{known}: {works:.4f} (set {LIMIT}: {works:.4f})"
    return LimitTooLowError(Problem(LIMIT, message, hint), works, proven=proven)


def crossing_of(problem: JointProblem, plan: Plan) -> float:
    """Pupils of a plan who cross."""
    return crossing_pupils(problem, plan.school, plan.arrangement)


def _within(problem: JointProblem, caps: Caps, plan: Plan) -> bool:
    assert caps.crossing is not None
    return crossing_of(problem, plan) <= caps.crossing + _SLACK


def _sooner(settings: Settings) -> Settings:
    if settings.deadline is None:
        return settings
    return replace(settings, deadline=time.monotonic() + SHARE * settings.seconds_left())
