"""Steepest descent of a plan whose options stay: clients move to another school, or two swap.

All moves are priced at once, as arrays; contiguity is not looked at.
"""

from __future__ import annotations

import numpy as np

from planner.programs.location.problem import Bools, Floats, Ints
from planner.programs.priced.layout import Groups, Layout, groups_of
from planner.programs.priced.plan import Plan, loads_of, open_pairs, plan_of, room_of

_ROUNDS = 60
_AT_ONCE = 400
"""Best swaps looked at in one round; those that share a catchment wait for the next."""
_LEAST = 1e-6
"""Pupil-kilometres below which a move is no gain."""


def descend(layout: Layout, plan: Plan) -> Plan:
    """Shift and swap until neither gains anything."""
    now = plan
    for _ in range(_ROUNDS):
        better = _swapped(layout, _shifted(layout, now))
        if better.value > now.value - _LEAST:
            return now
        now = better
    return now


def _shifted(layout: Layout, plan: Plan) -> Plan:
    """Move single clients, the most gainful first."""
    arc, room = plan.arc.copy(), room_of(layout, plan.option)
    load, closed = loads_of(layout, arc), ~open_pairs(layout, plan.option)[layout.pair]
    pupils, to, price = layout.pupils, layout.pair, layout.price_km
    while True:
        over = np.maximum(0.0, load - room)
        at = arc[layout.client]
        source = to[at]
        gain = layout.cost - layout.cost[at]
        gain += price * (np.maximum(0.0, load[to] + pupils - room[to]) - over[to])
        gain += price * (np.maximum(0.0, load[source] - pupils - room[source]) - over[source])
        gain[closed | (source == to)] = np.inf
        best = int(np.argmin(gain))
        if gain[best] > -_LEAST:
            return plan_of(layout, arc, plan.option)
        client = layout.client[best]
        load[to[arc[client]]] -= pupils[best]
        load[to[best]] += pupils[best]
        arc[client] = best


def _swapped(layout: Layout, plan: Plan) -> Plan:
    """Swap the schools of two clients, many pairs of catchments at once."""
    arc, room = plan.arc.copy(), room_of(layout, plan.option)
    is_open = open_pairs(layout, plan.option)
    for _ in range(_ROUNDS):
        there, back = _exchanges(layout, arc, is_open)
        gain = _gains(layout, arc, room, there, back)
        touched, done = set[int](), 0
        for i in np.argsort(gain, kind="stable")[:_AT_ONCE].tolist():
            if gain[i] > -_LEAST:
                break
            pairs = {int(layout.pair[there[i]]), int(layout.pair[back[i]])}
            if touched & pairs:
                continue
            touched |= pairs
            arc[layout.client[there[i]]], arc[layout.client[back[i]]] = there[i], back[i]
            done += 1
        if not done:
            break
    return plan_of(layout, arc, plan.option)


def _exchanges(layout: Layout, arc: Ints, is_open: Bools) -> tuple[Ints, Ints]:
    """All swaps: the arc that one client takes, and that of the other one in return."""
    at = layout.pair[arc]
    members: Groups = groups_of(at, len(layout.places))
    moves = np.flatnonzero(is_open[layout.pair] & (layout.pair != at[layout.client]))
    counts = np.diff(members.start)[layout.pair[moves]]
    there = np.repeat(moves, counts)
    within = np.arange(len(there)) - np.repeat(np.cumsum(counts) - counts, counts)
    other = members.order[members.start[layout.pair[there]] + within]
    first = layout.client[there] < other
    there, other = there[first], other[first]
    back = _arcs_between(layout, other, at[layout.client[there]])
    return there[back >= 0], back[back >= 0]


def _arcs_between(layout: Layout, clients: Ints, pairs: Ints) -> Ints:
    """The arc from each client to each pair; -1 where there is none."""
    key = layout.client * len(layout.places) + layout.pair
    order = np.argsort(key, kind="stable")
    wanted = clients * len(layout.places) + pairs
    spot = np.minimum(np.searchsorted(key[order], wanted), len(order) - 1)
    return np.where(key[order][spot] == wanted, order[spot], -1)


def _gains(layout: Layout, arc: Ints, room: Floats, there: Ints, back: Ints) -> Floats:
    """Change of the value by each swap; negative is a gain."""
    load = loads_of(layout, arc)
    over = np.maximum(0.0, load - room)
    to, source = layout.pair[there], layout.pair[back]
    change = layout.pupils[there] - layout.pupils[back]
    gain = layout.cost[there] + layout.cost[back]
    gain -= layout.cost[arc[layout.client[there]]] + layout.cost[arc[layout.client[back]]]
    more = np.maximum(0.0, load[to] + change - room[to]) - over[to]
    less = np.maximum(0.0, load[source] - change - room[source]) - over[source]
    return np.asarray(gain + layout.price_km * (more + less), float)
