"""The page of a trade-off curve: two drawings and a table, one file, no network."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from planner.maps import words
from planner.maps.plain_page import plain_page
from planner.plan.tradeoff import TradeoffPoint, corners
from planner.scenario.model import Scenario

WIDTH, HEIGHT = 1240, 470
_LEFT, _RIGHT, _TOP, _BOTTOM = 96, 40, 20, 54
_TICKS = 5
_LETTER, _LINE = 7, 20
"""Pixels of a letter, and of a line of text."""
_LETTERS_HIGH, _DOT = 13, 7
"""Pixels that letters are high, and from the middle of a dot to its edge."""
_LINES_AWAY = (0, -1, 1, -2, 2, 3, 4, 5, 6, 7)
"""Where a name is tried, in lines from beside its dot."""
_FEW = 3
"""Prices that a plan is named by one by one."""
_ROOM = 0.08
"""Share of the range left free at each side."""
Box = tuple[float, float, float, float]
"""Left, right, bottom and top, in pixels."""
KINDS = {
    "joint": ("统筹方案", "decided together"),
    "sequential": ("先后方案", "one after the other"),
    "outcome": (
        "历史界线，学校按先后方案",
        "historical boundaries, schools one after the other",
    ),
}


@dataclass(frozen=True)
class Scale:
    """A linear scale from figures to pixels, with its ticks."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Pixel of a figure."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Round figures within the scale: pixel and text."""
        step = _round_step((self.high - self.low) / _TICKS)
        first = math.ceil(self.low / step)
        last = math.floor(self.high / step)
        return [(self.at(k * step), f"{k * step:,.0f}") for k in range(first, last + 1)]


def tradeoff_page(
    scenario: Scenario,
    points: Sequence[TradeoffPoint],
    beside: Sequence[TradeoffPoint],
    maps: Sequence[Mapping[str, Any]] = (),
) -> str:
    """The page as HTML: `points` in order of price, `beside` what they are compared with.

    `maps` are pictures of the plans (`plan_maps`).
    """
    every = [*points, *beside]
    return plain_page(
        "tradeoff.html", scenario, styles=("tradeoff.css",), scripts=("tradeoff.js",),
        width=WIDTH, height=HEIGHT, left=_LEFT, right=WIDTH - _RIGHT,
        top=_TOP, bottom=HEIGHT - _BOTTOM,
        charts=[_ways(points, every), _boundaries(points, every)],
        maps=maps,
        rows=[_row(point) for point in every],
        proven=sum(_proven(point, scenario.solving.tolerance) for point in points),
        count=len(points),
        tolerance=words.percent(scenario.solving.tolerance),
        boundary_price=f"{scenario.joint.boundary_price_km:g}",
    )  # fmt: skip


def _proven(point: TradeoffPoint, tolerance: float) -> bool:
    return point.gap is not None and point.gap <= tolerance * (1 + 1e-9)


def _ways(points: Sequence[TradeoffPoint], every: Sequence[TradeoffPoint]) -> dict[str, Any]:
    """Ways and boundaries against crossing pupils, and below them what no plan can reach."""
    x = _scale([p.crossing_pupils for p in every], _LEFT, WIDTH - _RIGHT)
    found = corners(points, max(0.0, x.low), x.high)
    floor = [y for _, y in found if math.isfinite(y)]
    values = [p.rest_km for p in every]
    y = _scale([*values, *(f for f in floor if f >= min(values) * 0.98)], HEIGHT - _BOTTOM, _TOP)
    line = [(x.at(a), y.at(max(b, y.low))) for a, b in found if math.isfinite(b)]
    return _chart(
        points, every, x, y, [p.rest_km for p in every],
        zh="上学路程与界线代价，人·公里", en="Ways to school and boundaries, pupil-km",
        line=line, name="ways",
    )  # fmt: skip


def _boundaries(points: Sequence[TradeoffPoint], every: Sequence[TradeoffPoint]) -> dict[str, Any]:
    """People who change subdistrict against crossing pupils."""
    people = [p.people_changing_subdistrict for p in every]
    x = _scale([p.crossing_pupils for p in every], _LEFT, WIDTH - _RIGHT)
    return _chart(
        points, every, x, _scale(people, HEIGHT - _BOTTOM, _TOP), people,
        zh="改变街道的人口，人", en="People changing subdistrict", line=[], name="people",
    )  # fmt: skip


def _chart(
    points: Sequence[TradeoffPoint], every: Sequence[TradeoffPoint], x: Scale, y: Scale,
    values: Sequence[float], *, zh: str, en: str, line: Sequence[tuple[float, float]], name: str,
) -> dict[str, Any]:  # fmt: skip
    at = [(x.at(p.crossing_pupils), y.at(v)) for p, v in zip(every, values, strict=True)]
    curve = at[: len(points)]
    met: dict[tuple[float, float, str], list[TradeoffPoint]] = {}
    for (px, py), point in zip(at, every, strict=True):
        met.setdefault((px, py, point.kind), []).append(point)
    dots: list[dict[str, Any]] = [
        {"x": px, "y": py, "kind": kind, "zh": _label(same, 0), "en": _label(same, 1)}
        for (px, py, kind), same in met.items()
    ]
    _place_names(dots)
    return {
        "name": name, "zh": zh, "en": en, "dots": dots, "xticks": x.ticks, "yticks": y.ticks,
        "curve": _path(curve), "line": _path(line),
    }  # fmt: skip


def _place_names(dots: Sequence[dict[str, Any]]) -> None:
    """Names beside their dots, as near as they are clear of other names and dots."""
    taken = [(dot["x"] - _DOT, dot["x"] + _DOT, dot["y"] + _DOT, dot["y"] - _DOT) for dot in dots]
    for dot in dots:
        places = list(_places(dot["x"], dot["y"], _LETTER * len(dot["en"])))
        box, name = next(
            (place for place in places if not any(_meet(place[0], other) for other in taken)),
            places[0],
        )
        taken.append(box)
        dot.update(name)


def _places(x: float, y: float, wide: int) -> Iterator[tuple[Box, dict[str, Any]]]:
    """Where a name may stand: right or left of its dot, then a line higher, lower, and so on."""
    for lines in _LINES_AWAY:
        at = round(y - 7 + _LINE * lines, 1)
        for anchor, near in (("start", x + 10), ("end", x - 10)):
            start, end = (near, near + wide) if anchor == "start" else (near - wide, near)
            if start >= _LEFT and end <= WIDTH:
                yield (
                    (start, end, at, at - _LETTERS_HIGH),
                    {"tx": round(near, 1), "ty": at, "anchor": anchor},
                )


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[3] < other[2] and other[3] < one[2]


def _label(same: Sequence[TradeoffPoint], language: int) -> str:
    """What a dot is called: the prices of a crossing at which its plan is the best, or its kind."""
    prices = [point.price_km for point in same if point.price_km is not None]
    if not prices:
        return KINDS[same[0].kind][language]
    return prices_named(prices)[language]


def prices_named(prices_km: Sequence[float]) -> tuple[str, str]:
    """Prices of a crossing pupil in Chinese and in English: from the first to the last if many."""
    figures = [f"{price:g}" for price in prices_km]
    if len(figures) > _FEW:
        figures = [f"{figures[0]}–{figures[-1]}"]
    return f"{'、'.join(figures)} 公里/人", f"{', '.join(figures)} km"


def _row(point: TradeoffPoint) -> dict[str, Any]:
    number = "{:,.0f}".format
    return {
        "kind": point.kind,
        "zh": KINDS[point.kind][0],
        "en": KINDS[point.kind][1],
        "cells": [
            "–" if point.price_km is None else f"{point.price_km:g}",
            number(point.way_pupil_km),
            number(point.crossing_pupils),
            number(point.people_changing_subdistrict),
            number(point.border_unfollowed_m),
            number(point.pupils_changing_school),
            "–" if point.value is None else number(point.value),
            "–" if point.bound is None or math.isinf(point.bound) else number(point.bound),
            "–" if point.gap is None or math.isinf(point.gap) else words.percent(point.gap),
        ],
    }


def _scale(values: Sequence[float], start: float, end: float) -> Scale:
    low, high = min(values), max(values)
    pad = (high - low or abs(high) or 1.0) * _ROOM
    return Scale(low - pad, high + pad, start, end)


def _round_step(step: float) -> float:
    power = 10.0 ** math.floor(math.log10(step))
    return next(k * power for k in (1, 2, 5, 10) if k * power >= step)


def _path(corner: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{'L' if k else 'M'}{x},{y}" for k, (x, y) in enumerate(corner))
