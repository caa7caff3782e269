"""Raising the Lagrangian bound of the priced places decision, with whole options and whole homes.

A price on serving each client takes the problem apart into catchments, each a knapsack for every
room that its school may have. What an option is worth follows, and a small linear program over the
options meets the programme's totals. Rows that join arcs (contiguity) may be priced as well.
Sources: Fisher, Management Science 27 (1981); Held, Wolfe, Crowder, Mathematical Programming 6
(1974), the steps; Beasley, European Journal of Operational Research 65 (1993), facility location.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from planner.programs.location.problem import Bools, Floats, Ints
from planner.programs.priced.cutting import Joined
from planner.programs.priced.knapsacks import Packing, pack, with_each
from planner.programs.priced.layout import Layout
from planner.programs.priced.master import Master

_PATIENCE, _SHORTER, _MOMENTUM = 8, 0.7, 0.4
_STALLED = 1e-3


@dataclass(frozen=True)
class Priced:
    """A bound, the prices that gave it, and what options cost more than the cheapest mix."""

    bound: float
    client: Floats
    row: Floats
    """Prices of joined rows, at least 0."""
    extra: Floats
    """By option: how much the bound rises if it is chosen; at least 0."""
    none: Floats
    """By school: how much it rises if the school gets no option."""
    choice: Floats
    """By option: how much of it the bound's mix takes."""


class Ascent:
    """Subgradient steps on the prices of clients and joined rows; keeps the best bound."""

    def __init__(self, layout: Layout, client: Floats, joined: Joined, row: Floats) -> None:
        self._layout = layout
        self._weight = weights_of(layout)
        self._rooms, self._room_today, self._room_with = _rooms(layout)
        self._master = Master(layout)
        arcs = len(layout.cost)
        self.joined = joined
        self._client, self._row = client.copy(), np.maximum(row, 0.0)
        self._length, self._waited = 1.0, 0
        self._toward = np.zeros(len(client)), np.zeros(len(row))
        self._arcs = np.ones(arcs, bool)
        nothing = np.zeros(len(layout.option_school))
        schools = np.zeros(layout.schools)
        self.best = Priced(-math.inf, self._client, self._row, nothing, schools, nothing)
        self.used = np.zeros(arcs)
        """How much of each arc the last mix takes."""

    def allow(self, arcs: Bools, options: Bools) -> None:
        """Leave out arcs and options that no better plan uses."""
        self._arcs = arcs.copy()
        self._master.allow(options)

    @property
    def stalled(self) -> bool:
        """Whether steps have become so short that more of them gain next to nothing."""
        return self._length < _STALLED

    def step(self, target: float) -> None:
        """One evaluation, and a step towards `target` (a value that the bound cannot pass)."""
        now, served = self._evaluate()
        best = self.best
        if now.bound > best.bound + 1e-9 * abs(now.bound):
            self.best, self._waited = now, 0
        else:
            self._waited += 1
        if self._waited >= _PATIENCE:
            self._length, self._waited = self._length * _SHORTER, 0
            self._client = self.best.client.copy()
            self._row = self.best.row.copy()
            self._toward = np.zeros(len(self._client)), np.zeros(len(self._row))
            return
        rows = self.joined.matrix @ self.used - self.joined.right
        rows = np.where((self._row > 0) | (rows > 0), rows, 0.0)
        toward = 1.0 - served + _MOMENTUM * self._toward[0], rows + _MOMENTUM * self._toward[1]
        norm = float(toward[0] @ toward[0] + toward[1] @ toward[1])
        if norm < 1e-12:
            return
        length = self._length * max(target - now.bound, 1e-6 * abs(target)) / norm
        self._client = self._client + length * toward[0]
        self._row = np.maximum(0.0, self._row + length * toward[1])
        self._toward = toward

    def above_cheapest(self) -> Floats:
        """By arc: what it costs at the best prices above the cheapest arc of its client."""
        best = self.best
        rest = self._rest(best.client, best.row)
        cheapest = np.full(self._layout.clients, np.inf)
        np.minimum.at(cheapest, self._layout.client, rest)
        return np.asarray(rest - cheapest[self._layout.client], float)

    def kept_options(self, below: float) -> Bools:
        """Options that a plan below a value may choose."""
        return np.asarray(self.best.extra <= _slack(self.best, below), bool)

    def kept_arcs(self, below: float, options: Bools) -> Bools:
        """Arcs that a plan below a value may use, with the options that it may choose."""
        layout, best = self._layout, self.best
        slack, rest = _slack(best, below), self._rest(best.client, best.row)
        keep = np.zeros(len(rest), bool)
        for pair in range(len(layout.places)):
            arcs = layout.by_pair.of(pair)
            arcs = arcs[self._arcs[arcs] & (rest[arcs] <= slack)]
            rooms = self._rooms_left(pair, options)
            if not len(arcs) or not rooms:
                continue
            packed = pack(rest[arcs], self._weight[arcs], self._rooms[pair], layout.price_km)
            for room, extra in rooms.items():
                held = with_each(
                    rest[arcs], self._weight[arcs], int(self._rooms[pair][room]), layout.price_km
                )
                keep[arcs] |= held - packed.values[room] + extra <= slack
        return keep

    def _rooms_left(self, pair: int, options: Bools) -> dict[int, float]:
        """Rooms that a pair may have, and how much the bound rises at least if it has."""
        layout, best = self._layout, self.best
        school, service = divmod(pair, layout.services)
        left: dict[int, float] = {}
        if layout.open_today[pair]:
            left[int(self._room_today[pair])] = float(best.none[school])
        own = np.flatnonzero((layout.option_school == school) & options & layout.opens[:, service])
        for o in own.tolist():
            room = int(self._room_with[o, service])
            left[room] = min(left.get(room, math.inf), float(best.extra[o]))
        return left

    def _rest(self, client: Floats, row: Floats) -> Floats:
        return rest_of(self._layout, self.joined, client, row)

    def _evaluate(self) -> tuple[Priced, Floats]:
        """The bound at the present prices, and how often its mix serves each client."""
        layout = self._layout
        rest = np.where(self._arcs, self._rest(self._client, self._row), 0.0)
        packed = [
            _packed(layout, pair, rest, self._weight, rooms)
            for pair, rooms in enumerate(self._rooms)
        ]
        today = np.array([
            p.values[room] if open_ else 0.0
            for p, room, open_ in zip(packed, self._room_today, layout.open_today, strict=True)
        ])  # fmt: skip
        with_option = np.zeros((len(layout.option_school), layout.services))
        for s in range(layout.services):
            pairs = layout.option_school * layout.services + s
            rooms = self._room_with[:, s]
            values = [packed[p].values[r] for p, r in zip(pairs, rooms, strict=True)]
            with_option[:, s] = np.where(layout.opens[:, s], values, 0.0)
        base = today.reshape(layout.schools, layout.services).sum(1)
        mix = self._master.solve(with_option.sum(1) - base[layout.option_school])
        constant = float(self._client.sum() + base.sum() - self._row @ self.joined.right)
        now = Priced(constant + mix.value, self._client, self._row, mix.extra, mix.none, mix.choice)
        self.used = self._mixed(packed, mix.choice)
        return now, np.asarray(np.bincount(layout.client, self.used, layout.clients), float)

    def _mixed(self, packed: list[Packing], choice: Floats) -> Floats:
        """How much of each arc a mix of options takes."""
        layout = self._layout
        used = np.zeros(len(layout.cost))
        none = np.ones(layout.schools)
        np.subtract.at(none, layout.option_school, choice)
        for o in np.flatnonzero(choice > 1e-9).tolist():
            for s in np.flatnonzero(layout.opens[o]).tolist():
                pair = int(layout.option_school[o]) * layout.services + s
                members = packed[pair].members(int(self._room_with[o, s]))
                used[layout.by_pair.of(pair)[members]] += choice[o]
        idle = np.repeat(none, layout.services)
        for pair in np.flatnonzero(layout.open_today & (idle > 1e-9)).tolist():
            members = packed[pair].members(int(self._room_today[pair]))
            used[layout.by_pair.of(pair)[members]] += idle[pair]
        return used


