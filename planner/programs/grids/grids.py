"""Grids: whole buildings of neighbouring compounds, within household limits, in each community."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from planner.plan.plan import CommunityPlan, GridPlan, Level, Status
from planner.programs.contiguity import Graph, graph_of, pieces
from planner.programs.grids.naming import Drawn, Spots, grids_drawn, named
from planner.programs.grids.search import solve_piece
from planner.programs.grids.stock import Stock, buildings_by_kind
from planner.scenario.model import Band, Scenario
from planner.solving.settings import Progress, Settings, SolveStatus, gap_of, status_of
from planner.territory.territory import Territory

LEVELS = (
    ("households_outside_limits", "households"),
    ("grids", "grids"),
    ("compounds_divided", "grids"),
)
"""Names and units of the ranked levels.

`compounds_divided` sums over compounds the grids that touch one beyond ``max(1, ceil(h / most))``,
the fewest that can hold its h households; never below 0.
"""
HOW = "sum over communities; patterns of whole buildings, clusters of compounds, priced rows"


@dataclass(frozen=True)
class CommunityGrids:
    """Grids of one community, with values and proven bounds of the three levels."""

    grids: tuple[GridPlan, ...]
    values: tuple[int, int, int]
    bounds: tuple[int, int, int]


@dataclass(frozen=True)
class GridResult:
    """Grids of all communities; a level's value and bound are sums over the communities."""

    grids: tuple[GridPlan, ...]
    levels: tuple[Level, ...]
    status: Status


def plan_grids(
    territory: Territory,
    scenario: Scenario,
    settings: Settings,
    *,
    communities: Sequence[CommunityPlan],
    skip: frozenset[str] = frozenset(),
) -> GridResult:
    """Group the buildings of every community into grids of `boundaries.grid_households`.

    Ranked: households in grids outside the limits, number of grids, compounds divided beyond need.
    Where the work limit ends before a proof, status is FEASIBLE and the bounds are the proven ones.
    `skip` leaves row families and pattern rules out (tests).
    """
    began = time.monotonic()
    limits = scenario.boundaries.grid_households
    spots, places = _spots(territory.compounds), _spots(territory.buildings)
    done: list[CommunityGrids] = []
    for community in sorted(communities, key=lambda one: one.id):
        inside = territory.buildings[territory.buildings["compound"].isin(community.compounds)]
        graph = graph_of(community.compounds, territory.borders)
        done.append(
            grids_of_community(
                inside,
                graph,
                limits,
                settings,
                community=community.id,
                spots=spots,
                places=places,
                skip=skip,
            )
        )
        if settings.report:
            best, bound = _sums(done, 0)
            settings.report(Progress("grids", time.monotonic() - began, best, bound))
    return _result(done, settings, time.monotonic() - began)


def grids_of_community(
    buildings: pd.DataFrame,
    graph: Graph,
    limits: Band,
    settings: Settings,
    *,
    community: str = "community",
    spots: Spots | None = None,
    places: Spots | None = None,
    skip: frozenset[str] = frozenset(),
) -> CommunityGrids:
    """Grids of one community from its buildings (by id: compound, households) and its graph.

    `spots` and `places` are coordinates of compounds and of buildings, where known: ids run from
    north-west to south-east, and of equal buildings those next to each other share a grid.
    Buildings without households stay together in each compound. Raises ValueError for a building
    whose compound is not in the graph.
    """
    strangers = sorted(set(buildings["compound"]) - set(graph.ids))
    if strangers:
        raise ValueError(f"buildings of compounds outside the community: {strangers[:5]}")
    table = {
        str(key): (str(compound), int(households))
        for key, compound, households in zip(
            buildings.index, buildings["compound"], buildings["households"], strict=True
        )
    }
    drawn: list[Drawn] = []
    spots, places = spots or {}, places or {}
    values, bounds = [0, 0, 0], [0, 0, 0]
    parts = (
        [list(range(len(graph.ids)))]
        if "connected" in skip
        else pieces(graph, range(len(graph.ids)))
    )
    parts = [part for part in parts if _has_buildings(graph, part, table)]
    for part in parts:
        stock = _stock(graph, part, table, limits, skip)
        solved = solve_piece(stock, settings, skip=skip)
        values = [a + b for a, b in zip(values, solved.values, strict=True)]
        bounds = [a + b for a, b in zip(bounds, solved.bounds, strict=True)]
        alone = len(parts) == 1
        drawn += grids_drawn(stock, solved.rows, table, spots=spots, places=places, alone=alone)
    return CommunityGrids(
        named(drawn, community, limits, spots),
        (values[0], values[1], values[2]),
        (bounds[0], bounds[1], bounds[2]),
    )


def _spots(frame: pd.DataFrame) -> Spots:
    """A coordinate within each geometry, by id; nothing where there is none."""
    if not isinstance(frame, gpd.GeoDataFrame):
        return {}
    known = frame.geometry[frame.geometry.notna() & ~frame.geometry.is_empty]
    points = known.representative_point()
    return {str(key): (point.x, point.y) for key, point in points.items()}


def _has_buildings(graph: Graph, part: Sequence[int], table: Mapping[str, tuple[str, int]]) -> bool:
    inside = {graph.ids[v] for v in part}
    return any(compound in inside for compound, _ in table.values())


def _stock(
    graph: Graph,
    part: Sequence[int],
    table: Mapping[str, tuple[str, int]],
    limits: Band,
    skip: frozenset[str],
) -> Stock:
    """Buildings of a piece by kind; a compound without buildings is no part of a grid."""
    kinds = buildings_by_kind([graph.ids[v] for v in part], table)
    present = sorted({compound for compound, _ in kinds})
    place = {graph.position[compound]: i for i, compound in enumerate(present)}
    near = [
        tuple(place[w] for w in graph.neighbours[v] if w in place) if "connected" not in skip
        else tuple(i for i in range(len(present)) if i != place[v])
        for v in place
    ]  # fmt: skip
    index = {compound: i for i, compound in enumerate(present)}
    return Stock(
        compounds=tuple(present),
        neighbours=tuple(near),
        kinds=tuple((index[compound], size) for compound, size in kinds),
        count=tuple(len(ids) if size else 1 for (_, size), ids in kinds.items()),
        least=math.ceil(limits.min),
        most=max(1, math.floor(limits.max)),
    )


def _sums(done: Sequence[CommunityGrids], level: int) -> tuple[float, float]:
    return (
        float(sum(one.values[level] for one in done)),
        float(sum(one.bounds[level] for one in done)),
    )


def _result(done: Sequence[CommunityGrids], settings: Settings, seconds: float) -> GridResult:
    levels = []
    status = Status.OPTIMAL
    for level, (name, unit) in enumerate(LEVELS):
        value, bound = _sums(done, level)
        if status_of(value, bound, settings.tolerance) != SolveStatus.OPTIMAL:
            status = Status.FEASIBLE
        levels.append(
            Level(
                name, "grids", unit, value, bound, gap_of(value, bound), value,
                seconds if level == 0 else 0.0, HOW,
            )
        )  # fmt: skip
    return GridResult(tuple(grid for one in done for grid in one.grids), tuple(levels), status)
