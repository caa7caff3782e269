"""One committed LP text per row family of the boundary programs, on instances read at a glance."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pulp
import pytest

from planner.programs.communities import choice as community_choice
from planner.programs.communities import program as community_program
from planner.programs.communities.parts import parts_of_joining, parts_of_split
from planner.programs.communities.problem import Communities, CommunityProblem, community_problem
from planner.programs.contiguity import graph_of
from planner.programs.subdistricts import partition_program
from planner.programs.subdistricts import program as subdistrict_program
from planner.programs.subdistricts.parts import Window, list_parts
from planner.programs.subdistricts.problem import SubdistrictProblem

GOLDEN = Path(__file__).parent / "golden"
PROGRAMS: Mapping[str, Mapping[str, Any]] = {
    "community_choice": community_choice.FAMILIES,
    "community_program": community_program.FAMILIES,
    "partition_program": partition_program.FAMILIES,
    "subdistrict_program": subdistrict_program.FAMILIES,
}
CASES = [(program, family) for program, families in PROGRAMS.items() for family in families]


def row_of_communities() -> CommunityProblem:
    """a: three compounds in a row, 12 households, one of 7; b with 2 households beside it."""
    squared = np.array([[float((u - w) ** 2) for w in range(5)] for u in range(5)])
    ids = ("a1", "a2", "a3", "b1", "c1")
    pairs = pd.DataFrame([(ids[u], ids[u + 1]) for u in range(4)], columns=["a", "b"])
    today = Communities(
        compounds=ids,
        households=(7, 3, 2, 2, 4),
        population=(14, 6, 4, 4, 8),
        squared=squared,
        graph=graph_of(ids, pairs),
        members=((0, 1, 2), (3,), (4,)),
        within=(("d", "p"),) * 3,
        least=3,
        most=6,
    )
    return community_problem(today)


def row_of_subdistricts(**locks: Any) -> SubdistrictProblem:
    """Four communities in a row under two parents; offices at both ends, a candidate inside."""
    ids = ("p0", "p1", "p2", "p3")
    pairs = pd.DataFrame([("p0", "p1"), ("p1", "p2")], columns=["a", "b"])
    return SubdistrictProblem(
        communities=("c0", "c1", "c2", "c3"),
        population=(4, 2, 3, 5),
        groups=("east", "west"),
        group=(0, 0, 0, 1),
        seats=("s0", "s1", "s2"),
        office=(True, False, True),
        home=(0, 2, 3),
        number=3,
        band=0.5,
        squared=np.array([[1.0, 5, 9], [2, 3, 9], [4, 1, 9], [9, 9, 1]]),
        moved=np.zeros((4, 3)),
        cuts={(0, 1): 10.0, (1, 2): 20.0, (2, 3): 30.0},
        graph=graph_of(ids, pairs),
        owner=(0, 1, 2, 3),
        root=(0, 2, 3),
        **locks,
    )


def built(program: str, keep: str) -> pulp.LpProblem:
    """The program with the rows of one family only."""
    skip = frozenset(PROGRAMS[program]) - {keep}
    if program == "subdistrict_program":
        locked = row_of_subdistricts(barred=frozenset({(2, 0), (3, 0)}), together=((1, 2), (2, 3)))
        return subdistrict_program.build_subdistricts(locked, skip=skip).problem
    if program == "partition_program":
        problem = row_of_subdistricts()
        parts = list_parts(problem, Window(1.0))
        return partition_program.build_partition(problem, parts, skip=skip).problem
    zone = row_of_communities()
    if program == "community_program":
        return community_program.build_communities(zone, skip=skip).problem
    joining = [part for s in zone.slots if not s.split for part in parts_of_joining(zone, s)]
    choice = [*parts_of_split(zone.today, 0, 0), *joining]
    return community_choice.build_choice(zone, choice, (0, 1, 2), skip=skip).problem


def text_of(problem: pulp.LpProblem) -> str:
    """The rows as they stand, one a line."""
    lines = []
    for row in problem.constraints():
        terms = " ".join(f"{c:+g} {v.name}" for v, c in row.items())
        sense = {-1: "<=", 0: "=", 1: ">="}[row.sense]
        lines.append(f"{row.name}: {terms} {sense} {-row.constant + 0:g}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(("program", "family"), CASES)
def test_rows_of_a_family_are_as_committed(program: str, family: str) -> None:
    text = text_of(built(program, family))
    assert all(line.startswith(f"{family}__") for line in text.splitlines())
    assert text == (GOLDEN / f"{program}__{family}.lp").read_text(encoding="utf-8")


def test_no_family_is_without_its_rows() -> None:
    ours = {f"{program}__{family}" for program, family in CASES}
    committed = {path.stem for path in GOLDEN.glob("*.lp")}
    assert ours <= committed
    assert not {key for key in committed - ours if key.split("__")[0] in PROGRAMS}
