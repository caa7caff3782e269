"""One group with a number of subdistricts as a districting problem, and its three levels."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace

import numpy as np

from planner.programs.districting import Floats
from planner.programs.districts.answer import cutoff_below, rounded
from planner.programs.districts.borders import MOST_COLUMNS, search_program
from planner.programs.districts.objective import Objective
from planner.programs.districts.plan import Plan, totals, value_of
from planner.programs.districts.problem import DistrictProblem
from planner.programs.districts.program import build_program, columns_of
from planner.programs.districts.rounds import Rounds
from planner.programs.districts.separators import Separators
from planner.programs.districts.solve import solve_districts
from planner.programs.subdistricts.problem import SubdistrictProblem
from planner.solving.settings import Settings, SolveStatus, gap_of

ANY_GAP = 0.5
"""Gap within which a plan inside bounds is good enough to show that there is one."""
NARROW_SHARE = 0.25
"""Largest share of the time that is left for one narrower spread."""
MOST_UNKNOWN = 2
"""Spreads in a row of which nothing is found before the search for a smaller one ends."""


@dataclass(frozen=True, eq=False)
class Task:
    """A group with a number of subdistricts; its units are the group's communities in order."""

    problem: DistrictProblem
    """With the bounds of the band."""
    communities: tuple[int, ...]
    seats: tuple[int, ...]
    grain: int
    """People of which every community has a whole multiple."""
    squared: Objective
    border: Objective

    @property
    def target(self) -> float:
        """Mean population of the group's subdistricts."""
        return float(self.problem.weight[0].sum()) / self.problem.number

    def within(self, spread: float) -> DistrictProblem:
        """The problem with no subdistrict farther than `spread` people from the target."""
        lower = max(float(self.problem.lower[0]), math.ceil(self.target - spread - 1e-6))
        upper = min(float(self.problem.upper[0]), math.floor(self.target + spread + 1e-6))
        return replace(self.problem, lower=np.array([lower]), upper=np.array([upper]))

    def spread_of(self, plan: Plan) -> float:
        """Largest distance of a subdistrict from the target, in people."""
        people = totals(self.problem, np.array(plan.part))[0]
        return float(np.abs(people - self.target).max())

    def at_most(self, spread: float) -> float:
        """The largest spread up to `spread` that a population can have; -inf: there is none."""
        above = math.floor((self.target + spread + 1e-6) / self.grain) * self.grain - self.target
        below = self.target - math.ceil((self.target - spread - 1e-6) / self.grain) * self.grain
        return max((s for s in (above, below) if s >= -1e-6), default=-math.inf)

    def beyond(self, spread: float) -> float:
        """The smallest spread above `spread` that a population can have."""
        above = (math.floor((self.target + spread + 1e-6) / self.grain) + 1) * self.grain
        below = (math.ceil((self.target - spread - 1e-6) / self.grain) - 1) * self.grain
        return min(above - self.target, self.target - below)

    @property
    def smallest(self) -> float:
        """Spread that arithmetic allows: not all can be above the target, nor all below it."""
        down = math.floor((self.target + 1e-9) / self.grain) * self.grain
        up = math.ceil((self.target - 1e-9) / self.grain) * self.grain
        return max(self.target - down, up - self.target, 0.0)


@dataclass(frozen=True)
class Found:
    """The best plan of a task (None: none yet), its value, and the bound on all of them."""

    plan: Plan | None
    value: float
    bound: float
    """inf: it is proven that there is no plan."""
    steps: int = 1


NONE = Found(None, math.inf, math.inf)
"""It is proven that there is no plan."""


def task_of(problem: SubdistrictProblem, group: int, count: int) -> Task:
    """The task of a group with `count` subdistricts."""
    own = problem.communities_of(group)
    seats = problem.seats_of(group)
    place = {i: n for n, i in enumerate(own)}
    edges = sorted({
        (min(place[a], place[b]), max(place[a], place[b]))
        for v, near in enumerate(problem.graph.neighbours)
        for w in near
        if (a := problem.owner[v]) in place and (b := problem.owner[w]) in place and a != b
    })  # fmt: skip
    districts = DistrictProblem(
        ids=tuple(problem.communities[i] for i in own),
        weight=np.array([[problem.population[i] for i in own]], float),
        lower=np.array([max(0.0, problem.least)]),
        upper=np.array([float(problem.most)]),
        number=count,
        edges=np.array(edges, np.int64).reshape(-1, 2),
        length=np.ones(len(edges)),
        homes=np.array([place[problem.home[j]] for j in seats], np.int64),
        fixed=tuple(n for n, j in enumerate(seats) if problem.office[j]),
        together=tuple(
            (place[first], place[other])
            for first, *others in problem.together
            if first in place
            for other in others
        ),
    )
    barred = np.array([[(i, j) in problem.barred for j in seats] for i in own], bool)
    pairs = [pair for pair in sorted(problem.cuts) if pair[0] in place and pair[1] in place]
    return Task(
        districts, tuple(own), tuple(seats),
        max(1, math.gcd(*(problem.population[i] for i in own))),
        Objective("squared_distance_to_seat", "person-km2",
                  cost=_cost(problem.squared, own, seats, barred)),
        Objective("border_and_change", "weighted",
                  cost=_cost(problem.moved, own, seats, barred),
                  pairs=np.array([(place[i], place[k]) for i, k in pairs],
                                 np.int64).reshape(-1, 2),
                  price=np.array([problem.cuts[pair] for pair in pairs], float)),
    )  # fmt: skip


