"""Every arrangement of subdistricts that keeps the levels above: the first branching.

At zone size a parent's territory parts in tens or hundreds of ways, not more. Which seats its
parts have makes no difference to who crosses, so of equal parts only the cheapest seats are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from planner.programs.joint.problem import Caps
from planner.programs.location.problem import Bools, Floats
from planner.programs.subdistricts.partition_program import weigher
from planner.programs.subdistricts.parts import Part, Window, list_parts
from planner.programs.subdistricts.problem import SubdistrictProblem

MOST_ARRANGEMENTS = 20_000
"""More are not listed: the joint program decides alone."""
_MOST_STEPS = 2_000_000
"""Partial arrangements looked at before the listing gives up."""


class TooManyArrangementsError(Exception):
    """The boundaries can be drawn in too many ways to list each."""


@dataclass(frozen=True)
class Arrangement:
    """A seat for each community, and what its border and change are priced at."""

    seat: tuple[int, ...]
    boundary: float
    """Value of the subdistricts' last level without pupils."""

    @property
    def apart(self) -> Bools:
        """Whether two communities lie in different subdistricts, communities × communities."""
        seat = np.array(self.seat)
        return np.asarray(seat[:, None] != seat[None, :], bool)


def list_arrangements(
    problem: SubdistrictProblem, caps: Caps, *, most: int = MOST_ARRANGEMENTS
) -> list[Arrangement]:
    """All arrangements within the caps that differ in who is together, cheapest boundaries first.

    Raises TooManyPartsError or TooManyArrangementsError.
    """
    parts = list_parts(problem, Window(caps.deviation))
    choice = _Choice(problem, parts, caps.squared)
    best: dict[tuple[int, ...], tuple[float, tuple[int, ...]]] = {}
    for chosen in choice.all():
        seat = _seats(problem, [parts[c] for c in chosen])
        first = {j: i for i, j in reversed(list(enumerate(seat)))}
        key = tuple(first[j] for j in seat)
        found = (float(sum(choice.price[c] for c in chosen)), seat)
        best[key] = min(found, best.get(key, found))
        if len(best) > most:
            raise TooManyArrangementsError
    return [Arrangement(seat, price) for price, seat in sorted(best.values())]


class _Choice:
    """Exact covers of the communities by parts, one number of subdistricts per group."""

    def __init__(
        self, problem: SubdistrictProblem, parts: Sequence[Part], most_squared: float
    ) -> None:
        self._problem, self._parts = problem, parts
        weigh = weigher(problem)
        self.price = [weigh(part) for part in parts]
        self._squared = [
            float(problem.squared[list(part.communities), part.seat].sum()) for part in parts
        ]
        self._most = most_squared * (1 + 1e-6) + 1e-6
        self._mask = [sum(1 << i for i in part.communities) for part in parts]
        self._first: list[list[int]] = [[] for _ in problem.communities]
        for c, part in enumerate(parts):
            self._first[part.communities[0]].append(c)
        self._least = self._least_squared()
        self._steps = _MOST_STEPS
        self._offices = {j for j, office in enumerate(problem.office) if office}

    def all(self) -> Iterator[tuple[int, ...]]:
        """Choices of parts that cover every community once."""
        yield from self._grow(0, (), 0.0, {})

    def _grow(
        self, mask: int, chosen: tuple[int, ...], squared: float, counts: dict[int, int]
    ) -> Iterator[tuple[int, ...]]:
        self._steps -= 1
        if self._steps < 0:
            raise TooManyArrangementsError
        count = len(self._problem.communities)
        if mask == (1 << count) - 1:
            if self._complete(chosen):
                yield chosen
            return
        if len(chosen) == self._problem.number:
            return
        low = ((~mask) & (mask + 1)).bit_length() - 1
        used = {self._parts[c].seat for c in chosen}
        for c in self._first[low]:
            part = self._parts[c]
            group = self._problem.group[low]
            total = squared + self._squared[c]
            rest = total + self._rest(mask | self._mask[c])
            apart = not self._mask[c] & mask and part.seat not in used
            if apart and counts.get(group, part.count) == part.count and rest <= self._most:
                yield from self._grow(
                    mask | self._mask[c], (*chosen, c), total, {**counts, group: part.count}
                )

    def _complete(self, chosen: tuple[int, ...]) -> bool:
        """Whether number, offices and the numbers counted for each group are met."""
        parts = [self._parts[c] for c in chosen]
        if len(parts) != self._problem.number or not self._offices <= {p.seat for p in parts}:
            return False
        group = [self._problem.group[self._problem.home[part.seat]] for part in parts]
        return all(group.count(g) == part.count for g, part in zip(group, parts, strict=True))

    def _least_squared(self) -> Floats:
        """Least person-km² of each community to any seat of its group."""
        problem = self._problem
        return np.array([
            problem.squared[i, problem.seats_of(g)].min() for i, g in enumerate(problem.group)
        ])  # fmt: skip

    def _rest(self, mask: int) -> float:
        """Least person-km² of the communities not yet covered."""
        return float(sum(x for i, x in enumerate(self._least) if not mask >> i & 1))


def _seats(problem: SubdistrictProblem, parts: Sequence[Part]) -> tuple[int, ...]:
    seat = [-1] * len(problem.communities)
    for part in parts:
        for i in part.communities:
            seat[i] = part.seat
    return tuple(seat)
