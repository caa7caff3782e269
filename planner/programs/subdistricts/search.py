"""From a subdistrict problem to its ranked answer: by parts where they can be listed.

Beyond that by the districting engine, and where it does not know a rule, by assignments.
"""

from __future__ import annotations

from functools import partial

from planner.programs.subdistricts.answer import Answer, Slack
from planner.programs.subdistricts.by_districts import search_districts
from planner.programs.subdistricts.partition_search import least_deviation, rank_parts
from planner.programs.subdistricts.parts import TooManyPartsError
from planner.programs.subdistricts.problem import SubdistrictProblem
from planner.programs.subdistricts.program import build_subdistricts, separate_strays
from planner.solving.door import solve
from planner.solving.ranked import Objective, RankedSolution, solve_ranked
from planner.solving.settings import Settings, SolveStatus


def search(
    problem: SubdistrictProblem,
    slack: Slack,
    settings: Settings,
    *,
    skip: frozenset[str] = frozenset(),
) -> Answer:
    """Solve the ranked levels; status INFEASIBLE if no arrangement keeps all rules."""
    try:
        return search_parts(problem, slack, settings, skip=skip)
    except TooManyPartsError:
        answer = None if skip else search_districts(problem, slack, settings)
        return answer or search_assignments(problem, slack, settings, skip=skip)


def search_parts(
    problem: SubdistrictProblem,
    slack: Slack,
    settings: Settings,
    *,
    skip: frozenset[str] = frozenset(),
) -> Answer:
    """Choose among all parts; raises TooManyPartsError."""
    first = least_deviation(problem, settings, skip=skip)
    if not first.parts:
        return Answer(RankedSolution(first.status, (), {}), (), "")
    slacks = (slack.deviation, slack.compactness)
    solution, chosen = rank_parts(problem, first, slacks, settings, skip=skip)
    seat = {i: part.seat for part in chosen for i in part.communities}
    return Answer(
        solution, tuple(seat[i] for i in sorted(seat)),
        "chosen among all contiguous parts within the allowed deviation",
    )  # fmt: skip


def search_assignments(
    problem: SubdistrictProblem,
    slack: Slack,
    settings: Settings,
    *,
    skip: frozenset[str] = frozenset(),
) -> Answer:
    """Assign communities to seats one by one, with contiguity rows added in rounds."""
    program = build_subdistricts(problem, skip=skip)
    solution = solve_ranked(
        program.problem,
        [
            Objective("population_deviation", "fraction of the mean of all subdistricts",
                      program.population_deviation, lambda value: value + slack.deviation),
            Objective("squared_distance_to_seat", "person-km2", program.squared_distance,
                      lambda value: (1 + slack.compactness) * value),
            Objective("border_and_change", "weighted", program.border_and_change),
        ],
        settings,
        separate=None if "contiguous" in skip else partial(separate_strays, problem, program),
    )  # fmt: skip
    seat: dict[int, int] = {}
    if solution.values:
        seat = {i: j for (i, j), x in program.x.items() if solution.values[x.name] > 0.5}
    order = tuple(seat[i] for i in sorted(seat))
    return Answer(solution, order, "communities assigned to seats, contiguity rows in rounds")


def has_answer(problem: SubdistrictProblem, settings: Settings) -> bool | None:
    """Whether any arrangement keeps all rules; None if that could not be told in time."""
    try:
        found = least_deviation(problem, settings)
        status, able = found.status, bool(found.parts)
    except TooManyPartsError:
        program = build_subdistricts(problem)
        program.problem.setObjective(program.squared_distance)
        separate = partial(separate_strays, problem, program)
        solution = solve(program.problem, settings, separate=separate)
        status, able = solution.status, bool(solution.values)
    return None if status == SolveStatus.NO_SOLUTION_IN_TIME else able


def smallest_band(problem: SubdistrictProblem, settings: Settings) -> float | None:
    """Smallest band for which there is an arrangement; None if there is none, or none was found."""
    try:
        found = least_deviation(problem, settings, banded=False)
    except TooManyPartsError:
        program = build_subdistricts(problem, free_band=True)
        program.problem.setObjective(program.band)
        separate = partial(separate_strays, problem, program)
        return solve(program.problem, settings, separate=separate).objective
    return found.deviation if found.parts else None


__all__ = [
    "Answer",
    "Slack",
    "SolveStatus",
    "has_answer",
    "search",
    "search_assignments",
    "search_districts",
    "search_parts",
    "smallest_band",
]
