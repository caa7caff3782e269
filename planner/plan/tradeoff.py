"""The trade-off of ways to school against pupils who cross a boundary: points and what is proven.

A point of price p with bound b proves that no plan has ``ways and boundaries + p × crossing`` below
b: each point is a line that no plan is under, and together they are the proven frontier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class TradeoffPoint:
    """One plan on the curve, or beside it."""

    kind: str
    """'joint', 'sequential' or 'outcome'."""
    price_km: float | None
    """Kilometres that a crossing pupil counted; None beside the curve."""
    way_pupil_km: float
    crossing_pupils: float
    border_unfollowed_m: float
    people_changing_subdistrict: float
    pupils_changing_school: float
    boundary_km: float
    """Border and people who change, at their prices."""
    value: float | None = None
    """Joint value in pupil-kilometres; None beside the curve."""
    bound: float | None = None
    gap: float | None = None

    @property
    def rest_km(self) -> float:
        """Ways and boundaries, without what crossing pupils count."""
        return self.way_pupil_km + self.boundary_km


def proven_km(points: Sequence[TradeoffPoint], crossing: float) -> float:
    """Ways and boundaries that no plan with so many crossing pupils can be below."""
    lines = [
        point.bound - point.price_km * crossing
        for point in points
        if point.bound is not None and point.price_km is not None
    ]
    return max(lines, default=float("-inf"))


def corners(points: Sequence[TradeoffPoint], low: float, high: float) -> list[tuple[float, float]]:
    """The proven frontier from `low` to `high` crossing pupils: its ends and corners."""
    lines = sorted(
        (point.price_km, point.bound)
        for point in points
        if point.bound is not None and point.price_km is not None
    )
    at = {low, high}
    for k, (p, b) in enumerate(lines):
        for q, c in lines[k + 1 :]:
            if q > p and low < (x := (c - b) / (q - p)) < high:
                at.add(x)
    found = [(x, proven_km(points, x)) for x in sorted(at)]
    return found if lines else []
