"""What a search for subdistricts is given beside its problem, and what it hands back."""

from __future__ import annotations

from dataclasses import dataclass

from planner.solving.ranked import RankedSolution


@dataclass(frozen=True)
class Slack:
    """How far a level may be exceeded for the sake of those below it."""

    deviation: float
    """Of the mean population, added."""
    compactness: float
    """Share of the best squared distance."""


@dataclass(frozen=True)
class Answer:
    """Seat of each community, and what is proven."""

    solution: RankedSolution
    seat: tuple[int, ...]
    """By community; empty without a plan."""
    how: str
