"""Why a community belongs to its subdistrict: the other subdistricts, and what each would cost."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from planner.errors import NoPlanInTimeError
from planner.programs.districting import status_of_plan
from planner.programs.subdistricts.data import places_of, subdistrict_problem
from planner.programs.subdistricts.problem import SubdistrictProblem
from planner.programs.subdistricts.search import Answer, Slack, search, smallest_band
from planner.reasons.case import Case, known_id
from planner.reasons.levels import Change, changes_of, deciding_level
from planner.solving.settings import SolveStatus
from planner.territory.lock_checks import subdistrict_id


@dataclass(frozen=True)
class SubdistrictChoice:
    """One subdistrict that a community could belong to."""

    subdistrict: str
    seat: str
    in_plan: bool
    """Whether the plan has that subdistrict."""
    verdict: str
    """FORBIDDEN, OUTPRICED, TIED, IMPOSSIBLE or UNKNOWN, as for schools."""
    reason: str
    changes: tuple[Change, ...]
    moved: tuple[str, ...]
    """Other communities that would belong elsewhere than in the plan."""
    smallest_band: float | None
    """Of those with which there would be an arrangement, where the band is in the way."""
    seconds: float


@dataclass(frozen=True)
class CommunityAnswer:
    """Why a community belongs where it does."""

    community: str
    subdistrict: str
    population: int
    today: str
    choices: tuple[SubdistrictChoice, ...]


def why_community(case: Case, key: str) -> CommunityAnswer:
    """The community's subdistrict and every other seat's, each solved again.

    Communities and schools are those of the plan. Raises UsageError for an id that the plan does
    not have, or that has no compounds; NoPlanInTimeError if time runs out before any other.
    """
    communities = case.plan.communities
    known_id("community", key, [c.id for c in communities if c.compounds])
    own = next(c for c in communities if c.id == key)
    problem = problem_of_plan(case)
    case.asking.told(f"{key} as it is")
    base = arranged(case, problem)
    status_of_plan(base.solution, what="subdistricts")
    choices = [
        _choice(case, problem, base, key, j)
        for j, seat in enumerate(problem.seats)
        if subdistrict_id(case.territory, seat) != own.subdistrict
    ]
    order = {"TIED": 0, "OUTPRICED": 1, "UNKNOWN": 2, "IMPOSSIBLE": 3, "FORBIDDEN": 4}
    choices.sort(key=lambda choice: (order[choice.verdict], _costs(choice), choice.subdistrict))
    today = key if key in case.territory.communities.index else key.rpartition("-")[0]
    return CommunityAnswer(
        key, own.subdistrict, own.population,
        str(case.territory.communities.at[today, "subdistrict"]), tuple(choices),
    )  # fmt: skip


def problem_of_plan(case: Case) -> SubdistrictProblem:
    """The subdistrict decision over the plan's communities and schools."""
    served = {entry.compound: entry.schools for entry in case.plan.assignments}
    places = places_of(case.plan.communities)
    return subdistrict_problem(case.territory, case.scenario, places, served)


