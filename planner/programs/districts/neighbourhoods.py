"""Better plans part by part: some neighbouring parts at a time are cut anew, exactly."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

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


@dataclass(frozen=True)
class Sizes:
    """How many parts are cut anew at a time, and how exactly."""

    parts: tuple[int, ...] = (3, 4, 5, 6)
    """Parts of an excerpt; more of them once fewer gain nothing."""
    units: int = 170
    """Units that an excerpt holds at most."""
    patience: int | None = None
    """Excerpts without a gain before they grow; None: once all that turn up are settled."""
    seconds: float = 6.0
    tolerance: float = 2e-3


NARROW = Sizes()


def improved(
    problem: DistrictProblem,
    objectives: Sequence[Objective],
    plan: Plan,
    search: Search,
    settings: Settings,
    *,
    bound: Callable[[], float],
    kept: Mapping[int, float] | None = None,
    until: float = np.inf,
    sizes: Sizes = NARROW,
) -> Plan:
    """Cut neighbouring parts anew until no small set of them gets better, or the time is over.

    The last objective is minimised, the others stay within `kept` (by level). `bound` tells what is
    proven for the whole so far; `until` is a `time.monotonic()` value.
    """
    began, objective = time.monotonic(), objectives[-1]
    chance = np.random.default_rng(settings.seed)
    value = value_of(objective, plan)
    growing = iter(sorted({min(size, problem.number) for size in sizes.parts}))
    size, stalled = next(growing), 0
    settled: set[frozenset[int]] = set()
    while _worth(value, bound(), settings):
        left = min(until - time.monotonic(), settings.seconds_left())
        if left <= 0:
            break
        parts = _fresh_parts(problem, plan, size, sizes.units, settled, chance)
        if parts is None or stalled == sizes.patience:
            size, stalled = next(growing, 0), 0
            if not size:
                break
            continue
        own = replace(
            settings, tolerance=max(settings.tolerance, sizes.tolerance), report=None,
            deadline=time.monotonic() + min(left, sizes.seconds),
        )  # fmt: skip
        better = _recut(problem, objectives, kept or {}, plan, parts, search, own)
        settled.add(frozenset(parts))
        stalled += 1
        if better is None:
            continue
        plan, value, stalled = better, value_of(objective, better), 0
        settled = {done for done in settled if not done & set(parts)}
        if settings.report is not None:
            settings.report(Progress("districts", time.monotonic() - began, value, bound()))
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
    most_units: int,
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
                near = [p for p in near if count[[*parts, p]].sum() <= most_units]
                if not near:
                    break
                # close-knit sets: parts that touch several of those chosen are likelier
                odds = np.array([len(touching[p] & set(parts)) for p in near], float)
                parts.append(int(chance.choice(near, p=odds / odds.sum())))
            if len(parts) == size and frozenset(parts) not in settled:
                return sorted(parts)
    return None
