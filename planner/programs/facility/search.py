"""From a facility problem to a plan and its proof: start, prices, fixing, and the exact rest."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from planner.programs.facility.cuts import solve_rest
from planner.programs.facility.prices import Priced, ascend, kept_arcs, kept_sites
from planner.programs.facility.problem import (
    Bools,
    FacilityProblem,
    FacilitySolution,
    Floats,
    Ints,
    plan_value,
)
from planner.programs.facility.program import build_facility
from planner.programs.facility.starts import nearest, swap_start
from planner.solving.arrays import arrays_of
from planner.solving.highs import Session
from planner.solving.settings import Progress, Settings, SolveStatus, gap_of, status_of

_SMALL = 6000
"""Arcs up to which the whole program goes to the solver at once, where there are capacities."""
_STEPS = 400
_EXACT_STEPS = 150
_KERNEL = 3
"""The first plan is sought among so many times the sites that the bound opens."""
_NEAR = 12
"""… and, for each client, among so many of the arcs with the least reduced cost."""
_KERNEL_GAP = 2e-3
_DIGITS = 0.01
"""Whole bounds are rounded up if they are above a whole number by more than solvers' digits."""


@dataclass
class Known:
    """What is known so far: the best plan and the bound of all plans."""

    value: float
    share: Floats | None
    bound: float
    how: list[str]

    def take(self, problem: FacilityProblem, share: Floats, opened: Ints) -> None:
        """Take in a plan if it is one, and better."""
        value = plan_value(problem, opened, share)
        if value < self.value:
            self.value, self.share, self.opened = value, share, opened

    opened: Ints | None = None

    def raise_to(self, bound: float) -> None:
        """Take in a bound that holds for all plans better than the best."""
        self.bound = max(self.bound, min(bound, self.value))


def solve_facility(problem: FacilityProblem, settings: Settings) -> FacilitySolution:
    """Solve a facility problem to the settings' tolerance; whole values are proven exactly.

    A status of INFEASIBLE is proven; under a limit the best plan comes with its true bound.
    """
    known = Known(math.inf, None, -math.inf, [])
    if _impossible(problem):
        return _solution(problem, replace_bound(known, math.inf), settings)
    if problem.capacitated:
        _with_capacities(problem, settings, known)
    else:
        _without_capacities(problem, settings, known)
    return _solution(problem, known, settings)


def replace_bound(known: Known, bound: float) -> Known:
    """The same with another bound."""
    known.bound = bound
    return known


def _impossible(problem: FacilityProblem) -> bool:
    """Whether no choice of sites can do, seen without search."""
    if problem.count is None:
        room = float(problem.capacity.sum())
    elif problem.count > len(problem.sites):
        return True
    else:
        room = float(np.sort(problem.capacity)[::-1][: problem.count].sum())
    return room < float(problem.demand.sum()) * (1 - 1e-12)


def _target(problem: FacilityProblem, settings: Settings, value: float) -> float:
    """The bound that proves a value."""
    if math.isinf(value):
        return math.inf
    if problem.whole:
        return value - 1 + 2 * _DIGITS
    return value - 0.5 * settings.tolerance * abs(value)


def _better(problem: FacilityProblem, known: Known) -> float:
    """The most that a better plan costs."""
    return known.value - 1 if problem.whole else known.value


def _without_capacities(problem: FacilityProblem, settings: Settings, known: Known) -> None:
    opened = swap_start(problem, settings)
    known.take(problem, nearest(problem, opened), opened)
    _tell(settings, known)
    aim = known.value
    if math.isinf(aim):  # the start serves nobody along some arc: any finite plan will do
        aim = float(np.where(np.isfinite(problem.cost), problem.cost, 0.0).max(1).sum())
        aim += float(problem.fixed.sum())
    everything = np.ones(len(problem.sites), bool)
    priced = ascend(
        problem, settings, value=aim, target=_target(problem, settings, known.value),
        steps=_STEPS, allowed=everything,
    )  # fmt: skip
    known.raise_to(_rounded(problem, priced.bound))
    _tell(settings, known)
    if known.bound >= _target(problem, settings, known.value) or settings.seconds_left() <= 0:
        known.how.append("swaps, prices")
        return
    may, must = kept_sites(problem, priced, _better(problem, known))
    rest = solve_rest(
        problem, settings, may=may, must=must, prices=priced.client, value=known.value,
        target=_target(problem, settings, known.value),
    )  # fmt: skip
    if rest.opened is not None:
        known.take(problem, nearest(problem, rest.opened), rest.opened)
    known.bound = max(known.bound, _rounded(problem, rest.bound))
    known.how.append(f"swaps, prices, cuts over {int(may.sum())} sites in {rest.rounds} rounds")


