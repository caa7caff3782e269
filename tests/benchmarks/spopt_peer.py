"""The sibling library spopt on the same instances, as its users meet it: model and solve."""

from __future__ import annotations

import time
from pathlib import Path

from tests.benchmarks.location_files import read_instance

KINDS = ("p_median", "p_center")


def solve_with_spopt(folder: Path, row: dict[str, str]) -> tuple[float, float]:
    """Value and seconds, imports aside; to be run in a process of its own.

    Raises ModuleNotFoundError that says how to get it.
    """
    try:
        import numpy as np
        import pulp
        from spopt.locate import PCenter, PMedian
    except ModuleNotFoundError as missing:
        raise ModuleNotFoundError(f"{missing}: pip install 'planner[spopt]'") from None
    instance = read_instance(folder, {**row, "published": "", "status": ""})
    cost, p = instance.problem.cost, instance.p or 0
    began = time.monotonic()
    if instance.kind == "p_median":
        weights = np.array(instance.weight or [1.0] * len(cost))
        model = PMedian.from_cost_matrix(cost, weights, p_facilities=p)
    else:
        model = PCenter.from_cost_matrix(cost, p_facilities=p)
    solved = model.solve(pulp.HiGHS(msg=False))
    return float(solved.problem.objective.value()), time.monotonic() - began
