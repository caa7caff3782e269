"""A dive: patterns of the linear program are settled one by one, the rest is priced anew.

Source: Sadykov et al., "Primal heuristics for branch and price: the assets of diving methods",
INFORMS Journal on Computing 31 (2019).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from planner.programs.grids.generation import generate
from planner.programs.grids.pricing import Chosen, choose, price
from planner.programs.grids.program import Kept, Question
from planner.programs.grids.stock import Counts, within_window
from planner.solving.door import Settings

LOOKS = 40
"""Linear programs of a dive."""
WAYS = 2
"""Patterns tried at a step before the step above is taken back."""
SMALL = 150
"""Patterns left at which an integer program takes over."""
NODES = 200
"""Nodes of that program."""


def dive(question: Question, settings: Settings, *, core: Chosen, divided: int) -> Counts | None:
    """A plan of `kept.grids` grids within limits dividing at most so many compounds, or None."""
    touches = divided + sum(question.stock.need)
    return _settle(question, settings, core=core, touches=touches, looks=iter(range(LOOKS)))


def _settle(
    question: Question, settings: Settings, *, core: Chosen, touches: int, looks: Iterator[int]
) -> Counts | None:
    """Patterns of the pool that hold the stock, touching compounds at most so many times."""
    stock, kept = question.stock, question.kept
    if not kept.grids:
        return None if any(stock.count) else question.pool.rows[:0]
    question, core = _left(question, core, kept.grids)
    pool, divided = question.pool, touches - sum(stock.need)
    if divided < 0 or not (len(pool) or question.open) or next(looks, None) is None:
        return None
    if len(pool) <= SMALL and not (question.open and kept.grids > 1):
        alone = replace(question, kept=Kept(0, kept.grids))
        return choose(alone, settings, nodes=NODES, most_divided=divided)[0]
    if question.open:
        question, priced = generate(question, settings, core=core)
        pool = question.pool
    else:
        priced = price(question, settings, core=core)
    if priced.bound > divided + 1e-6:
        return None
    order = np.argsort(-np.round(priced.x, 6), kind="stable")
    for p in priced.core[order[:WAYS]]:
        count = tuple((np.array(stock.count) - pool.rows[p]).tolist())
        rest = replace(
            question,
            stock=replace(stock, count=count),
            kept=replace(priced.kept, grids=kept.grids - 1),
        )
        fewer = touches - int(pool.touched[p].sum())
        rows = _settle(rest, settings, core=priced.core, touches=fewer, looks=looks)
        if rows is not None:
            return np.vstack([pool.rows[p], rows])
    return None


def _left(question: Question, core: Chosen, grids: int) -> tuple[Question, Chosen]:
    """The question over the patterns that fit into the stock, and those of them in the core."""
    stock, pool = question.stock, question.pool
    fits = within_window(stock, pool, grids) & (pool.rows <= np.array(stock.count)).all(axis=1)
    inside = np.isin(np.flatnonzero(fits), core)
    return replace(question, pool=pool.take(np.flatnonzero(fits))), np.flatnonzero(inside)
