"""Lagrangian bounds by exact knapsacks: one price vector bounds every distribution of places.

Pricing all rows but those of a single school (its capacity, its opening) splits the assignment of
one service into a knapsack per school. Dynamic programming over the pupils solves it for every
number of places at once. All units are served, so a school can stay emptier than its places only
by what all places together exceed the pupils: that window makes the knapsacks tighter still.
Sources: Fisher, Management Science 27 (1981), Lagrangian relaxation; Beasley, European Journal of
Operational Research 65 (1993), facility location by it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import minimum_filter1d

from planner.programs.location.problem import Bools, Floats, Ints, LocationProblem


@dataclass(frozen=True)
class Prices:
    """What is left of the objective once the joint rows are priced."""

    constant: float
    arc: Floats
    """Reduced cost by arc."""
    over: Floats
    """Price of a pupil above capacity by school; inf where there may be none."""


@dataclass(frozen=True)
class Stalls:
    """The knapsacks of one service: arcs as a units × schools matrix, weights and room."""

    arc: Ints
    """Units × schools, -1 where there is none."""
    weight: Ints
    """By unit: whole pupils, rounded down, so that nothing that fits is lost."""
    loss: int
    """Pupils that rounding down may have lost in all."""


def stalls_of(problem: LocationProblem) -> Stalls:
    """The knapsacks of a problem of one service."""
    arcs = problem.arcs
    arc = np.full((len(problem.units), len(problem.schools)), -1)
    arc[arcs.unit, arcs.school] = np.arange(len(arcs.unit))
    pupils = problem.pupils[:, 0]
    weight = np.floor(pupils + 1e-9).astype(np.int64)
    return Stalls(arc, weight, math.ceil(float(pupils.sum() - weight.sum()) - 1e-6))


def distribution_bounds(
    stalls: Stalls, prices: Prices, places: npt.NDArray[np.int64], *, spare: int, above: int
) -> Floats:
    """Bound of each distribution of places (distributions × schools).

    At most `above` pupils are above capacity; `spare` is the most that places and these exceed
    all pupils in any distribution.
    """
    most = places.max(axis=0, initial=0) + above
    loads = np.full((places.shape[1], int(most.max(initial=0)) + 1), np.inf)
    for f, limit in enumerate(most.tolist()):
        units = _units(stalls, f)
        loads[f, : limit + 1] = _filled(
            prices.arc[stalls.arc[units, f]], stalls.weight[units], limit
        )
    values = _windowed(loads, prices.over, spare + stalls.loss)
    chosen = values[np.arange(places.shape[1]), places]
    return np.asarray(prices.constant + np.where(places > 0, chosen, 0.0).sum(1), float)


def relaxed_plan(
    stalls: Stalls, prices: Prices, places: Ints, *, spare: int, above: int
) -> tuple[float, Floats, Floats]:
    """Bound of one distribution, its knapsacks' arcs and the pupils above places by school."""
    value, used, over = prices.constant, np.zeros(len(prices.arc)), np.zeros(len(places))
    for f in np.flatnonzero(places > 0).tolist():
        space, units = int(places[f]), _units(stalls, f)
        arcs, weight = stalls.arc[units, f], stalls.weight[units]
        took = np.zeros((len(units), space + above + 1), bool)
        loads = _filled(prices.arc[arcs], weight, space + above, took)
        least = max(0, space - spare - stalls.loss)
        excess = np.maximum(0, np.arange(least, len(loads)) - space)
        with np.errstate(invalid="ignore"):
            fee = np.where(excess > 0, prices.over[f] * excess, 0.0)
        total = loads[least:] + fee
        best = int(np.argmin(total))
        over[f] = excess[best]
        value += float(total[best])
        used[arcs[_traced(took, weight, least + best)]] = 1.0
    if not math.isfinite(value):
        return math.inf, np.zeros(len(prices.arc)), np.zeros(len(places))
    return value, used, over


