"""The community decision as arrays behind ids: which communities may be split, which may join."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from planner.programs.contiguity import Graph, graph_of, pieces
from planner.programs.districting import Floats


@dataclass(frozen=True)
class Communities:
    """Today's communities over their compounds; positions refer to the sorted ids."""

    compounds: tuple[str, ...]
    households: tuple[int, ...]
    population: tuple[int, ...]
    squared: Floats
    """Squared distance of compounds, km²."""
    graph: Graph
    """Contiguity graph of the compounds."""
    members: tuple[tuple[int, ...], ...]
    """Compounds of each community."""
    within: tuple[tuple[str, ...], ...]
    """Subdistrict, parent and locks of each community, which a merger never crosses."""
    least: int
    most: int
    """Households that a community should have; a single larger compound is excepted."""


@dataclass(frozen=True)
class Unit:
    """What moves whole: one compound of a community that is too large, or a whole community."""

    community: int
    compounds: tuple[int, ...]
    households: int
    population: int


@dataclass(frozen=True)
class Slot:
    """A community that may come about: today's (keeping its id), or a new one around a centre."""

    community: int
    new: bool
    split: bool
    units: tuple[int, ...]
    """Units that may belong to it; the first of today's small community is its own."""
    centres: tuple[int, ...]
    """Compounds that may be its centre."""


@dataclass(frozen=True)
class CommunityProblem:
    """Units, the slots they may fill, and what the other communities contribute to the levels."""

    today: Communities
    units: tuple[Unit, ...]
    slots: tuple[Slot, ...]
    graphs: dict[int, Graph]
    """Compound graph within each community that may be split; ids are the compounds'."""
    unit_of: dict[int, int]
    """Unit of each compound that takes part."""
    settled: tuple[int, ...]
    """Communities that stay as they are."""
    households_outside: int
    """Of the settled communities."""
    squared_distance: float
    """Of the settled communities, person-km²."""


def community_problem(today: Communities) -> CommunityProblem:
    """Find who takes part: too large communities, small ones and those that could take them in."""
    count = len(today.members)
    split = [c for c in range(count) if _is_too_large(today, c)]
    targets = {c: _targets(today, c) for c in range(count) if _is_small(today, c)}
    joining = sorted({c for giver, near in targets.items() for c in (giver, *near) if near})
    units: list[Unit] = []
    own: dict[int, tuple[int, ...]] = {}
    for c in split:
        own[c] = tuple(range(len(units), len(units) + len(today.members[c])))
        units += [_unit(today, c, (u,)) for u in today.members[c]]
    for c in joining:
        own[c] = (len(units),)
        units.append(_unit(today, c, today.members[c]))
    unit_of = {u: number for number, unit in enumerate(units) for u in unit.compounds}
    graphs = {c: _graph_within(today, c) for c in split}
    slots = [slot for c in split for slot in _slots_of_split(today, c, unit_of, graphs[c])]
    for c in joining:
        givers = [own[giver][0] for giver, near in targets.items() if c in near]
        inside = (own[c][0], *givers)
        centres = tuple(sorted(u for number in inside for u in units[number].compounds))
        slots.append(Slot(c, new=False, split=False, units=inside, centres=centres))
    settled = tuple(c for c in range(count) if c not in own)
    return CommunityProblem(
        today=today,
        units=tuple(units),
        slots=tuple(slots),
        graphs=graphs,
        unit_of=unit_of,
        settled=settled,
        households_outside=sum(households_outside(today, today.members[c]) for c in settled),
        squared_distance=sum(squared_distance(today, today.members[c]) for c in settled),
    )


def households_outside(today: Communities, members: Sequence[int]) -> int:
    """Households of a community above the most or below the least."""
    households = sum(today.households[u] for u in members)
    if len(members) == 1 and households > today.most:
        return 0
    return max(0, households - today.most, today.least - households)


def squared_distance(today: Communities, members: Sequence[int]) -> float:
    """Person-km² to the best centre among the compounds of a community."""
    return min((distance_to(today, members, v) for v in members), default=0.0)


def distance_to(today: Communities, members: Sequence[int], centre: int) -> float:
    """Person-km² of compounds to a centre."""
    return float(sum(today.population[u] * today.squared[u, centre] for u in members))


def _is_too_large(today: Communities, c: int) -> bool:
    households = sum(today.households[u] for u in today.members[c])
    return households > today.most and len(today.members[c]) > 1


def _is_small(today: Communities, c: int) -> bool:
    return (
        bool(today.members[c]) and sum(today.households[u] for u in today.members[c]) < today.least
    )


def _targets(today: Communities, giver: int) -> list[int]:
    """Neighbours of the same subdistrict and parent with room, bordered by each piece of it."""
    households = [sum(today.households[u] for u in members) for members in today.members]
    own = pieces(today.graph, today.members[giver])
    found = []
    for c, members in enumerate(today.members):
        room = households[c] + households[giver] <= today.most
        if c == giver or today.within[c] != today.within[giver] or not members or not room:
            continue
        there = set(members)
        if all(any(w in there for v in piece for w in today.graph.neighbours[v]) for piece in own):
            found.append(c)
    return found


def _unit(today: Communities, community: int, compounds: tuple[int, ...]) -> Unit:
    return Unit(
        community,
        compounds,
        sum(today.households[u] for u in compounds),
        sum(today.population[u] for u in compounds),
    )


def _slots_of_split(
    today: Communities, c: int, unit_of: dict[int, int], graph: Graph
) -> list[Slot]:
    members = today.members[c]
    component = dict(zip(graph.ids, graph.component, strict=True))
    keeping = Slot(
        c, new=False, split=True, units=tuple(unit_of[u] for u in members), centres=members
    )
    slots = [keeping]
    for v in members:
        here = component[today.compounds[v]]
        inside = tuple(unit_of[u] for u in members if component[today.compounds[u]] == here)
        slots.append(replace(keeping, new=True, units=inside, centres=(v,)))
    return slots


def _graph_within(today: Communities, c: int) -> Graph:
    ids = [today.compounds[u] for u in today.members[c]]
    pairs = [
        (today.compounds[u], today.compounds[w])
        for u in today.members[c]
        for w in today.graph.neighbours[u]
        if u < w
    ]
    return graph_of(ids, pd.DataFrame(pairs, columns=["a", "b"]))
