"""Colours of the map: palettes that stay apart for colour-blind readers, neighbours unlike."""

from __future__ import annotations

from collections.abc import Mapping

import shapely
from shapely.geometry.base import BaseGeometry

AREA_COLOURS = (
    "#77AADD", "#EEDD88", "#44BB99", "#EE8866", "#FFAABB", "#BBCC33", "#99DDFF", "#AAAA00",
)  # fmt: skip
"""Fills of areas that only have to differ from their neighbours (after Paul Tol's light scheme)."""

LINE_COLOURS = (
    "#2C5F93", "#7A6A00", "#14654F", "#A8401C", "#A63A5B", "#5C6A00", "#0B6C91", "#555500",
)  # fmt: skip
"""The same hues dark enough for lines, in the same order."""

NEAR_M = 2.0


def colour_areas(areas: Mapping[str, BaseGeometry]) -> dict[str, int]:
    """Position in `AREA_COLOURS` for every area, so that neighbours differ.

    Areas that come within two metres of each other are neighbours. The most crowded areas choose
    first, each the first colour that none of its neighbours has taken; as long as there are no
    more areas than colours, every area has a colour of its own.
    """
    ids = sorted(areas)
    near = _neighbours([areas[key] for key in ids])
    if len(ids) <= len(AREA_COLOURS):
        return {key: position for position, key in enumerate(ids)}
    chosen: dict[int, int] = {}
    for area in sorted(near, key=lambda i: (-len(near[i]), i)):
        taken = [chosen[other] for other in near[area] if other in chosen]
        chosen[area] = min(range(len(AREA_COLOURS)), key=taken.count)
    return {ids[area]: colour for area, colour in chosen.items()}


def _neighbours(shapes: list[BaseGeometry]) -> dict[int, list[int]]:
    near: dict[int, list[int]] = {i: [] for i in range(len(shapes))}
    if not shapes:
        return near
    tree = shapely.STRtree(shapes)
    pairs = tree.query(shapes, predicate="dwithin", distance=NEAR_M)
    for a, b in sorted(zip(*pairs.tolist(), strict=True)):
        if a != b:
            near[a].append(b)
    return near
