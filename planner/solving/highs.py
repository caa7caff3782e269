"""HiGHS through its arrays: one session holds a program, takes rows and solves again."""

from __future__ import annotations

import math
from dataclasses import dataclass

import highspy
import numpy as np

from planner.solving.arrays import Arrays, Floats, Ints, Rows
from planner.solving.settings import Settings

_OPTIMAL = highspy.HighsModelStatus.kOptimal
_INFEASIBLE = (
    highspy.HighsModelStatus.kInfeasible,
    highspy.HighsModelStatus.kUnboundedOrInfeasible,
    highspy.HighsModelStatus.kObjectiveBound,
)


@dataclass(frozen=True)
class Outcome:
    """What HiGHS reached: value and columns (None without a plan), bound (inf: infeasible)."""

    objective: float | None
    bound: float
    columns: Floats | None
    improving: tuple[Floats, ...] = ()
    """All plans found on the way, the best last."""
    reduced: Floats | None = None
    """Reduced costs, for a linear program only."""
    duals: Floats | None = None


class Session:
    """A program inside HiGHS; columns keep the order of the arrays it was made from."""

    def __init__(self, arrays: Arrays, settings: Settings) -> None:
        self._settings = settings
        self.integer = arrays.integer
        self._highs = highspy.Highs()
        self._highs.setOptionValue("output_flag", False)
        self._highs.setOptionValue("threads", settings.threads)
        self._highs.setOptionValue("random_seed", settings.seed)
        self._highs.passModel(model_of(arrays))
        self._highs.cbMipInterrupt += self._stop_when_told
        self._highs.cbMipImprovingSolution += self._keep_improving
        self._improving: list[Floats] = []
        self._relaxed = False

    def add_rows(self, rows: Rows) -> None:
        """Append rows."""
        if not rows.names:
            return
        self._highs.addRows(
            len(rows.names), rows.lower, rows.upper,
            len(rows.index), rows.start[:-1], rows.index, rows.value,
        )  # fmt: skip

    def set_cost(self, cost: Floats, offset: float = 0.0) -> None:
        """Replace the objective."""
        count = len(cost)
        self._highs.changeColsCost(count, np.arange(count, dtype=np.int32), cost)
        self._highs.changeObjectiveOffset(offset)

    def set_bounds(self, columns: Ints, lower: Floats, upper: Floats) -> None:
        """Replace the bounds of some columns."""
        self._highs.changeColsBounds(len(columns), columns.astype(np.int32), lower, upper)

    @property
    def row_count(self) -> int:
        """Rows so far."""
        return int(self._highs.getNumRow())

    def set_row_bounds(self, row: int, lower: float, upper: float) -> None:
        """Replace the sides of one row."""
        self._highs.changeRowBounds(row, lower, upper)

    def relax(self) -> Outcome:
        """Solve the linear relaxation."""
        self._set_integrality(relaxed=True)
        self._run(math.inf)
        status = self._highs.getModelStatus()
        if status in _INFEASIBLE:
            return Outcome(None, math.inf, None)
        if status != _OPTIMAL:
            return Outcome(None, -math.inf, None)
        solution = self._highs.getSolution()
        value = float(self._highs.getInfo().objective_function_value)
        return Outcome(
            value, value, np.array(solution.col_value), (),
            np.array(solution.col_dual), np.array(solution.row_dual),
        )  # fmt: skip

    def optimise(
        self,
        *,
        start: Floats | None = None,
        gap: float | None = None,
        cutoff: float = math.inf,
        seconds: float = math.inf,
        nodes: int | None = None,
    ) -> Outcome:
        """Solve the integer program from an optional start (nan: free), to a relative `gap`."""
        self._set_integrality(relaxed=False)
        options = self._highs
        options.setOptionValue("mip_rel_gap", self._settings.tolerance if gap is None else gap)
        options.setOptionValue("mip_abs_gap", 1e-6)
        options.setOptionValue("objective_bound", cutoff)
        options.setOptionValue("mip_max_nodes", 2**31 - 1 if nodes is None else nodes)
        if start is not None:
            self._set_start(start)
        self._run(seconds)
        info = self._highs.getInfo()
        status = self._highs.getModelStatus()
        if status in _INFEASIBLE:
            return Outcome(None, math.inf, None)
        bound = float(info.mip_dual_bound) if self.integer.any() else -math.inf
        if info.primal_solution_status != 2:
            return Outcome(None, bound if status != _OPTIMAL else math.inf, None)
        value = float(info.objective_function_value)
        if not self.integer.any() and status == _OPTIMAL:
            bound = value
        columns = np.array(self._highs.getSolution().col_value)
        return Outcome(value, min(bound, value), columns, (*self._improving, columns))

    def _set_integrality(self, *, relaxed: bool) -> None:
        if relaxed == self._relaxed or not self.integer.any():
            return
        self._relaxed = relaxed
        columns = np.flatnonzero(self.integer).astype(np.int32)
        kind = highspy.HighsVarType.kContinuous if relaxed else highspy.HighsVarType.kInteger
        self._highs.changeColsIntegrality(
            len(columns), columns, np.array([kind] * len(columns), dtype=object)
        )

    def _set_start(self, start: Floats) -> None:
        known = np.flatnonzero(~np.isnan(start)).astype(np.int32)
        self._highs.setSolution(len(known), known, start[known])

    def _run(self, seconds: float) -> None:
        # HiGHS counts its run time over all solves of a session.
        left = min(seconds, self._settings.seconds_left())
        limit = math.inf if left == math.inf else self._highs.getRunTime() + max(left, 0.01)
        self._highs.setOptionValue("time_limit", limit)
        self._improving.clear()
        self._highs.run()

    def _keep_improving(self, event: highspy.HighsCallbackEvent) -> None:
        self._improving.append(np.array(event.data_out.mip_solution))

    def _stop_when_told(self, event: highspy.HighsCallbackEvent) -> None:
        if self._settings.stop.is_set():
            event.interrupt()


def model_of(arrays: Arrays) -> highspy.HighsLp:
    """The arrays as a HiGHS model."""
    model = highspy.HighsLp()
    model.num_col_ = len(arrays.names)
    model.num_row_ = len(arrays.rows.names)
    model.col_cost_ = arrays.cost
    model.col_lower_ = arrays.lower
    model.col_upper_ = arrays.upper
    model.row_lower_ = arrays.rows.lower
    model.row_upper_ = arrays.rows.upper
    model.offset_ = arrays.offset
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = arrays.rows.start
    model.a_matrix_.index_ = arrays.rows.index
    model.a_matrix_.value_ = arrays.rows.value
    if arrays.integer.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        model.integrality_ = [kinds[int(flag)] for flag in arrays.integer]
    return model
