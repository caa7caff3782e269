"""Levels before and after: what an alternative costs, and as far as it is proven."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from planner.plan.plan import Level
from planner.solving.ranked import LevelResult

AnyLevel = Level | LevelResult
_SLACK = 1e-6


@dataclass(frozen=True)
class Change:
    """One ranked level with an alternative, against the same level without it."""

    program: str
    level: str
    unit: str
    before: float
    value: float
    """Of the best plan found with the alternative."""
    bound: float
    gap: float
    change: float
    """`value` less `before`."""
    least: float
    """The change is proven to be no less than that."""
    most: float
    """Nor more than that."""

    @property
    def worse(self) -> bool:
        """Whether the level is proven to be worse."""
        return self.least > _SLACK * max(1.0, abs(self.before))


def changes_of(
    before: Sequence[AnyLevel], after: Sequence[AnyLevel], program: str = "location"
) -> tuple[Change, ...]:
    """Level by level of one program, in rank order; those that only one side has are left out."""
    known = {level.name: level for level in before}
    return tuple(
        _change(program, known[level.name], level) for level in after if level.name in known
    )


def deciding_level(before: Sequence[AnyLevel], after: Sequence[AnyLevel]) -> str:
    """The first level that is proven to exceed what the plan's level allows; empty without one.

    The alternative only takes plans away. So the bound of each of its levels, which holds for what
    its own levels above allow, holds for the less that the plan's levels allow.
    """
    known = {level.name: level for level in before}
    for level in after:
        allowed = known[level.name].allowed if level.name in known else math.inf
        if level.bound > allowed + _SLACK * max(1.0, abs(allowed)):
            return level.name
    return ""


def _change(program: str, before: AnyLevel, after: AnyLevel) -> Change:
    return Change(
        program=program,
        level=after.name,
        unit=after.unit,
        before=before.value,
        value=after.value,
        bound=after.bound,
        gap=after.gap,
        change=after.value - before.value,
        least=after.bound - before.value,
        most=after.value - before.bound,
    )
