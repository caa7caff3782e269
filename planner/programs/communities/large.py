"""A community whose parts are too many to list: a good split, and bounds that hold for any.

New communities are peeled off the rim one by one, nearest neighbours first, until what is left
is within the limit. Every compound is the start of one such split; the best of them is the plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pulp

from planner.programs.communities.parts import Part
from planner.programs.communities.problem import Communities, households_outside, squared_distance
from planner.programs.contiguity import pieces
from planner.solving.door import solve
from planner.solving.settings import Settings

ROOTS = 5
"""Compounds on the rim from which the next community is peeled."""


@dataclass(frozen=True)
class Split:
    """A split of one community: its parts, and a bound of each ranked level."""

    parts: tuple[Part, ...]
    bounds: tuple[float, ...]
    """Of households outside the limits, people who change, communities, squared distance."""

    @property
    def values(self) -> tuple[float, ...]:
        """The ranked levels."""
        return (
            float(sum(part.outside for part in self.parts)),
            float(sum(part.changing for part in self.parts)),
            float(len(self.parts)),
            sum(part.squared for part in self.parts),
        )


def split_large(today: Communities, c: int, settings: Settings) -> Split:
    """The best of the peeled splits of a community, today's whole among them."""
    members = frozenset(today.members[c])
    plans = [Split((_part(today, c, members, new=False),), ())]
    for root in sorted(members):
        if settings.seconds_left() <= 0:
            break
        plans.append(Split(_peeled(today, c, root), ()))
    best = min(plans, key=lambda plan: tuple(round(x, 6) for x in plan.values))
    return Split(best.parts, _bounds(today, c, int(best.values[0]), settings))


def _peeled(today: Communities, c: int, root: int) -> tuple[Part, ...]:
    """New parts peeled off, the first around `root`, and what is left."""
    left, fresh = frozenset(today.members[c]), list[frozenset[int]]()
    torn = tuple(frozenset(piece) for piece in pieces(today.graph, left))
    roots = [root]
    while _households(today, left) > today.most:
        found = [peel for start in roots for peel in _peels(today, torn, left, start)]
        if not found and len(roots) < len(left):
            roots = sorted(left)
            continue
        if not found:
            break
        fresh.append(min(found, key=lambda peel: _rank(today, left, peel)))
        left -= fresh[-1]
        roots = _rim(today, left)
    return (
        _part(today, c, left, new=False),
        *(_part(today, c, inside, new=True) for inside in fresh),
    )


def _peels(
    today: Communities, torn: Sequence[frozenset[int]], left: frozenset[int], root: int
) -> Iterator[frozenset[int]]:
    """Parts around `root` within the limits whose rest hangs together as much as today.

    What a part cuts off from the rest goes with it.
    """
    (piece,) = [piece & left for piece in torn if root in piece]
    inside: set[int] = set()
    shore = {root}
    while shore:
        u = min(shore, key=lambda w: (float(today.squared[root, w]), w))
        others = pieces(today.graph, piece - inside - {u})
        kept = max(others, key=lambda other: _households(today, other), default=[])
        inside = set(piece.difference(kept))
        shore = {w for v in inside for w in today.graph.neighbours[v] if w in kept}
        households = _households(today, inside)
        if households > today.most and len(inside) > 1:
            return
        if households >= today.least and left - inside:
            yield frozenset(inside)


def _rank(
    today: Communities, left: frozenset[int], peel: frozenset[int]
) -> tuple[int, int, float, tuple[int, ...]]:
    """What stays is not too small; no more goes than must, or as much as can; short ways."""
    rest = _households(today, left - peel)
    last = rest <= today.most
    spare = today.most - rest if last else 2 * today.most - _households(today, peel)
    members = tuple(sorted(peel))
    return max(0, today.least - rest), spare, squared_distance(today, members), members


def _rim(today: Communities, left: frozenset[int]) -> list[int]:
    """Compounds far from the middle of what is left."""
    here = sorted(left)
    people = np.array([today.population[u] for u in here], float)
    square = today.squared[np.ix_(here, here)]
    middle = int((people @ square).argmin())
    order = np.argsort(-square[middle], kind="stable")
    return [here[n] for n in order[:ROOTS]]


def _bounds(
    today: Communities, c: int, outside: int, settings: Settings
) -> tuple[float, float, float, float]:
    """Bounds of every split with at most `outside` households outside the limits.

    Who stays has room in one community; contiguity and the limits of the others are left out.
    """
    members = today.members[c]
    room = today.most + outside
    lp = pulp.LpProblem("staying", pulp.LpMinimize)
    x = [lp.add_variable(f"x_{n}", 0, 1, pulp.LpInteger) for n in range(len(members))]
    households = [float(today.households[u]) for u in members]
    people = [float(today.population[u]) for u in members]
    lp.addConstraint(pulp.LpAffineExpression(list(zip(x, households, strict=True))) <= room, "room")
    everyone = sum(people)
    lp.setObjective(everyone - pulp.LpAffineExpression(list(zip(x, people, strict=True))))
    alone = max(people)
    bound = min(solve(lp, settings).bound, everyone - alone)
    largest = max(room, *households)
    return 0.0, max(0.0, bound), float(np.ceil(sum(households) / largest)), 0.0


def _part(today: Communities, c: int, inside: frozenset[int], *, new: bool) -> Part:
    members = tuple(sorted(inside))
    changing = sum(today.population[u] for u in members) if new else 0
    return Part(
        c, new, members, households_outside(today, members), changing,
        squared_distance(today, members),
    )  # fmt: skip


def _households(today: Communities, members: Iterable[int]) -> int:
    return sum(today.households[u] for u in members)
