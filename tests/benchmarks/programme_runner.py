"""``python -m tests.benchmarks programme DIR``: a pinned programme instance, gap over time.

The plan is judged again from the files alone, with a value and a contiguity check of this module's
own.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd

from tests.benchmarks.comparing import line, write_rows
from tests.benchmarks.measuring import measured

TOLERANCE = 1e-3
MINUTES = 5.0
HEAD = ("seconds", "value", "bound", "gap %")
WIDTHS = (10, 16, 16, 10)
_EVERY = 5.0
"""Seconds between two rows of progress, at least."""


def main(arguments: list[str]) -> int:
    """Solve the folder's instance; exit code 1 if the plan breaks a rule of the problem."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks programme")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--contiguous", action="store_true")
    parser.add_argument("--minutes", type=float, default=MINUTES, metavar="M")
    parser.add_argument("--json", type=Path, metavar="FILE")
    asked = parser.parse_args(arguments)
    done = measured(solve_folder, asked.folder, asked.contiguous, asked.minutes)
    if done.result is None:
        print(done.error)
        return 1
    rows, plan = done.result
    form = "contiguous" if asked.contiguous else "plain"
    print(f"{asked.folder.name}, {form}, tolerance {TOLERANCE:.1%}")
    print(line(HEAD, WIDTHS))
    for row in rows:
        row["memory_mb"] = done.memory_mb
        value, bound = row["objective"], row["bound"]
        gap = None if value is None else f"{(value - bound) / value:.3%}".rjust(WIDTHS[3])
        print(line([round(row["seconds"], 1), value, bound, gap], WIDTHS))
    faults = [] if plan is None else judge(asked.folder, plan, rows[-1]["objective"],
                                           contiguous=asked.contiguous)  # fmt: skip
    print(f"{rows[-1]['status']}, {done.memory_mb:.0f} MB, rules broken: {len(faults)}")
    for fault in faults:
        print(f"  !! {fault}")
    write_rows(rows, asked.json)
    return 1 if faults else 0


