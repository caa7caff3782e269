"""The child process of `elsewhere`: ``python -m planner.solving.child MODEL ASKED ANSWER``.

One function per solver: read the model, solve, tell every better plan and bound. Values are those
of the file, without the objective's constant.
"""

from __future__ import annotations

import json
import math
import os
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Tell = Callable[[Sequence[float] | None, float | None, bool], None]
"""Best columns (None: none yet), bound (None: none yet), whether it is proven that none exist."""
_HUGE = 1e20


def solve_with_scip(model: Path, asked: dict[str, Any], tell: Tell) -> None:
    """SCIP by its Python interface."""
    import pyscipopt

    better = pyscipopt.scip.PY_SCIP_EVENTTYPE.BESTSOLFOUND

    scip = pyscipopt.Model()
    scip.hideOutput()
    scip.readProblem(str(model))
    columns = {variable.name: variable for variable in scip.getVars()}
    order = [columns[f"c{i}"] for i in range(asked["columns"])]

    def found() -> Sequence[float] | None:
        if not scip.getNSols():
            return None
        best = scip.getBestSol()
        return [scip.getSolVal(best, variable) for variable in order]

    class Improved(pyscipopt.Eventhdlr):  # type: ignore[misc,unused-ignore]
        """Tells each better plan."""

        def eventinit(self) -> None:
            self.model.catchEvent(better, self)

        def eventexit(self) -> None:
            self.model.dropEvent(better, self)

        def eventexec(self, event: object) -> None:
            del event
            tell(found(), _bound(scip.getDualbound()), False)

    scip.includeEventhdlr(Improved(), "improved", "tells each better plan")
    _ask_scip(scip, order, asked)
    scip.optimize()
    status = scip.getStatus()
    if status in ("unbounded", "inforunbd"):
        tell(None, None, False)
        return
    tell(found(), _bound(scip.getDualbound()), status == "infeasible")


def _ask_scip(scip: Any, order: Sequence[Any], asked: dict[str, Any]) -> None:
    """Limits, and the start if there is one."""
    scip.setParam("limits/gap", asked["gap"])
    scip.setParam("limits/absgap", 1e-6)
    scip.setParam("randomization/randomseedshift", asked["seed"])
    scip.setParam("limits/time", _or(asked["seconds"], _HUGE))
    scip.setParam("limits/nodes", _or(asked["nodes"], -1))
    if asked["cutoff"] is not None:
        scip.setObjlimit(asked["cutoff"])
    if asked["start"] is not None:
        start = scip.createPartialSol()
        for variable, value in zip(order, asked["start"], strict=True):
            if value is not None:
                scip.setSolVal(start, variable, value)
        scip.addSol(start)


def solve_with_gurobi(model: Path, asked: dict[str, Any], tell: Tell) -> None:
    """Gurobi by its Python interface; needs its licence."""
    import gurobipy as gp

    with gp.Env(params={"OutputFlag": 0}) as env, gp.read(str(model), env) as program:
        order = [program.getVarByName(f"c{i}") for i in range(asked["columns"])]
        program.Params.MIPGap, program.Params.MIPGapAbs = asked["gap"], 1e-6
        program.Params.TimeLimit = _or(asked["seconds"], math.inf)
        program.Params.NodeLimit = _or(asked["nodes"], math.inf)
        program.Params.Threads, program.Params.Seed = asked["threads"], asked["seed"]
        program.Params.DualReductions = 0  # infeasible and unbounded are told apart
        if asked["cutoff"] is not None:
            program.Params.Cutoff = asked["cutoff"]
        for variable, value in zip(order, asked["start"] or (), strict=False):
            if value is not None:
                variable.Start = value

        def improved(at: Any, where: int) -> None:
            if where == gp.GRB.Callback.MIPSOL:
                bound = _bound(at.cbGet(gp.GRB.Callback.MIPSOL_OBJBND))
                tell(at.cbGetSolution(order), bound, False)

        program.optimize(improved)
        none = program.Status in (gp.GRB.INFEASIBLE, gp.GRB.CUTOFF)
        if program.Status == gp.GRB.UNBOUNDED:
            tell(None, None, False)
            return
        columns = [v.X for v in order] if program.SolCount else None
        if program.IsMIP:
            bound = _bound(program.ObjBound)
        else:
            bound = program.ObjVal if program.Status == gp.GRB.OPTIMAL else None
        tell(columns, bound, none)


