"""GerryChain's recombination chain and spopt's regionalisation on the same units.

Both are told the same units, borders, weights and number of parts, and judged by the same code.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from planner.programs.districts.graph import pieces
from planner.programs.districts.problem import DistrictProblem
from tests.benchmarks.districting_files import judged, read_instance

STEPS = 2_000
"""Steps of the chain; its best plan counts."""
SECONDS = 60.0
"""After which the chain is stopped."""
SEED = 0
Value = Callable[[list[int]], float]


def chained(problem: DistrictProblem, _: np.ndarray, value: Value) -> list[int]:
    """The best plan that a chain of recombinations meets, bounds and contiguity kept."""
    try:
        import random

        import networkx as nx
        from gerrychain import GeographicPartition, Graph, MarkovChain, accept, constraints
        from gerrychain import updaters as up
        from gerrychain.proposals import recom
        from gerrychain.tree import recursive_tree_part
    except ModuleNotFoundError as missing:
        raise ModuleNotFoundError(f"{missing}: pip install 'planner[gerrychain]'") from None
    raw = nx.Graph()
    raw.add_nodes_from((i, {"pop": int(w)}) for i, w in enumerate(problem.weight[0]))
    raw.add_edges_from(problem.edges.tolist())
    random.seed(SEED)
    graph = Graph.from_networkx(raw)
    mean = float(problem.weight[0].sum()) / problem.number
    band = float(min(mean - problem.lower[0], problem.upper[0] - mean)) / mean
    first = recursive_tree_part(graph, range(problem.number), mean, "pop", band)
    start = GeographicPartition(graph, first, updaters={"pop": up.Tally("pop")})
    chain = MarkovChain(
        proposal=partial(recom, pop_col="pop", pop_target=mean, epsilon=band, node_repeats=2),
        constraints=[constraints.within_percent_of_ideal_population(start, band, "pop")],
        accept=accept.always_accept, initial_state=start, total_steps=STEPS,
    )  # fmt: skip
    best: tuple[float, list[int]] | None = None
    until = time.monotonic() + SECONDS
    for partition in chain:
        district = [int(partition.assignment.mapping[i]) for i in range(problem.count)]
        now = value(district)
        if best is None or now < best[0]:
            best = now, district
        if time.monotonic() > until:
            break
    assert best is not None
    return best[1]


def skated(problem: DistrictProblem, place: np.ndarray, _: Value) -> list[int]:
    """Skater's regions from places: contiguous; it has no bounds on both sides."""
    try:
        import geopandas as gpd
        import libpysal
        from spopt.region import Skater
    except ModuleNotFoundError as missing:
        raise ModuleNotFoundError(f"{missing}: pip install 'planner[spopt]'") from None
    points = gpd.points_from_xy(place[:, 0], place[:, 1])
    frame = gpd.GeoDataFrame({"x": place[:, 0], "y": place[:, 1]}, geometry=points)
    near = {i: list(others) for i, others in enumerate(problem.near)}
    model = Skater(frame, libpysal.weights.W(near), ["x", "y"], n_clusters=problem.number)
    model.solve()
    return [int(label) for label in model.labels_]


PEERS = {"gerrychain": chained, "spopt": skated}


def with_peer(peer: str, folder: Path, row: dict[str, str]) -> dict[str, Any] | None:
    """A peer on a row of the manifest; None where the row asks for something else."""
    instance = read_instance(folder, row)
    if instance.kind in ("count_plans", "feasible"):
        return None
    nodes = json.loads((folder / row["graph"]).read_text("utf-8"))["nodes"]
    nodes.sort(key=lambda node: node["id"])
    x, y = ("x", "y") if "x" in nodes[0] else ("lon", "lat")
    place = np.array([[node[x], node[y]] for node in nodes], float)
    return _run(peer, instance.problem, place, lambda own: judged(instance, own)[0] or 0.0)


def with_peer_in_city(peer: str, folder: Path | None, case: str) -> dict[str, Any]:
    """A peer on real compounds, by their population × squared metres to the best seat."""
    from tests.benchmarks.districting_city import read_case

    problem, place = read_case(folder, case)
    squared = ((place[:, None, :] - place[None, :, :]) ** 2).sum(axis=2)
    cost = problem.weight[0][:, None] * squared

    def value(district: list[int]) -> float:
        part = np.array(district)
        groups = [np.flatnonzero(part == p) for p in sorted(set(district))]
        return sum(float(cost[np.ix_(units, units)].sum(axis=0).min()) for units in groups)

    return _run(peer, problem, place, value)


def _run(peer: str, problem: DistrictProblem, place: np.ndarray, value: Value) -> dict[str, Any]:
    began, cpu = time.monotonic(), time.process_time()
    district = PEERS[peer](problem, place, value)
    seconds, cpu = time.monotonic() - began, time.process_time() - cpu
    part = np.array(district)
    weight = np.bincount(part, problem.weight[0])
    weight = weight[weight > 0]
    mean = problem.weight[0].sum() / problem.number
    torn = sum(len(pieces(problem.near, np.flatnonzero(part == p).tolist())) > 1
               for p in sorted(set(district)))  # fmt: skip
    return {
        "value": value(district), "deviation": float(np.abs(weight / mean - 1).max()),
        "parts": len(weight), "torn": torn, "seconds": seconds, "cpu_seconds": cpu,
    }  # fmt: skip


def told(peer: str, found: dict[str, Any], memory_mb: float) -> str:
    """A line on what a peer reached."""
    state = f"{found['torn']} parts torn" if found["torn"] else "connected"
    return (
        f"  {peer}: value {found['value']:.6g}, {found['parts']} parts, largest deviation "
        f"{found['deviation']:.2%}, {state}, {found['seconds']:.1f} s, "
        f"{found['cpu_seconds']:.1f} CPU s, {memory_mb:.0f} MB"
    )
