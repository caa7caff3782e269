"""The programs written out: one row of every family, and that none is missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pulp

from planner.programs.facility.covering import cover_program, max_cover_program
from planner.programs.facility.problem import FacilityProblem, from_matrix
from planner.programs.facility.program import FAMILIES, build_facility


def tiny() -> FacilityProblem:
    return replace(
        from_matrix([[3, 5], [4, 2]]),
        demand=np.array([6.0, 7.0]),
        capacity=np.array([8.0, 9.0]),
        fixed=np.array([10.0, 11.0]),
        count=1,
    )


NAMES = {
    "served__0", "served__1", "capacity__0", "capacity__1", "open__0_0", "open__0_1", "open__1_0",
    "open__1_1", "count", "room",
}  # fmt: skip


def terms(row: pulp.LpConstraint) -> tuple[dict[str, float], int, float]:
    return {v.name: c for v, c in row.items()}, row.sense, -row.constant


def test_the_strong_program_row_by_row() -> None:
    program = build_facility(tiny())
    rows = {row.name: row for row in program.problem.constraints()}
    assert set(rows) == NAMES
    assert terms(rows["capacity__0"]) == ({"x_0_0": 6.0, "x_1_0": 7.0, "y_0": -8.0}, -1, 0)
    assert terms(rows["open__1_0"]) == ({"x_1_0": 1.0, "y_0": -1.0}, -1, 0)
    assert terms(rows["served__1"]) == ({"x_1_0": 1.0, "x_1_1": 1.0}, 0, 1)
    assert terms(rows["count"]) == ({"y_0": 1.0, "y_1": 1.0}, 0, 1)
    assert terms(rows["room"]) == ({"y_0": 8.0, "y_1": 9.0}, 1, 13)
    cost = {v.name: c for v, c in program.problem.objective.items()}
    assert cost == {"x_0_0": 3, "x_0_1": 5, "x_1_0": 4, "x_1_1": 2, "y_0": 10, "y_1": 11}


def test_no_family_is_missing_and_each_has_rows() -> None:
    families = {name.partition("__")[0] for name in NAMES}
    assert families == set(FAMILIES)
    for family in FAMILIES:
        rows = build_facility(tiny(), skip=frozenset({family})).problem.constraints()
        assert {row.name.partition("__")[0] for row in rows} == families - {family}


def test_cover_programs_row_by_row() -> None:
    table = np.array([[True, False, True], [False, True, False]])
    lp, _ = cover_program(table)
    rows = {row.name: terms(row) for row in lp.constraints()}
    assert rows == {
        "reached__0": ({"y_0": 1, "y_2": 1}, 1, 1),
        "reached__1": ({"y_1": 1}, 1, 1),
    }
    lp, _ = max_cover_program(table, np.array([3.0, 4.0]), 2)
    rows = {row.name: terms(row) for row in lp.constraints()}
    assert rows == {
        "reached__0": ({"z_0": 1, "y_0": -1, "y_2": -1}, -1, 0),
        "reached__1": ({"z_1": 1, "y_1": -1}, -1, 0),
        "count": ({"y_0": 1, "y_1": 1, "y_2": 1}, -1, 2),
    }
    assert {v.name: c for v, c in lp.objective.items() if c} == {"z_0": -3, "z_1": -4}
