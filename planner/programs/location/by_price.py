"""Levels by the priced search, where the ways to meet the programme are too many to list.

Pupils above capacity at a high price and the way in one value: its best plan is a start for both
levels, and what is proven of the value bounds the way of every plan as short of places. Pupils who
change school are then fewer at a price on the way that the levels above may still be exceeded by.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.programs.location.levels import CLOSE
from planner.programs.location.problem import Floats, LocationProblem
from planner.programs.priced.layout import Layout, layout_of
from planner.programs.priced.plan import Plan, options_of, overflow, plan_of, schools_of
from planner.programs.priced.search import search_layout, solve_priced
from planner.solving.settings import Settings

Schools = dict[tuple[int, int], int]

_CHAIN = 3.0
"""Longest ways that a pupil above capacity counts: so many others may move to make room."""
_SHARE, _SECONDS = 0.6, 600.0
"""Of the time that is left, and in all: without a limit a city would be searched for ever."""
_TURNS, _DEARER = 4, 1.5
"""Searches for fewer moves, and how the price on the way changes from one to the next."""


@dataclass(frozen=True)
class PricedStart:
    """Options and schools by position, and what no plan's priced value can be below."""

    options: tuple[int, ...]
    school: Schools
    """Empty: none was found."""
    bound_km: float
    """Of the way and pupils above capacity at their price; inf: there is no plan."""
    price_km: float

    def way_bound(self, short: float) -> float:
        """Bound of the way of all plans that are at most so short of places."""
        return max(0.0, self.bound_km - self.price_km * short)


def priced_start(problem: LocationProblem, settings: Settings) -> PricedStart | None:
    """Search the priced value; None where locks tell schools or units what to do."""
    if problem.opened or problem.together or not len(problem.arcs.way_m):
        return None
    price = chain_km(problem)
    seconds = min(_SECONDS, _SHARE * settings.seconds_left())
    own = replace(
        settings, tolerance=CLOSE * settings.tolerance, deadline=time.monotonic() + seconds
    )
    found = solve_priced(problem, price, own)
    return PricedStart(found.options, found.school, found.bound, price)


@dataclass(frozen=True)
class Limits:
    """What each service may have of the levels above the moves."""

    short: tuple[float, ...]
    """Pupils above capacity; a single number: of all services."""
    way: tuple[float, ...]
    """Pupil-kilometres."""


def fewer_moves(
    problem: LocationProblem, options: Sequence[int], school: Schools, limits: Limits,
    prices: Sequence[float], settings: Settings,
) -> tuple[tuple[int, ...], Schools]:  # fmt: skip
    """A plan within the limits in which fewer pupils change school, if one is found.

    `prices` are pupils who change for a pupil-kilometre, by service. Where a plan exceeds a limit
    on the way, its price rises; where none does, prices fall.
    """
    layout, arcs = layout_of(problem, 1.0), problem.arcs
    moved, way = layout.pupils * arcs.moves, layout.cost
    now = laid_out(layout, options, school)
    fewest, best = float(moved[now.arc].sum()), now
    price = np.maximum(np.array(prices), 1e-3)
    for turn in range(_TURNS):
        seconds = min(_SECONDS, settings.seconds_left()) / _TURNS * (1 - _SHARE)
        over = float(price.max()) * chain_km(problem)
        priced = replace(layout, cost=moved + price[arcs.service] * way, price_km=1.0 + over)
        own = replace(
            settings, deadline=time.monotonic() + seconds, report=None, seed=settings.seed + turn
        )
        found = search_layout(priced, own, start=plan_of(priced, best.arc, best.option))
        beyond = _ways(layout, found) > np.array(limits.way) * (1 + 1e-9)
        if not beyond.any() and short_enough(layout, found, limits):
            count = float(moved[found.arc].sum())
            if count < fewest:
                fewest, best = count, found
        price = np.where(beyond, price * _DEARER, price / _DEARER)
    return options_of(best), schools_of(layout, best)


def chain_km(problem: LocationProblem) -> float:
    """What a pupil above capacity counts for."""
    return _CHAIN * max(1.0, float(problem.arcs.way_m.max()) / 1000)


def laid_out(layout: Layout, options: Sequence[int], school: Mapping[tuple[int, int], int]) -> Plan:
    """Options and the school of each unit and service as a plan of the priced search."""
    arcs = layout.problem.arcs
    keys = zip(arcs.unit.tolist(), arcs.service.tolist(), arcs.school.tolist(), strict=True)
    used = np.flatnonzero([school[u, s] == f for u, s, f in keys])
    arc = np.zeros(layout.clients, np.int64)
    arc[layout.client[used]] = used
    option = np.full(layout.schools, -1)
    option[layout.option_school[list(options)]] = list(options)
    return plan_of(layout, arc, option)


def _ways(layout: Layout, plan: Plan) -> Floats:
    """Pupil-kilometres by service."""
    service = layout.problem.arcs.service[plan.arc]
    return np.bincount(service, layout.cost[plan.arc], layout.services).astype(float)


def short_enough(layout: Layout, plan: Plan, limits: Limits) -> bool:
    """Whether no service, or all of them together, are shorter of places than the limits allow."""
    short = overflow(layout, plan.arc, plan.option).reshape(-1, layout.services).sum(0)
    if len(limits.short) == 1:
        return bool(short.sum() <= limits.short[0] + 1e-6)
    return bool((short <= np.array(limits.short) + 1e-6).all())
