"""Generation: patterns that would better a linear program, where all are too many to list.

For some connected compounds the best building counts are a knapsack over households.
Source: Gilmore and Gomory, "A linear programming approach to the cutting-stock problem", Operations
Research 9 (1961).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from planner.programs.grids.pricing import Chosen, Priced, connected, price
from planner.programs.grids.program import Question
from planner.programs.grids.stock import Counts, Stock, pool_of
from planner.solving.door import Settings

ROUNDS = 60
"""Rounds of generation."""
TOGETHER = 3
"""Most compounds of a generated pattern."""
EACH = 4
"""Patterns generated for each set of compounds in a round: the best of as many totals."""


def generate(
    question: Question, settings: Settings, *, core: Chosen | None = None
) -> tuple[Question, Priced]:
    """The question with the patterns generated, and its linear program."""
    stock = question.stock
    sets = connected(stock, size=TOGETHER) or connected(stock, size=1) or []
    sets = [chosen for chosen in sets if all(stock.households[c] for c in chosen)]
    whole, window = frozenset(sets), _window(question)
    priced = price(question, settings, core=core)
    for _ in range(ROUNDS):
        rows = [row for chosen in sets for row in _best(stock, chosen, priced, window)]
        known = {row.tobytes() for row in question.pool.rows}
        new = {
            row.tobytes(): row
            for row in rows
            if row.tobytes() not in known and _touched(stock, row) in whole
        }
        if not new or settings.seconds_left() <= 0:
            break
        more = pool_of(stock, np.array(list(new.values())))
        count = len(question.pool)
        pool = question.pool.with_more(more)
        core = np.concatenate([priced.core, np.arange(count, len(pool))])
        question = replace(question, pool=pool, kept=priced.kept)
        priced = price(question, settings, core=core)
    return question, priced


def _touched(stock: Stock, row: Counts) -> tuple[int, ...]:
    return tuple(c for c, of in enumerate(stock.of) if row[list(of)].any())


def _window(question: Question) -> tuple[int, int]:
    """Fewest and most households that leave the other grids within the limits."""
    stock, grids = question.stock, question.kept.grids
    if question.kept.outside != 0 or grids is None:
        return stock.least, stock.most
    low, high = (sum(stock.households) - (grids - 1) * limit for limit in (stock.most, stock.least))
    return max(stock.least, low), min(stock.most, high)


def _best(
    stock: Stock, compounds: Sequence[int], priced: Priced, window: tuple[int, int]
) -> list[Counts]:
    """Patterns of these compounds of most worth at the duals, if they better the program."""
    low, high = window
    if low > high:
        return []
    duals = priced.duals
    worth = duals.get("grids__all", 0.0) + _touching(compounds, duals, priced)
    items = [
        (k, n)
        for c in compounds
        for k in stock.of[c]
        for n in _split(min(stock.count[k], high // max(1, int(stock.size[k]))))
    ]
    best = np.full(high + 1, -np.inf)
    best[0] = worth
    took = np.zeros((len(items), high + 1), bool)
    for i, (k, n) in enumerate(items):
        size = n * int(stock.size[k])
        with_it = best[: high + 1 - size] + n * duals.get(f"once__{k}", 0.0)
        took[i, size:] = with_it > best[size:] + 1e-12
        best[size:] = np.where(took[i, size:], with_it, best[size:])
    order = low + np.argsort(-best[low:], kind="stable")[:EACH]
    return [_row(stock, items, took, int(h)) for h in order if best[h] > 1e-6]


def _touching(compounds: Sequence[int], duals: Mapping[str, float], priced: Priced) -> float:
    """Duals of the rows on compounds touched."""
    total = sum(duals.get(f"divided__{c}", 0.0) for c in compounds)
    for chosen in priced.kept.capacities:
        if not set(compounds).isdisjoint(chosen):
            total += duals.get("capacity__" + "_".join(map(str, chosen)), 0.0)
    return total


def _split(count: int) -> list[int]:
    """Parts of a count that add up to every number up to it."""
    parts = []
    while count > 0:
        parts.append((count + 1) // 2)
        count //= 2
    return parts


def _row(
    stock: Stock,
    items: Sequence[tuple[int, int]],
    took: npt.NDArray[np.bool_],
    households: int,
) -> Counts:
    row = np.zeros(len(stock.kinds), np.int64)
    for i in range(len(items) - 1, -1, -1):
        if took[i, households]:
            k, n = items[i]
            row[k] += n
            households -= n * int(stock.size[k])
    return row
