"""Tampering that only its meaning gives away: sums, levels and indicators are rewritten to fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from planner.plan.verification import Verification, verify
from tests.plan.handmade import Town, sealed, town

Data = dict[str, Any]


def broken(place: Town, data: Any) -> set[str]:
    result: Verification = verify(place.scenario, place.layers, data)
    return {check.code for check in result.broken}


@pytest.mark.parametrize("points", [False, True])
@pytest.mark.parametrize("one_parent", [False, True])
def test_the_plan_as_it_is_keeps_every_promise(points, one_parent):
    place = town(points=points, one_parent=one_parent)
    result = verify(place.scenario, place.layers, place.json())
    assert [(check.code, check.figures) for check in result.broken] == []
    assert result.ok
    assert len(result.checks) > 30
    assert all(check.title_en and check.title_zh and check.figures for check in result.checks)


def entry(data: Data, compound: str) -> Data:
    return next(row for row in data["assignments"] if row["compound"] == compound)


def row(data: Data, kind: str, key: str) -> Data:
    return next(row for row in data[kind] if row["id"] == key)


def tear_a_catchment(data):
    entry(data, "c0303")["schools"]["primary"] = "s1"


def a_compound_twice(data):
    data["assignments"].append(dict(entry(data, "c0000")))


def a_compound_missing(data):
    data["assignments"].remove(entry(data, "c0101"))


def an_unknown_compound(data):
    data["assignments"].append(entry(data, "c0000") | {"compound": "c9999"})


def a_service_missing(data):
    del entry(data, "c0000")["schools"]["junior"]


def a_school_not_in_operation(data):
    entry(data, "c0003")["schools"]["primary"] = "t1"


def a_school_nobody_knows(data):
    entry(data, "c0003")["schools"]["primary"] = "nowhere"


def a_class_too_many(data):
    school = row(data, "schools", "t2")
    school["new_classes"]["primary"] += 1
    school["places"]["primary"] += 45
    school["cost_yuan"] += 45 * 50e3


def a_parallel_class_too_many_for_the_parcel(data):
    school = row(data, "schools", "t2")
    school |= {"new_classes": {"primary": 18, "junior": 9},
               "places": {"primary": 810, "junior": 450},
               "cost_yuan": 80e6 + 1260 * 50e3}  # fmt: skip


def unequal_parallels(data):
    school = row(data, "schools", "t2")
    school |= {"new_classes": {"primary": 12, "junior": 9},
               "places": {"primary": 540, "junior": 450},
               "cost_yuan": 80e6 + 990 * 50e3}  # fmt: skip


def a_type_nobody_knows(data):
    row(data, "schools", "t2")["type"] = "college"


def places_without_classes(data):
    row(data, "schools", "s1")["places"]["primary"] += 90


def a_second_site(data):
    data["schools"].append(
        row(data, "schools", "t2")
        | {"id": "t3", "land_m2": 24000.0, "cost_yuan": 100e6 + 840 * 50e3}
    )


def an_existing_school_forgotten(data):
    data["schools"].remove(row(data, "schools", "s1"))
    for assignment in data["assignments"]:
        for service, school in assignment["schools"].items():
            assignment["schools"][service] = "t2" if school == "s1" else school


def an_expansion_of_a_fixed_school(data):
    row(data, "schools", "s1").update(kind="expanded", new_classes={"primary": 6, "junior": 0})
    row(data, "schools", "s1")["places"]["primary"] += 270


def cheap_land(data):
    row(data, "schools", "t2")["cost_yuan"] -= 10e6


def less_land(data):
    row(data, "schools", "t2")["land_m2"] -= 5000


def assign(data: Data, communities: dict[str, str]) -> None:
    """Give communities to subdistricts, everywhere it is said."""
    for community in data["communities"]:
        community["subdistrict"] = communities.get(community["id"], community["subdistrict"])
    for assignment in data["assignments"]:
        there = communities.get(assignment["community"], assignment["subdistrict"])
        assignment["subdistrict"] = there
    for part in data["subdistricts"]:
        part["communities"] = sorted(
            c["id"] for c in data["communities"] if c["subdistrict"] == part["id"]
        )


def a_torn_subdistrict(data):
    assign(data, {"k01": "d2", "k11": "d1"})


def a_subdistrict_across_a_parent(data):
    assign(data, {"k01": "d2"})


def an_unbalanced_subdistrict(data):
    assign(data, {"k01": "d2", "k10": "d2"})


def a_community_in_two_subdistricts(data):
    row(data, "subdistricts", "d2")["communities"].append("k00")


def a_community_in_no_subdistrict(data):
    row(data, "subdistricts", "d1")["communities"].remove("k01")


def a_moved_office(data):
    row(data, "subdistricts", "d1")["seat"] = "c2"


def a_seat_elsewhere(data):
    row(data, "subdistricts", "d1")["seat"] = "c4"


def another_population(data):
    row(data, "subdistricts", "d1")["population"] += 100


def another_area(data):
    row(data, "subdistricts", "d1")["area_km2"] *= 1.01


def move(data: Data, compound: str, target: str) -> None:
    """Move a compound to another community, with its grids and its subdistrict."""
    subdistrict = row(data, "communities", target)["subdistrict"]
    entry(data, compound).update(community=target, subdistrict=subdistrict)
    for community in data["communities"]:
        kept = [key for key in community["compounds"] if key != compound]
        community["compounds"] = sorted([*kept, compound] if community["id"] == target else kept)
    for grid in data["grids"]:
        if grid["parts"][0]["compound"] == compound:
            grid["community"] = target


def a_torn_community(data):
    move(data, "c0000", "k01")


def a_compound_in_two_communities(data):
    row(data, "communities", "k01")["compounds"].append("c0000")


def a_false_new_community(data):
    row(data, "communities", "k00")["new"] = True


def other_households(data):
    row(data, "communities", "k00")["households"] += 1


def half_a_building(data):
    grid = row(data, "grids", "c0000-g1")
    other = row(data, "grids", "c0000-g2")
    other["parts"][0]["buildings"].append(grid["parts"][0]["buildings"][0])


def a_forgotten_building(data):
    row(data, "grids", "c0000-g1")["parts"][0]["buildings"].pop()


def a_building_of_another_compound(data):
    grid, other = row(data, "grids", "c0000-g1"), row(data, "grids", "c0101-g1")
    for one, two in ((grid, other), (other, grid)):
        one["parts"][0]["buildings"][0] = two["parts"][0]["buildings"][0]


def a_grid_apart(data):
    grid, other = row(data, "grids", "c0000-g1"), row(data, "grids", "c0101-g1")
    moved = other["parts"][0]["buildings"].pop()
    grid["parts"].append({"compound": "c0101", "buildings": [moved]})


def a_grid_across_communities(data):
    grid, other = row(data, "grids", "c0100-g1"), row(data, "grids", "c0200-g1")
    moved = other["parts"][0]["buildings"].pop()
    grid["parts"].append({"compound": "c0200", "buildings": [moved]})


def a_small_grid_without_reason(data):
    grid = row(data, "grids", "c0000-g1")
    parts = [{"compound": "c0000", "buildings": [grid["parts"][0]["buildings"].pop()]}]
    data["grids"].append(grid | {"id": "c0000-g9", "parts": parts})


def another_year(data):
    data["design_year"] = 2020


BEFORE_SEALING: dict[Callable[[Data], None], str] = {
    tear_a_catchment: "catchments-contiguous",
    a_compound_twice: "served",
    a_compound_missing: "served",
    an_unknown_compound: "served",
    a_service_missing: "served",
    a_school_not_in_operation: "served",
    a_school_nobody_knows: "served",
    a_class_too_many: "school-options",
    a_parallel_class_too_many_for_the_parcel: "school-options",
    unequal_parallels: "school-options",
    a_type_nobody_knows: "school-options",
    places_without_classes: "places",
    a_second_site: "programme-new_schools",
    an_existing_school_forgotten: "schools-known",
    an_expansion_of_a_fixed_school: "school-options",
    cheap_land: "school-options",
    less_land: "school-options",
    a_subdistrict_across_a_parent: "subdistricts-parent",
    a_community_in_two_subdistricts: "subdistricts-partition",
    a_community_in_no_subdistrict: "subdistricts-partition",
    a_moved_office: "seats",
    a_seat_elsewhere: "seats",
    a_torn_community: "communities-contiguous",
    a_compound_in_two_communities: "communities-partition",
    a_false_new_community: "communities-partition",
    half_a_building: "grids-partition",
    a_forgotten_building: "grids-partition",
    a_building_of_another_compound: "grids-partition",
    a_grid_apart: "grids-connected",
    a_grid_across_communities: "grids-connected",
    a_small_grid_without_reason: "grids-limits",
    another_year: "scenario",
}


@pytest.mark.parametrize("tamper", BEFORE_SEALING, ids=lambda tamper: tamper.__name__)
def test_tampering_is_seen_though_everything_is_rewritten_to_fit(tamper):
    place = town()
    data = place.json()
    tamper(data)
    assert BEFORE_SEALING[tamper] in broken(place, sealed(place, data))


def test_tearing_is_seen_where_there_is_one_parent():
    place = town(one_parent=True)
    data = place.json()
    a_torn_subdistrict(data)
    assert "subdistricts-contiguous" in broken(place, sealed(place, data))


def test_imbalance_is_seen_where_there_is_one_parent():
    place = town(one_parent=True)
    tight = place.scenario.boundaries.model_copy(update={"band": 0.3})
    scenario = place.scenario.model_copy(update={"boundaries": tight})
    data = place.json()
    assert verify(scenario, place.layers, data).ok
    assign(data, {"k01": "d2"})
    codes = {check.code for check in verify(scenario, place.layers, sealed(place, data)).broken}
    assert codes == {"subdistricts-band"}


def test_a_way_beyond_reach_is_seen():
    place = town()
    near = {name: rules.model_copy(update={"reach_m": 600.0})
            for name, rules in place.scenario.services.items()}  # fmt: skip
    scenario = place.scenario.model_copy(update={"services": near})
    assert [c.code for c in verify(scenario, place.layers, place.json()).broken] == ["reach"]


def test_crossings_beyond_the_limit_are_seen():
    place = town()
    rules = {name: rules.model_copy(update={"max_crossings": 0})
             for name, rules in place.scenario.services.items()}  # fmt: skip
    scenario = place.scenario.model_copy(update={"services": rules})
    assert verify(scenario, place.layers, place.json()).ok
    data = place.json()
    for j in range(4):
        entry(data, f"c02{j:02}")["schools"]["primary"] = school_in_the_west(j)
    codes = {check.code for check in verify(scenario, place.layers, sealed(place, data)).broken}
    assert "reach" in codes


def school_in_the_west(j: int) -> str:
    return "s1" if j < 2 else "t2"


def level(data: Data, name: str) -> Data:
    return next(row for row in data["levels"] if row["name"] == name)


def a_better_way(data):
    level(data, "way").update(
        {key: 0.9 * level(data, "way")["value"] for key in ("value", "bound", "allowed")}
    )


def a_worse_way(data):
    level(data, "way").update(
        {key: 1.1 * level(data, "way")["value"] for key in ("value", "bound", "allowed")}
    )


def a_loose_level(data):
    level(data, "way")["allowed"] *= 1.2


def a_false_gap(data):
    level(data, "way")["bound"] *= 0.9


def an_honest_gap_called_optimal(data):
    level(data, "way").update(bound=0.9 * level(data, "way")["value"], gap=0.1)
    data["gap"] = 0.1


def a_gap_forgotten(data):
    level(data, "way").update(bound=0.9 * level(data, "way")["value"], gap=0.1)
    data["status"] = "FEASIBLE"


def a_bound_above_the_value(data):
    level(data, "grids")["bound"] += 3


def a_level_missing(data):
    data["levels"].remove(level(data, "compounds_divided"))


def levels_out_of_order(data):
    data["levels"].reverse()


def another_tolerance(data):
    data["tolerance"] = 0.2


def an_infeasible_plan(data):
    data["status"] = "INFEASIBLE"


def nothing_short(data):
    for key in data["indicators"]["places_short"]:
        data["indicators"]["places_short"][key] = 0
    level(data, "places_short").update(value=0, bound=0, allowed=0)


def fewer_moves(data):
    data["indicators"]["pupils_changing_school"] -= 1


def a_shorter_border(data):
    data["indicators"]["border_unfollowed_m"] += 50


def an_indicator_missing(data):
    del data["indicators"]["grids"]


def an_indicator_unknown(data):
    data["indicators"]["happiness"] = 1


def an_outcome_invented(data):
    data["outcome"]["subdistricts"] = 4


AFTER_SEALING: dict[Callable[[Data], None], str] = {
    a_better_way: "levels-kept",
    a_worse_way: "levels-kept",
    a_loose_level: "levels-arithmetic",
    a_false_gap: "levels-arithmetic",
    an_honest_gap_called_optimal: "status",
    a_gap_forgotten: "status",
    a_bound_above_the_value: "levels-arithmetic",
    a_level_missing: "levels-listed",
    levels_out_of_order: "levels-listed",
    another_tolerance: "status",
    an_infeasible_plan: "status",
    nothing_short: "capacity",
    another_population: "subdistricts-sums",
    another_area: "subdistricts-sums",
    other_households: "communities-sums",
    fewer_moves: "indicators",
    a_shorter_border: "indicators",
    an_indicator_missing: "indicators",
    an_indicator_unknown: "indicators",
    an_outcome_invented: "outcome",
}


@pytest.mark.parametrize("tamper", AFTER_SEALING, ids=lambda tamper: tamper.__name__)
def test_false_statements_are_seen(tamper):
    place = town()
    data = place.json()
    tamper(data)
    assert AFTER_SEALING[tamper] in broken(place, data)


@pytest.mark.parametrize(
    "value", [None, [], {}, "x", float("nan"), float("inf"), -1, True, {"a": [1]}, [[]]]
)
def test_garbage_anywhere_is_a_cross_and_no_crash(value):
    place = town()
    kept = {"findings", "indicators", "outcome"}
    for key in place.json():
        data = place.json()
        if data[key] == value or (key in kept and value in ({}, [])):
            continue
        data[key] = value
        assert broken(place, data), key
    assert broken(place, value)


def test_garbage_inside_is_a_cross_and_no_crash():
    place = town()
    for kind in ("schools", "assignments", "communities", "subdistricts", "grids", "levels"):
        for key in place.json()[kind][0]:
            for value in (None, 7.5, float("nan"), ["?"], {"?": "?"}):
                data = place.json()
                data[kind][0][key] = value
                harmless = {("levels", "seconds"), ("levels", "bound")}
                if (kind, key) in harmless and isinstance(value, float | None):
                    continue
                assert broken(place, data), (kind, key, value)
