"""A program as an MPS file with plain generated names: what solvers outside this process read."""

from __future__ import annotations

from pathlib import Path

import highspy

from planner.solving.arrays import Arrays
from planner.solving.highs import model_of


def write_model(arrays: Arrays, path: Path) -> None:
    """Write columns as ``c0, c1, …`` and rows as ``r0, r1, …``, so that no name is rewritten.

    The objective's constant is left out: the sign of an MPS offset differs between readers.
    """
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    model = model_of(arrays)
    model.col_names_ = [f"c{i}" for i in range(model.num_col_)]
    model.row_names_ = [f"r{i}" for i in range(model.num_row_)]
    model.offset_ = 0.0
    highs.passModel(model)
    highs.writeModel(str(path))
