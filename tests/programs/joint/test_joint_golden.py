"""One committed LP text per coupling family of the joint program, on halves read at a glance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from planner.programs.joint.problem import Caps, JointProblem, Prices
from planner.programs.joint.program import FAMILIES, build_joint
from planner.programs.location.program import FAMILIES as LOCATION
from planner.programs.subdistricts.program import FAMILIES as BOUNDARIES
from tests.programs.location_cases import hand_made
from tests.programs.test_golden import row_of_subdistricts
from tests.programs.test_location_golden import text_of

GOLDEN = Path(__file__).parent / "golden"
CASES = (*FAMILIES, "kept")
CAPS = Caps((0.0,), 0.25, 12.0)
HALVES = frozenset(
    [f"location.{name}" for name in LOCATION] + [f"boundaries.{name}" for name in BOUNDARIES]
)


def joint() -> JointProblem:
    """Units u0, u1 live in community 0, u2 in 1, u3 in 2, u4 across the line in 3.

    School f0 lies in community 0, site f1 in 2.
    """
    return JointProblem(
        hand_made(), row_of_subdistricts(), np.array([0, 0, 1, 2, 3]), np.array([0, 2]),
        Prices(0.2, 0.1),
    )  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_rows_of_a_family_are_as_committed(case: str) -> None:
    skip = HALVES | (frozenset(CASES) - {case})
    program = build_joint(joint(), CAPS, skip=skip)
    text = text_of(program.problem.constraints())
    assert text == (GOLDEN / f"{case}.lp").read_text(encoding="utf-8")


def test_no_family_is_without_its_rows() -> None:
    assert {path.stem for path in GOLDEN.glob("*")} == set(CASES)


def test_the_joint_program_holds_all_rows_of_both_halves() -> None:
    rows = [row.name for row in build_joint(joint(), CAPS).problem.constraints()]
    assert len(set(rows)) == len(rows)
    families = {name.split("__")[0] for name in rows}
    # barred, opened and together come with locks only
    expected = {*LOCATION, *BOUNDARIES} - {"barred", "opened", "together", "parted"}
    assert families == expected | {"parted", "apart", "crossing", "kept"}


def test_who_crosses_the_line_of_a_district_always_crosses() -> None:
    """u4 lives across the line of both schools: 2 pupils of a, 1 of b, whatever is drawn."""
    program = build_joint(joint())
    always = {v.name: c for v, c in program.crossing.items() if v.name.startswith("x_")}
    assert always == {"x_4_0_0": 2.0, "x_4_1_0": 2.0, "x_4_1_1": 1.0}


def test_the_value_prices_ways_crossings_and_boundaries() -> None:
    value = {v.name: c for v, c in build_joint(joint()).value.items()}
    assert value["x_0_0_0"] == pytest.approx(0.3)  # 3 pupils, 100 m
    assert value["x_4_0_0"] == pytest.approx(1.8 + 0.2 * 2)
    assert value["c_0_2_0"] == pytest.approx(0.2 * 3)
    assert value["z_0_1_0"] == pytest.approx(0.1 * 10)
