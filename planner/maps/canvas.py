"""A picture being drawn: projected metres in, SVG out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from planner.maps.geometry import polygons

WIDTH = 1000
"""Units of a picture's width; lengths below are in the same units."""
SIMPLIFY_M = 2.0
LONG_NAME = 28
"""A name is cut where it is wider than so many Chinese letters."""
LATIN_WIDTH = 0.56
EDGE = 4.0
HATCHES = (("#A3005C", 45), ("#00547A", -45), ("#35520B", 0))


@dataclass
class Canvas:
    """A picture being drawn: projected metres in, SVG out, the latest on top."""

    bounds: tuple[float, float, float, float]
    language: int
    parts: list[str] = field(default_factory=list)
    taken: list[tuple[float, float, float, float]] = field(default_factory=list)
    """Boxes of names that already stand."""

    @property
    def scale(self) -> float:
        """Units per metre."""
        return WIDTH / (self.bounds[2] - self.bounds[0])

    @property
    def height(self) -> float:
        """Of the picture, in units."""
        return (self.bounds[3] - self.bounds[1]) * self.scale

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a spot lies on the picture."""
        return (x - self.bounds[0]) * self.scale, (self.bounds[3] - y) * self.scale

    def draw(self, shape: BaseGeometry, style: str) -> None:
        """Draw lines or areas."""
        path = self._path(shapely.simplify(shape, SIMPLIFY_M))
        if path:
            self.parts.append(f'<path d="{path}" {style}/>')

    def name(self, point: Point, text: str, *, size: float, style: str, small: str = "") -> None:
        """Write a name around a point, unless another one stands there already."""
        self.name_at([self.at(point.x, point.y)], text, size=size, style=style, small=small)

    def name_at(
        self, spots: Sequence[tuple[float, float]], text: str, *, size: float, style: str,
        small: str = "",
    ) -> bool:  # fmt: skip
        """Write a name at the first spot of the picture where no other stands; whether it did."""
        short = _shortened(text)
        wide = _wide(short) * size
        for middle, y in spots:
            # A name is read whole: near the edge it moves inwards.
            x = min(max(middle, wide / 2 + EDGE), WIDTH - wide / 2 - EDGE)
            box = (x - wide / 2, y - size, x + wide / 2, y + size * (1.4 if small else 0.4))
            blocked = any(_meet(box, other) for other in (*self.taken, *self._signs()))
            if blocked or box[1] < 0 or box[3] > self.height:
                continue
            self.taken.append(box)
            less = f'x="{x:.1f}" dy="1.15em" font-size="{size * 0.8:.1f}"'
            second = f"<tspan {less}>{escape(small)}</tspan>"
            self.parts.append(
                f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:.1f}" {style}>'
                f"{escape(short)}{second if small else ''}</text>"
            )
            return True
        return False

    def name_beside(
        self, point: Point, text: str, *, size: float, style: str, away: float
    ) -> None:  # fmt: skip
        """Write the name of a symbol: below it, else above, to its right or left."""
        x, y = self.at(point.x, point.y)
        half = _wide(_shortened(text)) * size / 2 + away
        middle = y + 0.35 * size
        spots = [(x, y + away + size), (x, y - away - 0.4 * size), (x + half, middle),
                 (x - half, middle)]  # fmt: skip
        self.name_at(spots, text, size=size, style=style)

    def svg(self, title: str) -> str:
        """The picture with north arrow and scale bar."""
        height = f"{self.height:.0f}"
        hatches = "".join(
            f'<pattern id="h{n}" width="9" height="9" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate({angle})"><path d="M0 0V9" stroke="{colour}" '
            'stroke-width="4"/></pattern>'
            for n, (colour, angle) in enumerate(HATCHES)
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
            f'aria-label="{escape(title)}"><defs>{hatches}</defs>'
            f'<rect width="{WIDTH}" height="{height}" fill="#EFEDE8"/>'
            + "".join(self.parts) + self._scale_bar() + "</svg>"
        )  # fmt: skip

    def _signs(self) -> tuple[tuple[float, float, float, float], ...]:
        """Boxes of scale bar and north arrow."""
        height = self.height
        return (
            (14.0, height - 46, 1000 * self.scale + 98, height - 8),
            (WIDTH - 48.0, 10.0, WIDTH - 20.0, 72.0),
        )

    def _path(self, shape: BaseGeometry) -> str:
        rings: list[tuple[Any, str]] = []
        for polygon in polygons(shape):
            rings += [(ring, "Z") for ring in (polygon.exterior, *polygon.interiors)]
        if not rings:
            rings = [(part, "") for part in shapely.get_parts(shape) if not part.is_empty
                     and part.geom_type in ("LineString", "LinearRing")]  # fmt: skip
        return "".join(
            "M" + "L".join("{:.1f} {:.1f}".format(*self.at(*xy[:2])) for xy in ring.coords) + end
            for ring, end in rings
        )

    def _scale_bar(self) -> str:
        unit, y = 1000 * self.scale, self.height - 22
        bar = f"M24 {y:.0f}h{unit:.1f}m0 -6v12M24 {y - 6:.0f}v12"
        return (
            f'<g font-size="15" fill="#1d2330"><rect x="14" y="{y - 24:.0f}" '
            f'width="{unit + 84:.0f}" height="38" fill="#fff" fill-opacity=".85"/>'
            f'<path d="{bar}" stroke="#1d2330" stroke-width="2.5" fill="none"/>'
            f'<text x="24" y="{y - 8:.0f}">0</text>'
            f'<text x="{unit + 24:.0f}" y="{y - 8:.0f}" text-anchor="middle">1 km</text></g>'
            f'<g transform="translate({WIDTH - 34} 40)">'
            '<path d="M0 -26L9 8L0 2L-9 8Z" fill="#1d2330"/>'
            '<text y="26" text-anchor="middle" font-size="17" font-weight="700">N</text></g>'
        )


def _shortened(text: str) -> str:
    if _wide(text) <= LONG_NAME:
        return text
    short = text
    while short and _wide(short) > LONG_NAME - 1:
        short = short[:-1]
    return short + "…"


def _wide(text: str) -> float:
    """Width of a text, in heights of its letters."""
    return sum(1.0 if ord(letter) > 0x2E80 else LATIN_WIDTH for letter in text)


def _meet(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
