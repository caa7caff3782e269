"""Better plans part by part: some neighbouring parts at a time are cut anew, exactly."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from planner.programs.districts.answer import Answer
from planner.programs.districts.excerpt import excerpt_of
from planner.programs.districts.objective import Objective
from planner.programs.districts.plan import Plan, value_of
from planner.programs.districts.problem import DistrictProblem
from planner.solving.settings import Progress, Settings

Search = Callable[
    [DistrictProblem, Sequence[Objective], Mapping[int, float], Settings, Plan], Answer
]
"""An exact search of the last level of a small problem, from a plan that keeps the others."""

FEWEST_PARTS, MOST_PARTS = 2, 6
MOST_UNITS = 170
"""Units that an excerpt holds at most."""
EXCERPT_SECONDS = 6.0
EXCERPT_TOLERANCE = 2e-3


def improved(
    problem: DistrictProblem,
    objectives: Sequence[Objective],
    plan: Plan,
    search: Search,
    settings: Settings,
    *,
    bound: float,
    kept: Mapping[int, float] | None = None,
    until: float = np.inf,
) -> Plan:
    """Cut neighbouring parts anew until no small set of them gets better, or the time is over.

    The last objective is minimised, the others stay within `kept` (by level). `bound` is proven for
    the whole; `until` is a `time.monotonic()` value.
    """
    began, objective = time.monotonic(), objectives[-1]
    chance = np.random.default_rng(settings.seed)
    value, size = value_of(objective, plan), min(FEWEST_PARTS + 1, problem.number)
    settled: set[frozenset[int]] = set()
    while size <= min(MOST_PARTS, problem.number) and _worth(value, bound, settings):
        left = min(until - time.monotonic(), settings.seconds_left())
        if left <= 0:
            break
        parts = _fresh_parts(problem, plan, size, settled, chance)
        if parts is None:
            size += 1
            continue
        own = replace(
            settings, tolerance=max(settings.tolerance, EXCERPT_TOLERANCE), report=None,
            deadline=time.monotonic() + min(left, EXCERPT_SECONDS),
        )  # fmt: skip
        better = _recut(problem, objectives, kept or {}, plan, parts, search, own)
        settled.add(frozenset(parts))
        if better is None:
            continue
        plan, value = better, value_of(objective, better)
        settled = {done for done in settled if not done & set(parts)}
        if settings.report is not None:
            settings.report(Progress("districts", time.monotonic() - began, value, bound))
    return plan


def _worth(value: float, bound: float, settings: Settings) -> bool:
    return value - bound > settings.tolerance * abs(value)


def _recut(
    problem: DistrictProblem,
    objectives: Sequence[Objective],
    kept: Mapping[int, float],
    plan: Plan,
    parts: list[int],
    search: Search,
    settings: Settings,
) -> Plan | None:
    """The plan with these parts cut better, if they can be."""
    small = excerpt_of(problem, plan, parts)
    start = small.restricted(plan)
    own = [small.objective(objective) for objective in objectives]
    left = {
        level: allowed - value_of(objectives[level], plan) + value_of(own[level], start)
        for level, allowed in kept.items()
    }
    before = value_of(own[-1], start)
    answer = search(small.problem, own, left, settings, start)
    if answer.plan is None or answer.value is None or answer.value >= before - 1e-9 * abs(before):
        return None
    return small.replaced(plan, answer.plan)


def _fresh_parts(
    problem: DistrictProblem,
    plan: Plan,
    size: int,
    settled: set[frozenset[int]],
    chance: np.random.Generator,
) -> list[int] | None:
    """Neighbouring parts that are not settled; None if none turn up."""
    part = np.array(plan.part)
    ends = part[problem.edges]
    touching: dict[int, set[int]] = {p: set() for p in range(problem.number)}
    for p, q in ends[ends[:, 0] != ends[:, 1]].tolist():
        touching[p].add(q)
        touching[q].add(p)
    count = np.bincount(part, minlength=problem.number)
    for first in chance.permutation(problem.number).tolist():
        for _ in range(2):
            parts = [first]
            while len(parts) < size:
                near = sorted(set().union(*(touching[p] for p in parts)) - set(parts))
                near = [p for p in near if count[[*parts, p]].sum() <= MOST_UNITS]
                if not near:
                    break
                # close-knit sets: parts that touch several of those chosen are likelier
                odds = np.array([len(touching[p] & set(parts)) for p in near], float)
                parts.append(int(chance.choice(near, p=odds / odds.sum())))
            if len(parts) == size and frozenset(parts) not in settled:
                return sorted(parts)
    return None
