"""The Lagrangian bound over thousands of seats: each knapsack lists its nearest units only.

Of the units that it does not list it may take the cheapest per weight as often as it likes. What
that one costs is worked out anew only where it would be taken: prices that rise by some amount
make it cheaper by no more than that. See `knapsacks` for the bound itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from planner.programs.districts.graph import Floats, Ints
from planner.programs.districts.knapsacks import ROUNDING
from planner.programs.districts.plan import SLACK

LISTED = 80
FORBIDDEN = 1e30
"""Cost per weight of a unit that may not belong to a seat."""


class NearKnapsacks:
    """By seat (row) the units that may fill it, its own first; called with prices it bounds."""

    def __init__(
        self,
        cost: Floats,
        weight: Floats,
        bounds: tuple[float, float],
        homes: Ints,
        number: int,
        *,
        fixed: Sequence[int] = (),
        listed: int = LISTED,
    ) -> None:
        """`cost` is units × seats, for the whole unit; inf: not allowed. The rest as elsewhere."""
        self._number, self._fixed = number, np.array(fixed, np.int64)
        self.scale = np.where(weight > 0, weight, 1.0)
        self._weightless = weight <= 0
        self._low, self._high = bounds[0] * (1 - SLACK), bounds[1] * (1 + SLACK)
        ratio = np.ascontiguousarray((cost / self.scale[:, None]).T)
        key = np.where(self._weightless, -1e300, ratio)
        seats = np.arange(len(homes))
        key[seats, homes] = -np.inf
        some = min(len(weight), listed + int(self._weightless.sum()))
        if len(weight) <= 2 * some:
            some = len(weight)
        self._listed = np.argsort(key, axis=1, kind="stable")[:, :some]
        own = np.take_along_axis(ratio, self._listed, 1)
        usable = np.isfinite(own)
        self._ratio = np.where(usable, own, FORBIDDEN)
        filling = np.where(usable, weight[self._listed], 0.0)
        self._others = ratio
        np.put_along_axis(self._others, self._listed, np.inf, axis=1)
        more = np.isfinite(self._others).any(axis=1)
        self._weight = np.column_stack([filling, np.where(more, self._high, 0.0)])
        heavy = more | (filling.sum(axis=1) >= self._low)
        self._possible = usable[:, 0] & heavy & (filling[:, 0] <= self._high)
        self._cheapest = np.zeros(len(seats), np.int64)
        """By seat: the unit it does not list that is cheapest per weight; then a bound on that."""
        self._least = np.zeros(len(seats))
        self._last = np.zeros(len(weight))
        self._renew(self._last, seats)
        finite = np.where(np.isfinite(cost), cost, 0.0)
        self._dearest = float(finite.max(axis=1, initial=0.0).sum())

    def guess(self) -> float:
        """What the cheapest parts around the seats cost, roughly, all in all."""
        value, _, _ = self._filled(np.zeros(len(self.scale)), np.flatnonzero(self._possible))
        return self._number * float(np.median(value)) if len(value) else 0.0

    def __call__(self, price: Floats) -> tuple[float, Floats, Floats]:
        """The bound at the prices of the units (inf: there is no plan), slope and open seats."""
        per_weight = price / self.scale
        self._least -= max(float((per_weight - self._last).max()), 0.0)
        self._last = per_weight
        seats = np.flatnonzero(self._possible)
        if len(seats) < self._number or not self._possible[self._fixed].all():
            return np.inf, np.zeros(len(price)), np.zeros(len(self._possible))
        value, order, amount = self._filled(per_weight, seats)
        stale = np.flatnonzero(amount[order == self._listed.shape[1]] > 0)
        if len(stale):
            self._renew(per_weight, seats[stale])
            value[stale], order[stale], amount[stale] = self._filled(per_weight, seats[stale])
        key = np.where(np.isin(seats, self._fixed), -np.inf, value)
        chosen = np.argsort(key, kind="stable")[: self._number]
        missed = ROUNDING * (np.abs(price).sum() + np.abs(value[chosen]).sum())
        bound = float(price.sum() + value[chosen].sum() - missed)
        if bound > self._dearest + 1e-6 * max(1.0, self._dearest):
            return np.inf, np.zeros(len(price)), np.zeros(len(self._possible))
        opened = seats[chosen]
        held = np.column_stack([self._listed[opened], self._cheapest[opened]])
        unit = np.take_along_axis(held, order[chosen], 1).ravel()
        times = amount[chosen].ravel() / self.scale[unit]
        taken: Floats = np.bincount(unit, times, len(price)).astype(float)
        return bound, 1.0 - taken, np.isin(np.arange(len(self._possible)), opened).astype(float)

    def _filled(self, per_weight: Floats, seats: Ints) -> tuple[Floats, Ints, Floats]:
        """Cost of the cheapest filling of each seat, the order of its units, and how much of each.

        The seat's own unit comes first, the rest by what they cost per weight.
        """
        reduced = self._ratio[seats] - per_weight[self._listed[seats]]
        reduced = np.column_stack([reduced, np.minimum(self._least[seats], FORBIDDEN)])
        first = reduced[:, 0].copy()
        reduced[:, 0] = -np.inf
        order = np.argsort(reduced, axis=1)
        reduced[:, 0] = first
        reduced = np.take_along_axis(reduced, order, 1)
        weight = np.take_along_axis(self._weight[seats], order, 1)
        wanted = reduced < 0
        wanted[:, 0] = True
        room = np.where(wanted, self._high, self._low) - (np.cumsum(weight, axis=1) - weight)
        amount = np.clip(room, 0.0, weight)
        if self._weightless.any():
            light = (weight <= 0) & wanted & (order < self._listed.shape[1])
            amount = np.where(light, 1.0, amount)
        return (amount * reduced).sum(axis=1), order, amount

    def _renew(self, per_weight: Floats, seats: Ints) -> None:
        """Work out which unit that is not listed is cheapest now."""
        rest = self._others[seats] - per_weight
        cheapest = rest.argmin(axis=1)
        self._cheapest[seats] = cheapest
        self._least[seats] = rest[np.arange(len(seats)), cheapest]
