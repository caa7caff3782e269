"""A small valid plan by hand for the tiny town, and sealing: sums and levels made consistent."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import shapely

from planner.plan.codec import plan_from_json, plan_to_json
from planner.plan.indicators import indicators, outcome_indicators
from planner.plan.plan import (
    Assignment,
    CommunityPlan,
    GridPart,
    GridPlan,
    Level,
    Plan,
    SchoolPlan,
    Status,
    SubdistrictPlan,
)
from planner.plan.verification.amounts import AMOUNTS
from planner.plan.verification.case import case_of
from planner.plan.verification.ground import Ground, ground_of
from planner.scenario.model import Scenario
from planner.territory.build import build_territory
from planner.territory.layers import Layers, read_layers
from planner.territory.territory import Territory
from tests.towns import tiny_scenario, write_town

SUBDISTRICT = {"k00": "d1", "k01": "d1", "k10": "d2", "k11": "d2"}
SEAT = {"d1": "o1", "d2": "o3"}


@dataclass(frozen=True)
class Town:
    """A town with its plan; treat the plan as immutable."""

    scenario: Scenario
    layers: Layers
    territory: Territory
    ground: Ground
    plan: Plan

    def json(self) -> dict[str, Any]:
        """A fresh copy of the plan as JSON."""
        return plan_to_json(self.plan)


@cache
def town(*, one_parent: bool = False, points: bool = False) -> Town:
    """4 × 4 blocks in four communities; site t2 opens as a nine-year school."""
    folder = Path(mkdtemp())
    write_town(
        folder,
        points=points,
        parents=("甲区", "甲区") if one_parent else ("甲区", "乙区"),
        trunk_column=2,
    )
    scenario = tiny_scenario(folder, programme={
        "new_schools": 1, "expanded_schools": {"max": 1}, "new_classes": 18, "new_places": 840,
        "land_m2": 20000, "cost_yuan": 200e6,
    })  # fmt: skip
    layers = read_layers(scenario)
    territory = build_territory(scenario, layers)
    bare = _plan(scenario, territory)
    ground = ground_of(scenario, layers)
    return Town(scenario, layers, territory, ground, sealed_plan(scenario, territory, ground, bare))


def sealed(place: Town, data: dict[str, Any]) -> dict[str, Any]:
    """The plan with sums, indicators and levels rewritten to fit it, as far as its ids allow."""
    plan = plan_from_json(data)
    return plan_to_json(sealed_plan(place.scenario, place.territory, place.ground, plan))


def sealed_plan(scenario: Scenario, territory: Territory, ground: Ground, plan: Plan) -> Plan:
    plan = _summed(territory, plan)
    try:
        plan = replace(
            plan,
            indicators=indicators(territory, scenario, plan),
            outcome=outcome_indicators(territory, scenario),
        )
    except KeyError:
        return plan
    case = case_of(scenario, ground, plan)
    levels = []
    for (program, name), amount in AMOUNTS.items():
        value = amount(case)
        levels.append(Level(name, program, "", value, value, 0.0, value))
    return replace(plan, levels=tuple(levels))


def school_of(i: int, j: int) -> str:
    """East goes to s2; west to s1 in the south and to the new school t2 in the north."""
    if i >= 2:
        return "s2"
    return "s1" if j < 2 else "t2"


def _plan(scenario: Scenario, territory: Territory) -> Plan:
    blocks = {key: (int(key[1:3]), int(key[3:5])) for key in territory.compounds.index}
    today = territory.compounds["community"]
    return Plan(
        scenario=scenario.name,
        design_year=scenario.design_year,
        status=Status.OPTIMAL,
        gap=0.0,
        tolerance=scenario.solving.tolerance,
        schools=_schools(territory),
        assignments=tuple(
            Assignment(
                key,
                {service: school_of(*block) for service in scenario.services},
                today[key],
                SUBDISTRICT[today[key]],
            )
            for key, block in blocks.items()
        ),
        communities=tuple(_community(territory, key) for key in territory.communities.index),
        subdistricts=tuple(_subdistrict(territory, key) for key in ("d1", "d2")),
        grids=_grids(territory),
        levels=(),
    )


def _schools(territory: Territory) -> tuple[SchoolPlan, ...]:
    existing = []
    for key in ("s1", "s2"):
        row = territory.schools.loc[key]
        places = {"primary": 45 * row["primary_classes"], "junior": 50 * row["junior_classes"]}
        existing.append(SchoolPlan(key, "existing", "existing", places, {}, 0.0, 0.0))
    site = territory.schools.loc["t2"]
    cost = float(site["cost_yuan"] + 840 * site["cost_per_place_yuan"])
    new = SchoolPlan("t2", "new", "nine_year", {"primary": 540, "junior": 300},
                     {"primary": 12, "junior": 6}, float(site["land_m2"]), cost)  # fmt: skip
    return (*existing, new)


def _community(territory: Territory, key: str) -> CommunityPlan:
    row = territory.communities.loc[key]
    inside = territory.compounds.index[territory.compounds["community"] == key]
    return CommunityPlan(key, row["name"], row["name_en"], SUBDISTRICT[key], row["parent"],
                         False, 0, 0, tuple(inside))  # fmt: skip


def _subdistrict(territory: Territory, key: str) -> SubdistrictPlan:
    row = territory.subdistricts.loc[key]
    inside = tuple(own for own, of in SUBDISTRICT.items() if of == key)
    return SubdistrictPlan(key, row["name"], row["name_en"], row["parent"], SEAT[key], False,
                           0, 0.0, inside)  # fmt: skip


def _grids(territory: Territory) -> tuple[GridPlan, ...]:
    grids = []
    for key, own in territory.buildings.groupby("compound"):
        count = math.ceil(own["households"].sum() / 500)
        chunks = [list(own.index[k::count]) for k in range(count)]
        for k, chunk in enumerate(chunks):
            parts = (GridPart(str(key), tuple(chunk)),)
            community = territory.compounds["community"][key]
            held = own["households"][chunk].sum()
            reason = "" if 300 <= held <= 500 else "its buildings allow no other"
            grids.append(GridPlan(f"{key}-g{k + 1}", community, 0, parts, reason))
    return tuple(grids)


def _summed(territory: Territory, plan: Plan) -> Plan:
    """Households, people and areas rewritten; units with unknown ids are left as they are."""
    people = territory.compounds["population"].to_dict()
    homes = territory.compounds["households"].to_dict()
    built = territory.buildings["households"].to_dict()
    communities = tuple(
        replace(c, households=sum(homes.get(key, 0) for key in c.compounds),
                population=sum(people.get(key, 0) for key in c.compounds))
        for c in plan.communities
    )  # fmt: skip
    members = defaultdict(
        list, {c.id: [k for k in c.compounds if k in people] for c in communities}
    )
    subdistricts = []
    for part in plan.subdistricts:
        inside = sorted({key for own in part.communities for key in members[own]})
        area = shapely.union_all([territory.cells[key] for key in inside]).area / 1e6
        count = sum(people[key] for key in inside)
        subdistricts.append(replace(part, population=count, area_km2=area))
    grids = tuple(
        replace(g, households=sum(built.get(b, 0) for part in g.parts for b in part.buildings))
        for g in plan.grids
    )
    return replace(plan, communities=communities, subdistricts=tuple(subdistricts), grids=grids)
