"""The ground that verification builds for itself, by hand and against the territory's."""

from __future__ import annotations

import numpy as np
import pytest
from shapely.geometry import LineString, Point, box

from planner.plan.verification.cells import cells_of
from planner.plan.verification.ground import crossings_between, ground_of
from planner.plan.verification.neighbours import neighbour_graph
from planner.plan.verification.ways import crossings, street_segments, table_segments, ways_of
from planner.territory.build import build_territory
from planner.territory.layers import read_layers
from tests.towns import tiny_scenario, write_town

AREA = box(0, 0, 400, 200)
TOWNS = {
    "polygons": {},
    "points": {"points": True},
    "river": {"n": 6, "m": 5, "river_row": 2, "bridges": (2,)},
    "railway and trunk": {"n": 5, "m": 5, "railway_row": 2, "bridges": (2, 4), "trunk_column": 2},
    "points by a railway": {"n": 5, "m": 4, "points": True, "railway_row": 2, "bridges": (1,)},
    "no streets": {"layers": ["compounds", "schools", "communities", "seats"]},
}


def test_cells_of_points_share_the_area_at_equal_distance():
    cells = cells_of({"a": Point(100, 100), "b": Point(300, 100)}, AREA)
    assert cells.shapes["a"].equals(box(0, 0, 200, 200))
    assert list(cells.borders) == [("a", "b")]
    assert cells.borders["a", "b"].length == pytest.approx(200)


def test_twins_share_a_cell():
    cells = cells_of({"a": Point(100, 100), "b": Point(100, 100), "c": Point(300, 100)}, AREA)
    assert cells.shapes["a"].equals(cells.shapes["b"])
    assert cells.twins == (("a", "b"),)
    assert sorted(cells.borders) == [("a", "c"), ("b", "c")]


def test_polygons_that_tile_are_their_own_cells():
    shapes = {"a": box(0, 0, 200, 200), "b": box(200, 0, 400, 150), "c": box(200, 150, 400, 200)}
    cells = cells_of(shapes, AREA)
    assert cells.shapes == shapes
    lengths = {pair: border.length for pair, border in cells.borders.items()}
    assert lengths == {
        ("a", "b"): pytest.approx(150, abs=0.3),
        ("a", "c"): pytest.approx(50, abs=0.3),
        ("b", "c"): pytest.approx(200, abs=0.3),
    }


def test_other_polygons_get_the_ground_next_to_them():
    cells = cells_of({"a": box(20, 20, 180, 180), "b": box(220, 20, 380, 180)}, AREA)
    assert cells.shapes["a"].area == pytest.approx(40_000, rel=0.01)
    assert cells.borders["a", "b"].length == pytest.approx(200, rel=0.01)


@pytest.mark.parametrize(
    ("street", "joined"),
    [
        (LineString([(0, 100), (400, 100)]), True),
        (LineString([(0, 100), (199, 100)]), False),
        (LineString([(0, 100), (200, 100)]), False),
        (LineString([(200, 0), (200, 200)]), False),
    ],
)
def test_a_barrier_parts_unless_a_street_crosses_it(street, joined):
    shapes = {"a": box(0, 0, 200, 200), "b": box(200, 0, 400, 200)}
    river = LineString([(200, -10), (200, 210)])
    graph = neighbour_graph(
        shapes, cells_of(shapes, AREA), barriers=[river], streets=[street], followed=[river]
    )
    assert graph.has_edge("a", "b") is joined
    if joined:
        assert graph.edges["a", "b"]["followed_m"] == pytest.approx(200, abs=0.3)


def test_a_barrier_that_ends_within_the_cells_parts_nothing():
    shapes = {"a": box(0, 0, 200, 200), "b": box(200, 0, 400, 200)}
    river = LineString([(200, -10), (200, 150)])
    cells = cells_of(shapes, AREA)
    graph = neighbour_graph(shapes, cells, barriers=[river], streets=[], followed=[])
    assert graph.has_edge("a", "b")


def test_ways_follow_the_streets():
    streets = [LineString([(0, 0), (100, 0)]), LineString([(100, 0), (100, 80)]),
               LineString([(50, -40), (50, 40)])]  # fmt: skip
    ways = ways_of(street_segments(streets), {"h": Point(10, 5)}, {"s": Point(103, 60),
                                                                  "t": Point(48, 30)})  # fmt: skip
    # 5 to the street, 90 along it, 60 up, 3 to the school
    assert ways.distance_m["s"]["h"] == pytest.approx(5 + 90 + 60 + 3)
    # the third street crosses the first without a common vertex
    assert ways.distance_m["t"]["h"] == pytest.approx(5 + 40 + 30 + 2)


