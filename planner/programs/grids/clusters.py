"""Clusters: compounds with grids of their own, and what they tell where few may be divided.

Grids and compounds form a graph with an edge where a grid touches a compound. It has
``compounds + grids - 1`` edges or more if it hangs together; with fewer, some connected compounds
have grids of their own. Each such set parts the patterns, and most are refuted by their bound.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from planner.programs.grids.pricing import (
    Chosen,
    Priced,
    choose,
    connected,
    price,
    with_complements,
)
from planner.programs.grids.program import Kept, Question
from planner.programs.grids.stock import Counts, Pool, Stock
from planner.solving.door import Settings

FITTING = 2_000
"""Most patterns of an integer program."""
NODES = 500
"""Nodes of an integer program."""


def plan_clusters(
    question: Question, priced: Priced, settings: Settings, *, divided: int
) -> tuple[Counts | None, bool]:
    """A plan of grids within the limits that divides at most so many compounds, or None.

    Also whether there is none for sure.
    """
    stock, grids = question.stock, priced.kept.grids or 0
    sets = connected(stock)
    if sets is None or divided >= grids + len(stock.compounds) - 1 - sum(stock.need):
        return None, False
    refuted = True
    for own in _parted(stock, question.pool, grids, sets):
        pool = question.pool.take(own)
        some = replace(question, pool=pool, kept=priced.kept)
        part = price(some, settings, core=np.flatnonzero(np.isin(own, priced.core)))
        if part.bound > divided + 1e-6:
            continue
        fits = part.fitting(divided)
        if len(fits) > FITTING:
            refuted = False
            continue
        kept = replace(part.kept, least_divided=0)
        some = replace(question, pool=pool.take(fits), kept=kept)
        rows, bound = choose(some, settings, nodes=NODES, most_divided=divided)
        if rows is not None:
            return rows, False
        refuted = refuted and bound == math.inf
    return None, refuted


def relax_buildings(stock: Stock, grids: int, settings: Settings) -> float:
    """Bound on compounds divided by so many grids within the limits, whatever the buildings.

    A relaxation for where patterns are too many: grids count by the set of compounds they touch,
    and hold what they are asked to. inf if there is no plan.
    """
    sets = connected(stock)
    if sets is None:
        return 0.0
    touched = np.zeros((len(sets), len(stock.compounds)), bool)
    for i, chosen in enumerate(sets):
        touched[i, list(chosen)] = True
    rows, none = np.zeros((len(sets), len(stock.kinds)), np.int64), np.zeros(len(sets), np.int64)
    kept = Kept(0, grids, capacities=tuple(with_complements(stock, sets)))
    question = Question(stock, Pool(rows, touched, none, none), 2, kept, frozenset(["once"]))
    return choose(question, settings, nodes=NODES)[1]


def _parted(stock: Stock, pool: Pool, grids: int, sets: list[tuple[int, ...]]) -> Iterator[Chosen]:
    """Patterns left where some connected compounds, the first among them, have their own grids."""
    for chosen in sets:
        others = [c for c in range(len(stock.compounds)) if c not in chosen]
        if chosen[0] == 0 and others and stock.fewest(chosen) + stock.fewest(others) <= grids:
            across = pool.touched[:, list(chosen)].any(axis=1)
            across &= pool.touched[:, others].any(axis=1)
            yield np.flatnonzero(~across)
