"""What a search found: a plan, its value, and the bound that is proven."""

from __future__ import annotations

import math
from dataclasses import dataclass

from planner.programs.districts.objective import Objective
from planner.programs.districts.plan import Plan


@dataclass(frozen=True)
class Answer:
    """The best plan of one level, if any, and the bound on all plans (inf: there is none)."""

    plan: Plan | None
    value: float | None
    bound: float
    how: str


def rounded(objective: Objective, bound: float) -> float:
    """A bound on plans of whole values rounded up, a solver's precision allowed for."""
    if not objective.whole or not math.isfinite(bound):
        return bound
    return float(math.ceil(bound - max(1e-6, 2e-9 * abs(bound))))


def proven(objective: Objective, answer: Answer, tolerance: float) -> bool:
    """Whether no plan is better than the one found by more than the tolerance."""
    if answer.value is None:
        return False
    bound = rounded(objective, answer.bound)
    return bound >= min(cutoff_below(objective, answer.value, tolerance), answer.value)


def cutoff_below(objective: Objective, value: float, tolerance: float) -> float:
    """Largest value of a plan that is worth finding once one of `value` is known."""
    if not math.isfinite(value):
        return math.inf
    if objective.whole:
        return math.ceil(value - 1e-6) - 0.5
    return value - max(tolerance * abs(value), 1e-9)
