"""A rough cut made into a plan: stray pieces join their neighbours, units move until all fit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from planner.programs.districts.graph import Floats, bit_pieces, bit_sets, flood, members_of
from planner.programs.districts.plan import SLACK, totals
from planner.programs.districts.problem import DistrictProblem

MOVES_BY_UNIT = 6
"""Moves after which balancing gives up, by unit."""
TABU = 12
"""Moves for which a unit stays where it has just come to."""


def mended(
    problem: DistrictProblem, part: list[int], cost: Floats, homes: list[int]
) -> list[int] | None:
    """A plan near a rough one that keeps bounds and contiguity; None if none is found.

    Args:
        problem: The problem.
        part: Part of each unit.
        cost: Units × parts: cost of a unit in a part; inf: not allowed.
        homes: By part: the unit that stays in it.
    """
    work = _Mending(problem, part, cost, homes)
    if problem.contiguous and not work.joined():
        return None
    return work.part if work.balanced() else None


class _Mending:
    def __init__(
        self, problem: DistrictProblem, part: list[int], cost: Floats, homes: list[int]
    ) -> None:
        self._problem = problem
        self._cost = cost
        self._homes = homes
        self.part = list(part)
        self._bits = bit_sets(problem.near)
        bound = {*homes, *(u for pair in (*problem.together, *problem.apart) for u in pair)}
        self._free = [u not in bound for u in range(problem.count)]
        slack = SLACK * np.maximum(1.0, np.abs(problem.upper))
        self._least, self._most = problem.lower - slack, problem.upper + slack
        self._scale = np.maximum(problem.upper, 1e-9)

    def joined(self) -> bool:
        """Give the pieces away that do not hold their part's home; False if some touch no part."""
        masks = self._masks()
        left = 0
        for p, mask in enumerate(masks):
            for piece in bit_pieces(self._bits, mask):
                if not piece >> self._homes[p] & 1:
                    left |= piece
        for u in members_of(left):
            self.part[u] = -1
        while left:
            offers = [
                (float(self._cost[u, p]), u, p)
                for u in members_of(left)
                for p in {self.part[w] for w in self._problem.near[u]} - {-1}
                if np.isfinite(self._cost[u, p])
            ]
            if not offers:
                return False
            _, u, p = min(offers, key=lambda o: (o[0] - float(self._cost[o[1]].min()), o))
            self.part[u] = p
            left &= ~(1 << u)
        return True

    def balanced(self) -> bool:
        """Move units between neighbours until every part is within its bounds."""
        weights = totals(self._problem, np.array(self.part))
        masks = self._masks()
        barred: dict[int, int] = {}
        for move in range(MOVES_BY_UNIT * self._problem.count):
            wrong = self._excess(weights)
            if not wrong.any():
                return True
            best = min(self._moves(weights, masks, wrong, barred, move), default=None)
            if best is None:
                return False
            _, u, to = best
            own = self.part[u]
            weights[:, own] -= self._problem.weight[:, u]
            weights[:, to] += self._problem.weight[:, u]
            masks[own] ^= 1 << u
            masks[to] |= 1 << u
            self.part[u] = to
            barred[u] = move + TABU
        return False

    def _moves(
        self,
        weights: Floats,
        masks: list[int],
        wrong: Floats,
        barred: dict[int, int],
        now: int,
    ) -> Iterator[tuple[float, int, int]]:
        """Moves out of parts too heavy or into parts too light, with what they are worth."""
        worst = float(np.abs(self._cost[np.isfinite(self._cost)]).max(initial=1.0))
        for u, own in enumerate(self.part):
            if not self._free[u] or barred.get(u, -1) >= now:
                continue
            for to in sorted({self.part[w] for w in self._problem.near[u]} - {own}):
                if not (wrong[own] or wrong[to]) or not np.isfinite(self._cost[u, to]):
                    continue
                pair = weights[:, [own, to]].copy()
                pair[:, 0] -= self._problem.weight[:, u]
                pair[:, 1] += self._problem.weight[:, u]
                gain = float(self._excess(pair).sum() - wrong[own] - wrong[to])
                dearer = float(self._cost[u, to] - self._cost[u, own]) / worst
                rest = masks[own] ^ 1 << u
                if self._problem.contiguous and not self._whole(rest):
                    continue
                yield gain + 1e-3 * dearer, u, to

    def _whole(self, mask: int) -> bool:
        return bool(mask) and flood(self._bits, mask & -mask, mask) == mask

    def _excess(self, weights: Floats) -> Floats:
        """By column: how far the weights are out of bounds, as a share of the upper ones."""
        over = np.maximum(weights - self._most[:, None], 0.0)
        under = np.maximum(self._least[:, None] - weights, 0.0)
        return np.asarray(((over + under) / self._scale[:, None]).sum(axis=0))

    def _masks(self) -> list[int]:
        masks = [0] * len(self._homes)
        for u, p in enumerate(self.part):
            masks[p] |= 1 << u
        return masks
