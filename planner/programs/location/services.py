"""The location problem of one service, and the distributions of places that choices lead to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from planner.programs.location.problem import Arcs, Bools, Ints, LocationProblem, Option


def of_service(problem: LocationProblem, service: int) -> tuple[LocationProblem, Ints]:
    """The assignment of one service, and the position of each option in it.

    Options that give a school the same places are one option there; an option without places of
    the service, and the padding of a choice, have the position after the last.
    """
    arcs = problem.arcs
    mine = arcs.service == service
    kept: dict[tuple[int, int], Option] = {}
    for option in problem.options:
        if option.places[service]:
            alone = replace(
                option, classes=(option.classes[service],), places=(option.places[service],),
                land_m2=0.0, cost_yuan=0.0,
            )  # fmt: skip
            kept.setdefault((option.school, option.places[service]), alone)
    row = {key: i for i, key in enumerate(kept)}
    position = [row.get((o.school, o.places[service]), len(kept)) for o in problem.options]
    part = replace(
        problem,
        services=(problem.services[service],),
        pupils=problem.pupils[:, [service]],
        places_today=problem.places_today[:, [service]],
        options=tuple(kept.values()),
        arcs=Arcs(
            arcs.unit[mine], arcs.school[mine], np.zeros(int(mine.sum()), int),
            arcs.way_m[mine], arcs.moves[mine],
        ),
        totals={}, opened=frozenset(),
    )  # fmt: skip
    return part, np.array([*position, len(kept)], int)


def reaching(problem: LocationProblem, places: Ints) -> Bools:
    """Which distributions leave every unit a school in its reach."""
    arcs = problem.arcs
    reach = np.zeros((len(problem.schools), len(problem.units)))
    reach[arcs.school, arcs.unit] = 1.0
    return np.asarray(((places > 0).astype(float) @ reach > 0).all(1), bool)


def places_of(problem: LocationProblem, slots: Ints) -> Ints:
    """Places of every school in each distribution (distributions × schools)."""
    added = np.zeros((len(problem.options) + 1, len(problem.schools)), int)
    for o, option in enumerate(problem.options):
        added[o, option.school] = option.places[0]
    return np.asarray(problem.places_today[:, 0].astype(int) + added[slots].sum(1), int)
