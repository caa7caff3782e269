"""Parts made by price: proven values are those of enumeration, and bounds always hold."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from planner.programs.districts import borders, pricing
from planner.programs.districts.answer import Answer, proven
from planner.programs.districts.borders import search_program
from planner.programs.districts.graph import Floats, Neighbours
from planner.programs.districts.objective import Objective, border_length, cut_edges
from planner.programs.districts.plan import Plan, faults_of
from planner.programs.districts.pricing import HOW, LISTED_HOW, priceable, search_prices
from planner.programs.districts.problem import DistrictProblem, district_problem
from planner.programs.districts.separators import Separators
from planner.programs.districts.sweep import Step, TooWideError
from planner.solving.settings import Progress, Settings
from tests.programs.districts.small_cases import choices, random_objective, random_problem, value
from tests.programs.districts.test_stopping import lattice

EXACT = Settings(tolerance=0.0)
KINDS = ("edges", "length", "parted")


def cases(seeds: range) -> Iterator[tuple[DistrictProblem, Objective, Plan, float]]:
    """Problems that suit, the worst plan of all to start from, and the value of the best."""
    for seed in seeds:
        drawn = random_problem(seed)
        problem = replace(
            drawn, homes=drawn.homes[:0], fixed=(), together=(), apart=(), parent=(), locked=(),
            weight=drawn.weight[:1], lower=drawn.lower[:1], upper=drawn.upper[:1],
        )  # fmt: skip
        objective = random_objective(problem, KINDS[seed % 3], seed)
        plans = list(choices(problem)) if priceable(problem, [objective]) else []
        if plans:
            worst = max(plans, key=lambda plan: value(objective, plan))
            best = min(value(objective, plan) for plan in plans)
            yield problem, objective, Plan(worst.part), best


def exact(problem: DistrictProblem, objective: Objective, start: Plan, best: float) -> Answer:
    """The answer, which is the best plan and proven."""
    answer = search_prices(problem, objective, start, EXACT)
    assert answer is not None
    assert answer.plan is not None
    assert not faults_of(problem, answer.plan)
    assert answer.value == value(objective, answer.plan) == pytest.approx(best)
    assert answer.bound == pytest.approx(best, abs=1e-6)
    return answer


def test_the_best_of_all_plans_is_found_and_proven() -> None:
    ways = []
    for problem, objective, start, best in cases(range(180)):
        answer = exact(problem, objective, start, best)
        assert proven(objective, answer, 0.0)
        ways.append(answer.how)
    assert ways.count(HOW) > 50
    assert ways.count(LISTED_HOW) > 2


@pytest.mark.parametrize("rounds", [1, 3])
def test_bounds_hold_however_early_the_rounds_end(
    rounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pricing, "MOST_ROUNDS", rounds)
    monkeypatch.setattr(pricing, "WIDTH", 2)
    monkeypatch.setattr(pricing, "MOST_LISTED", 2)
    open_ones = 0
    for problem, objective, start, best in cases(range(90)):
        answer = search_prices(problem, objective, start, EXACT)
        assert answer is not None
        assert answer.value is not None
        assert answer.bound <= best + 1e-6
        assert answer.value >= best - 1e-6
        open_ones += not proven(objective, answer, 0.0)
    assert open_ones > 3


def test_a_map_too_wide_to_keep_parts_whole_is_proven_by_what_is_listed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    swept = pricing.sweep_of

    def wide(near: Neighbours, price: Floats, *, contiguous: bool, most: int) -> tuple[Step, ...]:
        if contiguous:
            raise TooWideError
        return swept(near, price, contiguous=False, most=most)

    monkeypatch.setattr(pricing, "sweep_of", wide)
    listed = 0
    for problem, objective, start, best in cases(range(120)):
        answer = exact(problem, objective, start, best)
        listed += problem.contiguous and answer.how == LISTED_HOW
    assert listed > 3


@pytest.mark.parametrize("tolerance", [0.05, 0.3])
def test_the_tolerance_is_kept(tolerance: float) -> None:
    for problem, objective, start, best in cases(range(60)):
        priced = Objective("priced", "", None, objective.pairs, objective.price)
        answer = search_prices(problem, priced, start, Settings(tolerance=tolerance))
        assert answer is not None
        assert answer.value is not None
        assert best * (1 - 1e-9) <= answer.value <= best / (1 - tolerance) + 1.0
        assert answer.bound <= best + 1e-6


def test_a_lattice_is_proven_and_says_how() -> None:
    problem = lattice(6, 3, 0.25, seats=False)
    told: list[Progress] = []
    settings = Settings(tolerance=0.0, report=told.append)
    strips = Plan(tuple(n // 12 for n in range(36)))
    for objective in (cut_edges(problem), border_length(problem)):
        answer = search_program(
            problem, [objective], {}, Separators(problem), settings, start=strips
        )
        assert answer.value == answer.bound == 10
        assert answer.how in (HOW, LISTED_HOW)
    assert told
    assert all(progress.bound <= 10 <= progress.best for progress in told)


def test_contiguity_counts() -> None:
    """Two heavy ends of a strip share a part of the right weight only if it may lie apart."""
    units = {"a": 2, "b": 3, "c": 3, "d": 2}
    strip = [("a", "b", 1), ("b", "c", 5), ("c", "d", 1)]
    for contiguous, best in ((True, 5.0), (False, 2.0)):
        problem = district_problem(units, 2, (4, 6), strip, contiguous=contiguous)
        answer = search_prices(problem, border_length(problem), Plan((0, 0, 1, 1)), EXACT)
        assert answer is not None
        assert answer.value == best
        assert answer.bound == pytest.approx(best)


def test_a_deadline_leaves_the_plan_and_a_true_bound() -> None:
    problem = lattice(8, 5, 0.03, seats=False)
    objective = cut_edges(problem)
    start = search_program(
        problem, [objective], {}, Separators(problem), Settings(deadline=time.monotonic() + 0.5)
    ).plan
    assert start is not None
    answer = search_prices(problem, objective, start, Settings(deadline=time.monotonic()))
    assert answer is not None
    assert answer.plan == start
    assert answer.bound <= 23


def test_a_map_too_wide_for_a_sweep_goes_the_other_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pricing, "MOST_STATES", 5)
    monkeypatch.setattr(pricing, "MOST_LOOSE_STATES", 5)
    monkeypatch.setattr(borders, "FEW_COLUMNS", 0)
    problem = lattice(4, 2, 0.3, seats=False)
    objective = cut_edges(problem)
    half = Plan(tuple(int(n >= 8) for n in range(16)))
    assert search_prices(problem, objective, half, EXACT) is None
    answer = search_program(problem, [objective], {}, Separators(problem), EXACT)
    assert answer.value == answer.bound
    assert HOW not in answer.how


def test_what_does_not_suit_is_not_priced() -> None:
    plain = lattice(3, 2, 0.5, seats=False)
    assert priceable(plain, [cut_edges(plain)])
    assert not priceable(plain, [cut_edges(plain), border_length(plain)])
    assert not priceable(replace(plain, number=1), [cut_edges(plain)])
    assert not priceable(replace(plain, apart=((0, 1),)), [cut_edges(plain)])
    assert not priceable(replace(plain, homes=np.arange(3)), [cut_edges(plain)])
    double: Answer | DistrictProblem = replace(plain, weight=np.vstack([plain.weight] * 2))
    assert not priceable(double, [cut_edges(plain)])
