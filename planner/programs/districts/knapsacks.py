"""Lagrangian bounds: each unit pays for belonging to one part, each seat fills its knapsack.

With the rows ``sum(x[i,j] for j) == 1`` priced, the problem falls apart into one continuous
knapsack between the bounds for each seat, and the cheapest seats make the bound. It is the bound of
the linear relaxation of Hess's formulation, at a hundredth of the time.
Source: Validi, Buchanan and Lykhovyd, Operations Research 70 (2022).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.programs.districts.graph import Floats, Ints
from planner.programs.districts.plan import SLACK

PATIENCE = 10
"""Steps without a better bound before they get shorter."""
SHORTER, LONGER = 0.66, 1.1
FIRST_STEP = 0.3
SMALLEST_STEP = 1e-4
FRESH = 0.1
"""Share of the latest direction in the average along which prices move."""
ROUNDING = 1e-14
"""What adding up may miss, as a share of the absolute values: prices may grow without limit."""
FORBIDDEN = 1e300
"""Reduced cost of a unit that may not belong to a seat."""


@dataclass(frozen=True, eq=False)
class Knapsacks:
    """By seat (column) the units that may fill it, its own first, cheapest per weight next."""

    number: int
    """Parts."""
    fixed: Ints
    """Seats that are open for certain."""
    scale: Floats
    """By unit: its weight, or 1 if it has none."""
    items: Ints
    """Units listed × seats."""
    cost: Floats
    weight: Floats
    usable: npt.NDArray[np.bool_]
    least: float
    most: float
    possible: npt.NDArray[np.bool_]
    """By seat: whether a part around it can be heavy and light enough."""
    dearest: float
    """What no plan can cost more than: a larger bound means that there is none."""


@dataclass(frozen=True)
class Prices:
    """A bound on the whole cost, and what it is made of."""

    bound: float
    """inf: there is no plan."""
    unit: Floats
    """By unit: what it pays for belonging somewhere."""
    seat: Floats
    """By seat: least reduced cost of a part around it; inf: not among those looked at."""
    open: Ints
    """The cheapest seats."""
    share: Floats
    """By unit: how often the cheapest seats take it."""

    def with_seat(self) -> Floats:
        """By seat: bound on all plans that open it."""
        if not len(self.open):
            return np.full_like(self.seat, np.inf)
        dearest = float(self.seat[self.open].max())
        return np.asarray(self.bound + np.maximum(self.seat - dearest, 0.0))


def knapsacks_of(
    cost: Floats,
    weight: Floats,
    bounds: tuple[float, float],
    homes: Ints,
    number: int,
    *,
    fixed: Sequence[int] = (),
) -> Knapsacks:
    """Knapsacks of all seats.

    Args:
        cost: Units × seats, for the whole unit; inf: not allowed.
        weight: By unit.
        bounds: Least and largest weight of a part.
        homes: By seat: the unit in which it lies.
        number: Parts.
        fixed: Seats that are open for certain.
    """
    seats = cost.shape[1]
    scale = np.where(weight > 0, weight, 1.0)
    ratio = cost / scale[:, None]
    ratio[homes, np.arange(seats)] = -np.inf
    items = np.argsort(ratio, axis=0, kind="stable")
    own = np.take_along_axis(cost, items, 0)
    usable = np.isfinite(own)
    filling = np.where(usable, weight[items], 0.0)
    least, most = bounds[0] * (1 - SLACK), bounds[1] * (1 + SLACK)
    heavy = filling.sum(axis=0) >= least
    return Knapsacks(
        number, np.array(fixed, np.int64), scale, items, np.where(usable, own, 0.0), filling,
        usable, least, most, usable[0] & heavy & (filling[0] <= most),
        float(np.where(np.isfinite(cost), cost, 0.0).max(axis=1, initial=0.0).sum()),
    )  # fmt: skip


def ascend(
    sacks: Knapsacks,
    target: float,
    steps: int,
    *,
    first: Floats | None = None,
    seats: Ints | None = None,
    enough: float = np.inf,
) -> Prices:
    """Raise prices towards `target` until a bound is `enough`, along averaged subgradients.

    `target` is the value of a plan or a guess at one; the bound holds whatever it is. `seats` are
    those that may open, all by default. Source: Barahona and Anbil, Mathematical Programming 87
    (2000), without its primal side.
    """
    here = np.flatnonzero(sacks.possible) if seats is None else seats[sacks.possible[seats]]
    if first is None:
        first = sacks.scale * (abs(target) / sacks.scale.sum())
    best = evaluate(sacks, first, here)
    direction, stalled, step = 1.0 - best.share, 0, FIRST_STEP
    for _ in range(steps):
        # prices per weight move alike, so that heavy units do not hold up the light ones
        norm = float((direction**2 * sacks.scale).sum())
        if best.bound >= enough or step < SMALLEST_STEP or norm <= 0:
            break
        gain = max(target - best.bound, 1e-4 * abs(best.bound))
        price = best.unit + step * gain / norm * direction * sacks.scale
        now = evaluate(sacks, price, here)
        direction = FRESH * (1.0 - now.share) + (1.0 - FRESH) * direction
        if now.bound > best.bound + 1e-7 * abs(best.bound):
            best, stalled, step = now, 0, step * LONGER
            continue
        stalled += 1
        if stalled >= PATIENCE:
            step, stalled = step * SHORTER, 0
    return best


def evaluate(sacks: Knapsacks, price: Floats, seats: Ints) -> Prices:
    """The bound at these prices over the plans that open some of `seats` only."""
    items, weight = sacks.items[:, seats], sacks.weight[:, seats]
    reduced = np.where(sacks.usable[:, seats], sacks.cost[:, seats] - price[items], FORBIDDEN)
    ratio = np.where(reduced < FORBIDDEN, reduced, 1e30) / np.maximum(weight, 1e-9)
    ratio[:1] = -np.inf  # the seat's own unit comes first
    order = np.argsort(ratio, axis=0)
    weight = np.take_along_axis(weight, order, 0)
    reduced = np.take_along_axis(reduced, order, 0)
    wanted = reduced < 0
    wanted[:1] = True
    room = np.where(wanted, sacks.most, sacks.least) - (np.cumsum(weight, axis=0) - weight)
    share = np.where(weight > 0, np.clip(room / np.maximum(weight, 1e-9), 0.0, 1.0), wanted)
    share[reduced >= FORBIDDEN] = 0.0
    paid = np.where(share > 0, share * reduced, 0.0)
    value = paid.sum(axis=0)
    key = np.where(np.isin(seats, sacks.fixed), -np.inf, value)
    chosen = np.argsort(key, kind="stable")[: sacks.number]
    units = np.take_along_axis(items[:, chosen], order[:, chosen], 0)
    taken: Floats = np.bincount(units.ravel(), share[:, chosen].ravel(), len(price)).astype(float)
    seat = np.full(len(sacks.possible), np.inf)
    seat[seats] = value
    full = len(seats) >= sacks.number and np.isin(sacks.fixed, seats).all()
    missed = ROUNDING * (np.abs(price).sum() + np.abs(paid[:, chosen]).sum())
    bound = float(price.sum() + value[chosen].sum() - missed) if full else np.inf
    if bound > sacks.dearest + 1e-6 * max(1.0, sacks.dearest):
        bound = np.inf
    return Prices(bound, price, seat, seats[chosen], taken)
