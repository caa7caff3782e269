"""Shapes as short text: coordinates as differences, six bits a letter; `shapes.js` reads them.

A quarter of the weight of GeoJSON. Source of the letters: the encoded polyline format, with the
longitude first, six decimals, and a start of its own for every line.
"""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry, BaseMultipartGeometry

DECIMALS = 6
LETTERS = {
    "Point": "O", "LineString": "L", "Polygon": "P",
    "MultiPoint": "o", "MultiLineString": "l", "MultiPolygon": "p",
}  # fmt: skip
LINE, PART = ";", "!"
"""Between the lines of a part (its outside, then its holes), and between parts."""


def encode(geometry: BaseGeometry) -> str:
    """A geometry in degrees as a letter for its type and its lines.

    Raises KeyError for a type that is not in `LETTERS`.
    """
    letter = LETTERS[geometry.geom_type]
    parts = geometry.geoms if isinstance(geometry, BaseMultipartGeometry) else [geometry]
    return letter + PART.join(
        LINE.join(_line(line) for line in _lines(part)) for part in parts if not part.is_empty
    )


def _lines(part: BaseGeometry) -> list[BaseGeometry]:
    if isinstance(part, Polygon):
        return [part.exterior, *part.interiors]
    assert isinstance(part, Point | LineString)
    return [part]


def _line(line: BaseGeometry) -> str:
    spots = np.rint(shapely.get_coordinates(line) * 10**DECIMALS).astype(np.int64)
    steps = np.diff(spots, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    # An even number for a step forward, an odd one for a step back.
    signed = np.where(steps < 0, -2 * steps - 1, 2 * steps)
    return "".join(_number(int(value)) for value in signed.ravel())


def _number(value: int) -> str:
    letters = []
    while value >= 32:
        letters.append(chr(63 + (32 | (value & 31))))
        value >>= 5
    letters.append(chr(63 + value))
    return "".join(letters)
