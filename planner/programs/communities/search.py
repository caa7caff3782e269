"""From a community problem to its ranked answer: by parts where they can be listed."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from planner.programs.communities.choice import CommunityChoice, build_choice
from planner.programs.communities.large import Split, split_large
from planner.programs.communities.parts import (
    Part,
    TooManyCommunitiesError,
    parts_of_joining,
    table_of_split,
)
from planner.programs.communities.problem import (
    CommunityProblem,
    community_problem,
    households_outside,
    squared_distance,
)
from planner.programs.communities.program import (
    CommunityProgram,
    build_communities,
    separate_strays,
)
from planner.programs.communities.pruning import MOST_COLUMNS, OutOfTimeError, prune
from planner.solving.door import solve
from planner.solving.ranked import LevelResult, Objective, RankedSolution, solve_ranked
from planner.solving.settings import Settings, SolveStatus, gap_of, status_of

EXACT = 1e-6
"""Tolerance of these levels: they are small, and their ties decide who keeps an id."""
FIRST_WINDOW = 100
"""Households outside the limits of one part that are tried after none at all; then doubled."""

CHOOSING_S = 5.0
"""Seconds that the last choice may take beyond the limit: without it there is no plan."""
ASSIGNING_S = 20.0
"""Seconds for the proof of a split where the parts are too many to list."""
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
    """Solve the ranked levels; there is always a plan, today's at least.

    Of a community whose parts cannot all be listed, a good split is taken; the levels' bounds
    then say how much better another one might be.
    """
    if not problem.slots:
        return _unchanged(problem), tuple(_settled(problem))
    parts: list[Part] = []
    large: list[Split] = []
    for slot in problem.slots:
        if not slot.split:
            parts += parts_of_joining(problem, slot, skip=skip)
        elif not slot.new:
            useful = _useful_parts(problem, slot.community, settings, skip)
            parts += useful.parts if isinstance(useful, Split) else useful
            large += [useful] if isinstance(useful, Split) else []
    active = sorted({slot.community for slot in problem.slots})
    program = build_choice(problem, parts, active, skip=skip)
    # What is left to choose is small: it may end after the limit, so that there is a plan.
    solution = solve_ranked(program.problem, _objectives(program), _exact(_later(settings)))
    chosen = _chosen(program, solution.values) if solution.values else []
    return _loosened(solution, large), (*chosen, *_settled(problem))


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
) -> list[Part] | Split:
    """Parts of a community that a best plan can hold; else one split of it, with its bounds."""
    try:
        return _listed_parts(problem, c, settings, skip)
    except (TooManyCommunitiesError, OutOfTimeError):
        split = split_large(problem.today, c, _later(settings))
        return _proven_split(problem, c, settings) or split


def _listed_parts(
    problem: CommunityProblem, c: int, settings: Settings, skip: frozenset[str]
) -> list[Part]:
    """Parts that a plan with fewest households outside the limits can hold, from a list of all.

    With n such households in a plan, no part with more than n outside is part of a better one.
    The widest window holds today's community as a whole, so that there always is a plan.
    Raises TooManyCommunitiesError, OutOfTimeError.
    """
    window = 0
    while settings.seconds_left() > 0:
        table = table_of_split(problem.today, c, window, skip=skip)
        many = len(table.new) > FEW and not skip
        useful = prune(problem, table, 0, _exact(settings)) if many and window == 0 else None
        if useful:
            return useful
        if len(table.new) > MOST_COLUMNS and window > 0:
            raise TooManyCommunitiesError
        least = None
        if not many or window > 0:
            least = _least_outside(problem, c, table.parts(), settings, skip)
        if least is not None and least <= window:
            kept = table.only(np.flatnonzero(table.outside <= least))
            if len(kept.new) <= FEW or skip:
                return kept.parts()
            return prune(problem, kept, least, _exact(settings)) or kept.parts()
        window = max(FIRST_WINDOW, 2 * window)
    raise OutOfTimeError


def _proven_split(problem: CommunityProblem, c: int, settings: Settings) -> Split | None:
    """The best split of a large community by assigning its compounds, if proven soon enough."""
    today = problem.today
    alone = community_problem(
        replace(today, members=(today.members[c],), within=(today.within[c],))
    )
    deadline = time.monotonic() + min(ASSIGNING_S, settings.seconds_left() / 2)
    solution, parts = search_assignments(alone, replace(settings, deadline=deadline))
    if solution.status != SolveStatus.OPTIMAL:
        return None
    bounds = tuple(level.bound for level in solution.levels)
    return Split(tuple(replace(part, community=c) for part in parts), bounds)


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
    if solution.status == SolveStatus.INFEASIBLE:
        return None
    if solution.status != SolveStatus.OPTIMAL:
        raise OutOfTimeError
    return sum(part.outside for part in _chosen(program, solution.values))


def _loosened(solution: RankedSolution, large: Sequence[Split]) -> RankedSolution:
    """The solution with the bounds that the splits of large communities leave."""
    if not large or not solution.levels:
        return solution
    slack = np.array([np.subtract(split.values, split.bounds) for split in large]).sum(axis=0)
    levels = []
    for level, more in zip(solution.levels, slack.tolist(), strict=True):
        bound = max(0.0, level.bound - more)
        levels.append(replace(level, bound=bound, gap=gap_of(level.value, bound)))
    proven = all(status_of(x.value, x.bound, EXACT) == SolveStatus.OPTIMAL for x in levels)
    status = solution.status if proven else SolveStatus.FEASIBLE
    return replace(solution, status=status, levels=tuple(levels))


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


def _later(settings: Settings) -> Settings:
    """The settings with a few seconds left, whatever the limit or a stop says."""
    if settings.seconds_left() > CHOOSING_S:
        return settings
    return replace(settings, deadline=time.monotonic() + CHOOSING_S, stop=threading.Event())


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
