"""Alternatives: within the share, as different as brute force finds, and what they share."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
import pytest

from planner.programs.location.inputs import location_problem
from planner.programs.location.problem import LocationProblem
from planner.reasons.case import Case
from planner.reasons.near_boundaries import near_boundaries
from planner.reasons.near_places import NearPlan, near_places
from planner.reasons.why_community import problem_of_plan
from planner.territory.lock_checks import subdistrict_id
from tests.programs.location_oracle import (
    every_assignment,
    every_choice,
    is_whole,
    keeps_rules,
    outcome_of,
)
from tests.programs.small_subdistricts import keeps_rules as keeps_arrangement
from tests.programs.small_subdistricts import levels
from tests.reasons.test_why_community import town as districts
from tests.reasons.towns import PRIMARY, planned

WITHIN = 0.25


@cache
def town() -> Case:
    """Six compounds and one service, so that all assignments can be tried."""
    return planned(ranking={"way": 0.0}, **PRIMARY)


@cache
def two_services() -> Case:
    return planned(ranking={"way": 0.0})


def position(problem: LocationProblem, plan: NearPlan) -> tuple[list[int], dict]:
    """A plan's options and schools by position."""
    options = [
        o for o, option in enumerate(problem.options)
        if plan.built.get(problem.schools[option.school]) == option.type
        and dict(zip(problem.services, option.classes, strict=True))
        == plan.classes[problem.schools[option.school]]
    ]  # fmt: skip
    school = {
        (u, s): problem.schools.index(plan.served[name][unit])
        for u, unit in enumerate(problem.units)
        for s, name in enumerate(problem.services)
    }
    return options, school


def of_run(case: Case, problem: LocationProblem) -> dict:
    at = {a.compound: a.schools for a in case.plan.assignments}
    return {
        (u, s): problem.schools.index(at[unit][name])
        for u, unit in enumerate(problem.units)
        for s, name in enumerate(problem.services)
    }


def caps(case: Case, problem: LocationProblem, share: float) -> tuple[np.ndarray, float]:
    """Most of places short, way and moves of each service, and of the cost."""
    built = {s.id: s for s in case.plan.schools if s.kind != "existing"}
    own = [
        o for o, option in enumerate(problem.options)
        if (plan := built.get(problem.schools[option.school])) is not None
        and plan.type == option.type
        and tuple(plan.new_classes[name] for name in problem.services) == option.classes
    ]  # fmt: skip
    point = outcome_of(problem, own, of_run(case, problem))[0]
    services = len(problem.services)
    most = point[:-1].copy()
    most[services:] *= 1 + share
    return most, point[-1] * (1 + share)


@pytest.mark.parametrize("make", [town, two_services])
def test_alternatives_keep_the_rules_and_the_share(make) -> None:
    case = make()
    problem = location_problem(case.territory, case.scenario)
    most, money = caps(case, problem, WITHIN)
    found = near_places(case, within=WITHIN, count=3)
    assert len(found.plans) >= 2
    seen = [of_run(case, problem)]
    for plan in found.plans:
        options, school = position(problem, plan)
        assert keeps_rules(problem, options, school)
        point = outcome_of(problem, options, school)[0]
        assert (point[:-1] <= most * (1 + 1e-5) + 1e-3).all()
        assert point[-1] <= money + 1
        assert plan.figures.cost_yuan == pytest.approx(point[-1])
        assert school not in seen
        seen.append(school)
    for s, name in enumerate(problem.services):
        pupils = problem.pupils[:, s]
        same = [len({plan[u, s] for plan in seen}) == 1 for u in range(len(problem.units))]
        assert found.shared_pupils[name] == pytest.approx(pupils[same].sum() / pupils.sum())


def test_the_first_alternative_has_as_many_other_sites_as_any() -> None:
    case = two_services()
    problem = location_problem(case.territory, case.scenario)
    most, money = caps(case, problem, WITHIN)
    assigned = [every_assignment(problem, s) for s in range(len(problem.services))]
    own = {s.id for s in case.plan.schools if s.kind != "existing"}
    farthest = 0
    for choice in every_choice(problem):
        cost = sum(problem.options[o].cost_yuan for o in choice)
        if cost <= money + 1 and all(able(problem, assigned, choice, most)):
            built = {problem.schools[problem.options[o].school] for o in choice}
            farthest = max(farthest, len(built ^ own))
    plan = near_places(case, within=WITHIN, count=1).plans[0]
    assert plan.widest
    assert plan.apart == len(set(plan.built) ^ own) == farthest > 0


