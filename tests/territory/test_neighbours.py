"""Cells and borders: who is whose neighbour, worked out by hand."""

import geopandas as gpd
import pytest
from shapely.geometry import LineString, Point, Polygon, box

from planner.territory.borders import borders_of
from planner.territory.build import build_territory
from planner.territory.cells import cells_of, tiles
from planner.territory.layers import read_layers
from tests.towns import at, tiny_scenario, write_layer, write_town

NONE = gpd.GeoSeries([])


def series(**shapes):
    return gpd.GeoSeries(shapes)


def lines(*parts):
    return gpd.GeoSeries([LineString(part) for part in parts])


def graph(compounds, cells=None, *, barriers=NONE, streets=NONE, followed=NONE):
    cells = compounds if cells is None else cells
    table = borders_of(compounds, cells, barriers=barriers, streets=streets, followed=followed)
    return {(row.a, row.b): (row.border_m, row.followed_m) for row in table.itertuples(index=False)}


SQUARES = series(
    a=box(0, 0, 100, 100),
    b=box(100, 0, 200, 100),
    c=box(0, 100, 100, 200),
    d=box(100, 100, 200, 200),
)


def test_tiling_polygons_are_their_own_cells():
    area = box(0, 0, 200, 200)
    assert tiles(SQUARES, area)
    assert cells_of(SQUARES, area).geom_equals(SQUARES).all()
    assert not tiles(SQUARES.iloc[:3], area)
    assert not tiles(SQUARES.scale(1.1, 1.1), area)


def test_points_share_the_area_half_and_half():
    cells = cells_of(series(a=Point(10, 50), b=Point(90, 50)), box(0, 0, 100, 100))
    assert cells["a"].equals(box(0, 0, 50, 100))
    assert cells["b"].equals(box(50, 0, 100, 100))


def test_twins_share_a_cell_and_are_neighbours():
    compounds = series(a=Point(10, 50), b=Point(90, 50), c=Point(10, 50))
    cells = cells_of(compounds, box(0, 0, 100, 100))
    assert cells["a"].equals(cells["c"])
    assert graph(compounds, cells) == {
        ("a", "b"): (pytest.approx(100), 0),
        ("a", "c"): (0, 0),
        ("b", "c"): (pytest.approx(100), 0),
    }


def test_one_compound_has_it_all():
    area = box(0, 0, 100, 100)
    assert cells_of(series(a=Point(10, 50)), area)["a"].equals(area)
    assert graph(series(a=Point(10, 50)), cells_of(series(a=Point(10, 50)), area)) == {}


def test_polygons_that_leave_streets_free_grow_to_the_middle():
    compounds = series(a=box(0, 0, 90, 100), b=box(110, 0, 200, 100))
    cells = cells_of(compounds, box(0, 0, 200, 100))
    assert cells["a"].symmetric_difference(box(0, 0, 100, 100)).area < 20
    assert cells.union_all().area == pytest.approx(20_000)


def test_a_point_among_polygons_gets_a_cell_of_its_own():
    compounds = series(a=box(0, 0, 40, 100), b=Point(80, 50))
    cells = cells_of(compounds, box(0, 0, 100, 100))
    assert cells["b"].contains(Point(80, 50))
    assert cells["a"].area + cells["b"].area == pytest.approx(10_000)


def test_a_compound_far_outside_has_no_cell():
    cells = cells_of(
        series(a=Point(10, 50), b=Point(90, 50), z=Point(5000, 50)), box(0, 0, 100, 100)
    )
    assert cells["z"].is_empty


def test_sides_touch_corners_do_not():
    assert graph(SQUARES) == {
        pair: (pytest.approx(100), 0) for pair in (("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"))
    }


def test_outlines_that_miss_each_other_by_a_hair_touch():
    compounds = series(
        a=box(0, 0, 100, 100),
        b=Polygon([(100.02, 0), (200, 0), (200, 100), (100.02, 100), (99.98, 50)]),
    )
    assert graph(compounds)[("a", "b")][0] == pytest.approx(100, abs=0.3)


def test_a_border_at_a_t_junction():
    compounds = series(a=box(0, 0, 200, 100), b=box(0, 100, 80, 200), c=box(80, 100, 200, 200))
    assert {pair: border for pair, (border, _) in graph(compounds).items()} == {
        ("a", "b"): pytest.approx(80),
        ("a", "c"): pytest.approx(120),
        ("b", "c"): pytest.approx(100),
    }


