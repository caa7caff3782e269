"""Drawn grids: concrete buildings for the kinds of a plan, ids, and reasons in plain words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.plan.plan import GridPart, GridPlan
from planner.programs.grids.stock import Counts, Stock, buildings_by_kind
from planner.scenario.model import Band

Spots = Mapping[str, tuple[float, float]]
"""Coordinates in metres by id."""


@dataclass(frozen=True)
class Drawn:
    """A grid with its buildings, and the piece of the community it lies in."""

    parts: tuple[GridPart, ...]
    sizes: tuple[int, ...]
    """Households of its buildings, largest first."""
    piece: int
    """Households of the connected piece of the community."""
    compounds: int
    """Compounds of that piece."""
    alone: bool
    """Whether the piece is the whole community."""

    @property
    def households(self) -> int:
        """Households of the grid."""
        return sum(self.sizes)


def grids_drawn(
    stock: Stock,
    rows: Counts,
    table: Mapping[str, tuple[str, int]],
    *,
    spots: Spots,
    places: Spots,
    alone: bool,
) -> list[Drawn]:
    """Give each grid (row by kinds) its buildings: equal ones are handed out in a sweep.

    Buildings without households all go with the first grid that touches them. `spots` are the
    coordinates of compounds, `places` those of buildings, where known.
    """
    kinds = buildings_by_kind(stock.compounds, table)
    taken: list[dict[str, list[str]]] = [{} for _ in rows]
    order = sorted(range(len(rows)), key=lambda i: tuple(-rows[i]))
    for c, of in enumerate(stock.of):
        ids = sorted(key for k in of for key in kinds[stock.compounds[c], stock.kinds[k][1]])
        sweep, along = _sweep(ids, places)
        ends = {i: _end(stock, rows[i], c, along, spots) for i in order}
        for k in of:
            size = stock.kinds[k][1]
            stack = sorted(kinds[stock.compounds[c], size], key=sweep.__getitem__)
            for i in sorted((i for i in order if rows[i, k]), key=ends.__getitem__):
                count = int(rows[i, k]) if size else len(stack)
                taken[i].setdefault(stock.compounds[c], []).extend(stack[:count])
                del stack[:count]
    return [
        Drawn(
            tuple(GridPart(c, tuple(sorted(ids))) for c, ids in sorted(taken[i].items()) if ids),
            tuple(sorted((table[b][1] for ids in taken[i].values() for b in ids), reverse=True)),
            sum(stock.households), len(stock.compounds), alone,
        )
        for i in order
    ]  # fmt: skip


def named(
    drawn: Sequence[Drawn],
    community: str,
    limits: Band,
    spots: Spots,
) -> tuple[GridPlan, ...]:
    """Grids with ids `<community>-G01`, ... from north-west to south-east."""

    def place(grid: Drawn) -> tuple[float, tuple[tuple[str, ...], ...]]:
        count = sum(len(part.buildings) for part in grid.parts)
        south_east = sum(
            (spots[part.compound][0] - spots[part.compound][1]) * len(part.buildings)
            for part in grid.parts
            if part.compound in spots
        )
        return round(south_east / count, 3), tuple((p.compound, *p.buildings) for p in grid.parts)

    digits = max(2, len(str(len(drawn))))
    return tuple(
        GridPlan(
            id=f"{community}-G{number:0{digits}}",
            community=community,
            households=grid.households,
            parts=grid.parts,
            reason=reason(grid, math.ceil(limits.min), max(1, math.floor(limits.max))),
        )
        for number, grid in enumerate(sorted(drawn, key=place), start=1)
    )


def reason(grid: Drawn, least: int, most: int) -> str:
    """Why a grid is outside the limits; empty where it is not."""
    total = grid.households
    if least <= total <= most:
        return ""
    if len(grid.sizes) == 1 and total > most:
        return f"one building of {total} households"
    if total == grid.piece and total < least:
        return f"{_piece(grid)}: {total} households"
    sizes = " + ".join(str(size) for size in grid.sizes[:6])
    more = f" + … ({len(grid.sizes)} buildings)" if len(grid.sizes) > 6 else ""
    if grid.sizes[0] > most - least:
        return f"buildings too large to add up to {least}–{most} households: {sizes}{more}"
    return f"left over: whole buildings do not add up to {least}–{most} households: {sizes}{more}"


def _sweep(
    ids: Sequence[str], places: Spots
) -> tuple[dict[str, tuple[float, str]], npt.NDArray[np.float64] | None]:
    """Order of a compound's buildings along its longer side, and that direction.

    By id, without a direction, unless all their positions are known.
    """
    if len(ids) < 2 or not all(key in places for key in ids):
        return {key: (0.0, key) for key in ids}, None
    points = np.array([places[key] for key in ids])
    _, axes = np.linalg.eigh(np.cov((points - points.mean(axis=0)).T))
    along = axes[:, -1] * (1 if axes[:, -1] @ (1, -1e-6) >= 0 else -1)
    position = np.round(points @ along, 3).tolist()
    return {key: (at, key) for key, at in zip(ids, position, strict=True)}, along


def _end(
    stock: Stock,
    row: Counts,
    compound: int,
    along: npt.NDArray[np.float64] | None,
    spots: Spots,
) -> float:
    """Where on the sweep of a compound a grid's other compounds lie; its middle without others."""
    others = [
        stock.compounds[c]
        for c, of in enumerate(stock.of)
        if c != compound and row[list(of)].any() and stock.compounds[c] in spots
    ]
    others = others or [stock.compounds[compound]]
    if along is None or others[0] not in spots:
        return 0.0
    return round(float(np.mean([np.array(spots[key]) @ along for key in others])), 3)


def _piece(grid: Drawn) -> str:
    if grid.alone:
        return "whole community"
    if grid.compounds == 1:
        return "compound cut off from its neighbours"
    return "compounds cut off from the rest of the community"
