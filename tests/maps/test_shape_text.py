"""Shapes as short text: what the browser reads is what was written, to the sixth decimal."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from shapely.geometry import (
    GeometryCollection,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    box,
    shape,
)

from planner.maps.shape_text import encode
from tests.maps.test_page import draw

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opening = Callable[..., Page]

COURT = box(125.1, 43.8, 125.2, 43.9).difference(box(125.13, 43.83, 125.15, 43.85))
SHAPES = [
    Point(125.387654, 43.881234),
    Point(-179.999999, -0.000001),
    MultiPoint([(1, 2), (-3, -4)]),
    LineString([(125.1234567, 43.1), (125.1234561, 43.1), (126, 43)]),
    MultiLineString([[(0, 0), (1, 1)], [(5, 5), (-6, 6), (7, -7)]]),
    COURT,
    MultiPolygon([COURT, box(0, 0, 1e-6, 1e-6)]),
]


def test_the_browser_reads_what_was_written(open_page: Opening) -> None:
    page = open_page(draw())
    texts = [encode(geometry) for geometry in SHAPES]
    read = page.evaluate("(texts) => texts.map(planner.shapeOf)", texts)
    for geometry, found in zip(SHAPES, map(shape, read), strict=True):
        assert found.geom_type == geometry.geom_type
        spots = shapely.get_coordinates(geometry)
        assert shapely.get_num_interior_rings(found) == shapely.get_num_interior_rings(geometry)
        assert np.abs(shapely.get_coordinates(found) - spots).max() <= 5.1e-7


def test_letters_are_safe_in_a_page() -> None:
    rng = np.random.default_rng(7)
    for _ in range(50):
        text = encode(LineString(rng.uniform(-180, 180, (40, 2))))
        assert not set("<>&\"'") & set(text)
        assert set(text[1:]) <= {chr(code) for code in range(63, 127)}
    assert {";", "!"} & {chr(code) for code in range(63, 127)} == set()


def test_what_has_no_letter_is_refused() -> None:
    with pytest.raises(KeyError, match="GeometryCollection"):
        encode(GeometryCollection([Point(0, 0)]))
