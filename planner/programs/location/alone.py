"""All levels by one integer program, where the ways to meet the programme are too many to list."""

from __future__ import annotations

import math
import time

from planner.programs.location.levels import CLOSE, NAMES, Solved, tidy, whole, without_plan
from planner.programs.location.problem import Floats, LocationProblem
from planner.programs.location.program import LEVELS, LocationProgram, build_location, by_service
from planner.programs.location.rounds import Rounds
from planner.scenario.model import Ranking
from planner.solving.settings import Settings, gap_of

_EASY = 0.2
"""Gap at which any contiguous plan will do."""

Schools = dict[tuple[int, int], int]


def solve_alone(
    problem: LocationProblem, settings: Settings, ranking: Ranking, skip: frozenset[str]
) -> tuple[list[Solved], tuple[int, ...], Schools]:
    """Levels, the chosen options, and the school of each unit and service."""
    program = build_location(problem, skip=skip)
    rounds, solved = Rounds(problem, program, settings), list[Solved]()
    best: Floats | None = None
    for level in LEVELS:
        began = time.monotonic()
        bound, best = _minimise(problem, program, rounds, level, best)
        if best is None:
            without_plan(bound, settings)
        value = tidy(rounds.value_of(getattr(program, level), best), level)
        bound = min(bound, value)
        parts = _keep(problem, program, rounds, ranking, level, best, gap_of(value, bound) == 0)
        allowed = value if level == "cost" else sum(most for _, most in parts)
        own = tuple(reached for reached, _ in parts)
        scale = 1e6 if level == "cost" else 1.0
        seconds = time.monotonic() - began
        figures = (value * scale, bound * scale, allowed * scale)
        solved.append(Solved(level, *figures, seconds, "one integer program", own))
    assert best is not None
    arcs = problem.arcs
    options = tuple(o for o, used in enumerate(best[rounds.z]) if used > 0.5)
    used_arcs = rounds.used_arcs(best)
    school = {(int(arcs.unit[a]), int(arcs.service[a])): int(arcs.school[a]) for a in used_arcs}
    return solved, options, school


def _minimise(
    problem: LocationProblem, program: LocationProgram, rounds: Rounds, level: str,
    best: Floats | None,
) -> tuple[float, Floats | None]:  # fmt: skip
    """Bound of a level, and the best plan of it, from the best plan so far."""
    pupils, expression = level in ("places_short", "moves"), getattr(program, level)
    gap = CLOSE * rounds.settings.tolerance
    rounds.set_objective(expression)
    bound = max(0.0, rounds.relaxed_bound())
    bound = whole(problem, bound) if pupils else bound
    if best is None and math.isfinite(bound):
        best = _any_plan(program, rounds, bound)
        rounds.set_objective(expression)
    value = math.inf if best is None else rounds.value_of(expression, best)
    if bound < math.inf and gap_of(value, bound) > gap:
        reached = rounds.solve(NAMES[level][0], gap=gap, below=value)
        bound = max(bound, whole(problem, reached.bound) if pupils else reached.bound)
        best = best if reached.columns is None else reached.columns
    return bound, best


def _any_plan(program: LocationProgram, rounds: Rounds, short: float) -> Floats | None:
    """Any plan as short of places as `short`, looked for by its short way.

    Places short alone has no taste, and its separation rounds do not end.
    """
    rounds.keep(program.places_short, short, "places_short")
    rounds.set_objective(program.way)
    reached = rounds.compact_plan(gap=_EASY)
    if reached.columns is None:
        reached = rounds.solve(NAMES["places_short"][0], gap=_EASY)
    rounds.release("places_short")
    return reached.columns


def _keep(
    problem: LocationProblem, program: LocationProgram, rounds: Rounds, ranking: Ranking,
    level: str, best: Floats, proven: bool,
) -> list[tuple[float, float]]:  # fmt: skip
    """Keep a level service by service; value and limit of each."""
    if level == "cost":
        return []
    share = {"way": ranking.way, "moves": ranking.moves}.get(level, 0.0)
    kept, expressions = list[tuple[float, float]](), by_service(problem, program, level)
    for expression, pupils in zip(expressions, problem.pupils.sum(0), strict=True):
        value = rounds.value_of(expression, best)
        extra = math.floor(ranking.places_short * pupils) if level == "places_short" else 0
        kept.append((value, value * (1 + share) + extra))
    if level == "places_short" and proven and all(most <= value for value, most in kept):
        rounds.keep(program.places_short, sum(most for _, most in kept), level)
        return kept
    for s, (expression, (_, most)) in enumerate(zip(expressions, kept, strict=True)):
        rounds.keep(expression, most, f"{level}__{s}")
    return kept
