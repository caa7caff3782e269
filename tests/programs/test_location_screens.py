"""Programmes without a plan: reasons with names, and the smallest change that helps."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import numpy as np
import pytest

from planner.errors import InfeasibleError, NoPlanInTimeError, Problem
from planner.programs.location.problem import Arcs, LocationProblem
from planner.programs.location.ranked import solve_location
from planner.programs.location.screens import screen
from planner.scenario.model import Ranking
from planner.solving.settings import Settings
from tests.programs.location_cases import Range, hand_made, random_problem
from tests.programs.location_oracle import every_choice, has_plan

CHANGE = re.compile(r"programme\.(\w+) (up|down) to (\d+)")


def asking(**totals: Range) -> LocationProblem:
    """The problem made by hand with other totals: f0 offers 1 class, f1 2 or 2 + 2."""
    return replace(hand_made(), totals=hand_made().totals | totals)


def reasons(problem: LocationProblem) -> tuple[Problem, ...]:
    with pytest.raises(InfeasibleError) as caught:
        screen(problem)
    assert all(reason.where and reason.message and reason.hint for reason in caught.value.problems)
    return caught.value.problems


def changed(problem: LocationProblem, found: tuple[Problem, ...]) -> LocationProblem:
    """The problem with the totals that the reasons propose."""
    totals = dict(problem.totals)
    for reason in found:
        for total, direction, number in CHANGE.findall(reason.hint):
            low, high = totals[total]
            new = float(number)
            totals[total] = (
                new if direction == "down" else low,
                new if direction == "up" else high,
            )
            if low == high:
                totals[total] = (new, new)
    return replace(problem, totals=totals)


def plan(problem: LocationProblem) -> tuple[int, ...]:
    limits = Settings(tolerance=1e-4, deadline=time.monotonic() + 20)
    return solve_location(problem, limits, Ranking()).options


def test_a_programme_that_works_passes() -> None:
    screen(hand_made())


# The largest choice: f0 and the large school on f1, 1 + 4 classes, 50 m², 10 million yuan.
@pytest.mark.parametrize(
    ("totals", "total", "hint"),
    [
        ({"new_classes": (9, None)}, "new_classes", "down to 5"),
        ({"new_classes": (9, 9)}, "new_classes", "down to 5"),
        ({"new_schools": (2, 2)}, "new_schools", "down to 1"),
        ({"new_places": (25, None)}, "new_places", "down to 20"),
        ({"land_m2": (None, 29.0)}, "land_m2", "up to 30"),
        ({"new_classes": (4, None), "cost_yuan": (None, 6e6)}, "cost_yuan", "up to 8000000"),
    ],
)
def test_the_total_that_cannot_be_met_is_named(
    totals: dict[str, Range], total: str, hint: str
) -> None:
    problem = asking(**totals)
    found = reasons(problem)
    (reason,) = [reason for reason in found if reason.where == f"programme.{total}"]
    assert f"programme.{total} {hint}" in reason.hint
    assert plan(changed(problem, (reason,))) is not None


def test_each_total_that_alone_would_help_is_named() -> None:
    """Five classes on 49 m²: four would do, or one m² more; money does not matter."""
    found = reasons(asking(new_classes=(5, None), land_m2=(None, 49.0)))
    hints = {reason.where: reason.hint for reason in found}
    assert set(hints) == {"programme.new_classes", "programme.land_m2"}
    assert "down to 4" in hints["programme.new_classes"]
    assert "up to 50" in hints["programme.land_m2"]


def test_totals_that_help_only_together_are_named_together() -> None:
    problem = asking(new_classes=(60, None), land_m2=(None, 29.0), cost_yuan=(None, 1e6))
    found = reasons(problem)
    assert len(found) > 1
    assert "programme.new_classes" in {reason.where for reason in found}
    assert any(True for _ in every_choice(changed(problem, found)))


def test_no_options_at_all() -> None:
    (reason,) = reasons(replace(asking(new_schools=(1, 1)), options=()))
    assert reason.where == "programme"
    assert "site" in reason.hint


def test_units_in_no_reach_are_named() -> None:
    problem = without_arcs(hand_made(), unit=4, service=1)
    (reason,) = reasons(problem)
    assert reason.where == "services.b"
    assert reason.ids == ("u4",)
    assert "u4" in reason.message
    assert "reach" in reason.hint


def test_all_reasons_come_at_once() -> None:
    problem = without_arcs(asking(new_classes=(9, None)), unit=4, service=1)
    assert {reason.where for reason in reasons(problem)} == {"services.b", "programme.new_classes"}


def without_arcs(problem: LocationProblem, *, unit: int, service: int) -> LocationProblem:
    arcs = problem.arcs
    kept = ~((arcs.unit == unit) & (arcs.service == service))
    columns = (arcs.unit, arcs.school, arcs.service, arcs.way_m, arcs.moves)
    return replace(problem, arcs=Arcs(*(column[kept] for column in columns)))


def test_random_programmes_are_refused_only_if_nothing_meets_them() -> None:
    refused = 0
    for seed in range(150):
        problem = random_problem(seed)
        possible = any(True for _ in every_choice(problem))
        served = np.zeros(problem.pupils.shape, bool)
        served[problem.arcs.unit, problem.arcs.service] = True
        reached = bool(served.all())
        if possible and reached:
            screen(problem)
            continue
        refused += not possible
        wheres = [reason.where.split(".")[0] for reason in reasons(problem)]
        assert ("services" in wheres) == (not reached)
        assert ("programme" in wheres) == (not possible)
    assert refused >= 15


def test_random_changes_are_smallest_and_help() -> None:
    alone = 0
    for seed in range(150):
        problem = random_problem(seed)
        if any(True for _ in every_choice(problem)):
            continue
        found = tuple(r for r in reasons(problem) if CHANGE.search(r.hint))
        for reason in found:
            single = changed(problem, (reason,))
            if not any(True for _ in every_choice(single)):
                break  # these changes are meant together
            alone += 1
            ((total, direction, number),) = CHANGE.findall(reason.hint)
            low, high = problem.totals[total]
            back = float(number) + (0.5 if direction == "down" else -0.5)
            nearer = (back, high) if direction == "down" else (low, back)
            closer = replace(problem, totals={**problem.totals, total: nearer})
            assert not any(True for _ in every_choice(closer))
        else:
            continue
        assert any(True for _ in every_choice(changed(problem, found)))
    assert alone >= 10


def test_catchments_that_cannot_hold_together_are_infeasible() -> None:
    """u1 reaches only f1 in service a, and f1's other units beside it only f0: torn whatever is."""
    problem = hand_made()
    for unit, school in ((0, 1), (1, 0), (2, 1)):
        arcs = problem.arcs
        kept = ~((arcs.unit == unit) & (arcs.school == school) & (arcs.service == 0))
        columns = (arcs.unit, arcs.school, arcs.service, arcs.way_m, arcs.moves)
        problem = replace(problem, arcs=Arcs(*(column[kept] for column in columns)))
    assert not has_plan(problem)
    screen(problem)
    with pytest.raises(InfeasibleError) as caught:
        plan(problem)
    assert all(reason.hint for reason in caught.value.problems)
    assert plan(replace(problem, graph=None)) is not None


def test_a_limit_that_comes_first_is_no_proof_of_infeasibility() -> None:
    problems = [random_problem(seed) for seed in range(30)]
    for problem in problems:
        if has_plan(problem):
            assert stopped(problem) in ("a plan", "no plan in time")


def stopped(problem: LocationProblem) -> str:
    try:
        solve_location(problem, Settings(deadline=time.monotonic() - 1), Ranking())
    except NoPlanInTimeError:
        return "no plan in time"
    return "a plan"
