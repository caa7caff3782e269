"""GerryChain's recombination chain and spopt's regionalisation on the same units."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.districting_files import Instance, judged, read_instance

STEPS = 2_000
"""Steps of the chain; its best plan counts."""
SEED = 0


def with_gerrychain(folder: Path, row: dict[str, str]) -> dict[str, Any] | None:
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
    instance = read_instance(folder, row)
    if instance.kind in ("count_plans", "feasible"):
        return None
    problem = instance.problem
    raw = nx.Graph()
    raw.add_nodes_from((i, {"pop": int(w)}) for i, w in enumerate(problem.weight[0]))
    raw.add_edges_from(problem.edges.tolist())
    random.seed(SEED)
    began = time.monotonic()
    graph = Graph.from_networkx(raw)
    mean = float(problem.weight[0].sum()) / problem.number
    band = min(mean - problem.lower[0], problem.upper[0] - mean) / mean
    first = recursive_tree_part(graph, range(problem.number), mean, "pop", band)
    start = GeographicPartition(graph, first, updaters={"pop": up.Tally("pop")})
    chain = MarkovChain(
        proposal=partial(recom, pop_col="pop", pop_target=mean, epsilon=band, node_repeats=2),
        constraints=[constraints.within_percent_of_ideal_population(start, band, "pop")],
        accept=accept.always_accept, initial_state=start, total_steps=STEPS,
    )  # fmt: skip
    best: tuple[float, list[int]] | None = None
    for partition in chain:
        district = [int(partition.assignment.mapping[i]) for i in range(problem.count)]
        value = judged(instance, district)[0] or 0.0
        if best is None or value < best[0]:
            best = value, district
    assert best is not None
    return _told(instance, best[1], time.monotonic() - began)


def with_spopt(folder: Path, row: dict[str, str]) -> dict[str, Any] | None:
    """Skater's regions with a floor on their weight: contiguous, as balanced as they come."""
    try:
        import geopandas as gpd
        import libpysal
        from spopt.region import Skater
    except ModuleNotFoundError as missing:
        raise ModuleNotFoundError(f"{missing}: pip install 'planner[spopt]'") from None
    import json

    instance = read_instance(folder, row)
    if instance.kind in ("count_plans", "feasible"):
        return None
    problem = instance.problem
    nodes = json.loads((folder / row["graph"]).read_text("utf-8"))["nodes"]
    x, y = ("x", "y") if "x" in nodes[0] else ("lon", "lat")
    frame = gpd.GeoDataFrame(
        {"pop": problem.weight[0], "x": [n[x] for n in nodes], "y": [n[y] for n in nodes]},
        geometry=gpd.points_from_xy([n[x] for n in nodes], [n[y] for n in nodes]),
    )
    near = {i: list(others) for i, others in enumerate(problem.near)}
    began = time.monotonic()
    model = Skater(frame, libpysal.weights.W(near), ["x", "y"], n_clusters=problem.number)
    model.solve()
    return _told(instance, [int(label) for label in model.labels_], time.monotonic() - began)


def _told(instance: Instance, district: list[int], seconds: float) -> dict[str, Any]:
    problem = instance.problem
    value, faults = judged(instance, district)
    weight = np.bincount(district, problem.weight[0])
    weight = weight[weight > 0]
    mean = problem.weight[0].sum() / problem.number
    torn = any("connected" in fault for fault in faults)
    return {
        "value": value, "deviation": float(np.abs(weight / mean - 1).max()),
        "connected": "torn" if torn else "connected", "seconds": seconds,
    }  # fmt: skip


PEERS: dict[str, Callable[..., Any]] = {"gerrychain": with_gerrychain, "spopt": with_spopt}
