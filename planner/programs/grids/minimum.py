"""The minimum of one level over a pool: patterns that fit below a value, a few more each time.

A plan of value v has only patterns whose reduced cost is at most v minus the linear bound. That
bound is tight, so values are tried from it upwards, and few patterns fit.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from planner.programs.grids.clusters import plan_clusters
from planner.programs.grids.dive import dive
from planner.programs.grids.generation import generate
from planner.programs.grids.pricing import Chosen, Priced, choose, price, whole
from planner.programs.grids.program import Question
from planner.programs.grids.stock import Counts, Pool, levels_of
from planner.solving.door import Settings

EXACT = 600
"""Patterns of an integer program that is asked for a plan and a proof at once."""
PROOF = 6_000
"""Patterns of an integer program at most; where more fit, nothing is proven by one."""
FEW = (300, 1_000)
"""Patterns among which a plan is looked for where more fit."""
FEW_NODES = 100
NODES = 3_000
"""Nodes of a search for a plan, and of a proof."""
WIDER = 4
"""How much faster the values tried grow each time."""


def minimise(
    question: Question, settings: Settings, *, best: float = math.inf
) -> tuple[Counts | None, float]:
    """A plan below `best` with the least of a level over the pool, and what is proven of it.

    None where there is no such plan or none was found; the bound is inf if there is no plan at all.
    For an open question that is proven of the patterns generated only.
    """
    level, least = question.level, question.kept.least_divided
    if question.open:
        question, priced = generate(question, settings)
    else:
        priced = price(question, settings)
    if priced.bound == math.inf:
        return None, math.inf
    order = _order(question.pool, priced)
    sure = max(whole(priced.bound), least if level == 2 else 0)
    plan: Counts | None = None
    reach, step = sure, 1
    while sure < best:
        reach = int(min(reach, best - 1))
        fits = order[: len(priced.fitting(reach))]
        kept = replace(priced.kept, least_divided=sure if level == 2 else least)
        rows, proven = _look(
            replace(question, kept=kept), settings, priced=priced, fits=fits, reach=reach
        )
        sure = max(sure, proven)
        value = math.inf if rows is None else levels_of(question.stock, rows)[level]
        if value < best:
            plan, best = rows, value
        elif len(fits) == len(order) and best == math.inf:
            return None, math.inf if proven > reach else sure
        elif best < math.inf and proven <= reach:
            break
        else:
            reach, step = max(reach + step, sure), WIDER * step
    return plan, min(sure, best)


def _look(
    question: Question, settings: Settings, *, priced: Priced, fits: Chosen, reach: int
) -> tuple[Counts | None, int]:
    """A plan over the patterns that fit, and what is proven: `reach` + 1 if none reaches it."""
    some: Counts | None = None
    if len(fits) > EXACT or question.open:
        if question.level == 2 and question.kept.outside == 0:
            some = dive(question, settings, core=priced.core, divided=reach)
            if some is None and not question.open:
                some, refuted = plan_clusters(question, priced, settings, divided=reach)
                if refuted:
                    return None, reach + 1
            if some is not None:
                return some, 0
        for few in FEW:
            rows, _ = _choose_from(question, fits[:few], settings, nodes=FEW_NODES)
            some = some if rows is None else rows
            if rows is not None and levels_of(question.stock, rows)[question.level] <= reach:
                return rows, 0
        if question.open or len(fits) > PROOF:
            return some, 0
    rows, bound = _choose_from(question, fits, settings, nodes=NODES)
    proven = reach + 1 if bound == math.inf else min(reach + 1, whole(bound))
    return (some if rows is None else rows), proven


def _choose_from(
    question: Question, patterns: Chosen, settings: Settings, *, nodes: int
) -> tuple[Counts | None, float]:
    return choose(replace(question, pool=question.pool.take(patterns)), settings, nodes=nodes)


def _order(pool: Pool, priced: Priced) -> Chosen:
    """Patterns by reduced cost; among equal ones those that entered, then spread over the list."""
    entered = np.ones(len(pool), bool)
    entered[priced.core] = False
    spread = np.random.default_rng(0).permutation(len(pool))
    cost = np.maximum(np.round(priced.reduced, 6), 0.0)
    return np.lexsort((spread, pool.touched.sum(axis=1), entered, cost))
