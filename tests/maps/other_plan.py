"""A second plan for the small town: a column of homes goes elsewhere, and one site is not built."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from planner.maps.comparison_page import Compared, draw_comparison
from planner.plan.difference import amounts_of, difference_of, indicator_rows
from planner.plan.plan import Plan
from planner.scenario.model import Scenario
from planner.territory.territory import Territory
from tests.maps import town

COLUMN = 2
"""Homes of this column belong to the subdistrict d1, and their pupils go to s3."""


def other_plan(place: Territory, first: Plan | None = None) -> Plan:
    """Without t1: its homes go to s5; the column's to s3; cheaper, and a longer way."""
    first = first or town.plan(place)
    schools = tuple(school for school in first.schools if school.id != "t1")
    assignments = tuple(_moved(assignment) for assignment in first.assignments)
    figures: dict[str, Any] = dict(first.indicators) | {
        "new_schools": 0, "cost_yuan": 0.7e8, "mean_distance_m": {"primary": 612.3, "junior": 801.0}
    }  # fmt: skip
    return replace(
        first, scenario="other", schools=schools, assignments=assignments, indicators=figures
    )


def _moved(assignment: Any) -> Any:
    schools = {
        service: "s5" if school == "t1" else school
        for service, school in assignment.schools.items()
    }
    if assignment.compound.startswith(f"c{COLUMN}"):
        return replace(assignment, schools=schools | {"primary": "s3"}, subdistrict="d1")
    return replace(assignment, schools=schools)


def compare_towns(
    *plans: Plan, scenarios: tuple[Scenario, ...] = (), places: tuple[Territory, ...] = ()
) -> str:
    """The page of some plans for the town."""
    places = places or (town.territory(),) * len(plans)
    scenarios = scenarios or (town.scenario(),) * len(plans)
    found = list(zip(places, scenarios, plans, strict=True))
    compared = [
        Compared(f"run-{number}", place, asked, plan, broken=0)
        for number, (place, asked, plan) in enumerate(found)
    ]
    differences = [
        difference_of(plans[0], plan, amounts_of(place, asked)) for place, asked, plan in found[1:]
    ]
    return draw_comparison(
        compared, rows=indicator_rows(plans), differences=differences,
        asked={"boundaries.band": tuple(0.1 * (n + 1) for n in range(len(plans)))},
    )  # fmt: skip
