"""Levels before and after: what an alternative costs, and as far as it is proven."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from planner.plan.plan import Level
from planner.solving.ranked import LevelResult
from planner.solving.settings import gap_of

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


def not_worse(changes: Sequence[Change]) -> tuple[tuple[Change, ...], bool]:
    """Changes of a relaxed rule, in which the plan before is still a plan; whether it is kept.

    Where the first level that differs came out worse, the search ended too early: the plan before
    stands, with the bounds of the search as far as they hold for it.
    """
    for n, change in enumerate(changes):
        slack = _SLACK * max(1.0, abs(change.before))
        if change.change < -slack:
            break
        if change.change > slack:
            kept = [_kept(c, c.bound if k <= n else -math.inf) for k, c in enumerate(changes)]
            return tuple(kept), True
    return tuple(changes), False


def unknown_changes(before: Sequence[AnyLevel], program: str) -> tuple[Change, ...]:
    """The plan before, of which nothing is proven any more."""
    return tuple(_kept(_change(program, level, level), -math.inf) for level in before)


def _kept(change: Change, bound: float) -> Change:
    value, bound = change.before, min(bound, change.before)
    return replace(
        change, value=value, bound=bound, gap=gap_of(value, bound), change=0.0,
        least=bound - value, most=0.0,
    )  # fmt: skip


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
