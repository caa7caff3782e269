"""Least cost to the seats at city size: centred seats, a Lagrangian bound, exact neighbourhoods.

With two threads the bound rises in one of them for as long as the plan gets better in the other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from threading import Event

import numpy as np

from planner.programs.districts.answer import Answer, rounded
from planner.programs.districts.bundle import Bundle
from planner.programs.districts.centring import Centred, centred, gathered, settled, shaken
from planner.programs.districts.mending import mended
from planner.programs.districts.near_knapsacks import NearKnapsacks
from planner.programs.districts.neighbourhoods import Sizes, improved
from planner.programs.districts.objective import Objective
from planner.programs.districts.plan import Plan, faults_of, value_of, with_best_seats
from planner.programs.districts.problem import DistrictProblem
from planner.programs.districts.program import columns_of
from planner.programs.districts.recentring import recentred
from planner.programs.districts.seats import SeatSearch
from planner.programs.districts.separators import Separators
from planner.solving.settings import Settings

STARTS, FIRST_PATIENCE = 2, 8
"""Random sets of seats to begin with, and swaps without a gain before the next one."""
PATIENCE, ROUGH_PATIENCE = 60, 5
"""Swaps of seats without a gain before they are settled, and starts from the bound's seats."""
CENTRING_SHARE, CENTRING_SECONDS = 0.12, 20.0
"""Time for centring from each kind of start: a share of what is left, and a limit."""
ROUGH_NODES = 30
BOUND_SHARE, BOUND_STEPS = 0.3, 5000
"""The bound where it has no thread of its own: largest share of the time left, and steps."""
CLOSE = Sizes(parts=(5,), units=300, patience=40, tolerance=3e-4)
WIDE = Sizes(parts=(13, 20), units=800, patience=40, seconds=15.0, tolerance=3e-4)
"""Parts cut anew around seats that move among them: a few first, to mend the mended plan."""
SHAKES = 2.0
"""Swaps of seats without a gain before they are settled, by part."""


def search_large(
    problem: DistrictProblem, objective: Objective, separators: Separators, settings: Settings,
    start: Plan | None = None, *, patience: int = PATIENCE,
) -> Answer:  # fmt: skip
    """A good plan and a bound; the time that is left goes into neighbourhoods.

    Seats are settled after `patience` swaps without a gain. With a thread for the bound, when the
    search stops (not which plans it meets) depends on how fast that thread is.
    """
    assert objective.cost is not None
    allowed = columns_of(problem, [objective], separators).allowed
    reachable = replace(objective, cost=np.where(allowed, objective.cost, np.inf))
    bounding = _bounding(problem, reachable)
    with _beside(bounding, settings):
        plan = _first(problem, reachable, bounding, settings, start, patience)
        bounds = partial(_bound, bounding, reachable)
        if plan is not None:
            plan = _improved(problem, reachable, plan, settings, bounds)
    how = "seats centred by transport, Lagrangian bound"
    if plan is None:
        return Answer(None, None, bounds(), how)
    how += ", neighbouring parts cut anew"
    value = value_of(objective, plan)
    return Answer(plan, value, min(bounds(), value), how)


def _improved(
    problem: DistrictProblem,
    objective: Objective,
    plan: Plan,
    settings: Settings,
    bound: Callable[[], float],
) -> Plan:
    """A plan made better: around seats that stay near, around seats that swap, and exactly."""
    chance = np.random.default_rng(settings.seed)
    for sizes, shakes in ((CLOSE, 0.0), (WIDE, SHAKES)):
        recut = partial(recentred, chance=chance, shakes=shakes)
        plan = improved(problem, [objective], plan, recut, settings, bound=bound, sizes=sizes)
    return improved(problem, [objective], plan, recut_seats, settings, bound=bound)


