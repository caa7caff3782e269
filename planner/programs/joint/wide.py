"""Places and districts of a whole city together: a plan and its bound, the halves taking turns.

Each half is first decided alone, with a bound; as nobody crosses at less than nothing, the sum of
the two bounds every joint plan, and the two plans are the sequential one, which the search starts
from. Both are then annealed together, and in turn the places are searched again with what crossing
costs on their arcs, the districts with what it costs on the pairs of home and school. Nothing but
a better joint value is ever kept.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace

from planner.programs.districts.plan import Plan as DistrictPlan
from planner.programs.districts.shifting import shifted
from planner.programs.districts.solve import solve_districts
from planner.programs.joint.annealing import annealed_together
from planner.programs.joint.wide_problem import WidePlan, WideProblem, wide_plan
from planner.programs.priced.layout import layout_of
from planner.programs.priced.plan import Plan as PlacesPlan
from planner.programs.priced.plan import plan_of
from planner.programs.priced.search import PricedSearch, search_layout
from planner.programs.priced.start import Relaxed
from planner.solving.settings import Progress, Settings, SolveStatus, gap_of, status_of

_PLACES_SHARE, _DISTRICTS_SHARE = 0.35, 0.1
"""Shares of the time in which each half is decided alone."""
_AGAIN_SHARE = 0.12
"""Share of the time that one search of the places takes, crossing counted."""
_HOT, _WARM, _COLD = 1.0, 0.3, 0.02
"""Temperatures in mean costs of a home and service: first, later on, and last. The warm ones count
what it costs if all of them cross."""
_SWEEPS = 400
_VAIN = 3
"""Turns in a row without a gain that end the search of a small problem."""


@dataclass(frozen=True)
class Step:
    """Where the search stood: seconds since its start, what had just been done, and the plan."""

    seconds: float
    what: str
    plan: WidePlan


@dataclass(frozen=True)
class WideSolution:
    """The joint plan (None: a half has none) and what is proven, in pupil-kilometres."""

    status: SolveStatus
    plan: WidePlan | None
    sequential: WidePlan | None
    """The halves decided one by one, each without the other."""
    places_bound: float
    districts_bound: float
    steps: tuple[Step, ...]

    @property
    def bound(self) -> float:
        """No joint plan is below; inf: there is none."""
        return _sum(self.places_bound, self.districts_bound)

    @property
    def gap(self) -> float:
        """Relative gap of the joint value."""
        return gap_of(None if self.plan is None else self.plan.value, self.bound)


def solve_wide(problem: WideProblem, settings: Settings) -> WideSolution:
    """Least ways, overflow, crossings and boundaries together, to the tolerance or the deadline.

    Raises ValueError for a price of overflow that is not positive, or a unit that may go nowhere.
    """
    return WideSearch(problem, settings).run()


class WideSearch:
    """Plan and bounds of one search; `run` decides the halves and then both together."""

    def __init__(self, problem: WideProblem, settings: Settings) -> None:
        self._problem, self._settings = problem, settings
        self._layout = layout_of(problem.location, problem.overflow_km)
        self._began, self._whole = time.monotonic(), settings.seconds_left()
        self._places_bound = self._districts_bound = -math.inf
        self._prices: Relaxed | None = None
        self._plan: WidePlan | None = None
        self._steps: list[Step] = []

    def run(self) -> WideSolution:
        """Search until the tolerance is met or time is up."""
        sequential = self.sequential()
        if sequential is not None:
            self.improve(sequential)
        return self._solution(sequential)

    def sequential(self) -> WidePlan | None:
        """Both halves, each decided without the other."""
        places, districts = self._places_alone(), self._districts_alone()
        if places is None or districts is None:
            return None
        return self._put_together(places, districts)

    def improve(self, start: WidePlan) -> WidePlan:
        """The best plan from one that keeps all rules; in a small problem until turns are in vain.

        Each turn anneals both halves and then searches each again.
        """
        self._take("one by one", start)
        clients = max(1, self._layout.clients)
        cold = _COLD * start.places.value / clients
        crossing = self._problem.crossing_km * float(self._problem.location.pupils.sum())
        heat = (start.places.value + crossing) / clients
        turn = vain = 0
        while not self._done() and (vain < _VAIN or not self._layout.small):
            plan = self._best
            hot = (_HOT if turn == 0 else _WARM) * heat
            self._take("districts", self._districts_again(turn, hot, cold))
            if cold > 0:
                self._take("annealed", annealed_together(
                    self._problem, self._layout, self._best, seed=self._settings.seed + turn,
                    hot=hot, cold=cold, sweeps=_SWEEPS, until=self._deadline(1.0),
                ))  # fmt: skip
            self._take("places", self._places_again())
            vain = vain + 1 if self._best is plan else 0
            turn += 1
        return self._best

    @property
    def _best(self) -> WidePlan:
        assert self._plan is not None
        return self._plan

    def _places_alone(self) -> PlacesPlan | None:
        search = PricedSearch(self._layout, self._limited(_PLACES_SHARE))
        solution = search.run()
        self._places_bound, self._prices = solution.bound, search.prices
        return search.plan

    def _districts_alone(self) -> DistrictPlan | None:
        problem, settings = self._problem, self._limited(_DISTRICTS_SHARE)
        solution = solve_districts(problem.districts, [problem.apart], settings, explain=False)
        if solution.plan is None:
            none = solution.status == SolveStatus.INFEASIBLE
            self._districts_bound = math.inf if none else -math.inf
            return None
        self._districts_bound = solution.levels[0].bound
        return solution.plan

    def _districts_again(self, turn: int, hot: float, cold: float) -> WidePlan:
        """The districts that suit the places of now."""
        plan, problem = self._best, self._problem
        if cold <= 0:
            return plan
        found = shifted(
            problem.districts, problem.objective(self._layout, plan.places.arc), plan.districts,
            seed=self._settings.seed + turn, hot=hot, cold=cold, until=self._deadline(1.0),
        )  # fmt: skip
        return self._put_together(plan.places, found)

    def _places_again(self) -> WidePlan:
        """The places that suit the districts of now: those who cross have a longer way."""
        plan, problem = self._best, self._problem
        coupled = layout_of(problem.coupled(plan.districts.part), problem.overflow_km)
        start = plan_of(coupled, plan.places.arc, plan.places.option)
        found = search_layout(
            coupled, self._limited(_AGAIN_SHARE), start=start, prices=self._prices
        )
        return self._put_together(found, plan.districts)

    def _put_together(self, places: PlacesPlan, districts: DistrictPlan) -> WidePlan:
        return wide_plan(self._problem, self._layout, places, districts)

    def _take(self, what: str, plan: WidePlan) -> None:
        """Keep a plan if it is better, and tell."""
        if self._plan is None or plan.value < self._plan.value - 1e-9 * abs(self._plan.value):
            self._plan = plan
        seconds = time.monotonic() - self._began
        self._steps.append(Step(seconds, what, self._best))
        if self._settings.report is not None:
            bound = self._bound()
            self._settings.report(Progress("joint", seconds, self._best.value, bound))

    def _done(self) -> bool:
        met = gap_of(self._best.value, self._bound())
        return met <= self._settings.tolerance or self._settings.seconds_left() <= 0

    def _limited(self, share: float) -> Settings:
        """The settings with a share of the whole time."""
        until = self._deadline(share)
        return replace(self._settings, deadline=until if until < math.inf else None, report=None)

    def _deadline(self, share: float) -> float:
        """When a share of the whole time from now on is over, or all of it."""
        end = math.inf if self._settings.deadline is None else self._settings.deadline
        return min(end, time.monotonic() + share * self._whole)

    def _bound(self) -> float:
        return _sum(self._places_bound, self._districts_bound)

    def _solution(self, sequential: WidePlan | None) -> WideSolution:
        bound, plan = self._bound(), self._plan
        status = status_of(None if plan is None else plan.value, bound, self._settings.tolerance)
        return WideSolution(
            status, plan, sequential, self._places_bound, self._districts_bound,
            tuple(self._steps),
        )  # fmt: skip


def _sum(one: float, other: float) -> float:
    """Sum of two bounds; inf as soon as one half has no plan."""
    return math.inf if math.inf in (one, other) else one + other
