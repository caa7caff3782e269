"""Sub-zones, communities and their names: contiguous groups of whole compounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import networkx as nx
import numpy as np
from scipy.optimize import linear_sum_assignment
from town_names import BEFORE, COMMUNITIES, SPARE_SN, SPARE_WE
from town_network import Town

TREES = 160
# Households aimed at, by sub-zone: large ones to be split, one small, the rest in between.
SHAPES = {
    "220171001": (6700, 900, 2200, 1800, 1600, 1450, 1350),
    "220171003": (7500, 4500, 3200),
    "220171002": (9200, 6600, 4200, 2900),
    "220171004": (6500, 4400, 3900, 3300, 2700, 2100),
}
SIDE_HOUSEHOLDS = {"220171001": 31_200, "220171002": 45_800}
# Which way the later subdistrict lies, seen from the middle of the side: degrees from east.
LATER = {"220171003": -45, "220171004": -50}
COUNTS = {"220171003": 25, "220171004": 34}

Groups = dict[str, list[int]]


class NoLuckError(Exception):
    """This draw does not meet the list: draw again."""


def sub_zones(
    rng: np.random.Generator, town: Town, side: Sequence[str], superblock: Sequence[int]
) -> Groups:
    """Whole superblocks per later subdistrict, both parts of a side contiguous."""
    graph = nx.Graph(list(town.borders))
    middle = np.array([cell.centroid.coords[0] for cell in town.cells])
    zones: Groups = {}
    for before, (kept, later) in BEFORE.items():
        own = [i for i, s in enumerate(side) if s == before]
        best: tuple[float, list[int], list[int]] | None = None
        for angle in np.radians(LATER[later] + rng.uniform(-14, 14, 24)):
            ahead = middle @ np.array([np.cos(angle), np.sin(angle)])
            blocks = defaultdict(list)
            for i in own:
                blocks[superblock[i]].append(i)
            order = sorted(blocks.values(), key=lambda b: -float(np.mean(ahead[b])))
            for k in range(1, len(order)):
                there = sorted(i for block in order[:k] for i in block)
                here = sorted(i for block in order[k:] for i in block)
                if not (_joined(graph, there) and _joined(graph, here)):
                    continue
                ends = {later: there, kept: here}
                if any(
                    not 3 * len(SHAPES[z]) + 2 <= len(ends[z]) <= 10 * len(SHAPES[z]) - 2
                    for z in (later, kept)
                ):
                    continue
                price = abs(len(there) - COUNTS[later]) + 0.002 * _cut_m(town, there, here)
                if best is None or price < best[0]:
                    best = price, there, here
        if best is None:
            raise NoLuckError("sub-zones")
        zones[later], zones[kept] = best[1], best[2]
    return dict(sorted(zones.items()))


def _joined(graph: nx.Graph, nodes: Iterable[int]) -> bool:
    part = graph.subgraph(nodes)
    return len(part) > 0 and nx.is_connected(part)


def _cut_m(town: Town, one: Iterable[int], other: Iterable[int]) -> float:
    a, b = frozenset(one), frozenset(other)
    return sum(
        length
        for (i, j), length in town.borders.items()
        if (i in a and j in b) or (i in b and j in a)
    )


def communities(
    rng: np.random.Generator, town: Town, zones: Groups
) -> list[tuple[str, list[int], int]]:
    """(sub-zone, compounds, households aimed at) of each community."""
    found = []
    for zone, nodes in zones.items():
        aims = np.array(SHAPES[zone]) * rng.uniform(0.94, 1.06, len(SHAPES[zone]))
        aims = aims[rng.permutation(len(aims))]
        counts = _counts(aims, len(nodes))
        for part, aim in _split(rng, town, nodes, list(zip(counts, aims.tolist(), strict=True))):
            found.append((zone, sorted(part), round(aim)))
    return found


def _counts(aims: np.ndarray, total: int) -> list[int]:
    """Compounds per community: three to ten, more where more people live."""
    counts = np.full(len(aims), 3)
    while counts.sum() < total:
        room = np.where(counts < 10, aims**0.75 / counts, 0)
        counts[int(np.argmax(room))] += 1
    return counts.tolist()


def _split(
    rng: np.random.Generator, town: Town, nodes: list[int], aims: list[tuple[int, float]]
) -> list[tuple[list[int], float]]:
    """Halve a group along the best of many random spanning trees until each aim has its part."""
    if len(aims) == 1:
        return [(nodes, aims[0][1])]
    half = len(aims) // 2
    want = sum(count for count, _ in aims[:half])
    own = frozenset(nodes)
    edges = [(a, b) for a, b in town.borders if a in own and b in own]
    best: tuple[float, list[int]] | None = None
    for _ in range(TREES):
        for part in _tree_parts(rng, town, nodes, edges, want):
            price = _cut_price(town, edges, part)
            if best is None or price < best[0]:
                best = price, part
    if best is None:
        raise NoLuckError("communities")
    taken = frozenset(best[1])
    rest = [i for i in nodes if i not in taken]
    return [
        *_split(rng, town, sorted(best[1]), aims[:half]),
        *_split(rng, town, rest, aims[half:]),
    ]


def _tree_parts(
    rng: np.random.Generator, town: Town, nodes: list[int], edges: list[tuple[int, int]], want: int
) -> list[list[int]]:
    tree = nx.Graph()
    tree.add_nodes_from(nodes)
    for (a, b), chance in zip(edges, rng.random(len(edges)).tolist(), strict=True):
        # Borders along arterials are kept for the cut.
        loud = 1 - town.quiet.get((a, b), 0.0) / town.borders[a, b]
        tree.add_edge(a, b, weight=chance + 0.7 * loud)
    tree = nx.minimum_spanning_tree(tree)
    order = [nodes[0], *(child for _, child in nx.bfs_edges(tree, nodes[0]))]
    parent = {c: p for p, c in nx.bfs_edges(tree, nodes[0])}
    below = dict.fromkeys(nodes, 1)
    for node in reversed(order[1:]):
        below[parent[node]] += below[node]
    parts = []
    for node in order[1:]:
        if below[node] == want or len(nodes) - below[node] == want:
            under = [node]
            for other in order:
                if parent.get(other) in under and other not in under:
                    under.append(other)
            if below[node] == want:
                parts.append(under)
            else:
                parts.append([n for n in nodes if n not in under])
    return parts


def _cut_price(town: Town, edges: list[tuple[int, int]], part: list[int]) -> float:
    inside = frozenset(part)
    cut = [(a, b) for a, b in edges if (a in inside) != (b in inside)]
    return sum(town.borders[e] + 1.5 * town.quiet.get(e, 0.0) for e in cut)


def name_communities(
    town: Town, found: list[tuple[str, list[int], int]]
) -> tuple[list[tuple], dict[tuple[str, int, int], tuple[str, str]]]:
    """Official names put where their road runs; collectors named after the communities on them.

    Returns the entry of `COMMUNITIES` of each community, and the names of the collectors.
    """
    along = [_roads(town, part) for _, part, _ in found]
    names: list[tuple] = [()] * len(found)
    runs: dict[tuple[str, int, int], tuple[str, str]] = {}
    for zone, entries in COMMUNITIES.items():
        own = [i for i, (z, _, _) in enumerate(found) if z == zone]
        gain = np.array([[_gain(along[i], entry[3]) for entry in entries] for i in own])
        rows, columns = linear_sum_assignment(-gain)
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            if gain[row, column] < 250:
                raise NoLuckError("names")
            names[own[row]] = entries[column]
    arterials = {street.name for street in town.streets if street.name}
    for kind, ending in (("WE", "路"), ("SN", "街")):
        called = [i for i, e in enumerate(names) if e[3].endswith(ending) and e[3] not in arterials]
        keys = sorted({s.key for s in town.streets if s.key and s.key[0] == kind})
        length = np.array([[along[i].get(repr(key), 0.0) for key in keys] for i in called])
        rows, columns = linear_sum_assignment(-np.minimum(length, 900))
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            if length[row, column] < 200:
                raise NoLuckError("collectors")
            entry = names[called[row]]
            # "昆山路社区" → "Kunshan Road".
            runs[keys[column]] = (entry[3], entry[2].removesuffix(" Community"))
    return names, runs


def name_collectors(
    town: Town, runs: dict[tuple[str, int, int], tuple[str, str]], suzhou: list[int]
) -> None:
    """Names for the collectors that carry no community's; 苏州街 near the later 苏州社区."""
    spare = {"WE": list(SPARE_WE), "SN": list(SPARE_SN)}
    near = _roads(town, suzhou)
    free = sorted({s.key for s in town.streets if s.key and s.key not in runs})
    south_north = [key for key in free if key[0] == "SN"]
    if south_north:
        runs[max(south_north, key=lambda k: near.get(repr(k), 0.0))] = ("苏州街", "Suzhou Street")
    for key in free:
        if key not in runs:
            runs[key] = spare[key[0]].pop(0)


def _roads(town: Town, part: list[int]) -> Mapping[str, float]:
    roads: dict[str, float] = defaultdict(float)
    for i in part:
        for label, length in town.along[i].items():
            roads[label] += length
    return roads


def _gain(roads: Mapping[str, float], road: str) -> float:
    if not road:
        return 300.0
    if road in roads:
        return min(roads[road], 2500.0)
    kind = "WE" if road.endswith("路") else "SN"
    best = max((m for label, m in roads.items() if f"('{kind}'" in label), default=0.0)
    return min(best, 1500.0)
