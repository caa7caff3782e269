"""Every kind against all its plans, by brute force; limits; ids; data that cannot be used."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest

from planner.errors import DataError
from planner.programs import facility
from planner.programs.facility import FacilityProblem, FacilitySolution, from_arcs, from_matrix
from planner.programs.facility import search as engine
from planner.programs.facility.problem import plan_value
from planner.solving.settings import Settings, SolveStatus

EXACT = Settings(tolerance=1e-7)


def random_table(seed: int, *, gaps: bool = False) -> tuple[np.random.Generator, np.ndarray]:
    rng = np.random.default_rng(seed)
    table = rng.integers(1, 30, (int(rng.integers(3, 8)), int(rng.integers(2, 6)))).astype(float)
    if seed % 3 == 0:
        table += rng.random(table.shape).round(3)
    if gaps:
        table[rng.random(table.shape) < 0.35] = math.inf
        table[:, 0] = np.where(np.isfinite(table).any(1), table[:, 0], 7.0)
    return rng, table


def sets_of(problem: FacilityProblem, p: int | None) -> list[tuple[int, ...]]:
    sites = range(len(problem.sites))
    counts = range(1, len(problem.sites) + 1) if p is None else [p]
    return [chosen for count in counts for chosen in combinations(sites, count)]


def best_whole(problem: FacilityProblem, p: int | None) -> float:
    """Least value of all plans that serve clients whole."""
    best = math.inf
    for chosen in sets_of(problem, p):
        for served in product(chosen, repeat=len(problem.clients)):
            load = np.bincount(served, problem.demand, len(problem.sites))
            if (load <= problem.capacity + 1e-9).all():
                cost = problem.cost[np.arange(len(served)), served].sum()
                best = min(best, cost + problem.fixed[list(chosen)].sum())
    return best


def check(solution: FacilitySolution, best: float) -> None:
    if math.isinf(best):
        assert solution.status == SolveStatus.INFEASIBLE
        assert solution.value is None
    else:
        assert solution.status == SolveStatus.OPTIMAL
        assert solution.value == pytest.approx(best, rel=1e-6)
        assert solution.bound <= solution.value + 1e-9


@pytest.mark.parametrize("gaps", [False, True])
def test_p_median_and_p_center(gaps: bool) -> None:
    infeasible = 0
    for seed in range(60):
        rng, table = random_table(seed, gaps=gaps)
        problem, p = from_matrix(table), int(rng.integers(1, table.shape[1] + 1))
        weight = rng.integers(1, 5, len(table)).astype(float)
        sums = [
            (table[:, list(c)].min(1) * weight).sum() for c in combinations(range(len(table[0])), p)
        ]
        worst = [table[:, list(c)].min(1).max() for c in combinations(range(len(table[0])), p)]
        check(facility.p_median(problem, p, EXACT, weight=weight.tolist()), min(sums))
        check(facility.p_center(problem, p, EXACT), min(worst))
        infeasible += math.isinf(min(sums))
    assert (infeasible > 3) == gaps


def test_larger_p_medians_by_every_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trees and cuts agree with the whole program, where prices alone do not prove it."""
    for seed in range(8):
        rng = np.random.default_rng(seed)
        points = rng.integers(0, 1000, (40, 2))
        table = np.floor(np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1)))
        problem, p = from_matrix(table), 4 + seed
        values = set()
        for few, wide in ((150, 3e-3), (0, 1.0), (0, 0.0)):
            monkeypatch.setattr(engine, "_FEW", few)
            monkeypatch.setattr(engine, "_WIDE", wide)
            solution = facility.p_median(problem, p, EXACT)
            assert solution.status == SolveStatus.OPTIMAL
            values.add(solution.value)
        known = engine.Known()
        whole = replace(problem, count=p)
        engine._program(whole, EXACT, known, arcs=np.isfinite(table),
                        must=np.zeros(40, bool), gap=None)  # fmt: skip
        assert values == {known.value}


def test_single_source_and_capacitated_p_median() -> None:
    infeasible = 0
    for seed in range(40):
        rng, table = random_table(seed, gaps=seed % 2 == 1)
        table = table[:5]
        demand = rng.integers(1, 9, len(table)).astype(float)
        capacity = rng.integers(4, 16, table.shape[1]).astype(float)
        fixed = rng.integers(0, 25, table.shape[1]).astype(float)
        problem, p = from_matrix(table), int(rng.integers(1, table.shape[1] + 1))
        given = {"capacity": capacity.tolist(), "demand": demand.tolist()}
        full = replace(problem, demand=demand, capacity=capacity)
        single = facility.single_source_facility(problem, EXACT, fixed=fixed.tolist(), **given)
        check(single, best_whole(replace(full, fixed=fixed), None))
        infeasible += single.value is None
        check(facility.capacitated_p_median(problem, p, EXACT, **given), best_whole(full, p))
    assert 4 <= infeasible <= 20


def test_split_service_is_a_transport_problem_for_every_choice_of_sites() -> None:
    from scipy.optimize import linprog

    for seed in range(25):
        rng, table = random_table(seed)
        demand = rng.integers(1, 9, len(table)).astype(float)
        capacity = rng.integers(6, 30, table.shape[1]).astype(float)
        fixed = rng.integers(0, 25, table.shape[1]).astype(float)
        best = math.inf
        for chosen in sets_of(from_matrix(table), None):
            cost = table[:, chosen].ravel()
            served = np.kron(np.eye(len(table)), np.ones(len(chosen)))
            load = np.kron(demand, np.eye(len(chosen)))
            found = linprog(cost, load, capacity[list(chosen)], served, np.ones(len(table)))
            if found.success:
                best = min(best, found.fun + fixed[list(chosen)].sum())
        check(
            facility.capacitated_facility(
                from_matrix(table), EXACT, fixed=fixed.tolist(), capacity=capacity.tolist(),
                demand=demand.tolist(),
            ),
            best,
        )  # fmt: skip