def _first(
    problem: DistrictProblem,
    objective: Objective,
    bounding: Bundle,
    settings: Settings,
    start: Plan | None,
    patience: int,
) -> Plan | None:
    """A plan around centred seats, random ones or those that the bound opens, or the one given."""
    cost = objective.cost
    assert cost is not None
    chance = np.random.default_rng(settings.seed)

    def limit() -> float:
        return time.monotonic() + min(CENTRING_SHARE * settings.seconds_left(), CENTRING_SECONDS)

    few = min(FIRST_PATIENCE, patience)
    centre = settled(problem, cost, chance, starts=STARTS, patience=few, until=limit())
    if settings.threads < 2:
        _raise(bounding, centre.value if np.isfinite(centre.value) else 0.0, settings)
    if bounding.best < centre.value * (1 - settings.tolerance):
        until = limit()
        for _ in range(patience):
            if time.monotonic() >= until:
                break
            seats = gathered(problem, cost, bounding.mixture, chance)
            centre = min(centre, centred(problem, cost, seats), key=lambda c: c.value)
        centre = shaken(problem, cost, centre, chance, patience=patience, until=limit())
    return _better(objective, start, _plan_of(problem, objective, cost, centre))


def _bounding(problem: DistrictProblem, objective: Objective) -> Bundle:
    """The Lagrangian bound, at prices that are alike for each weight."""
    assert objective.cost is not None
    sacks = NearKnapsacks(
        objective.cost, problem.weight[0], (float(problem.lower[0]), float(problem.upper[0])),
        problem.homes, problem.number, fixed=problem.fixed,
    )  # fmt: skip
    guess = sacks.guess()
    return Bundle(sacks, sacks.scale * (guess / sacks.scale.sum()), sacks.scale, guess)


def _bound(bounding: Bundle, objective: Objective) -> float:
    return rounded(objective, bounding.best)


@contextmanager
def _beside(bounding: Bundle, settings: Settings) -> Iterator[None]:
    """Let the bound rise in a thread of its own, if there is one to spare."""
    if settings.threads < 2:
        yield
        return
    enough = Event()

    def rising() -> None:
        while not (bounding.done or enough.is_set()) and settings.seconds_left() > 0:
            bounding.step()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(rising)
        try:
            yield
        finally:
            enough.set()
            running.result()


def _raise(bounding: Bundle, value: float, settings: Settings) -> None:
    """Raise the bound towards a value, for a share of the time."""
    until = time.monotonic() + BOUND_SHARE * settings.seconds_left()
    for _ in range(BOUND_STEPS):
        enough = bounding.best >= value * (1 - settings.tolerance)
        if bounding.done or enough or time.monotonic() >= until or settings.stop.is_set():
            break
        bounding.step()


def recut_seats(
    problem: DistrictProblem,
    objectives: Sequence[Objective],
    _: Mapping[int, float],
    settings: Settings,
    start: Plan,
) -> Answer:
    """The least cost to the seats of some parts."""
    return SeatSearch(problem, objectives[-1], Separators(problem), settings).run(start)


def _plan_of(
    problem: DistrictProblem, objective: Objective, cost: np.ndarray, centre: Centred
) -> Plan | None:
    """The shares of centred seats as a plan, if they can be mended into one."""
    if not np.isfinite(centre.value):
        return None
    homes = problem.homes[list(centre.seats)].tolist()
    rough = centre.share.argmax(axis=1).tolist()
    part = mended(problem, rough, cost[:, centre.seats], homes)
    if part is None:
        return None
    plan = with_best_seats(problem, objective, part) or Plan(tuple(part), centre.seats)
    return None if faults_of(problem, plan) else plan


def _better(objective: Objective, one: Plan | None, other: Plan | None) -> Plan | None:
    plans = [plan for plan in (one, other) if plan is not None]
    return min(plans, key=lambda plan: value_of(objective, plan), default=None)


def rough_plan(
    problem: DistrictProblem, objective: Objective, separators: Separators, settings: Settings,
    seconds: float,
) -> Plan | None:  # fmt: skip
    """A compact plan for other searches to begin with, within so many seconds."""
    limit = min(seconds, settings.seconds_left())
    deadline = time.monotonic() + limit
    short = replace(settings, tolerance=0.05, deadline=deadline, report=None, threads=1)
    answer = search_large(problem, objective, separators, short, patience=ROUGH_PATIENCE)
    if answer.plan is None:
        answer = SeatSearch(problem, objective, separators, short).run(most_nodes=ROUGH_NODES)
    return answer.plan
