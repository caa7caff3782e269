"""Lagrangian bounds: a price on serving each client takes a problem apart into its sites.

``L(u) = sum(u) + sum of the best sites' fixed[j] + least of sum((cost[i,j] - u[i]) x[i,j])``, the
inner part within the site's capacity: a sum of what is negative without one, a knapsack with one
(continuous where clients may be split, and as a first bound; else by dynamic programming). Where
the number of sites is free, a price on room in all keeps enough of it open.
Sources: Geoffrion, Mathematical Programming Study 2 (1974); Cornuéjols, Fisher, Nemhauser,
Management Science 23 (1977), p-median; Beasley, European Journal of Operational Research 65 (1993).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from planner.programs.facility.knapsacks import Taken, exact_knapsacks, linear_knapsacks
from planner.programs.facility.problem import Bools, FacilityProblem, Floats, Ints
from planner.solving.settings import Settings

_PATIENCE = 12
_SHORTER = 0.6
_LEAST_LENGTH = 2e-4
_MOMENTUM = 0.4
_LOOK = 4


@dataclass(frozen=True)
class Priced:
    """The best bound met, and the prices that gave it."""

    bound: float
    client: Floats
    room: float
    """Price of a unit of room, where the number of sites is free and there are capacities."""
    site: Floats
    """What opening each site adds; inf where it is closed for good."""
    chosen: Bools
    """The sites that the bound opens."""


def ascend(
    problem: FacilityProblem,
    settings: Settings,
    *,
    value: float,
    target: float,
    steps: int,
    allowed: Bools,
    start: Priced | None = None,
    exact: bool = False,
    look: Callable[[Ints], None] | None = None,
) -> Priced:
    """Raise the bound from `start` towards `value` until it meets `target` or `steps` are done.

    `allowed` (by site) leaves out sites that no better plan opens; `exact` solves the knapsacks of
    unsplit clients exactly; `look` is shown the sites that a bound opens, now and then.
    """
    u, room = (_first_prices(problem), 0.0) if start is None else (start.client, start.room)
    best = Priced(-math.inf, u, room, np.zeros(len(allowed)), np.zeros(len(allowed), bool))
    length, waited = 1.0, 0
    direction, push = np.zeros(len(u)), 0.0
    for step_number in range(steps):
        now, served, missing = _evaluate(problem, u, room, allowed, exact)
        if look is not None and step_number % _LOOK == 0:
            look(np.flatnonzero(now.chosen))
        if now.bound > best.bound + 1e-9 * abs(now.bound):
            best, waited = now, 0
        else:
            waited += 1
        if best.bound >= target or settings.seconds_left() <= 0:
            break
        if waited >= _PATIENCE:
            length, waited = length * _SHORTER, 0
            u, room = best.client, best.room
            direction, push = np.zeros(len(u)), 0.0
            if length < _LEAST_LENGTH:
                break
            continue
        slope = 1.0 - served
        direction = slope + _MOMENTUM * direction
        push = missing + _MOMENTUM * push
        scale = float(np.mean(problem.capacity)) ** -2 if push else 0.0
        norm = float(direction @ direction) + scale * push * push
        if norm < 1e-12:
            break
        step = length * max(value - now.bound, 1e-9 * abs(value)) / norm
        u = u + step * direction
        room = max(0.0, room + step * scale * push)
    return best


def kept_sites(problem: FacilityProblem, priced: Priced, most: float) -> tuple[Bools, Bools]:
    """Sites that a plan of at most `most` may open, and those that it must."""
    slack = most - priced.bound + 1e-9 * max(1.0, abs(most))
    last, following = _edges(problem, priced)
    may = priced.chosen | (priced.site - last <= slack)
    must = priced.chosen & (following - priced.site > slack)
    return may & np.isfinite(priced.site), must


def kept_arcs(problem: FacilityProblem, priced: Priced, most: float) -> Bools:
    """Arcs (clients × sites) that a plan of at most `most` may use.

    Using an arc opens its site, and pays its reduced cost where that is not negative.
    """
    slack = most - priced.bound + 1e-9 * max(1.0, abs(most))
    last, _ = _edges(problem, priced)
    opening = np.where(priced.chosen, 0.0, np.maximum(priced.site - last, 0.0))
    extra = np.maximum(problem.cost - priced.client[:, None], 0.0) + opening[None, :]
    return np.asarray((extra <= slack) & np.isfinite(problem.cost), bool)


def _edges(problem: FacilityProblem, priced: Priced) -> tuple[float, float]:
    """The dearest site that the bound opens and the cheapest that it does not (0 where free)."""
    if problem.count is None:
        return 0.0, 0.0
    last = float(priced.site[priced.chosen].max(initial=-math.inf))
    return last, float(priced.site[~priced.chosen].min(initial=math.inf))


def _first_prices(problem: FacilityProblem) -> Floats:
    """Between the cheapest and the second cheapest way to serve each client."""
    if problem.cost.shape[1] == 1:
        return np.array(problem.cost[:, 0])
    two = np.partition(problem.cost, 1, axis=1)[:, :2]
    return np.where(np.isfinite(two[:, 1]), two.mean(1), two[:, 0])


def _evaluate(
    problem: FacilityProblem, u: Floats, room: float, allowed: Bools, exact: bool
) -> tuple[Priced, Floats, float]:
    """The bound at these prices, how often each client is served, and the room that is missing."""
    values, taken = _sites(problem, u, allowed, exact)
    count = problem.count
    limited = count is None and problem.capacitated
    if limited:
        values = values - room * problem.capacity
    values[~allowed] = math.inf
    chosen = np.zeros(len(values), bool)
    if count is None:
        chosen[values < 0] = True
    else:
        chosen[np.argpartition(values, count - 1)[:count]] = True
    at = np.flatnonzero(chosen)
    bound = float(u.sum() + values[at].sum())
    missing = 0.0
    if limited:
        bound += room * float(problem.demand.sum())
        missing = float(problem.demand.sum() - problem.capacity[at].sum())
    return Priced(bound, u, room, values, chosen), taken(at), missing


def _sites(
    problem: FacilityProblem, u: Floats, allowed: Bools, exact: bool
) -> tuple[Floats, Taken]:
    """What opening each site adds at these prices, and how it serves the clients."""
    rest = problem.cost - u[:, None]
    if not problem.capacitated:
        gains = np.minimum(rest, 0.0).sum(0)

        def all_that_gain(at: Ints) -> Floats:
            return np.asarray((rest[:, at] < 0).sum(1), float)

        return problem.fixed + gains, all_that_gain
    solve = exact_knapsacks if exact and not problem.split else linear_knapsacks
    gains, taken = solve(rest, problem.demand, problem.capacity, allowed)
    return problem.fixed + gains, taken
