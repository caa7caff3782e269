"""Brute force for grids: every way to group a few buildings, ranked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from planner.programs.contiguity import Graph, graph_of

Ranked = tuple[int, int, int]


def frame_of(compounds: Mapping[str, Sequence[int]]) -> pd.DataFrame:
    """Buildings by id from the households of each compound's buildings."""
    rows = [
        (f"{compound}-{i:02}", compound, size)
        for compound, sizes in compounds.items()
        for i, size in enumerate(sizes)
    ]
    return pd.DataFrame(rows, columns=["id", "compound", "households"]).set_index("id")


def graph(compounds: Mapping[str, Sequence[int]], borders: Sequence[tuple[str, str]]) -> Graph:
    return graph_of(compounds, pd.DataFrame(sorted(borders), columns=["a", "b"]))


def best_by_force(
    compounds: Mapping[str, Sequence[int]],
    borders: Sequence[tuple[str, str]],
    least: int,
    most: int,
) -> Ranked:
    """Best ranked levels over all groupings of the buildings (buildings of size > 0)."""
    buildings = [(c, size) for c, sizes in sorted(compounds.items()) for size in sizes]
    near = {frozenset(pair) for pair in borders}
    best: Ranked | None = None
    for groups in _groupings(len(buildings)):
        grids = [[buildings[i] for i in group] for group in groups]
        if all(_legal(grid, near, least, most) for grid in grids):
            ranked = rank(grids, compounds, least, most)
            best = ranked if best is None else min(best, ranked)
    assert best is not None
    return best


def rank(
    grids: Sequence[Sequence[tuple[str, int]]],
    compounds: Mapping[str, Sequence[int]],
    least: int,
    most: int,
) -> Ranked:
    """Households outside limits, grids, compounds divided beyond need."""
    totals = [sum(size for _, size in grid) for grid in grids]
    divided = 0
    for compound, sizes in compounds.items():
        if sizes:
            touching = sum(any(c == compound for c, _ in grid) for grid in grids)
            divided += max(0, touching - max(1, -(-sum(sizes) // most)))
    return sum(t for t in totals if not least <= t <= most), len(grids), divided


def _legal(
    grid: Sequence[tuple[str, int]], near: set[frozenset[str]], least: int, most: int
) -> bool:
    """Connected, and above the limits only if its smallest building brings it there from below."""
    total = sum(size for _, size in grid)
    if total > most and total - min(size for _, size in grid) >= least:
        return False
    touched = sorted({c for c, _ in grid})
    seen, stack = {touched[0]}, [touched[0]]
    while stack:
        v = stack.pop()
        for w in touched:
            if w not in seen and frozenset((v, w)) in near:
                seen.add(w)
                stack.append(w)
    return len(seen) == len(touched)


def _groupings(n: int) -> Iterator[list[list[int]]]:
    """All set partitions of range(n)."""
    if n == 0:
        yield []
        return
    for groups in _groupings(n - 1):
        for i in range(len(groups)):
            yield [*groups[:i], [*groups[i], n - 1], *groups[i + 1 :]]
        yield [*groups, [n - 1]]
