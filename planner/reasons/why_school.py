"""Why a site is used or left, and what a school is worth: the plan with it and without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from planner.plan.sites import SiteLeft, sites_left
from planner.programs.location.inputs import location_problem
from planner.reasons.case import Case, known_id
from planner.reasons.levels import Change, changes_of, deciding_level
from planner.reasons.places import Again, Figures, places_again, solved_again, without_school
from planner.scenario.model import Scenario

OPEN, CLOSED, GONE = "open", "closed", "gone"
"""Locked open; locked closed; as if it were not there."""


@dataclass(frozen=True)
class OtherPlan:
    """The plan with a school forced in or left out, against the run's plan."""

    asked: str
    """One of `OPEN`, `CLOSED`, `GONE`."""
    lock: str
    """As a scenario states it; empty where no lock does."""
    status: str
    verdict: str
    """OUTPRICED, TIED, IMPOSSIBLE or UNKNOWN."""
    reason: str
    changes: tuple[Change, ...]
    figures: Figures | None
    opened: tuple[str, ...]
    """Built in the other plan and not in the run's."""
    given_up: tuple[str, ...]
    """Built in the run's plan and not in the other."""
    moved_pupils: Mapping[str, float]
    """By service: pupils who go to another school than in the run's plan."""
    seconds: float


@dataclass(frozen=True)
class SchoolAnswer:
    """What a school or site is in the plan, and the other plans."""

    school: str
    kind: str
    """'new', 'expanded', 'existing', or 'left' (a site without a school)."""
    served: Mapping[str, float]
    """Pupils by service, in the plan."""
    places: Mapping[str, int]
    figures: Figures
    """Of the run's plan."""
    left: SiteLeft | None
    """What the stored plan tells of a site that was left."""
    others: tuple[OtherPlan, ...]


def why_school(case: Case, key: str) -> SchoolAnswer:
    """The plan without a school that is used, or with a site that is not.

    Raises UsageError for an id that the run does not have.
    """
    frame = case.territory.schools
    known_id("school or site", key, [str(school) for school in frame.index])
    built = {school.id: school for school in case.plan.schools}
    kind = built[key].kind if key in built else "left"
    if kind == "left":
        asked = [OPEN]
    elif kind in ("new", "expanded"):
        asked = [CLOSED]
    else:
        asked = [GONE, OPEN] if frame.at[key, "expandable"] else [GONE]
    left = sites_left(case.territory, case.scenario, case.plan) if kind == "left" else {}
    return SchoolAnswer(
        school=key,
        kind=kind,
        served=_pupils(case, key),
        places=built[key].places if key in built else {},
        figures=plan_figures(case.indicators),
        left=left.get(key),
        others=tuple(_other(case, key, what) for what in asked if not case.asking.stop.is_set()),
    )


def plan_figures(known: Mapping[str, Any]) -> Figures:
    """The figures of a plan, from its indicators."""
    return Figures(
        places_short=float(known["places_short"]["total"]),
        way_pupil_m=float(known["way_pupil_m"]),
        pupils_changing_school=float(known["pupils_changing_school"]),
        cost_yuan=float(known["cost_yuan"]),
    )


def judged(case: Case, again: Again) -> tuple[str, str, tuple[Change, ...]]:
    """Verdict, reason in words, and levels of a places decision against the run's."""
    if not again.solved:
        told = "; ".join(f"{problem.where}: {problem.message}" for problem in again.problems)
        return ("IMPOSSIBLE" if again.status == "INFEASIBLE" else "UNKNOWN", told, ())
    before = case.levels("location")
    changes = changes_of(before, again.levels)
    level = deciding_level(before, again.levels)
    if not level:
        return "TIED", "no level is proven worse than what the ranking allows", changes
    change = next(change for change in changes if change.level == level)
    words = f"{level.replace('_', ' ')}: at least {change.least:,.0f} {change.unit} more"
    return "OUTPRICED", words, changes


def moved_pupils(case: Case, served: Mapping[str, Mapping[str, str]]) -> dict[str, float]:
    """Pupils, by service, who go to another school than in the run's plan."""
    demand, year = case.territory.demand, case.scenario.design_year
    return {
        service: sum(
            float(demand[service][year][entry.compound])
            for entry in case.plan.assignments
            if schools[entry.compound] != entry.schools[service]
        )
        for service, schools in served.items()
    }


def _other(case: Case, key: str, asked: str) -> OtherPlan:
    lock = "" if asked == GONE else f"locks.sites.{key}: {asked}"
    case.asking.told(f"{key}: the plan {'without it' if asked != OPEN else 'with it'}")
    again = _solved(case, key, asked)
    verdict, reason, changes = judged(case, again)
    built = {school.id for school in case.plan.schools if school.kind != "existing"}
    return OtherPlan(
        asked=asked,
        lock=lock,
        status=again.status,
        verdict=verdict,
        reason=reason,
        changes=changes,
        figures=again.figures,
        opened=tuple(sorted(set(again.built) - built)) if again.solved else (),
        given_up=tuple(sorted(built - set(again.built))) if again.solved else (),
        moved_pupils=moved_pupils(case, again.served),
        seconds=again.seconds,
    )


def _solved(case: Case, key: str, asked: str) -> Again:
    scenario, settings = case.scenario, case.asking.settings(case.scenario)
    if asked != GONE:
        return places_again(case.territory, with_site(scenario, key, asked), settings)
    problem = location_problem(case.territory, scenario)
    bare = without_school(problem, problem.schools.index(key))
    return solved_again(bare, settings, scenario.ranking)


def with_site(scenario: Scenario, key: str, state: str) -> Scenario:
    """The scenario with one more lock of a site, in place of the one it may have."""
    sites = {**scenario.locks.sites, key: state}
    return scenario.model_copy(update={"locks": scenario.locks.model_copy(update={"sites": sites})})


def _pupils(case: Case, key: str) -> dict[str, float]:
    demand, year = case.territory.demand, case.scenario.design_year
    return {
        service: sum(
            float(demand[service][year][entry.compound])
            for entry in case.plan.assignments
            if entry.schools[service] == key
        )
        for service in case.scenario.services
    }
