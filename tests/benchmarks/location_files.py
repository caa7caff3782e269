"""Readers of the published location instances: a manifest row and its file, as a problem."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import shortest_path

from planner.programs.facility import FacilityProblem, from_matrix


@dataclass(frozen=True)
class Instance:
    """A problem with the parameters of its kind; nothing that is published."""

    name: str
    kind: str
    problem: FacilityProblem
    p: int | None
    radius: float | None
    weight: tuple[float, ...] | None


def read_manifest(folder: Path) -> list[dict[str, str]]:
    """The rows of ``manifest.csv``."""
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_instance(folder: Path, row: Mapping[str, str]) -> Instance:
    """The instance of a manifest row; its published value and status are not looked at."""
    text = (folder / row["file"]).read_text(encoding="utf-8")
    capacity = float(row["capacity"]) if row.get("capacity") else None
    weight = None
    if row["format"] == "cost_long_csv":
        problem, weight = _long_table(text)
    else:
        problem = READERS[row["format"]](text, capacity)
    return Instance(
        row["name"],
        row["problem"],
        problem,
        int(row["p"]) if row.get("p") else None,
        float(row["radius"]) if row.get("radius") else None,
        weight,
    )


def _pmed(text: str, capacity: float | None) -> FacilityProblem:
    """Undirected graph; the last of several entries for a pair counts."""
    del capacity
    count, edges, _ = map(int, text.split()[:3])
    table = np.array(text.split()[3 : 3 + 3 * edges], float).reshape(-1, 3)
    lengths = {(min(i, j), max(i, j)): d for i, j, d in table.tolist()}
    i, j = (np.array(list(lengths), int) - 1).T
    graph = coo_array((np.array(list(lengths.values())), (i, j)), shape=(count, count))
    return from_matrix(shortest_path(graph.tocsr(), directed=False))


def _orlib_cap(text: str, capacity: float | None) -> FacilityProblem:
    words = text.replace("capacity", str(capacity)).split()
    numbers = np.array(words, float)
    sites, clients = map(int, numbers[:2])
    pairs = numbers[2 : 2 + 2 * sites].reshape(-1, 2)
    rows = numbers[2 + 2 * sites :][: clients * (sites + 1)].reshape(clients, sites + 1)
    return replace(
        from_matrix(rows[:, 1:]), capacity=pairs[:, 0], fixed=pairs[:, 1], demand=rows[:, 0]
    )


def _holmberg(text: str, capacity: float | None) -> FacilityProblem:
    del capacity
    numbers = np.array(text.split(), float)
    sites, clients = map(int, numbers[:2])
    ends = np.cumsum([2, sites, sites, clients, clients * sites])
    room, fixed, demand, cost = (numbers[a:b] for a, b in pairwise(ends))
    return replace(
        from_matrix(cost.reshape(clients, sites)), capacity=room, fixed=fixed, demand=demand
    )


def _pmedcap(text: str, capacity: float | None) -> FacilityProblem:
    del capacity
    numbers = np.array(text.split(), float)
    count, room = int(numbers[2]), numbers[4]
    table = numbers[5 : 5 + 4 * count].reshape(-1, 4)
    cost = np.floor(_distances(table[:, 1:3]))
    return replace(from_matrix(cost), capacity=np.full(count, room), demand=table[:, 3])


def _lorena(text: str, capacity: float | None) -> FacilityProblem:
    del capacity
    numbers = np.array(text.split(), float)
    table = numbers[2 : 2 + 4 * int(numbers[0])].reshape(-1, 4)
    cost = _distances(table[:, :2])
    return replace(from_matrix(cost), capacity=table[:, 2], demand=table[:, 3])


def _tsplib(text: str, capacity: float | None) -> FacilityProblem:
    del capacity
    body = text.partition("NODE_COORD_SECTION")[2].partition("EOF")[0]
    points = np.array(body.split(), float).reshape(-1, 3)[:, 1:]
    return from_matrix(np.floor(_distances(points)))


def _long_table(text: str) -> tuple[FacilityProblem, tuple[float, ...]]:
    rows = list(csv.DictReader(text.splitlines()))
    sites = list(dict.fromkeys(row["name"] for row in rows))
    clients = list(dict.fromkeys(row["DestinationName"] for row in rows))
    row_of, column_of = ({k: n for n, k in enumerate(ids)} for ids in (clients, sites))
    cost = np.full((len(clients), len(sites)), np.nan)
    demand = np.zeros(len(clients))
    for row in rows:
        i = row_of[row["DestinationName"]]
        cost[i, column_of[row["name"]]] = float(row["distance"])
        demand[i] = float(row["demand"])
    return from_matrix(cost, clients=clients, sites=sites), tuple(demand.tolist())


def _distances(points: np.ndarray) -> np.ndarray:
    difference = points[:, None, :] - points[None, :, :]
    return np.sqrt((difference**2).sum(2))


READERS = {
    "pmed": _pmed,
    "orlib_cap": _orlib_cap,
    "holmberg": _holmberg,
    "pmedcap": _pmedcap,
    "lorena": _lorena,
    "tsplib": _tsplib,
}
