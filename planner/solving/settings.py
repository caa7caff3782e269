"""How a program is solved, and what comes back: our own words for status, with bound and gap."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Event


class SolveStatus(StrEnum):
    """OPTIMAL means proven within the tolerance; never a solver's word passed on."""

    OPTIMAL = "OPTIMAL"
    FEASIBLE = "FEASIBLE"
    INFEASIBLE = "INFEASIBLE"
    NO_SOLUTION_IN_TIME = "NO_SOLUTION_IN_TIME"


@dataclass(frozen=True)
class Progress:
    """Where a search stands: seconds since its start, best value, proven bound."""

    what: str
    seconds: float
    best: float
    bound: float


@dataclass(frozen=True)
class Settings:
    """Solver by name, threads, tolerance (relative gap), seed, and when to stop."""

    solver: str = "highs"
    threads: int = 1
    tolerance: float = 1e-3
    seed: int = 0
    deadline: float | None = None
    """`time.monotonic()` value at which the search stops; None: no limit."""
    stop: Event = field(default_factory=Event)
    """Set from outside (Ctrl-C) to stop and keep the best plan."""
    report: Callable[[Progress], None] | None = None

    def seconds_left(self) -> float:
        """Seconds until the deadline; inf without one, 0 once stopped."""
        if self.stop.is_set():
            return 0.0
        return math.inf if self.deadline is None else max(0.0, self.deadline - time.monotonic())


@dataclass(frozen=True)
class Solution:
    """Outcome of one minimisation. `values` maps variable names to values (empty if none)."""

    status: SolveStatus
    objective: float | None
    bound: float
    gap: float
    seconds: float
    values: dict[str, float]
    rounds: int = 1


def gap_of(value: float | None, bound: float) -> float:
    """Relative gap of a minimisation; 0 when value and bound agree within 1e-6 absolute."""
    if value is None or not (math.isfinite(bound) and math.isfinite(value)):
        return math.inf
    if value - bound <= 1e-6:
        return 0.0
    return (value - bound) / max(abs(value), 1e-9)


def status_of(value: float | None, bound: float, tolerance: float) -> SolveStatus:
    """Our status for a value (None: no plan) and a bound (inf: proven infeasible)."""
    if value is None:
        return SolveStatus.INFEASIBLE if bound == math.inf else SolveStatus.NO_SOLUTION_IN_TIME
    proven = gap_of(value, bound) <= tolerance * (1 + 1e-9)
    return SolveStatus.OPTIMAL if proven else SolveStatus.FEASIBLE
