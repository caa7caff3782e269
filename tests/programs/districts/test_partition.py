"""The programs of whole parts: as committed, and the kinds of parts."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pulp
import pytest

from planner.programs.districts.objective import border_length
from planner.programs.districts.partition import (
    Kind,
    Part,
    choice_program,
    kinds_of,
    part_of,
    prices_program,
)
from planner.programs.districts.problem import DistrictProblem, district_problem

GOLDEN = Path(__file__).parent / "golden_partition"
KINDS = (Kind(2, 1), Kind(None, 2))
PARTS = (Part((0, 1), 1, 2.5), Part((2,), 0, 4.0), Part((3,), 1, 0.5), Part((2, 3), 0, 6.0))


def strip(*weights: float, number: int = 3, upper: float = 10) -> DistrictProblem:
    """Units in a row, borders of 1, 2, 3 …"""
    ids = [f"u{i}" for i in range(len(weights))]
    borders = [(a, b, i + 1.0) for i, (a, b) in enumerate(pairwise(ids))]
    return district_problem(dict(zip(ids, weights, strict=True)), number, (0, upper), borders)


def prices() -> pulp.LpProblem:
    program = prices_program(4, KINDS, 20.0)
    for number, part in enumerate(PARTS):
        program.lp.addConstraint(program.priced(part, number))
    return program.lp


@pytest.mark.parametrize("name", ["prices", "choice"])
def test_programs_are_as_committed(name: str, tmp_path: Path) -> None:
    lp = prices() if name == "prices" else choice_program(4, KINDS, PARTS)[0]
    file = tmp_path / "out.lp"
    lp.writeLP(str(file))
    assert file.read_text() == (GOLDEN / f"{name}.lp").read_text()


def test_units_too_heavy_to_share_a_part_tell_kinds_apart() -> None:
    assert kinds_of(strip(2, 9, 2, 8, 1)) == (Kind(1, 1), Kind(3, 1), Kind(None, 1))
    assert kinds_of(strip(3, 9, 4, 8, 7)) == (Kind(1, 1), Kind(3, 1), Kind(4, 1))
    assert kinds_of(strip(5, 5, 5, 5)) == (Kind(0, 1), Kind(None, 2))
    assert kinds_of(strip(9, 9, 9, 9, number=2)) == (Kind(0, 1), Kind(1, 1))


def test_a_part_has_its_units_kind_and_half_of_its_borders() -> None:
    problem = strip(2, 9, 2, 8, 1)
    part = part_of(kinds_of(problem), border_length(problem), np.array([0, 0, 0, 1, 1], bool))
    assert part == Part((3, 4), 1, 1.5)
    part = part_of(kinds_of(problem), border_length(problem), np.array([0, 0, 1, 0, 0], bool))
    assert part == Part((2,), 2, 2.5)
