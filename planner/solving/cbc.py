"""CBC by its command line: the fallback where HiGHS is not wanted, with its true bound."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pulp

from planner.errors import UsageError
from planner.solving.arrays import Arrays, Floats
from planner.solving.highs import Outcome
from planner.solving.model_file import write_model
from planner.solving.settings import Settings


def optimise_with_cbc(arrays: Arrays, settings: Settings) -> Outcome:
    """Solve with the CBC that is installed or bundled with PuLP; no warm start.

    Raises UsageError if there is no CBC on this machine.
    """
    with tempfile.TemporaryDirectory() as folder:
        model, answer = Path(folder) / "model.mps", Path(folder) / "answer.txt"
        write_model(arrays, model)
        log = _run(_command(model, answer, settings), settings)
        return _read(arrays, answer, log)


def _command(model: Path, answer: Path, settings: Settings) -> list[str]:
    binary = shutil.which("cbc") or str(pulp.PULP_CBC_CMD.pulp_cbc_path)
    if not shutil.which(binary):
        raise UsageError("solver cbc: no CBC on this machine — install it, or use solver highs")
    command = [binary, str(model), "-ratio", str(settings.tolerance), "-allow", "1e-6"]
    left = settings.seconds_left()
    if left < math.inf:
        command += ["-timeMode", "elapsed", "-sec", str(max(left, 0.1))]
    if settings.threads > 1:
        command += ["-threads", str(settings.threads)]
    command += ["-randomCbcSeed", str(settings.seed + 1), "-solve"]
    return [*command, "-printingOptions", "all", "-solution", str(answer)]


def _run(command: list[str], settings: Settings) -> str:
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as p:
        while True:
            try:
                return p.communicate(timeout=0.2)[0]
            except subprocess.TimeoutExpired:
                if settings.stop.is_set():
                    p.terminate()


def _read(arrays: Arrays, answer: Path, log: str) -> Outcome:
    lines = answer.read_text().splitlines() if answer.exists() else []
    head = lines[0].lower() if lines else ""
    if "infeasible" in head or "infeasible" in _result(log):
        return Outcome(None, math.inf, None)
    bound = _number(r"Lower bound:\s+(\S+)", log)
    proven = "Optimal solution found" in log or head.startswith("optimal")
    columns = _columns(lines[1:], len(arrays.names)) if "objective value" in head else None
    if columns is None or "no integer solution" in head:
        return Outcome(None, -math.inf if bound is None else bound + arrays.offset, None)
    value = float(arrays.cost @ columns) + arrays.offset
    if bound is None:
        return Outcome(value, value if proven else -math.inf, columns)
    return Outcome(value, min(value, bound + arrays.offset), columns)


def _columns(lines: list[str], count: int) -> Floats:
    """Values of the columns; CBC lists the rows before them, which may be more."""
    columns = np.zeros(count)
    for line in lines:
        name, value = line.replace("**", " ").split()[1:3]
        if name.startswith("c"):
            columns[int(name[1:])] = float(value)
    return columns


def _number(pattern: str, log: str) -> float | None:
    found = re.findall(pattern, log)
    return float(found[-1]) if found else None


def _result(log: str) -> str:
    return " ".join(re.findall(r"Result - (.*)", log)).lower()
