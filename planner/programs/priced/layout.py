"""The priced places decision laid out in arrays: who may go where, and what every school may hold.

One objective instead of ranked levels: pupil-kilometres plus a price per pupil above capacity. It
is what a whole city is planned by, where the ways to meet the programme cannot be listed.
A *client* is a unit and a service, a *pair* a school and a service, both numbered row by row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.programs.location.problem import (
    Bools,
    Floats,
    Ints,
    LocationProblem,
    option_amount,
)
from planner.programs.location.program import opening_options

SMALL_ARCS = 2500
"""Arcs that one exact program may decide."""


@dataclass(frozen=True)
class Groups:
    """Positions by group: those of group g are ``order[start[g]:start[g + 1]]``."""

    order: Ints
    start: Ints

    def of(self, group: int) -> Ints:
        """The positions of one group."""
        return self.order[self.start[group] : self.start[group + 1]]


@dataclass(frozen=True)
class Layout:
    """A location problem with a price on overflow; arrays by arc, pair, option or total."""

    problem: LocationProblem
    price_km: float
    """Pupil-kilometres that a pupil above capacity counts as."""
    cost: Floats
    """Pupil-kilometres by arc."""
    pupils: Floats
    """By arc."""
    client: Ints
    """By arc."""
    pair: Ints
    """By arc."""
    by_client: Groups
    by_pair: Groups
    places: Floats
    """Places today by pair."""
    open_today: Bools
    """By pair: whether pupils may be assigned without an option."""
    option_school: Ints
    option_places: Floats
    """Options × services."""
    opens: Bools
    """Options × services: whether pupils of a service may be assigned with this option."""
    amounts: Floats
    """Options × totals."""
    least: Floats
    most: Floats
    """By total; infinite where there is no limit."""

    @property
    def services(self) -> int:
        """Number of services."""
        return len(self.problem.services)

    @property
    def small(self) -> bool:
        """Whether one exact program may decide everything."""
        return len(self.cost) <= SMALL_ARCS

    @property
    def clients(self) -> int:
        """Number of clients."""
        return len(self.problem.units) * self.services

    @property
    def schools(self) -> int:
        """Number of schools and sites."""
        return len(self.problem.schools)


def layout_of(problem: LocationProblem, price_km: float) -> Layout:
    """Lay out a problem; `price_km` is the price of a pupil above capacity in pupil-kilometres.

    Raises ValueError for a price that is not positive, or a unit that may go nowhere.
    """
    if problem.opened or problem.together:
        raise ValueError("the priced decision knows no locked schools or units")
    if not price_km > 0:
        raise ValueError("the price of a pupil above capacity must be positive")
    arcs, services = problem.arcs, len(problem.services)
    served = np.zeros((len(problem.units), services), bool)
    served[arcs.unit, arcs.service] = True
    if not served.all():
        nowhere = [problem.units[u] for u in np.flatnonzero(~served.all(1))]
        raise ValueError(f"units that no school may serve: {', '.join(nowhere)}")
    pupils = problem.pupils[arcs.unit, arcs.service]
    client, pair = arcs.unit * services + arcs.service, arcs.school * services + arcs.service
    count, pairs = len(problem.options), len(problem.schools) * services
    opens, open_today = _opening(problem)
    totals = problem.totals
    amounts = [[option_amount(o, total) for total in totals] for o in problem.options]
    sides = np.array(
        [(-np.inf if a is None else a, np.inf if b is None else b) for a, b in totals.values()]
    ).reshape(len(totals), 2)
    return Layout(
        problem=problem,
        price_km=price_km,
        cost=pupils * arcs.way_m / 1000,
        pupils=pupils,
        client=client,
        pair=pair,
        by_client=groups_of(client, len(problem.units) * services),
        by_pair=groups_of(pair, pairs),
        places=problem.places_today.reshape(pairs),
        open_today=open_today,
        option_school=np.array([o.school for o in problem.options], np.int64),
        option_places=np.array([o.places for o in problem.options], float).reshape(count, services),
        opens=opens,
        amounts=np.array(amounts, float).reshape(count, len(totals)),
        least=sides[:, 0],
        most=sides[:, 1],
    )


def groups_of(group: Ints, count: int) -> Groups:
    """Positions of an array by the group that stands there."""
    order = np.argsort(group, kind="stable")
    return Groups(order, np.searchsorted(group[order], np.arange(count + 1)))


def _opening(problem: LocationProblem) -> tuple[Bools, Bools]:
    """Which services each option opens, and which pairs are open without one."""
    services = len(problem.services)
    opens = np.ones((len(problem.options), services), bool)
    today = np.zeros((len(problem.schools), services), bool)
    at: dict[int, list[int]] = {f: [] for f in range(len(problem.schools))}
    for o, option in enumerate(problem.options):
        at[option.school].append(o)
    for f, options in at.items():
        for s in range(services):
            opening = opening_options(problem, f, s, options)
            today[f, s] = opening is None
            if opening is not None:
                opens[options, s] = False
                opens[opening, s] = True
    return opens, today.reshape(-1)
