"""Good plans fast where nothing limits the sites: greedy, then swaps.

Sources: Kuehn and Hamburger, Management Science 9 (1963), adding sites greedily; Teitz and Bart,
Operations Research 16 (1968), swaps; Whitaker, INFOR 21 (1983), all swaps from two distances.
"""

from __future__ import annotations

import math

import numpy as np

from planner.programs.facility.problem import FacilityProblem, Floats, Ints
from planner.solving.settings import Settings


def swap_start(problem: FacilityProblem, settings: Settings, *, first: Ints | None = None) -> Ints:
    """Positions of sites to open, none of which can be added, dropped or swapped with profit.

    Begins with the sites `first`, or with a greedy choice. Capacities are not looked at. An arc
    that is not allowed costs more than all others together.
    """
    cost = _finite(problem)
    empty = first is None or not len(first)
    opened = _greedy(cost, problem.fixed, problem.count) if empty else np.array(first)
    while settings.seconds_left() > 0:
        better = _improved(cost, problem.fixed, opened, problem.count)
        if better is None:
            break
        opened = better
    return np.sort(opened)


def nearest(problem: FacilityProblem, opened: Ints) -> Floats:
    """Every client whole at its cheapest open site (clients × sites, 0 or 1)."""
    share = np.zeros(problem.cost.shape)
    best = opened[np.argmin(problem.cost[:, opened], axis=1)]
    share[np.arange(len(best)), best] = 1.0
    return share


def _finite(problem: FacilityProblem) -> Floats:
    known = np.isfinite(problem.cost)
    if known.all():
        return problem.cost
    dear = float(np.where(known, np.abs(problem.cost), 0.0).max(1).sum() + problem.fixed.sum()) + 1
    return np.where(known, problem.cost, dear)


def _greedy(cost: Floats, fixed: Floats, count: int | None) -> Ints:
    """Add the site that gains most, until there are enough or none gains."""
    first = int(np.argmin(cost.sum(0) + fixed))
    opened, near = [first], cost[:, first].copy()
    gain = np.maximum(near[:, None] - cost, 0.0).sum(0)
    while len(opened) < (cost.shape[1] if count is None else count):
        profit = gain - fixed
        profit[opened] = -math.inf
        j = int(np.argmax(profit))
        if count is None and profit[j] <= 0:
            break
        closer = np.flatnonzero(cost[:, j] < near)
        before, after = near[closer, None], cost[closer, j][:, None]
        gain -= (np.maximum(before - cost[closer], 0) - np.maximum(after - cost[closer], 0)).sum(0)
        near[closer] = cost[closer, j]
        opened.append(j)
    return np.array(opened)


def _improved(cost: Floats, fixed: Floats, opened: Ints, count: int | None) -> Ints | None:
    """The best swap, or addition or removal where the number is free; None if none gains."""
    rows = np.arange(len(cost))
    order = np.argsort(cost[:, opened], axis=1)[:, :2]
    own = order[:, 0]
    first = cost[rows, opened[own]]
    second = cost[rows, opened[order[:, 1]]] if len(opened) > 1 else np.full(len(cost), np.inf)
    gain = np.maximum(first[:, None] - cost, 0.0).sum(0) - fixed
    gain[opened] = -math.inf
    loss = np.bincount(own, np.minimum(second - first, 1e300), len(opened)) - fixed[opened]
    # what a new site saves of the loss of an old one's clients
    saved = np.maximum(second[:, None] - np.maximum(cost, first[:, None]), 0.0)
    by_own = np.argsort(own, kind="stable")
    starts = np.searchsorted(own[by_own], np.arange(len(opened)))
    extra = np.add.reduceat(np.vstack([saved[by_own], np.zeros(cost.shape[1])]), starts, axis=0)
    empty = np.bincount(own, minlength=len(opened)) == 0
    extra[empty] = 0.0
    profit = gain[None, :] - loss[:, None] + extra if len(opened) > 1 else gain[None, :] + (
        first.sum() + fixed[opened[0]] - np.maximum(first[:, None] - cost, 0.0).sum(0)
        - cost.sum(0)
    )[None, :]  # fmt: skip
    out, into = np.unravel_index(int(np.argmax(profit)), profit.shape)
    best, least = float(profit[out, into]), 1e-9 * max(1.0, float(first.sum()))
    if count is None:
        add, drop = int(np.argmax(gain)), int(np.argmin(loss))
        if gain[add] > max(best, least):
            return np.append(opened, add)
        if len(opened) > 1 and -loss[drop] > max(best, least):
            return np.delete(opened, drop)
    if best <= least:
        return None
    return np.append(np.delete(opened, out), into)
