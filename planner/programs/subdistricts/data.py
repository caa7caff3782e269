"""From a territory and its planned communities to the subdistrict problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planner.plan.plan import CommunityPlan
from planner.programs.contiguity import Graph, graph_of, pieces
from planner.programs.districting import Floats, own_point, squared_km2
from planner.programs.subdistricts.locking import barred_pairs, community_locks
from planner.programs.subdistricts.problem import SubdistrictProblem
from planner.scenario.model import Scenario
from planner.territory.lock_checks import subdistrict_id
from planner.territory.territory import Territory

Served = Mapping[str, Mapping[str, str]]
"""The school of each compound and service."""


@dataclass(frozen=True)
class Places:
    """Where things lie: compounds in communities, communities in groups, seats at home."""

    compounds: tuple[str, ...]
    community: Mapping[str, int]
    """Community (position) of each compound."""
    communities: tuple[CommunityPlan, ...]
    """Those with compounds, sorted by id."""
    empty: tuple[CommunityPlan, ...]
    """Those without."""


def places_of(communities: Sequence[CommunityPlan]) -> Places:
    """Sort the planned communities and index their compounds."""
    ordered = sorted(communities, key=lambda community: community.id)
    settled = tuple(community for community in ordered if community.compounds)
    member = {u: i for i, community in enumerate(settled) for u in community.compounds}
    empty = tuple(community for community in ordered if not community.compounds)
    return Places(tuple(sorted(member)), member, settled, empty)


def subdistrict_problem(
    territory: Territory, scenario: Scenario, places: Places, served: Served
) -> SubdistrictProblem:
    """The problem as arrays; communities without compounds take no part in it."""
    rule = scenario.boundaries.parent_rule
    parents = [community.parent if rule else "" for community in places.communities]
    groups = tuple(sorted(set(parents)))
    group = tuple(groups.index(parent) for parent in parents)
    seats = tuple(sorted(territory.seats.index))
    graph, piece = _pieces(territory, places, group)
    cells = [seat_cell(territory, places, seat) for seat in seats]
    locks = community_locks(territory, scenario, (*places.communities, *places.empty))
    ids = [community.id for community in places.communities]
    number = scenario.boundaries.subdistricts or territory.communities["subdistrict"].nunique()
    return SubdistrictProblem(
        communities=tuple(ids),
        population=tuple(community.population for community in places.communities),
        groups=groups,
        group=group,
        seats=seats,
        office=tuple(territory.seats.loc[seat, "kind"] == "office" for seat in seats),
        home=tuple(places.community[cell] for cell in cells),
        number=int(number),
        band=scenario.boundaries.band,
        squared=_squared(territory, places, seats),
        moved=_moved(territory, scenario, places, seats),
        cuts=_cuts(territory, scenario, places, served),
        graph=graph,
        owner=tuple(_owner(key, places) for key in graph.ids),
        root=tuple(graph.ids.index(piece[cell]) for cell in cells),
        barred=barred_pairs(territory, locks, ids, seats),
        together=tuple(
            found
            for group in locks.together
            if len(found := tuple(ids.index(key) for key in group if key in ids)) > 1
        ),
    )


def seat_cell(territory: Territory, places: Places, seat: str) -> str:
    """The compound in whose cell a seat lies; it must belong to the seat's own community.

    Where the cell belongs to a compound of another community, the nearest of the seat's own.
    """
    row = territory.seats.loc[seat]
    today = territory.compounds["community"]
    own = [u for u in places.compounds if today[u] == row["community"]]
    if row["cell"] in own or not own:
        return str(row["cell"])
    points = territory.compounds.geometry
    return min(own, key=lambda u: (own_point(points[u]).distance(row["geometry"]), u))


def _pieces(
    territory: Territory, places: Places, group: Sequence[int]
) -> tuple[Graph, dict[str, str]]:
    """Graph of the pieces of all communities, without edges between groups; piece of compounds."""
    compounds = graph_of(places.compounds, territory.borders)
    piece: dict[str, str] = {}
    for i, community in enumerate(places.communities):
        members = [compounds.position[u] for u in community.compounds]
        for number, found in enumerate(pieces(compounds, members)):
            piece |= {compounds.ids[v]: f"{i:05}/{number:05}" for v in found}
    pairs = [
        (piece[a], piece[b])
        for a, b in zip(territory.borders["a"], territory.borders["b"], strict=True)
        if piece[a] != piece[b] and group[places.community[a]] == group[places.community[b]]
    ]
    return graph_of(set(piece.values()), pd.DataFrame(pairs, columns=["a", "b"])), piece


def _owner(piece: str, places: Places) -> int:
    owner = int(piece.split("/", maxsplit=1)[0])
    assert owner < len(places.communities)
    return owner


def _squared(territory: Territory, places: Places, seats: Sequence[str]) -> Floats:
    """Person-km² from each community to each seat, compound by compound."""
    people = territory.compounds.loc[list(places.compounds), "population"].to_numpy(float)
    points = [own_point(territory.compounds.geometry[u]) for u in places.compounds]
    centres = [own_point(territory.seats.geometry[seat]) for seat in seats]
    return _by_community(places, people[:, None] * squared_km2(points, centres))


def _moved(
    territory: Territory, scenario: Scenario, places: Places, seats: Sequence[str]
) -> Floats:
    """Price of the people whose subdistrict changes, communities × seats."""
    compounds = territory.compounds.loc[list(places.compounds)]
    today = compounds["community"].map(territory.communities["subdistrict"]).astype(str).to_numpy()
    planned = np.array([subdistrict_id(territory, seat) for seat in seats])
    people = compounds["population"].to_numpy(float)
    changed = people[:, None] * (today[:, None] != planned[None, :])
    return scenario.boundaries.prices.moved_person * _by_community(places, changed)


def _by_community(places: Places, values: Floats) -> Floats:
    total = np.zeros((len(places.communities), values.shape[1]))
    np.add.at(total, [places.community[u] for u in places.compounds], values)
    return total


def _cuts(
    territory: Territory, scenario: Scenario, places: Places, served: Served
) -> dict[tuple[int, int], float]:
    """Price of parting two communities: unfollowed border and pupils who would cross it."""
    prices = scenario.boundaries.prices
    weights: dict[tuple[int, int], float] = {}

    def add(one: str, other: str, weight: float) -> None:
        i, k = sorted((places.community[one], places.community[other]))
        if i != k and weight > 0:
            weights[i, k] = weights.get((i, k), 0.0) + weight

    borders = territory.borders
    unfollowed = borders["border_m"] - borders["followed_m"]
    for a, b, metres in zip(borders["a"], borders["b"], unfollowed, strict=True):
        add(a, b, prices.border_m * float(metres))
    for compound in places.compounds:
        for service, school in sorted(served.get(compound, {}).items()):
            cell = territory.schools.loc[school, "cell"]
            pupils = float(territory.demand[service][scenario.design_year][compound])
            if cell in places.community:
                add(compound, cell, prices.crossing_pupil * pupils)
    return dict(sorted(weights.items()))
