"""``python -m tests.benchmarks districting-city [DIR]``: compounds into subdistricts.

DIR holds ``compounds_etdz_2022.csv`` and ``compounds_changchun_9zones_2022.csv``, real compounds,
neighbours if their Voronoi cells touch or they lie at one spot; without it there is the reference
territory alone. Every unit is a candidate seat; the objective is population × squared metres to
the seat. The zone and the reference territory go into 4 parts of ± 5 %, first by distance, then by
border length with the distance capped at 1.05 × the best; the city into 40 parts of ± 10 %.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.programs.districts.objective import border_length, seat_cost
from planner.programs.districts.plan import faults_of
from planner.programs.districts.problem import DistrictProblem, district_problem
from planner.scenario.loading import load_scenario
from planner.territory.borders import borders_of
from planner.territory.build import build_territory
from planner.territory.cells import cells_of
from planner.territory.layers import read_layers
from planner.territory.points import own_points
from tests.benchmarks.comparing import line, write_rows
from tests.benchmarks.measuring import measured

CRS = 32651  # UTM 51 N
MARGIN_M = 500.0
HEAD = ("case", "objective", "value", "bound", "gap %", "status", "wall s", "CPU s", "MB",
        "how it was solved")  # fmt: skip
WIDTHS = (9, 16, 16, 16, 7, 10, 7, 7, 5, 30)
REFERENCE = Path(__file__).resolve().parents[2] / "configs" / "etdz-2017.yaml"
CASES = {
    "reference": (None, 4, 0.05, 25.0),
    "zone": ("compounds_etdz_2022.csv", 4, 0.05, 25.0),
    "city": ("compounds_changchun_9zones_2022.csv", 40, 0.10, 120.0),
}
"""File, parts, band, seconds."""
CAP = 0.05
TOLERANCE = 1e-3


def main(arguments: list[str]) -> int:
    """Solve the cases; exit code 1 if a plan is missing or breaks a rule."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks districting-city")
    parser.add_argument("folder", type=Path, nargs="?", help="folder with the tables of compounds")
    parser.add_argument("--only", choices=sorted(CASES), help="one case only")
    parser.add_argument("--time-limit", type=float, help="seconds for a case")
    parser.add_argument("--threads", type=int, default=2, help="threads of a solve (2)")
    parser.add_argument("--json", type=Path, help="write the rows here")
    parser.add_argument("--peer", choices=("gerrychain", "spopt"), help="run a peer on each case")
    asked = parser.parse_args(arguments)
    rows: list[dict[str, Any]] = []
    wrong = False
    print(line(HEAD, WIDTHS))
    there = [case for case, (name, *_) in CASES.items() if asked.folder or name is None]
    if asked.only and asked.only not in there:
        parser.error(f"{asked.only} needs the folder with the tables of compounds")
    for case in [asked.only] if asked.only else there:
        done = measured(solve_case, asked.folder, case, asked.time_limit, asked.threads)
        if done.error or done.result is None:
            wrong = True
            print(f"{case}: {done.error or 'no plan'}")
            continue
        for row in done.result:
            row["memory_mb"] = done.memory_mb
            print(line(_cells(row), WIDTHS), flush=True)
        rows += done.result
        if asked.peer:
            _peer(asked.peer, asked.folder, case)
    write_rows(rows, asked.json)
    return 1 if wrong else 0


def solve_case(
    folder: Path | None, case: str, limit: float | None, threads: int
) -> list[dict[str, Any]] | None:
    """A row for each level; runs in a process of its own."""
    from planner.programs.districts.solve import solve_districts
    from planner.solving.settings import Settings, status_of

    problem, place = read_case(folder, case)
    squared = ((place[:, None, :] - place[None, :, :]) ** 2).sum(axis=2)
    levels = [seat_cost(problem, squared, name="moment", unit="people × m²", allowed=CAP)]
    if case != "city":
        levels.append(border_length(problem, unit="m"))
    seconds = limit or CASES[case][3]
    cpu = time.process_time()
    settings = Settings(threads=threads, tolerance=TOLERANCE, deadline=time.monotonic() + seconds)
    solution = solve_districts(problem, levels, settings)
    cpu = time.process_time() - cpu
    if solution.plan is None or faults_of(problem, solution.plan):
        return None
    total = sum(level.seconds for level in solution.levels)
    return [
        {
            "case": case, "problem": level.name, "objective": level.value, "bound": level.bound,
            "gap": level.gap, "status": str(status_of(level.value, level.bound, TOLERANCE)),
            "seconds": level.seconds, "cpu_seconds": cpu * level.seconds / total,
            "method": level.how,
        }
        for level in solution.levels
    ]  # fmt: skip


def read_case(folder: Path | None, case: str) -> tuple[DistrictProblem, np.ndarray]:
    """The problem of a case, and the place of each unit in metres."""
    name, number, band, _ = CASES[case]
    if folder is None or name is None:
        people, points, borders = _reference()
    else:
        people, points, borders = _real(folder / name)
    mean = float(people.sum()) / number
    problem = district_problem(
        people.to_dict(),
        number,
        (mean * (1 - band), mean * (1 + band)),
        zip(borders.a, borders.b, borders.border_m, strict=True),
        seats=people.index,
    )
    return problem, np.column_stack([points.x, points.y])


def _real(file: Path) -> tuple[pd.Series, gpd.GeoSeries, pd.DataFrame]:
    """People, places and borders of real compounds, which have no shape."""
    table = pd.read_csv(file).set_index("compound_id")
    points = gpd.GeoSeries(
        gpd.points_from_xy(table.lon_wgs84, table.lat_wgs84), index=table.index, crs=4326
    ).to_crs(CRS)  # fmt: skip
    area = shapely.buffer(shapely.convex_hull(points.union_all()), MARGIN_M)
    nothing = gpd.GeoSeries([], crs=CRS)
    borders = borders_of(
        points, cells_of(points, area), barriers=nothing, streets=nothing, followed=nothing
    )
    return table.population.astype(float), points, borders


def _reference() -> tuple[pd.Series, gpd.GeoSeries, pd.DataFrame]:
    """People, places and borders of the reference territory's compounds, as the main job has."""
    scenario = load_scenario(REFERENCE).scenario
    territory = build_territory(scenario, read_layers(scenario))
    compounds = territory.compounds
    points = own_points(compounds.geometry)
    return compounds.population.astype(float), points, territory.borders


def _cells(row: dict[str, Any]) -> tuple[object, ...]:
    return (
        row["case"], row["problem"], round(row["objective"], 1), round(row["bound"], 1),
        round(100 * row["gap"], 3), row["status"], round(row["seconds"], 1),
        round(row["cpu_seconds"], 1), round(row["memory_mb"]), row["method"],
    )  # fmt: skip


def _peer(peer: str, folder: Path | None, case: str) -> None:
    from tests.benchmarks.districting_peers import told, with_peer_in_city

    done = measured(with_peer_in_city, peer, folder, case)
    print(told(peer, done.result, done.memory_mb) if done.result else f"  {peer}: {done.error}")
