"""The price of each rule: the plan with the rule relaxed by its step, against the run's plan."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planner.errors import InfeasibleError, NoPlanInTimeError, PlannerError, UsageError
from planner.plan.plan import CommunityPlan, Level, SubdistrictPlan
from planner.programs.communities.communities import plan_communities
from planner.programs.grids.grids import plan_grids
from planner.programs.subdistricts.subdistricts import SubdistrictResult, plan_subdistricts
from planner.reasons.case import Case
from planner.reasons.levels import Change, changes_of, not_worse, unknown_changes
from planner.reasons.places import Figures, places_again
from planner.reasons.rules import (
    COMMUNITIES,
    GRIDS,
    JOINT,
    PLACES,
    SUBDISTRICTS,
    Relaxed,
    relaxed_rules,
)
from planner.reasons.together import joint_again
from planner.reasons.why_school import moved_pupils, plan_figures
from planner.scenario.keys import nearest
from planner.scenario.model import Scenario

KEPT = "the run's plan, which keeps the relaxed rule too, stands"


@dataclass(frozen=True)
class Price:
    """One rule relaxed by its step, and what that is worth."""

    key: str
    family: str
    rank: str
    now: str
    then: str
    touches: str
    """The program asked again: places, communities, subdistricts, grids or joint."""
    status: str
    gap: float | None
    """Of the worst level; None without a plan."""
    changes: tuple[Change, ...]
    """The ranked levels of that program; a negative change is what the rule costs."""
    figures: Figures | None
    """Of the other plan, where places were asked again."""
    moved_pupils: Mapping[str, float]
    moved_people: int | None
    """People of communities whose subdistrict is another than in the run's plan."""
    note: str
    seconds: float


@dataclass(frozen=True)
class _Solved:
    status: str
    changes: tuple[Change, ...]
    figures: Figures | None = None
    moved_pupils: Mapping[str, float] | None = None
    moved_people: int | None = None
    note: str = ""


def prices_of(case: Case, keys: Sequence[str] = ()) -> list[Price]:
    """Every rule of the scenario, or those at `keys` (dotted, or families of `rules`), relaxed.

    Only the program that a rule touches is asked again. Raises UsageError for a key that is no
    rule of the scenario.
    """
    rules = chosen_rules(relaxed_rules(case.territory, case.scenario), keys)
    found = []
    for rule in rules:
        if case.asking.stop.is_set():
            break
        case.asking.told(f"{rule.key}: {rule.now} → {rule.then}")
        began = time.monotonic()
        solved = _solved(case, rule)
        found.append(
            Price(
                key=rule.key, family=rule.family, rank=rule.rank, now=rule.now, then=rule.then,
                touches=rule.touches, status=solved.status,
                gap=max((change.gap for change in solved.changes), default=None),
                changes=solved.changes, figures=solved.figures,
                moved_pupils=solved.moved_pupils or {}, moved_people=solved.moved_people,
                note=solved.note, seconds=time.monotonic() - began,
            )
        )  # fmt: skip
    return found


def chosen_rules(rules: Sequence[Relaxed], keys: Sequence[str]) -> list[Relaxed]:
    """The rules at `keys`, in the order of the scenario; all of them without any."""
    known = list(dict.fromkeys([*(rule.key for rule in rules), *(rule.family for rule in rules)]))
    for key in keys:
        if key not in known:
            close = nearest(key, known)
            hint = f"nearest rule '{close}'" if close else f"rules: {', '.join(known)}"
            raise UsageError(f"--rule {key}: the scenario has no such rule ({hint})")
    return [rule for rule in rules if not keys or rule.key in keys or rule.family in keys]


def _solved(case: Case, rule: Relaxed) -> _Solved:
    ask = {
        PLACES: _places, COMMUNITIES: _communities, SUBDISTRICTS: _subdistricts, GRIDS: _grids,
        JOINT: _together,
    }[rule.touches]  # fmt: skip
    try:
        return ask(case, rule)
    except InfeasibleError as error:
        return _Solved("INFEASIBLE", (), note=_told(error))
    except NoPlanInTimeError as error:
        return _Solved("NO_SOLUTION_IN_TIME", (), note=_told(error))


