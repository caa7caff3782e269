"""Rows of locks that may be taken away: each holds unless its switch is used."""

from __future__ import annotations

from collections.abc import Collection

import pulp

from planner.programs.location.problem import LocationProblem
from planner.programs.location.program import LocationProgram
from planner.scenario.locks import Locks

Terms = list[tuple[pulp.LpVariable, float]]


def lock_rows(
    problem: LocationProblem, program: LocationProgram, locks: Locks, used: pulp.LpVariable
) -> list[pulp.LpConstraint]:
    """The rows of one lock on places; `used` is 1 where it is taken away."""
    return [
        *_site_rows(problem, program, locks, used),
        *_pair_rows(problem, program, locks, used),
        *_group_rows(problem, program, locks, used),
    ]


def _site_rows(
    problem: LocationProblem, program: LocationProgram, locks: Locks, used: pulp.LpVariable
) -> list[pulp.LpConstraint]:
    """``sum(z[o] at f) >= 1 - used`` where it opens, ``<= used`` where it is closed."""
    rows = []
    for key, state in locks.sites.items():
        here: Terms = [
            (z, 1.0) for z, option in zip(program.z, problem.options, strict=True)
            if problem.schools[option.school] == key
        ]  # fmt: skip
        opens = state == "open"
        total = pulp.LpAffineExpression([*here, (used, 1.0 if opens else -1.0)])
        rows.append(total >= 1 if opens else total <= 0)
    return rows


def _pair_rows(
    problem: LocationProblem, program: LocationProgram, locks: Locks, used: pulp.LpVariable
) -> list[pulp.LpConstraint]:
    """``sum(x[u,f] of the schools that are barred) <= used`` for each pair."""
    rows = []
    for service, pairs in locks.fixed.schools.items():
        for compound, school in pairs.items():
            at = problem.units.index(compound), problem.services.index(service)
            others = {key for key in problem.schools if key != school}
            barred = _arcs(problem, program, at, others)
            rows.append(pulp.LpAffineExpression([*barred, (used, -1.0)]) <= 0)
    for service, lists in locks.forbidden.schools.items():
        for compound, schools in lists.items():
            at = problem.units.index(compound), problem.services.index(service)
            barred = _arcs(problem, program, at, schools)
            rows.append(pulp.LpAffineExpression([*barred, (used, -1.0)]) <= 0)
    return rows


def _arcs(
    problem: LocationProblem,
    program: LocationProgram,
    at: tuple[int, int],
    schools: Collection[str],
) -> Terms:
    return [
        (program.x[a], 1.0)
        for (unit, f, s), a in program.arc.items()
        if (unit, s) == at and problem.schools[f] in schools
    ]


def _group_rows(
    problem: LocationProblem, program: LocationProgram, locks: Locks, used: pulp.LpVariable
) -> list[pulp.LpConstraint]:
    """``|x[u,f] - x[v,f]| <= used`` for compounds kept together."""
    rows = []
    for group in locks.together:
        first, *others = (problem.units.index(key) for key in group)
        for other in others:
            for school, service in program.at:
                pair = [program.arc.get((u, school, service)) for u in (first, other)]
                for signs in ((1.0, -1.0), (-1.0, 1.0)):
                    terms = [
                        (program.x[a], sign)
                        for a, sign in zip(pair, signs, strict=True)
                        if a is not None
                    ]
                    rows.append(pulp.LpAffineExpression([*terms, (used, -1.0)]) <= 0)
    return rows
