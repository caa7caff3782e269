"""The location program: which sites open, how many whole classes each gets, who goes where.

Variables: ``z[o]`` class option chosen, ``x[a]`` arc (unit, school, service) used, ``w[f,s]``
pupils above capacity. Every row family is one function that adds named rows keyed by ids.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pulp

from planner.programs.location.neighbours import neighbour_cuts
from planner.programs.location.problem import LocationProblem, Option, option_amount

Key = tuple[int, int]
LEVELS = ("places_short", "way", "moves", "cost")


@dataclass(frozen=True)
class LocationProgram:
    """A built program: its PuLP problem, variables by position, and the ranked expressions."""

    problem: pulp.LpProblem
    x: tuple[pulp.LpVariable, ...]
    """By arc."""
    z: tuple[pulp.LpVariable, ...]
    """By option."""
    w: Mapping[Key, pulp.LpVariable]
    """Pupils above capacity, by (school, service)."""
    at: Mapping[Key, tuple[int, ...]]
    """Arcs by (school, service)."""
    arc: Mapping[tuple[int, int, int], int]
    """Arc by (unit, school, service)."""
    spare: Mapping[str, pulp.LpVariable]
    """By level: how far a kept level is exceeded; fixed at 0 except where bounds are sought."""
    places_short: pulp.LpAffineExpression
    way: pulp.LpAffineExpression
    """In pupil-kilometres: solvers like numbers of like size."""
    moves: pulp.LpAffineExpression
    cost: pulp.LpAffineExpression
    """In million yuan."""


def build_location(
    problem: LocationProblem, *, skip: frozenset[str] = frozenset()
) -> LocationProgram:
    """Build the program; `skip` leaves row families out (for tests of what each one does)."""
    program = _empty(problem)
    for family, define in FAMILIES.items():
        if family not in skip:
            define(problem, program)
    return program


def by_service(
    problem: LocationProblem, program: LocationProgram, level: str
) -> tuple[pulp.LpAffineExpression, ...]:
    """A level's expression (all but the cost) for each service alone."""
    service = {program.x[a].name: int(s) for a, s in enumerate(problem.arcs.service)}
    service |= {variable.name: s for (_, s), variable in program.w.items()}
    terms: list[list[tuple[pulp.LpVariable, float]]] = [[] for _ in problem.services]
    for variable, amount in getattr(program, level).items():
        terms[service[variable.name]].append((variable, amount))
    return tuple(pulp.LpAffineExpression(own) for own in terms)


def define_one_option(problem: LocationProblem, program: LocationProgram) -> None:
    """At most one class option a school: ``sum(z[o] for o at f) <= 1``."""
    for school, options in _options_at(problem).items():
        program.problem.addConstraint(
            pulp.lpSum(program.z[o] for o in options) <= 1, f"one_option__{school}"
        )


def define_served(problem: LocationProblem, program: LocationProgram) -> None:
    """Each unit goes whole to one school per service: ``sum(x[u,f,s] for f) == 1``."""
    arcs = problem.arcs
    served: dict[Key, list[int]] = defaultdict(list)
    for a, (unit, service) in enumerate(zip(arcs.unit, arcs.service, strict=True)):
        served[int(unit), int(service)].append(a)
    for unit in range(len(problem.units)):
        for service in range(len(problem.services)):
            program.problem.addConstraint(
                pulp.lpSum(program.x[a] for a in served[unit, service]) == 1,
                f"served__{unit}_{service}",
            )


def define_capacity(problem: LocationProblem, program: LocationProgram) -> None:
    """Pupils fit the places: ``sum(d[u,s] x[u,f,s]) <= places0 + sum(places z) + w[f,s]``."""
    options = _options_at(problem)
    for (school, service), arcs in program.at.items():
        pupils = [(program.x[a], problem.pupils[problem.arcs.unit[a], service]) for a in arcs]
        places = [(program.z[o], -problem.options[o].places[service]) for o in options[school]]
        over = [(program.w[school, service], -1.0)]
        terms = pulp.LpAffineExpression([*pupils, *places, *over])
        today = float(problem.places_today[school, service])
        program.problem.addConstraint(terms <= today, f"capacity__{school}_{service}")


def define_open(problem: LocationProblem, program: LocationProgram) -> None:
    """Only where there is a school: ``x[u,f,s] <= sum(z[o] for o at f with service s)``."""
    options = _options_at(problem)
    for (school, service), arcs in program.at.items():
        opening = opening_options(problem, school, service, options[school])
        if opening is None:
            continue
        for a in arcs:
            unit = problem.arcs.unit[a]
            program.problem.addConstraint(
                program.x[a] <= pulp.lpSum(program.z[o] for o in opening),
                f"open__{unit}_{school}_{service}",
            )


