"""The largest value of a concave function: tangents in a bundle, and steps that stay near.

Source: Kiwiel, Mathematical Programming 46 (1990), proximity control in bundle methods.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from planner.programs.districts.graph import Floats

Tangent = Callable[[Floats], tuple[float, Floats, Floats]]
"""Value of the function at a point (inf: as large as one likes), a slope there, and its maker.

The function is the least of others; the maker says which one, as numbers that may be mixed.
"""

MOST_TANGENTS = 200
SERIOUS, GOOD = 0.1, 0.5
"""Shares of the rise foreseen from which a step is made, and the next ones are longer."""
LONGER, SHORTER = 1.5, 0.9
PATIENCE = 40
"""Steps not made, one after the other, before they get shorter."""
PAIRS = 400
"""Pairs of tangents that are balanced against each other for one step, at most."""
LEAST_RISE = 1e-6
"""Rise foreseen, as a share of the value, that is not worth another step."""


class Bundle:
    """A search that goes on for as long as `step` is called; `best` holds at any time."""

    def __init__(self, tangent: Tangent, first: Floats, scale: Floats, reach: float) -> None:
        """`scale` is how far each coordinate moves at once, `reach` a guess at the largest value.

        Raises nothing for a guess that is wrong: it only sets the length of the first step.
        """
        self._tangent = tangent
        self._scale = scale
        self.best, slope, maker = tangent(first)
        self.point = first
        self.done = not np.isfinite(self.best)
        self._slope = np.zeros((MOST_TANGENTS, len(first)))
        self._maker = np.zeros((MOST_TANGENTS, len(maker)))
        self._above = np.zeros(MOST_TANGENTS)
        """By tangent: how far it lies above the best value at its point."""
        self._inner = np.zeros((MOST_TANGENTS, MOST_TANGENTS))
        self._share = np.zeros(MOST_TANGENTS)
        self._count, self._missed = 0, 0
        self._add(slope, maker, 0.0)
        self._share[0] = 1.0
        self.mixture = maker
        """Makers mixed so that their slopes nearly cancel out."""
        self._length = max(reach - self.best, 1e-2 * abs(reach)) / max(self._inner[0, 0], 1e-300)

    def step(self) -> None:
        """Look at the point that the tangents promise most of, near the best one."""
        share = self._balanced()
        direction = share @ self._slope[: self._count]
        norm = float(direction**2 @ self._scale)
        foreseen = self._length * norm + float(share @ self._above[: self._count])
        if foreseen <= LEAST_RISE * abs(self.best):
            self.done = True
            return
        move = self._length * direction * self._scale
        value, slope, maker = self._tangent(self.point + move)
        if not np.isfinite(value):
            self.best, self.done = value, True
            return
        rise = value - self.best
        if rise > SERIOUS * foreseen:
            count = self._count
            shifted = self._above[:count] - rise + self._slope[:count] @ move
            self._above[:count] = np.maximum(shifted, 0.0)
            self.best, self.point, self._missed = value, self.point + move, 0
            self.mixture = share @ self._maker[:count]
            self._add(slope, maker, 0.0)
            if rise > GOOD * foreseen:
                self._length *= LONGER
            return
        above = max(rise - float(slope @ move), 0.0)
        self._missed += 1
        if self._missed >= PATIENCE and above > foreseen:
            self._length, self._missed = self._length * SHORTER, 0
        self._add(slope, maker, above)

    def _balanced(self) -> Floats:
        """Shares of the tangents in the direction: pairs are balanced until none gains much."""
        count = self._count
        inner, share = self._length * self._inner[:count, :count], self._share[:count]
        pull = inner @ share + self._above[:count]
        for _ in range(PAIRS):
            up, down = int(pull.argmin()), int(np.where(share > 0, pull, -np.inf).argmax())
            gain = float(pull[down] - pull[up])
            if gain < 1e-7 * abs(self.best) + 1e-3 * abs(float(share @ pull)):
                break
            bend = inner[up, up] + inner[down, down] - 2 * inner[up, down]
            moved = min(share[down], gain / bend) if bend > 0 else share[down]
            share[up] += moved
            share[down] -= moved
            pull += moved * (inner[:, up] - inner[:, down])
        return share

    def _add(self, slope: Floats, maker: Floats, above: float) -> None:
        """One more tangent; of a full bundle the one that matters least gives way."""
        place = self._count
        if place < MOST_TANGENTS:
            self._count += 1
        else:
            place, second = np.argsort(self._share, kind="stable")[:2].tolist()
            if self._share[place] > 0:
                self._merge(place, second)
        self._put(place, slope, maker, above)
        self._share[place] = 0.0

    def _merge(self, one: int, other: int) -> None:
        """Two tangents become one, by their shares."""
        total = self._share[one] + self._share[other]
        part = self._share[one] / total
        slope = part * self._slope[one] + (1 - part) * self._slope[other]
        maker = part * self._maker[one] + (1 - part) * self._maker[other]
        self._put(other, slope, maker, part * self._above[one] + (1 - part) * self._above[other])
        self._share[other] = total

    def _put(self, place: int, slope: Floats, maker: Floats, above: float) -> None:
        self._slope[place], self._maker[place], self._above[place] = slope, maker, above
        with_all = self._slope[: self._count] @ (self._scale * slope)
        self._inner[place, : self._count] = self._inner[: self._count, place] = with_all
