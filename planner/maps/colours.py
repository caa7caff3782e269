"""Colours of the map: palettes that stay apart for colour-blind readers, neighbours unlike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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


def colour_areas(*maps: Mapping[str, BaseGeometry]) -> dict[str, int]:
    """Position in `AREA_COLOURS` for every area, so that neighbours differ.

    An area of several maps has one colour on all of them. Areas that come within two metres of
    each other on any map are neighbours. The most crowded areas choose
    first, each the least used colour that none of its neighbours has taken; as long as there are no
    more areas than colours, every area has a colour of its own.
    """
    ids = sorted({key for areas in maps for key in areas})
    near = _neighbours(ids, maps)
    if len(ids) <= len(AREA_COLOURS):
        return {key: position for position, key in enumerate(ids)}
    chosen: dict[int, int] = {}
    for area in sorted(near, key=lambda i: (-len(near[i]), i)):
        taken = [chosen[other] for other in near[area] if other in chosen]
        used = list(chosen.values())
        chosen[area] = min(
            range(len(AREA_COLOURS)), key=lambda colour: (taken.count(colour), used.count(colour))
        )
    return {ids[area]: colour for area, colour in chosen.items()}


def _neighbours(ids: list[str], maps: Sequence[Mapping[str, BaseGeometry]]) -> dict[int, list[int]]:
    position = {key: number for number, key in enumerate(ids)}
    near: dict[int, set[int]] = {number: set() for number in range(len(ids))}
    for areas in filter(None, maps):
        keys = sorted(areas)
        shapes = [areas[key] for key in keys]
        tree = shapely.STRtree(shapes)
        pairs = tree.query(shapes, predicate="dwithin", distance=NEAR_M)
        for a, b in zip(*pairs.tolist(), strict=True):
            if a != b:
                near[position[keys[a]]].add(position[keys[b]])
    return {number: sorted(others) for number, others in near.items()}