def define_programme(problem: LocationProblem, program: LocationProgram) -> None:
    """The programme's totals: ``lower <= sum(amount[o] z[o]) <= upper`` for each of them."""
    for total, (lower, upper) in problem.totals.items():
        amount = pulp.LpAffineExpression(
            [(program.z[o], option_amount(x, total)) for o, x in enumerate(problem.options)]
        )
        if lower is not None and lower == upper:
            program.problem.addConstraint(amount == lower, f"programme__{total}")
            continue
        if lower is not None:
            program.problem.addConstraint(amount >= lower, f"programme__{total}_least")
        if upper is not None:
            program.problem.addConstraint(amount <= upper, f"programme__{total}_most")


def define_neighbour(problem: LocationProblem, program: LocationProgram) -> None:
    """Not alone: ``x[u,f,s] <= sum(x[v,f,s] for v next to u)`` unless u touches the school's cell.

    The first separator of every unit; the others are added in rounds where they are violated.
    """
    arcs, x = problem.arcs, program.x
    for cut in neighbour_cuts(problem):
        program.problem.addConstraint(
            x[cut.unit] <= pulp.lpSum(x[a] for a in cut.through),
            f"neighbour__{arcs.unit[cut.unit]}_{arcs.school[cut.unit]}_{arcs.service[cut.unit]}",
        )


def define_opened(problem: LocationProblem, program: LocationProgram) -> None:
    """A school locked open takes one of its options: ``sum(z[o] for o at f) == 1``."""
    options = _options_at(problem)
    for school in sorted(problem.opened):
        chosen = pulp.LpAffineExpression([(program.z[o], 1.0) for o in options[school]])
        program.problem.addConstraint(chosen == 1, f"opened__{school}")


def define_together(problem: LocationProblem, program: LocationProgram) -> None:
    """Units kept together go to one school: ``x[u,f,s] == x[v,f,s]`` for u, v of a group."""
    for first, *others in problem.together:
        for other in others:
            for school, service in program.at:
                arcs = [program.arc.get((u, school, service)) for u in (first, other)]
                pairs = zip(arcs, (1.0, -1.0), strict=True)
                terms = [(program.x[a], sign) for a, sign in pairs if a is not None]
                if terms:
                    program.problem.addConstraint(
                        pulp.LpAffineExpression(terms) == 0,
                        f"together__{first}_{other}_{school}_{service}",
                    )


FAMILIES: Mapping[str, Callable[[LocationProblem, LocationProgram], None]] = {
    "one_option": define_one_option,
    "served": define_served,
    "capacity": define_capacity,
    "open": define_open,
    "programme": define_programme,
    "neighbour": define_neighbour,
    "opened": define_opened,
    "together": define_together,
}


def _empty(problem: LocationProblem) -> LocationProgram:
    """Variables and ranked expressions, without rows."""
    lp = pulp.LpProblem("location", pulp.LpMinimize)
    arcs = problem.arcs
    keys = list(zip(arcs.unit.tolist(), arcs.school.tolist(), arcs.service.tolist(), strict=True))
    x = tuple(lp.add_variable(f"x_{u}_{f}_{s}", 0, 1, pulp.LpInteger) for u, f, s in keys)
    z = tuple(lp.add_variable(f"z_{o}", 0, 1, pulp.LpInteger) for o in range(len(problem.options)))
    at: dict[Key, list[int]] = defaultdict(list)
    for a, (_, school, service) in enumerate(keys):
        at[school, service].append(a)
    w = {key: lp.add_variable(f"w_{key[0]}_{key[1]}", 0, None) for key in sorted(at)}
    spare = {name: lp.add_variable(f"spare_{name}", 0, 0) for name in LEVELS}
    # every variable is a column from the start, whatever rows follow
    lp.setObjective(pulp.lpSum([*w.values(), *spare.values(), *(0 * v for v in (*x, *z))]))
    pupils = problem.pupils[arcs.unit, arcs.service]
    ways_km = pupils * arcs.way_m / 1000
    return LocationProgram(
        problem=lp,
        x=x,
        z=z,
        w=w,
        spare=spare,
        at={key: tuple(at[key]) for key in sorted(at)},
        arc={key: a for a, key in enumerate(keys)},
        places_short=pulp.lpSum(w.values()),
        way=pulp.LpAffineExpression(list(zip(x, ways_km.tolist(), strict=True))),
        moves=pulp.LpAffineExpression(list(zip(x, (pupils * arcs.moves).tolist(), strict=True))),
        cost=pulp.LpAffineExpression(
            [(z[o], option.cost_yuan / 1e6) for o, option in enumerate(problem.options)]
        ),
    )


def opening_options(
    problem: LocationProblem, school: int, service: int, options: Sequence[int]
) -> list[int] | None:
    """The options, of those at a school, with which it serves a service; None: it does already."""
    if problem.overflow_only:
        return None if problem.places_today[school].any() else list(options)
    if problem.places_today[school, service] > 0:
        return None
    return [o for o in options if problem.options[o].places[service] > 0]


def _options_at(problem: LocationProblem) -> dict[int, list[int]]:
    at: dict[int, list[int]] = defaultdict(list)
    for o, option in enumerate(problem.options):
        at[option.school].append(o)
    return at


__all__ = ["FAMILIES", "LocationProgram", "Option", "build_location"]