def test_places_on_one_street_need_not_walk_round():
    ways = ways_of(street_segments([LineString([(0, 0), (100, 0)])]),
                   {"h": Point(40, 3)}, {"s": Point(60, 4)})  # fmt: skip
    assert ways.distance_m["s"]["h"] == pytest.approx(3 + 20 + 4)


def test_ends_within_half_a_metre_are_joined():
    streets = [LineString([(0, 0), (100, 0)]), LineString([(50, 0.4), (50, 80)])]
    ways = ways_of(street_segments(streets), {"h": Point(0, 0)}, {"s": Point(50, 80)})
    assert ways.distance_m["s"]["h"] == pytest.approx(50 + 79.6, abs=0.01)
    apart = [LineString([(0, 0), (100, 0)]), LineString([(50, 1.0), (50, 80)])]
    ways = ways_of(street_segments(apart), {"h": Point(0, 0)}, {"s": Point(50, 80)})
    assert "h" not in ways.distance_m["s"]


def test_table_edges_count_their_own_length():
    nodes = {"1": Point(0, 0), "2": Point(100, 0)}
    ways = ways_of(table_segments(nodes, [("1", "2", 150.0)]),
                   {"h": Point(20, 0)}, {"s": Point(100, 0)})  # fmt: skip
    assert ways.distance_m["s"]["h"] == pytest.approx(0.8 * 150)


def test_two_carriageways_are_crossed_once():
    trunk = LineString([(100, -50), (100, 50)]).union(LineString([(150, -50), (150, 50)]))
    rail = LineString([(300, -50), (300, 50)])
    assert crossings(Point(0, 0), Point(400, 0), [trunk, rail]) == 2
    wide = LineString([(100, -50), (100, 50)]).union(LineString([(170, -50), (170, 50)]))
    assert crossings(Point(0, 0), Point(400, 0), [wide]) == 2


@pytest.mark.parametrize("kind", TOWNS)
def test_it_agrees_with_the_territory(tmp_path, kind):
    scenario = tiny_scenario(write_town(tmp_path, **TOWNS[kind]))
    layers = read_layers(scenario)
    territory, ground = build_territory(scenario, layers), ground_of(scenario, layers)
    stated = {
        (row.a, row.b): (row.border_m, row.followed_m) for row in territory.borders.itertuples()
    }
    own = {
        tuple(sorted((a, b))): (edge["border_m"], edge["followed_m"])
        for a, b, edge in ground.graph.edges(data=True)
    }
    assert own.keys() == stated.keys()
    for pair, lengths in stated.items():
        assert own[pair] == pytest.approx(lengths, abs=0.05)
    for school in territory.schools.index:
        walked = territory.travel.distance_m[school]
        mine = [ground.ways.distance_m[school].get(key, np.inf) for key in walked.index]
        assert mine == pytest.approx(walked.tolist(), rel=1e-9)
        met = [crossings_between(ground, key, school) for key in walked.index]
        assert met == territory.travel.crossings[school].tolist()
        assert ground.schools[school].cell == territory.schools["cell"][school]
    assert {key: home.community for key, home in ground.homes.items()} == (
        territory.compounds["community"].to_dict()
    )


def test_generated_buildings_and_schools_of_today_agree_with_the_territory(tmp_path):
    def bare(rows):
        for row in rows:
            del row["primary_school"], row["junior_school"]
        return rows

    folder = write_town(tmp_path, edit={"compounds": bare}, layers=(
        "compounds", "schools", "sites", "communities", "seats", "streets"
    ))  # fmt: skip
    scenario = tiny_scenario(folder)
    layers = read_layers(scenario)
    territory, ground = build_territory(scenario, layers), ground_of(scenario, layers)
    assert ground.buildings == {
        key: (row["compound"], row["households"]) for key, row in territory.buildings.iterrows()
    }
    assert all(key.split("-b")[0] == ground.buildings[key][0] for key in ground.buildings)
    for key, home in ground.homes.items():
        assert home.today == territory.today.loc[key].to_dict()
