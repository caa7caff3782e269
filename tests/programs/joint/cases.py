"""Tiny joint problems, and the joint value by trying both decisions entirely."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from itertools import product

import numpy as np

from planner.errors import InfeasibleError
from planner.programs.joint.answer import Plan, arrangement_of
from planner.programs.joint.problem import Caps, JointProblem, Prices
from planner.programs.location.choices import ChoiceSearch
from planner.programs.location.problem import LocationProblem
from planner.programs.location.ranked import solve_location
from planner.programs.subdistricts.problem import SubdistrictProblem
from planner.programs.subdistricts.search import Slack, search_parts
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


def random_joint(seed: int) -> JointProblem | None:
    """Both random problems over one ground; None where a half is unusable."""
    rng = np.random.default_rng(seed + 7)
    location = location_cases.random_problem(seed)
    boundaries = small_subdistricts.random_problem(seed + 1)
    grouped = all(boundaries.seats_of(g) for g in range(len(boundaries.groups)))
    if sum(boundaries.population) == 0 or not grouped:
        return None
    count = len(boundaries.communities)
    prices = Prices(float(rng.choice([0.0, 0.05, 0.2, 1.0])), float(rng.choice([0.0, 0.01, 0.1])))
    return JointProblem(
        location, boundaries,
        rng.integers(0, count, len(location.units)),
        rng.integers(0, count, len(location.schools)), prices,
    )  # fmt: skip


def sequential(problem: JointProblem) -> tuple[Caps, Plan, ChoiceSearch | None] | None:
    """One half after the other: caps, plan, and the search over choices; None without a plan."""
    try:
        solution = solve_location(problem.location, settings(), RANKING)
    except InfeasibleError:
        return None
    answer = search_parts(problem.boundaries, WIDE, settings())
    if not answer.seat:
        return None
    deviation, squared, _ = answer.solution.levels
    caps = Caps((solution.levels[0].value,), deviation.allowed, squared.allowed)
    plan = Plan(solution.options, solution.school, arrangement_of(problem, answer.seat))
    return caps, plan, solution.search


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
