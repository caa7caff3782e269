"""Contiguous catchments grown from the schools, along the shares of a relaxation with cuts.

Options stay. A home joins a catchment only once it touches it, the one that the relaxation gives it
to most first; homes that no share reaches join where they cost least.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from heapq import heappop, heappush

import numpy as np

from planner.programs.location.problem import Bools, Floats, Ints
from planner.programs.priced.cutting import Joined
from planner.programs.priced.layout import Layout
from planner.programs.priced.plan import Plan, open_pairs, plan_of, room_of
from planner.programs.priced.subprogram import subprogram_of
from planner.solving.highs import Session
from planner.solving.settings import Settings

_LEAST = 1e-3
"""Share below which a relaxation gives a home to a school by rounding alone."""


def grown(layout: Layout, known: Joined, plan: Plan, arcs: Bools, settings: Settings) -> Plan:
    """A plan with the options of `plan`, all catchments in one piece as far as growing goes.

    The relaxation keeps the `known` cuts and uses the `arcs` given and those of `plan`. Homes that
    no catchment reaches stay where they are. The plan itself without a graph, or if the
    relaxation was stopped.
    """
    if layout.problem.graph is None:
        return plan
    share = _shares(layout, known, plan, arcs, settings)
    return plan if share is None else plan_of(layout, _grow(layout, share, plan), plan.option)


def _shares(
    layout: Layout, known: Joined, plan: Plan, arcs: Bools, settings: Settings
) -> Floats | None:
    """How much of each arc the relaxation with these options takes; None: stopped."""
    everyone, none = np.arange(layout.schools), np.zeros(len(layout.option_school), bool)
    program = subprogram_of(layout, plan, everyone, arcs=arcs, options=none)
    lower = program.arrays.lower.copy()
    lower[len(program.arcs) : len(program.arcs) + len(program.options)] = 1.0
    session = Session(replace(program.arrays, lower=lower), settings)
    session.add_rows(known.over(program.arcs).rows(len(lower)))
    outcome = session.relax()
    if outcome.columns is None:
        return None
    share = np.zeros(len(layout.cost))
    share[program.arcs] = outcome.columns[: len(program.arcs)]
    return share


def _grow(layout: Layout, share: Floats, plan: Plan) -> Ints:
    """The arc by client: taken from a queue by share, then by cost a pupil."""
    room, load = room_of(layout, plan.option).tolist(), [0.0] * len(layout.places)
    pairs, clients = layout.pair.tolist(), layout.client.tolist()
    cost, pupils = layout.cost.tolist(), layout.pupils.tolist()
    at = {(client, pair): a for a, (client, pair) in enumerate(zip(clients, pairs, strict=True))}
    arc, queue = np.full(layout.clients, -1), list[tuple[float, float, int]]()
    queued = np.zeros(len(share), bool)

    def a_pupil(a: int) -> float:
        pair = pairs[a]
        over = max(0.0, load[pair] + pupils[a] - room[pair]) - max(0.0, load[pair] - room[pair])
        return float((cost[a] + layout.price_km * over) / max(pupils[a], 1.0))

    def reach(a: int) -> None:
        if arc[clients[a]] < 0 and not queued[a]:
            queued[a] = True
            given = -float(share[a]) if share[a] > _LEAST else 0.0
            heappush(queue, (given, a_pupil(a), a))

    for a in _first(layout, at, open_pairs(layout, plan.option)):
        reach(a)
    while queue:
        given, told, a = heappop(queue)
        client, pair = clients[a], pairs[a]
        if arc[client] >= 0:
            continue
        if given == 0.0 and a_pupil(a) > told + 1e-9:
            heappush(queue, (given, a_pupil(a), a))  # the school has filled up since
            continue
        arc[client] = a
        load[pair] += pupils[a]
        for near in _beside(layout, at, client // layout.services, pair):
            reach(near)
    return np.where(arc < 0, plan.arc, arc)


def _first(layout: Layout, at: dict[tuple[int, int], int], is_open: Bools) -> Iterator[int]:
    """Arcs that need no other: from a school's own cell, next to it, or free of the rule."""
    problem, services = layout.problem, layout.services
    for pair in np.flatnonzero(is_open).tolist():
        root = int(problem.root[pair // services])
        if (root * services + pair % services, pair) in at:
            yield at[root * services + pair % services, pair]
        yield from _beside(layout, at, root, pair)
    for unit, service in sorted(problem.exempt):
        for a in layout.by_client.of(unit * services + service).tolist():
            if is_open[layout.pair[a]]:
                yield a


def _beside(layout: Layout, at: dict[tuple[int, int], int], unit: int, pair: int) -> Iterator[int]:
    """Arcs to a pair from the units next to one."""
    assert layout.problem.graph is not None
    for near in layout.problem.graph.neighbours[unit]:
        client = near * layout.services + pair % layout.services
        if (client, pair) in at:
            yield at[client, pair]
