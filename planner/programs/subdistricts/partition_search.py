"""Ranked levels over the list of all parts: thresholds for the largest deviation, then costs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.programs.districting import Floats
from planner.programs.subdistricts.partition_program import PartitionProgram, build_partition
from planner.programs.subdistricts.parts import Part, Window, list_parts
from planner.programs.subdistricts.problem import SubdistrictProblem
from planner.solving.arrays import arrays_of
from planner.solving.door import solve
from planner.solving.highs import Session
from planner.solving.ranked import LevelResult, Objective, RankedSolution, solve_ranked
from planner.solving.settings import Settings, SolveStatus, gap_of, status_of

FIRST_WINDOW = 0.001
"""Deviation within which parts are listed first."""
WIDER = 2.0
"""Factor by which the window widens until a plan is found."""
ANY_GAP = 0.5
"""Gap within which a plan inside a window is good enough to show that there is one."""
CORE = 1000
"""Parts of least reduced cost among which a plan is looked for first."""
MANY = 12_000
"""Parts beyond which the linear relaxation is asked first."""


@dataclass(frozen=True)
class Chosen:
    """The parts chosen, what is proven of the largest deviation, and how long it took."""

    status: SolveStatus
    parts: tuple[Part, ...]
    deviation: float
    bound: float
    seconds: float


@dataclass(frozen=True)
class Relaxed:
    """A linear relaxation: its value (inf: infeasible) and the reduced cost of each part."""

    value: float
    reduced: Floats

    def core(self, parts: Sequence[Part]) -> list[Part]:
        """The parts of least reduced cost, in their order."""
        order = np.argsort(self.reduced, kind="stable")[:CORE]
        return [parts[c] for c in sorted(order.tolist())]


def least_deviation(
    problem: SubdistrictProblem,
    settings: Settings,
    *,
    banded: bool = True,
    skip: frozenset[str] = frozenset(),
) -> Chosen:
    """Smallest largest deviation: the narrowest window of parts that holds a plan.

    A window without a plan proves a bound: every plan has a part outside it. Raises
    TooManyPartsError.
    """
    began = time.monotonic()
    window, listed, low = FIRST_WINDOW, -1, 0.0
    status = SolveStatus.INFEASIBLE
    found: tuple[Part, ...] = ()
    parts: list[Part] = []
    while not found:
        window = min(window, problem.number)
        parts = list_parts(problem, Window(window, banded=banded), skip=skip)
        if len(parts) > listed:
            status, found = _any_plan(problem, parts, settings, skip=skip)
        if status == SolveStatus.NO_SOLUTION_IN_TIME or (not found and window >= problem.number):
            return Chosen(status, (), np.inf, low, time.monotonic() - began)
        if not found:
            listed, low, window = len(parts), window, window * WIDER
    best, low = _narrow(problem, parts, found, low, settings, skip=skip)
    value = _largest(best)
    return Chosen(
        status_of(value, low, settings.tolerance), best, value, low, time.monotonic() - began
    )


def rank_parts(
    problem: SubdistrictProblem,
    first: Chosen,
    objectives: tuple[float, float],
    settings: Settings,
    *,
    skip: frozenset[str] = frozenset(),
) -> tuple[RankedSolution, tuple[Part, ...]]:
    """The levels below the deviation; `objectives` are its slack and the share for compactness."""
    slack, compactness = objectives
    allowed = first.deviation + slack
    level = LevelResult(
        "population_deviation", "fraction of the mean of all subdistricts", first.deviation,
        first.bound, gap_of(first.deviation, first.bound), allowed, first.seconds,
    )  # fmt: skip
    parts: Sequence[Part] = list_parts(problem, Window(allowed), skip=skip)
    if len(parts) > CORE and settings.solver == "highs":
        parts = _compact(problem, parts, first.parts, 1 + compactness, settings, skip=skip)
    program = build_partition(problem, parts, skip=skip)
    rest = solve_ranked(
        program.problem,
        [
            Objective("squared_distance_to_seat", "person-km2", program.squared_distance,
                      lambda value: (1 + compactness) * value),
            Objective("border_and_change", "weighted", program.border_and_change),
        ],
        settings,
        start=_start(problem, program, first.parts),
    )  # fmt: skip
    both = (status_of(first.deviation, first.bound, settings.tolerance), rest.status)
    status = SolveStatus.OPTIMAL if both == (SolveStatus.OPTIMAL,) * 2 else SolveStatus.FEASIBLE
    ranked = RankedSolution(status, (level, *rest.levels), rest.values)
    return ranked, _selected(program, rest.values)


def _narrow(
    problem: SubdistrictProblem,
    parts: Sequence[Part],
    best: tuple[Part, ...],
    low: float,
    settings: Settings,
    *,
    skip: frozenset[str],
) -> tuple[tuple[Part, ...], float]:
    """Bisect the deviations that occur: the best plan, and the bound that is proven."""
    while True:
        value = _largest(best)
        between = sorted({part.deviation for part in parts if low < part.deviation < value})
        if not between:
            return best, value
        if gap_of(value, between[0]) <= settings.tolerance:
            return best, between[0]
        middle = between[len(between) // 2]
        inside = [part for part in parts if part.deviation <= middle]
        status, found = _any_plan(problem, inside, settings, skip=skip)
        if status == SolveStatus.NO_SOLUTION_IN_TIME:
            return best, between[0]
        if found:
            best = found
        else:
            low = middle


def _any_plan(
    problem: SubdistrictProblem,
    parts: Sequence[Part],
    settings: Settings,
    *,
    skip: frozenset[str],
) -> tuple[SolveStatus, tuple[Part, ...]]:
    """Some plan made of `parts`, a rather compact one; none if there is none."""
    rough = replace(settings, tolerance=ANY_GAP)
    if len(parts) > MANY and settings.solver == "highs":
        relaxed = _relax(problem, parts, settings, skip=skip)
        if relaxed.value == np.inf:
            return SolveStatus.INFEASIBLE, ()
        status, found, _ = _best(problem, relaxed.core(parts), (), rough, skip=skip)
        if found:
            return status, found
    return _best(problem, parts, (), rough, skip=skip)[:2]


def _compact(
    problem: SubdistrictProblem,
    parts: Sequence[Part],
    chosen: Sequence[Part],
    share: float,
    settings: Settings,
    *,
    skip: frozenset[str],
) -> Sequence[Part]:
    """Parts that a plan within `share` of the best squared distance can hold.

    With relaxation value L and reduced cost r, a plan that holds part c costs at least L + r[c].
    """
    relaxed = _relax(problem, parts, settings, skip=skip)
    kept = set(chosen)
    core = {*relaxed.core(parts), *kept}
    small = [part for part in parts if part in core]
    _, found, value = _best(problem, small, chosen, settings, skip=skip)
    if not found or not np.isfinite(relaxed.value):
        return parts
    least = relaxed.value + relaxed.reduced
    most = share * value * (1 + 1e-6)
    return [part for c, part in enumerate(parts) if part in kept or least[c] <= most]


def _relax(
    problem: SubdistrictProblem,
    parts: Sequence[Part],
    settings: Settings,
    *,
    skip: frozenset[str],
) -> Relaxed:
    """Linear relaxation of the least squared distance."""
    program = build_partition(problem, parts, skip=skip)
    program.problem.setObjective(program.squared_distance)
    arrays = arrays_of(program.problem)
    outcome = Session(arrays, settings).relax()
    if outcome.objective is None or outcome.reduced is None:
        return Relaxed(outcome.bound, np.zeros(len(parts)))
    position = arrays.position
    return Relaxed(outcome.objective, outcome.reduced[[position[u.name] for u in program.u]])


def _best(
    problem: SubdistrictProblem,
    parts: Sequence[Part],
    chosen: Sequence[Part],
    settings: Settings,
    *,
    skip: frozenset[str],
) -> tuple[SolveStatus, tuple[Part, ...], float]:
    """The plan of least squared distance among `parts`, from the plan `chosen`, if any."""
    program = build_partition(problem, parts, skip=skip)
    if not all(program.covering):
        return SolveStatus.INFEASIBLE, (), np.inf
    program.problem.setObjective(program.squared_distance)
    start = _start(problem, program, chosen) if chosen else None
    solution = solve(program.problem, settings, start=start)
    if solution.objective is None:
        return solution.status, (), np.inf
    return solution.status, _selected(program, solution.values), solution.objective


def _start(
    problem: SubdistrictProblem, program: PartitionProgram, chosen: Sequence[Part]
) -> dict[str, float]:
    kept = set(chosen)
    counts = {(problem.group[problem.home[part.seat]], part.count) for part in chosen}
    start = {u.name: float(program.parts[c] in kept) for c, u in enumerate(program.u)}
    return start | {q.name: float(key in counts) for key, q in program.q.items()}


def _selected(program: PartitionProgram, values: dict[str, float]) -> tuple[Part, ...]:
    return tuple(program.parts[c] for c, u in enumerate(program.u) if values[u.name] > 0.5)


def _largest(parts: Sequence[Part]) -> float:
    return max(part.deviation for part in parts)
