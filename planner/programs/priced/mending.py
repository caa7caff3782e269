"""Torn catchments mended: stray homes join a whole catchment that they touch, cheapest first."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from planner.programs.contiguity import Graph, pieces
from planner.programs.location.catchments import torn_pieces
from planner.programs.location.problem import Floats, Ints
from planner.programs.priced.layout import Layout
from planner.programs.priced.plan import Plan, loads_of, open_pairs, plan_of, room_of, torn_pairs

_PULLS = 6
"""How often stray homes pull others before they are left to a program."""


def absorbed(layout: Layout, plan: Plan) -> Plan:
    """The plan with stray homes given away, to what they touch and what holds together already.

    Homes that touch nothing they may join pull those in between to their own school; what that
    tears is given away in turn. A plan may stay torn.
    """
    if layout.problem.graph is None:
        return plan
    for _ in range(_PULLS):
        plan = _given_away(layout, plan)
        if not torn_pairs(layout, plan.arc):
            break
        plan = _pulled(layout, plan)
    return _given_away(layout, plan)


def _given_away(layout: Layout, plan: Plan) -> Plan:
    """Move stray homes while any touches what it may join."""
    arc, room = plan.arc.copy(), room_of(layout, plan.option)
    is_open, load = open_pairs(layout, plan.option), loads_of(layout, arc)
    stray, apart = _stray(layout, arc)
    while stray:
        moves = [
            (_extra(layout, arc, load, room, a), a)
            for client in sorted(stray)
            for a in _joining(layout, arc, stray | apart, client)
            if is_open[layout.pair[a]]
        ]
        if not moves:
            break
        _, best = min(moves)
        client = int(layout.client[best])
        load[layout.pair[arc[client]]] -= layout.pupils[best]
        load[layout.pair[best]] += layout.pupils[best]
        arc[client] = best
        stray.discard(client)
    return plan_of(layout, arc, plan.option)


def _pulled(layout: Layout, plan: Plan) -> Plan:
    """Give the homes between a stray one and its school's cell to that school, along arcs."""
    problem, services, arc = layout.problem, layout.services, plan.arc.copy()
    assert problem.graph is not None
    stray, _ = _stray(layout, arc)
    for client in sorted(stray):
        pair = int(layout.pair[arc[client]])
        own = layout.by_pair.of(pair)
        to = dict(zip((layout.client[own] // services).tolist(), own.tolist(), strict=True))
        root = int(problem.root[pair // services])
        way = _path(problem.graph, client // services, root, to)
        for unit in way:
            if unit in to:
                arc[unit * services + pair % services] = to[unit]
    return plan_of(layout, arc, plan.option)


def _path(graph: Graph, start: int, root: int, allowed: Mapping[int, int]) -> list[int]:
    """The fewest units from `start` to `root` through allowed ones; none if there is no way."""
    before, queue = {start: start}, deque([start])
    while queue:
        unit = queue.popleft()
        if unit == root:
            way = [unit]
            while way[-1] != start:
                way.append(before[way[-1]])
            return way
        for v in graph.neighbours[unit]:
            if v not in before and (v in allowed or v == root):
                before[v] = unit
                queue.append(v)
    return []


def _stray(layout: Layout, arc: Ints) -> tuple[set[int], set[int]]:
    """Clients in pieces apart from their school's catchment, and those that may stay apart."""
    problem, services = layout.problem, layout.services
    assert problem.graph is not None
    members: list[list[int]] = [[] for _ in layout.places]
    units = problem.arcs.unit[arc]
    for unit, pair in zip(units.tolist(), layout.pair[arc].tolist(), strict=True):
        members[pair].append(unit)
    stray, apart = set[int](), set[int]()
    for pair, own in enumerate(members):
        school, service = divmod(pair, services)
        for piece, _ in torn_pieces(problem, school, service, own):
            stray |= {unit * services + service for unit in piece}
        root = int(problem.root[school])
        for piece in pieces(problem.graph, {*own, root}):
            if root not in piece and all((unit, service) in problem.exempt for unit in piece):
                apart |= {unit * services + service for unit in piece}
    return stray, apart


def _joining(layout: Layout, arc: Ints, loose: set[int], client: int) -> list[int]:
    """Arcs of a stray client to catchments that it touches where they hold together."""
    problem, services = layout.problem, layout.services
    assert problem.graph is not None
    unit, service = divmod(client, services)
    near = problem.graph.neighbours[unit]
    held = {v * services + service for v in near} - loose
    touched = {int(layout.pair[arc[c]]) for c in held}
    cells = {unit, *near}
    own = int(layout.pair[arc[client]])
    found = []
    for a in layout.by_client.of(client).tolist():
        pair = int(layout.pair[a])
        if pair != own and (pair in touched or int(problem.root[pair // services]) in cells):
            found.append(a)
    return found


def _extra(layout: Layout, arc: Ints, load: Floats, room: Floats, to: int) -> float:
    """What the value rises by if a client moves to an arc."""
    at = int(arc[layout.client[to]])
    source, target, pupils = layout.pair[at], layout.pair[to], layout.pupils[to]
    change = max(0.0, load[source] - pupils - room[source]) - max(0.0, load[source] - room[source])
    change += max(0.0, load[target] + pupils - room[target])
    change -= max(0.0, load[target] - room[target])
    return float(layout.cost[to] - layout.cost[at] + layout.price_km * change)
