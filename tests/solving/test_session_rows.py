"""Rows that come and go in a session, and relaxations that end at a cutoff."""

from __future__ import annotations

import math

import numpy as np
import pulp
import pytest

from planner.solving.arrays import arrays_of, rows_of
from planner.solving.highs import Session
from planner.solving.settings import Settings


def opened() -> tuple[Session, list[pulp.LpConstraint], dict[str, int]]:
    """``min -x - y`` over the unit square, and three rows to add: each alone moves the optimum."""
    lp = pulp.LpProblem("square", pulp.LpMinimize)
    x, y = (lp.add_variable(name, 0, 1) for name in "xy")
    lp.setObjective(-x - y)
    arrays = arrays_of(lp)
    rows = [x <= 0.5, x + y <= 1.25, y <= 0.25]
    for i, row in enumerate(rows):
        row.name = f"row{i}"
    return Session(arrays, Settings()), rows, arrays.position


def test_removed_rows_bind_no_more_and_those_behind_move_up() -> None:
    session, rows, position = opened()
    session.add_rows(rows_of(rows, position))
    assert session.relax().bound == pytest.approx(-0.75)
    session.remove_rows(np.array([0, 2]))
    assert session.row_count == 1
    assert session.relax().bound == pytest.approx(-1.25)
    session.set_row_bounds(0, -math.inf, 1.0)  # the row that was second
    assert session.relax().bound == pytest.approx(-1.0)
    session.remove_rows(np.array([], int))
    assert session.row_count == 1


def test_a_relaxation_above_the_cutoff_has_no_plan_and_no_bound() -> None:
    session, rows, position = opened()
    session.add_rows(rows_of(rows, position))
    assert session.relax(cutoff=-0.8).bound > -0.8
    assert session.relax(cutoff=-0.7).bound == pytest.approx(-0.75)
    assert session.relax().bound == pytest.approx(-0.75)