def _with_capacities(problem: FacilityProblem, settings: Settings, known: Known) -> None:
    arcs = np.isfinite(problem.cost)
    must = np.zeros(len(problem.sites), bool)
    if int(arcs.sum()) > _SMALL:
        priced = _priced(problem, settings, known)
        may, must = kept_sites(problem, priced, _better(problem, known))
        arcs = kept_arcs(problem, priced, _better(problem, known)) & may[None, :]
        known.how.append(f"prices, {int(may.sum())} sites and {int(arcs.sum())} arcs left")
    if known.bound < _target(problem, settings, known.value) and settings.seconds_left() > 0:
        _program(problem, settings, known, arcs=arcs, must=must, gap=None)
        known.how.append("program")


def _priced(problem: FacilityProblem, settings: Settings, known: Known) -> Priced:
    """Prices and a first plan, one after the other: each makes the other better."""
    allowed = np.ones(len(problem.sites), bool)
    aim = float(np.where(np.isfinite(problem.cost), problem.cost, 0.0).min(1).sum())
    aim = 1.3 * aim + float(problem.fixed.mean())
    priced = ascend(
        problem, settings, value=aim, target=math.inf, steps=_STEPS, allowed=allowed
    )  # fmt: skip
    known.raise_to(_rounded(problem, priced.bound))
    _program(
        problem, settings, known, arcs=_kernel(problem, priced),
        must=np.zeros(len(allowed), bool), gap=_KERNEL_GAP,
    )  # fmt: skip
    if math.isinf(known.value):
        return priced
    for exact, steps in ((False, _STEPS), (True, _EXACT_STEPS)):
        if exact and problem.split:
            break
        allowed, _ = kept_sites(problem, priced, _better(problem, known))
        priced = ascend(
            problem, settings, value=known.value, steps=steps, allowed=allowed, start=priced,
            target=_target(problem, settings, known.value), exact=exact,
        )  # fmt: skip
        known.raise_to(_rounded(problem, priced.bound))
        _tell(settings, known)
    return priced


def _kernel(problem: FacilityProblem, priced: Priced) -> Bools:
    """The arcs among which the first plan is sought."""
    wanted = _KERNEL * max(1, int(priced.chosen.sum()))
    sites = np.argsort(priced.site)[:wanted]
    arcs = np.zeros(problem.cost.shape, bool)
    near = np.argsort(problem.cost[:, sites], axis=1)[:, :_NEAR]
    arcs[np.arange(len(near))[:, None], sites[near]] = True
    return arcs & np.isfinite(problem.cost)


def _program(
    problem: FacilityProblem,
    settings: Settings,
    known: Known,
    *,
    arcs: Bools,
    must: Bools,
    gap: float | None,
) -> None:
    """The exact program over some arcs; with a `gap` it only looks for a plan."""
    if not arcs.any(1).all():
        if gap is None:
            known.raise_to(known.value)
        return
    program = build_facility(problem, arcs=arcs, must=must)
    arrays = arrays_of(program.problem)
    session = Session(arrays, settings)
    exact = 1e-9 if problem.whole else 0.5 * settings.tolerance
    cutoff = _target(problem, settings, known.value)
    outcome = session.optimise(gap=exact if gap is None else gap, cutoff=cutoff)
    position = arrays.position
    x = np.array([position[v.name] for v in program.x])
    for columns in outcome.improving:
        share = np.zeros(problem.cost.shape)
        share[program.client, program.site] = columns[x]
        if not problem.split:
            share = np.round(share)
        opened = np.array([j for j, y in program.y.items() if columns[position[y.name]] > 0.5])
        known.take(problem, share, opened)
    if gap is None:
        known.bound = max(known.bound, min(_rounded(problem, outcome.bound), known.value))
    _tell(settings, known)


def _rounded(problem: FacilityProblem, bound: float) -> float:
    """A bound of whole values is whole."""
    return math.ceil(bound - _DIGITS) if problem.whole and math.isfinite(bound) else bound


def _tell(settings: Settings, known: Known) -> None:
    if settings.report:
        settings.report(Progress("facility", 0.0, known.value, known.bound))


def _solution(
    problem: FacilityProblem, known: Known, settings: Settings
) -> FacilitySolution:
    value = known.value if known.share is not None else None
    bound = known.bound if value is None else min(known.bound, value)
    served = {}
    if known.share is not None:
        for i, row in enumerate(known.share):
            served[problem.clients[i]] = {
                problem.sites[j]: float(row[j]) for j in np.flatnonzero(row > 1e-9).tolist()
            }
    opened = () if known.opened is None else tuple(problem.sites[j] for j in np.sort(known.opened))
    status = status_of(value, bound, settings.tolerance)
    if problem.whole and value is not None and bound < value - 1e-6:
        status = SolveStatus.FEASIBLE
    return FacilitySolution(
        status, value, bound, gap_of(value, bound), opened, served, "; ".join(known.how)
    )


__all__ = ["solve_facility"]
