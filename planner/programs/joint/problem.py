"""The joint decision as arrays: places, subdistricts, and the pupils who cross between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from planner.programs.location.problem import Bools, Floats, Ints, LocationProblem
from planner.programs.subdistricts.problem import SubdistrictProblem

Schools = Mapping[tuple[int, int], int]
"""The school of each unit and service, by position."""


@dataclass(frozen=True)
class Prices:
    """What the coupling and the boundaries count, in pupil-kilometres."""

    crossing_km: float
    """Per pupil whose school lies in another subdistrict."""
    boundary_km: float
    """Per unit of the subdistricts' last level: unfollowed border and people who change."""


@dataclass(frozen=True)
class Caps:
    """What the levels above the joint value allow."""

    short: tuple[float, ...]
    """Pupils above capacity, by service; a single number: in all."""
    deviation: float
    """Largest deviation of a subdistrict's population."""
    squared: float
    """Person-km² to the seats."""
    crossing: float | None = None
    """Pupils whose school lies in another subdistrict; None: no limit."""


@dataclass(frozen=True)
class JointProblem:
    """Both decisions over the same compounds; positions refer to the sorted ids of each."""

    location: LocationProblem
    boundaries: SubdistrictProblem
    """Without pupils in its cuts: what they cost depends on the places."""
    home: Ints
    """Community of each unit."""
    place: Ints
    """Community in which each school lies."""
    prices: Prices

    @cached_property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Communities (i < k) of one group between which an arc leads: parted or not."""
        arcs, group = self.location.arcs, self.boundaries.group
        i, k = self.home[arcs.unit], self.place[arcs.school]
        found = {(min(a, b), max(a, b)) for a, b in zip(i.tolist(), k.tolist(), strict=True)}
        return tuple(sorted((a, b) for a, b in found if a != b and group[a] == group[b]))

    def flows(self, school: Schools) -> Floats:
        """Pupils from each community to the schools of each other (communities × communities)."""
        count, pupils = len(self.boundaries.communities), self.location.pupils
        flow = np.zeros((count, count))
        for (u, s), f in school.items():
            flow[self.home[u], self.place[f]] += pupils[u, s]
        return flow

    def crosses(self, seat: Sequence[int]) -> Bools:
        """By arc: whether the school lies in another subdistrict than the unit; seats by community.

        Raises IndexError if a community has no seat.
        """
        where, arcs = np.array(seat), self.location.arcs
        return np.asarray(where[self.home[arcs.unit]] != where[self.place[arcs.school]], bool)

    def way_km(self, school: Schools) -> float:
        """Pupil-kilometres of an assignment, surcharges included."""
        arcs, pupils = self.location.arcs, self.location.pupils
        way = {
            (u, f, s): metres
            for u, f, s, metres in zip(
                arcs.unit.tolist(), arcs.school.tolist(), arcs.service.tolist(),
                arcs.way_m.tolist(), strict=True,
            )
        }  # fmt: skip
        metres: float = sum(float(pupils[u, s]) * way[u, f, s] for (u, s), f in school.items())
        return metres / 1000
