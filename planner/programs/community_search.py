"""From a community problem to its ranked answer: by parts where they can be listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import pulp

from planner.programs.community_choice import CommunityChoice, build_choice
from planner.programs.community_parts import (
    Part,
    TooManyCommunitiesError,
    parts_of_joining,
    parts_of_split,
)
from planner.programs.community_problem import (
    CommunityProblem,
    households_outside,
    squared_distance,
)
from planner.programs.community_program import (
    CommunityProgram,
    build_communities,
    separate_strays,
)
from planner.solving.door import solve
from planner.solving.ranked import Objective, RankedSolution, solve_ranked
from planner.solving.settings import Settings

EXACT = 1e-6
"""Tolerance of these levels: they are small, and their ties decide who keeps an id."""
FIRST_WINDOW = 100
"""Households outside the limits of one part that are tried after none at all; then doubled."""

Answer = tuple[RankedSolution, tuple[Part, ...]]


def search(
    problem: CommunityProblem, settings: Settings, *, skip: frozenset[str] = frozenset()
) -> Answer:
    """Solve the ranked levels; there is always a plan, today's at least."""
    try:
        return search_parts(problem, settings, skip=skip)
    except TooManyCommunitiesError:
        return search_assignments(problem, settings, skip=skip)


def search_parts(
    problem: CommunityProblem, settings: Settings, *, skip: frozenset[str] = frozenset()
) -> Answer:
    """Choose among all parts; raises TooManyCommunitiesError."""
    parts: list[Part] = []
    for slot in problem.slots:
        if not slot.split:
            parts += parts_of_joining(problem, slot, skip=skip)
        elif not slot.new:
            parts += _useful_parts(problem, slot.community, settings, skip)
    program = build_choice(problem, parts, skip=skip)
    solution = solve_ranked(program.problem, _objectives(program), _exact(settings))
    chosen = _chosen(program, solution.values) if solution.values else []
    return solution, (*chosen, *_settled(problem))


def search_assignments(
    problem: CommunityProblem, settings: Settings, *, skip: frozenset[str] = frozenset()
) -> Answer:
    """Assign compounds to centres one by one, with contiguity rows added in rounds."""
    program = build_communities(problem, skip=skip)
    solution = solve_ranked(
        program.problem,
        _objectives(program),
        _exact(settings),
        separate=None if "contiguous" in skip else partial(separate_strays, problem, program),
    )
    inside: dict[tuple[int, int], list[int]] = {}
    for (i, s, v), a in program.a.items():
        if solution.values and solution.values[a.name] > 0.5:
            key = (s, v if problem.slots[s].new else -1)
            inside.setdefault(key, []).append(i)
    chosen = [_assigned(problem, s, units) for (s, _), units in sorted(inside.items())]
    return solution, (*chosen, *_settled(problem))


def _useful_parts(
    problem: CommunityProblem, c: int, settings: Settings, skip: frozenset[str]
) -> list[Part]:
    """Parts of a community that a plan with fewest households outside the limits can hold.

    With n such households in a plan, no part with more than n outside is part of a better one.
    """
    window = 0
    while True:
        parts = parts_of_split(problem.today, c, window, skip=skip)
        program = build_choice(problem, parts, skip=skip)
        program.problem.setObjective(program.households_outside)
        solution = solve(program.problem, _exact(settings))
        if solution.objective is not None or settings.seconds_left() <= 0:
            least = sum(part.outside for part in _chosen(program, solution.values))
            if least <= window or settings.seconds_left() <= 0:
                return [part for part in parts if part.outside <= least] or _whole(problem, c)
        window = max(FIRST_WINDOW, 2 * window)


def _whole(problem: CommunityProblem, c: int) -> list[Part]:
    """The community as it is: the plan there always is."""
    return [_today(problem, c)]


def _objectives(program: CommunityChoice | CommunityProgram) -> list[Objective]:
    levels: Mapping[str, tuple[str, pulp.LpAffineExpression]] = {
        "households_outside_limits": ("households", program.households_outside),
        "people_changing_community": ("people", program.people_changing),
        "communities": ("communities", program.communities),
        "squared_distance_to_centre": ("person-km2", program.squared_distance),
    }
    keep: Callable[[float], float] = lambda value: value  # noqa: E731
    return [Objective(name, unit, expression, keep) for name, (unit, expression) in levels.items()]


def _exact(settings: Settings) -> Settings:
    return replace(settings, tolerance=min(settings.tolerance, EXACT))


def _chosen(program: CommunityChoice, values: Mapping[str, float]) -> list[Part]:
    pairs = zip(program.u, program.parts, strict=True)
    return [part for u, part in pairs if values.get(u.name, 0.0) > 0.5]


def _settled(problem: CommunityProblem) -> list[Part]:
    return [_today(problem, c) for c in problem.settled]


def _today(problem: CommunityProblem, c: int) -> Part:
    today = problem.today
    members = today.members[c]
    return Part(
        c, new=False, members=members, changing=0,
        outside=households_outside(today, members), squared=squared_distance(today, members),
    )  # fmt: skip


def _assigned(problem: CommunityProblem, s: int, units: list[int]) -> Part:
    today, slot = problem.today, problem.slots[s]
    members = tuple(sorted(u for i in units for u in problem.units[i].compounds))
    changing = [
        problem.units[i].population
        for i in units
        if slot.new or problem.units[i].community != slot.community
    ]
    return Part(
        slot.community, slot.new, members, households_outside(today, members),
        sum(changing), squared_distance(today, members),
    )  # fmt: skip
