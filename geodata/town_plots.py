"""Plots inside blocks: school grounds, sites, industry, parks, and the buildings of estates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Polygon, box
from town_communities import NoLuckError
from town_ground import Ground
from town_network import BARRIERS, Town

SETBACK_M = 24
BANK_M = 55
RATIOS = (1.15, 0.87, 1.4, 0.71)
SLAB_SIZES = (48, 54, 60, 72, 84, 96)
TOWER_SIZES = (88, 104, 120, 132, 144, 168, 180)


@dataclass(frozen=True)
class Building:
    """A residential building: its compound, its footprint (flat) and its households."""

    compound: int
    footprint: Polygon
    households: int


class Plots:
    """Free land of every block; what is placed is taken off."""

    def __init__(self, ground: Ground, town: Town) -> None:
        banks = shapely.union_all(
            [line.geometry.buffer(BANK_M) for line in ground.lines if line.kind in BARRIERS]
        )
        self._free = [
            [block.buffer(-SETBACK_M, join_style="mitre").difference(banks) for block in blocks]
            for blocks in ground.blocks
        ]
        # The cells are the blocks' exact outline: nothing may reach beyond them.
        self._inner = [cell.buffer(-12, join_style="mitre") for cell in town.cells]

    def place(self, rng: np.random.Generator, compound: int, land_m2: float) -> Polygon | None:
        """A rectangle of that area in a block, taken off the free land; None: does not fit."""
        ratios = rng.permutation(RATIOS).tolist()
        for k in rng.permutation(len(self._free[compound])).tolist():
            plot = self._fit(compound, k, land_m2, ratios)
            if plot is not None:
                self._free[compound][k] = self._free[compound][k].difference(plot.buffer(14))
                return plot
        return None

    def largest_m2(self, compound: int) -> float:
        """The largest rectangle, in steps of 2000 m², that `place` finds room for (0: none)."""
        for land_m2 in range(48_000, 20_000, -2_000):
            for k in range(len(self._free[compound])):
                if self._fit(compound, k, float(land_m2), list(RATIOS)) is not None:
                    return float(land_m2)
        return 0.0

    def _fit(self, compound: int, k: int, land_m2: float, ratios: list[float]) -> Polygon | None:
        free = self._free[compound][k]
        if free.area < land_m2:
            return None
        west, south, east, north = free.bounds
        for ratio in ratios:
            w, h = np.sqrt(land_m2 * ratio), np.sqrt(land_m2 / ratio)
            # Corners first, then further in, where the block is not quite a rectangle.
            for inset in (0, 9, 22):
                for u in (west + inset, east - inset - w):
                    for v in (south + inset, north - inset - h):
                        plot = box(u, v, u + w, v + h)
                        if free.covers(plot) and self._inner[compound].covers(plot):
                            return plot
        return None

    def take_block(self, compound: int, *, keep_m2: float) -> Polygon | None:
        """The largest block of a compound, whole, where enough is left for its buildings."""
        free = self._free[compound]
        if len(free) < 2:
            return None
        k = int(np.argmax([part.area for part in free]))
        plot = free[k].intersection(self._inner[compound])
        left = sum(part.area for part in free) - free[k].area
        if plot.geom_type != "Polygon" or plot.area < 15_000 or left < keep_m2:
            return None
        free[k] = Polygon()
        return plot

    def build(
        self, rng: np.random.Generator, compound: int, households: int, age: int
    ) -> list[Building]:
        """Rows of slabs (old) or towers (young), as loosely as the land allows."""
        sizes = _sizes(rng, households, age)
        for gap, row in ((46, 84), (38, 70), (30, 60), (24, 52), (18, 44), (14, 36), (10, 30)):
            places = self._rows(compound, max(sizes), gap, row, age)
            if len(places) >= len(sizes):
                break
        else:
            raise NoLuckError("no room for the buildings")
        anchor = places[int(rng.integers(len(places)))]
        near = sorted(
            places, key=lambda p: (round(abs(p[0] - anchor[0]) + abs(p[1] - anchor[1]), 3), p)
        )
        chosen = sorted(near[: len(sizes)], key=lambda p: (-p[1], p[0]))
        return [
            Building(compound, _footprint(u, v, size, age), size)
            for (u, v), size in zip(chosen, sizes, strict=True)
        ]

    def _rows(
        self, compound: int, size: int, gap: float, row: float, age: int
    ) -> list[tuple[float, float]]:
        length, depth = _extent(size, age)
        places = []
        for free in self._free[compound]:
            if free.is_empty:
                continue
            inner = free.intersection(self._inner[compound])
            west, south, east, north = inner.bounds
            across, along = int((east - west - length) // (length + gap)), (north - south - depth)
            for k in range(int(along // row) + 1):
                for j in range(across + 1):
                    u, v = west + j * (length + gap), south + k * row
                    if inner.covers(box(u, v, u + length, v + depth)):
                        places.append((round(u, 2), round(v, 2)))
        return places


def _extent(size: int, age: int) -> tuple[float, float]:
    return (30.0, 21.0) if age == 2 else (min(84.0, max(34.0, size * 0.85)), 13.0)


def _footprint(u: float, v: float, size: int, age: int) -> Polygon:
    length, depth = _extent(size, age)
    return box(u, v, u + length, v + depth)


def _sizes(rng: np.random.Generator, households: int, age: int) -> list[int]:
    """One or two sizes and a remainder, all of 30 to 200 households, adding up exactly."""
    kinds = TOWER_SIZES if age == 2 else SLAB_SIZES
    size = int(rng.choice([k for k in kinds if k <= max(households, kinds[0])]))
    second = int(rng.choice(kinds)) if households > 600 else size
    sizes: list[int] = []
    left = households
    while left > 0:
        nominal = size if len(sizes) % 3 < 2 else second
        if left <= nominal or left - nominal < 30:
            # The remainder: one building, or two halves where it is too large.
            sizes.extend([left] if left <= 200 else [left - left // 2, left // 2])
            break
        sizes.append(nominal)
        left -= nominal
    return sizes
