"""Where a plan costs more than its bound: the difference of the two, told by school.

At the prices of a bound every school has a cheapest catchment for the room that it has, and every
option costs so much more than the cheapest mix. What the plan pays above that, summed over the
schools, is its distance from the bound, as far as no cut and no total with room to spare is priced:
so it tells where a search should look.
"""

from __future__ import annotations

import numpy as np

from planner.programs.location.problem import Bools, Floats, Ints
from planner.programs.priced.ascent import Priced, rest_of, weights_of
from planner.programs.priced.cutting import Joined
from planner.programs.priced.knapsacks import pack
from planner.programs.priced.layout import Layout
from planner.programs.priced.plan import Plan, loads_of, open_pairs, room_of


class Excess:
    """What each school pays above the bound; counted again only where a plan has changed."""

    def __init__(self, layout: Layout, joined: Joined) -> None:
        self._layout, self._joined = layout, joined
        self._weight = weights_of(layout)
        self._priced: Priced | None = None
        self._arc, self._room = np.zeros(0, np.int64), np.zeros(0)
        self._by_pair = np.zeros(len(layout.places))
        self._rest = np.zeros(0)

    def by_school(self, plan: Plan, priced: Priced) -> Floats:
        """Pupil-kilometres by school, at least 0 each."""
        layout, room = self._layout, room_of(self._layout, plan.option)
        if priced is not self._priced:
            self._priced = priced
            self._rest = rest_of(layout, self._joined, priced.client, priced.row)
            changed = np.ones(len(room), bool)
        else:
            moved = np.flatnonzero(plan.arc != self._arc)
            changed = room != self._room
            changed[layout.pair[plan.arc[moved]]] = True
            changed[layout.pair[self._arc[moved]]] = True
        self._arc, self._room = plan.arc, room
        self._count(plan, changed)
        excess = self._by_pair.reshape(layout.schools, layout.services).sum(1)
        has = plan.option >= 0
        excess[~has] += priced.none[~has]
        excess[has] += priced.extra[plan.option[has]]
        return np.asarray(np.maximum(excess, 0.0), float)

    def _count(self, plan: Plan, changed: Bools) -> None:
        layout, rest, price = self._layout, self._rest, self._layout.price_km
        over = np.maximum(0.0, loads_of(layout, plan.arc) - self._room)
        paid = np.bincount(layout.pair[plan.arc], rest[plan.arc], len(self._room)) + price * over
        is_open = open_pairs(layout, plan.option)
        self._by_pair[changed] = 0.0
        for pair in np.flatnonzero(changed & is_open).tolist():
            arcs: Ints = layout.by_pair.of(pair)
            room = np.array([np.ceil(self._room[pair])], np.int64)
            least = pack(rest[arcs], self._weight[arcs], room, price).values[0]
            self._by_pair[pair] = paid[pair] - least
