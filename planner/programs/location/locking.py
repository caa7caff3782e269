"""Locks in the places decision: options taken away or forced, arcs removed, units kept together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from planner.errors import Problem
from planner.programs.location.problem import Bools, Option
from planner.scenario.model import Scenario
from planner.territory.lock_checks import groups_of
from planner.territory.territory import Territory

Allowed = Mapping[str, Bools]
"""By service: whether a way may be taken, compounds × schools."""


@dataclass(frozen=True)
class SchoolLocks:
    """Locks as arrays; positions refer to the sorted ids of the territory."""

    closed: frozenset[int]
    """Schools that get no option."""
    opened: frozenset[int]
    """Schools that must get one."""
    served: Mapping[int, tuple[int, ...]]
    """Services that a school must offer, because a compound is fixed to it."""
    together: tuple[tuple[int, ...], ...]
    """Groups of compounds that go to one school in every service."""
    allowed: Allowed
    """What the pairs leave."""


def school_locks(territory: Territory, scenario: Scenario) -> SchoolLocks:
    """The scenario's locks of sites, compound–school pairs and compounds kept together.

    Raises KeyError for ids that the territory does not have (`check_locks` names them all).
    """
    locks = scenario.locks
    unit = {key: u for u, key in enumerate(territory.compounds.index)}
    school = {key: f for f, key in enumerate(territory.schools.index)}
    state = {school[key]: value for key, value in locks.sites.items()}
    sites = territory.schools["kind"] == "site"
    together = tuple(
        tuple(unit[key] for key in group)
        for group in groups_of([g for g in locks.together if g[0] in unit], [])
    )
    allowed, served = {}, dict[int, tuple[int, ...]]()
    for s, service in enumerate(scenario.services):
        free = np.ones((len(unit), len(school)), bool)
        for compound, key in locks.fixed.schools.get(service, {}).items():
            free[unit[compound]] &= np.arange(len(school)) == school[key]
            if sites[key]:
                served[school[key]] = tuple({*served.get(school[key], ()), s})
        for compound, keys in locks.forbidden.schools.get(service, {}).items():
            free[unit[compound], [school[key] for key in keys]] = False
        for group in together:
            free[list(group)] = free[list(group)].all(axis=0)
        allowed[service] = free
    return SchoolLocks(
        closed=frozenset(f for f, value in state.items() if value == "closed"),
        opened=frozenset({*(f for f, value in state.items() if value == "open"), *served}),
        served={f: tuple(sorted(services)) for f, services in sorted(served.items())},
        together=together,
        allowed=allowed,
    )


def keeps_locks(option: Option, locks: SchoolLocks) -> bool:
    """Whether an option is left: its school not closed, and with the services it must offer."""
    wanted = locks.served.get(option.school, ())
    return option.school not in locks.closed and all(option.places[s] for s in wanted)


def within_groups(ways: Bools, locks: SchoolLocks) -> Bools:
    """Ways (compounds × schools) that all compounds kept together may take."""
    kept = ways.copy()
    for group in locks.together:
        kept[list(group)] = ways[list(group)].all(axis=0)
    return kept


def lock_problems(
    territory: Territory, scenario: Scenario, options: tuple[Option, ...], ways: Allowed
) -> list[Problem]:
    """Locks that a rule forbids; `options` and `ways` are those without any lock."""
    return [
        *_unable(territory, scenario, options),
        *_too_many(territory, scenario),
        *_out_of_reach(territory, scenario, options, ways),
        *_nowhere_together(territory, scenario, ways),
    ]


def _unable(
    territory: Territory, scenario: Scenario, options: tuple[Option, ...]
) -> Iterator[Problem]:
    """Sites that must open, but on whose parcel nothing fits."""
    able = {territory.schools.index[option.school] for option in options}
    for key, state in scenario.locks.sites.items():
        if state == "open" and key not in able:
            yield Problem(
                f"locks.sites.{key}",
                f"{key} must open, but no type of school fits its parcel of "
                f"{territory.schools.at[key, 'land_m2']:,.0f} m²",
                "take the lock away, or lower land_per_place_m2 or the sizes of school_types",
                (key,),
            )
    services = tuple(scenario.services)
    for f, served in school_locks(territory, scenario).served.items():
        key = str(territory.schools.index[f])
        here = [option for option in options if option.school == f]
        if here and not any(all(option.places[s] for s in served) for option in here):
            names = " and ".join(services[s] for s in served)
            yield Problem(
                "locks.fixed.schools",
                f"compounds are fixed to {key} for {names}, but no type of school with "
                f"{names} fits its parcel",
                "fix them to another school, or change school_types",
                (key,),
            )


def _too_many(territory: Territory, scenario: Scenario) -> Iterator[Problem]:
    """More sites forced open than schools asked for, or too many closed to reach the least."""
    for kind, total in (("site", "new_schools"), ("existing", "expanded_schools")):
        rows = territory.schools[territory.schools["kind"] == kind]
        keys = list(rows.index) if kind == "site" else list(rows.index[rows["expandable"]])
        asked = getattr(scenario.programme, total)
        state = scenario.locks.sites
        opened = [key for key in keys if state.get(key) == "open"]
        closed = [key for key in keys if state.get(key) == "closed"]
        if asked.max is not None and len(opened) > asked.max:
            yield Problem(
                "locks.sites",
                f"{len(opened)} are locked open ({', '.join(opened)}), but programme.{total} "
                f"allows {asked.max:g}",
                f"raise programme.{total} to {len(opened)}, or take a lock away",
                tuple(opened),
            )
        if closed and asked.min is not None and len(keys) - len(closed) < asked.min:
            yield Problem(
                "locks.sites",
                f"{len(closed)} of {len(keys)} are locked closed ({', '.join(closed)}), but "
                f"programme.{total} asks for {asked.min:g}",
                f"lower programme.{total} to {len(keys) - len(closed)}, or take a lock away",
                tuple(closed),
            )


def _out_of_reach(
    territory: Territory, scenario: Scenario, options: tuple[Option, ...], ways: Allowed
) -> Iterator[Problem]:
    """Compounds fixed to a school that they may not go to, or forbidden all that they may."""
    units, schools = territory.compounds.index, territory.schools.index
    for s, service in enumerate(scenario.services):
        offers = {schools[o.school] for o in options if o.places[s]}
        offers |= set(schools[territory.schools[f"{service}_classes"] > 0])
        for compound, school in scenario.locks.fixed.schools.get(service, {}).items():
            u, f = units.get_loc(compound), schools.get_loc(school)
            if ways[service][u, f]:
                continue
            why, hint = rule_against(
                territory, scenario, service, compound, school, offered=school in offers
            )
            path = f"locks.fixed.schools.{service}.{compound}"
            yield Problem(
                path, f"{compound} is fixed to {school}, but {why}",
                f"{hint} school, or take the lock away", (compound, school),
            )  # fmt: skip
        for compound, barred in scenario.locks.forbidden.schools.get(service, {}).items():
            left = ways[service][units.get_loc(compound)].copy()
            left[[schools.get_loc(key) for key in barred]] = False
            if not left.any():
                yield Problem(
                    f"locks.forbidden.schools.{service}.{compound}",
                    f"every {service} school within reach of {compound} is forbidden",
                    "take one of the schools away from the lock, or raise the reach",
                    (compound, *barred),
                )


def rule_against(
    territory: Territory, scenario: Scenario, service: str, compound: str, school: str, *,
    offered: bool,
) -> tuple[str, str]:  # fmt: skip
    """Which rule keeps a compound from a school, and the beginning of what would help.

    `offered`: whether the school has or may get places. Both are empty where no rule does.
    """
    rules, travel = scenario.services[service], territory.travel
    distance = float(travel.distance_m[school][compound])
    crossings = int(travel.crossings[school][compound])
    if not offered:
        return f"{school} offers no {service} places and cannot get any", "another"
    if not np.isfinite(distance):
        return f"there is no way from {compound} to {school}", "another"
    if rules.reach_m is not None and distance > rules.reach_m:
        return (
            f"{distance:,.0f} m is beyond services.{service}.reach_m ({rules.reach_m:g})",
            f"raise services.{service}.reach_m to {np.ceil(distance):.0f}, or fix another",
        )
    if rules.max_crossings is not None and crossings > rules.max_crossings:
        return (
            f"{crossings} crossings are more than services.{service}.max_crossings",
            f"raise services.{service}.max_crossings to {crossings}, or fix another",
        )
    return "", ""


def _nowhere_together(territory: Territory, scenario: Scenario, ways: Allowed) -> Iterator[Problem]:
    """Compounds kept together of which no school is within the reach of all."""
    locks = school_locks(territory, scenario)
    units = territory.compounds.index
    for group in locks.together:
        keys = tuple(str(units[u]) for u in group)
        for service in scenario.services:
            if not ways[service][list(group)].all(axis=0).any():
                yield Problem(
                    "locks.together",
                    f"no {service} school is within reach of all of {', '.join(keys)}",
                    "part them, or raise the reach of the service",
                    keys,
                )
