"""A joint run from end to end on a small town, and what its verification sees."""

from __future__ import annotations

import copy

import pytest

from planner.plan.codec import plan_to_json
from planner.plan.verification import verify
from planner.scenario.loading import load_scenario
from planner.store.run_folder import read_run
from planner.territory.layers import read_layers
from tests.cli.calling import call, write_request

TOWN = {"n": 4, "m": 4}
JOINT = {"crossing_price_km": 1.0, "boundary_price_km": 0.01}
LEVELS = [
    "places_short", "households_outside_limits", "people_changing_community", "communities",
    "squared_distance_to_centre", "population_deviation", "squared_distance_to_seat",
    "joint_value", "pupils_changing_school", "cost_yuan", "households_outside_limits", "grids",
    "compounds_divided",
]  # fmt: skip


@pytest.fixture(scope="module")
def joint(tmp_path_factory):
    folder = tmp_path_factory.mktemp("joint")
    path = write_request(
        folder, town=TOWN, solve="joint", joint=JOINT,
        ranking={"deviation": 0.5, "compactness": 1.0},
        boundaries={"subdistricts": 2, "band": 0.9, "parent_rule": False},
    )  # fmt: skip
    answer = call("run", path, "--out", folder / "run", "--json")
    return path, folder / "run", answer


def worth(indicators):
    """The joint value by hand, in pupil-kilometres."""
    boundary = indicators["border_unfollowed_m"] + 0.1 * indicators["people_changing_subdistrict"]
    crossing = indicators["pupils_other_subdistrict"]["total"]
    return indicators["way_pupil_m"] / 1000 + 1.0 * crossing + 0.01 * boundary


def test_a_joint_run_is_proven_and_tells_the_sequential_plan_beside(joint):
    _, _, answer = joint
    assert answer.code == 0, answer.err
    data = answer.data
    assert data["status"] == "OPTIMAL"
    assert data["verification"]["broken"] == []
    assert [level["name"] for level in data["levels"]] == LEVELS
    assert "way" in [level["name"] for level in data["sequential"]["levels"]]
    value = next(x for x in data["levels"] if x["name"] == "joint_value")
    assert value["bound"] <= value["value"] <= worth(data["sequential"]["indicators"]) + 1e-6
    assert worth(data["indicators"]) <= value["allowed"] + 1e-6
    assert worth(data["indicators"]) <= worth(data["sequential"]["indicators"]) + 1e-6


def broken_of(joint, change):
    path, folder, _ = joint
    scenario = load_scenario(path).scenario
    data = copy.deepcopy(plan_to_json(read_run(folder).plan))
    change(data)
    return {check.code for check in verify(scenario, read_layers(scenario), data).broken}


def test_verification_sees_a_joint_plan_that_is_worse(joint):
    def better_before(data):
        data["sequential"]["indicators"]["way_pupil_m"] -= 1e6

    assert broken_of(joint, lambda data: None) == set()
    assert broken_of(joint, better_before) == {"joint"}


def test_verification_recounts_the_joint_value_and_the_ledger(joint):
    def cheaper(data):
        level = next(x for x in data["levels"] if x["name"] == "joint_value")
        for name in ("value", "bound", "allowed"):
            level[name] -= 200.0

    def fewer(data):
        data["indicators"]["pupils_changing_both"] += 1

    assert "levels-kept" in broken_of(joint, cheaper)
    assert broken_of(joint, fewer) == {"indicators"}


def test_a_level_of_the_halves_is_missing_from_none(joint):
    def without(data):
        data["levels"] = [x for x in data["levels"] if x["name"] != "joint_value"]

    assert "levels-listed" in broken_of(joint, without)


def capped(folder, share):
    """A run in which crossing costs nothing but is limited to a share of all pupils."""
    path = write_request(
        folder, town=TOWN, solve="joint",
        joint={"crossing_price_km": 0.0, "boundary_price_km": 0.01, "max_crossing_share": share},
        ranking={"deviation": 0.5, "compactness": 1.0},
        boundaries={"subdistricts": 2, "band": 0.9, "parent_rule": False},
    )  # fmt: skip
    return path, call("run", path, "--out", folder / "run", "--json")


