"""Planned places keep every promise; without a row family they break the one it stands for."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cache

import pytest

from planner.errors import InfeasibleError
from planner.plan.verification import verify
from planner.programs.location.places import plan_places
from planner.programs.location.program import FAMILIES
from planner.programs.location.ranked import LocationSolution, solve_location
from planner.scenario.model import Programme
from planner.solving.settings import Settings
from tests.plan.handmade import Town, town
from tests.programs.location_towns import problem_of, with_places, with_solution

TOLERANCE = 1e-3
BREAKS = {
    "one_option": ("four", "programme-new_schools"),
    "served": ("plain", "served"),
    "capacity": ("plain", "levels-kept"),
    "open": ("plain", "served"),
    "programme": ("plain", "programme-new_schools"),
    "separator": ("tight", "catchments-contiguous"),
}
"""By family: a town, and the check that tells there that its rows are missing."""


def limits() -> Settings:
    return Settings(tolerance=TOLERANCE, deadline=time.monotonic() + 20)


def broken(place: Town, data: dict[str, object]) -> set[str]:
    return {check.code for check in verify(place.scenario, place.layers, data).broken}


@cache
def small_town(name: str) -> Town:
    """The handmade town, or a variant of its scenario."""
    place = town(points="points" in name)
    if "tight" in name:
        # beyond the radius all ways are long alike: nothing but rows holds catchments together
        services = {
            key: service.model_copy(update={"beyond_radius_surcharge_m": 5000.0})
            for key, service in place.scenario.services.items()
        }
        scenario = place.scenario.model_copy(update={"services": services})
        place = replace(place, scenario=scenario)
    programme = {"wide": {"new_schools": {"min": 1, "max": 2}}, "four": {"new_schools": 4}}
    for word, asked in programme.items():
        if word in name:
            changed = {"programme": Programme.model_validate(asked)}
            place = replace(place, scenario=place.scenario.model_copy(update=changed))
    return place


@pytest.mark.parametrize("name", ["plain", "points", "tight", "wide", "wide points"])
def test_planned_places_keep_every_promise(name: str) -> None:
    place = small_town(name)
    result = plan_places(place.territory, place.scenario, limits())
    found = verify(place.scenario, place.layers, with_places(place, result))
    assert [(check.code, check.figures) for check in found.broken] == []


def test_a_family_breaks_a_promise_of_its_own() -> None:
    locks = {"opened", "together"}  # broken in tests/plan/test_locks.py
    assert set(BREAKS) == {*FAMILIES, "separator"} - {"neighbour"} - locks


@pytest.mark.parametrize("family", sorted(BREAKS))
def test_without_a_family_verification_fails(family: str) -> None:
    name, code = BREAKS[family]
    place = small_town(name)
    assert code in broken(place, with_solution(place, mutant(place, frozenset({family}))))


@pytest.mark.parametrize("name", sorted({name for name, _ in BREAKS.values()}))
def test_with_all_rows_it_does_not(name: str) -> None:
    """What the mutants break is not broken by the way a solution is read here."""
    place = small_town(name)
    try:
        solution = mutant(place, frozenset({"no such family"}))
    except InfeasibleError:
        assert name == "four"  # schools on three sites
        return
    assert broken(place, with_solution(place, solution)) == set()


def mutant(place: Town, skip: frozenset[str]) -> LocationSolution:
    return solve_location(problem_of(place), limits(), place.scenario.ranking, skip=skip)
