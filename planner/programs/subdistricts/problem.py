"""The subdistrict decision as arrays behind ids: communities, seats, pieces, prices."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from planner.programs.contiguity import Graph
from planner.programs.districting import Floats


@dataclass(frozen=True)
class SubdistrictProblem:
    """Whole communities and their seats; positions refer to the sorted ids.

    A community that is torn in the compound graph is several pieces that go together.
    """

    communities: tuple[str, ...]
    population: tuple[int, ...]
    groups: tuple[str, ...]
    """Parents whose lines no subdistrict crosses; a single one without the parent rule."""
    group: tuple[int, ...]
    """Group of each community."""
    seats: tuple[str, ...]
    office: tuple[bool, ...]
    """Whether the seat is an office, which is always open."""
    home: tuple[int, ...]
    """Community in which each seat lies."""
    number: int
    """Subdistricts asked for."""
    band: float
    squared: Floats
    """Person-km² of a community to a seat, communities × seats."""
    moved: Floats
    """Price of the people who change subdistrict, communities × seats."""
    cuts: Mapping[tuple[int, int], float]
    """Price of parting two communities (i < k): their unfollowed border and their pupils."""
    graph: Graph
    """Contiguity graph of the pieces, without edges between groups."""
    owner: tuple[int, ...]
    """Community of each piece."""
    root: tuple[int, ...]
    """Piece in which each seat lies."""
    barred: frozenset[tuple[int, int]] = frozenset()
    """Communities and seats that locks keep apart."""
    together: tuple[tuple[int, ...], ...] = ()
    """Groups of communities that belong to one subdistrict."""

    @property
    def mean(self) -> float:
        """Mean population of all subdistricts."""
        return sum(self.population) / self.number

    @property
    def least(self) -> int:
        """Smallest whole population within the band."""
        return math.ceil((1 - self.band) * self.mean - 1e-6)

    @property
    def most(self) -> int:
        """Largest whole population within the band."""
        return math.floor((1 + self.band) * self.mean + 1e-6)

    @cached_property
    def group_population(self) -> tuple[int, ...]:
        """Population of each group."""
        return tuple(
            sum(self.population[i] for i in self.communities_of(g)) for g in range(len(self.groups))
        )

    def communities_of(self, group: int) -> list[int]:
        """Communities of a group."""
        return [i for i, g in enumerate(self.group) if g == group]

    def seats_of(self, group: int) -> list[int]:
        """Seats of a group."""
        return [j for j, home in enumerate(self.home) if self.group[home] == group]

    def counts(self, group: int, *, banded: bool = True) -> list[int]:
        """Numbers of subdistricts a group may have; within the band as far as arithmetic tells."""
        if len(self.groups) == 1:
            return [self.number]
        people = self.group_population[group]
        return [
            k
            for k in range(1, min(self.number, len(self.seats_of(group))) + 1)
            if not banded or k * self.least <= people <= k * self.most
        ]