def able(problem, assigned, choice, most):
    """Whether each service has an assignment within the caps."""
    services = len(problem.services)
    places = np.array(problem.places_today)
    for o in choice:
        places[problem.options[o].school] += problem.options[o].places
    for s, every in enumerate(assigned):
        fine = ~(every.used & (places[:, s] == 0)).any(axis=1)
        short = np.maximum(every.load - places[:, s], 0).sum(axis=1)
        kept = [short <= most[s] + 1e-6, every.way <= most[services + s] + 1e-3,
                every.moves <= most[2 * services + s] + 1e-6]  # fmt: skip
        yield (fine & np.all(kept, axis=0)).any()


def test_as_many_pupils_go_elsewhere_as_can() -> None:
    case = town()
    problem = location_problem(case.territory, case.scenario)
    most, _ = caps(case, problem, WITHIN)
    plan = near_places(case, within=WITHIN, count=1).plans[0]
    options, school = position(problem, plan)
    first = of_run(case, problem)
    places = problem.places_today[:, 0].copy()
    for o in options:
        places[problem.options[o].school] += problem.options[o].places[0]
    best = 0.0
    for schools in every_school(problem):
        trial = {(u, 0): f for u, f in enumerate(schools)}
        members = {f: [u for u in range(len(schools)) if schools[u] == f] for f in set(schools)}
        if any(places[f] == 0 for f in members):
            continue
        if not all(is_whole(problem, m, int(problem.root[f])) for f, m in members.items()):
            continue
        point = outcome_of(problem, options, trial)[0]
        if (point[:-1] <= most + 1e-3).all():
            best = max(best, moved(problem, first, trial))
    total = problem.pupils.sum()
    kept, least = total - moved(problem, first, school), total - best
    assert kept <= least * 1.021 + 1e-6
    assert plan.elsewhere["primary"] == moved(problem, first, school)


def every_school(problem: LocationProblem):
    arcs = problem.arcs
    return product(*([int(f) for f in arcs.school[arcs.unit == u]]
                     for u in range(len(problem.units))))  # fmt: skip


def moved(problem: LocationProblem, before: dict, after: dict) -> float:
    return float(sum(problem.pupils[u, s] for u, s in before if before[u, s] != after[u, s]))


def test_boundaries_are_as_far_apart_as_brute_force_finds() -> None:
    case = districts()
    problem, share = problem_of_plan(case), 0.3
    names = {subdistrict_id(case.territory, seat): j for j, seat in enumerate(problem.seats)}
    home = {c.id: names[c.subdistrict] for c in case.plan.communities}
    own = tuple(home[key] for key in problem.communities)
    base = levels(problem, own)
    most = (base[0] + share, base[1] * (1 + share), base[2] * (1 + share))
    left = [
        seats for seats in product(range(len(problem.seats)), repeat=len(own))
        if keeps_arrangement(problem, seats)
        and all(v <= m + 1e-6 for v, m in zip(levels(problem, seats), most, strict=True))
    ]  # fmt: skip
    assert own in left

    def people(seats):
        pairs = zip(problem.population, own, seats, strict=True)
        return sum(n for n, a, b in pairs if a != b)

    found = near_boundaries(case, within=share, count=50)
    arranged = [tuple(names[plan.subdistrict[key]] for key in problem.communities)
                for plan in found.plans]  # fmt: skip
    assert found.complete
    assert sorted(arranged) == sorted(set(left) - {own})
    assert found.plans[0].people_elsewhere == max(map(people, left)) > 0
    for plan, seats in zip(found.plans, arranged, strict=True):
        assert plan.people_elsewhere == people(seats)
        told = (plan.deviation, plan.squared_km2, plan.border_and_change)
        assert told == pytest.approx(levels(problem, seats), rel=1e-6)
    same = [len({own[i], *(seats[i] for seats in arranged)}) == 1 for i in range(len(own))]
    assert found.shared == tuple(
        key for key, kept in zip(problem.communities, same, strict=True) if kept
    )
