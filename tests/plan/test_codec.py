"""The plan as JSON: what goes out comes back, and what is wrong is named."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from planner.plan.codec import plan_from_json, plan_to_json
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

PLAN = Plan(
    scenario="tiny",
    design_year=2025,
    status=Status.FEASIBLE,
    gap=0.01,
    tolerance=0.001,
    schools=(SchoolPlan("s1", "new", "primary", {"primary": 540}, {"primary": 12}, 9e3, 5e7),),
    assignments=(Assignment("c1", {"primary": "s1"}, "k1", "d1"),),
    communities=(CommunityPlan("k1", "社区", "One", "d1", "甲区", False, 900, 2300, ("c1",)),),
    subdistricts=(SubdistrictPlan("d1", "街道", "D", "甲区", "o1", False, 2300, 0.5, ("k1",)),),
    grids=(GridPlan("g1", "k1", 200, (GridPart("c1", ("b1", "b2")),), "too few buildings"),),
    levels=(Level("way", "location", "pupil-metres", 5.0, 4.95, 0.01, 5.05, 0.1, "how"),),
    indicators={"new_schools": 1, "new_classes": {"total": 12}},
    outcome={},
    findings=({"code": "twins", "ids": ["c1"]},),
)


def test_a_plan_comes_back_as_it_was():
    data = json.loads(json.dumps(plan_to_json(PLAN), allow_nan=False))
    assert plan_from_json(data) == PLAN
    assert data["format"] == 1
    assert data["grids"][0]["parts"] == [{"compound": "c1", "buildings": ["b1", "b2"]}]


def test_numbers_of_numpy_become_plain():
    plan = replace(PLAN, indicators={"new_schools": np.int64(1), "way": np.float64(2.5)})
    assert json.dumps(plan_to_json(plan)["indicators"]) == '{"new_schools": 1, "way": 2.5}'


def test_nothing_proven_is_null():
    level = replace(PLAN.levels[0], bound=-math.inf, gap=math.inf)
    plan = replace(PLAN, gap=math.inf, levels=(level,))
    data = plan_to_json(plan)
    assert (data["gap"], data["levels"][0]["bound"], data["levels"][0]["gap"]) == (None,) * 3
    assert plan_from_json(data) == plan


def test_numbers_that_json_cannot_hold_are_refused():
    with pytest.raises(ValueError, match=r"indicators\.way"):
        plan_to_json(replace(PLAN, indicators={"way": math.nan}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.pop("schools"), "plan.schools is missing"),
        (lambda d: d.update(extra=1), "plan.extra is unknown"),
        (lambda d: d["levels"][0].pop("unit"), r"levels\[0\].unit is missing"),
        (lambda d: d["grids"][0]["parts"][0].update(half=1), r"parts\[0\].half is unknown"),
        (lambda d: d.update(gap="small"), "gap: expected a number, found text"),
        (lambda d: d.update(gap=math.nan), "gap: nan is not a finite number"),
        (lambda d: d.update(design_year=2025.0), "design_year: expected a whole number"),
        (lambda d: d.update(design_year=True), "design_year: expected a whole number"),
        (lambda d: d.update(status="DONE"), "status: 'DONE' is not one of OPTIMAL"),
        (lambda d: d.update(schools={}), "schools: expected a list, found an object"),
        (lambda d: d["schools"][0]["places"].update(primary=1.5), "places.primary"),
        (lambda d: d.update(format=2), "format: expected 1, found 2"),
        (lambda d: d.pop("format"), "format: expected 1, found 'nothing'"),
        (lambda d: d.update(outcome={"a": [math.inf]}), r"outcome.a\[0\]"),
    ],
)
def test_what_is_wrong_is_named(change, message):
    data = json.loads(json.dumps(plan_to_json(PLAN)))
    change(data)
    with pytest.raises(ValueError, match=message):
        plan_from_json(data)


@pytest.mark.parametrize("data", [None, [], "plan", 7])
def test_what_is_no_object_is_refused(data):
    with pytest.raises(ValueError, match="expected an object"):
        plan_from_json(data)
