"""Which locks cannot be kept together: the smallest set that leaves no plan, lock by lock."""

from __future__ import annotations

from collections.abc import Callable

from planner.errors import Problem
from planner.scenario.locks import lock_paths, lock_words, only
from planner.scenario.model import Scenario

Able = Callable[[Scenario], bool | None]
"""Whether a scenario has a plan; None if that could not be told."""


def conflicting_locks(scenario: Scenario, able: Able, *, paths: tuple[str, ...]) -> list[Problem]:
    """A set of locks, of those at `paths`, of which none may be missing for there to be no plan.

    Empty if they are not the cause, or if that could not be told. Deletion filter: Chinneck and
    Dravnieks, ORSA Journal on Computing 3 (1991).
    """
    others = tuple(path for path in lock_paths(scenario.locks) if path not in paths)
    if not paths or not able(_with(scenario, others)):
        return []
    kept = list(paths)
    for path in paths:
        without = [other for other in kept if other != path]
        found = able(_with(scenario, (*others, *without)))
        if found is None:
            return []
        if not found:
            kept = without
    told = "; ".join(lock_words(scenario.locks, path) for path in kept)
    several = len(kept) > 1
    which = "these locks leave" if several else "this lock leaves"
    message = f"{which} no plan that keeps the rules: {told}"
    hint = "take one of them away" if several else "take it away"
    return [Problem(", ".join(kept), message, hint, tuple(kept))]


def _with(scenario: Scenario, paths: tuple[str, ...]) -> Scenario:
    return scenario.model_copy(update={"locks": only(scenario.locks, paths)})