def weights_of(layout: Layout) -> Ints:
    """Whole pupils by arc, rounded down."""
    return np.floor(layout.pupils + 1e-9).astype(np.int64)


def rest_of(layout: Layout, joined: Joined, client: Floats, row: Floats) -> Floats:
    """By arc: its cost less the price of its client, and with that of the joined rows."""
    return np.asarray(layout.cost - client[layout.client] + row @ joined.matrix, float)


def _packed(layout: Layout, pair: int, rest: Floats, weight: Ints, rooms: Ints) -> Packing:
    arcs = layout.by_pair.of(pair)
    return pack(rest[arcs], weight[arcs], rooms, layout.price_km)


def _slack(priced: Priced, below: float) -> float:
    return below - priced.bound + 1e-6 * max(1.0, abs(below))


def _rooms(layout: Layout) -> tuple[list[Ints], Ints, Ints]:
    """Rooms that each pair may have, and their positions today and with each option."""
    found: list[set[int]] = [{int(np.ceil(room))} for room in layout.places]
    schools, services = layout.option_school.tolist(), layout.services
    room_with = np.zeros((len(schools), services), np.int64)
    for o, school in enumerate(schools):
        for s in range(services):
            pair = school * services + s
            room_with[o, s] = int(np.ceil(layout.places[pair] + layout.option_places[o, s]))
            found[pair].add(int(room_with[o, s]))
    rooms = [np.array(sorted(all_), np.int64) for all_ in found]
    today = [np.searchsorted(rooms[p], np.ceil(room)) for p, room in enumerate(layout.places)]
    for o, school in enumerate(schools):
        for s in range(services):
            room_with[o, s] = np.searchsorted(rooms[school * services + s], room_with[o, s])
    return rooms, np.array(today, np.int64), room_with
