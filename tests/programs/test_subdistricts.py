"""Subdistricts of a small town: seats, parents, band, torn and empty communities, reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from planner.errors import InfeasibleError
from planner.plan.plan import Status
from planner.programs.communities.communities import plan_communities
from planner.programs.contiguity import graph_of
from planner.programs.subdistricts.problem import SubdistrictProblem
from planner.programs.subdistricts.reasons import contradictions, reasons
from planner.programs.subdistricts.subdistricts import (
    SubdistrictResult,
    plan_subdistricts,
    screen_subdistricts,
)
from planner.solving.settings import Settings
from planner.territory.build import build_territory
from planner.territory.layers import read_layers
from planner.territory.territory import Territory
from tests.programs.test_golden import row_of_subdistricts
from tests.towns import Rows, block, tiny_scenario, write_town

Edit = Mapping[str, Callable[[Rows], Rows]]


def planned(
    folder: Path, *, edit: Edit | None = None, town: Mapping[str, Any] | None = None, **asked: Any
) -> tuple[Territory, SubdistrictResult]:
    """The town's subdistricts with every compound at today's school."""
    wide = {"community_households": {"min": 1, "max": 100_000}}
    write_town(folder, edit=edit, **(town or {"households": (1000, 1000)}))
    scenario = tiny_scenario(folder, boundaries={**wide, **asked})
    territory = build_territory(scenario, read_layers(scenario))
    settings = Settings(tolerance=1e-6)
    communities = plan_communities(territory, scenario, settings).communities
    served = {u: dict(row) for u, row in territory.today.iterrows()}
    return territory, plan_subdistricts(
        territory, scenario, settings, communities=communities, served=served
    )


def changed(layer: str, key: str, **cells: Any) -> Edit:
    """Replace cells of one row of a layer."""
    return {layer: lambda rows: [row | cells if row["id"] == key else row for row in rows]}


def refused(folder: Path, **asked: Any) -> str:
    with pytest.raises(InfeasibleError) as caught:
        planned(folder, **asked)
    assert caught.value.exit_code == 5
    return str(caught.value)


def test_offices_keep_their_subdistricts_where_nothing_has_to_change(tmp_path: Path) -> None:
    territory, result = planned(tmp_path, subdistricts=2)
    assert [(s.id, s.seat, s.new) for s in result.subdistricts] == [
        ("d1", "o1", False),
        ("d2", "o3", False),
    ]
    assert [s.communities for s in result.subdistricts] == [("k00", "k01"), ("k10", "k11")]
    levels = {level.name: level.value for level in result.levels}
    assert list(levels) == [
        "population_deviation", "squared_distance_to_seat", "border_and_change",
    ]  # fmt: skip
    assert levels["population_deviation"] == 0
    # The line between the two follows the arterial, nobody moves: what is left are pupils.
    assert levels["border_and_change"] == pytest.approx(crossing_pupils(territory, result))
    assert result.status == Status.OPTIMAL
    # Eight blocks of 300 m × 300 m each.
    assert [s.area_km2 for s in result.subdistricts] == pytest.approx([0.72, 0.72], rel=1e-3)
    assert {s.population for s in result.subdistricts} == {20_000}


def crossing_pupils(territory: Territory, result: SubdistrictResult) -> float:
    home = {c: s.id for s in result.subdistricts for c in s.communities}
    community = territory.compounds["community"]
    return sum(
        pupils[2025][u]
        for service, pupils in territory.demand.items()
        for u, school in territory.today[service].items()
        if home[community[u]] != home[community[territory.schools["cell"][school]]]
    )


def test_candidates_get_new_subdistricts_with_the_names_of_their_seats(tmp_path: Path) -> None:
    _, result = planned(tmp_path, subdistricts=4)
    new = [s for s in result.subdistricts if s.new]
    assert [(s.id, s.name, s.parent) for s in new] == [
        ("N-c2", "新街道2", "甲区"),
        ("N-c4", "新街道4", "乙区"),
    ]
    change = {level.name: level.value for level in result.levels}["border_and_change"]
    # At least 20 000 people in two communities change, at 0.1 each, and 1200 m of border.
    assert change >= 2000 + 1200


def test_squared_distance_is_population_weighted(tmp_path: Path) -> None:
    territory, result = planned(tmp_path, subdistricts=2)
    seat = {u: "o1" if c in ("k00", "k01") else "o3" for u, c in communities_of(territory).items()}
    points = territory.compounds.geometry.representative_point()
    expected = sum(
        2500 * points[u].distance(territory.seats.geometry[seat[u]]) ** 2 / 1e6 for u in seat
    )
    assert result.levels[1].value == pytest.approx(expected, rel=1e-6)


def communities_of(territory: Territory) -> dict[str, str]:
    return dict(territory.compounds["community"])


def test_without_the_parent_rule_a_tighter_band_works(tmp_path: Path) -> None:
    # West: six communities of one column, east two: 3:1 by parent.
    town = {"n": 4, "m": 4, "households": (1000, 1000), "community_blocks": (1, 2)}
    heavy = {
        "compounds": lambda rows: [
            row | ({"population": 5000} if row["id"] < "c02" else {}) for row in rows
        ]
    }
    text = refused(tmp_path / "a", edit=heavy, town=town, subdistricts=2, band=0.1)
    assert "smallest band that works" in text
    assert "甲区" in text
    _, result = planned(
        tmp_path / "b", edit=heavy, town=town, subdistricts=2, band=0.1, parent_rule=False
    )
    assert result.status == Status.OPTIMAL
    assert {s.population for s in result.subdistricts} == {30_000}


def test_the_smallest_band_named_does_work(tmp_path: Path) -> None:
    town = {"households": (600, 1200), "seed": 3}
    text = refused(tmp_path / "a", town=town, subdistricts=4, band=0.01)
    band = float(text.rsplit("boundaries.band: ", 1)[1].split(")")[0])
    planned(tmp_path / "b", town=town, subdistricts=4, band=band)
    refused(tmp_path / "c", town=town, subdistricts=4, band=band - 0.0015)


def test_more_subdistricts_than_seats() -> None:
    text = told(replace(row_of_subdistricts(), number=5))
    assert "5 subdistricts are asked for, and 3 communities hold a seat" in text
    assert "add 2 candidate seats in other communities, or set boundaries.subdistricts: 3" in text


def test_fewer_subdistricts_than_offices() -> None:
    text = told(replace(row_of_subdistricts(), number=1))
    assert "each of 2 offices keeps one" in text
    assert "set boundaries.subdistricts: 2" in text


def test_an_office_in_another_parent_than_its_subdistrict() -> None:
    text = told(row_of_subdistricts(), {"s0": "west", "s2": "west"})
    assert "the office Old Hall (s0) governs a subdistrict of west" in text
    assert "its community c0 lies in east" in text
    assert "boundaries.parent_rule: false" in text


def told(problem: SubdistrictProblem, governed: Mapping[str, str] | None = None) -> str:
    found = contradictions(problem, governed or {}, {"s0": "Old Hall"})
    return "\n".join(map(str, found))


def test_a_community_too_heavy_for_any_subdistrict_is_named() -> None:
    problem = replace(row_of_subdistricts(), population=(4, 2, 3, 50))
    text = "\n".join(map(str, reasons(problem, Settings(), {"c3": "Big"})))
    # 59 people in three subdistricts: 50 / (59 / 3) - 1 = 1.542.
    assert "community Big (c3) alone has 50 people" in text
    assert "boundaries.band: 1.543" in text


def test_a_community_that_no_seat_can_reach_is_named() -> None:
    # c1 borders only the torn office community c2, whose second piece it would have to join.
    problem = replace(
        row_of_subdistricts(), groups=("",), group=(0, 0, 0, 0), office=(True, True, True),
        owner=(0, 2, 2, 3, 1), root=(0, 1, 3),
        graph=graph_of(
            ("p0", "p1", "p2", "p3", "p4"),
            pd.DataFrame([("p0", "p1"), ("p0", "p2"), ("p0", "p3"), ("p0", "p4")],
                         columns=["a", "b"]),
        ),
    )  # fmt: skip
    text = "\n".join(map(str, reasons(problem, Settings(), {})))
    assert "no arrangement of contiguous subdistricts" in text
    assert "no seat can reach c2" in text


def test_two_offices_in_one_community(tmp_path: Path) -> None:
    middle = block(0, 0).centroid
    edit = changed("seats", "o3", geometry=middle)
    assert "lie in the same community" in refused(tmp_path, edit=edit, subdistricts=2)


def test_a_parent_without_a_seat(tmp_path: Path) -> None:
    edit = {"seats": lambda rows: [row for row in rows if row["id"] in ("o1", "c2")]}
    assert "no seat lies in 乙区" in refused(tmp_path, edit=edit, subdistricts=2)


def screened(folder: Path, *, edit: Edit | None = None, **asked: Any) -> str:
    """What the screen refuses, before any program is asked."""
    write_town(folder, edit=edit)
    scenario = tiny_scenario(folder, boundaries=asked)
    territory = build_territory(scenario, read_layers(scenario))
    with pytest.raises(InfeasibleError) as caught:
        screen_subdistricts(territory, scenario)
    return str(caught.value)


def test_the_screen_lets_a_sound_zone_pass(tmp_path: Path) -> None:
    scenario = tiny_scenario(write_town(tmp_path), boundaries={"subdistricts": 4})
    screen_subdistricts(build_territory(scenario, read_layers(scenario)), scenario)


def test_the_screen_counts_seats(tmp_path: Path) -> None:
    offices = {"seats": lambda rows: [row for row in rows if row["kind"] == "office"]}
    text = screened(tmp_path / "a", edit=offices, subdistricts=3)
    assert "add 1 candidate seats" in text
    assert "set boundaries.subdistricts: 2" in text
    assert "each of 2 offices keeps one" in screened(tmp_path / "b", subdistricts=1)
    text = screened(tmp_path / "c", edit={"seats": lambda rows: rows[2:]}, subdistricts=2)
    assert "no seat lies in 甲区 (2 communities, 19725 people)" in text


def test_the_screen_without_any_seat(tmp_path: Path) -> None:
    scenario = tiny_scenario(write_town(tmp_path), boundaries={"subdistricts": 2})
    (tmp_path / "seats.geojson").unlink()
    with pytest.raises(InfeasibleError, match="add 2 candidate seats in other communities"):
        screen_subdistricts(build_territory(scenario, read_layers(scenario)), scenario)


def test_the_screen_names_the_parents_that_none_may_cross(tmp_path: Path) -> None:
    third = changed("communities", "k00", parent="丙区")
    text = screened(tmp_path / "a", edit=third, subdistricts=2)
    assert "there are 3 parents (丙区, 乙区, 甲区) that none may cross" in text
    assert "set boundaries.subdistricts: 3, or boundaries.parent_rule: false" in text
    assert "the office 办事处1 (o1) governs a subdistrict of 甲区" in text


def test_seats_in_one_community_may_yet_be_parted_by_splitting_it(tmp_path: Path) -> None:
    middle = changed("seats", "o3", geometry=block(0, 0).centroid)
    scenario = tiny_scenario(
        write_town(tmp_path, edit=middle), boundaries={"subdistricts": 4, "parent_rule": False}
    )
    screen_subdistricts(build_territory(scenario, read_layers(scenario)), scenario)


def test_a_community_without_compounds_goes_with_its_nearest(tmp_path: Path) -> None:
    edit = {
        "compounds": lambda rows: [row for row in rows if row["community"] != "k01"],
        "buildings": lambda rows: [row for row in rows if row["compound"] not in UPPER_WEST],
        "seats": lambda rows: [row for row in rows if row["kind"] == "office"],
    }
    town = {"households": (1000, 1000), "points": True}
    _, result = planned(tmp_path, edit=edit, town=town, subdistricts=2, band=0.6)
    assert result.subdistricts[0].communities == ("k00", "k01")
    assert "k01" in result.levels[0].how


UPPER_WEST = ("c0002", "c0003", "c0102", "c0103")
