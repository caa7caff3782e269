"""HiGHS through its arrays: one session holds a program, takes rows and solves again."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace

import highspy
import numpy as np
import numpy.typing as npt
from scipy.sparse import csc_matrix, csr_matrix

from planner.solving.arrays import Arrays, Floats, Ints, Rows
from planner.solving.settings import Settings
from planner.solving.watched import Watched

_OPTIMAL = highspy.HighsModelStatus.kOptimal
_INFEASIBLE = (
    highspy.HighsModelStatus.kInfeasible,
    highspy.HighsModelStatus.kObjectiveBound,
)
_UNCLEAR = (
    highspy.HighsModelStatus.kUnboundedOrInfeasible,
    highspy.HighsModelStatus.kSolveError,
    highspy.HighsModelStatus.kUnknown,
)
"""What presolve leaves open: solved again without it."""
_HAS_PLAN = 2
_SMALL_ENTRIES = 20_000
"""Matrix entries of a program that is still solved when time is up: HiGHS hardly looks up."""
_NESTED = tuple(f"mip_heuristic_run_{name}" for name in ("rins", "rens", "root_reduced_cost"))
_FEW_NODES = 20
"""Nodes up to which HiGHS solves no programs within the program: they take longer than it."""
_WATCHED_ENTRIES = 2_000
"""Matrix entries from which an integer program is watched: smaller ones end soon."""


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
    nodes: int = 0
    """Nodes of the tree of an integer program."""


class Session:
    """A program inside HiGHS; columns keep the order of the arrays it was made from."""

    def __init__(
        self, arrays: Arrays, settings: Settings, *, restart: bool = True, heuristics: bool = True
    ) -> None:
        """`restart`: whether HiGHS may begin anew once the root has fixed many columns.

        Without `heuristics` it looks for plans only where its tree leads to them.
        """
        self._settings = settings
        self._restart, self._heuristics = restart, heuristics
        self.integer = arrays.integer
        self._watched = Watched(
            seed=settings.seed, restart=restart, heuristics=heuristics, stopped=self._stopped
        )
        self._highs = self._watched.highs
        self._highs.passModel(model_of(arrays))
        self.until = math.inf
        """`time.monotonic()` value at which solves stop, apart from the settings' deadline."""
        self._relaxed = False

    def __getstate__(self) -> tuple[Arrays, int, bool, bool]:
        """The program as it stands; limits of time are for `renew`."""
        return self.arrays(), self._settings.seed, self._restart, self._heuristics

    def __setstate__(self, state: tuple[Arrays, int, bool, bool]) -> None:
        arrays, seed, restart, heuristics = state
        Session.__init__(self, arrays, Settings(seed=seed), restart=restart, heuristics=heuristics)

    def renew(self, settings: Settings) -> None:
        """Go on under other limits of time."""
        self._settings, self.until = settings, math.inf

    def add_rows(self, rows: Rows) -> None:
        """Append rows."""
        if not rows.names:
            return
        self._highs.addRows(
            len(rows.names), rows.lower, rows.upper,
            len(rows.index), rows.start[:-1], rows.index, rows.value,
        )  # fmt: skip

    def drop_rows(self, first: int) -> None:
        """Remove the rows from position `first` on."""
        self.remove_rows(np.arange(first, self.row_count, dtype=np.int32))

    def remove_rows(self, rows: npt.NDArray[np.integer]) -> None:
        """Remove some rows; those behind them move up."""
        if len(rows):
            self._highs.deleteRows(len(rows), rows.astype(np.int32))

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

    def rows(self) -> tuple[csr_matrix, Floats, Floats]:
        """All rows as they stand, and their sides."""
        program = self._highs.getLp()
        held = program.a_matrix_
        parts = (np.array(held.value_), np.array(held.index_), np.array(held.start_))
        shape = (program.num_row_, program.num_col_)
        rowwise = held.format_ == highspy.MatrixFormat.kRowwise
        matrix = csr_matrix(parts, shape) if rowwise else csc_matrix(parts, shape).tocsr()
        return matrix, np.array(program.row_lower_), np.array(program.row_upper_)

    def relax(self, *, cutoff: float = math.inf) -> Outcome:
        """Solve the linear relaxation; the bound is inf if its value is above `cutoff`."""
        if self._too_late(math.inf):
            return Outcome(None, -math.inf, None)
        self._set_integrality(relaxed=True)
        self._highs.setOptionValue("objective_bound", cutoff)
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
        workers: int = 1,
    ) -> Outcome:
        """Solve the integer program from an optional start (nan: free), to a relative `gap`.

        Plans above `cutoff` do not count: the bound is at most that. HiGHS divides the tree among
        `workers`: which plan it finds depends on their number, but not on chance.
        """
        gap = self._settings.tolerance if gap is None else gap
        if self._too_late(seconds):
            return Outcome(None, -math.inf, None)
        if self._settings.solver != "highs":
            return self._optimise_elsewhere(gap, cutoff, seconds, start, nodes)
        self._set_integrality(relaxed=False)
        options = self._highs
        options.setOptionValue("mip_rel_gap", gap)
        options.setOptionValue("mip_abs_gap", 1e-6)
        options.setOptionValue("objective_bound", cutoff)
        options.setOptionValue("mip_max_nodes", 2**31 - 1 if nodes is None else nodes)
        for heuristic in _NESTED:
            options.setOptionValue(heuristic, nodes is None or nodes > _FEW_NODES)
        if start is not None:
            self._set_start(start)
        done = self._run(seconds, workers)
        if done and not self._says_what_it_found():
            self._highs.clearSolver()
            done = self._run(seconds, workers)
        if not done:
            return self._leave_behind(cutoff)
        info = self._highs.getInfo()
        status, count = self._highs.getModelStatus(), max(0, int(info.mip_node_count))
        if status in _INFEASIBLE:
            return Outcome(None, cutoff, None, nodes=count)
        bound = float(info.mip_dual_bound) if self.integer.any() else -math.inf
        if info.primal_solution_status != _HAS_PLAN:
            proven = status == _OPTIMAL
            return Outcome(None, cutoff if proven else min(bound, cutoff), None, nodes=count)
        columns = np.array(self._highs.getSolution().col_value)
        value = self._value(columns)
        if status == _OPTIMAL and not math.isfinite(bound):
            bound = value  # a linear program, or nothing but the plan of before is left by presolve
        return Outcome(
            value, min(bound, value, cutoff), columns, (*self._watched.improving, columns),
            nodes=count,
        )  # fmt: skip

    def _optimise_elsewhere(
        self, gap: float, cutoff: float, seconds: float, start: Floats | None, nodes: int | None
    ) -> Outcome:
        from planner.solving.cbc import optimise_with_cbc  # they read our Outcome
        from planner.solving.elsewhere import optimise_in_child

        left = self._left(seconds)
        deadline = None if left == math.inf else time.monotonic() + left
        settings = replace(self._settings, tolerance=gap, deadline=deadline)
        if settings.solver != "cbc":
            return optimise_in_child(
                self.arrays(), settings, start=start, cutoff=cutoff, nodes=nodes
            )
        found = optimise_with_cbc(self.arrays(), settings)
        if found.columns is None:
            return Outcome(None, min(found.bound, cutoff), None)
        return replace(found, bound=min(found.bound, cutoff), improving=(found.columns,))

    def arrays(self) -> Arrays:
        """The program as it stands; generated names."""
        program = self._highs.getLp()
        matrix, lower, upper = self.rows()
        matrix.sort_indices()
        names = tuple(f"r{i}" for i in range(len(lower)))
        rows = Rows(
            names, lower, upper, matrix.indptr.astype(np.int32),
            matrix.indices.astype(np.int32), np.asarray(matrix.data, float),
        )  # fmt: skip
        return Arrays(
            names=tuple(f"c{i}" for i in range(program.num_col_)),
            cost=np.array(program.col_cost_),
            offset=float(program.offset_),
            lower=np.array(program.col_lower_),
            upper=np.array(program.col_upper_),
            integer=self.integer,
            rows=rows,
        )

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

    def _left(self, seconds: float) -> float:
        """Seconds that a solve may take."""
        return min(seconds, self._settings.seconds_left(), self.until - time.monotonic())

    def _too_late(self, seconds: float) -> bool:
        """Whether time is up for a program of this size: its presolve alone would take long."""
        return self._left(seconds) <= 0 and self._highs.getNumNz() > _SMALL_ENTRIES

    def _run(self, seconds: float, workers: int = 1) -> bool:
        """Solve; False if HiGHS did not look up when time was up, and is to be left behind."""
        # HiGHS times a linear program over all solves of a session, an integer one by itself
        integer = bool(self.integer.any()) and not self._relaxed
        spent = 0.0 if integer else self._highs.getRunTime()
        self._highs.setOptionValue("time_limit", spent + max(self._left(seconds), 0.01))
        self._watched.forget()
        watched = integer and self._highs.getNumNz() > _WATCHED_ENTRIES
        # what is not watched runs in a thread that has its one worker already
        self._watched.share_among(workers if watched else 1)
        if not self._solve(watched):
            return False
        if self._highs.getModelStatus() not in _UNCLEAR:
            return True
        self._highs.setOptionValue("presolve", "off")
        done = self._solve(watched)
        if done:
            self._highs.setOptionValue("presolve", "choose")
        return done

    def _solve(self, watched: bool) -> bool:
        """Let HiGHS solve, watched or not; False if it is to be left behind."""
        if watched:
            return self._watched.run(self._settings.seconds_left)
        self._highs.run()
        return True

    def _leave_behind(self, cutoff: float) -> Outcome:
        """What HiGHS told until it was left behind; the session goes on with a copy."""
        told = self._watched
        self._watched = told.copy()
        self._highs = self._watched.highs
        if not told.improving:
            return Outcome(None, min(told.bound, cutoff), None)
        columns = told.improving[-1]
        value = self._value(columns)
        return Outcome(value, min(told.bound, value, cutoff), columns, tuple(told.improving))

    def _stopped(self) -> bool:
        return self._settings.stop.is_set()

    def _says_what_it_found(self) -> bool:
        """Whether the columns have the value told: HiGHS 1.16.0 may return the start instead."""
        if self._highs.getInfo().primal_solution_status != _HAS_PLAN:
            return True
        told = self._highs.getObjectiveValue()
        found = self._value(np.array(self._highs.getSolution().col_value))
        return abs(found - told) <= 1e-6 * max(1.0, abs(told))

    def _value(self, columns: Floats) -> float:
        program = self._highs.getLp()
        return float(np.array(program.col_cost_) @ columns + program.offset_)


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
