"""Ways to school: walking distances and crossings, worked out by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, MultiLineString, Point

from planner.territory.crossings import crossings, lines_to_cross
from planner.territory.network import network_of_streets, network_of_tables
from planner.territory.walking import join, straight_m, walking_m


def points(**xy):
    return gpd.GeoSeries({key: Point(*place) for key, place in xy.items()})


def walk(network, places, a, b):
    access = join(network, places)
    return float(walking_m(access, pd.Index([a]), pd.Index([b])).iloc[0, 0])


def streets(*lines):
    return gpd.GeoSeries([LineString(line) for line in lines])


def test_straight_lines():
    away = straight_m(points(a=(0, 0)), points(s=(30, 40), t=(0, 5)))
    assert away.loc["a"].to_dict() == {"s": 50.0, "t": 5.0}


def test_legs_and_the_way_between():
    network = network_of_streets(streets([(0, 0), (100, 0)]))
    # 10 m to the street, 70 m along it, 5 m from it.
    assert walk(network, points(a=(10, 10), s=(80, -5)), "a", "s") == pytest.approx(85)


def test_streets_that_cross_are_joined():
    network = network_of_streets(streets([(0, 0), (100, 0)], [(50, -40), (50, 40)]))
    assert network.nodes == 5
    assert walk(network, points(a=(0, 0), s=(50, 40)), "a", "s") == pytest.approx(90)


def test_a_street_that_ends_just_short_of_another_is_joined():
    network = network_of_streets(streets([(0, 0), (100, 0)], [(50, 0.3), (50, 40)]))
    assert walk(network, points(a=(0, 0), s=(50, 40)), "a", "s") == pytest.approx(90, abs=0.7)


def test_ends_that_just_miss_each_other_are_joined():
    network = network_of_streets(streets([(0, 0), (100, 0)], [(100.2, 0.2), (200, 0)]))
    assert walk(network, points(a=(0, 0), s=(200, 0)), "a", "s") == pytest.approx(200, abs=0.7)


def test_a_street_two_metres_off_is_not_joined():
    network = network_of_streets(streets([(0, 0), (100, 0)], [(50, 2), (50, 40)]))
    assert walk(network, points(a=(0, 0), s=(50, 40)), "a", "s") == np.inf


def test_a_detour_around_a_gap():
    ring = [(0, 0), (100, 0), (100, 100), (0, 100)]
    network = network_of_streets(streets(ring))
    assert walk(network, points(a=(0, 0), s=(0, 100)), "a", "s") == pytest.approx(300)


def test_the_shorter_of_two_parallel_streets():
    network = network_of_streets(streets([(0, 0), (100, 0)], [(0, 0), (50, 80), (100, 0)]))
    assert walk(network, points(a=(0, 0), s=(100, 0)), "a", "s") == pytest.approx(100)


def test_several_places_on_one_edge_and_at_one_spot():
    network = network_of_streets(streets([(0, 0), (100, 0)]))
    places = points(a=(20, 0), b=(20, 5), c=(0, 0), s=(60, 0), t=(100, 0))
    access = join(network, places)
    ways = walking_m(access, pd.Index(list("abc")), pd.Index(["s", "t"]))
    assert ways.to_numpy() == pytest.approx(np.array([[40, 80], [45, 85], [60, 100]]), abs=1e-4)


def test_multi_part_streets_and_closed_ones():
    square = LineString([(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)])
    network = network_of_streets(
        gpd.GeoSeries([MultiLineString([square, LineString([(100, 100), (200, 100)])])])
    )
    assert walk(network, points(a=(0, 50), s=(200, 100)), "a", "s") == pytest.approx(250)


def test_a_roundabout_hanging_on_one_node():
    loop = [(100, 0), (120, 10), (140, 0), (120, -10), (100, 0)]
    network = network_of_streets(streets([(0, 0), (100, 0)], loop))
    half = 2 * np.hypot(20, 10)
    assert walk(network, points(a=(0, 0), s=(140, 0)), "a", "s") == pytest.approx(100 + half)


def test_tables_use_their_own_lengths():
    nodes = gpd.GeoDataFrame(
        {"node_id": ["1", "2", "3"]}, geometry=[Point(0, 0), Point(100, 0), Point(100, 100)]
    )
    edges = pd.DataFrame(
        {"from_node": ["1", "2"], "to_node": ["2", "3"], "length_m": [120.0, 100.0]}
    )
    network = network_of_tables(nodes, edges)
    # Half of the winding edge is 60 m, though it spans 50 m.
    assert walk(network, points(a=(50, 0), s=(100, 100)), "a", "s") == pytest.approx(160)


def test_the_order_of_streets_never_matters():
    rng = np.random.default_rng(1)
    lines = [rng.uniform(0, 500, size=(3, 2)).tolist() for _ in range(25)]
    places = points(**{f"p{i}": rng.uniform(0, 500, 2) for i in range(12)})
    ways = []
    for order in (range(25), rng.permutation(25)):
        network = network_of_streets(streets(*(lines[i] for i in order)))
        ways.append(walking_m(join(network, places), places.index, places.index))
    pd.testing.assert_frame_equal(ways[0], ways[1], check_exact=True)


def crossed(*, trunk=(), railway=(), river=(), start=(0, 0), end=(1000, 0)):
    roads = gpd.GeoDataFrame(
        {"name": [name for name, _ in trunk], "class": ["trunk"] * len(trunk)},
        geometry=[LineString(xy) for _, xy in trunk],
    )
    walls = gpd.GeoDataFrame(
        {
            "name": [name for name, _ in (*railway, *river)],
            "kind": ["railway"] * len(railway) + ["river"] * len(river),
        },
        geometry=[LineString(xy) for _, xy in (*railway, *river)],
    )
    lines = lines_to_cross(roads, walls, trunk_classes=("trunk",))
    return int(crossings(points(a=start), points(s=end), lines).loc["a", "s"])


def upright(x):
    return [(x, -100), (x, 100)]


def test_trunk_roads_and_railways_are_crossed_rivers_are_not():
    assert crossed(trunk=[("A", upright(100))]) == 1
    assert crossed(railway=[("R", upright(300))]) == 1
    assert crossed(river=[("W", upright(300))]) == 0
    assert crossed(trunk=[("A", upright(100))], railway=[("R", upright(300))]) == 2


def test_two_carriageways_are_one_crossing():
    assert crossed(trunk=[("A", upright(100)), ("A", upright(155))]) == 1
    assert crossed(trunk=[("A", upright(100)), ("A", upright(165))]) == 2
    assert crossed(trunk=[("A", upright(100)), ("B", upright(130))]) == 2


def test_a_road_crossed_at_the_joint_of_two_pieces_counts_once():
    assert crossed(trunk=[("A", [(100, -100), (100, 0)]), ("A", [(100, 0), (100, 100)])]) == 1


def test_a_road_that_bends_back_is_crossed_twice():
    assert crossed(trunk=[("A", [(100, -100), (100, 100), (400, 100), (400, -100)])]) == 2


def test_other_classes_and_short_ways_cross_nothing():
    assert crossed(trunk=[("A", upright(100))], end=(90, 0)) == 0
    roads = gpd.GeoDataFrame(
        {"name": ["A"], "class": ["arterial"]}, geometry=[LineString(upright(5))]
    )
    none = gpd.GeoDataFrame({"name": [], "kind": []}, geometry=[])
    assert lines_to_cross(roads, none, trunk_classes=("trunk",)) == {}
    assert list(lines_to_cross(roads, none, trunk_classes=("arterial",))) == ["trunk A"]
