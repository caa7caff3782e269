"""The cheapest mix of options that meets the programme's totals: a small linear program."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_matrix, vstack

from planner.programs.location.problem import Bools, Floats
from planner.programs.priced.layout import Layout
from planner.solving.arrays import Arrays, Rows
from planner.solving.highs import Session
from planner.solving.settings import Settings


@dataclass(frozen=True)
class Mix:
    """Value of a mix, how much it takes of each option, and what others cost more."""

    value: float
    choice: Floats
    extra: Floats
    """By option, at least 0."""
    none: Floats
    """By school: of getting no option, at least 0."""


class Master:
    """At most one option a school, and the totals; solved again for other costs."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        count = len(layout.option_school)
        schools = csr_matrix(
            (np.ones(count), (layout.option_school, np.arange(count))), (layout.schools, count)
        )
        matrix = vstack([csr_matrix(layout.amounts.T), schools]).tocsr()
        lower = np.append(layout.least, np.full(layout.schools, -math.inf))
        upper = np.append(layout.most, np.ones(layout.schools))
        self._program = _arrays(matrix, lower, upper, count)
        self._session = Session(self._program, Settings(tolerance=1e-9))

    def allow(self, options: Bools) -> None:
        """Leave out all other options."""
        count = len(options)
        columns = np.arange(count, dtype=np.int32)
        self._program = replace(self._program, upper=options.astype(float))
        self._session.set_bounds(columns, np.zeros(count), self._program.upper)

    def solve(self, cost: Floats) -> Mix:
        """The cheapest mix; raises ValueError if none meets the totals."""
        if not len(cost):
            return Mix(0.0, cost, cost, np.zeros(self._layout.schools))
        self._session.set_cost(cost)
        outcome = self._session.relax()
        if outcome.columns is None:
            # numbers drift over hundreds of solves from the last basis: once more from none
            self._session = Session(replace(self._program, cost=cost), Settings(tolerance=1e-9))
            outcome = self._session.relax()
        if outcome.columns is None or outcome.reduced is None or outcome.duals is None:
            raise ValueError("no mix of options meets the programme's totals")
        none = np.maximum(0.0, -outcome.duals[len(self._layout.least) :])
        return Mix(outcome.bound, outcome.columns, np.maximum(outcome.reduced, 0.0), none)


def _arrays(matrix: csr_matrix, lower: Floats, upper: Floats, count: int) -> Arrays:
    rows = Rows(
        tuple(f"r{i}" for i in range(matrix.shape[0])), lower, upper,
        matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32), matrix.data,
    )  # fmt: skip
    return Arrays(
        names=tuple(f"z{o}" for o in range(count)),
        cost=np.zeros(count),
        offset=0.0,
        lower=np.zeros(count),
        upper=np.ones(count),
        integer=np.ones(count, bool),
        rows=rows,
    )
