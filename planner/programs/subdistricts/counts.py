"""How many subdistricts each group has: what is best of all ways to share them out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

Table = Mapping[int, float]
"""Value of a group by its number of subdistricts."""


def shared_out(
    tables: Sequence[Table], number: int, join: Callable[[float, float], float]
) -> tuple[float, tuple[int, ...]]:
    """The least joined value with `number` subdistricts in all, and the number of each group.

    `join` does not fall when a value rises: a sum or a maximum. inf and no numbers if there is no
    way of finite value.
    """
    best: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}
    for table in tables:
        grown: dict[int, tuple[float, tuple[int, ...]]] = {}
        for have, (value, counts) in sorted(best.items()):
            for count, own in sorted(table.items()):
                found = (join(value, own), (*counts, count))
                total = have + count
                if total <= number and found < grown.get(total, (math.inf, ())):
                    grown[total] = found
        best = grown
    return best.get(number, (math.inf, ()))