def _choice(
    case: Case, problem: SubdistrictProblem, base: Answer, key: str, j: int
) -> SubdistrictChoice:
    began = time.monotonic()
    seat = problem.seats[j]
    name, i = subdistrict_id(case.territory, seat), problem.communities.index(key)
    forbidden = _rule(case, key, name)
    planned = {plan.id for plan in case.plan.subdistricts}

    def told(
        verdict: str, reason: str, changes: tuple[Change, ...] = (),
        moved: tuple[str, ...] = (), band: float | None = None,
    ) -> SubdistrictChoice:  # fmt: skip
        seconds = time.monotonic() - began
        in_plan = name in planned
        return SubdistrictChoice(
            name, seat, in_plan, verdict, reason, changes, moved, band, seconds
        )

    if forbidden:
        return told("FORBIDDEN", forbidden)
    others = frozenset((i, other) for other in range(len(problem.seats)) if other != j)
    trial = replace(problem, barred=problem.barred | others)
    case.asking.told(f"{key} in {name}")
    answer = arranged(case, trial)
    if answer.solution.status == SolveStatus.INFEASIBLE:
        band = smallest_band(trial, case.asking.settings(case.scenario))
        reason = (
            "no arrangement has it, whatever the band: offices, parents or contiguity forbid it"
            if band is None else
            f"no arrangement within ±{problem.band:g} has it; boundaries.band: "
            f"{math.ceil(band * 1000 - 1e-6) / 1000:.3f} would allow one"
        )  # fmt: skip
        return told("IMPOSSIBLE", reason, band=band)
    try:
        status_of_plan(answer.solution, what="subdistricts")
    except NoPlanInTimeError:
        return told("UNKNOWN", "no arrangement with it was found in time")
    level = deciding_level(base.solution.levels, answer.solution.levels)
    changes = changes_of(base.solution.levels, answer.solution.levels, "subdistricts")
    moved = _moved(case, problem, answer, key)
    if not level:
        return told("TIED", "no level is proven worse with it", changes, moved)
    change = next(change for change in changes if change.level == level)
    words = f"{level.replace('_', ' ')}: at least {change.least:.6g} more ({change.unit})"
    return told("OUTPRICED", words, changes, moved)


def arranged(case: Case, problem: SubdistrictProblem) -> Answer:
    """The ranked arrangement of a subdistrict problem, as the case's ranking has it."""
    ranking = case.scenario.ranking
    slack = Slack(ranking.deviation, ranking.compactness)
    return search(problem, slack, case.asking.settings(case.scenario))


def _rule(case: Case, key: str, subdistrict: str) -> str:
    """The single rule that keeps a community from a subdistrict; empty without one."""
    locks = case.scenario.locks
    mine: Mapping[str, str] = locks.fixed.subdistricts
    if mine.get(key, subdistrict) != subdistrict:
        return f"locks.fixed.subdistricts.{key}: {key} is fixed to {mine[key]}"
    if subdistrict in locks.forbidden.subdistricts.get(key, ()):
        return f"locks.forbidden.subdistricts.{key}: {subdistrict} is forbidden"
    return _parents(case, key, subdistrict) or _office(case, key, subdistrict)


def _parents(case: Case, key: str, subdistrict: str) -> str:
    """The parent rule, where it keeps a community from a subdistrict."""
    own = next(c.parent for c in case.plan.communities if c.id == key)
    seat = _seat(case, subdistrict)
    there = str(case.territory.communities.at[case.territory.seats.at[seat, "community"], "parent"])
    if not case.scenario.boundaries.parent_rule or own == there:
        return ""
    return f"boundaries.parent_rule: {key} lies in {own}, the seat {seat} in {there}"


def _office(case: Case, key: str, subdistrict: str) -> str:
    """An office in the community that keeps it for the office's own subdistrict."""
    seats = case.territory.seats
    for seat in seats.index[(seats["kind"] == "office") & (seats["community"] == key)]:
        if subdistrict_id(case.territory, str(seat)) != subdistrict:
            return f"the office {seat} lies in {key} and stays the seat of its subdistrict"
    return ""


def _seat(case: Case, subdistrict: str) -> str:
    seats = map(str, case.territory.seats.index)
    return next(seat for seat in seats if subdistrict_id(case.territory, seat) == subdistrict)


def _moved(
    case: Case, problem: SubdistrictProblem, answer: Answer, key: str
) -> tuple[str, ...]:  # fmt: skip
    plan = {c.id: c.subdistrict for c in case.plan.communities}
    found = []
    for other, j in zip(problem.communities, answer.seat, strict=True):
        if other != key and subdistrict_id(case.territory, problem.seats[j]) != plan[other]:
            found.append(other)
    return tuple(found)


def _costs(choice: SubdistrictChoice) -> tuple[float, ...]:
    return tuple(change.change for change in choice.changes)
