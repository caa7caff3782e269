"""Schools trade options: two change theirs at once, and the programme's totals stay as they are.

Catchments stay; a trade changes only who stands above capacity. So rooms follow the pupils while
homes move between catchments.
"""

from __future__ import annotations

import numpy as np

from planner.programs.location.problem import Bools, Floats, Ints
from planner.programs.priced.layout import Layout

_ROUND = 1e-8


class Trading:
    """All options that each school might change to, priced at once."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        schools, services, totals = layout.schools, layout.services, layout.amounts.shape[1]
        # no option is one more choice of every school
        self._school = np.append(layout.option_school, np.arange(schools))
        self._option = np.append(np.arange(len(layout.option_school)), np.full(schools, -1))
        nothing = np.zeros((schools, services))
        self._places = np.concatenate([layout.option_places, nothing])
        today = layout.open_today.reshape(schools, services)
        opens = np.concatenate([layout.opens, np.zeros((schools, services), bool)])
        self._opens: Bools = opens | today[self._school]
        self._amounts = np.concatenate([layout.amounts, np.zeros((schools, totals))])
        # one number for all totals: only where these cancel out may the totals do so
        scale = np.maximum(np.abs(self._amounts).max(axis=0, initial=0.0), 1e-9)
        self._mixed = (self._amounts / scale) @ np.random.default_rng(0).random(totals)
        self._none = len(layout.option_school) + np.arange(schools)
        self._base = layout.places.reshape(schools, services)

    def trade(
        self,
        option: Ints,
        load: Floats,
        warmth: float,
        chance: np.random.Generator,
        *,
        least: float,
    ) -> bool:
        """Change the options in place by one good trade, if there is any; whether it was made.

        `load` is by pair. A trade that loses is made too, with a chance by `warmth`; at 0 one is
        made only if it gains more than `least` pupil-kilometres.
        """
        change = self._changes(option, load)
        can = np.flatnonzero(np.isfinite(change))
        if not len(can):
            return False
        blurred = change[can] - warmth * np.log(np.maximum(chance.random(len(can)), 1e-12))
        pair = self._best_pair(can, blurred, option)
        if pair is None:
            return False
        total = float(change[list(pair)].sum())
        limit = float(chance.exponential(warmth)) if warmth > 0 else -least
        if total > limit or (warmth > 0 and abs(total) <= least):
            return False
        for c in pair:
            option[self._school[c]] = self._option[c]
        return True

    def _changes(self, option: Ints, load: Floats) -> Floats:
        """By choice: change of the value if its school takes it; inf: not possible, or as it is."""
        layout, own = self._layout, self._school
        loads = load.reshape(layout.schools, layout.services)
        room = self._base.copy()
        room[option >= 0] += layout.option_places[option[option >= 0]]
        now = np.maximum(0.0, loads - room).sum(1)
        over = np.maximum(0.0, loads[own] - self._base[own] - self._places).sum(1)
        change = layout.price_km * (over - now[own])
        closed = ((loads[own] > 0) & ~self._opens).any(1)
        change[closed | (self._option == option[own])] = np.inf
        return np.asarray(change, float)

    def _best_pair(self, can: Ints, worth: Floats, option: Ints) -> tuple[int, int] | None:
        """The best two changes, of different schools, whose totals cancel out."""
        now = np.where(option >= 0, option, self._none)[self._school[can]]
        key = np.round((self._mixed[can] - self._mixed[now]) / _ROUND)
        order = np.lexsort((worth, key))
        first = np.flatnonzero(np.append(True, np.diff(key[order]) != 0))
        best = order[first]
        keys = key[best]
        opposite = np.searchsorted(keys, -keys)
        found = (opposite < len(keys)) & (keys[np.minimum(opposite, len(keys) - 1)] == -keys)
        partner = best[np.minimum(opposite, len(keys) - 1)]
        apart = self._school[can[best]] != self._school[can[partner]]
        both = np.where(found & apart, worth[best] + worth[partner], np.inf)
        at = int(both.argmin())
        more = self._amounts[can] - self._amounts[now]
        if not np.isfinite(both[at]) or not np.allclose(more[best[at]], -more[partner[at]]):
            return None
        return int(can[best[at]]), int(can[partner[at]])
