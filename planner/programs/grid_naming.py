"""Drawn grids: concrete buildings for the kinds of a plan, ids, and reasons in plain words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planner.plan.plan import GridPart, GridPlan
from planner.programs.grid_patterns import Counts, Stock, buildings_by_kind
from planner.scenario.model import Band


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
    stock: Stock, rows: Counts, table: Mapping[str, tuple[str, int]], *, alone: bool
) -> list[Drawn]:
    """Give each grid (row by kinds) its buildings: in a compound, runs of ids grid by grid.

    Buildings without households all go with the first grid that touches them.
    """
    kinds = buildings_by_kind(stock.compounds, table)
    stacks = [list(ids) for ids in kinds.values()]
    order = sorted(range(len(rows)), key=lambda i: tuple(-rows[i]))
    drawn = []
    for i in order:
        parts, sizes = [], []
        for c, of in enumerate(stock.of):
            ids: list[str] = []
            for k in of:
                size = stock.kinds[k][1]
                taken = len(stacks[k]) if size == 0 and rows[i, k] else int(rows[i, k])
                ids += stacks[k][:taken]
                del stacks[k][:taken]
                sizes += [size] * taken
            if ids:
                parts.append(GridPart(stock.compounds[c], tuple(sorted(ids))))
        drawn.append(
            Drawn(
                tuple(parts), tuple(sorted(sizes, reverse=True)),
                sum(stock.households), len(stock.compounds), alone,
            )
        )  # fmt: skip
    return drawn


def named(
    drawn: Sequence[Drawn],
    community: str,
    limits: Band,
    spots: Mapping[str, tuple[float, float]],
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


def _piece(grid: Drawn) -> str:
    if grid.alone:
        return "whole community"
    if grid.compounds == 1:
        return "compound cut off from its neighbours"
    return "compounds cut off from the rest of the community"
