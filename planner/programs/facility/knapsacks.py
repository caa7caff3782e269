"""The knapsacks of all sites at once: continuous by density, exact by dynamic programming."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from planner.programs.facility.problem import Bools, Floats, Ints

Taken = Callable[[Ints], Floats]
"""From positions of sites to how often each client is served by them."""
_LOADS = 1500
"""Loads are counted in at most so many steps; rounding them down keeps every real packing."""


def linear_knapsacks(
    rest: Floats, demand: Floats, capacity: Floats, allowed: Bools
) -> tuple[Floats, Taken]:
    """Least of ``sum(rest[i,j] x[i])`` for ``sum(demand x) <= capacity[j]``, x from 0 to 1.

    `rest` is clients × sites. Returns the value by site (at most 0) and how clients are taken.
    """
    del allowed
    gain = np.where(rest < 0, rest, 0.0)
    need = np.maximum(demand, 1e-12)[:, None]
    order = np.argsort(gain / need, axis=0, kind="stable")
    sizes = demand[order]
    filled = np.cumsum(sizes, axis=0)
    share = np.clip((capacity[None, :] - (filled - sizes)) / np.maximum(sizes, 1e-12), 0.0, 1.0)
    share = np.where(np.isfinite(capacity)[None, :], share, 1.0)
    sorted_gain = np.take_along_axis(gain, order, axis=0)
    values = (sorted_gain * share).sum(0)

    def taken(at: Ints) -> Floats:
        served = np.zeros(len(demand))
        used = share[:, at] * (sorted_gain[:, at] < 0)
        np.add.at(served, order[:, at].ravel(), used.ravel())
        return served

    return values, taken


def exact_knapsacks(
    rest: Floats, demand: Floats, capacity: Floats, allowed: Bools
) -> tuple[Floats, Taken]:
    """The same for x of 0 or 1, for allowed sites; the others have value 0.

    Loads are whole numbers of steps, rounded down: where that loses something the value is a bound.
    """
    here = np.flatnonzero(allowed)
    most = float(np.where(np.isfinite(capacity[here]), capacity[here], demand.sum()).max())
    whole = bool((demand % 1 == 0).all())
    step = max(1.0, most / _LOADS) if whole else most / _LOADS
    weight = np.floor(demand / step + 1e-9).astype(np.int64)
    room = np.floor(np.minimum(capacity[here], demand.sum()) / step + 1e-9).astype(np.int64)
    gainful = rest[:, here] < 0
    width, depth = int(room.max()) + 1, int(gainful.sum(0).max(initial=0))
    # by site its gainful clients first, padded with a client of no gain
    item = np.argsort(~gainful, axis=0, kind="stable")[:depth]
    real = np.take_along_axis(gainful, item, axis=0)
    gain = np.where(real, np.take_along_axis(rest[:, here], item, axis=0), 0.0)
    load = np.where(real, weight[item], 0)
    best = np.zeros((len(here), width))
    took = np.zeros((depth, len(here), width), bool)
    loads = np.arange(width)[None, :]
    for k in range(depth):
        before = loads - load[k][:, None]
        with_it = np.take_along_axis(best, np.maximum(before, 0), axis=1) + gain[k][:, None]
        better = (before >= 0) & (with_it < best)
        took[k] = better
        best = np.where(better, with_it, best)
    values = np.zeros(rest.shape[1])
    values[here] = best[np.arange(len(here)), room]
    place = {int(j): s for s, j in enumerate(here)}

    def taken(at: Ints) -> Floats:
        served = np.zeros(len(demand))
        for j in at.tolist():
            s = place[j]
            left = int(room[s])
            for k in range(depth - 1, -1, -1):
                if took[k, s, left]:
                    served[item[k, s]] += 1.0
                    left -= int(load[k, s])
        return served

    return values, taken


__all__ = ["Taken", "exact_knapsacks", "linear_knapsacks"]
