"""Places and subdistricts together: from the sequential plan to the joint one, by id."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from planner.errors import NoPlanInTimeError
from planner.plan.plan import CommunityPlan, Level, Status
from planner.programs.joint import capped, listed
from planner.programs.joint.answer import Baseline, JointSolution, Plan, arrangement_of
from planner.programs.joint.problem import Caps, JointProblem, Prices
from planner.programs.joint.search import solve_joint
from planner.programs.location.beside import solving_beside
from planner.programs.location.choices import ChoiceSearch
from planner.programs.location.places import (
    PlacesResult,
    levels_in_plan,
    places_result,
    schools_of,
    served_of,
)
from planner.programs.subdistricts.data import places_of, subdistrict_problem
from planner.programs.subdistricts.search import Answer
from planner.programs.subdistricts.subdistricts import (
    Decided,
    SubdistrictResult,
    plan_subdistricts,
    subdistrict_result,
)
from planner.scenario.model import Scenario
from planner.solving.ranked import LevelResult, RankedSolution
from planner.solving.settings import Settings, SolveStatus, status_of
from planner.territory.territory import Territory


@dataclass(frozen=True)
class JointResult:
    """Both decisions, the levels from the joint value on, and what both are one after the other."""

    places: PlacesResult
    """With the level of places short alone."""
    subdistricts: SubdistrictResult
    """With the levels above the joint value alone."""
    levels: tuple[Level, ...]
    status: Status
    before: tuple[PlacesResult, SubdistrictResult]
    """The sequential plan, with all its levels."""


@dataclass(frozen=True)
class Sequential:
    """The plan that was made one half after the other, as the joint search takes it on."""

    problem: JointProblem
    caps: Caps
    start: Plan
    places: PlacesResult
    subdistricts: SubdistrictResult

    @property
    def search(self) -> ChoiceSearch | None:
        """The search over choices that found the places, to go on with."""
        return None if self.places.decided is None else self.places.decided.solution.search


def plan_joint(
    territory: Territory,
    scenario: Scenario,
    settings: Settings,
    *,
    communities: tuple[CommunityPlan, ...],
    places: PlacesResult,
    subdistricts: SubdistrictResult,
) -> JointResult:
    """Decide places and subdistricts together, from the plan made one after the other.

    Where `places` lacks the levels below the way, they are solved beside the joint value. Places
    short, deviation and squared distance keep what their own programs allow; ways, pupils who
    cross and boundaries are one value. It is never above that of the sequential plan, unless more
    pupils cross in that one than may. Raises InfeasibleError where no plan keeps that limit,
    NoPlanInTimeError where none was found in time.
    """
    first = sequential(
        territory, scenario, communities=communities, places=places, subdistricts=subdistricts
    )
    with _sequential_plan(territory, scenario, settings, first, communities) as ask:
        solution = solve_joint(
            first.problem, first.caps, settings, scenario.ranking,
            start=first.start, search=first.search, baseline=lambda: ask()[0],
        )  # fmt: skip
        _, whole = ask()
    return _result(territory, scenario, settings, whole, solution)


@contextmanager
def _sequential_plan(
    territory: Territory, scenario: Scenario, settings: Settings, first: Sequential,
    communities: tuple[CommunityPlan, ...],
) -> Iterator[Callable[[], tuple[Baseline, Sequential]]]:  # fmt: skip
    """Gives what waits for the whole sequential plan; `first` may lack the levels below the way."""
    assert first.places.decided is not None
    rest = first.places.decided.solution.rest
    if rest is None:
        yield lambda: (Baseline(first.start), first)
        return
    left = settings.seconds_left()
    # as long as the search that it is beside may take
    share = listed.SHARE if first.caps.crossing is None else capped.SHARE
    own = settings if left == math.inf else replace(
        settings, deadline=time.monotonic() + share * left
    )  # fmt: skip
    with solving_beside(rest, own) as answer:

        @cache
        def whole() -> tuple[Baseline, Sequential]:
            below = answer()
            places = places_result(first.problem.location, below.solution)
            subdistricts = _subdistricts_for(
                territory, scenario, settings, first, communities, places
            )
            after = sequential(
                territory, scenario, communities=communities, places=places,
                subdistricts=subdistricts,
            )  # fmt: skip
            return Baseline(after.start, below.choice, below.columns), after

        yield whole


def _subdistricts_for(
    territory: Territory, scenario: Scenario, settings: Settings, first: Sequential,
    communities: tuple[CommunityPlan, ...], places: PlacesResult,
) -> SubdistrictResult:  # fmt: skip
    """The subdistricts for these places; those of before where time is too short to find them."""
    known = first.subdistricts
    try:
        found = plan_subdistricts(
            territory, scenario, settings, communities=communities, served=places.served
        )
    except NoPlanInTimeError:
        return known
    # what the upper levels allow is kept by the joint plan: it must not change with the places
    upper = zip(found.levels[:2], known.levels[:2], strict=True)
    return found if all(a.allowed == b.allowed for a, b in upper) else known


def sequential(
    territory: Territory,
    scenario: Scenario,
    *,
    communities: tuple[CommunityPlan, ...],
    places: PlacesResult,
    subdistricts: SubdistrictResult,
) -> Sequential:
    """The joint problem, what its upper levels allow, and the sequential plan in it."""
    assert places.decided is not None
    assert subdistricts.decided is not None
    location, answer = places.decided.problem, subdistricts.decided.answer
    ground = places_of(communities)
    prices = Prices(scenario.joint.crossing_price_km, scenario.joint.boundary_price_km)
    problem = JointProblem(
        location=location,
        boundaries=subdistrict_problem(territory, scenario, ground, {}),
        home=np.array([ground.community[unit] for unit in location.units], int),
        place=np.array([ground.community[cell] for cell in territory.schools["cell"]], int),
        prices=prices,
    )
    short = places.decided.solution.levels[0]
    deviation, squared, _ = answer.solution.levels
    granted = short.allowed > short.value or short.gap > 0
    limits = _by_service(location.pupils.sum(0), short.parts, scenario) if granted else ()
    share, pupils = scenario.joint.max_crossing_share, float(location.pupils.sum())
    most = None if share is None else share * pupils
    caps = Caps(limits or (short.allowed,), deviation.allowed, squared.allowed, most)
    solution = places.decided.solution
    start = Plan(solution.options, solution.school, arrangement_of(problem, answer.seat))
    return Sequential(problem, caps, start, places, subdistricts)


def _by_service(
    pupils: np.ndarray, parts: tuple[float, ...], scenario: Scenario
) -> tuple[float, ...]:
    """What each service may be short of, where the ranking grants some or the least is not proven.

    The same rule as `keep_short`.
    """
    share = scenario.ranking.places_short
    return tuple(
        own + float(np.floor(share * count)) for own, count in zip(parts, pupils, strict=True)
    )


def _result(
    territory: Territory,
    scenario: Scenario,
    settings: Settings,
    first: Sequential,
    solution: JointSolution,
) -> JointResult:
    """The solution by id, with the levels of both programs that it keeps."""
    problem, plan = first.problem, solution.plan
    levels = tuple(
        replace(level, program="joint" if level.name == "joint_value" else "location")
        for level in levels_in_plan(solution.levels, solution.how, program="joint")
    )
    short, tolerance = first.places.levels[:1], settings.tolerance
    places = PlacesResult(
        schools_of(problem.location, plan.options),
        served_of(problem.location, plan.school),
        short,
        _proven(short, tolerance),
    )
    decided = first.subdistricts.decided
    assert decided is not None
    kept = replace(decided.answer.solution, levels=decided.answer.solution.levels[:2])
    answer = Answer(RankedSolution(kept.status, kept.levels, {}), plan.arrangement.seat,
                    decided.answer.how)  # fmt: skip
    subdistricts = subdistrict_result(
        territory, scenario, Decided(decided.places, problem.boundaries, answer),
        _proven(kept.levels, tolerance),
    )  # fmt: skip
    before = first.places, first.subdistricts
    return JointResult(places, subdistricts, levels, _proven(levels, tolerance), before)


def _proven(levels: Sequence[Level | LevelResult], tolerance: float) -> Status:
    """The status of what has these levels, and no others of the halves they come from."""
    each = (status_of(x.value, x.bound, tolerance) == SolveStatus.OPTIMAL for x in levels)
    return Status.OPTIMAL if all(each) else Status.FEASIBLE
