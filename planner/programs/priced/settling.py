"""Descent and annealing of a contiguous plan: homes move to a catchment that they touch.

A home moves only if the catchment that it leaves and the one that it joins both hold together, so a
plan that is contiguous stays so. While it is annealed, schools trade options as well.
Source: Kirkpatrick, Gelatt, Vecchi, Science 220 (1983), annealing.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from planner.programs.location.catchments import torn_pieces
from planner.programs.location.problem import Bools, Floats, Ints
from planner.programs.priced.layout import Layout
from planner.programs.priced.plan import Plan, loads_of, open_pairs, plan_of, room_of
from planner.programs.priced.trading import Trading
from planner.solving.settings import Settings

_ROUNDS = 60
_LEAST = 1e-6
"""Pupil-kilometres below which a move is no gain."""
_HOT, _COLD, SWEEPS = 0.5, 0.02, 400
"""Temperatures of annealing in mean costs of a client, and sweeps from one to the other."""
_HOPELESS = 4.0
"""Temperatures that a move may lose to be tried at all."""
_CHAINS, _FOLLOWING = 1000, 3
"""Moves in each sweep that are tried with another one after them, and how many of these."""
_TRADES = 20
"""Trades of options after each sweep, at most."""


def settled(layout: Layout, plan: Plan) -> Plan:
    """Move single homes while any gains by it and tears nothing; the plan without a graph."""
    if layout.problem.graph is None:
        return plan
    state = Settling(layout, plan)
    for _ in range(_ROUNDS):
        gain = state.changes()
        order = np.argsort(gain, kind="stable")
        moved = 0
        for a in order[: int((gain < -_LEAST).sum())].tolist():
            moved += state.move(a)
        if not moved:
            break
    return plan_of(layout, state.arc, plan.option)


def annealed(layout: Layout, plan: Plan, settings: Settings) -> Plan:
    """Moves that lose are made too, ever less readily; the better of what it ends at and `plan`.

    What a full school cannot take may so pass through it to one with room. The plan itself
    without a graph, or where it costs nothing.
    """
    if layout.problem.graph is None or plan.value <= 0:
        return plan
    state, random = Settling(layout, plan), np.random.default_rng(settings.seed)
    a_client = plan.value / max(1, layout.clients)
    best = plan
    for warmth in [*np.geomspace(_HOT * a_client, _COLD * a_client, SWEEPS).tolist(), 0.0]:
        if settings.seconds_left() <= 0:
            break
        state.sweep(warmth, random)
        now = state.plan()
        best = now if now.value < best.value else best
    found = settled(layout, best)
    return found if found.value < plan.value else plan


class Settling:
    """A plan on the move: its options and loads, and the units of every catchment."""

    def __init__(self, layout: Layout, plan: Plan) -> None:
        self._layout = layout
        self.arc, self.option = plan.arc.copy(), plan.option.copy()
        self._trading = Trading(layout)
        self._room, self._load = room_of(layout, plan.option), loads_of(layout, plan.arc)
        self._open: Bools = open_pairs(layout, plan.option)[layout.pair]
        self._members: list[set[int]] = [set() for _ in layout.places]
        units = layout.problem.arcs.unit[self.arc].tolist()
        for unit, pair in zip(units, layout.pair[self.arc].tolist(), strict=True):
            self._members[pair].add(unit)

    def recost(self, cost: Floats) -> None:
        """Go on with other costs of the arcs, in pupil-kilometres."""
        self._layout = replace(self._layout, cost=cost)

    def plan(self) -> Plan:
        """The plan as it stands, at the costs of now."""
        return plan_of(self._layout, self.arc.copy(), self.option.copy())

    def sweep(self, warmth: float, chance: np.random.Generator) -> int:
        """Moves that do not lose too much, in random order, then trades of options; moves made.

        At `warmth` 0 only what gains is done.
        """
        moves = np.flatnonzero(self.changes() < (_HOPELESS * warmth if warmth > 0 else -_LEAST))
        chance.shuffle(moves)
        limits = chance.exponential(warmth, len(moves)) if warmth > 0 else -_LEAST
        made = sum(
            self.move(a, most=most)
            for a, most in zip(
                moves.tolist(), np.broadcast_to(limits, len(moves)).tolist(), strict=True
            )
        )
        made += self._chained(warmth, chance)
        load = loads_of(self._layout, self.arc)
        for _ in range(_TRADES):
            if not self._trading.trade(self.option, load, warmth, chance, least=_LEAST):
                break
            made += 1
        self._room = room_of(self._layout, self.option)
        self._open = open_pairs(self._layout, self.option)[self._layout.pair]
        return made

    def changes(self) -> Floats:
        """Change of the value by each arc's move, all priced at once; inf where there is none."""
        return self._changes_of(np.arange(len(self._layout.cost)))

    def _changes_of(self, arcs: Ints) -> Floats:
        layout, load, room, price = self._layout, self._load, self._room, self._layout.price_km
        at = self.arc[layout.client[arcs]]
        source, to, pupils = layout.pair[at], layout.pair[arcs], layout.pupils[arcs]
        over = np.maximum(0.0, load - room)
        gain = layout.cost[arcs] - layout.cost[at]
        gain += price * (np.maximum(0.0, load[to] + pupils - room[to]) - over[to])
        gain += price * (np.maximum(0.0, load[source] - pupils - room[source]) - over[source])
        gain[~self._open[arcs] | (source == to)] = np.inf
        return np.asarray(gain, float)

    def move(self, arc: int, *, most: float = -_LEAST) -> bool:
        """Take an arc if it costs at most so much and tears nothing; whether it was taken."""
        layout = self._layout
        client, to = int(layout.client[arc]), int(layout.pair[arc])
        unit, source = client // layout.services, int(layout.pair[self.arc[client]])
        if source == to or self._change(arc, source) > most or not self._touches(unit, to):
            return False
        self._members[source].discard(unit)
        self._members[to].add(unit)
        if self._torn(source) or self._torn(to):
            self._members[source].add(unit)
            self._members[to].discard(unit)
            return False
        self._put(client, arc)
        return True

    def _put(self, client: int, arc: int) -> None:
        """Give a client an arc, whatever that does."""
        layout, unit, before = self._layout, client // self._layout.services, int(self.arc[client])
        for pair, sign in ((int(layout.pair[before]), -1.0), (int(layout.pair[arc]), 1.0)):
            self._load[pair] += sign * layout.pupils[arc]
        self._members[int(layout.pair[before])].discard(unit)
        self._members[int(layout.pair[arc])].add(unit)
        self.arc[client] = arc

    def chain(self, arc: int, *, most: float) -> bool:
        """Take an arc and let another home leave the school that it fills; whether both were done.

        Together they cost at most so much, and tear nothing.
        """
        client, layout = int(self._layout.client[arc]), self._layout
        back, to = int(self.arc[client]), int(layout.pair[arc])
        first = self._change(arc, int(layout.pair[back]))
        if not self.move(arc, most=np.inf):
            return False
        own = [u * layout.services + to % layout.services for u in sorted(self._members[to])]
        nothing = np.zeros(0, np.int64)
        leaving = np.concatenate([nothing, *(layout.by_client.of(c) for c in own if c != client)])
        change = self._changes_of(leaving)
        for k in np.argsort(change, kind="stable")[:_FOLLOWING].tolist():
            if first + change[k] > most:
                break
            if self.move(int(leaving[k]), most=most - first):
                return True
        self._put(client, back)
        return False

    def _chained(self, warmth: float, chance: np.random.Generator) -> int:
        """Some moves that only a full school forbids, each tried with another out of it."""
        layout = self._layout
        at = self.arc[layout.client]
        relief = np.maximum(0.0, self._load - self._room)[layout.pair[at]]
        gain = layout.cost - layout.cost[at] - layout.price_km * np.minimum(relief, layout.pupils)
        likely = np.flatnonzero(
            (gain < _HOPELESS * warmth) & self._open & (layout.pair[at] != layout.pair)
        )
        some = chance.permutation(likely)[:_CHAINS]
        limits = (
            chance.exponential(warmth, len(some)) if warmth > 0 else np.full(len(some), -_LEAST)
        )
        return sum(
            self.chain(a, most=most) for a, most in zip(some.tolist(), limits.tolist(), strict=True)
        )

    def _change(self, arc: int, source: int) -> float:
        layout, load, room, to = self._layout, self._load, self._room, self._layout.pair[arc]
        pupils = layout.pupils[arc]
        more = max(0.0, load[to] + pupils - room[to]) - max(0.0, load[to] - room[to])
        less = max(0.0, load[source] - pupils - room[source]) - max(
            0.0, load[source] - room[source]
        )
        way = layout.cost[arc] - layout.cost[self.arc[layout.client[arc]]]
        return float(way + layout.price_km * (more + less))

    def _touches(self, unit: int, pair: int) -> bool:
        problem, services = self._layout.problem, self._layout.services
        if problem.graph is None:
            return True
        if (unit, pair % services) in problem.exempt:
            return True
        root, near = int(problem.root[pair // services]), problem.graph.neighbours[unit]
        members = self._members[pair]
        return unit == root or any(v == root or v in members for v in near)

    def _torn(self, pair: int) -> bool:
        members = sorted(self._members[pair])
        return bool(
            torn_pieces(self._layout.problem, *divmod(pair, self._layout.services), members)
        )
