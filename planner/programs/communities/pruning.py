"""Fewer parts, the same answer: what no ranked optimum of a split community can hold.

People who change are all but those of the part that keeps the id. So the keeping part is the
largest one whose rest can be made into new communities, and only parts of such a rest are needed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pulp

from planner.programs.communities.choice import build_choice
from planner.programs.communities.parts import Part, PartTable, TooManyCommunitiesError
from planner.programs.communities.problem import CommunityProblem
from planner.solving.door import solve
from planner.solving.settings import Settings, SolveStatus

FIRST_KEEPERS = 4
"""Largest keeping parts that are tried first; then twice as many of the next ones."""
MOST_KEEPERS = 500
"""Keeping parts that are tried before the search gives up."""
MOST_COLUMNS = 20_000
"""Parts of one community that are chosen among at once."""


class OutOfTimeError(Exception):
    """The limit came before it was known which parts a best plan can hold."""


Rows = npt.NDArray[np.intp]


def prune(
    problem: CommunityProblem, table: PartTable, least: int, settings: Settings
) -> list[Part] | None:
    """Parts of a split community that can be in a plan with `least` households outside the limits.

    Of those plans only the ones in which fewest people change; None if there is no such plan.
    Raises TooManyCommunitiesError where that takes too many keeping parts, or too many beside
    them; OutOfTimeError.
    """
    keepers = np.flatnonzero(~table.new)
    keepers = keepers[np.argsort(-table.people[keepers], kind="stable")]
    first, count = 0, FIRST_KEEPERS
    while first < len(keepers):
        if settings.seconds_left() <= 0:
            raise OutOfTimeError
        tried = keepers[first : first + count]
        kept = _largest_keeper(problem, table, tried, least, settings)
        if kept is not None:
            same = keepers[table.people[keepers] == kept]
            return table.parts(_with_rest(table, same))
        first, count = first + count, 2 * count
        if first > MOST_KEEPERS:
            raise TooManyCommunitiesError
    return None


def _with_rest(table: PartTable, keepers: Rows) -> Rows:
    """Keeping parts, and the new ones that have nothing in common with at least one of them."""
    fresh = np.flatnonzero(table.new)
    apart = np.zeros(len(fresh), bool)
    for keeper in keepers:
        apart |= ~(table.bits[fresh] & table.bits[keeper]).any(axis=1)
    rows = np.concatenate([keepers, fresh[apart]])
    if len(rows) > MOST_COLUMNS:
        raise TooManyCommunitiesError
    return rows


def _largest_keeper(
    problem: CommunityProblem, table: PartTable, tried: Rows, least: int, settings: Settings
) -> int | None:
    """People of the keeping part in the plan in which fewest change; None if there is no plan."""
    rows = _with_rest(table, tried)
    if not table.inside(rows).any(axis=0).all():
        return None
    parts = table.parts(rows)
    program = build_choice(problem, parts, (table.community,))
    outside = [(u, float(p.outside)) for u, p in zip(program.u, parts, strict=True)]
    program.problem.addConstraint(pulp.LpAffineExpression(outside) <= least, "keep__outside")
    program.problem.setObjective(program.people_changing)
    solution = solve(program.problem, settings)
    if solution.status == SolveStatus.INFEASIBLE:
        return None
    if solution.status != SolveStatus.OPTIMAL:
        raise OutOfTimeError
    return _people_kept(table, rows, [solution.values[u.name] > 0.5 for u in program.u])


def _people_kept(table: PartTable, rows: Rows, chosen: Sequence[bool]) -> int:
    kept = [row for row, here in zip(rows, chosen, strict=True) if here and not table.new[row]]
    return int(table.people[kept[0]])
