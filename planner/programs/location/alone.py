"""All levels by one integer program, where the ways to meet the programme are too many to list.

It begins with what the priced search found and proved. At city size that is all that is proven of
places short and ways; the levels below are bounded by the relaxation.
"""

from __future__ import annotations

import math
import time

from planner.programs.location.by_price import Limits, fewer_moves, priced_start
from planner.programs.location.levels import CLOSE, NAMES, Solved, tidy, whole, without_plan
from planner.programs.location.problem import Floats, LocationProblem
from planner.programs.location.program import LEVELS, LocationProgram, build_location, by_service
from planner.programs.location.rounds import Rounds
from planner.programs.priced.layout import SMALL_ARCS
from planner.scenario.model import Ranking
from planner.solving.settings import Settings, gap_of

_EASY = 0.2
"""Gap at which any contiguous plan will do."""
ALONE, PRICED, LARGE = (
    "one integer program",
    "priced search, then one integer program",
    "priced search, bounded by its prices or a linear relaxation",
)
"""How levels were solved."""

Schools = dict[tuple[int, int], int]


def solve_alone(
    problem: LocationProblem, settings: Settings, ranking: Ranking, skip: frozenset[str]
) -> tuple[list[Solved], tuple[int, ...], Schools]:
    """Levels, the chosen options, and the school of each unit and service."""
    start = None if skip else priced_start(problem, settings)
    if start is not None and start.bound_km == math.inf:
        without_plan(math.inf, settings)
    program = build_location(problem, skip=skip)
    rounds, solved = Rounds(problem, program, settings), list[Solved]()
    best = rounds.columns_of(start.options, start.school) if start and start.school else None
    large = len(problem.arcs.way_m) > SMALL_ARCS and best is not None
    how = LARGE if large else ALONE if best is None else PRICED
    limits: dict[str, tuple[float, ...]] = {}
    for level in LEVELS:
        began = time.monotonic()
        known = start.way_bound(sum(limits["places_short"])) if start and level == "way" else 0.0
        bound, best = _minimise(problem, program, rounds, level, best, known, proving=not large)
        if best is None:
            without_plan(bound, settings)
        if large and level == "moves":
            best = _with_fewer_moves(problem, rounds, best, limits)
        value = tidy(rounds.value_of(getattr(program, level), best), level)
        bound = min(bound, value)
        parts = _keep(problem, program, rounds, ranking, level, best, gap_of(value, bound) == 0)
        limits[level] = tuple(most for _, most in parts)
        allowed = value if level == "cost" else sum(limits[level])
        own = tuple(reached for reached, _ in parts)
        scale = 1e6 if level == "cost" else 1.0
        seconds = time.monotonic() - began
        figures = (value * scale, bound * scale, allowed * scale)
        solved.append(Solved(level, *figures, seconds, how, own))
    assert best is not None
    return solved, *_decided(problem, rounds, best)


def _decided(
    problem: LocationProblem, rounds: Rounds, columns: Floats
) -> tuple[tuple[int, ...], Schools]:
    """The options of a plan, and the school of each unit and service."""
    arcs = problem.arcs
    options = tuple(o for o, used in enumerate(columns[rounds.z]) if used > 0.5)
    used_arcs = rounds.used_arcs(columns)
    school = {(int(arcs.unit[a]), int(arcs.service[a])): int(arcs.school[a]) for a in used_arcs}
    return options, school


def _minimise(
    problem: LocationProblem, program: LocationProgram, rounds: Rounds, level: str,
    best: Floats | None, known: float, *, proving: bool,
) -> tuple[float, Floats | None]:  # fmt: skip
    """Bound of a level (at least `known`), and the best plan of it, from the best plan so far.

    Without `proving` the plan is only bounded.
    """
    pupils, expression = level in ("places_short", "moves"), getattr(program, level)
    gap = CLOSE * rounds.settings.tolerance
    rounds.set_objective(expression)
    if best is not None and gap_of(rounds.value_of(expression, best), known) <= gap:
        return known, best
    bound = max(known, rounds.relaxed_bound())
    bound = whole(problem, bound) if pupils else bound
    if best is None and math.isfinite(bound):
        best = _any_plan(program, rounds, bound)
        rounds.set_objective(expression)
    value = math.inf if best is None else rounds.value_of(expression, best)
    if proving and bound < math.inf and gap_of(value, bound) > gap:
        reached = rounds.solve(NAMES[level][0], gap=gap, below=value)
        bound = max(bound, whole(problem, reached.bound) if pupils else reached.bound)
        best = best if reached.columns is None else reached.columns
    return bound, best


def _with_fewer_moves(
    problem: LocationProblem, rounds: Rounds, best: Floats, limits: dict[str, tuple[float, ...]]
) -> Floats:
    """A plan within the levels above in which fewer change school, at what the way is worth."""
    outcome = rounds.session.relax()
    services = range(len(problem.services))
    prices = [
        0.0 if outcome.duals is None else -rounds.price_of_kept(outcome.duals, f"way__{s}")
        for s in services
    ]
    options, school = _decided(problem, rounds, best)
    above = Limits(limits["places_short"], limits["way"])
    found = fewer_moves(problem, options, school, above, prices, rounds.settings)
    return rounds.columns_of(*found)


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
