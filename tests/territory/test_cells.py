"""Cells of points and polygons wherever they lie: each metre of the zone belongs to one spot."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box
from shapely.geometry.base import BaseGeometry

from planner.territory.cells import cells_of

EAST, NORTH = 450_000.0, 4_860_000.0
AREA = box(EAST, NORTH, EAST + 1000, NORTH + 1000)

near = st.tuples(st.integers(-100, 1100), st.integers(-100, 1100))
fine = st.tuples(st.floats(0, 1000, allow_nan=False), st.floats(0, 1000, allow_nan=False))
spots = st.one_of(
    st.lists(st.one_of(near, fine), min_size=1, max_size=15),
    # In a row, with some of them twice or half a millimetre apart.
    st.lists(st.integers(0, 9), min_size=1, max_size=8).map(
        lambda row: [(100.0 * k, 50.0 * k) for k in row] + [(100.0 * row[0] + 5e-4, 50.0 * row[0])]
    ),
    st.lists(st.integers(0, 9), min_size=1, max_size=8).map(lambda row: [(500, k) for k in row]),
)
rectangles = st.lists(
    st.tuples(
        st.integers(0, 9), st.integers(0, 9), st.sampled_from((1, 60, 100, 110)),
        st.sampled_from((0.3, 80, 100, 250)),
    ),
    min_size=1, max_size=7,
)  # fmt: skip


def cells(*shapes: BaseGeometry, area: BaseGeometry = AREA) -> gpd.GeoSeries:
    ids = [f"c{k:02}" for k in range(len(shapes))]
    return cells_of(gpd.GeoSeries(list(shapes), index=ids, crs="EPSG:4551"), area)


def at(*xy: tuple[float, float]) -> list[BaseGeometry]:
    return [Point(EAST + x, NORTH + y) for x, y in xy]


def check_cover(found: gpd.GeoSeries) -> None:
    """The distinct cells cover the area, and none covers another."""
    distinct = {cell.wkb: cell for cell in found}
    assert shapely.union_all(found.to_numpy()).area == pytest.approx(AREA.area, abs=1)
    assert sum(cell.area for cell in distinct.values()) == pytest.approx(AREA.area, abs=1)


@given(xy=spots)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_points_anywhere_share_out_the_area(xy: list[tuple[float, float]]) -> None:
    points = at(*xy)
    found = cells(*points)
    check_cover(found)
    ways = np.array([[a.distance(b) for b in points] for a in points])
    for point, cell, way in zip(points, found, ways, strict=True):
        if AREA.contains(point):
            assert cell.distance(point) < 0.01
        middle = None if cell.is_empty else cell.representative_point()
        if middle is not None and way[way > 0.01].size:
            others = [p for p in points if p.distance(point) > 0.01]
            assert middle.distance(point) <= min(map(middle.distance, others)) + 0.01


@given(sides=rectangles, twin=st.booleans(), point=st.booleans())
@settings(max_examples=200, deadline=None, derandomize=True)
def test_polygons_that_do_not_tile_share_out_the_area(
    sides: list[Any], twin: bool, point: bool
) -> None:
    shapes: list[BaseGeometry] = [
        box(EAST + 100 * i, NORTH + 100 * j, EAST + 100 * i + w, NORTH + 100 * j + h)
        for i, j, w, h in sides
    ]
    found = cells(*shapes, *(at((505, 505)) if point else []), *(shapes[:1] if twin else []))
    check_cover(found)
    if twin:
        assert found.iloc[0].equals(found.iloc[-1])


def test_two_points_halve_the_area() -> None:
    west, east = cells(*at((250, 500), (750, 500)))
    assert west.area == pytest.approx(500_000, rel=1e-6)
    assert east.area == pytest.approx(500_000, rel=1e-6)


def test_twins_share_the_only_cell() -> None:
    first, second = cells(*at((250, 500), (250, 500)))
    assert first.equals(second)
    assert first.area == AREA.area


def test_a_point_far_outside_has_an_empty_cell() -> None:
    found = cells(*at((500, 500), (100, 500), (-5000, 500)))
    assert found["c02"].is_empty
    check_cover(found)