def forced(
    stalls: Stalls, prices: Prices, places: Ints, *, spare: int
) -> tuple[float, Floats, Floats]:
    """Bound of one distribution, and what it rises by if an arc must be used, or must not be.

    Holds only where no pupils may be above capacity. Without a plan the bound is inf, and nothing
    is said of the arcs.
    """
    value = prices.constant
    inside, outside = np.full(len(prices.arc), np.inf), np.zeros(len(prices.arc))
    for f in np.flatnonzero(places > 0):
        units = np.flatnonzero(stalls.arc[:, f] >= 0)
        arcs = stalls.arc[units, f]
        window = max(0, int(places[f]) - spare - stalls.loss), int(places[f])
        best, with_it, without = _forced(prices.arc[arcs], stalls.weight[units], *window)
        value += best
        if math.isinf(value):
            break
        inside[arcs], outside[arcs] = with_it - best, without - best
    return value, inside, outside


def _units(stalls: Stalls, school: int) -> Ints:
    """The units with an arc to a school."""
    return np.flatnonzero(stalls.arc[:, school] >= 0)


def _filled(cost: Floats, weight: Ints, most: int, took: Bools | None = None) -> Floats:
    """Least reduced cost of exactly each load up to `most`; `took` (items × loads): of whom."""
    best, moved = np.full(most + 1, np.inf), np.empty(most + 1)
    best[0] = 0.0
    for k, (w, own) in enumerate(zip(weight.tolist(), cost.tolist(), strict=True)):
        if w == 0 and own < 0:
            best += own
            if took is not None:
                took[k] = True
        elif 0 < w <= most:
            into, with_it = best[w:], moved[: most + 1 - w]
            np.add(best[: most + 1 - w], own, out=with_it)
            if took is not None:
                np.less(with_it, into, out=took[k, w:])
            np.minimum(with_it, into, out=into)
    return best


def _windowed(loads: Floats, over: Floats, spare: int) -> Floats:
    """Least over the loads that a number of places allows, schools × places."""
    width = loads.shape[1]
    size = min(spare, width - 1) + 1
    padded = np.hstack([np.full((len(loads), size - 1), np.inf), loads])
    values = minimum_filter1d(padded, size, axis=1, origin=(size - 1) // 2)[:, size - 1 :]
    if np.isinf(over).all():
        return np.asarray(values, float)
    fee = np.where(np.isinf(over), 0.0, over)[:, None] * np.arange(width)
    above = np.minimum.accumulate((loads + fee)[:, ::-1], axis=1)[:, ::-1] - fee
    return np.asarray(np.where(np.isinf(over)[:, None], values, np.minimum(values, above)), float)


def _traced(took: Bools, weight: Ints, load: int) -> Bools:
    """Who is in a knapsack, from its load."""
    taken = np.zeros(len(weight), bool)
    for k in range(len(weight) - 1, -1, -1):
        if took[k, load]:
            taken[k] = True
            load -= int(weight[k])
    return taken


def _forced(cost: Floats, weight: Ints, least: int, most: int) -> tuple[float, Floats, Floats]:
    """Best value of one knapsack with a load from `least` to `most`; with or without each item."""
    count = len(cost)
    before = np.full((count + 1, most + 1), np.inf)
    after = before.copy()
    before[0, 0] = after[count, 0] = 0.0
    for k in range(count):
        _add(before[k], before[k + 1], cost[k], int(weight[k]))
    for k in range(count - 1, -1, -1):
        _add(after[k + 1], after[k], cost[k], int(weight[k]))
    inside, outside = np.full(count, np.inf), np.full(count, np.inf)
    for k in range(count):
        rest = _least_rest(after[k + 1], least, most)
        outside[k] = (before[k] + rest).min()
        w = int(weight[k])
        if w <= most:
            inside[k] = cost[k] + (before[k, : most + 1 - w] + rest[w:]).min()
    return float(before[count, least:].min()), inside, outside


def _least_rest(values: Floats, least: int, most: int) -> Floats:
    """For each load l the least of `values` from ``least - l`` to ``most - l`` (array by load)."""
    size = most - least + 1
    padded = np.concatenate([np.full(most, np.inf), values])
    # entry i of the window minimum covers padded[i : i + size]
    windows = np.lib.stride_tricks.sliding_window_view(padded, size).min(1)
    return np.asarray(windows[least - np.arange(most + 1) + most], float)


def _add(best: Floats, into: Floats, cost: float, weight: int) -> None:
    into[:] = best
    if weight < len(best):
        np.minimum(best[weight:] if weight else best, best[: len(best) - weight] + cost,
                   out=into[weight:])  # fmt: skip
