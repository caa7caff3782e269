"""The levels below the way, solved aside: the search of the ways is free for something else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from planner.programs.location.problem import Floats
from planner.programs.location.ranked import LocationSolution, Rest, solve_rest
from planner.solving.aside import aside
from planner.solving.settings import Settings


@dataclass(frozen=True)
class Below:
    """The solution with all levels; its choice, and the columns of its plan by part of the search.

    Without its search: that of the ways above goes on.
    """

    solution: LocationSolution
    choice: int
    columns: tuple[Floats, ...]


def solving_beside(rest: Rest, settings: Settings) -> AbstractContextManager[Callable[[], Below]]:
    """Solve the levels that are left aside; what is given waits for the answer.

    `settings` are those of this search, its limit of time above all.
    """
    return aside(_solve, rest, settings)


def _solve(rest: Rest, settings: Settings) -> Below:
    search = rest.account.search
    search.renew(settings)
    rest.account.resume()
    solution = solve_rest(rest)
    assert search.best is not None
    columns = tuple(plan.columns for plan in search.plans(search.best) if plan)
    return Below(replace(solution, search=None), search.best, columns)
