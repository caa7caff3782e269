"""One committed LP text per row family of the location program, on the problem made by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pulp
import pytest

from planner.programs.location.catchments import fractional_rows, torn_rows
from planner.programs.location.problem import LocationProblem
from planner.programs.location.program import FAMILIES, LocationProgram, build_location
from tests.programs.location_cases import hand_made

GOLDEN = Path(__file__).parent / "golden_location"
SEPARATORS = ("separator_torn", "separator_island", "separator_fractional")
CASES = (*FAMILIES, *SEPARATORS)


def text_of(rows: Iterable[pulp.LpConstraint]) -> str:
    """The rows as they stand, one a line."""
    lines = []
    for row in rows:
        terms = " ".join(f"{c:+g} {v.name}" for v, c in row.items())
        sense = {-1: "<=", 0: "=", 1: ">="}[row.sense]
        lines.append(f"{row.name}: {terms} {sense} {-row.constant + 0:g}")
    return "\n".join(lines) + "\n"


def rows_of(case: str) -> str:
    """The rows of one family alone."""
    problem = hand_made(opened=frozenset({1}), together=((0, 3),))
    if case in FAMILIES:
        skip = frozenset(FAMILIES) - {case}
        return text_of(build_location(problem, skip=skip).problem.constraints())
    if case == "separator_torn":
        # u2 is parted from f0's u0 by u1, which goes to f1 and there is parted from u3 by u2.
        return text_of(torn(problem, {0: 0, 1: 1, 2: 0, 3: 1, 4: 0}))
    if case == "separator_island":
        # f0 on the island: of its catchment in the row, one piece must be joined to the other.
        return text_of(torn(replace(problem, root=np.array([4, 3])), {0: 0, 1: 1, 2: 0, 3: 1}))
    program = build_location(problem)
    share = {(0, 0, 0): 1.0, (1, 0, 0): 0.3, (2, 0, 0): 0.9}
    return text_of(fractional_rows(problem, program, point(problem, program, share)))


def torn(problem: LocationProblem, school: Mapping[int, int]) -> list[pulp.LpConstraint]:
    program = build_location(problem)
    share = {(u, f, 0): 1.0 for u, f in school.items()}
    return torn_rows(problem, program, point(problem, program, share))


def point(
    problem: LocationProblem, program: LocationProgram, share: Mapping[tuple[int, int, int], float]
) -> np.ndarray:
    """The shares by arc."""
    x = np.zeros(len(problem.arcs.unit))
    for key, value in share.items():
        x[program.arc[key]] = value
    return x


@pytest.mark.parametrize("case", CASES)
def test_rows_of_a_family_are_as_committed(case: str) -> None:
    text = rows_of(case)
    family = case if case in FAMILIES else "separator"
    assert all(line.startswith(f"{family}__") for line in text.splitlines())
    assert text == (GOLDEN / f"{case}.lp").read_text(encoding="utf-8")


def test_no_family_is_without_its_rows() -> None:
    assert {path.stem for path in GOLDEN.glob("*")} == set(CASES)


def test_a_family_left_out_takes_no_other_with_it() -> None:
    locked = hand_made(opened=frozenset({1}), together=((0, 3),))
    names = {row.name.split("__")[0] for row in build_location(locked).problem.constraints()}
    assert names == set(FAMILIES)
    for family in FAMILIES:
        rows = build_location(locked, skip=frozenset({family})).problem.constraints()
        assert {row.name.split("__")[0] for row in rows} == names - {family}


def test_rows_have_names_of_their_own() -> None:
    rows = [row.name for row in build_location(hand_made()).problem.constraints()]
    assert len(set(rows)) == len(rows)


def test_whole_catchments_bring_no_rows() -> None:
    problem = hand_made()
    assert torn(problem, {0: 0, 1: 0, 2: 1, 3: 1, 4: 0}) == []
    assert torn(replace(problem, graph=None), {0: 0, 1: 1, 2: 0, 3: 1}) == []
    # f1's own cell u3 counts with its catchment, whoever is served there
    (row,) = torn(problem, {0: 0, 1: 0, 2: 1, 3: 0, 4: 0})
    assert row.name.startswith("separator__3_0_0")
