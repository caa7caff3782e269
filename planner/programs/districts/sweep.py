"""A sweep over the units: what must be known of a part so far, in a table of states.

The units are passed one after the other, inside the part or out of it. All that matters of the
units passed is which of those with neighbours still to come, the front, are inside, and, for a part
that hangs together, which of these are joined already. Few units stand at the front of a flat map,
so the states are few. Source: Sekine, Imai and Tani, ISAAC 1995, and Kawahara et al., IEICE Trans.
E100-A (2017), for subgraphs listed along a front.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.programs.districts.graph import Floats, Ints, Neighbours

Rows = npt.NDArray[np.int16]
"""States × (1 + units at the front): EMPTY, OPEN or DONE, then the piece of each unit (0: out)."""
NOWHERE = -1
"""State of a part that cannot be completed."""
STARTS = 24
"""Units tried as the first of a sweep."""
OPEN, DONE = 1, 2
"""First number of a state's row: a part begun; one that may be complete; 0: no unit yet."""


class TooWideError(Exception):
    """The front of the sweep has more states than are worth a table."""


@dataclass(frozen=True, eq=False)
class Step:
    """One unit is passed: by state before, the state after and the price of the pairs parted."""

    unit: int
    out: Ints
    """By state: the one after if the unit stays out; NOWHERE: not possible."""
    into: Ints
    out_price: Floats
    """By state: price of the pairs parted if the unit stays out."""
    into_price: Floats
    states: int
    """Number of states after."""


def sweep_of(near: Neighbours, price: Floats, *, contiguous: bool, most: int) -> tuple[Step, ...]:
    """The steps of a sweep with few states, from a state 0 to a state 0.

    `near` says which units join each other; `price` is units × units, symmetric: what a part pays
    that holds one of the two. Raises TooWideError beyond `most` states, all steps together.
    """
    links = [
        sorted({*(near[u] if contiguous else ()), *np.flatnonzero(price[u]).tolist()})
        for u in range(len(near))
    ]
    order = narrow_order(links)
    place = {unit: n for n, unit in enumerate(order)}
    last = [max((place[w] for w in links[unit]), default=-1) for unit in range(len(links))]
    front: list[int] = []
    rows: Rows = np.zeros((1, 1), np.int16)
    steps, total = [], 0
    for n, unit in enumerate(order):
        grown = [*front, unit]
        stays = [c for c, u in enumerate(grown) if last[u] > n]
        joins = [c for c, u in enumerate(front) if u in near[unit]]
        if len(stays) > most.bit_length():
            raise TooWideError  # as many states as sides of the front
        (out_rows, out_fine), (into_rows, into_fine) = (
            _passed(own, stays, contiguous, last=n == len(order) - 1)
            for own in (_stayed(rows), _entered(rows, joins, contiguous))
        )
        states, number = _numbered(np.concatenate([out_rows[out_fine], into_rows[into_fine]]))
        total += len(states)
        if total > most:
            raise TooWideError
        after = np.full((2, len(rows)), NOWHERE)
        after[0, out_fine] = number[: out_fine.sum()]
        after[1, into_fine] = number[out_fine.sum() :]
        inside = rows[:, 1:] > 0
        toll = np.array([price[unit, u] for u in front], float)
        steps.append(Step(unit, after[0], after[1], inside @ toll, ~inside @ toll, len(states)))
        front, rows = [grown[c] for c in stays], states
    return tuple(steps)


def narrow_order(links: Sequence[Sequence[int]]) -> list[int]:
    """All units in an order that keeps the front short; the best of some first units."""
    count = len(links)
    firsts = sorted(range(count), key=lambda u: (len(links[u]), u))[:STARTS]
    return min((_order_from(links, first) for first in firsts), key=lambda found: found[0])[1]


def _order_from(links: Sequence[Sequence[int]], first: int) -> tuple[float, list[int]]:
    """A greedy order and the sum of its states, roughly."""
    left = [len(own) for own in links]
    """Neighbours still to come."""
    done: set[int] = set()
    front: dict[int, None] = {}
    order, total, unit = [], 0.0, first
    while True:
        order.append(unit)
        done.add(unit)
        front[unit] = None
        for w in links[unit]:
            left[w] -= 1
        front = {u: None for u in front if left[u] > 0}
        total += 2.5 ** len(front)
        if len(order) == len(links):
            return total, order
        reach = dict.fromkeys(w for u in front for w in links[u] if w not in done)
        choice = reach or dict.fromkeys(u for u in range(len(links)) if u not in done)
        # the front after a unit: those it closes leave, it joins if it has others to come
        age = {u: a for a, u in enumerate(front)}
        unit = min(choice, key=lambda w: (
            (left[w] > 0) - sum(left[u] == 1 for u in links[w] if u in front),
            min((age[u] for u in links[w] if u in front), default=0), w,
        ))  # fmt: skip


def _stayed(rows: Rows) -> Rows:
    """Rows after a unit has stayed out."""
    return np.pad(rows, ((0, 0), (0, 1)))


def _entered(rows: Rows, joins: Sequence[int], contiguous: bool) -> Rows:
    """Rows after a unit has come in: it joins the pieces that it touches."""
    grown = np.pad(rows, ((0, 0), (0, 1)), constant_values=1)
    if not contiguous:
        grown[:, 0] = DONE
        return grown
    new = rows.shape[1] + 1
    grown[:, -1] = new
    for c in joins:
        old = grown[:, c + 1]
        touched = (old > 0)[:, None] & (grown[:, 1:] == old[:, None])
        grown[:, 1:][touched] = new
    grown[:, 0] = np.where(rows[:, 0] == DONE, NOWHERE, OPEN)
    return grown


def _passed(
    grown: Rows, stays: Sequence[int], contiguous: bool, *, last: bool
) -> tuple[Rows, np.ndarray]:
    """Rows of the units that stay at the front, and which rows can still be completed."""
    kept = grown[:, [0, *(c + 1 for c in stays)]]
    fine = kept[:, 0] != NOWHERE
    if contiguous:
        leaving = [c for c in range(1, grown.shape[1]) if c - 1 not in stays]
        for c in leaving:
            own = grown[:, c]
            lost = (own > 0) & ~(kept[:, 1:] == own[:, None]).any(axis=1)
            alone = ~((grown[:, 1:] > 0) & (grown[:, 1:] != own[:, None])).any(axis=1)
            fine &= ~lost | alone
            kept[lost, 0] = DONE
    if last:
        fine &= kept[:, 0] == DONE
    return kept, fine


def _numbered(rows: Rows) -> tuple[Rows, Ints]:
    """Different rows, pieces numbered from 1 by their first units, and the number of each row."""
    plain = np.zeros_like(rows)
    plain[:, 0] = rows[:, 0]
    highest = np.zeros(len(rows), rows.dtype)
    for c in range(1, rows.shape[1]):
        new = (rows[:, c] > 0) & (plain[:, c] == 0)
        highest[new] += 1
        same = new[:, None] & (rows[:, 1:] == rows[:, c, None])
        plain[:, 1:] = np.where(same, highest[:, None], plain[:, 1:])
    states, number = np.unique(plain, axis=0, return_inverse=True)
    return states, np.asarray(number.reshape(-1), np.int64)
