"""Row families of the district program: as committed, and each of them needed."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pulp
import pytest

from planner.programs.districts.borders import search_program
from planner.programs.districts.objective import Objective, border_length, cut_edges
from planner.programs.districts.plan import Plan
from planner.programs.districts.problem import DistrictProblem, district_problem
from planner.programs.districts.program import (
    FAMILIES,
    DistrictProgram,
    build_program,
    columns_of,
    contiguous_rows,
)
from planner.programs.districts.rounds import Rounds
from planner.programs.districts.separators import Cut, Separators
from planner.solving.settings import Settings
from tests.programs.districts.small_cases import (
    choices,
    legal,
    random_objective,
    random_problem,
    value,
)

GOLDEN = Path(__file__).parent / "golden"
EXACT = Settings(tolerance=0.0)
SEEDS = range(400)
ROWS = [*FAMILIES, "contiguous"]


def path(**rules: object) -> DistrictProblem:
    """a 1 – b 2 – c 3 – d 4, borders of 5, 6 and 7, two parts of 3 to 7."""
    return district_problem(
        {"a": 1, "b": 2, "c": 3, "d": 4}, 2, (3, 7),
        [("a", "b", 5), ("b", "c", 6), ("c", "d", 7)],
        together=[("a", "b")], apart=[("a", "d")], **rules,
    )  # type: ignore[arg-type]  # fmt: skip


def built(problem: DistrictProblem, family: str, seats: tuple[int, ...] | None) -> DistrictProgram:
    objective = border_length(problem)
    columns = columns_of(problem, [objective], Separators(problem), seats=seats)
    skip = frozenset(FAMILIES) - {family}
    return build_program(problem, [objective], columns, kept={0: 6.0}, skip=skip)


def rows_of_family(family: str) -> list[pulp.LpConstraint]:
    """Rows with free seats, with given ones, and with numbered parts that hold seats."""
    free = path(seats=["b", "d"], fixed=["c"])
    nested = path(seats=["b"], fixed=["c", "d"], parents={"a": 0, "b": 0, "c": 1, "d": 1})
    programs = [built(free, family, None), built(free, family, (0, 1)), built(nested, family, ())]
    if family != "contiguous":
        return [row for program in programs for row in program.lp.constraints()]
    separators = Separators(free)
    cuts = [Cut((0, 1), (2,), 3), Cut((0,), (1,))]
    return [
        row
        for program in programs[1:]
        for cut in cuts
        for row in contiguous_rows(program, separators, cut, 1)
    ]


def text_of(rows: list[pulp.LpConstraint]) -> str:
    lines = []
    for row in rows:
        terms = " ".join(f"{c:+g} {v.name}" for v, c in row.items())
        sense = {-1: "<=", 0: "=", 1: ">="}[row.sense]
        lines.append(f"{row.name}: {terms} {sense} {-row.constant + 0:g}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("family", ROWS)
def test_rows_of_a_family_are_as_committed(family: str) -> None:
    text = text_of(rows_of_family(family))
    assert all(line.startswith(f"{family}__") for line in text.splitlines())
    assert text == (GOLDEN / f"{family}.lp").read_text(encoding="utf-8")


def test_no_family_is_without_its_rows() -> None:
    assert {file.stem for file in GOLDEN.glob("*.lp")} == set(ROWS)


def levels_of(problem: DistrictProblem, family: str, seed: int) -> list[Objective]:
    if family == "kept":
        return [cut_edges(problem), border_length(problem)]
    if family == "open":  # units without weight must be able to gain
        columns = len(problem.homes) or problem.number
        cost = np.random.default_rng(seed).integers(0, 9, (problem.count, columns))
        return [Objective("cost", "", cost=cost.astype(float))]
    return [random_objective(problem, ("distance", "length")[seed % 2], seed)]


def is_better_than_all_plans(seed: int, family: str) -> bool:
    """Whether the program without a family finds what no plan is."""
    problem = random_problem(seed)
    levels = levels_of(problem, family, seed)
    plans = list(choices(problem))
    kept = {0: min((value(levels[0], c) for c in plans), default=0.0)} if len(levels) > 1 else {}
    plan = without(problem, levels, family, kept)
    if plan is None:
        return False
    if not legal(problem, plan) or any(value(levels[n], plan) > top for n, top in kept.items()):
        return True
    best = min(value(levels[-1], c) for c in plans)
    return False if kept else value(levels[-1], plan) < best - 1e-6


def without(
    problem: DistrictProblem, levels: list[Objective], family: str, kept: dict[int, float]
) -> Plan | None:
    """The plan of the program without a family, with the cheapest seats where they are free."""
    separators = Separators(problem)
    seats = () if levels[-1].cost is None else None
    columns = columns_of(problem, levels, separators, seats=seats)
    program = build_program(problem, levels, columns, kept=kept, skip=frozenset({family}))
    found = Rounds(program, separators, EXACT).minimise(levels[-1], len(levels) - 1).plan
    if found is None or found.seat or not len(problem.homes):
        return found
    homes = problem.homes.tolist()
    own = [[s for s, h in enumerate(homes) if found.part[h] == p] for p in range(problem.number)]
    best = [[s for s in here if s in problem.fixed] or here for here in own]
    return Plan(found.part, tuple(here[0] for here in best if here))


@pytest.mark.parametrize("family", sorted(set(FAMILIES) - {"numbered", "parted"}))
def test_without_a_family_some_plan_is_wrong(family: str) -> None:
    assert any(is_better_than_all_plans(seed, family) for seed in SEEDS)


def test_without_its_rows_a_border_costs_nothing() -> None:
    problem = path()
    separators = Separators(problem)
    columns = columns_of(problem, [cut_edges(problem)], separators)
    skip = frozenset({"parted"})
    program = build_program(problem, [cut_edges(problem)], columns, skip=skip)
    assert Rounds(program, separators, EXACT).minimise(cut_edges(problem), 0).bound < 1


def test_without_separators_some_plan_is_torn() -> None:
    torn = 0
    for seed in range(60):
        problem = random_problem(seed)
        if not problem.contiguous:
            continue
        levels = [random_objective(problem, ("distance", "length")[seed % 2], seed)]
        seats = () if levels[0].cost is None else None
        columns = columns_of(problem, levels, Separators(problem), seats=seats)
        program = build_program(problem, levels, columns)
        loose = Rounds(program, Separators(problem), EXACT)
        loose._separate = lambda plans: [False] * len(plans)  # type: ignore[method-assign]
        found = loose.minimise(levels[0], 0).plan
        torn += found is not None and not legal(problem, found)
    assert torn


def test_numbers_of_parts_change_nothing_but_the_time() -> None:
    for seed in range(40):
        problem = random_problem(seed)
        objective = cut_edges(problem)
        free = without(problem, [objective], "numbered", {})
        best = min((value(objective, c) for c in choices(problem)), default=math.inf)
        assert (math.inf if free is None else value(objective, free)) == best
        answer = search_program(problem, [objective], {}, Separators(problem), EXACT)
        assert answer.value == (None if math.isinf(best) else best)
