"""Fewer parts, the same answer: what no ranked optimum of a split community can hold.

People who change are all but those of the part that keeps the id. So the keeping part is the
largest one whose rest can be made into new communities, and only parts of such a rest are needed.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulp

from planner.programs.community_choice import build_choice
from planner.programs.community_parts import Part
from planner.programs.community_problem import CommunityProblem
from planner.solving.door import solve
from planner.solving.settings import Settings

FIRST_KEEPERS = 4
"""Largest keeping parts that are tried first; then twice as many of the next ones."""


def prune(
    problem: CommunityProblem,
    c: int,
    parts: Sequence[Part],
    least: int,
    settings: Settings,
) -> list[Part] | None:
    """Parts of a split community that can be in a plan with `least` households outside the limits.

    Of those plans only the ones in which fewest people change; None if there is no such plan.
    """
    keepers = [part for part in parts if not part.new]
    keepers.sort(key=lambda part: (-_people(problem, part), part.members))
    fresh = [p for p in parts if p.new]
    first, count = 0, FIRST_KEEPERS
    while first < len(keepers):
        tried = keepers[first : first + count]
        kept = _largest_keeper(problem, c, [*tried, *_beside(fresh, tried)], least, settings)
        if kept is not None:
            same = [p for p in keepers if _people(problem, p) == _people(problem, kept)]
            return [*same, *_beside(fresh, same)]
        first, count = first + count, 2 * count
    return None


def _people(problem: CommunityProblem, part: Part) -> int:
    return sum(problem.today.population[u] for u in part.members)


def _beside(fresh: Sequence[Part], keepers: Sequence[Part]) -> list[Part]:
    """New parts that have nothing in common with at least one of the keeping parts."""
    taken = [_bits(part) for part in keepers]
    return [part for part in fresh if any(not _bits(part) & bits for bits in taken)]


def _bits(part: Part) -> int:
    return sum(1 << u for u in part.members)


def _largest_keeper(
    problem: CommunityProblem, c: int, parts: Sequence[Part], least: int, settings: Settings
) -> Part | None:
    """The keeping part of the plan in which fewest people change; None if there is no plan."""
    covered = {u for part in parts for u in part.members}
    if covered != set(problem.today.members[c]):
        return None
    program = build_choice(problem, parts, (c,))
    outside = [(u, float(p.outside)) for u, p in zip(program.u, parts, strict=True)]
    program.problem.addConstraint(pulp.LpAffineExpression(outside) <= least, "keep__outside")
    program.problem.setObjective(program.people_changing)
    solution = solve(program.problem, settings)
    if solution.objective is None:
        return None
    chosen = [p for u, p in zip(program.u, parts, strict=True) if solution.values[u.name] > 0.5]
    return next(part for part in chosen if not part.new)
