"""A plan of the priced places decision: the arc of every client, the option of every school."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.programs.location.catchments import torn_pieces
from planner.programs.location.problem import Bools, Floats, Ints
from planner.programs.priced.layout import Layout


@dataclass(frozen=True)
class Plan:
    """Arc by client, option by school (-1: none), and the value in pupil-kilometres."""

    arc: Ints
    option: Ints
    value: float


def plan_of(layout: Layout, arc: Ints, option: Ints) -> Plan:
    """A plan with its value."""
    over = overflow(layout, arc, option)
    return Plan(arc, option, float(layout.cost[arc].sum() + layout.price_km * over.sum()))


def loads_of(layout: Layout, arc: Ints) -> Floats:
    """Pupils by pair."""
    return np.asarray(np.bincount(layout.pair[arc], layout.pupils[arc], len(layout.places)), float)


def room_of(layout: Layout, option: Ints) -> Floats:
    """Places by pair."""
    room = layout.places.reshape(layout.schools, layout.services).copy()
    room[option >= 0] += layout.option_places[option[option >= 0]]
    return room.reshape(-1)


def overflow(layout: Layout, arc: Ints, option: Ints) -> Floats:
    """Pupils above capacity by pair."""
    return np.maximum(0.0, loads_of(layout, arc) - room_of(layout, option))


def open_pairs(layout: Layout, option: Ints) -> Bools:
    """By pair: whether pupils may be assigned there."""
    opened = layout.open_today.reshape(layout.schools, layout.services).copy()
    opened[option >= 0] |= layout.opens[option[option >= 0]]
    return opened.reshape(-1)


def schools_of(layout: Layout, plan: Plan) -> dict[tuple[int, int], int]:
    """School by unit and service, by position."""
    schools = layout.problem.arcs.school[plan.arc].tolist()
    return {divmod(client, layout.services): f for client, f in enumerate(schools)}


def options_of(plan: Plan) -> tuple[int, ...]:
    """The options chosen, by position."""
    return tuple(sorted(plan.option[plan.option >= 0].tolist()))


def torn_pairs(layout: Layout, arc: Ints) -> list[int]:
    """Pairs whose catchments are not contiguous; none without a graph."""
    problem = layout.problem
    if problem.graph is None:
        return []
    members: list[list[int]] = [[] for _ in layout.places]
    for unit, pair in zip(problem.arcs.unit[arc].tolist(), layout.pair[arc].tolist(), strict=True):
        members[pair].append(unit)
    return [
        pair for pair, units in enumerate(members)
        if torn_pieces(problem, *divmod(pair, layout.services), units)
    ]  # fmt: skip
