"""From a community problem to its ranked answer: by parts where they can be listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

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
from planner.programs.community_pruning import prune
from planner.solving.door import solve
from planner.solving.ranked import LevelResult, Objective, RankedSolution, solve_ranked
from planner.solving.settings import Settings, SolveStatus

EXACT = 1e-6
"""Tolerance of these levels: they are small, and their ties decide who keeps an id."""
FIRST_WINDOW = 100
"""Households outside the limits of one part that are tried after none at all; then doubled."""

FEW = 500
"""Parts of one community up to which nothing is pruned."""
LEVELS = {
    "households_outside_limits": "households",
    "people_changing_community": "people",
    "communities": "communities",
    "squared_distance_to_centre": "person-km2",
}
"""Levels in rank order, with their units."""

Answer = tuple[RankedSolution, tuple[Part, ...]]


def search(
    problem: CommunityProblem, settings: Settings, *, skip: frozenset[str] = frozenset()
) -> Answer:
    """Solve the ranked levels; there is always a plan, today's at least."""
    if not problem.slots:
        return _unchanged(problem), tuple(_settled(problem))
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
    active = sorted({slot.community for slot in problem.slots})
    program = build_choice(problem, parts, active, skip=skip)
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
    The widest window holds today's community as a whole, so that there always is a plan.
    """
    window = 0
    while settings.seconds_left() > 0:
        parts = parts_of_split(problem.today, c, window, skip=skip)
        if window == 0 and len(parts) > FEW and not skip:
            useful = prune(problem, c, parts, 0, _exact(settings))
            if useful:
                return useful
            window = FIRST_WINDOW
            continue
        least = _least_outside(problem, c, parts, settings, skip)
        if least is not None and least <= window:
            useful = [part for part in parts if part.outside <= least]
            if len(useful) <= FEW or skip:
                return useful
            return prune(problem, c, useful, least, _exact(settings)) or useful
        window = max(FIRST_WINDOW, 2 * window)
    return [_today(problem, c)]


def _least_outside(
    problem: CommunityProblem,
    c: int,
    parts: list[Part],
    settings: Settings,
    skip: frozenset[str],
) -> int | None:
    """Fewest households outside the limits that a plan made of `parts` leaves; None: no plan."""
    covered = {u for part in parts for u in part.members}
    if covered != set(problem.today.members[c]) or all(part.new for part in parts):
        return None
    program = build_choice(problem, parts, (c,), skip=skip)
    program.problem.setObjective(program.households_outside)
    solution = solve(program.problem, _exact(settings))
    if solution.objective is None:
        return None
    return sum(part.outside for part in _chosen(program, solution.values))


def _unchanged(problem: CommunityProblem) -> RankedSolution:
    """Nothing to decide: the levels are today's, proven."""
    values = (
        float(problem.households_outside), 0.0, float(len(problem.settled)),
        problem.squared_distance,
    )  # fmt: skip
    levels = tuple(
        LevelResult(name, unit, value, value, 0.0, value, 0.0)
        for (name, unit), value in zip(LEVELS.items(), values, strict=True)
    )
    return RankedSolution(SolveStatus.OPTIMAL, levels, {})


def _objectives(program: CommunityChoice | CommunityProgram) -> list[Objective]:
    expressions = (
        program.households_outside, program.people_changing, program.communities,
        program.squared_distance,
    )  # fmt: skip
    return [
        Objective(name, unit, expression)
        for (name, unit), expression in zip(LEVELS.items(), expressions, strict=True)
    ]


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