def any_plan(task: Task, settings: Settings) -> Found:
    """A rather compact plan within the band; its value is its spread."""
    found = _nearest(task, float(task.problem.weight[0].sum()), _rough(settings))
    if found.plan is None:
        return NONE if found.bound == math.inf else Found(None, math.inf, task.smallest)
    return Found(found.plan, task.spread_of(found.plan), task.smallest)


def least_spread(task: Task, first: Found, settings: Settings) -> Found:
    """Smallest largest distance from the target, in people: bounds narrowed step by step.

    A spread for which it is proven that there is no plan raises the bound; one for which none was
    found in time is passed over.
    """
    if first.plan is None:
        return first
    plan, value, low = first.plan, first.value, first.bound
    passed, steps, unknown = low, 1, 0
    while value - passed > 1e-6 and gap_of(value, low) > settings.tolerance:
        if unknown == MOST_UNKNOWN or settings.seconds_left() <= 0:
            break
        spread = max(passed, task.at_most((passed + value) / 2))
        found = _nearest(task, spread, limited(_rough(settings), NARROW_SHARE))
        steps += 1
        if found.plan is not None:
            plan, value, unknown = found.plan, task.spread_of(found.plan), 0
            continue
        passed = task.beyond(spread)
        if found.bound == math.inf:
            low = passed
        else:
            unknown += 1
    return Found(plan, value, min(low, value), steps)


def nearest_seats(task: Task, spread: float, settings: Settings, start: Plan | None) -> Found:
    """Least squared distance within a spread; the start keeps its place if nothing is better."""
    found = _nearest(task, spread, settings, start)
    if found.plan is None and start is not None:
        return Found(start, value_of(task.squared, start), _least(task.squared))
    return found


def _nearest(task: Task, spread: float, settings: Settings, start: Plan | None = None) -> Found:
    problem = task.within(spread)
    if problem.lower[0] > problem.upper[0]:
        return NONE
    solution = solve_districts(problem, [task.squared], settings, start=start, explain=False)
    if solution.plan is None:
        none = solution.status == SolveStatus.INFEASIBLE
        return NONE if none else Found(None, math.inf, _least(task.squared))
    level = solution.levels[0]
    return Found(solution.plan, level.value, max(level.bound, _least(task.squared)))


def rebordered(task: Task, spread: float, share: float, settings: Settings, start: Plan) -> Plan:
    """Better borders and less change around the seats of a plan.

    Within `share` of its squared distance.
    """
    problem = task.within(spread)
    kept = {0: share * value_of(task.squared, start)}
    levels = (task.squared, task.border)
    found = search_program(problem, levels, kept, Separators(problem), settings, start=start)
    return found.plan or start


def bounded(task: Task, spread: float, budget: float, settings: Settings, value: float) -> Found:
    """Borders and change over all seats: a plan better than `value`, if any, and the bound."""
    problem, least = task.within(spread), _least(task.border)
    if problem.lower[0] > problem.upper[0]:
        return NONE
    if problem.count * len(problem.homes) > MOST_COLUMNS or value <= least:
        return Found(None, math.inf, least)
    levels, separators = (task.squared, task.border), Separators(problem)
    columns = columns_of(problem, levels, separators)
    program = build_program(problem, levels, columns, kept={0: budget})
    cutoff = cutoff_below(task.border, value, settings.tolerance)
    found = Rounds(program, separators, settings).minimise(task.border, 1, cutoff=cutoff)
    bound = rounded(task.border, min(found.bound, cutoff))
    return Found(found.plan, math.inf if found.value is None else found.value, max(bound, least))


def _rough(settings: Settings) -> Settings:
    return replace(settings, tolerance=max(ANY_GAP, settings.tolerance))


def limited(settings: Settings, share: float) -> Settings:
    """The settings with a share of the time that is left."""
    if settings.deadline is None:
        return settings
    return replace(settings, deadline=time.monotonic() + share * settings.seconds_left())


def _cost(values: Floats, rows: list[int], columns: list[int], barred: np.ndarray) -> Floats:
    return np.where(barred, np.inf, values[np.ix_(rows, columns)])


def _least(objective: Objective) -> float:
    """What no plan falls below: every community at its cheapest seat."""
    assert objective.cost is not None
    return float(objective.cost.min(axis=1).sum())
