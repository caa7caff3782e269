"""SCIP, Gurobi and CPLEX where they are installed: each solve in a child process.

The child writes its best plan and its bound whenever they improve, so that a stop, a limit or the
end of the child leaves what was reached so far.
"""

from __future__ import annotations

import importlib.util
import json
import math
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from planner.errors import UsageError
from planner.solving.arrays import Arrays, Floats
from planner.solving.highs import Outcome
from planner.solving.model_file import write_model
from planner.solving.settings import Settings

PACKAGES = {"scip": "pyscipopt", "gurobi": "gurobipy", "cplex": "cplex"}
"""By solver: the package that holds it; each is an extra of the project of the solver's name."""
_GRACE_S = 1.0
"""What a child has to write its answer once it is told to stop, or past its time limit."""
_PAUSE_S = 0.05


def optimise_in_child(
    arrays: Arrays,
    settings: Settings,
    *,
    start: Floats | None = None,
    cutoff: float = math.inf,
    nodes: int | None = None,
) -> Outcome:
    """Solve with `settings.solver` in a process of its own; nan in `start` is free.

    Raises UsageError if the solver is not installed or refuses the program (its licence, say).
    """
    if importlib.util.find_spec(PACKAGES[settings.solver]) is None:
        raise UsageError(
            f"solver {settings.solver}: not installed here — "
            f"pip install 'planner[{settings.solver}]', or use solver highs"
        )
    with tempfile.TemporaryDirectory() as folder:
        model, asked, answer = (Path(folder) / n for n in ("model.mps", "asked.json", "answer"))
        write_model(arrays, model)
        first = None if start is None else [None if math.isnan(x) else x for x in start.tolist()]
        left = settings.seconds_left()
        request = {
            "solver": settings.solver,
            "gap": settings.tolerance,
            "seconds": None if left == math.inf else max(left, 0.05),
            "threads": settings.threads,
            "seed": settings.seed,
            "cutoff": None if cutoff == math.inf else cutoff - arrays.offset,
            "nodes": nodes,
            "start": first,
            "columns": len(arrays.names),
        }
        asked.write_text(json.dumps(request), "utf-8")
        said = _run([str(model), str(asked), str(answer)], settings, left)
        if not answer.exists():
            if settings.seconds_left() > 0:
                raise UsageError(f"solver {settings.solver} ended without an answer: {said}")
            return Outcome(None, -math.inf, None)
        return _outcome(json.loads(answer.read_text("utf-8")), arrays, cutoff)


def _run(files: list[str], settings: Settings, seconds: float) -> str:
    """Run the child until it ends, its time is up or a stop is asked for; its last words."""
    command = [sys.executable, "-m", "planner.solving.child", *files]
    until = time.monotonic() + seconds + _GRACE_S
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        text=True, start_new_session=True,
    ) as child:  # fmt: skip
        told = False
        while child.poll() is None:
            time.sleep(_PAUSE_S)
            now = time.monotonic()
            if settings.stop.is_set() and not told:
                child.send_signal(signal.SIGINT)
                told, until = True, now + _GRACE_S
            if now > until:
                child.kill()
        lines = (child.stderr.read() if child.stderr else "").strip().splitlines()
        return lines[-1] if lines else f"exit code {child.returncode}"


def _outcome(answer: Mapping[str, Any], arrays: Arrays, cutoff: float) -> Outcome:
    if answer["infeasible"]:
        return Outcome(None, cutoff, None)
    bound = -math.inf if answer["bound"] is None else answer["bound"] + arrays.offset
    if answer["columns"] is None:
        return Outcome(None, min(bound, cutoff), None)
    columns = np.array(answer["columns"], float)
    value = float(arrays.cost @ columns) + arrays.offset
    return Outcome(value, min(bound, value, cutoff), columns, (columns,))