def solve_with_cplex(model: Path, asked: dict[str, Any], tell: Tell) -> None:
    """CPLEX by its Python interface; needs its licence."""
    import cplex

    program = cplex.Cplex()
    for silence in (program.set_log_stream, program.set_results_stream,
                    program.set_warning_stream, program.set_error_stream):  # fmt: skip
        silence(None)
    program.read(str(model))
    order = [f"c{i}" for i in range(asked["columns"])]
    limits = program.parameters
    limits.mip.tolerances.mipgap.set(asked["gap"])
    limits.mip.tolerances.absmipgap.set(1e-6)
    limits.threads.set(asked["threads"])
    limits.randomseed.set(asked["seed"])
    limits.preprocessing.reduce.set(1)  # infeasible and unbounded are told apart
    if asked["seconds"] is not None:
        limits.timelimit.set(asked["seconds"])
    if asked["nodes"] is not None:
        limits.mip.limits.nodes.set(asked["nodes"])
    if asked["cutoff"] is not None:
        limits.mip.tolerances.uppercutoff.set(asked["cutoff"])
    whole = program.variables.get_num_integer() + program.variables.get_num_binary() > 0
    if whole:
        at = cplex.callbacks.Context.id.candidate
        program.set_callback(_Candidates(cplex, order, tell), at)
    known = [(n, x) for n, x in zip(order, asked["start"] or (), strict=False) if x is not None]
    if known and whole:
        start = cplex.SparsePair(ind=[name for name, _ in known], val=[x for _, x in known])
        program.MIP_starts.add(start, program.MIP_starts.effort_level.solve_MIP)
    program.solve()
    found, status = program.solution, program.solution.get_status()
    has_plan = found.is_primal_feasible()
    columns = found.get_values(order) if has_plan else None
    if whole:
        bound = _bound(found.MIP.get_best_objective()) if has_plan or _open(status) else None
    else:
        bound = found.get_objective_value() if status == found.status.optimal else None
    none = status in (found.status.infeasible, found.status.MIP_infeasible)
    tell(columns, bound, none)


class _Candidates:
    """Tells each better plan that CPLEX meets."""

    def __init__(self, cplex: Any, order: Sequence[str], tell: Tell) -> None:
        self._cplex, self._order, self._tell = cplex, list(order), tell
        self._best = math.inf

    def invoke(self, context: Any) -> None:
        """Called by CPLEX at each candidate."""
        if context.is_candidate_point() and context.get_candidate_objective() < self._best:
            self._best = context.get_candidate_objective()
            bound = context.get_double_info(self._cplex.callbacks.CallbackInfo.best_bound)
            self._tell(context.get_candidate_point(self._order), _bound(bound), False)


def _open(status: int) -> bool:
    """Whether CPLEX stopped at a limit without a plan, so that it has a bound."""
    return status in (105, 106, 107, 108, 113, 114)


SOLVERS = {"scip": solve_with_scip, "gurobi": solve_with_gurobi, "cplex": solve_with_cplex}


def _bound(value: float) -> float | None:
    return float(value) if abs(value) < _HUGE else None


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def main(model: str, asked: str, answer: str) -> None:
    """Solve as asked; the answer file is replaced in one piece each time."""
    request = json.loads(Path(asked).read_text("utf-8"))
    path = Path(answer)

    def tell(columns: Sequence[float] | None, bound: float | None, infeasible: bool) -> None:
        told = {
            "columns": None if columns is None else list(columns),
            "bound": bound,
            "infeasible": infeasible and columns is None,
        }
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(told), "utf-8")
        draft.replace(path)

    threading.Thread(target=_end_with_parent, daemon=True).start()
    SOLVERS[request["solver"]](Path(model), request, tell)


def _end_with_parent() -> None:
    """The parent holds the other end of stdin: it closes when the parent is gone."""
    os.read(0, 1)  # not by sys.stdin: its lock would hold up the end of the process
    os._exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
