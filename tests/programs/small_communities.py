"""Tiny zones of communities, and the answer by trying every way to split and join them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
import pandas as pd

from planner.programs.communities.problem import Communities
from planner.programs.contiguity import graph_of

Choice = tuple[tuple[int, bool, tuple[int, ...]], ...]
"""Communities of a plan: (today's, new, compounds)."""


def random_communities(seed: int) -> Communities:
    """A community of one to five compounds and up to three small ones; some torn."""
    rng = np.random.default_rng(seed)
    sizes = np.append(rng.integers(1, 6), rng.integers(1, 3, int(rng.integers(0, 4))))
    members: list[tuple[int, ...]] = []
    for size in sizes:
        first = sum(map(len, members))
        members.append(tuple(range(first, first + int(size))))
    count = int(sizes.sum())
    owner = [c for c, inside in enumerate(members) for _ in inside]
    chance = {True: 0.55, False: 0.4}
    ids = [f"u{u:02}" for u in range(count)]
    edges = [
        (ids[u], ids[w])
        for u in range(count)
        for w in range(u + 1, count)
        if rng.random() < chance[owner[u] == owner[w]]
    ]
    households = rng.integers(1, 8, count) + (rng.random(count) < 0.12) * 9
    households[rng.random(count) < 0.25] = 1
    points = rng.uniform(0, 3, (count, 2))
    squared = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    return Communities(
        compounds=tuple(ids),
        households=tuple(int(h) for h in households),
        population=tuple(int(h * 2 + rng.integers(0, 3)) for h in households),
        squared=squared,
        graph=graph_of(ids, pd.DataFrame(edges, columns=["a", "b"])),
        members=tuple(members),
        within=tuple(("d", "p" if rng.random() < 0.85 else "q") for _ in members),
        least=4,
        most=10,
    )


def star_of_small_communities() -> Communities:
    """Three small communities around a fourth; any two have room together, no three."""
    ids = ["u00", "u01", "u02", "u03"]
    edges = [("u00", other) for other in ids[1:]]
    squared = 1.0 - np.eye(4)
    return Communities(
        compounds=tuple(ids), households=(3,) * 4, population=(6,) * 4, squared=squared,
        graph=graph_of(ids, pd.DataFrame(edges, columns=["a", "b"])),
        members=((0,), (1,), (2,), (3,)), within=(("d", "p"),) * 4, least=4, most=7,
    )  # fmt: skip


def best_levels(today: Communities) -> tuple[float, ...]:
    """The ranked optimum: of every plan the least outside, then changing, number, distance."""
    ranked = [levels(today, choice) for choice in every_choice(today)]
    return min(ranked, key=lambda found: tuple(round(x, 6) for x in found))


def every_choice(today: Communities) -> Iterator[Choice]:
    """Every plan: splits of the too large communities × joins of the small ones."""
    count = len(today.members)
    large = [c for c in range(count) if is_large(today, c)]
    others = [c for c in range(count) if c not in large]
    for splits in product(*(list(every_split(today, c)) for c in large)):
        for joins in every_join(today, others):
            yield tuple(part for split in splits for part in split) + joins


def is_large(today: Communities, c: int) -> bool:
    return len(today.members[c]) > 1 and households(today, today.members[c]) > today.most


def every_split(today: Communities, c: int) -> Iterator[Choice]:
    """Partitions into connected parts; the keeping one is connected within today's pieces."""
    pieces = components(today, today.members[c])
    for blocks in partitions(list(today.members[c])):
        for keeper in range(len(blocks)):
            stays = all(
                is_connected(today, [u for u in blocks[keeper] if u in piece]) for piece in pieces
            )
            fresh = all(is_connected(today, b) for n, b in enumerate(blocks) if n != keeper)
            if stays and fresh:
                yield tuple((c, n != keeper, tuple(b)) for n, b in enumerate(blocks))


def every_join(today: Communities, others: Sequence[int]) -> Iterator[Choice]:
    """Each small community stays or goes to a neighbour that stays and has room."""
    for targets in product(*([c, *receivers(today, c)] for c in others)):
        goes = dict(zip(others, targets, strict=True))
        if any(goes[c] != c and goes[goes[c]] != goes[c] for c in others):
            continue
        parts = {c: [u for k in others if goes[k] == c for u in today.members[k]] for c in others}
        joined = [c for c in others if any(goes[k] == c for k in others if k != c)]
        if all(households(today, parts[c]) <= today.most for c in joined):
            yield tuple((c, False, tuple(sorted(parts[c]))) for c in others if goes[c] == c)


def receivers(today: Communities, giver: int) -> list[int]:
    if households(today, today.members[giver]) >= today.least:
        return []
    pieces = components(today, today.members[giver])
    return [
        c
        for c, inside in enumerate(today.members)
        if c != giver
        and today.within[c] == today.within[giver]
        and not is_large(today, c)
        and all(any(w in inside for v in piece for w in near(today, v)) for piece in pieces)
    ]


def levels(today: Communities, choice: Choice) -> tuple[float, ...]:
    owner = {u: c for c, inside in enumerate(today.members) for u in inside}
    outside = 0
    for _, _, inside in choice:
        total = households(today, inside)
        if not (len(inside) == 1 and total > today.most):
            outside += max(0, total - today.most) + max(0, today.least - total)
    changing = sum(
        today.population[u] for c, new, inside in choice for u in inside if new or owner[u] != c
    )
    distance = sum(
        min(sum(today.population[u] * today.squared[u, v] for u in inside) for v in inside)
        for _, _, inside in choice
    )
    return outside, changing, len(choice), float(distance)


def households(today: Communities, members: Sequence[int]) -> int:
    return sum(today.households[u] for u in members)


def near(today: Communities, u: int) -> tuple[int, ...]:
    return today.graph.neighbours[u]


def is_connected(today: Communities, members: Sequence[int]) -> bool:
    return len(components(today, members)) <= 1


def components(today: Communities, members: Sequence[int]) -> list[list[int]]:
    left, found = set(members), []
    while left:
        piece = [min(left)]
        for v in piece:
            piece += [w for w in near(today, v) if w in left and w not in piece]
        left -= set(piece)
        found.append(piece)
    return found


def partitions(items: list[int]) -> Iterator[list[list[int]]]:
    """All set partitions."""
    if not items:
        yield []
        return
    first, rest = items[0], items[1:]
    for blocks in partitions(rest):
        yield [[first], *blocks]
        for n, block in enumerate(blocks):
            yield [*blocks[:n], [first, *block], *blocks[n + 1 :]]
