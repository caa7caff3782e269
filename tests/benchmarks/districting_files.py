"""Published districting instances: manifest, graphs, plans, and the distances of their moments."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from planner.programs.districts.graph import hops, pieces
from planner.programs.districts.objective import Objective, border_length, cut_edges, seat_cost
from planner.programs.districts.problem import DistrictProblem, district_problem

MILE_M = 1609.344
MOMENTS = ("hop_moment", "squared_distance_moment")
COLUMNS = ("name", "graph", "k", "lower", "upper", "objective", "contiguous")


@dataclass(frozen=True)
class Instance:
    """A problem of the engine and what is minimised (empty: any plan, or all of them)."""

    problem: DistrictProblem
    objectives: tuple[Objective, ...]
    kind: str
    names: tuple[str, ...]


def read_manifest(folder: Path) -> list[dict[str, str]]:
    """Rows of the manifest."""
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def blind(row: dict[str, str]) -> dict[str, str]:
    """A row without anything that is published of its solution."""
    return {key: row[key] for key in COLUMNS}


def read_instance(folder: Path, row: dict[str, str]) -> Instance:
    """The problem of a row; every unit is a seat where the objective is a moment."""
    graph = json.loads((folder / row["graph"]).read_text("utf-8"))
    nodes = sorted(graph["nodes"], key=lambda node: node["id"])
    kind = row["objective"]
    ids = [node["id"] for node in nodes]
    problem = district_problem(
        {node["id"]: node["pop"] for node in nodes},
        int(row["k"]),
        (float(row["lower"]), float(row["upper"])),
        [(edge[0], edge[1], edge[2] if len(edge) > 2 else 1.0) for edge in graph["edges"]],
        seats=ids if kind in MOMENTS else (),
        contiguous=row["contiguous"] == "yes",
    )
    names = tuple(str(node.get("name", node["id"])) for node in nodes)
    return Instance(problem, _objectives(problem, kind, nodes), kind, names)


def _objectives(
    problem: DistrictProblem, kind: str, nodes: list[dict[str, Any]]
) -> tuple[Objective, ...]:
    if kind == "hop_moment":
        return (seat_cost(problem, hops(problem.near), name=kind, unit="people × hops"),)
    if kind == "squared_distance_moment":
        return (seat_cost(problem, squared_distances(nodes), name=kind, unit="people × D²"),)
    if kind == "cut_edges":
        return (cut_edges(problem),)
    if kind == "boundary_length":
        return (border_length(problem, unit="degrees"),)
    return ()


def squared_distances(nodes: list[dict[str, Any]]) -> np.ndarray:
    """D² between units: whole hundredths of cells on grids, else square miles on WGS 84."""
    if "x" in nodes[0]:
        places = [(node["x"], node["y"]) for node in nodes]
        return np.array([
            [math.floor(100 * math.sqrt((a - c) ** 2 + (b - d) ** 2)) ** 2 for c, d in places]
            for a, b in places
        ], float)  # fmt: skip
    from pyproj import Geod

    lon = np.array([node["lon"] for node in nodes])
    lat = np.array([node["lat"] for node in nodes])
    count = len(nodes)
    a, b = np.divmod(np.arange(count * count), count)
    _, _, metres = Geod(ellps="WGS84").inv(lon[a], lat[a], lon[b], lat[b])
    return np.asarray((metres.reshape(count, count) / MILE_M) ** 2)


def read_plan(folder: Path, file: Path) -> tuple[dict[str, str], list[int], float]:
    """A published plan: its problem as a row, the district of each unit, and its value."""
    told = json.loads(file.read_text("utf-8"))
    row = {key: str(told[key]) for key in COLUMNS}
    district = [int(told["assignment"][str(i)]) for i in range(len(told["assignment"]))]
    return row, district, float(told["value"])


def judged(instance: Instance, district: list[int]) -> tuple[float | None, list[str]]:
    """Value of a plan by the definition of its objective, and the limits it breaks.

    Written apart from the engine, so that neither can be wrong alone.
    """
    problem, part = instance.problem, np.array(district)
    faults = []
    if len(set(district)) != problem.number:
        faults.append(f"{len(set(district))} districts instead of {problem.number}")
    for number in sorted(set(district)):
        units = np.flatnonzero(part == number)
        weight = float(problem.weight[0][units].sum())
        if not problem.lower[0] <= weight <= problem.upper[0]:
            faults.append(f"district {number} has {weight:g} people")
        if problem.contiguous and len(pieces(problem.near, units.tolist())) > 1:
            faults.append(f"district {number} is not connected")
    return _value(instance, part), faults


def _value(instance: Instance, part: np.ndarray) -> float | None:
    problem = instance.problem
    if instance.kind in MOMENTS:
        cost = instance.objectives[0].cost
        assert cost is not None
        groups = [np.flatnonzero(part == number) for number in sorted(set(part.tolist()))]
        return sum(float(cost[np.ix_(units, units)].sum(axis=0).min()) for units in groups)
    cut = part[problem.edges[:, 0]] != part[problem.edges[:, 1]]
    if instance.kind == "cut_edges":
        return float(cut.sum())
    if instance.kind == "boundary_length":
        return float(problem.length[cut].sum())
    return None