def test_a_share_of_pupils_who_may_cross_is_kept_and_verified(tmp_path):
    path, answer = capped(tmp_path, 0.042)
    assert answer.code == 0, answer.err
    # without the limit 125 of 2854 cross: 0.042 of them are 119.9
    assert answer.data["indicators"]["pupils_other_subdistrict"]["total"] <= 119
    assert answer.data["verification"]["broken"] == []
    scenario = load_scenario(path).scenario
    layers, data = read_layers(scenario), plan_to_json(read_run(tmp_path / "run").plan)
    checks = {check.code: check for check in verify(scenario, layers, data).checks}
    assert checks["crossing-share"].ok
    before = read_run(tmp_path / "run").plan.sequential["indicators"]["pupils_other_subdistrict"]
    beyond = "the plan before is beyond the limit" in checks["joint"].figures
    assert beyond == (before["total"] > 119)
    tighter = load_scenario(path, sets=("joint.max_crossing_share=0.01",)).scenario
    broken = {check.code for check in verify(tighter, layers, data).broken}
    assert broken == {"crossing-share"}


def test_a_share_that_nothing_keeps_is_told_with_the_smallest_that_works(tmp_path):
    _, answer = capped(tmp_path, 0.0)
    assert answer.code == 5
    assert "(set joint.max_crossing_share: 0.0407)" in answer.err
    (tmp_path / "again").mkdir()
    _, answer = capped(tmp_path / "again", 0.0407)
    assert answer.code == 0, answer.err
    assert answer.data["indicators"]["pupils_other_subdistrict"]["total"] == 116


def test_a_share_is_refused_where_boundaries_follow_the_places(tmp_path):
    path = write_request(tmp_path, town=TOWN, joint={"max_crossing_share": 0.1})
    answer = call("check", path)
    assert answer.code == 3
    assert "joint.max_crossing_share: is kept only where solve is joint" in answer.err


def test_explaining_a_share_that_nothing_keeps_raises_it(tmp_path):
    path, _ = capped(tmp_path, 0.0)
    answer = call("explain", path, "--out", tmp_path / "why", "--json")
    assert answer.code == 5, answer.err
    repair = answer.data["repairs"][0]
    assert [(c["key"], c["then"]) for c in repair["changes"]] == [
        ("joint.max_crossing_share", "0.0407")
    ]
    assert load_scenario(repair["file"]).scenario.joint.max_crossing_share == 0.0407


def test_the_price_of_a_share_is_the_joint_value_with_more_pupils_crossing(tmp_path):
    for name in ("tight", "wide"):
        (tmp_path / name).mkdir()
    _, tight = capped(tmp_path / "tight", 0.042)
    _, wide = capped(tmp_path / "wide", 0.062)
    values = [
        next(x for x in answer.data["levels"] if x["name"] == "joint_value")
        for answer in (tight, wide)
    ]
    answer = call("price", tmp_path / "tight" / "run", "--rule", "max_crossing_share", "--json")
    assert answer.code == 0, answer.err
    (price,) = answer.data["prices"]
    assert (price["now"], price["then"], price["rank"]) == ("0.042", "0.062", "policy")
    assert (price["touches"], price["status"]) == ("joint", "OPTIMAL")
    change = next(c for c in price["changes"] if c["level"] == "joint_value")
    assert change["before"] == pytest.approx(values[0]["value"])
    assert change["value"] == pytest.approx(values[1]["value"], rel=2e-3)
    assert change["change"] <= 1e-6
    assert "decided together again" in price["note"]


def test_a_share_gives_way_by_its_rank(tmp_path):
    path, _ = capped(tmp_path, 0.0)
    rank = "rules.max_crossing_share={rank: law, step: 0.01}"
    answer = call("explain", path, "--set", rank, "--out", tmp_path / "why", "--json")
    assert [c["rank"] for c in answer.data["repairs"][0]["changes"]] == ["law"]