def test_prices_and_fixing_lose_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """The long way of large capacitated problems agrees with the short one."""
    for seed in range(12):
        rng = np.random.default_rng(seed)
        points = rng.random((24, 2)) * 100
        table = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
        if seed % 2:
            table = np.floor(table)
        demand = rng.integers(1, 20, 24).astype(float)
        given = {"capacity": [70.0] * 24, "demand": demand.tolist()}
        fixed = rng.integers(20, 90, 24).astype(float).tolist()
        values = []
        for small in (6000, 0):
            monkeypatch.setattr(engine, "_SMALL", small)
            median = facility.capacitated_p_median(from_matrix(table), 5, EXACT, **given)
            single = facility.single_source_facility(
                from_matrix(table), EXACT, fixed=fixed, **given
            )
            assert median.status == single.status == SolveStatus.OPTIMAL
            values.append((median.value, single.value))
        assert values[0] == pytest.approx(values[1], rel=1e-6)


def test_covers() -> None:
    for seed in range(60):
        rng, table = random_table(seed)
        radius, weight = float(rng.integers(3, 20)), rng.integers(1, 9, len(table)).astype(float)
        problem, p = from_matrix(table), int(rng.integers(1, table.shape[1] + 1))
        within = table <= radius
        most = max(
            weight[within[:, list(c)].any(1)].sum() for c in combinations(range(len(table[0])), p)
        )
        solution = facility.max_cover(problem, p, radius, EXACT, weight=weight.tolist())
        assert solution.status == SolveStatus.OPTIMAL
        assert solution.value == solution.bound == most
        assert len(solution.open) == p
        fewest = min(
            (len(c) for c in sets_of(problem, None) if within[:, list(c)].any(1).all()),
            default=math.inf,
        )
        check(facility.set_cover(problem, radius, EXACT), fewest)


def test_a_matrix_of_a_user_with_ids_of_any_kind() -> None:
    problem = from_arcs(
        ["home 1", "home 1", "home 2", "home 3", "home 3"],
        ["north", "south", "south", "north", "south"],
        [2, 5, 4, 9, 3],
    )
    solution = facility.p_median(problem, 1, EXACT)
    assert solution.open == ("south",)
    assert solution.value == 12
    assert solution.served == {f"home {i}": {"south": 1.0} for i in (1, 2, 3)}
    solution = facility.p_median(problem, 2, EXACT)
    assert solution.value == 9
    assert solution.served["home 1"] == {"north": 1.0}


def test_what_cannot_be_used_is_named() -> None:
    with pytest.raises(DataError, match="nothing can serve b"):
        from_matrix([[1, 2], [math.inf, math.nan]], clients=["a", "b"])
    with pytest.raises(DataError, match="doubled ids: a"):
        from_matrix([[1], [2]], clients=["a", "a"])
    with pytest.raises(DataError, match="3 clients × 1 sites"):
        from_matrix([[1], [2]], clients=["a", "b", "c"])
    problem = from_matrix([[1, 2]], clients=["a"], sites=["x", "y"])
    with pytest.raises(DataError, match="no amount for y"):
        facility.capacitated_p_median(problem, 1, EXACT, capacity={"x": 3}, demand=[1])
    with pytest.raises(DataError, match="negative or no number at a"):
        facility.p_median(problem, 1, EXACT, weight=[-1])
    with pytest.raises(ValueError, match="at least one site"):
        facility.p_median(problem, 0, EXACT)


def test_a_plan_that_breaks_a_rule_has_no_value() -> None:
    problem = replace(
        from_matrix([[1, 2], [3, 1]]), capacity=np.array([1.0, 2.0]), demand=np.ones(2), count=1
    )
    share = np.array([[0.0, 1.0], [0.0, 1.0]])
    assert plan_value(problem, np.array([1]), share) == 3
    assert plan_value(problem, np.array([0]), share) == math.inf
    assert plan_value(problem, np.array([0, 1]), share) == math.inf
    assert plan_value(problem, np.array([0]), share[:, ::-1]) == math.inf
    assert plan_value(problem, np.array([1]), share * 0.5) == math.inf


def test_a_limit_leaves_a_plan_with_its_true_bound() -> None:
    rng = np.random.default_rng(5)
    points = rng.random((300, 2)) * 1000
    table = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    problem = from_matrix(table)
    best = facility.p_median(problem, 6, Settings(tolerance=1e-6))
    assert best.status == SolveStatus.OPTIMAL
    assert best.value is not None
    for seconds in (0.0, 0.02, 0.2):
        limited = Settings(tolerance=1e-6, deadline=time.monotonic() + seconds)
        solution = facility.p_median(problem, 6, limited)
        assert solution.value is not None
        assert solution.bound <= best.value * (1 + 1e-9) <= solution.value * (1 + 2e-9)
        if solution.status == SolveStatus.OPTIMAL:
            assert solution.value == pytest.approx(best.value, rel=1e-6)
        else:
            assert solution.status == SolveStatus.FEASIBLE
            assert solution.gap > 1e-6
