"""A folder of the programme benchmarks as a joint problem: places, and districts of the units.

Districts consist of the same units, joined as `adjacency.csv` says; a separate piece of that graph
is joined to the largest by the shortest link. Every unit may hold a seat; people × squared distance
to it counts `SEAT_PRICE_KM` pupil-kilometres a person-km². A school lies in its root unit's
district.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd

from planner.programs.districts.objective import seat_cost
from planner.programs.districts.problem import DistrictProblem, district_problem
from planner.programs.joint.wide_problem import WideProblem
from tests.benchmarks.programme_files import read_programme

CRS = 32651  # UTM 51 N
DISTRICTS, BAND = 40, 0.10
SEAT_PRICE_KM = 0.01
"""Pupil-kilometres a person-km²: a person 2 km from the seat counts as 40 pupil-metres."""


@dataclass(frozen=True)
class Ground:
    """What the districts are made of, by unit in the order of the ids."""

    units: pd.DataFrame
    metres: np.ndarray
    """Units × 2."""
    graph: nx.Graph
    """In one piece."""


def read_ground(folder: Path) -> Ground:
    """Read `units.csv` and `adjacency.csv`."""
    units = pd.read_csv(folder / "units.csv").sort_values("unit").set_index("unit")
    points = gpd.GeoSeries(gpd.points_from_xy(units["lon"], units["lat"]), crs=4326).to_crs(CRS)
    metres = np.column_stack([points.x, points.y])
    graph = nx.Graph()
    graph.add_nodes_from(units.index)
    graph.add_edges_from(pd.read_csv(folder / "adjacency.csv")[["unit", "neighbour"]].to_numpy())
    graph.add_edges_from(list(_links(graph, list(units.index), metres)))
    return Ground(units, metres, graph)


def read_joint(folder: Path, *, number: int, band: float, price_km: float) -> WideProblem:
    """The joint problem of a folder; `price_km` is that of a pupil who crosses."""
    ground = read_ground(folder)
    instance = read_programme(folder, contiguous=True)
    districts = districts_of(ground, number, band)
    km2 = squared_km2(ground)
    apart = seat_cost(districts, SEAT_PRICE_KM * km2, name="distance", unit="pupil-km")
    return WideProblem(
        instance.problem, instance.price_km, districts, apart,
        np.arange(len(ground.units)), instance.problem.root, price_km,
    )  # fmt: skip


def districts_of(ground: Ground, number: int, band: float) -> DistrictProblem:
    """Parts of the units within a band around the mean population."""
    people = ground.units["population"].astype(float)
    mean = float(people.sum()) / number
    return district_problem(
        people.to_dict(),
        number,
        (mean * (1 - band), mean * (1 + band)),
        [(a, b, 1.0) for a, b in ground.graph.edges],
        seats=people.index,
    )


def squared_km2(ground: Ground) -> np.ndarray:
    """Squared distances between any two units."""
    apart = ground.metres[:, None, :] - ground.metres[None, :, :]
    return np.asarray((apart**2).sum(axis=2) / 1e6)


def _links(graph: nx.Graph, ids: list[str], metres: np.ndarray) -> Iterator[tuple[str, str]]:
    """For each piece but the largest the shortest link to that one."""
    place = {key: i for i, key in enumerate(ids)}
    components = sorted(nx.connected_components(graph), key=lambda c: (-len(c), min(c)))
    outside = sorted(place[key] for key in components[0])
    for piece in components[1:]:
        inside = sorted(place[key] for key in piece)
        apart = metres[inside][:, None, :] - metres[outside][None, :, :]
        i, j = np.unravel_index((apart**2).sum(axis=2).argmin(), apart.shape[:2])
        yield ids[inside[i]], ids[outside[j]]
