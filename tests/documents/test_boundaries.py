"""Boundaries in words, judged by geometry that the module did not compute."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from shapely.geometry import LineString, box

from planner.documents.boundaries import NEAR_M, SIDES, Way, beside, describe, named_ways
from planner.maps.geometry import union
from planner.scenario.loading import load_scenario
from planner.territory.build import build_territory
from planner.territory.layers import read_layers
from tests.maps import town

ROOT = Path(__file__).parents[2]


def way(name: str, *points: tuple[float, float], kind: str = "arterial") -> Way:
    return Way((name, f"{name} road"), kind, LineString(points))


@pytest.fixture(scope="module")
def zone():
    scenario = load_scenario(ROOT / "configs" / "etdz-2017.yaml").scenario
    return build_territory(scenario, read_layers(scenario))


@pytest.fixture(scope="module")
def areas(zone):
    """The four subdistricts of the historical outcome."""
    groups = zone.outcome.groupby("subdistrict").groups
    return {key: union(zone.cells[c] for c in sorted(own)) for key, own in groups.items()}


@pytest.fixture(scope="module")
def described(zone, areas):
    ways = named_ways(zone)
    return {
        key: describe(area, ways, {k: a for k, a in areas.items() if k != key})
        for key, area in areas.items()
    }


def test_a_square_names_the_road_on_each_side() -> None:
    roads = [way("甲", (-50, 1000), (1050, 1000)), way("乙", (1010, -50), (1010, 1050)),
             way("丙", (-50, -20), (1050, -20)), way("丁", (0, -50), (0, 1050))]  # fmt: skip
    found = describe(box(0, 0, 1000, 1000), roads)
    names = {side: [w.name[0] for w in found.ways(side)] for side in SIDES}
    assert names == {"east": ["乙"], "south": ["丙"], "west": ["丁"], "north": ["甲"]}


def test_roads_of_a_side_come_in_the_order_of_its_course() -> None:
    shape = shapely.Polygon([(0, 0), (1000, 0), (1000, 1000), (500, 1000), (500, 800), (0, 800)])
    roads = [way("西段", (0, 800), (500, 800)), way("东段", (500, 1000), (1000, 1000)),
             way("短街", (500, 750), (500, 1050))]  # fmt: skip
    north = describe(shape, roads).sides["north"]
    assert [part.way.name[0] for part in north if part.way] == ["西段", "短街", "东段"]
    assert north[0].line.coords[0] == (0, 800)


def test_a_road_that_only_crosses_is_not_followed() -> None:
    found = describe(box(0, 0, 1000, 1000), [way("横", (-500, 500), (1500, 500))])
    assert all(part.way is None for side in SIDES for part in found.sides[side])


def test_the_arterial_wins_over_the_lane_beside_it() -> None:
    roads = [
        way("小巷", (0, 1003), (1000, 1003), kind="collector"),
        way("大街", (0, 1006), (1000, 1006)),
    ]
    assert [w.name[0] for w in describe(box(0, 0, 1000, 1000), roads).ways("north")] == ["大街"]


def test_a_side_off_every_road_tells_the_nearest_one_along_it() -> None:
    edge = LineString([(1000, 1000), (1000, 0)])
    near = beside(
        edge, [way("近", (800, -50), (800, 1050)), way("横", (0, 500), (990, 500))], "east"
    )
    assert near is not None
    assert (near.way.name[0], near.direction) == ("近", "east")
    assert near.distance_m == pytest.approx(200)


def test_nothing_far_away_is_told() -> None:
    assert (
        beside(LineString([(0, 0), (0, 100)]), [way("远", (9000, 0), (9000, 100))], "west") is None
    )


def test_sides_are_the_whole_ring_once(areas, described) -> None:
    for key, area in areas.items():
        parts = [part for side in SIDES for part in described[key].sides[side]]
        assert sum(part.length_m for part in parts) == pytest.approx(area.exterior.length)
        joined = shapely.line_merge(shapely.union_all([part.line for part in parts]))
        assert joined.hausdorff_distance(area.exterior) < 0.01


def test_every_side_names_a_real_way(zone, described) -> None:
    known = {name for frame in (zone.streets, zone.barriers) for name in frame["name"] if name}
    for boundary in described.values():
        for side in SIDES:
            named = [part.way or part.beside.way for part in boundary.sides[side]
                     if part.way or part.beside]  # fmt: skip
            assert named, side
            assert {w.name[0] for w in named} <= known


def test_ways_lie_where_the_words_say(zone, described) -> None:
    """Most of a stretch is as near to the raw lines of its road as it claims."""
    rows = [frame[["name", "geometry"]] for frame in (zone.streets, zone.barriers)]
    lines = {
        name: shapely.union_all(
            [g for f in rows for n, g in zip(f["name"], f["geometry"], strict=True) if n == name]
        )
        for name in {n for f in rows for n in f["name"] if n}
    }
    for boundary in described.values():
        for side in SIDES:
            for part in boundary.sides[side]:
                spots = [
                    part.line.interpolate(s, normalized=True) for s in (0.1, 0.3, 0.5, 0.7, 0.9)
                ]
                if part.way is not None:
                    near = [lines[part.way.name[0]].distance(spot) <= NEAR_M for spot in spots]
                    assert sum(near) >= 4, part.way.name
                elif part.beside is not None:
                    road = lines[part.beside.way.name[0]]
                    away = [road.distance(spot) for spot in spots]
                    assert sum(away) / 5 == pytest.approx(part.beside.distance_m, rel=0.15, abs=20)
                    middle = shapely.shortest_line(road, spots[2]).coords
                    axis = 0 if part.beside.direction in ("east", "west") else 1
                    step = middle[1][axis] - middle[0][axis]
                    assert (step > 0) is (part.beside.direction in ("east", "north"))


def test_borders_between_subdistricts_follow_roads(described) -> None:
    """The historical borders run along arterials throughout, as its indicator says (0 m off)."""
    for boundary in described.values():
        for side in SIDES:
            off = [part for part in boundary.sides[side] if part.neighbours and part.way is None]
            assert off == []


def test_ways_need_a_name() -> None:
    place = town.territory()
    streets = gpd.GeoDataFrame(place.streets.assign(name=None, name_en=None))
    unnamed = replace(place, streets=streets)
    assert [w.name[0] for w in named_ways(unnamed)] == ["小河", "铁路"]
