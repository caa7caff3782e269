"""From a facility problem to a plan and its proof: start, prices, fixing, and the exact rest."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from planner.programs.facility.branching import branch
from planner.programs.facility.cuts import Master, relax_rest, solve_rest
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
_FEW_NODES, _NODES = 150, 20_000
"""Nodes of a tree before cuts are tried, and of one that has to do."""
_FEW = 150
"""Sites up to which a tree is tried first: its nodes are cheap then."""
_WIDE = 3e-3
"""Above this gap of the linear program trees are better than cuts: most cuts of a tree are new."""
_DIGITS = 0.01
"""Whole bounds are rounded up if they are above a whole number by more than solvers' digits."""


@dataclass
class Known:
    """What is known so far: the best plan and the bound of all plans."""

    value: float = math.inf
    share: Floats | None = None
    opened: Ints | None = None
    bound: float = -math.inf
    how: list[str] = field(default_factory=list)

    def take(self, problem: FacilityProblem, share: Floats, opened: Ints) -> None:
        """Take in a plan if it is one, and better."""
        value = plan_value(problem, opened, share)
        if value < self.value:
            self.value, self.share, self.opened = value, share, opened

    def raise_to(self, bound: float) -> None:
        """Take in a bound that holds for all plans better than the best."""
        self.bound = max(self.bound, min(bound, self.value))


class _Seen:
    """The best plan among the sites that bounds open."""

    def __init__(self, problem: FacilityProblem) -> None:
        self._problem = problem
        self.value = math.inf
        self.opened: Ints | None = None

    def look(self, opened: Ints) -> None:
        """Keep the sites if they make the best plan so far."""
        if not len(opened):
            return
        value = float(self._problem.cost[:, opened].min(1).sum())
        value += float(self._problem.fixed[opened].sum())
        if value < self.value:
            self.value, self.opened = value, opened


def solve_facility(problem: FacilityProblem, settings: Settings) -> FacilitySolution:
    """Solve a facility problem to the settings' tolerance; whole values are proven exactly.

    A status of INFEASIBLE is proven; under a limit the best plan comes with its true bound.
    """
    known = Known()
    if _impossible(problem):
        known.bound = math.inf
        return _solution(problem, known, settings)
    if problem.capacitated:
        _with_capacities(problem, settings, known)
    else:
        _without_capacities(problem, settings, known)
    return _solution(problem, known, settings)


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
    if math.isinf(known.value):  # nothing to aim at: few sites reach everybody, or none do
        everywhere = np.isfinite(problem.cost)
        must = np.zeros(len(problem.sites), bool)
        _program(problem, settings, known, arcs=everywhere, must=must, gap=None)
        known.how.append("program")
        return
    everything = np.ones(len(problem.sites), bool)
    seen = _Seen(problem)
    priced = ascend(
        problem, settings, value=known.value, steps=_STEPS, allowed=everything,
        target=_target(problem, settings, known.value), look=seen.look,
    )  # fmt: skip
    known.raise_to(_rounded(problem, priced.bound))
    if known.bound < _target(problem, settings, known.value) and seen.opened is not None:
        opened = swap_start(problem, settings, first=seen.opened)
        known.take(problem, nearest(problem, opened), opened)
    _tell(settings, known)
    if known.bound >= _target(problem, settings, known.value) or settings.seconds_left() <= 0:
        known.how.append("swaps, prices")
        return
    known.how.append("swaps, prices")
    may, _ = kept_sites(problem, priced, _better(problem, known))
    few = int(may.sum()) <= _FEW
    for attempt in (_by_branching, _by_cuts) if few else (_by_cuts,):
        attempt(problem, settings, known, priced)
        _tell(settings, known)
        if known.bound >= _target(problem, settings, known.value) or settings.seconds_left() <= 0:
            return


def _by_branching(
    problem: FacilityProblem, settings: Settings, known: Known, priced: Priced,
    nodes: int = _FEW_NODES,
) -> None:  # fmt: skip
    """Branch on the sites left; a tree that does not close soon is left to the cuts."""
    may, must = kept_sites(problem, priced, _better(problem, known))
    tree = branch(
        problem, settings, may=may, must=must, prices=priced.client, bound=priced.bound,
        value=known.value, step=known.value - _target(problem, settings, known.value),
        nodes=nodes,
    )  # fmt: skip
    _take(problem, known, tree.opened)
    known.raise_to(_rounded(problem, tree.bound))
    known.how.append(f"{tree.nodes} nodes over {int(may.sum())} sites")


def _by_cuts(problem: FacilityProblem, settings: Settings, known: Known, priced: Priced) -> None:
    """The linear program by cuts, its rounding, and what is then left to decide."""
    may, must = kept_sites(problem, priced, _better(problem, known))
    master = Master(problem, may, must, settings)
    relaxed = relax_rest(master, priced.client, _target(problem, settings, known.value))
    known.raise_to(_rounded(problem, relaxed.bound))
    if relaxed.open is None or relaxed.reduced is None:
        return
    order = np.argsort(-relaxed.open, kind="stable")
    wanted = int((relaxed.open > 0.5).sum()) if problem.count is None else problem.count
    first = swap_start(problem, settings, first=master.sites[order[: max(1, wanted)]])
    _take(problem, known, first)
    _tell(settings, known)
    if known.bound >= _target(problem, settings, known.value):
        return
    if gap_of(known.value, relaxed.bound) > _WIDE:
        _by_branching(problem, settings, known, priced, _NODES)
        return
    slack = _better(problem, known) - relaxed.bound + 1e-9 * abs(known.value)
    closed = (relaxed.reduced > slack) & (relaxed.open < 0.5)
    master.fix(closed, (-relaxed.reduced > slack) & (relaxed.open > 0.5))
    rest = solve_rest(
        master, value=known.value, step=known.value - _target(problem, settings, known.value),
        polish=lambda sites: swap_start(problem, settings, first=sites),
    )  # fmt: skip
    _take(problem, known, rest.opened)
    known.raise_to(_rounded(problem, rest.bound))
    left = len(master.sites) - int(closed.sum())
    known.how.append(f"cuts over {left} sites in {rest.rounds} rounds")


def _take(problem: FacilityProblem, known: Known, opened: Ints | None) -> None:
    if opened is not None:
        known.take(problem, nearest(problem, opened), opened)


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
        known.raise_to(_rounded(problem, outcome.bound))
    _tell(settings, known)


def _rounded(problem: FacilityProblem, bound: float) -> float:
    """A bound of whole values is whole."""
    return math.ceil(bound - _DIGITS) if problem.whole and math.isfinite(bound) else bound


def _tell(settings: Settings, known: Known) -> None:
    if settings.report:
        settings.report(Progress("facility", 0.0, known.value, known.bound))


def _solution(problem: FacilityProblem, known: Known, settings: Settings) -> FacilitySolution:
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
