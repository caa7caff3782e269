"""Places and districts of a whole city in one value, over the same units.

With the districts given, a pupil who crosses lengthens the way: a location decision with other
arcs. With the places given, such a pupil is a price on parting two units: a district decision with
other pairs. So each half's own search improves the joint value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.programs.districts.objective import Objective
from planner.programs.districts.plan import Plan as DistrictPlan
from planner.programs.districts.plan import value_of
from planner.programs.districts.problem import DistrictProblem
from planner.programs.location.problem import Bools, Floats, Ints, LocationProblem
from planner.programs.priced.layout import Layout
from planner.programs.priced.plan import Plan as PlacesPlan
from planner.programs.priced.plan import plan_of


@dataclass(frozen=True, eq=False)
class WideProblem:
    """Both halves and what couples them; all values in pupil-kilometres."""

    location: LocationProblem
    overflow_km: float
    """Per pupil above capacity."""
    districts: DistrictProblem
    apart: Objective
    """What the districts count by themselves: distance to the seat or borders, priced."""
    home: Ints
    """The districts' unit in which each unit of the location lies."""
    place: Ints
    """The districts' unit in which each school lies."""
    crossing_km: float
    """Per pupil whose school lies in another district."""

    def crosses(self, part: Sequence[int]) -> Bools:
        """By arc: whether the school lies in another district than the unit."""
        where, arcs = np.array(part), self.location.arcs
        return np.asarray(where[self.home[arcs.unit]] != where[self.place[arcs.school]], bool)

    def coupled(self, part: Sequence[int]) -> LocationProblem:
        """The location with the ways of those who cross made longer by their price."""
        arcs = self.location.arcs
        longer = 1000 * self.crossing_km * self.crosses(part)
        return replace(self.location, arcs=replace(arcs, way_m=arcs.way_m + longer))

    def cost(self, layout: Layout, part: Sequence[int]) -> Floats:
        """By arc: its own cost and, where it crosses, the price of its pupils."""
        return np.asarray(
            layout.cost + self.crossing_km * layout.pupils * self.crosses(part), float
        )

    def objective(self, layout: Layout, arc: Ints) -> Objective:
        """What the districts count once the arc of every client is known."""
        used = self.location.arcs
        pairs = np.stack([self.home[used.unit[arc]], self.place[used.school[arc]]], axis=1)
        price = self.crossing_km * layout.pupils[arc]
        between = (pairs[:, 0] != pairs[:, 1]) & (price > 0)
        pairs, price = np.sort(pairs[between], axis=1), price[between]
        if self.apart.pairs is not None and self.apart.price is not None:
            pairs = np.concatenate([self.apart.pairs, pairs])
            price = np.concatenate([self.apart.price, price])
        different, which = np.unique(pairs, axis=0, return_inverse=True)
        summed = np.bincount(which.reshape(-1), price, len(different)).astype(float)
        return replace(self.apart, pairs=different, price=summed)


@dataclass(frozen=True)
class WidePlan:
    """Both decisions, and what they cost together."""

    places: PlacesPlan
    """With the value of the places alone."""
    districts: DistrictPlan
    crossing: float
    """Pupils whose school lies in another district."""
    apart_km: float
    """What the districts count by themselves."""
    value: float


def wide_plan(
    problem: WideProblem, layout: Layout, places: PlacesPlan, districts: DistrictPlan
) -> WidePlan:
    """Put two halves together; `places` may have been valued with other costs than `layout`'s."""
    over = places_value(layout, places)
    pupils = layout.pupils[places.arc]
    crossing = float(pupils[problem.crosses(districts.part)[places.arc]].sum())
    apart = value_of(problem.apart, districts)
    value = over.value + apart + problem.crossing_km * crossing
    return WidePlan(over, districts, crossing, apart, value)


def places_value(layout: Layout, places: PlacesPlan) -> PlacesPlan:
    """The same places valued by the layout's own costs."""
    return plan_of(layout, places.arc, places.option)
