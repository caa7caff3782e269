"""Every community there could be: contiguous sets of compounds, and small communities joined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from planner.programs.community_problem import (
    Communities,
    CommunityProblem,
    Slot,
    households_outside,
    squared_distance,
)
from planner.programs.contiguity import pieces

MOST_STEPS = 2_000_000
"""Sets looked at in one community before the enumeration gives up."""


class TooManyCommunitiesError(Exception):
    """A community has too many compounds to list every part of it."""


@dataclass(frozen=True)
class Part:
    """A possible community; `community` is the one it keeps the id of, or is split from."""

    community: int
    new: bool
    members: tuple[int, ...]
    """Compounds."""
    outside: int
    """Households above the most or below the least."""
    changing: int
    """People whose community changes."""
    squared: float
    """Person-km² to its best centre."""


def parts_of_split(
    today: Communities, c: int, window: int, *, skip: frozenset[str] = frozenset()
) -> list[Part]:
    """Parts of a too large community with at most `window` households outside the limits.

    Each is contiguous; where the community is torn today, what stays is so within each piece.
    Raises TooManyCommunitiesError beyond `MOST_STEPS`. `skip` leaves the rule `contiguous` out.
    """
    members = today.members[c]
    near = _adjacency(today, members, free="contiguous" in skip)
    torn = [members] if "contiguous" in skip else _pieces(today, members)
    place = {u: n for n, u in enumerate(members)}
    heavy = today.most + window
    households = [today.households[u] for u in members]
    connected = [
        list(_connected(households, near, [place[u] for u in piece], heavy)) for piece in torn
    ]
    parts = [
        part
        for mask in (mask for sets in connected for mask in sets)
        if (part := _part(today, c, mask, window, new=True))
    ]
    for mask in _unions(connected, households, heavy):
        part = _part(today, c, mask, window, new=False)
        if part:
            parts.append(part)
    return parts


def parts_of_joining(
    problem: CommunityProblem, slot: Slot, *, skip: frozenset[str] = frozenset()
) -> Iterator[Part]:
    """A small community or neighbour with every group of small ones that finds room in it.

    `skip` leaves the rule `room` out.
    """
    today = problem.today
    own, *givers = slot.units
    for size in range(len(givers) + 1):
        for group in combinations(givers, size):
            units = [problem.units[i] for i in (own, *group)]
            room = sum(unit.households for unit in units) <= today.most
            if not group or room or "room" in skip:
                members = tuple(sorted(u for unit in units for u in unit.compounds))
                yield Part(
                    slot.community, new=False, members=members,
                    outside=households_outside(today, members),
                    changing=sum(unit.population for unit in units[1:]),
                    squared=squared_distance(today, members),
                )  # fmt: skip


def _part(today: Communities, c: int, mask: int, window: int, *, new: bool) -> Part | None:
    members = tuple(u for n, u in enumerate(today.members[c]) if mask >> n & 1)
    outside = households_outside(today, members)
    if outside > window:
        return None
    people = np.array([today.population[u] for u in members], float)
    square = today.squared[np.ix_(members, members)]
    changing = int(people.sum()) if new else 0
    return Part(c, new, members, outside, changing, float((people @ square).min()))


def _connected(
    households: Sequence[int], near: Sequence[int], members: Sequence[int], heavy: int
) -> Iterator[int]:
    """Each connected set of `members` once, by its lowest; only single ones above `heavy`."""
    steps = MOST_STEPS
    lower = 0
    for root in members:
        lower |= 1 << root
        stack = [(1 << root, near[root] & ~lower, lower, households[root])]
        while stack:
            mask, shore, done, total = stack.pop()
            steps -= 1
            if steps < 0:
                raise TooManyCommunitiesError
            yield mask
            while shore:
                bit = shore & -shore
                shore ^= bit
                done |= bit
                v = bit.bit_length() - 1
                if total + households[v] <= heavy:
                    stack.append(
                        (mask | bit, (shore | near[v]) & ~done, done, total + households[v])
                    )


def _unions(
    connected: Sequence[Sequence[int]], households: Sequence[int], heavy: int
) -> Iterator[int]:
    """Sets that are connected, or empty, in each piece; several pieces only up to `heavy`."""
    weigh = {
        mask: sum(h for n, h in enumerate(households) if mask >> n & 1)
        for sets in connected
        for mask in sets
    }
    stack = [(0, 0, 0)]
    steps = MOST_STEPS
    while stack:
        piece, mask, total = stack.pop()
        steps -= 1
        if steps < 0:
            raise TooManyCommunitiesError
        if piece == len(connected):
            if mask:
                yield mask
            continue
        stack.append((piece + 1, mask, total))
        stack.extend(
            (piece + 1, mask | more, total + weigh[more])
            for more in connected[piece]
            if not mask or total + weigh[more] <= heavy
        )


def _adjacency(today: Communities, members: Sequence[int], *, free: bool) -> list[int]:
    place = {u: n for n, u in enumerate(members)}
    if free:
        return [(1 << len(members)) - 1] * len(members)
    return [sum(1 << place[w] for w in today.graph.neighbours[u] if w in place) for u in members]


def _pieces(today: Communities, members: Sequence[int]) -> list[list[int]]:
    return pieces(today.graph, members)
