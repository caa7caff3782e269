from __future__ import annotations

import pytest
import shapely
from shapely.geometry import Point, box

from planner.maps.colours import AREA_COLOURS, colour_areas
from planner.maps.geometry import GeometryPool, inner_point, label_point, outline, union
from planner.maps.grid_shapes import grid_shapes
from tests.maps import town


@pytest.mark.parametrize("placed", [True, False])
def test_grids_share_the_ground_without_gap_or_overlap(placed: bool) -> None:
    place = town.territory(placed=placed)
    plan = town.plan(place)
    shapes = grid_shapes(place, plan)
    assert sorted(shapes) == sorted(grid.id for grid in plan.grids)
    total = sum(shape.area for shape in shapes.values())
    assert total == pytest.approx(place.study_area.area, rel=1e-4)
    assert shapely.union_all(list(shapes.values())).area == pytest.approx(total, rel=1e-4)


def test_a_whole_compound_is_its_own_ground_and_parts_hold_their_buildings() -> None:
    place = town.territory()
    plan = town.plan(place)
    shapes = grid_shapes(place, plan)
    divided = 0
    for grid in plan.grids:
        (part,) = grid.parts
        whole = (place.buildings["compound"] == part.compound).sum() == len(part.buildings)
        divided += not whole
        if whole:
            assert shapes[grid.id].equals(place.cells[part.compound])
        ground = shapes[grid.id].buffer(0.1)
        assert all(ground.contains(place.buildings.geometry[b].centroid) for b in part.buildings)
    assert divided == 30


def test_neighbours_never_share_a_colour() -> None:
    areas = {f"{i:02}-{j:02}": box(i, j, i + 1, j + 1) for i in range(0, 60, 3) for j in range(3)}
    wide = {key: shapely.affinity.scale(shape, 3, 1) for key, shape in areas.items()}
    chosen = colour_areas(wide)
    pairs = [(a, b) for a in wide for b in wide if a < b and wide[a].touches(wide[b])]
    assert len(pairs) > 60
    assert all(chosen[a] != chosen[b] for a, b in pairs)
    assert set(chosen.values()) <= set(range(len(AREA_COLOURS)))


def test_few_areas_have_a_colour_each() -> None:
    assert colour_areas({"b": box(0, 0, 1, 1), "a": box(9, 9, 10, 10)}) == {"a": 0, "b": 1}


def test_colours_do_not_depend_on_the_order_of_areas() -> None:
    areas = {f"a{i:02}": box(i, 0, i + 1, 1) for i in range(20)}
    assert colour_areas(areas) == colour_areas(dict(reversed(areas.items())))


def test_pool_keeps_equal_shapes_once_in_degrees() -> None:
    pool = GeometryPool(town.CRS)
    west, south = 450_000, 4_860_000
    assert pool.add(box(west, south, west + 100, south + 100)) == 0
    assert pool.add(box(west, south, west + 100, south + 100)) == 0
    assert pool.add(box(450_000, 4_860_000, 450_100, 4_860_200)) == 1
    assert len(pool.shapes()) == 2
    lat, lon = pool.point(Point(west, south))
    assert 125 < lon < 126
    assert 43 < lat < 44
    assert lon == round(lon, 6)


def test_union_closes_seams_but_keeps_courts() -> None:
    seam = [box(0, 0, 10, 10), box(10.002, 0, 20, 10)]
    assert union(seam).geom_type == "Polygon"
    court = box(0, 0, 30, 30).difference(box(10, 10, 20, 20))
    assert union([court]).area == pytest.approx(800)


def test_a_name_keeps_away_from_symbols() -> None:
    area, symbol = box(0, 0, 1000, 400), Point(500, 200)
    alone, beside = label_point(area, []), label_point(area, [symbol])
    assert alone.distance(symbol) < 60
    assert beside.distance(symbol) > 100
    assert area.contains(beside)


def test_a_border_of_two_neighbours_is_drawn_once() -> None:
    assert outline([box(0, 0, 10, 10), box(10, 0, 20, 10)]).length == pytest.approx(70)


def test_label_stands_inside_a_bent_shape() -> None:
    bent = box(0, 0, 100, 20).union(box(0, 0, 20, 100))
    assert bent.contains(inner_point(bent))
    assert not bent.contains(bent.centroid)
