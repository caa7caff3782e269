"""Repairs of the boundaries: another number, no parent rule, a wider band, fewer locks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product

from planner.errors import InfeasibleError, NoPlanInTimeError
from planner.plan.plan import CommunityPlan
from planner.programs.communities.communities import plan_communities
from planner.programs.subdistricts.data import places_of, subdistrict_problem
from planner.programs.subdistricts.search import smallest_band
from planner.programs.subdistricts.subdistricts import plan_subdistricts
from planner.reasons.case import Asking
from planner.reasons.repairs import Changed, Repair, cost_of, dropped_lock, without_locks
from planner.reasons.rules import of_communities, rank_of, with_boundaries
from planner.scenario.locks import lock_paths
from planner.scenario.model import Scenario
from planner.territory.territory import Territory

Cost = tuple[float, ...]
"""How many rules give way, by rank from the law to the wish; then by which shares."""


@dataclass(frozen=True)
class _Trial:
    """Some rules changed; the band is still to be found."""

    changes: tuple[Changed, ...]
    scenario: Scenario


def boundary_repairs(
    territory: Territory, scenario: Scenario, asking: Asking, *, count: int
) -> list[Repair]:
    """Up to `count` repairs of the subdistricts, the cheapest first; each has an arrangement.

    Every number of seats, with and without the parent rule and up to two locks fewer (or all of
    them), is looked at with the smallest band that it needs.
    """
    found: list[tuple[Cost, Repair]] = []
    for trial in sorted(_trials(territory, scenario), key=lambda one: cost_of(one.changes)):
        if asking.stop.is_set():
            break
        worst = found[count - 1][0] if len(found) >= count else (math.inf,)
        if cost_of(trial.changes) >= worst:
            break
        if any(_holds(trial.changes, repair.changes) for _, repair in found):
            continue
        asking.told("; ".join(f"{c.key}: {c.now} → {c.then}" for c in trial.changes) or "the band")
        repair = _with_band(territory, trial, asking)
        if repair is not None:
            found = sorted([*found, (cost_of(repair.changes), repair)], key=lambda pair: pair[0])
    return [repair for _, repair in found[:count]]


def boundaries_work(territory: Territory, scenario: Scenario, asking: Asking) -> bool:
    """Whether a scenario has subdistricts, shown by an arrangement."""
    try:
        communities = planned_communities(territory, scenario, asking)
        plan_subdistricts(
            territory, scenario, asking.settings(scenario), communities=communities, served={}
        )
    except (InfeasibleError, NoPlanInTimeError):
        return False
    return True


def planned_communities(
    territory: Territory, scenario: Scenario, asking: Asking
) -> tuple[CommunityPlan, ...]:
    """The communities of a scenario, of which subdistricts are formed."""
    return plan_communities(territory, scenario, asking.settings(scenario)).communities


def _trials(territory: Territory, scenario: Scenario) -> Iterator[_Trial]:
    rules = scenario.boundaries
    asked = rules.subdistricts or territory.communities["subdistrict"].nunique()
    numbers = range(1, len(territory.seats) + 1)
    every = tuple(
        path for path in lock_paths(scenario.locks) if of_communities(territory, scenario, path)
    )
    dropped = dict.fromkeys([(), *((path,) for path in every), *combinations(every[:12], 2), every])
    parents = (True, False) if rules.parent_rule else (False,)
    for number, parent, locks in product(numbers, parents, dropped):
        changes = [dropped_lock(scenario, path) for path in locks]
        changed = without_locks(scenario, locks)
        if number != asked:
            share = abs(number - asked) / asked
            changes.append(_change(scenario, "subdistricts", str(asked), str(number), share))
            changed = with_boundaries(changed, subdistricts=number)
        if parent != rules.parent_rule:
            changes.append(_change(scenario, "parent_rule", "true", "false", 1.0))
            changed = with_boundaries(changed, parent_rule=False)
        yield _Trial(tuple(changes), changed)


def _with_band(territory: Territory, trial: _Trial, asking: Asking) -> Repair | None:
    """The trial with the smallest band it needs, if it works."""
    scenario = trial.scenario
    if boundaries_work(territory, scenario, asking):
        return Repair(trial.changes, scenario, cheapest=True) if trial.changes else None
    places = places_of(planned_communities(territory, scenario, asking))
    problem = subdistrict_problem(territory, scenario, places, {})
    band = smallest_band(problem, asking.settings(scenario))
    if band is None:
        return None
    now, then = scenario.boundaries.band, math.ceil(band * 1000 - 1e-6) / 1000
    if then <= now or then > 1:
        return None
    wider = with_boundaries(scenario, band=then)
    if not boundaries_work(territory, wider, asking):
        return None
    change = _change(scenario, "band", f"{now:g}", f"{then:g}", (then - now) / now)
    return Repair((*trial.changes, change), wider, cheapest=True)


def _change(scenario: Scenario, family: str, now: str, then: str, share: float) -> Changed:
    key = f"boundaries.{family}"
    return Changed(key, family, rank_of(scenario, family), now, then, share)


def _holds(changes: tuple[Changed, ...], others: tuple[Changed, ...]) -> bool:
    """Whether all that a repair changes is changed here too: then it adds nothing."""
    mine = {(change.key, change.then) for change in changes}
    return {(change.key, change.then) for change in others} <= mine
