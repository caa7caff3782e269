"""Places and subdistricts together: from the sequential plan to the joint one, by id."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from planner.plan.plan import CommunityPlan, Level, Status
from planner.programs.joint.answer import JointSolution, Plan, arrangement_of
from planner.programs.joint.problem import Caps, JointProblem, Prices
from planner.programs.joint.search import solve_joint
from planner.programs.location.choices import ChoiceSearch
from planner.programs.location.places import (
    PlacesResult,
    levels_in_plan,
    schools_of,
    served_of,
)
from planner.programs.subdistricts.data import places_of, subdistrict_problem
from planner.programs.subdistricts.search import Answer
from planner.programs.subdistricts.subdistricts import (
    Decided,
    SubdistrictResult,
    subdistrict_result,
)
from planner.scenario.model import Scenario
from planner.solving.ranked import RankedSolution
from planner.solving.settings import Settings, SolveStatus, status_of
from planner.territory.territory import Territory


@dataclass(frozen=True)
class JointResult:
    """Both decisions, and the levels from the joint value on."""

    places: PlacesResult
    """With the level of places short alone."""
    subdistricts: SubdistrictResult
    """With the levels above the joint value alone."""
    levels: tuple[Level, ...]
    status: Status


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

    Places short, deviation and squared distance keep what their own programs allow; ways, pupils
    who cross and boundaries are one value. It is never above that of the sequential plan, unless
    more pupils cross in that one than may. Raises InfeasibleError where no plan keeps that limit,
    NoPlanInTimeError where none was found in time.
    """
    first = sequential(
        territory, scenario, communities=communities, places=places, subdistricts=subdistricts
    )
    solution = solve_joint(
        first.problem, first.caps, settings, scenario.ranking,
        start=first.start, search=first.search,
    )  # fmt: skip
    return _result(territory, scenario, settings, first, solution)


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
    proven = all(
        status_of(x.value, x.bound, settings.tolerance) == SolveStatus.OPTIMAL for x in levels
    )
    places = PlacesResult(
        schools_of(problem.location, plan.options),
        served_of(problem.location, plan.school),
        first.places.levels[:1],
        first.places.status,
    )
    decided = first.subdistricts.decided
    assert decided is not None
    kept = replace(decided.answer.solution, levels=decided.answer.solution.levels[:2])
    answer = Answer(RankedSolution(kept.status, kept.levels, {}), plan.arrangement.seat,
                    decided.answer.how)  # fmt: skip
    subdistricts = subdistrict_result(
        territory, scenario, Decided(decided.places, problem.boundaries, answer),
        first.subdistricts.status,
    )  # fmt: skip
    status = Status.OPTIMAL if proven else Status.FEASIBLE
    return JointResult(places, subdistricts, levels, status)
