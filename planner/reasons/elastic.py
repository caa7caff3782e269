"""The places decision with every rule soft: which rules must give way, the least of them first.

Each rule (a total of the programme, a limit of a service, the land per place, a lock) has a switch
``used`` and, where it has an amount, a share of it beyond what is asked. The number of rules used
is minimised rank by rank, from the law to the wish, and then their shares; contiguity stays hard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pulp

from planner.programs.location.inputs import location_problem
from planner.programs.location.problem import Arcs, Floats, LocationProblem, Option, option_amount
from planner.programs.location.program import FAMILIES, LocationProgram, build_location
from planner.programs.location.rounds import Rounds
from planner.reasons.elastic_locks import lock_rows
from planner.reasons.rules import of_communities, rank_of, with_service
from planner.scenario.locks import Locks, lock_paths, only
from planner.scenario.model import Scenario
from planner.scenario.rules import RANKS
from planner.solving.arrays import arrays_of, rows_of
from planner.solving.settings import Settings
from planner.territory.territory import Territory

LAND = "services.*.land_per_place_m2"
"""Key of the land per place, which gives way by one share in all services."""
_PROVEN = 1e-4
"""Relative gap at which a rank is taken as minimised; shares are far coarser."""


@dataclass(frozen=True)
class Soft:
    """One rule that may give way."""

    key: str
    family: str
    rank: str
    used: pulp.LpVariable
    share: pulp.LpVariable | None
    """How far beyond what is asked, as a share; None: kept or dropped."""


@dataclass(frozen=True)
class Given:
    """A plan of places and the rules that had to give way for it."""

    used: tuple[str, ...]
    """Their keys."""
    options: tuple[Option, ...]
    arcs: tuple[int, ...]
    """Of the elastic problem."""
    proven: bool
    """Whether every rank is proven to be the least."""


@dataclass(frozen=True)
class Elastic:
    """The elastic program of a scenario."""

    territory: Territory
    scenario: Scenario
    problem: LocationProblem
    """Without limits, locks and totals; options as if land per place were nothing."""
    program: LocationProgram
    soft: Mapping[str, Soft]


def elastic_places(territory: Territory, scenario: Scenario, *, assigned: bool) -> Elastic:
    """Build the elastic program; without `assigned`, of the choice of options alone.

    That leaves out who goes where, and all rules of it: a relaxation.
    """
    free = scenario.model_copy(update={"locks": Locks()})
    for name in scenario.services:
        free = with_service(free, name, reach_m=None, max_crossings=None, land_per_place_m2=0.0)
    problem = location_problem(territory, free)
    bare = replace(problem, totals={}) if assigned else without_arcs(problem)
    skip = frozenset() if assigned else frozenset(FAMILIES) - {"one_option"}
    found = Elastic(territory, scenario, bare, build_location(bare, skip=skip), {})
    soft = _soft_totals(found, problem.totals) | _soft_land(found)
    if assigned:
        soft |= _soft_limits(found)
    return replace(found, soft=soft | _soft_locks(found, sites_only=not assigned))


def without_arcs(problem: LocationProblem) -> LocationProblem:
    """The choice of options alone: nobody goes anywhere."""
    none = np.zeros(0, int)
    arcs = Arcs(none, none, none, np.zeros(0), np.zeros(0, bool))
    return replace(problem, totals={}, arcs=arcs, graph=None)


def ways_out(elastic: Elastic, settings: Settings, *, count: int) -> list[Given]:
    """Up to `count` sets of rules whose giving way allows a plan, the cheapest first.

    None of them holds all of another. Stops early when time runs out.
    """
    rounds = Rounds(elastic.problem, elastic.program, settings)
    found: list[Given] = []
    position = arrays_of(elastic.program.problem).position
    while len(found) < count and settings.seconds_left() > 0:
        given = _least(elastic, rounds)
        if given is None or not given.used:
            return found if given is None else [*found, given]
        found.append(given)
        switches = [elastic.soft[key].used for key in given.used]
        row = pulp.lpSum(switches) <= len(switches) - 1
        row.name = f"another__{len(found)}"
        rounds.session.add_rows(rows_of([row], position))
    return found


def _least(elastic: Elastic, rounds: Rounds) -> Given | None:
    """The least that must give way, rank by rank; None if nothing helps or none was found."""
    best: Floats | None = None
    proven = True
    kept: list[str] = []
    for name, expression in _objectives(elastic):
        if best is not None and rounds.value_of(expression, best) <= 1e-9:
            rounds.keep(expression, 1e-4, name)  # none of these gives way
            kept.append(name)
            continue
        rounds.set_objective(expression)
        reached = rounds.solve(name, gap=_PROVEN)
        best = best if reached.columns is None else reached.columns
        if best is None:
            break
        value = rounds.value_of(expression, best)
        proven &= value - reached.bound <= max(1e-6, 10 * _PROVEN * abs(value))
        rounds.keep(expression, value + 1e-4, name)
        kept.append(name)
    for level in kept:
        rounds.release(level)
    if best is None:
        return None
    values = rounds.values(best)
    return Given(
        used=tuple(key for key, soft in elastic.soft.items() if values[soft.used.name] > 0.5),
        options=tuple(
            option for option, z in zip(elastic.problem.options, best[rounds.z], strict=True)
            if z > 0.5
        ),
        arcs=tuple(rounds.used_arcs(best)),
        proven=bool(proven),
    )  # fmt: skip


def _objectives(elastic: Elastic) -> list[tuple[str, pulp.LpAffineExpression]]:
    """How many rules of each rank give way, from the law to the wish; then by which shares."""
    counts, shares = [], []
    for rank in RANKS:
        own = [soft for soft in elastic.soft.values() if soft.rank == rank]
        parts = [(soft.share, 1.0) for soft in own if soft.share is not None]
        if own:
            terms = pulp.LpAffineExpression([(soft.used, 1.0) for soft in own])
            counts.append((f"{rank} rules", terms))
        if parts:
            shares.append((f"{rank} shares", pulp.LpAffineExpression(parts)))
    return [*counts, *shares]


def _soft(elastic: Elastic, key: str, family: str, name: str, most: float | None) -> Soft:
    """A rule that may give way, by a share of at most `most` (None: wholly or not at all)."""
    lp = elastic.program.problem
    used = lp.add_variable(f"used_{name}", 0, 1, pulp.LpInteger)
    share = None if most is None else lp.add_variable(f"share_{name}", 0, max(most, 0.0))
    if share is not None and most is not None:
        lp.addConstraint(share - most * used <= 0, f"soft__{name}")
    return Soft(key, family, rank_of(elastic.scenario, family), used, share)


def _soft_totals(
    elastic: Elastic, totals: Mapping[str, tuple[float | None, float | None]]
) -> dict[str, Soft]:
    """``lower - scale share <= sum(amount[o] z[o]) <= upper + scale share`` for each total."""
    problem, program, found = elastic.problem, elastic.program, {}
    for name, (lower, upper) in totals.items():
        amounts = [option_amount(option, name) for option in problem.options]
        most = _largest(problem, amounts)
        if (lower is None and upper is None) or max(most, lower or 0.0) <= 0:
            continue
        scale = max(1.0, upper or 0.0, lower or 0.0, most / 4)
        soft = _soft(elastic, f"programme.{name}", name, name, max(most, lower or 0.0) / scale)
        shares = [(z, amount / scale) for z, amount in zip(program.z, amounts, strict=True)]
        if lower is not None:
            row = pulp.LpAffineExpression([*shares, (soft.share, 1.0)]) >= lower / scale
            program.problem.addConstraint(row, f"soft__{name}_least")
        if upper is not None:
            row = pulp.LpAffineExpression([*shares, (soft.share, -1.0)]) <= upper / scale
            program.problem.addConstraint(row, f"soft__{name}_most")
        found[soft.key] = soft
    return found


def _soft_limits(elastic: Elastic) -> dict[str, Soft]:
    """``sum(excess[a] x[a] of a unit) <= limit share`` for reach and crossings of a service."""
    found = {}
    travel, arcs = elastic.territory.travel, elastic.problem.arcs
    tables = {
        "reach_m": travel.distance_m.to_numpy(float),
        "max_crossings": travel.crossings.to_numpy(float),
    }
    for s, (name, service) in enumerate(elastic.scenario.services.items()):
        for limit, table in tables.items():
            now = getattr(service, limit)
            if now is None:
                continue
            scale = max(1.0, float(now))
            excess = {
                a: (table[u, f] - now) / scale
                for a, (u, f) in enumerate(zip(arcs.unit, arcs.school, strict=True))
                if arcs.service[a] == s and table[u, f] > now
            }
            if not excess:
                continue  # it can be in nobody's way
            most = max(excess.values())
            soft = _soft(elastic, f"services.{name}.{limit}", limit, f"{limit}_{s}", most)
            _per_unit(elastic, excess, soft, f"soft__{limit}_{s}")
            found[soft.key] = soft
    return found


def _per_unit(elastic: Elastic, excess: Mapping[int, float], soft: Soft, name: str) -> None:
    program, units = elastic.program, elastic.problem.arcs.unit
    by_unit: dict[int, list[tuple[pulp.LpVariable, float]]] = {}
    for a, amount in excess.items():
        by_unit.setdefault(int(units[a]), []).append((program.x[a], amount))
    for unit, terms in sorted(by_unit.items()):
        row = pulp.LpAffineExpression([*terms, (soft.share, -1.0)]) <= 0
        program.problem.addConstraint(row, f"{name}_{unit}")


def _soft_land(elastic: Elastic) -> dict[str, Soft]:
    """``sum(lack[o] z[o] of a school) <= share``: by which share less land a place would fit."""
    program, found = elastic.program, {}
    lack = [land_lack(elastic.scenario, option) for option in elastic.problem.options]
    most = max(lack, default=0.0)
    if most <= 0:
        return {}
    soft = _soft(elastic, LAND, "land_per_place_m2", "land", most)
    by_school: dict[int, list[tuple[pulp.LpVariable, float]]] = {}
    for z, option, share in zip(program.z, elastic.problem.options, lack, strict=True):
        if share > 0:
            by_school.setdefault(option.school, []).append((z, share))
    for school, terms in sorted(by_school.items()):
        row = pulp.LpAffineExpression([*terms, (soft.share, -1.0)]) <= 0
        program.problem.addConstraint(row, f"soft__land_{school}")
    found[soft.key] = soft
    return found


def land_lack(scenario: Scenario, option: Option) -> float:
    """Share by which the land per place must fall for an option to fit its parcel; 0 if it does."""
    norms = [service.land_per_place_m2 for service in scenario.services.values()]
    need = sum(n * m for n, m in zip(option.places, norms, strict=True))
    return max(0.0, 1 - option.land_m2 / need) if need > option.land_m2 + 1e-6 else 0.0


def _soft_locks(elastic: Elastic, *, sites_only: bool) -> dict[str, Soft]:
    """Every lock on places holds unless its switch is used."""
    found = {}
    for n, path in enumerate(lock_paths(elastic.scenario.locks)):
        other = sites_only and not path.startswith("locks.sites.")
        if other or of_communities(elastic.territory, elastic.scenario, path):
            continue
        soft = _soft(elastic, path, "locks", f"lock_{n}", None)
        locks = only(elastic.scenario.locks, [path])
        rows = lock_rows(elastic.problem, elastic.program, locks, soft.used)
        for number, row in enumerate(rows):
            elastic.program.problem.addConstraint(row, f"soft__lock_{n}_{number}")
        found[path] = soft
    return found


def _largest(problem: LocationProblem, amounts: Sequence[float]) -> float:
    """The most that one option at every school adds up to."""
    best: dict[int, float] = {}
    for option, amount in zip(problem.options, amounts, strict=True):
        best[option.school] = max(best.get(option.school, 0.0), amount)
    return sum(best.values())
