"""From a Territory and a Scenario to the arrays of the location problem."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from planner.errors import InfeasibleError
from planner.programs.contiguity import graph_of
from planner.programs.location.locking import (
    SchoolLocks,
    keeps_locks,
    lock_problems,
    school_locks,
    within_groups,
)
from planner.programs.location.problem import Arcs, Bools, Floats, LocationProblem, Option
from planner.scenario.model import Scenario, SchoolType
from planner.territory.territory import Territory


def location_problem(territory: Territory, scenario: Scenario) -> LocationProblem:
    """The places decision of a zone: units are compounds, schools are schools and sites."""
    units = tuple(territory.compounds.index)
    schools = tuple(territory.schools.index)
    services = tuple(scenario.services)
    places_today = places_of_today(territory, scenario)
    locks = school_locks(territory, scenario)
    options = tuple(o for o in _options(territory, scenario) if keeps_locks(o, locks))
    position = {unit: i for i, unit in enumerate(units)}
    demand = [territory.demand[s].loc[list(units), scenario.design_year] for s in services]
    return LocationProblem(
        units=units,
        services=services,
        schools=schools,
        pupils=np.column_stack([column.to_numpy(float) for column in demand]),
        places_today=places_today,
        options=options,
        arcs=_arcs(territory, scenario, _offered(options, places_today), locks),
        totals={
            name: (bounds.min, bounds.max)
            for name, bounds in (
                (name, getattr(scenario.programme, name))
                for name in type(scenario.programme).model_fields
            )
        },
        graph=graph_of(units, territory.borders),
        root=np.array([position[cell] for cell in territory.schools["cell"]], int),
        opened=locks.opened,
        together=locks.together,
    )


def screen_locks(territory: Territory, scenario: Scenario) -> None:
    """Raise InfeasibleError for locks that a single rule forbids, each with what would help."""
    options = tuple(_options(territory, scenario))
    offered = _offered(options, places_of_today(territory, scenario))
    ways = {
        name: _ways(territory, scenario, name) & offered[:, s]
        for s, name in enumerate(scenario.services)
    }
    found = lock_problems(territory, scenario, options, ways)
    if found:
        raise InfeasibleError(found)


def places_of_today(territory: Territory, scenario: Scenario) -> Floats:
    """Places today, schools × services: classes × class size."""
    columns = [
        territory.schools[f"{name}_classes"].to_numpy(float) * service.class_size
        for name, service in scenario.services.items()
    ]
    return np.column_stack(columns)


def way_m(territory: Territory, scenario: Scenario, service: str) -> Floats:
    """Metres that one pupil's way counts, compounds × schools: distance plus surcharges."""
    rules, travel = scenario.services[service], territory.travel
    beyond = travel.straight_m.to_numpy() > rules.radius_m
    return np.asarray(
        travel.distance_m.to_numpy()
        + rules.beyond_radius_surcharge_m * beyond
        + rules.crossing_surcharge_m * travel.crossings.to_numpy(),
        float,
    )


def _options(territory: Territory, scenario: Scenario) -> Iterator[Option]:
    """All class options, school by school."""
    offers = places_of_today(territory, scenario) > 0
    for school, kind in enumerate(territory.schools["kind"]):
        if kind == "site":
            yield from _site_options(territory, scenario, school)
        else:
            yield from _expansion_options(territory, scenario, school, offers[school])


def _site_options(territory: Territory, scenario: Scenario, school: int) -> Iterator[Option]:
    row = territory.schools.iloc[school]
    allowed = row["types"]
    named = {name.strip() for name in allowed.split(",")} if isinstance(allowed, str) else None
    for name, kind in scenario.school_types.items():
        if named and name not in named:
            continue
        for parallels in _parallels(scenario, kind):
            yield from _option(territory, scenario, school, "new", name, parallels)


def _parallels(scenario: Scenario, kind: SchoolType) -> Iterator[dict[str, int]]:
    """Whole parallel classes by service that a school type may have."""
    ranges = [
        range(kind.parallels[s].min, kind.parallels[s].max + 1) if s in kind.parallels else (0,)
        for s in scenario.services
    ]
    for counts in itertools.product(*ranges):
        used = [
            count for count, s in zip(counts, scenario.services, strict=True) if s in kind.parallels
        ]
        if sum(counts) and not (kind.equal and len(set(used)) > 1):
            yield dict(zip(scenario.services, counts, strict=True))


def _expansion_options(
    territory: Territory, scenario: Scenario, school: int, offers: Bools
) -> Iterator[Option]:
    if not territory.schools["expandable"].iloc[school]:
        return
    steps = (0, *range(max(1, scenario.expansion.min), scenario.expansion.max + 1))
    ranges = [steps if has else (0,) for has in offers]
    for counts in itertools.product(*ranges):
        if sum(counts):
            parallels = dict(zip(scenario.services, counts, strict=True))
            yield from _option(territory, scenario, school, "expanded", "expansion", parallels)


def _option(
    territory: Territory,
    scenario: Scenario,
    school: int,
    kind: str,
    type_: str,
    parallels: dict[str, int],
) -> Iterator[Option]:
    """The option with these parallel classes, if it fits its parcel."""
    row = territory.schools.iloc[school]
    rules = scenario.services
    classes = tuple(count * rules[s].grades for s, count in parallels.items())
    places = tuple(n * rules[s].class_size for n, s in zip(classes, parallels, strict=True))
    need_m2 = sum(n * rules[s].land_per_place_m2 for n, s in zip(places, parallels, strict=True))
    if need_m2 > float(row["land_m2"]) + 1e-6:
        return
    cost = float(row["cost_yuan"]) + sum(places) * float(row["cost_per_place_yuan"])
    yield Option(school, kind, type_, classes, places, float(row["land_m2"]), cost)


def _offered(options: tuple[Option, ...], places_today: Floats) -> Bools:
    """Whether a school has, or may get, places in a service: schools × services."""
    offered = places_today > 0
    for option in options:
        offered[option.school] |= np.array(option.places) > 0
    return np.asarray(offered, bool)


def _ways(territory: Territory, scenario: Scenario, service: str) -> Bools:
    """Whether a way keeps the limits of a service, compounds × schools."""
    rules, travel = scenario.services[service], territory.travel
    distance = travel.distance_m.to_numpy()
    allowed = np.isfinite(distance)
    if rules.reach_m is not None:
        allowed &= distance <= rules.reach_m
    if rules.max_crossings is not None:
        allowed &= travel.crossings.to_numpy() <= rules.max_crossings
    return np.asarray(allowed, bool)


def _arcs(territory: Territory, scenario: Scenario, offered: Bools, locks: SchoolLocks) -> Arcs:
    unit, school, service, way, moves = [], [], [], [], []
    ids = np.array(territory.schools.index)
    for s, name in enumerate(scenario.services):
        allowed = _ways(territory, scenario, name) & offered[:, s]
        u, f = np.nonzero(within_groups(allowed & locks.allowed[name], locks))
        unit.append(u)
        school.append(f)
        service.append(np.full(len(u), s))
        way.append(way_m(territory, scenario, name)[u, f])
        today = territory.today[name].to_numpy()[u]
        moves.append((today != ids[f]) & (today != ""))
    columns = [np.concatenate(part) for part in (unit, school, service, way, moves)]
    order = np.lexsort((columns[2], columns[1], columns[0]))
    return Arcs(*(column[order] for column in columns))
