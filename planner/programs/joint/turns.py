"""A better start where arrangements cannot be listed: the halves are searched again in turn.

With the boundaries kept, pupils who cross have a longer way: the priced search of the places. With
the places kept, they are a price on parting two communities: the districting engine, around the
seats of now. A plan is taken only if it keeps the caps and its joint value is lower.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from planner.programs.districts.plan import Plan as Parts
from planner.programs.joint.answer import Plan, arrangement_of, joint_value_km
from planner.programs.joint.problem import Caps, JointProblem
from planner.programs.location.by_price import Limits, chain_km, laid_out, short_enough
from planner.programs.priced.layout import layout_of
from planner.programs.priced.plan import options_of, schools_of
from planner.programs.priced.search import search_layout
from planner.programs.subdistricts.by_districts import suits
from planner.programs.subdistricts.group_districts import rebordered, task_of
from planner.solving.settings import Settings

_SHARE, _SECONDS = 0.25, 300.0
"""Of the time that is left, and in all: without a limit a city would be searched for ever."""
_TURNS = 3


def improved_in_turn(problem: JointProblem, caps: Caps, settings: Settings, start: Plan) -> Plan:
    """A plan within the caps whose joint value is at most that of the start.

    Crossing pupils are priced here, not limited.
    """
    until = time.monotonic() + min(_SECONDS, _SHARE * settings.seconds_left())
    plan, value = start, _value(problem, start)
    for turn in range(_TURNS):
        before = value
        limit = time.monotonic() + max(0.0, until - time.monotonic()) / (_TURNS - turn)
        own = replace(settings, deadline=limit, report=None, seed=settings.seed + turn)
        for half in (_boundaries_again, _places_again):
            for found in half(problem, caps, own, plan):
                if _value(problem, found) < value - 1e-9 * abs(value):
                    plan, value = found, _value(problem, found)
        if value >= before - settings.tolerance * abs(before) or time.monotonic() >= until:
            break
    return plan


def _value(problem: JointProblem, plan: Plan) -> float:
    return joint_value_km(problem, plan.school, plan.arrangement)


def _places_again(
    problem: JointProblem, caps: Caps, settings: Settings, plan: Plan
) -> Iterator[Plan]:
    """Places for the boundaries of now; none where locks tell schools or units what to do."""
    location = problem.location
    if location.opened or location.together or settings.seconds_left() <= 0:
        return
    arcs = location.arcs
    longer = 1000 * problem.prices.crossing_km * problem.crosses(plan.arrangement.seat)
    coupled = replace(location, arcs=replace(arcs, way_m=arcs.way_m + longer))
    layout = layout_of(coupled, chain_km(coupled))
    start = laid_out(layout, plan.options, plan.school)
    found = search_layout(layout, settings, start=start)
    if short_enough(layout, found, Limits(caps.short, ())):
        yield Plan(options_of(found), schools_of(layout, found), plan.arrangement)


def _boundaries_again(
    problem: JointProblem, caps: Caps, settings: Settings, plan: Plan
) -> Iterator[Plan]:
    """Boundaries around the seats of now for the places of now, group by group."""
    flow, prices, boundaries = problem.flows(plan.school), problem.prices, problem.boundaries
    if not suits(boundaries):
        return
    both = prices.crossing_km * (flow + flow.T)
    cuts = {pair: prices.boundary_km * price for pair, price in boundaries.cuts.items()}
    for i, k in np.argwhere(np.triu(both, 1) > 0).tolist():
        cuts[i, k] = cuts.get((i, k), 0.0) + float(both[i, k])
    priced = replace(boundaries, cuts=cuts, moved=prices.boundary_km * boundaries.moved)
    seat = list(plan.arrangement.seat)
    for group in range(len(boundaries.groups)):
        own = boundaries.communities_of(group)
        used = sorted({seat[i] for i in own})
        if len(used) < 2 or settings.seconds_left() <= 0:
            continue
        task = task_of(priced, group, len(used))
        parts = Parts(
            tuple(used.index(seat[i]) for i in own), tuple(task.seats.index(j) for j in used)
        )
        rest = caps.squared - sum(float(boundaries.squared[i, seat[i]]) for i in range(len(seat)))
        now = sum(float(boundaries.squared[i, seat[i]]) for i in own)
        share = 1 + max(0.0, rest) / max(now, 1e-9)
        found = rebordered(task, caps.deviation * boundaries.mean, share, settings, parts)
        for i, part in zip(own, found.part, strict=True):
            seat[i] = task.seats[found.seat[part]]
    arrangement = arrangement_of(problem, tuple(seat))
    squared = sum(float(boundaries.squared[i, j]) for i, j in enumerate(seat))
    if squared <= caps.squared + 1e-6 * max(1.0, abs(caps.squared)) and math.isfinite(squared):
        yield Plan(plan.options, plan.school, arrangement)
