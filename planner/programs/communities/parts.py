"""Every community there could be: contiguous sets of compounds, and small communities joined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from planner.programs.communities.problem import (
    Communities,
    CommunityProblem,
    Slot,
    households_outside,
    squared_distance,
)
from planner.programs.contiguity import pieces

MOST_STEPS = 1_000_000
"""Sets looked at in one community before the enumeration gives up."""
_AT_ONCE = 100_000

Bits = npt.NDArray[np.uint8]


class TooManyCommunitiesError(Exception):
    """A community has too many compounds to list or choose among every part of it."""


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True)
class PartTable:
    """Possible parts of one community, a row each: arrays, for there may be a million."""

    today: Communities
    community: int
    bits: Bits
    """Members of each part, packed; parts × bytes."""
    new: npt.NDArray[np.bool_]
    outside: npt.NDArray[np.int64]
    people: npt.NDArray[np.int64]

    def inside(self, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
        """Whether each member of the community is in each part, rows × members."""
        count = len(self.today.members[self.community])
        found = np.unpackbits(self.bits[rows], axis=1, count=count, bitorder="little")
        return found.astype(bool)

    def only(self, rows: npt.NDArray[np.intp]) -> PartTable:
        """The table of some rows."""
        return replace(
            self, bits=self.bits[rows], new=self.new[rows],
            outside=self.outside[rows], people=self.people[rows],
        )  # fmt: skip

    def parts(self, rows: npt.NDArray[np.intp] | None = None) -> list[Part]:
        """The parts of some rows (None: all) with their distances."""
        rows = np.arange(len(self.new)) if rows is None else rows
        found: list[Part] = []
        for first in range(0, len(rows), _AT_ONCE):
            found += self._parts(rows[first : first + _AT_ONCE])
        return found

    def _parts(self, rows: npt.NDArray[np.intp]) -> list[Part]:
        today, c = self.today, self.community
        members = np.array(today.members[c])
        inside = self.inside(rows)
        people = np.array(today.population, float)[members]
        square = today.squared[np.ix_(members, members)]
        squared = np.where(inside, (inside * people) @ square, np.inf).min(axis=1)
        return [
            Part(
                c, bool(new), tuple(members[row].tolist()), int(outside),
                int(people) if new else 0, float(distance),
            )
            for row, new, outside, people, distance in zip(
                inside, self.new[rows], self.outside[rows], self.people[rows], squared, strict=True
            )
        ]  # fmt: skip


def parts_of_split(
    today: Communities, c: int, window: int, *, skip: frozenset[str] = frozenset()
) -> list[Part]:
    """`table_of_split` as parts."""
    return table_of_split(today, c, window, skip=skip).parts()


def table_of_split(
    today: Communities, c: int, window: int, *, skip: frozenset[str] = frozenset()
) -> PartTable:
    """Parts of a too large community with at most `window` households outside the limits.

    Each is contiguous; where the community is torn today, what stays is so within each piece.
    Raises TooManyCommunitiesError beyond `MOST_STEPS`. `skip` leaves the rule `contiguous` out.
    """
    members = today.members[c]
    near = _adjacency(today, members, free="contiguous" in skip)
    torn = [list(members)] if "contiguous" in skip else pieces(today.graph, members)
    place = {u: n for n, u in enumerate(members)}
    heavy = today.most + window
    households = [today.households[u] for u in members]
    connected = [
        list(_connected(households, near, [place[u] for u in piece], heavy)) for piece in torn
    ]
    new = [found for sets in connected for found in sets]
    return table_of(today, c, (new, list(_unions(connected, heavy))), window)


def table_of(
    today: Communities,
    c: int,
    found: tuple[Sequence[tuple[int, int]], Sequence[tuple[int, int]]],
    window: int,
) -> PartTable:
    """Table of the (bit set, households) of new and of staying parts, within the window."""
    count = len(today.members[c])
    width = (count + 7) // 8
    masks, outsides, news = [], [], []
    for new, sets in zip((True, False), found, strict=True):
        for mask, households in sets:
            alone = households > today.most and mask & (mask - 1) == 0
            outside = 0 if alone else max(0, households - today.most, today.least - households)
            if outside <= window:
                masks.append(mask.to_bytes(width, "little"))
                outsides.append(outside)
                news.append(new)
    bits = np.frombuffer(b"".join(masks), np.uint8).reshape(len(masks), width)
    people = np.zeros(len(masks), np.int64)
    population = np.array([today.population[u] for u in today.members[c]], np.int64)
    for first in range(0, len(masks), _AT_ONCE):
        rows = slice(first, first + _AT_ONCE)
        inside = np.unpackbits(bits[rows], axis=1, count=count, bitorder="little")
        people[rows] = inside @ population
    return PartTable(
        today, c, bits, np.array(news, bool), np.array(outsides, np.int64), people
    )  # fmt: skip


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


def _connected(
    households: Sequence[int], near: Sequence[int], members: Sequence[int], heavy: int
) -> Iterator[tuple[int, int]]:
    """Each connected set of `members` once, with its households; only single ones above `heavy`."""
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
            yield mask, total
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
    connected: Sequence[Sequence[tuple[int, int]]], heavy: int
) -> Iterator[tuple[int, int]]:
    """Sets that are connected, or empty, in each piece; several pieces only up to `heavy`."""
    stack = [(0, 0, 0)]
    steps = MOST_STEPS
    while stack:
        piece, mask, total = stack.pop()
        steps -= 1
        if steps < 0:
            raise TooManyCommunitiesError
        if piece == len(connected):
            if mask:
                yield mask, total
            continue
        stack.append((piece + 1, mask, total))
        stack.extend(
            (piece + 1, mask | more, total + weight)
            for more, weight in connected[piece]
            if not mask or total + weight <= heavy
        )


def _adjacency(today: Communities, members: Sequence[int], *, free: bool) -> list[int]:
    place = {u: n for n, u in enumerate(members)}
    if free:
        return [(1 << len(members)) - 1] * len(members)
    return [sum(1 << place[w] for w in today.graph.neighbours[u] if w in place) for u in members]
