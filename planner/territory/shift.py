"""Shift: a constant offset between two layers, as undeclared GCJ-02 coordinates have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_LEAST_M = 250.0
_MOST_M = 1200.0
_STEP_M = 50.0
_DIRECTIONS = 24
_LEAST_PLACES = 5
_SUSPICIOUS = 0.3
_REPAIRED = 0.85

Right = Callable[[npt.NDArray[np.float64]], float]
"""The share of places that lie right once moved by an offset (metres east, north)."""


@dataclass(frozen=True)
class Shift:
    """An offset that puts a layer right."""

    east_m: float
    north_m: float
    share: float
    """Share of places that lie right once the layer is moved by it."""

    def __str__(self) -> str:
        length = float(np.hypot(self.east_m, self.north_m))
        east = f"{abs(self.east_m):.0f} m {'east' if self.east_m >= 0 else 'west'}"
        north = f"{abs(self.north_m):.0f} m {'north' if self.north_m >= 0 else 'south'}"
        return f"{length:.0f} m ({east}, {north})"


def shift_that_repairs(right: Right, places: int) -> Shift | None:
    """The smallest offset that puts most places right, if many lie wrong without it."""
    if places < _LEAST_PLACES:
        return None
    before = right(np.zeros(2))
    if 1.0 - before < _SUSPICIOUS:
        return None
    best: Shift | None = None
    angles = np.arange(_DIRECTIONS) * 2 * np.pi / _DIRECTIONS
    for length in np.arange(_LEAST_M, _MOST_M + 1, _STEP_M):
        for angle in angles:
            offset = length * np.array([np.cos(angle), np.sin(angle)])
            share = right(offset)
            if best is None or share > best.share + 1e-9:
                best = Shift(float(offset[0]), float(offset[1]), share)
    return best if best is not None and best.share >= max(_REPAIRED, before + 0.3) else None


def common_shift(vectors: npt.NDArray[np.float64]) -> Shift | None:
    """The offset most of the vectors (n × 2, metres) have in common, if it is a large one."""
    if len(vectors) < _LEAST_PLACES:
        return None
    middle = np.median(vectors, axis=0)
    length = float(np.hypot(*middle))
    alike = float((np.hypot(*(vectors - middle).T) < length / 3).mean())
    if not _LEAST_M <= length <= _MOST_M or alike < _REPAIRED - 0.15:
        return None
    return Shift(float(-middle[0]), float(-middle[1]), alike)
