"""Subdistricts by the districting engine, where the parts are too many to be listed.

No subdistrict crosses the line of a group, so each group with each number of subdistricts that it
may have is a districting problem of its own. The groups share the number of all and, in the last
level, the squared distance that is allowed.
"""

from __future__ import annotations

import math
import operator
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Literal, NamedTuple

from planner.programs.districts.plan import Plan, value_of
from planner.programs.subdistricts.answer import Answer, Slack
from planner.programs.subdistricts.counts import shared_out
from planner.programs.subdistricts.group_districts import (
    NONE,
    Found,
    Task,
    any_plan,
    bounded,
    least_spread,
    limited,
    nearest_seats,
    rebordered,
    task_of,
)
from planner.programs.subdistricts.problem import SubdistrictProblem
from planner.solving.ranked import LevelResult, RankedSolution
from planner.solving.settings import Settings, SolveStatus, gap_of, status_of

FIRST_SHARE, DEVIATION_SHARE = 0.8, 0.35
"""Largest shares of the time: for any plan at all, and for one of smaller deviation."""
LIKELY_SHARE = 0.3
"""Least share of what is left of that for the next number of subdistricts of a group."""
DISTANCE_SHARE, BORDER_SHARE = 0.6, 0.5
"""Largest shares of the time left: for seats, and then for borders with those seats."""


class Key(NamedTuple):
    """A group and its number of subdistricts."""

    group: int
    number: int


Each = Mapping[Key, Found]
"""What was found for each group with each number of subdistricts."""
Tasks = Mapping[Key, Task]
Plans = dict[Key, Plan]


def search_districts(
    problem: SubdistrictProblem, slack: Slack, settings: Settings
) -> Answer | None:
    """Solve the ranked levels; None where the engine does not know a rule of the problem."""
    if not suits(problem):
        return None
    groups = range(len(problem.groups))
    tasks = {Key(g, k): task_of(problem, g, k) for g in groups for k in problem.counts(g)}
    began = time.monotonic()
    spreads = _spreads(tasks, problem.mean, settings)
    value, counts = _least(problem, spreads, "value", max)
    low, possible = _least(problem, spreads, "bound", max)
    if not counts:
        status = SolveStatus.NO_SOLUTION_IN_TIME if possible else SolveStatus.INFEASIBLE
        return Answer(RankedSolution(status, (), {}), (), "")
    mean = problem.mean
    first = _level("population_deviation", "fraction of the mean of all subdistricts",
                   (value / mean, low / mean), value / mean + slack.deviation, began)  # fmt: skip
    began, spread = time.monotonic(), first.allowed * mean
    near = _near(tasks, spreads, spread, settings)
    value, counts = _least(problem, near, "value", operator.add)
    low, _ = _least(problem, near, "bound", operator.add)
    second = _level("squared_distance_to_seat", "person-km2", (value, low),
                    (1 + slack.compactness) * value, began)  # fmt: skip
    began = time.monotonic()
    plans = {key: plan for key in map(Key, groups, counts) if (plan := near[key].plan) is not None}
    plans = _bordered(tasks, plans, spread, 1 + slack.compactness, settings)
    plans, low = _any_seats(problem, tasks, near, plans, (spread, second.allowed), settings)
    fixed = sum(p for (i, k), p in problem.cuts.items() if problem.group[i] != problem.group[k])
    value = sum(value_of(tasks[key].border, plan) for key, plan in plans.items()) + fixed
    third = _level("border_and_change", "weighted", (value, low + fixed), value, began)
    steps = sum(found.steps for found in spreads.values())
    how = (
        f"by the districting engine: bounds of population narrowed in {steps} steps, then seats "
        "by distance, then borders around those seats, and the bound around any"
    )
    return _answer((first, second, third), _seats(tasks, plans), how, settings)


def suits(problem: SubdistrictProblem) -> bool:
    """Whether no community is torn, each group hangs together, and locks stay within groups."""
    whole = len(set(problem.owner)) == len(problem.owner) == len(problem.communities)
    linked = len(set(problem.graph.component)) == len(problem.groups)
    inside = all(len({problem.group[i] for i in one}) == 1 for one in problem.together)
    return whole and linked and inside and sum(problem.population) > 0


def _spreads(tasks: Tasks, mean: float, settings: Settings) -> Each:
    """Least deviation of each task in people: any plan first, then better ones.

    The tasks whose subdistricts are nearest the mean of all come first, and get more of the time.
    """
    order = sorted(tasks, key=lambda key: (abs(tasks[key].target - mean), key))
    tasks = {key: tasks[key] for key in order}
    limits = _in_turn(limited(settings, FIRST_SHARE), len(tasks))
    first = {
        key: any_plan(task, own()) for (key, task), own in zip(tasks.items(), limits, strict=True)
    }
    limits = _in_turn(limited(settings, DEVIATION_SHARE), len(tasks), least=LIKELY_SHARE)
    return {
        key: least_spread(task, first[key], own())
        for (key, task), own in zip(tasks.items(), limits, strict=True)
    }


