"""Least cost to the seats at city size: centred seats, a Lagrangian bound, exact neighbourhoods."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from planner.programs.districts.answer import Answer, rounded
from planner.programs.districts.centring import Centred, settled
from planner.programs.districts.knapsacks import Knapsacks, Prices, ascend, knapsacks_of
from planner.programs.districts.mending import mended
from planner.programs.districts.neighbourhoods import improved
from planner.programs.districts.objective import Objective
from planner.programs.districts.plan import Plan, faults_of, value_of, with_best_seats
from planner.programs.districts.problem import DistrictProblem
from planner.programs.districts.program import columns_of
from planner.programs.districts.seats import SeatSearch
from planner.programs.districts.separators import Separators
from planner.solving.settings import Settings

STARTS = 4
PATIENCE, ROUGH_PATIENCE = 60, 5
"""Shakes of the seats without a gain before they are settled."""
CENTRING_SHARE, CENTRING_SECONDS = 0.25, 40.0
"""Time for centring: a share of what is left, and a limit."""
ROUGH_NODES = 30
BOUND_SHARE, BOUND_STEPS = 0.55, 3000
FRESH, BOUND_PATIENCE = (0.2, 0.6), 15
"""How prices of thousands of units move: more of the latest direction than for hundreds."""
WORTH = 1e-4
"""Gain of a bound, as a share, for which steps that got too short begin long again."""
LISTED = 80


def search_large(
    problem: DistrictProblem, objective: Objective, separators: Separators, settings: Settings,
    start: Plan | None = None, *, patience: int = PATIENCE,
) -> Answer:  # fmt: skip
    """A good plan and a bound; the time that is left goes into neighbourhoods.

    Seats are settled after `patience` shakes without a gain.
    """
    assert objective.cost is not None
    allowed = columns_of(problem, [objective], separators).allowed
    cost = np.where(allowed, objective.cost, np.inf)
    began = time.monotonic()
    left = settings.seconds_left()
    until = began + min(CENTRING_SHARE * left, CENTRING_SECONDS)
    chance = np.random.default_rng(settings.seed)
    centre = settled(problem, cost, chance, starts=STARTS, patience=patience, until=until)
    plan = _better(objective, start, _plan_of(problem, objective, cost, centre))
    guess = centre.value if np.isfinite(centre.value) else 0.0
    value = guess if plan is None else value_of(objective, plan)
    limits = (float(problem.lower[0]), float(problem.upper[0]))
    sacks = knapsacks_of(
        cost, problem.weight[0], limits, problem.homes, problem.number, fixed=problem.fixed,
        listed=LISTED,
    )  # fmt: skip
    prices = _raised(sacks, value, settings)
    bound = rounded(objective, prices.bound)
    how = "seats centred by transport, Lagrangian bound"
    if plan is None:
        return Answer(None, None, bound, how)
    plan = improved(problem, [objective], plan, recut_seats, settings, bound=bound)
    how += ", neighbouring parts cut anew exactly"
    value = value_of(objective, plan)
    return Answer(plan, value, min(bound, value), how)


def _raised(sacks: Knapsacks, value: float, settings: Settings) -> Prices:
    """The best bound in a share of the time; steps that got too short begin long again."""
    until = time.monotonic() + BOUND_SHARE * settings.seconds_left()
    enough = value * (1 - settings.tolerance)

    def going_on() -> bool:
        return time.monotonic() < until and settings.seconds_left() > 0

    prices: Prices | None = None
    while True:
        last = -np.inf if prices is None else prices.bound
        prices = ascend(
            sacks, value, BOUND_STEPS, fresh=FRESH, patience=BOUND_PATIENCE, enough=enough,
            first=None if prices is None else prices.unit, going_on=going_on,
        )  # fmt: skip
        gained = prices.bound - last > WORTH * abs(prices.bound)
        if prices.bound >= enough or not gained or not going_on():
            return prices


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
    short = replace(settings, tolerance=0.05, deadline=time.monotonic() + limit, report=None)
    answer = search_large(problem, objective, separators, short, patience=ROUGH_PATIENCE)
    if answer.plan is None:
        answer = SeatSearch(problem, objective, separators, short).run(most_nodes=ROUGH_NODES)
    return answer.plan
