"""Covers: which sites reach which clients, merged and thinned out before the program.

Sites that reach no client beyond another one's are left out; so are clients that are reached
whenever another one is (set cover), or reached by the same sites (maximal cover: weights add up).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pulp

from planner.programs.facility.problem import Bools, Floats, Ints
from planner.solving.arrays import arrays_of
from planner.solving.highs import Session
from planner.solving.settings import Settings


@dataclass(frozen=True)
class Cover:
    """Sites by position (None: none found), and the bound of all covers."""

    opened: Ints | None
    bound: float
    how: str


def fewest_sites(within: Bools, settings: Settings, *, enough: int | None = None) -> Cover:
    """Fewest sites that reach every client; `within` is clients × sites.

    With `enough`, the search ends once a cover of so many is found or excluded (bound inf: no
    cover at all).
    """
    if not within.any(1).all():
        return Cover(None, math.inf, "a client without a site")
    sites = np.flatnonzero(_needed_sites(within))
    clients = np.flatnonzero(_needed_clients(within[:, sites]))
    table = within[np.ix_(clients, sites)]
    program, y = cover_program(table)
    limit = math.inf if enough is None else enough + 0.5
    session = Session(arrays_of(program), settings)
    outcome = session.optimise(gap=1e-9, cutoff=limit)
    how = f"cover of {len(clients)} clients by {len(sites)} sites"
    opened = None
    if outcome.columns is not None:
        names = {variable.name: i for i, variable in enumerate(program.variables())}
        chosen = [j for j, v in enumerate(y) if outcome.columns[names[v.name]] > 0.5]
        opened = sites[chosen]
        if not within[:, opened].any(1).all():
            raise AssertionError("the solver's cover leaves a client out")
    return Cover(opened, outcome.bound, how)


def most_covered(within: Bools, weight: Floats, count: int, settings: Settings) -> Cover:
    """At most `count` sites that reach the most weight; the bound is above it."""
    sites = np.flatnonzero(_needed_sites(within))
    if not len(sites):
        return Cover(np.zeros(0, np.int64), 0.0, "no site reaches any client")
    reached = np.flatnonzero(within.any(1) & (weight > 0))
    table, same = np.unique(within[np.ix_(reached, sites)], axis=0, return_inverse=True)
    merged = np.asarray(np.bincount(same.ravel(), weight[reached], len(table)), float)
    program, y = max_cover_program(table, merged, count)
    session = Session(arrays_of(program), settings)
    whole = bool((weight % 1 == 0).all())
    outcome = session.optimise(gap=1e-9 if whole else 0.5 * settings.tolerance)
    how = f"maximal cover of {len(table)} merged clients by {len(sites)} sites"
    if outcome.columns is None:
        return Cover(None, -outcome.bound, how)
    names = {variable.name: i for i, variable in enumerate(program.variables())}
    chosen = [j for j, v in enumerate(y) if outcome.columns[names[v.name]] > 0.5]
    return Cover(sites[chosen], -outcome.bound, how)


def cover_program(table: Bools) -> tuple[pulp.LpProblem, list[pulp.LpVariable]]:
    """Minimise ``sum(y[j])`` with ``sum(y[j] that reach i) >= 1``, row ``reached__i``."""
    lp = pulp.LpProblem("set_cover", pulp.LpMinimize)
    y = [lp.add_variable(f"y_{j}", 0, 1, pulp.LpInteger) for j in range(table.shape[1])]
    lp.setObjective(pulp.lpSum(y))
    for i, row in enumerate(table):
        near = pulp.lpSum(y[j] for j in np.flatnonzero(row))
        lp.addConstraint(near >= 1, f"reached__{i}")
    return lp, y


def max_cover_program(
    table: Bools, weight: Floats, count: int
) -> tuple[pulp.LpProblem, list[pulp.LpVariable]]:
    """Minimise ``-sum(weight[i] z[i])``, ``z[i] <= sum(y[j] reaching i)``, ``sum(y) <= count``."""
    lp = pulp.LpProblem("max_cover", pulp.LpMinimize)
    y = [lp.add_variable(f"y_{j}", 0, 1, pulp.LpInteger) for j in range(table.shape[1])]
    z = [lp.add_variable(f"z_{i}", 0, 1) for i in range(table.shape[0])]
    gains = [(v, -float(w)) for v, w in zip(z, weight, strict=True)]
    lp.setObjective(pulp.LpAffineExpression([*gains, *((v, 0.0) for v in y)]))
    for i, row in enumerate(table):
        near = pulp.lpSum(y[j] for j in np.flatnonzero(row))
        lp.addConstraint(z[i] <= near, f"reached__{i}")
    lp.addConstraint(pulp.lpSum(y) <= count, "count")
    return lp, y


def _needed_sites(within: Bools) -> Bools:
    """Sites that reach some client which no other single site reaches besides all of theirs."""
    count = within.sum(0)
    shared = within.T.astype(np.float32) @ within.astype(np.float32)
    inside = shared >= count[:, None] - 0.5  # all that i reaches, j reaches
    larger = (count[None, :] > count[:, None]) | (
        (count[None, :] == count[:, None])
        & (np.arange(len(count)) < np.arange(len(count))[:, None])
    )
    return np.asarray(~(inside & larger).any(1) & (count > 0), bool)


def _needed_clients(within: Bools) -> Bools:
    """Clients that are not reached by themselves wherever another one is reached."""
    count = within.sum(1)
    shared = within.astype(np.float32) @ within.T.astype(np.float32)
    contains = shared >= count[None, :] - 0.5  # i is reached by all sites that reach j
    smaller = (count[None, :] < count[:, None]) | (
        (count[None, :] == count[:, None])
        & (np.arange(len(count)) < np.arange(len(count))[:, None])
    )
    return np.asarray(~(contains & smaller).any(1), bool)
