"""``python -m tests.benchmarks joint DIR``: places and districts of a pinned instance together.

Prints the plan made one half after the other and the joint one side by side, the joint one over
time, and judges it from the files alone: value, programme, both contiguities, band. What counts is
told in `joint_files`.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd

from tests.benchmarks.comparing import line, write_rows
from tests.benchmarks.joint_files import BAND, DISTRICTS, SEAT_PRICE_KM, read_ground, squared_km2
from tests.benchmarks.measuring import measured
from tests.benchmarks.programme_runner import judge

MINUTES, PRICE_KM, TOLERANCE = 10.0, 0.2, 1e-3
HEAD = ("seconds", "after", "value", "bound", "gap %", "crossing", "ways + overflow", "to seats")
WIDTHS = (8, 12, 12, 12, 7, 9, 16, 10)


def main(arguments: list[str]) -> int:
    """Solve the folder's instance; exit code 1 if the plan breaks a rule of the problem."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks joint")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--districts", type=int, default=DISTRICTS, metavar="N")
    parser.add_argument("--band", type=float, default=BAND, metavar="SHARE")
    parser.add_argument("--price", type=float, default=PRICE_KM, metavar="KM",
                        help="of a pupil whose school lies in another district")  # fmt: skip
    parser.add_argument("--minutes", type=float, default=MINUTES, metavar="M")
    parser.add_argument("--json", type=Path, metavar="FILE")
    asked = parser.parse_args(arguments)
    done = measured(
        solve_folder, asked.folder, asked.districts, asked.band, asked.price, asked.minutes
    )
    if done.result is None:
        print(done.error or "no plan in time")
        return 1
    rows, plan = done.result
    print(f"{asked.folder.name}, {asked.districts} districts ± {asked.band:.0%}, "
          f"{asked.price:g} km a crossing pupil")  # fmt: skip
    print(line(HEAD, WIDTHS))
    for row in rows:
        row["memory_mb"] = done.memory_mb
        print(line(_cells(row), WIDTHS))
    first, last = rows[0], rows[-1]
    gained = first["objective"] - last["objective"]
    faults = _judged(asked.folder, plan, last, asked.districts, asked.band, asked.price)
    print(f"gained {gained:.0f} pupil-km ({gained / first['objective']:.2%}), "
          f"{first['crossing'] - last['crossing']:.0f} fewer pupils cross; {last['status']}, "
          f"{last['cpu_seconds']:.0f} CPU s, {done.memory_mb:.0f} MB, "
          f"rules broken: {len(faults)}")  # fmt: skip
    for fault in faults:
        print(f"  !! {fault}")
    write_rows(rows, asked.json)
    return 1 if faults else 0


def solve_folder(
    folder: Path, number: int, band: float, price_km: float, minutes: float
) -> tuple[list[dict[str, Any]], dict[str, Any]] | None:
    """Rows of the search, the first one sequential, and the plan by ids; in its own process."""
    from planner.programs.joint.wide import solve_wide
    from planner.solving.settings import Settings, gap_of, status_of
    from tests.benchmarks.joint_files import read_joint

    deadline = time.monotonic() + 60 * minutes
    problem = read_joint(folder, number=number, band=band, price_km=price_km)
    settings = Settings(threads=2, tolerance=TOLERANCE, deadline=deadline)
    solution = solve_wide(problem, settings)
    if solution.plan is None:
        return None
    rows = [
        {
            "instance": folder.name, "problem": f"joint, {price_km:g} km", "after": step.what,
            "objective": step.plan.value, "bound": solution.bound,
            "gap": gap_of(step.plan.value, solution.bound),
            "status": str(status_of(step.plan.value, solution.bound, TOLERANCE)),
            "crossing": step.plan.crossing, "places": step.plan.places.value,
            "apart": step.plan.apart_km, "seconds": step.seconds,
            "places_bound": solution.places_bound, "districts_bound": solution.districts_bound,
            "cpu_seconds": time.process_time(),
        }
        for step in solution.steps
    ]  # fmt: skip
    location, plan = problem.location, solution.plan
    arcs = plan.places.arc
    schools = {
        f"{location.units[u]}/{location.services[s]}": location.schools[f]
        for u, s, f in zip(
            location.arcs.unit[arcs].tolist(), location.arcs.service[arcs].tolist(),
            location.arcs.school[arcs].tolist(), strict=True,
        )
    }  # fmt: skip
    options = [location.options[o] for o in plan.places.option[plan.places.option >= 0].tolist()]
    units, districts = problem.districts.ids, plan.districts
    homes = [units[int(problem.districts.homes[s])] for s in districts.seat]
    return rows, {
        "schools": schools,
        "classes": {location.schools[o.school]: list(o.classes) for o in options},
        "district": {u: homes[p] for u, p in zip(units, districts.part, strict=True)},
    }


def _judged(
    folder: Path, plan: dict[str, Any], row: dict[str, Any], number: int, band: float, price: float
) -> list[str]:
    """What a plan breaks of the rules of both halves, and of what is told of it."""
    faults = judge(folder, plan, row["places"], contiguous=True)
    ground, district = read_ground(folder), plan["district"]
    people = ground.units["population"]
    place = {unit: i for i, unit in enumerate(ground.units.index)}
    km2, mean = squared_km2(ground), people.sum() / number
    seats = sorted(set(district.values()))
    if len(seats) != number or set(district) != set(place):
        return [*faults, f"{len(seats)} districts of {len(district)} units"]
    for seat in seats:
        inside = [unit for unit in district if district[unit] == seat]
        if seat not in inside or not nx.is_connected(ground.graph.subgraph(inside)):
            faults.append(f"district of {seat}: torn, or without its seat")
        if not (1 - band) * mean - 1e-6 <= people[inside].sum() <= (1 + band) * mean + 1e-6:
            faults.append(f"district of {seat}: {people[inside].sum()} people")
    apart = sum(float(people[u]) * km2[place[u], place[district[u]]] for u in district)
    root, crossing = _roots(folder), 0.0
    for key, school in plan["schools"].items():
        unit, _, stage = key.rpartition("/")
        if district[unit] != district[root[school]]:
            crossing += float(ground.units[stage][unit])
    told = {
        "crossing": crossing,
        "apart": SEAT_PRICE_KM * apart,
        "objective": row["places"] + SEAT_PRICE_KM * apart + price * crossing,
    }
    faults += [
        f"{name} is {value!r}, told was {row[name]!r}"
        for name, value in told.items()
        if abs(value - row[name]) > 1e-6 * max(1.0, value)
    ]
    if row["bound"] > row["objective"] + 1e-6:
        faults.append("the bound is above the value")
    return faults


def _roots(folder: Path) -> dict[str, str]:
    """The unit in which each school lies: the nearest one by way."""
    arcs = pd.read_csv(folder / "arcs.csv").sort_values(["distance_m", "unit"])
    return dict(arcs.groupby("school")["unit"].first())


def _cells(row: dict[str, Any]) -> tuple[object, ...]:
    return (
        round(row["seconds"], 1), row["after"], round(row["objective"], 1),
        round(row["bound"], 1), round(100 * row["gap"], 2), round(row["crossing"]),
        round(row["places"], 1), round(row["apart"], 1),
    )  # fmt: skip
