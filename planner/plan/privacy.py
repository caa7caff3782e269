"""Privacy: figures of few children that public pages must not tell."""

from __future__ import annotations

from collections.abc import Mapping


def withheld(
    pupils: Mapping[str, float],
    group: Mapping[str, str],
    *,
    min_children: int,
    also: frozenset[str] = frozenset(),
) -> frozenset[str]:
    """Units whose number of pupils may not be shown.

    These are units with some pupils, but fewer than `min_children`; and where they are the only
    one of a group whose total is shown, or hide fewer than `min_children` together, the next
    smallest ones of the group, so that no difference tells them (complementary suppression).

    Args:
        pupils: By unit.
        group: The school of each unit, whose total is public.
        min_children: The threshold; 0 withholds nothing.
        also: Units that are withheld already, for another reason.
    """
    members: dict[str, list[str]] = {}
    for unit in sorted(pupils):
        if pupils[unit] > 0:
            members.setdefault(group.get(unit, ""), []).append(unit)
    hidden: set[str] = set()
    for units in members.values():
        units.sort(key=lambda unit: (unit not in also, pupils[unit], unit))
        few = [unit for unit in units if pupils[unit] < min_children or unit in also]
        while (
            few
            and len(few) < len(units)
            and (len(few) < 2 or sum(pupils[unit] for unit in few) < min_children)
        ):
            few.append(units[len(few)])
        hidden.update(few)
    return frozenset(hidden)


def shown(count: float, *, min_children: int) -> float | None:
    """A count of children that stands alone; None where it has to be withheld."""
    return None if 0 < count < min_children else count
