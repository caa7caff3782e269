"""Annealing of places and districts together, the halves taking turns at every temperature.

Homes change school and schools trade options, then units change district, each half at what the
other makes of it just then. Both keep all their rules after every move.
"""

from __future__ import annotations

import time

import numpy as np

from planner.programs.districts.shifting import Shifting
from planner.programs.joint.wide_problem import WidePlan, WideProblem, wide_plan
from planner.programs.priced.layout import Layout
from planner.programs.priced.settling import Settling


def annealed_together(
    problem: WideProblem,
    layout: Layout,
    plan: WidePlan,
    *,
    seed: int,
    hot: float,
    cold: float,
    sweeps: int,
    until: float = np.inf,
) -> WidePlan:
    """The best plan met from one temperature (pupil-kilometres) to another, or the one given.

    `until` is a `time.monotonic()` value. The plan must keep all rules.
    """
    chance = np.random.default_rng(seed)
    homes = Settling(layout, plan.places)
    objective = problem.objective(layout, homes.arc)
    units = Shifting(problem.districts, objective, plan.districts, chance)
    best = plan
    for warmth in [*np.geomspace(hot, cold, sweeps).tolist(), *([0.0] * sweeps)]:
        if time.monotonic() >= until:
            break
        homes.recost(problem.cost(layout, units.plan.part))
        made = homes.sweep(warmth, chance)
        units.recouple(problem.objective(layout, homes.arc))
        made += units.sweep(warmth)
        now = wide_plan(problem, layout, homes.plan(), units.plan)
        if now.value < best.value:
            best = now
        if not made and warmth <= 0:
            break
    return best
