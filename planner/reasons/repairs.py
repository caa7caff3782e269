"""Repairs: the least change of rules that allows a plan, as scenarios shown to have one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.errors import InfeasibleError
from planner.programs.location.inputs import location_problem, screen_locks
from planner.programs.location.problem import option_amount
from planner.programs.location.repairs import RaisedLimit, has_plan
from planner.programs.location.screens import screen
from planner.reasons.case import Asking
from planner.reasons.elastic import LAND, Elastic, Given, elastic_places, land_lack, ways_out
from planner.reasons.rules import (
    range_words,
    rank_of,
    with_programme,
    with_service,
)
from planner.scenario.locks import lock_paths, lock_words, only
from planner.scenario.model import Range, Scenario
from planner.scenario.rules import RANKS
from planner.territory.territory import Territory


@dataclass(frozen=True)
class Changed:
    """One rule that gives way in a repair."""

    key: str
    family: str
    rank: str
    now: str
    then: str
    share: float
    """How far beyond what was asked, as a share; 1 for a rule taken away."""


@dataclass(frozen=True)
class Repair:
    """A scenario that is shown to have a plan, and what it asks otherwise."""

    changes: tuple[Changed, ...]
    scenario: Scenario
    cheapest: bool
    """Whether no cheaper one is left, as proven."""


def place_repairs(
    territory: Territory, scenario: Scenario, asking: Asking, *, count: int,
    raised: Sequence[RaisedLimit] = (),
) -> list[Repair]:  # fmt: skip
    """Up to `count` repairs of the places decision, the cheapest first; each has a plan.

    Cheapest: the fewest rules, rank by rank from the law to the wish; then the smallest shares.
    `raised`: limits on ways that are known to help; they are a repair even where time runs out.
    """
    asking.told("the least that must give way")
    found = _that_work(elastic_places(territory, scenario, assigned=False), asking, count)
    if found:
        # the choice of options alone is a relaxation: what works for it is the cheapest of all
        return found
    asking.told("the least that must give way, who goes where")
    found = _that_work(elastic_places(territory, scenario, assigned=True), asking, count)
    limits = _raised(scenario, raised)
    if limits is not None:
        # a search that ran out of time may have far dearer ones
        found = [one for one in found if one.cheapest and one.scenario != limits.scenario]
        found = sorted([*found, limits], key=lambda repair: cost_of(repair.changes))
    return found[:count]


def cost_of(changes: Sequence[Changed]) -> tuple[float, ...]:
    """How many rules give way, by rank from the law to the wish; then by which shares."""
    counts = [float(sum(c.rank == rank for c in changes)) for rank in RANKS]
    shares = [sum(c.share for c in changes if c.rank == rank) for rank in RANKS]
    return (*counts, *shares)


def _raised(scenario: Scenario, raised: Sequence[RaisedLimit]) -> Repair | None:
    """The repair that raises limits on ways alone."""
    changes, changed = list[Changed](), scenario
    for limit in raised:
        change = _changed_limit(scenario, limit.service, limit.limit, limit.value)
        changes.append(change)
        then = int(limit.value) if limit.limit == "max_crossings" else float(limit.value)
        changed = with_service(changed, limit.service, **{limit.limit: then})
    return Repair(tuple(changes), changed, cheapest=False) if changes else None


def _that_work(elastic: Elastic, asking: Asking, count: int) -> list[Repair]:
    found = []
    for given in ways_out(elastic, asking.settings(elastic.scenario), count=count):
        repair = _repair(elastic, given)
        if not repair.changes:
            continue
        if not given.proven:
            repair = _reduced(elastic, given, asking)
        asking.told("; ".join(f"{c.key}: {c.now} → {c.then}" for c in repair.changes))
        if places_work(elastic.territory, repair.scenario, asking):
            found.append(repair)
        elif not found:
            return []  # who goes where needs rules to give way too
    return found


def _reduced(elastic: Elastic, given: Given, asking: Asking) -> Repair:
    """A repair of a search that ran out of time, without the rules that need not give way.

    First all totals of the programme are put back, then rule after rule.
    """
    totals = tuple(key for key in given.used if key.startswith("programme."))
    for dropped in (totals, *((key,) for key in given.used)):
        fewer = tuple(key for key in given.used if key not in dropped)
        trial = replace(given, used=fewer)
        if fewer and fewer != given.used:
            repair = _repair(elastic, trial)
            asking.told(f"without {', '.join(dropped)}")
            if places_work(elastic.territory, repair.scenario, asking):
                given = trial
    return _repair(elastic, given)


def places_work(territory: Territory, scenario: Scenario, asking: Asking) -> bool:
    """Whether a scenario has a plan of places, shown by one."""
    try:
        screen_locks(territory, scenario)
        screen(location_problem(territory, scenario))
    except InfeasibleError:
        return False
    return bool(has_plan(territory, scenario, asking.settings(scenario)))


def without_locks(scenario: Scenario, dropped: Sequence[str]) -> Scenario:
    """The scenario without the locks at these dotted keys."""
    kept = [path for path in lock_paths(scenario.locks) if path not in dropped]
    return scenario.model_copy(update={"locks": only(scenario.locks, kept)})


def dropped_lock(scenario: Scenario, path: str) -> Changed:
    """A lock taken away, in words."""
    rank = rank_of(scenario, "locks")
    return Changed(path, "locks", rank, lock_words(scenario.locks, path), "taken away", 1.0)


def _repair(elastic: Elastic, given: Given) -> Repair:
    """Each rule that gave way, set to what the plan needs of it and no more."""
    scenario, changes = elastic.scenario, list[Changed]()
    locks = [key for key in given.used if key.startswith("locks.")]
    for key in given.used:
        if key in locks:
            changes.append(dropped_lock(elastic.scenario, key))
        elif key.startswith("programme."):
            scenario = _total(given, key, scenario, changes)
        elif key == LAND:
            scenario = _land(elastic, given, scenario, changes)
        else:
            scenario = _limit(elastic, given, key, scenario, changes)
    return Repair(tuple(changes), without_locks(scenario, locks), given.proven)


def _total(given: Given, key: str, scenario: Scenario, changes: list[Changed]) -> Scenario:
    name = key.partition(".")[2]
    bounds: Range = getattr(scenario.programme, name)
    amount = sum(option_amount(option, name) for option in given.options)
    exact = bounds.min is not None and bounds.min == bounds.max
    low, high = bounds.min, bounds.max
    if low is not None and amount < low - 1e-6:
        low, asked = float(math.floor(amount + 1e-6)), low
        high = low if exact else high
    elif high is not None and amount > high + 1e-6:
        high, asked = float(math.ceil(amount - 1e-6)), high
        low = high if exact else low
    else:
        return scenario
    share = abs(amount - asked) / max(1.0, asked)
    changed = Range(min=low, max=high)
    words = range_words(bounds), range_words(changed)
    changes.append(Changed(key, name, rank_of(scenario, name), *words, share))
    return with_programme(scenario, **{name: changed})


def _limit(
    elastic: Elastic, given: Given, key: str, scenario: Scenario, changes: list[Changed]
) -> Scenario:
    _, service, limit = key.split(".")
    travel, arcs = elastic.territory.travel, elastic.problem.arcs
    table = travel.distance_m if limit == "reach_m" else travel.crossings
    s = elastic.problem.services.index(service)
    used = [a for a in given.arcs if arcs.service[a] == s]
    reached = float(np.max(table.to_numpy(float)[arcs.unit[used], arcs.school[used]]))
    now = getattr(scenario.services[service], limit)
    then = math.ceil(reached)
    if then <= now:
        return scenario
    changes.append(_changed_limit(scenario, service, limit, then))
    return with_service(
        scenario, service, **{limit: then if limit == "max_crossings" else float(then)}
    )


def _changed_limit(scenario: Scenario, service: str, limit: str, then: float) -> Changed:
    now = getattr(scenario.services[service], limit)
    share = (then - now) / max(1.0, now)
    key = f"services.{service}.{limit}"
    return Changed(key, limit, rank_of(scenario, limit), f"{now:g}", f"{then:g}", share)


def _land(elastic: Elastic, given: Given, scenario: Scenario, changes: list[Changed]) -> Scenario:
    lack = max((land_lack(elastic.scenario, option) for option in given.options), default=0.0)
    if lack <= 0:
        return scenario
    family = "land_per_place_m2"
    for name, service in elastic.scenario.services.items():
        now = service.land_per_place_m2
        then = math.floor(now * (1 - lack) * 100 + 1e-9) / 100
        changes.append(
            Changed(
                f"services.{name}.{family}", family, rank_of(scenario, family),
                f"{now:g}", f"{then:g}", lack,
            )
        )  # fmt: skip
        scenario = with_service(scenario, name, **{family: then})
    return scenario
