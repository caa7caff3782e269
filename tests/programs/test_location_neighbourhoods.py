"""Better plans near a plan: never worse, whole, and nothing is left fixed behind them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from planner.programs.location import neighbourhoods
from planner.programs.location.neighbourhoods import improved
from planner.programs.location.problem import Floats, LocationProblem
from planner.programs.location.program import build_location
from planner.programs.location.rounds import Rounds
from planner.solving.highs import Outcome
from planner.solving.settings import Settings
from tests.programs.location_cases import random_problem

SEEDS = range(120)


def far_and_best() -> Iterator[tuple[int, LocationProblem, Rounds, Floats, float]]:
    """Problems, opened for the way, with the plan of the longest ways and the shortest ways."""
    for seed in SEEDS:
        problem = random_problem(seed)
        program = build_location(problem)
        rounds = Rounds(problem, program, Settings())
        rounds.set_objective(-program.way)
        far = rounds.solve("", gap=1e-6).columns
        if problem.graph is None or far is None:
            continue
        rounds.set_objective(program.way)
        yield seed, problem, rounds, far, rounds.solve("", gap=1e-6).value


def test_what_it_finds_is_whole_and_between_the_best_and_where_it_began(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(neighbourhoods, "_MOST", 1.0)  # there are four schools at most
    better = best_found = count = 0
    for seed, _, rounds, far, best in far_and_best():
        before = rounds.objective(far)
        found = improved(rounds, far, gap=1e-4, enough=-math.inf)
        value = rounds.objective(found)
        assert best - 1e-6 <= value <= before + 1e-9, seed
        assert not rounds.separate(found), seed
        assert (found is far) == (value > before - 1e-9), seed
        count += before > best + 1e-3
        better += value < before - 1e-3
        best_found += before > best + 1e-3 and value <= best + 1e-3
    assert better > 20
    assert best_found > 0.3 * count


def test_nothing_stays_fixed() -> None:
    for seed, problem, rounds, far, best in far_and_best():
        improved(rounds, far, gap=1e-4, enough=-math.inf)
        assert rounds.solve("", gap=1e-6).value == pytest.approx(best, abs=1e-6), seed
        arcs = np.arange(len(problem.arcs.unit))
        bounds = rounds.session.arrays()
        assert not rounds.by_arc(bounds.lower)[arcs].any(), seed
        assert rounds.by_arc(bounds.upper)[arcs].all(), seed


def test_compact_neighbourhoods_alone_find_whole_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbourhoods, "_MOST", 1.0)
    monkeypatch.setattr(neighbourhoods, "_AGAIN", 0)
    better = 0
    for seed, _, rounds, far, best in far_and_best():
        others = rounds.session.row_count - len(rounds._separators)
        found = improved(rounds, far, gap=1e-4, enough=-math.inf)
        assert best - 1e-6 <= rounds.objective(found) <= rounds.objective(far) + 1e-9, seed
        assert not rounds.separate(found), seed
        assert rounds.session.row_count - len(rounds._separators) == others, seed
        assert rounds.solve("", gap=1e-6).value == pytest.approx(best, abs=1e-6), seed
        better += rounds.objective(found) < rounds.objective(far) - 1e-3
    assert better > 20


@pytest.mark.parametrize("programs", [1, 3])
def test_a_kind_that_runs_out_of_nodes_is_let_go(
    programs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbourhoods, "_MOST", 1.0)
    monkeypatch.setattr(neighbourhoods, "_NODES", 0)  # every program runs out at once
    monkeypatch.setattr(neighbourhoods, "_TIRED", programs)
    fruitless = most = 0
    take = neighbourhoods._Descent._take
    along = neighbourhoods._Descent.along

    def counted(descent: neighbourhoods._Descent, outcome: Outcome) -> bool:
        nonlocal fruitless, most
        before = descent.columns
        torn = take(descent, outcome)
        fruitless = fruitless + 1 if descent.columns is before else 0
        most = max(most, fruitless)
        return torn

    def begun(
        descent: neighbourhoods._Descent, around: Callable[..., Iterator[frozenset[int]]]
    ) -> None:
        nonlocal fruitless
        fruitless = 0
        along(descent, around)

    monkeypatch.setattr(neighbourhoods._Descent, "_take", counted)
    monkeypatch.setattr(neighbourhoods._Descent, "along", begun)
    for _, _, rounds, far, _ in far_and_best():
        improved(rounds, far, gap=1e-4, enough=-math.inf)
    # the neighbourhood at hand is gone through
    assert programs <= most <= programs + neighbourhoods._AGAIN


def test_a_value_that_is_enough_is_not_improved() -> None:
    for seed, _, rounds, far, _ in far_and_best():
        found = improved(rounds, far, gap=1e-4, enough=rounds.objective(far))
        assert found is far, seed


def test_half_of_the_catchments_is_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    share_out = neighbourhoods._Descent._share_out

    def counted(descent: neighbourhoods._Descent, schools: frozenset[int]) -> bool:
        touching = descent._rounds.touching(descent.columns)
        seen.append(2 * len(schools) <= len(touching))
        return share_out(descent, schools)

    monkeypatch.setattr(neighbourhoods._Descent, "_share_out", counted)
    for _, _, rounds, far, _ in far_and_best():
        improved(rounds, far, gap=1e-4, enough=-math.inf)
    assert seen
    assert all(seen)


def test_catchments_that_touch_are_told_both_ways() -> None:
    for seed, problem, rounds, far, _ in far_and_best():
        touching = rounds.touching(far)
        arcs, used = problem.arcs, rounds.used_arcs(far)
        assert set(touching) == {int(arcs.school[a]) for a in used}, seed
        for school, others in touching.items():
            assert school not in others, seed
            assert all(school in touching[other] for other in others), seed
