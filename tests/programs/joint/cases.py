"""Tiny joint problems, and the joint value by trying both decisions entirely."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from itertools import product

import numpy as np

from planner.errors import InfeasibleError
from planner.programs.joint.answer import JointSolution, Plan, arrangement_of
from planner.programs.joint.problem import Caps, JointProblem, Prices
from planner.programs.location.choices import ChoiceSearch
from planner.programs.location.problem import LocationProblem
from planner.programs.location.ranked import LocationSolution, solve_location
from planner.programs.subdistricts.problem import SubdistrictProblem
from planner.programs.subdistricts.search import Answer, Slack, search_parts
from planner.scenario.model import Ranking
from planner.solving.settings import Settings
from tests.programs import location_cases, small_subdistricts
from tests.programs.location_oracle import every_outcome

EXACT = 1e-6
WIDE = Slack(deviation=0.6, compactness=1.0)
"""Room for several arrangements."""
RANKING = Ranking()


def settings() -> Settings:
    return Settings(tolerance=EXACT, deadline=time.monotonic() + 30.0)


Case = tuple[JointProblem, Caps, Plan, ChoiceSearch | None]


def random_case(seed: int) -> Case:
    """Random halves that have a plan each, over one ground; the sequential plan and its search."""
    rng = np.random.default_rng(seed)
    boundaries, answer = _boundaries(rng)
    location, solution = _location(rng)
    count = len(boundaries.communities)
    prices = Prices(float(rng.choice([0.05, 0.2, 1.0])), float(rng.choice([0.0, 0.01, 0.1])))
    home = rng.integers(0, count, len(location.units))
    place = rng.integers(0, count, len(location.schools))
    problem = JointProblem(location, boundaries, home, place, prices)
    deviation, squared, _ = answer.solution.levels
    caps = Caps((solution.levels[0].value,), deviation.allowed, squared.allowed)
    plan = Plan(solution.options, solution.school, arrangement_of(problem, answer.seat))
    return problem, caps, plan, solution.search


def _boundaries(rng: np.random.Generator) -> tuple[SubdistrictProblem, Answer]:
    while True:
        problem = small_subdistricts.random_problem(int(rng.integers(10**6)))
        grouped = all(problem.seats_of(g) for g in range(len(problem.groups)))
        if sum(problem.population) and grouped and problem.number > 1:
            answer = search_parts(problem, WIDE, settings())
            if answer.seat:
                return problem, answer


def _location(rng: np.random.Generator) -> tuple[LocationProblem, LocationSolution]:
    while True:
        problem = location_cases.random_problem(int(rng.integers(10**6)))
        try:
            return problem, solve_location(problem, settings(), RANKING)
        except InfeasibleError:
            continue


def coupled(problem: JointProblem, seat: tuple[int, ...]) -> LocationProblem:
    """The location problem in which a crossing lengthens the way."""
    arcs = problem.location.arcs
    longer = 1000 * problem.prices.crossing_km * problem.crosses(seat)
    return replace(problem.location, arcs=replace(arcs, way_m=arcs.way_m + longer))


def every_seat(problem: SubdistrictProblem, caps: Caps) -> list[tuple[int, ...]]:
    """All arrangements that keep the rules and the caps."""
    choices = [problem.seats_of(g) for g in problem.group]
    found = []
    for seat in product(*choices):
        if small_subdistricts.keeps_rules(problem, seat):
            deviation, squared, _ = small_subdistricts.levels(problem, seat)
            if deviation <= caps.deviation + 1e-7 and squared <= caps.squared + 1e-6:
                found.append(seat)
    return found


def best_joint_km(problem: JointProblem, caps: Caps) -> float:
    """The least joint value of all pairs of decisions within the caps."""
    services, best = len(problem.location.services), math.inf
    for seat in every_seat(problem.boundaries, caps):
        points = every_outcome(coupled(problem, seat))
        short, ways = points[:, :services], points[:, services : 2 * services].sum(1)
        able = short.sum(1) <= caps.short[0] + 1e-6
        boundary = problem.prices.boundary_km * arrangement_of(problem, seat).boundary
        best = min(best, float(ways[able].min(initial=math.inf)) / 1000 + boundary)
    return best


def best_below(problem: JointProblem, caps: Caps, solution: JointSolution) -> tuple[float, float]:
    """Fewest moves, then least cost, of one service, boundaries and what is allowed kept."""
    joint, moves, _ = solution.levels
    arrangement = solution.plan.arrangement
    points = every_outcome(coupled(problem, arrangement.seat))
    boundary = problem.prices.boundary_km * arrangement.boundary
    within = points[:, 1] / 1000 + boundary <= joint.allowed + 1e-5
    points = points[(points[:, 0] <= caps.short[0] + 1e-6) & within]
    kept = points[:, 2] <= moves.allowed + 1e-6
    return float(points[:, 2].min()), float(points[kept, 3].min())
