"""One catchment as a knapsack: the cheapest set of clients for every room, overflow at a price.

Dynamic programming over whole pupils. A client whose gain outweighs even the price of standing
above capacity is always taken, so loads beyond the room matter only up to the largest client.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.programs.location.problem import Bools, Floats, Ints


@dataclass(frozen=True)
class Packing:
    """The best sets of one catchment: their values by room, and how to read one back."""

    values: Floats
    """By room; at most 0."""
    always: Ints
    """Items that are taken whatever the room."""
    items: Ints
    """Items that may be taken, in the order of `took`."""
    weight: Ints
    """By item of `items`."""
    took: Bools
    """Items × loads."""
    ends: Ints
    """Load of the best set by room."""

    def members(self, room: int) -> Ints:
        """The items of the best set for the room at that position, by position."""
        load, chosen = int(self.ends[room]), self.always.tolist()
        for k in range(len(self.items) - 1, -1, -1):
            if self.took[k, load]:
                chosen.append(int(self.items[k]))
                load -= int(self.weight[k])
        return np.array(chosen, np.int64)


def pack(rest: Floats, weight: Ints, rooms: Ints, price: float) -> Packing:
    """The cheapest sets: ``min sum(rest) + price * max(0, load - room)`` for each of `rooms`.

    `rest` and `weight` are by item; weights are whole.
    """
    always = np.flatnonzero(rest + price * weight < 0)
    items = np.flatnonzero((rest < 0) & (rest + price * weight >= 0))
    first = int(weight[always].sum())
    width = max(1, int(rooms.max()) + int(weight[items].max(initial=0)) + 1 - first)
    best = np.full(width, np.inf)
    best[0] = rest[always].sum()
    took = np.zeros((len(items), width), bool)
    for k, (item, w) in enumerate(zip(items.tolist(), weight[items].tolist(), strict=True)):
        if w >= width:
            continue
        with_it = best[: width - w] + rest[item]
        better = with_it < best[w:]
        took[k, w:] = better
        np.minimum(best[w:], with_it, out=best[w:])
    loads = first + np.arange(width)
    paid = best + price * np.maximum(0, loads - rooms[:, None])
    ends = paid.argmin(1)
    return Packing(
        paid[np.arange(len(rooms)), ends], always, items, weight[items], took, ends.astype(np.int64)
    )


def with_each(rest: Floats, weight: Ints, room: int, price: float) -> Floats:
    """Value of the best set for one room that holds each item, by item.

    Forward over the items before it, backward over those after it.
    """
    order = np.argsort(rest, kind="stable")
    gainful = rest < 0
    width = max(room, int(weight[gainful].sum())) + int(weight.max(initial=0)) + 1
    loads = np.arange(width)
    onward = [price * np.maximum(0.0, loads - room)]
    for i in order[::-1].tolist():
        onward.append(_onward(onward[-1], float(rest[i]), int(weight[i])))
    onward.reverse()
    before = np.full(width, np.inf)
    before[0] = 0.0
    held = np.full(len(rest), np.inf)
    for k, i in enumerate(order.tolist()):
        w, value = int(weight[i]), float(rest[i])
        after = onward[k + 1]
        held[i] = value + (before[: width - w] + after[w:]).min()
        if gainful[i]:
            before[w:] = np.minimum(before[w:], before[: width - w] + value)
    return held


def _onward(after: Floats, value: float, weight: int) -> Floats:
    """Cost to go by load before an item is decided on; a free item is never taken needlessly."""
    if value >= 0:
        return after
    now = after.copy()
    np.minimum(now[: len(now) - weight], after[weight:] + value, out=now[: len(now) - weight])
    return now
