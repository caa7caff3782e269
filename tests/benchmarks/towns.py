"""The main job on generated towns: nothing may be tuned to the one that is committed.

``python -m tests.benchmarks towns [SEED ...] [--set KEY=VALUE]... [--json FILE]`` generates each
town, plans it with the reference scenario in a process of its own and prints a row: status, worst
gap, promises kept, the programme's figures, seconds and peak memory. Exit 1 if any is not proven
and verified.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SCENARIO = ROOT / "configs" / "etdz-2017.yaml"
SEEDS = (1, 2, 3, 4, 5)
HEAD = (
    "seed  status    gap %   promises  classes  places  short  subd.  grids  "
    "in 300–500  seconds  MB"
)


def main(arguments: list[str]) -> int:
    """Plan every town; exit code 1 if any is not proven and verified."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks towns")
    parser.add_argument("seeds", nargs="*", type=int, default=list(SEEDS))
    parser.add_argument("--set", dest="sets", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--json", type=Path, metavar="FILE")
    asked = parser.parse_args(arguments)
    print(HEAD)
    rows = []
    for seed in asked.seeds:
        row = plan_town(seed, asked.sets)
        rows.append(row)
        print(line_of(row), flush=True)
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return 0 if all(row["status"] == "OPTIMAL" and row["verified"] for row in rows) else 1


def plan_town(seed: int, sets: list[str]) -> dict[str, Any]:
    """Generate a town and run the main job on it in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        data, out = Path(folder) / "data", Path(folder) / "run"
        generate = [sys.executable, str(ROOT / "geodata" / "generate.py")]
        subprocess.run([*generate, "--seed", str(seed), "--out", str(data)], check=True)
        command = [sys.executable, "-m", "planner", "run", str(SCENARIO), "--data", str(data)]
        command += ["--out", str(out), "--json", "--quiet"]
        for entry in sets:
            command += ["--set", entry]
        began = time.monotonic()
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
            answer = process.stdout.read() if process.stdout else b""
            _, _, usage = os.wait4(process.pid, 0)
        told = json.loads(answer)
        told.update(
            seed=seed,
            wall_seconds=time.monotonic() - began,
            memory_mb=usage.ru_maxrss / 1024,
            verified=bool(told.get("verification", {}).get("ok")),
        )
        return told


def line_of(row: dict[str, Any]) -> str:
    """One line of the table; a town without a plan shows its problems."""
    if not row.get("indicators"):
        problems = "; ".join(problem["message"] for problem in row.get("problems", []))
        return f"{row['seed']:4}  {row['status']}  {problems}"
    known, checks = row["indicators"], row["verification"]
    kept = f"{checks['checks'] - len(checks['broken'])}/{checks['checks']}"
    return (
        f"{row['seed']:4}  {row['status']:8} {100 * row['gap']:6.3f}  {kept:>8}  "
        f"{known['new_classes']['total']:7}  {known['new_places']['total']:6}  "
        f"{known['places_short']['total']:5}  {known['subdistricts']:5}  {known['grids']:5}  "
        f"{known['grids_within_limits']:10}  {row['wall_seconds']:7.1f}  {row['memory_mb']:.0f}"
    )
