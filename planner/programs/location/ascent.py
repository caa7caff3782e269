"""Raising a Lagrangian bound: subgradient steps on the prices of all rows that join schools.

Prices start from the duals of the linear relaxation. Where the knapsacks of a step tear a
catchment, the row that forbids it joins the program and is priced as well (relax and cut).
Sources: Held, Wolfe, Crowder, Mathematical Programming 6 (1974); Lucena, Annals of Operations
Research 140 (2005), for the rows that join on the way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from planner.programs.location.knapsacks import Prices, Stalls, relaxed_plan
from planner.programs.location.problem import Floats, Ints
from planner.programs.location.rounds import Rounds

_PATIENCE = 6
"""Steps without a better bound before the steps get shorter."""
_SHORTER = 0.7
_LEAST_STEP = 1e-3
_SEPARATE = 6
"""Steps between two looks for torn catchments."""


@dataclass(frozen=True)
class Raised:
    """The best bound met, and the row prices that gave it."""

    bound: float
    rows: Floats
    prices: Prices


@dataclass(frozen=True)
class Setting:
    """One distribution of places: room by school and how far it may be over- or underused."""

    places: Ints
    spare: int
    above: int


def ascend(
    rounds: Rounds, stalls: Stalls, setting: Setting, start: Floats, *, target: float, steps: int
) -> Raised:
    """Raise the bound from the row prices `start` until it meets `target` or `steps` are done."""
    matrix, lower, upper = rounds.joining_rows()
    y = _signed(start, lower, upper)
    best = Raised(-math.inf, y, prices_of(rounds, y, setting.above))
    length, waited = 1.0, 0
    for step in range(steps + 1):
        prices = prices_of(rounds, y, setting.above)
        value, used, over = relaxed_plan(
            stalls, prices, setting.places, spare=setting.spare, above=setting.above
        )
        if value > best.bound + 1e-9 * max(1.0, abs(value)):
            best, waited = Raised(value, y, prices), 0
        else:
            waited += 1
        if step == steps or best.bound >= target or value == math.inf:
            break
        if waited >= _PATIENCE:
            length, waited, y = length * _SHORTER, 0, best.rows
            if length < _LEAST_STEP:
                break
            continue
        if step % _SEPARATE == 0 and rounds.separate_torn(used):
            matrix, lower, upper = rounds.joining_rows()
        y = _signed(y, lower, upper)
        slope = _slope(matrix, lower, upper, y, rounds.columns(used, over))
        weight = _weights(matrix)
        norm = float(slope @ (weight * slope))
        if norm < 1e-12:
            break
        y = _signed(y + length * (target - value) / norm * weight * slope, lower, upper)
    return best


def prices_of(rounds: Rounds, rows: Floats, above: int) -> Prices:
    """Reduced costs of arcs and of pupils above capacity at these row prices."""
    matrix, lower, upper = rounds.joining_rows()
    y = _signed(rows, lower, upper)
    side = np.where(y > 0, lower, np.where(y < 0, upper, 0.0))
    arc, over = rounds.reduced(y @ matrix)
    if above == 0:
        over = np.full(len(over), np.inf)
    return Prices(rounds.offset + float(y @ side), arc, np.maximum(over, 0.0))


def _signed(y: Floats, lower: Floats, upper: Floats) -> Floats:
    """Prices with the sign that each row allows; new rows are free of charge."""
    y = np.concatenate([y, np.zeros(len(lower) - len(y))])
    y = np.where(np.isfinite(lower), y, np.minimum(y, 0.0))
    return np.where(np.isfinite(upper), y, np.maximum(y, 0.0))


def _weights(matrix: csr_matrix) -> Floats:
    """Row weights that make rows in metres and rows in units step alike."""
    squares = np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel()
    return np.asarray(np.diff(matrix.indptr) / np.maximum(squares, 1e-12), float)


def _slope(matrix: csr_matrix, lower: Floats, upper: Floats, y: Floats, columns: Floats) -> Floats:
    """By row: how much its side is above what the plan does; 0 where the row is idle and kept."""
    does = matrix @ columns
    idle = np.clip(does, lower, upper)
    return np.asarray(np.where(y > 0, lower, np.where(y < 0, upper, idle)) - does, float)