def _near(tasks: Tasks, spreads: Each, spread: float, settings: Settings) -> Each:
    """Least squared distance of each task within a deviation of `spread` people."""
    limits = _in_turn(limited(settings, DISTANCE_SHARE), len(tasks))
    found = {}
    for (key, task), own in zip(tasks.items(), limits, strict=True):
        known = spreads[key]
        if known.bound > spread + 1e-6:
            found[key] = NONE
        else:
            start = known.plan if known.value <= spread + 1e-6 else None
            found[key] = nearest_seats(task, spread, own(), start)
    return found


def _bordered(tasks: Tasks, plans: Plans, spread: float, share: float, settings: Settings) -> Plans:
    """Better borders around the same seats, each task within `share` of its squared distance."""
    limits = _in_turn(limited(settings, BORDER_SHARE), len(plans))
    return {
        key: rebordered(tasks[key], spread, share, own(), plan)
        for (key, plan), own in zip(plans.items(), limits, strict=True)
    }


def _any_seats(
    problem: SubdistrictProblem,
    tasks: Tasks,
    near: Each,
    plans: Plans,
    most: tuple[float, float],
    settings: Settings,
) -> tuple[Plans, float]:
    """Better borders around any seats, and the bound on all of them.

    `most` are the deviation in people and the squared distance of all. A task can have what the
    least of all others leaves of that, which bounds it; a plan counts if the sum is kept too.
    """
    spread, allowed = most
    better, lows = dict(plans), dict(near)
    limits = _in_turn(settings, len(tasks))
    for (key, task), own in zip(tasks.items(), limits, strict=True):
        others, counts = _least(problem, near, "bound", operator.add, given=key)
        left = allowed - others + near[key].bound
        limit = own()
        if not counts or left < near[key].bound:
            lows[key] = NONE
            continue
        value = value_of(task.border, better[key]) if key in better else math.inf
        lows[key] = found = bounded(task, spread, left, limit, value)
        if key in better and found.plan is not None and found.value < value:
            trial = {**better, key: found.plan}
            squared = sum(value_of(tasks[k].squared, plan) for k, plan in trial.items())
            better = trial if squared <= allowed * (1 + 1e-6) else better
    return better, _least(problem, lows, "bound", operator.add)[0]


def _least(
    problem: SubdistrictProblem,
    found: Each,
    what: Literal["value", "bound"],
    join: Callable[[float, float], float],
    *,
    given: Key | None = None,
) -> tuple[float, tuple[int, ...]]:
    """The least of all ways to share the number out, `given` one of its shares."""
    tables: list[dict[int, float]] = [{} for _ in problem.groups]
    for key, one in found.items():
        value = one.value if what == "value" else one.bound
        if math.isfinite(value) and (given is None or key.group != given.group or key == given):
            tables[key.group][key.number] = value
    return shared_out(tables, problem.number, join)


def _in_turn(
    settings: Settings, jobs: int, *, least: float = 0.0
) -> Iterator[Callable[[], Settings]]:
    """The settings of each job: an equal share of the time left, or at least the share `least`."""
    return (partial(limited, settings, max(1 / left, least)) for left in range(jobs, 0, -1))


def _level(
    name: str, unit: str, proven: tuple[float, float], allowed: float, began: float
) -> LevelResult:
    value, bound = proven[0], min(proven)
    return LevelResult(
        name, unit, value, bound, gap_of(value, bound), max(value, allowed),
        time.monotonic() - began,
    )  # fmt: skip


def _answer(
    levels: tuple[LevelResult, ...], seats: dict[int, int], how: str, settings: Settings
) -> Answer:
    proven = all(
        status_of(level.value, level.bound, settings.tolerance) == SolveStatus.OPTIMAL
        for level in levels
    )
    status = SolveStatus.OPTIMAL if proven else SolveStatus.FEASIBLE
    solution = RankedSolution(status, levels, {})
    return Answer(solution, tuple(seats[i] for i in sorted(seats)), how)


def _seats(tasks: Tasks, plans: Plans) -> dict[int, int]:
    """Seat of each community, by positions in the whole problem."""
    return {
        i: tasks[key].seats[plan.seat[part]]
        for key, plan in plans.items()
        for i, part in zip(tasks[key].communities, plan.part, strict=True)
    }