def solve_folder(
    folder: Path, contiguous: bool, minutes: float
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """Rows of progress, the last one final, and the plan by ids; runs in its own process."""
    from planner.programs.priced.search import solve_priced
    from planner.solving.settings import Progress, Settings, status_of
    from tests.benchmarks.programme_files import read_programme

    began = time.monotonic()
    instance = read_programme(folder, contiguous=contiguous)
    rows: list[dict[str, Any]] = []

    def row(value: float | None, bound: float) -> dict[str, Any]:
        return {
            "instance": folder.name, "problem": "contiguous" if contiguous else "plain",
            "objective": value, "bound": bound, "status": str(status_of(value, bound, TOLERANCE)),
            "published": None, "published_status": None, "seconds": time.monotonic() - began,
        }  # fmt: skip

    def report(progress: Progress) -> None:
        first = math.isfinite(progress.best) and all(r["objective"] is None for r in rows)
        if first or not rows or time.monotonic() - began - rows[-1]["seconds"] >= _EVERY:
            rows.append(
                row(progress.best if math.isfinite(progress.best) else None, progress.bound)
            )

    settings = Settings(
        threads=2, tolerance=TOLERANCE, deadline=began + 60 * minutes, report=report
    )
    solution = solve_priced(instance.problem, instance.price_km, settings)
    rows.append(row(solution.value, solution.bound))
    if solution.value is None:
        return rows, None
    problem = instance.problem
    schools = {
        f"{problem.units[u]}/{problem.services[s]}": problem.schools[f]
        for (u, s), f in solution.school.items()
    }
    options = [problem.options[o] for o in solution.options]
    classes = {problem.schools[o.school]: list(o.classes) for o in options}
    return rows, {"schools": schools, "classes": classes}


def judge(folder: Path, plan: dict[str, Any], value: float, *, contiguous: bool) -> list[str]:
    """What of the problem's rules a plan breaks, from the files alone; empty if nothing."""
    facts = json.loads((folder / "instance.json").read_text("utf-8"))
    stages = list(facts["grades"])
    units = pd.read_csv(folder / "units.csv").set_index("unit")
    schools = pd.read_csv(folder / "schools.csv").set_index("school")
    arcs = pd.read_csv(folder / "arcs.csv").set_index(["unit", "school", "stage"])["distance_m"]
    faults = _programme_faults(facts, stages, schools, plan["classes"])
    cost = 0.0
    loads = {(school, stage): 0 for school in schools.index for stage in stages}
    for unit in units.index:
        for stage in stages:
            school = plan["schools"].get(f"{unit}/{stage}")
            if (unit, school, stage) not in arcs.index:
                faults.append(f"{unit} {stage}: no arc to {school}")
                continue
            if schools.kind[school] == "site" and school not in plan["classes"]:
                faults.append(f"{unit} {stage}: {school} is not open")
            loads[school, stage] += units[stage][unit]
            cost += units[stage][unit] * arcs[unit, school, stage] / 1000
    for (school, stage), load in loads.items():
        classes = plan["classes"].get(school, [0] * len(stages))[stages.index(stage)]
        places = schools[f"{stage}_places"][school] + classes * facts["class_size"][stage]
        cost += facts["price_per_overflowing_pupil_km"] * max(0, load - places)
    if abs(cost - value) > 1e-6 * max(1.0, cost):
        faults.append(f"the value is {cost!r}, told was {value!r}")
    if contiguous:
        faults += _torn(folder, stages, arcs, plan["schools"])
    return faults


def _programme_faults(
    facts: dict[str, Any], stages: list[str], schools: pd.DataFrame, classes: dict[str, list[int]]
) -> list[str]:
    new = [s for s in classes if schools.kind[s] == "site"]
    grown = [s for s in classes if schools.kind[s] == "existing"]
    faults = []
    if (len(new), len(grown)) != (facts["new_schools"], facts["expansions"]):
        faults.append(f"{len(new)} new schools and {len(grown)} expansions")
    for i, stage in enumerate(stages):
        grades = facts["grades"][stage]
        if sum(c[i] for c in classes.values()) != grades * facts["parallel_classes"][stage]:
            faults.append(f"{stage}: another number of classes")
        for school, own in classes.items():
            kind = "new" if school in new else "expansion"
            if own[i] % grades or own[i] // grades > facts[f"max_parallel_{kind}"][stage]:
                faults.append(f"{school} {stage}: {own[i]} classes")
    for school, own in classes.items():
        least = facts["min_classes_new"] if school in new else 1
        if not least <= sum(own) <= facts["max_classes_added"]:
            faults.append(f"{school}: {sum(own)} classes")
    return faults


def _torn(folder: Path, stages: list[str], arcs: pd.Series, plan: dict[str, str]) -> list[str]:
    """Catchments in more than one piece within a component of the adjacency graph."""
    graph = nx.from_pandas_edgelist(
        pd.read_csv(folder / "adjacency.csv"), "unit", "neighbour", create_using=nx.Graph
    )
    graph.add_nodes_from(pd.read_csv(folder / "units.csv")["unit"])
    table = arcs.reset_index()
    faults = []
    for stage in stages:
        own = table[table["stage"] == stage]
        sole = set(own.groupby("unit").filter(lambda g: len(g) == 1)["unit"])
        nearest = own.sort_values(["distance_m", "unit"]).groupby("school")["unit"].first()
        members: dict[str, set[str]] = {}
        for key, school in plan.items():
            unit, _, of = key.rpartition("/")
            if of == stage:
                members.setdefault(school, set()).add(unit)
        for school, homes in members.items():
            cells = homes | {nearest[school]}
            for component in nx.connected_components(graph):
                pieces = list(nx.connected_components(graph.subgraph(cells & component)))
                bound = [p for p in pieces if nearest[school] in p or p - sole]
                if len(bound) > 1:
                    faults.append(f"{school} {stage}: {len(bound)} pieces")
    return faults
