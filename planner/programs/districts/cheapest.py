"""The cheapest single part under prices of the units, by labels along a sweep.

A part costs the pairs that it parts and earns the prices of its units; its weight has two bounds.
Without the bounds the cheapest way to go on from every state is a backward recursion over the
sweep's states. With a price on weight (a Lagrange multiplier) the recursion bounds what any label,
a part so far with its weight and cost, can still come to: most labels are dropped. Sources:
Geoffrion, Mathematical Programming Study 2 (1974); Christofides, Mingozzi and Toth, Networks 11
(1981), for labels bounded by a relaxed recursion.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from planner.programs.districts.graph import Floats, Ints
from planner.programs.districts.sweep import NOWHERE, Step

PASSES, FANNED = 4, 12
"""Passes in which the price of weight is narrowed down, and prices tried in each."""
OFFSETS = np.array([*(sign * 1.8**k for k in range(9) for sign in (-1.0, 1.0)), 0.0])
"""Prices of weight around the best one, in units of its precision, that bound the labels."""


@dataclass(frozen=True, eq=False)
class Cheapest:
    """The parts found, cheapest first, and a bound that every part keeps."""

    parts: np.ndarray
    """Parts × units."""
    reduced: Floats
    """By part: what it costs less the prices of its units."""
    bound: float
    complete: bool
    """Whether these are all the parts below the cutoff."""


@dataclass(frozen=True, eq=False)
class PartSearch:
    """Finds the cheapest parts of one kind."""

    steps: tuple[Step, ...]
    weight: Floats
    lower: float
    upper: float
    inside: frozenset[int] = frozenset()
    """Units that the part holds for certain."""
    outside: frozenset[int] = frozenset()

    def find(
        self, price: Floats, *, cutoff: float, width: int, most: int,
        over: Callable[[], bool] = lambda: False,
    ) -> Cheapest:  # fmt: skip
        """At most `most` parts that cost less than `cutoff` less their prices.

        `width` labels are kept at a step; if more are needed, the bound tells it. Once `over` is
        true nothing is found and nothing proven.
        """
        multipliers = self._multipliers(price)
        ahead = self._ahead(price, multipliers)
        return self._labelled(price, multipliers, ahead, cutoff, width, most, over)

    def _ahead(self, price: Floats, multipliers: Floats) -> list[Floats]:
        """By step: states × multipliers, the cheapest way to the end, weight paid for."""
        ahead = [np.zeros((1, len(multipliers)))]
        for step in reversed(self.steps):
            after = np.vstack([ahead[-1], np.full((1, len(multipliers)), np.inf)])
            unit = step.unit
            out = after[step.out] + step.out_price[:, None]
            into = after[step.into] + step.into_price[:, None]
            into += multipliers * self.weight[unit] - price[unit]
            if unit in self.inside:
                ahead.append(into)
            elif unit in self.outside:
                ahead.append(out)
            else:
                ahead.append(np.minimum(out, into))
        return ahead[::-1]

    def _multipliers(self, price: Floats) -> Floats:
        """Prices of weight that bound well: around the one with the best bound of all."""
        heavy = max(float(np.median(self.weight)), 1e-12)
        middle, reach = 0.0, 2.0 * float(np.abs(price).max() + 1.0) / heavy
        for _ in range(PASSES):
            tried = middle + reach * np.linspace(-1.0, 1.0, FANNED + 1)
            value = self._ahead(price, tried)[0][0] - self._paid(tried)
            middle, reach = float(tried[int(value.argmax())]), reach * 2.0 / FANNED
        # weight for nothing counts as well: at the end it tells the cost itself
        return np.append(middle + 0.5 * reach * OFFSETS, 0.0)

    def _paid(self, multipliers: Floats) -> Floats:
        """What a part pays at most for its weight (for negative multipliers: gets at least)."""
        return np.maximum(multipliers * self.upper, multipliers * self.lower)

    def _labelled(
        self, price: Floats, multipliers: Floats, ahead: Sequence[Floats],
        cutoff: float, width: int, most: int, over: Callable[[], bool],
    ) -> Cheapest:  # fmt: skip
        state, cost, weight = np.zeros(1, np.int64), np.zeros(1), np.zeros(1)
        paid, bound, dropped = self._paid(multipliers), cutoff, False
        to_come = float(self.weight.sum())
        back: list[tuple[Ints, np.ndarray]] = []
        for step, after in zip(self.steps, ahead[1:], strict=True):
            if over():
                return Cheapest(np.zeros((0, len(self.steps)), bool), np.zeros(0), -np.inf, False)
            unit = step.unit
            to_come -= float(self.weight[unit])
            grown = [
                (to[state], cost + toll[state] - gain, weight + load, np.full(len(state), chosen))
                for to, toll, gain, load, chosen in (
                    (step.out, step.out_price, 0.0, 0.0, False),
                    (step.into, step.into_price, price[unit], self.weight[unit], True),
                )
                if unit not in (self.outside if chosen else self.inside)
            ]
            parent = np.tile(np.arange(len(state)), len(grown))
            state, cost, weight, chosen = (
                np.concatenate([own[c] for own in grown]) for c in range(4)
            )
            fine = (state != NOWHERE) & (weight <= self.upper) & (weight + to_come >= self.lower)
            state, cost, weight, chosen, parent = (
                own[fine] for own in (state, cost, weight, chosen, parent)
            )
            least = cost + (after[state] + weight[:, None] * multipliers - paid).max(axis=1)
            kept = np.flatnonzero(least < cutoff)
            if len(kept) > width:
                order = np.argpartition(least[kept], width)
                bound, dropped = min(bound, float(least[kept[order[width]]])), True
                kept = kept[np.sort(order[:width])]
            state, cost, weight, chosen, parent = (
                own[kept] for own in (state, cost, weight, chosen, parent)
            )
            back.append((parent, chosen))
        order = np.argsort(cost, kind="stable")
        if len(order):
            bound = min(bound, float(cost[order[0]]))
        complete = not dropped and len(order) <= most
        return Cheapest(self._parts(back, order[:most]), cost[order[:most]], bound, complete)

    def _parts(self, back: Sequence[tuple[Ints, np.ndarray]], label: Ints) -> np.ndarray:
        """The units of the labels at the end."""
        parts = np.zeros((len(label), len(self.steps)), bool)
        for step, (parent, chosen) in zip(reversed(self.steps), reversed(back), strict=True):
            parts[:, step.unit] = chosen[label]
            label = parent[label]
        return parts
