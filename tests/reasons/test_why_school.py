"""With a site, without a school: the other plan is the brute-force best, and told against ours."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from planner.errors import UsageError
from planner.programs.location.inputs import location_problem
from planner.programs.location.problem import LocationProblem
from planner.reasons.case import Case
from planner.reasons.why_school import why_school, with_site
from planner.scenario.model import Range
from tests.reasons.brute_force import best_levels, only_arcs
from tests.reasons.towns import planned


@cache
def town() -> Case:
    return planned(ranking={"way": 0.0})


def brute(case: Case, problem: LocationProblem) -> list[float] | None:
    return best_levels(problem)


def without(case: Case, key: str) -> LocationProblem:
    """As if the school were not there, built by hand."""
    problem = location_problem(case.territory, case.scenario)
    f = problem.schools.index(key)
    today = np.where(np.arange(len(problem.schools))[:, None] == f, 0.0, problem.places_today)
    options = tuple(o for o in problem.options if o.school != f)
    bare = replace(problem, places_today=today, options=options)
    return only_arcs(bare, lambda _u, school, _s: school != key)


def test_sites_and_schools_agree_with_brute_force() -> None:
    case, kinds = town(), set()
    base = brute(case, location_problem(case.territory, case.scenario))
    assert base is not None
    for key in case.territory.schools.index:
        answer = why_school(case, key)
        kinds.add(answer.kind)
        for other in answer.others:
            if other.asked == "gone":
                best = brute(case, without(case, key))
            else:
                scenario = with_site(case.scenario, key, other.asked)
                best = brute(case, location_problem(case.territory, scenario))
                assert other.lock == f"locks.sites.{key}: {other.asked}"
            assert (best is None) == (other.verdict == "IMPOSSIBLE")
            if best is None:
                continue
            assert [c.value for c in other.changes] == pytest.approx(best, abs=0.5)
            assert [c.before for c in other.changes] == pytest.approx(base, abs=0.5)
            worse = any(b > a + 1 for a, b in zip(base, best, strict=True))
            assert worse == (other.verdict == "OUTPRICED")
            built = {s.id for s in case.plan.schools if s.kind != "existing"}
            assert (key in other.opened) == (other.asked == "open")
            assert (key in other.given_up) == (other.asked == "closed")
            assert set(other.given_up) <= built
            assert other.figures is not None
            assert other.figures.way_pupil_m == pytest.approx(best[1], abs=0.5)
    assert kinds >= {"new", "left", "existing"}


def test_a_site_that_was_left_is_told_with_what_it_would_offer() -> None:
    case = town()
    left = next(k for k in case.territory.schools.index if kind_of(case, k) == "left")
    answer = why_school(case, left)
    assert answer.left is not None
    assert answer.left.id == left
    assert answer.served == {"primary": 0, "junior": 0}
    (other,) = answer.others
    assert other.asked == "open"


def kind_of(case: Case, key: str) -> str:
    built = {school.id: school.kind for school in case.plan.schools}
    return built.get(key, "left")


def test_pupils_of_the_plan_are_counted() -> None:
    case = town()
    demand, year = case.territory.demand, case.scenario.design_year
    answers = {key: why_school(case, key).served for key in ("s1", "t2")}
    for key, served in answers.items():
        for service, pupils in served.items():
            own = [a.compound for a in case.plan.assignments if a.schools[service] == key]
            assert pupils == demand[service][year][own].sum()


def test_a_programme_without_room_for_the_site_says_why() -> None:
    case = town()
    left = next(k for k in case.territory.schools.index if kind_of(case, k) == "left")
    room = Range(max=float(case.territory.schools.at[left, "land_m2"]) - 1)
    programme = case.scenario.programme.model_copy(update={"land_m2": room})
    scenario = case.scenario.model_copy(update={"programme": programme})
    (other,) = why_school(replace(case, scenario=scenario), left).others
    assert other.verdict == "IMPOSSIBLE"
    assert "programme.land_m2" in other.reason


def test_an_unknown_school_is_told_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="no school or site 't9'"):
        why_school(town(), "t9")