RIVER = lines([(-10, 100), (210, 100)])


def test_a_river_parts_what_no_street_joins():
    assert set(graph(SQUARES, barriers=RIVER)) == {("a", "b"), ("c", "d")}


def test_a_street_across_joins_only_the_cells_it_crosses_in():
    bridge = lines([(50, 50), (50, 150)])
    assert set(graph(SQUARES, barriers=RIVER, streets=bridge)) == {
        ("a", "b"), ("a", "c"), ("c", "d"),
    }  # fmt: skip


def test_a_street_on_the_line_between_two_cells_joins_both():
    bridge = lines([(100, 50), (100, 150)])
    joined = set(graph(SQUARES, barriers=RIVER, streets=bridge))
    assert {("a", "c"), ("b", "d")} <= joined


def test_a_bridge_made_of_two_streets_that_meet_on_the_river():
    bridge = lines([(50, 50), (50, 100)], [(50, 100), (50, 150)])
    assert ("a", "c") in graph(SQUARES, barriers=RIVER, streets=bridge)


@pytest.mark.parametrize(
    "street",
    [
        [(50, 50), (50, 100)],
        [(0, 100), (90, 100)],
        [(50, 50), (50, 99)],
        [(50, 50), (60, 100), (70, 50)],
    ],
)
def test_streets_that_end_at_or_run_along_the_river_do_not_cross_it(street):
    assert ("a", "c") not in graph(SQUARES, barriers=RIVER, streets=lines(street))


def test_a_river_through_the_cells_parts_by_the_side_of_the_homes():
    compounds = series(a=Point(50, 80), b=Point(150, 80), c=Point(150, 10))
    cells = series(a=box(0, 0, 100, 100), b=box(100, 40, 200, 100), c=box(100, 0, 200, 40))
    river = lines([(-10, 60), (210, 60)])
    # a and b live north of it; c lives south of it.
    assert set(graph(compounds, cells, barriers=river)) == {("a", "b")}


def test_a_river_that_ends_half_way_parts_nothing():
    assert len(graph(SQUARES, barriers=lines([(-10, 100), (60, 100)]))) == 4


def test_a_border_follows_an_arterial_within_25_m():
    along = lines([(80, -50), (80, 250)])
    table = graph(SQUARES, followed=along)
    assert table[("a", "b")] == (pytest.approx(100), pytest.approx(100))
    assert table[("a", "c")][1] == pytest.approx(45, abs=0.1)
    assert table[("b", "d")][1] == pytest.approx(5, abs=0.1)
    assert graph(SQUARES, followed=lines([(70, -50), (70, 250)]))[("a", "b")][1] == 0


def test_between_points_a_border_follows_what_lies_between():
    compounds = series(a=Point(10, 50), b=Point(90, 50))
    cells = cells_of(compounds, box(0, 0, 100, 100))
    assert graph(compounds, cells, followed=lines([(20, 0), (20, 100)])) == {
        ("a", "b"): (pytest.approx(100), pytest.approx(100))
    }
    assert graph(compounds, cells, followed=lines([(95, 0), (95, 100)]))[("a", "b")][1] == 0


def test_an_edge_of_the_network_table_is_a_bridge(tmp_path):
    # A river under row 2 without a street across it; the table's edge leads over it at column 1.
    folder = write_town(tmp_path, river_row=2, bridges=[])
    nodes = [("n1", at(450, 450)), ("n2", at(450, 750)), ("n3", at(450, 150))]
    write_layer(
        folder / "network_nodes.geojson", [{"node_id": key, "geometry": p} for key, p in nodes]
    )
    edges = "from_node,to_node,length_m\nn1,n2,300\nn1,n3,300\n"
    (folder / "network_edges.csv").write_text(edges)
    scenario = tiny_scenario(folder)
    territory = build_territory(scenario, read_layers(scenario))
    pairs = set(zip(territory.borders["a"], territory.borders["b"], strict=True))
    assert {(f"c{k:02}01", f"c{k:02}02") for k in range(4)} & pairs == {("c0101", "c0102")}
