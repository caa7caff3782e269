"""Every plan of a tiny problem: parts grown around the first unit that is left, as bit sets."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator

import numpy as np

from planner.programs.districts.graph import bit_pieces, bit_sets, flood, weigher
from planner.programs.districts.plan import SLACK
from planner.programs.districts.problem import DistrictProblem
from planner.solving.settings import Settings

MOST_STEPS = 3_000_000
LOOK = 1000
"""Steps between looks at the clock."""


class TooManyPlansError(Exception):
    """The problem is too large to list every plan."""


def list_plans(problem: DistrictProblem, steps: int = MOST_STEPS) -> Iterator[tuple[int, ...]]:
    """Each plan once, as the part of each unit; parts are numbered by their first unit.

    Bounds, contiguity and the rules of belonging hold; seats are not looked at. Raises
    TooManyPlansError after so many steps.
    """
    yield from _Listing(problem, steps).plans()


def count_plans(problem: DistrictProblem, settings: Settings) -> tuple[int, bool]:
    """Number of plans listed, and whether these are all of them or the time was over."""
    listing = _Listing(problem, sys.maxsize, settings)
    found = 0
    try:
        for _ in listing.plans():
            found += 1
    except TooManyPlansError:
        return found, False
    return found, True


class _Listing:
    def __init__(
        self, problem: DistrictProblem, steps: int, settings: Settings | None = None
    ) -> None:
        self._problem = problem
        self._settings = settings
        self._steps = steps
        # around the heaviest units there are the fewest parts
        self._order = np.argsort(-problem.weight[0], kind="stable").tolist()
        place = {i: n for n, i in enumerate(self._order)}
        count = problem.count
        whole = tuple(((1 << count) - 1) & ~(1 << v) for v in range(count))
        near = tuple(tuple(place[w] for w in problem.near[i]) for i in self._order)
        self._bits = bit_sets(near) if problem.contiguous else whole
        self._weight = problem.weight[:, self._order].T
        self._lower = problem.lower - SLACK * np.maximum(1.0, np.abs(problem.lower))
        self._upper = problem.upper + SLACK * np.maximum(1.0, np.abs(problem.upper))
        self._first = self._weight[:, 0].tolist()
        self._weigh = weigher(self._first)
        self._least = float(self._lower[0])
        self._banned = self._bans(place)
        self._bound = self._bindings(place)

    def plans(self) -> Iterator[tuple[int, ...]]:
        for parts in self._cut((1 << self._problem.count) - 1, self._problem.number):
            part = [0] * self._problem.count
            for number, mask in enumerate(parts):
                for n, i in enumerate(self._order):
                    if mask >> n & 1:
                        part[i] = number
            first: dict[int, int] = {}
            yield tuple(first.setdefault(p, len(first)) for p in part)

    def _cut(self, left: int, number: int) -> Iterator[tuple[int, ...]]:
        """All ways to cut the units `left` into so many parts."""
        if number == 1:
            if self._fits(left) and len(bit_pieces(self._bits, left)) == 1:
                yield (left,)
            return
        for part in self._parts(left, number):
            for others in self._cut(left & ~part, number - 1):
                yield (part, *others)

    def _parts(self, left: int, number: int) -> Iterator[int]:
        """Connected sets with the first unit left that fit and leave something that can."""
        low = left & -left
        first = low.bit_length() - 1
        upper = float(self._upper[0])
        stack = [(low, self._bits[first] & left & ~low, low | self._banned[first],
                  self._first[first])]  # fmt: skip
        while stack:
            mask, shore, done, weight = stack.pop()
            self._steps -= 1
            if self._steps < 0 or (self._steps % LOOK == 0 and self._over()):
                raise TooManyPlansError
            if not self._hopeful(left & ~mask, left & ~mask & done, number - 1):
                continue
            shore &= ~done
            if not shore:
                if self._fits(mask) and self._leaves(left & ~mask, number - 1):
                    yield mask
                continue
            bit = shore & -shore
            v = bit.bit_length() - 1
            stack.append((mask, shore & ~bit, done | bit, weight))
            if weight + self._first[v] <= upper:
                grown = mask | bit
                banned = done | bit | self._banned[v]
                stack.append((grown, (shore | self._bits[v]) & left, banned,
                              weight + self._first[v]))  # fmt: skip

    def _over(self) -> bool:
        return self._settings is not None and self._settings.seconds_left() <= 0

    def _fits(self, mask: int) -> bool:
        weight = self._sum(mask)
        if (weight < self._lower).any() or (weight > self._upper).any():
            return False
        return all(not mask & own or mask & own == own for own in self._bound) and not any(
            self._banned[v] & mask for v in _members(mask)
        )

    def _leaves(self, left: int, number: int) -> bool:
        """Whether what is left can be that many parts by weight, piece by piece."""
        least = most = 0
        for piece in bit_pieces(self._bits, left):
            few, lots = self._parts_of(self._sum(piece).tolist(), piece.bit_count())
            if lots < few:
                return False
            least, most = least + few, most + lots
        return least <= number <= most

    def _parts_of(self, weights: list[float], units: int) -> tuple[int, int]:
        """Least and largest number of parts that so many units of these weights can be."""
        few, lots = 1, units
        for weight, low, high in zip(weights, self._lower, self._upper, strict=True):
            if weight > high:
                few = max(few, math.ceil(weight / high)) if high > 0 else units + 1
            if low > 0:
                lots = min(lots, math.floor(weight / low))
        return few, lots

    def _hopeful(self, rest: int, out: int, number: int) -> bool:
        """Whether the units `out`, which stay in the rest, can still be in parts there."""
        pieces = 0
        while out:
            piece = flood(self._bits, out & -out, rest)
            pieces += 1
            if pieces > number or self._weigh(piece) < self._least:
                return False
            out &= ~piece
        return True

    def _sum(self, mask: int) -> np.ndarray:
        return np.asarray(self._weight[_members(mask)].sum(axis=0))

    def _bans(self, place: dict[int, int]) -> list[int]:
        """By unit: those that may not share its part."""
        banned = [0] * self._problem.count
        for u, v in self._problem.apart:
            banned[place[u]] |= 1 << place[v]
            banned[place[v]] |= 1 << place[u]
        parent = self._problem.parent
        for u in range(len(parent)):
            for v in range(len(parent)):
                if parent[u] != parent[v]:
                    banned[place[u]] |= 1 << place[v]
        return banned

    def _bindings(self, place: dict[int, int]) -> list[int]:
        return [1 << place[u] | 1 << place[v] for u, v in self._problem.together]


def _members(mask: int) -> list[int]:
    return [n for n in range(mask.bit_length()) if mask >> n & 1]