def _places(case: Case, rule: Relaxed) -> _Solved:
    again = places_again(case.territory, rule.scenario, case.asking.settings(rule.scenario))
    before = case.levels("location")
    if again.status == "NO_SOLUTION_IN_TIME":
        changes = unknown_changes(before, "location")
        return _Solved(
            "FEASIBLE", changes, plan_figures(case.indicators), note=f"{KEPT}: none in time"
        )
    if not again.solved:
        told = "; ".join(str(problem) for problem in again.problems)
        return _Solved(again.status, (), note=told)
    changes, kept = not_worse(changes_of(before, again.levels))
    if kept:
        return _Solved(
            "FEASIBLE", changes, plan_figures(case.indicators), note=f"{KEPT}: none better in time"
        )
    return _Solved(again.status, changes, again.figures, moved_pupils(case, again.served))


def _together(case: Case, rule: Relaxed) -> _Solved:
    """Both halves decided together, against the run's own levels."""
    again = joint_again(case.territory, rule.scenario, case.asking)
    before = [level for level in case.plan.levels if level.program in ("joint", "location")]
    changes, kept = not_worse(changes_of(before, again.levels, "joint"))
    if kept:
        return _Solved("FEASIBLE", changes, note=f"{KEPT}: none better in time")
    served = again.places.served
    schools = {
        service: {compound: at[service] for compound, at in served.items() if service in at}
        for service in case.scenario.services
    }
    moved = moved_pupils(case, schools)
    people = moved_people(case, again.subdistricts.subdistricts)
    note = "places and boundaries were decided together again; changes are against the run's levels"
    return _Solved(again.status.value, changes, None, moved, people, note)


def _subdistricts(case: Case, rule: Relaxed) -> _Solved:
    """Subdistricts over the plan's communities and schools."""
    result = _subdistricts_again(case, rule.scenario)
    before: Sequence[Level] = case.levels("subdistricts")
    if case.against != "run":  # those levels are of other schools
        before = _subdistricts_again(case, case.scenario).levels
    changes = changes_of(before, result.levels, "subdistricts")
    moved = moved_people(case, result.subdistricts)
    free = case.scenario.boundaries.parent_rule and not rule.scenario.boundaries.parent_rule
    note = (
        "while the rule holds, deviations are from the mean of a parent's subdistricts; without "
        "it from the mean of all" if free else ""
    )  # fmt: skip
    return _Solved(result.status.value, changes, moved_people=moved, note=note)


def _subdistricts_again(case: Case, scenario: Scenario) -> SubdistrictResult:
    served = {entry.compound: entry.schools for entry in case.plan.assignments}
    return plan_subdistricts(
        case.territory, scenario, case.asking.settings(scenario),
        communities=case.plan.communities, served=served,
    )  # fmt: skip


def _communities(case: Case, rule: Relaxed) -> _Solved:
    result = plan_communities(case.territory, rule.scenario, case.asking.settings(rule.scenario))
    changes = changes_of(case.levels("communities"), result.levels, "communities")
    note = "subdistricts and grids, which are formed of communities, were not asked again"
    return _Solved(result.status.value, changes, note=note)


def _grids(case: Case, rule: Relaxed) -> _Solved:
    communities: tuple[CommunityPlan, ...] = case.plan.communities
    result = plan_grids(
        case.territory, rule.scenario, case.asking.settings(rule.scenario), communities=communities
    )
    return _Solved(result.status.value, changes_of(case.levels("grids"), result.levels, "grids"))


def moved_people(case: Case, subdistricts: Sequence[SubdistrictPlan]) -> int:
    """People of communities whose subdistrict is another than in the run's plan."""
    now = {key: plan.id for plan in subdistricts for key in plan.communities}
    return sum(c.population for c in case.plan.communities if now[c.id] != c.subdistrict)


def _told(error: PlannerError) -> str:
    return "; ".join(str(problem) for problem in error.problems)
