"""A folder of the programme benchmarks as a location problem."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from planner.programs.contiguity import graph_of
from planner.programs.location.problem import Arcs, Ints, LocationProblem, Option


@dataclass(frozen=True)
class ProgrammeInstance:
    """A location problem, and the price of a pupil above capacity in pupil-kilometres."""

    problem: LocationProblem
    price_km: float


def read_programme(folder: Path, *, contiguous: bool) -> ProgrammeInstance:
    """Read `units.csv`, `schools.csv`, `arcs.csv`, `adjacency.csv`, `instance.json`."""
    facts = json.loads((folder / "instance.json").read_text("utf-8"))
    services = tuple(facts["grades"])
    units = pd.read_csv(folder / "units.csv").sort_values("unit", ignore_index=True)
    schools = pd.read_csv(folder / "schools.csv").sort_values("school", ignore_index=True)
    arcs, metres = _arcs(folder, services, list(units["unit"]), list(schools["school"]))
    parallel = dict(facts["parallel_classes"])
    totals: dict[str, tuple[float | None, float | None]] = {
        "new_schools": (facts["new_schools"],) * 2,
        "expanded_schools": (facts["expansions"],) * 2,
    }
    for s, service in enumerate(services):
        totals[f"new_classes_{s}"] = (facts["grades"][service] * parallel[service],) * 2
    graph = None
    if contiguous:
        borders = pd.read_csv(folder / "adjacency.csv")
        borders = borders.rename(columns={"unit": "a", "neighbour": "b"})
        graph = graph_of(units["unit"], borders)
    problem = LocationProblem(
        units=tuple(units["unit"]),
        services=services,
        schools=tuple(schools["school"]),
        pupils=units[list(services)].to_numpy(float),
        places_today=schools[[f"{s}_places" for s in services]].to_numpy(float),
        options=tuple(_options(facts, services, list(schools["kind"]))),
        arcs=arcs,
        totals=totals,
        graph=graph,
        root=_roots(arcs, metres, len(schools)),
        sole_exempt=True,
        overflow_only=True,
    )
    return ProgrammeInstance(problem, float(facts["price_per_overflowing_pupil_km"]))


def _arcs(
    folder: Path, services: tuple[str, ...], units: list[str], schools: list[str]
) -> tuple[Arcs, np.ndarray]:
    table = pd.read_csv(folder / "arcs.csv")
    keys = {"unit": units, "school": schools, "stage": list(services)}
    for column, ids in keys.items():
        table[column] = table[column].map({key: i for i, key in enumerate(ids)})
    table = table.sort_values(["unit", "school", "stage"], ignore_index=True)
    metres = table["distance_m"].to_numpy(float)
    arcs = Arcs(
        unit=table["unit"].to_numpy(np.int64),
        school=table["school"].to_numpy(np.int64),
        service=table["stage"].to_numpy(np.int64),
        way_m=metres,
        moves=np.zeros(len(table), bool),
    )
    return arcs, metres


def _roots(arcs: Arcs, metres: np.ndarray, schools: int) -> Ints:
    """The nearest unit of each school, ties to the smallest id."""
    root = np.zeros(schools, np.int64)
    for f in range(schools):
        own = np.flatnonzero(arcs.school == f)
        if len(own):
            root[f] = arcs.unit[own[np.lexsort((arcs.unit[own], metres[own]))[0]]]
    return root


def _options(facts: dict[str, Any], services: tuple[str, ...], kinds: list[str]) -> list[Option]:
    """Every number of parallel classes that a school may get."""
    grades = [facts["grades"][s] for s in services]
    sizes = [facts["class_size"][s] for s in services]
    most = {
        "new": [facts["max_parallel_new"][s] for s in services],
        "expanded": [facts["max_parallel_expansion"][s] for s in services],
    }
    least = {"new": facts["min_classes_new"], "expanded": 1}
    options: list[Option] = []
    for f, kind in enumerate(kinds):
        way = "new" if kind == "site" else "expanded"
        for parallel in product(*(range(n + 1) for n in most[way])):
            classes = tuple(g * n for g, n in zip(grades, parallel, strict=True))
            if not least[way] <= sum(classes) <= facts["max_classes_added"]:
                continue
            places = tuple(c * size for c, size in zip(classes, sizes, strict=True))
            name = "+".join(map(str, parallel))
            options.append(Option(f, way, name, classes, places, 0.0, 0.0))
    return options
