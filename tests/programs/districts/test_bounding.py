"""The Lagrangian bound of large problems: exact where it says so, never above a plan."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy.optimize import linprog

from planner.programs.districts import solve
from planner.programs.districts.bundle import Bundle
from planner.programs.districts.centring import gathered, transport
from planner.programs.districts.knapsacks import evaluate, knapsacks_of
from planner.programs.districts.near_knapsacks import NearKnapsacks
from planner.programs.districts.objective import Objective, seat_cost
from planner.programs.districts.plan import faults_of
from planner.programs.districts.problem import DistrictProblem, district_problem
from planner.programs.districts.solve import solve_districts
from planner.solving.settings import Settings


def lattice(side: int, number: int, *, weightless: int = 0) -> tuple[DistrictProblem, Objective]:
    """Square cells of uneven weight, some without any, and squared distances."""
    cells = [(x, y) for x in range(side) for y in range(side)]
    weight = {c: 3 + (5 * c[0] + 7 * c[1]) % 11 for c in cells}
    weight |= dict.fromkeys(cells[1 : 1 + weightless], 0)
    mean = sum(weight.values()) / number
    pairs = [((x, y), (x + a, y + b), 1.0) for x, y in cells for a, b in ((0, 1), (1, 0))]
    problem = district_problem(
        weight, number, (0.9 * mean, 1.1 * mean), [p for p in pairs if p[1] in weight], seats=cells
    )
    place = np.array(cells, float)
    squared = ((place[:, None, :] - place[None, :, :]) ** 2).sum(axis=2)
    return problem, seat_cost(problem, squared, name="moment", unit="")


def sacks_of(
    problem: DistrictProblem, cost: np.ndarray, listed: int, fixed: tuple[int, ...] = ()
) -> NearKnapsacks:
    limits = (float(problem.lower[0]), float(problem.upper[0]))
    return NearKnapsacks(
        cost, problem.weight[0], limits, problem.homes, problem.number, fixed=fixed, listed=listed
    )


def costs(problem: DistrictProblem, objective: Objective) -> np.ndarray:
    """Some units may not belong to seats far away."""
    assert objective.cost is not None
    far = objective.cost > np.quantile(objective.cost, 0.9)
    return np.where(far, np.inf, objective.cost)


@pytest.mark.parametrize("weightless", [0, 4])
@pytest.mark.parametrize("fixed", [(), (3, 7)])
def test_with_every_unit_listed_the_knapsacks_are_the_plain_ones(
    weightless: int, fixed: tuple[int, ...]
) -> None:
    problem, objective = lattice(6, 4, weightless=weightless)
    cost = costs(problem, objective)
    sacks = sacks_of(problem, cost, problem.count, fixed)
    limits = (float(problem.lower[0]), float(problem.upper[0]))
    plain = knapsacks_of(
        cost, problem.weight[0], limits, problem.homes, problem.number, fixed=fixed
    )
    chance = np.random.default_rng(0)
    for _ in range(20):
        price = chance.normal(20.0, 30.0, problem.count)
        expected = evaluate(plain, price, np.flatnonzero(plain.possible))
        bound, slope, opened = sacks(price)
        assert bound == pytest.approx(expected.bound)
        assert np.flatnonzero(opened).tolist() == sorted(expected.open.tolist())
        assert slope == pytest.approx(1.0 - expected.share)


@pytest.mark.parametrize("weightless", [0, 4])
def test_units_looked_at_when_needed_only_change_nothing(weightless: int) -> None:
    problem, objective = lattice(8, 4, weightless=weightless)
    cost = costs(problem, objective)
    used, whole = sacks_of(problem, cost, 9), sacks_of(problem, cost, problem.count)
    chance = np.random.default_rng(1)
    price = np.full(problem.count, 40.0)
    for _ in range(40):
        price = price + chance.normal(0.0, 6.0, problem.count)
        bound, slope, _ = used(price)
        fresh, fresh_slope, _ = sacks_of(problem, cost, 9)(price)
        assert bound == pytest.approx(fresh)
        assert slope == pytest.approx(fresh_slope)
        assert bound <= whole(price)[0] + 1e-6


def test_the_bundle_reaches_the_linear_relaxation() -> None:
    problem, objective = lattice(6, 4)
    assert objective.cost is not None
    sacks = sacks_of(problem, objective.cost, problem.count)
    guess = sacks.guess()
    bundle = Bundle(sacks, sacks.scale * guess / sacks.scale.sum(), sacks.scale, guess)
    before = bundle.best
    for _ in range(1500):
        if bundle.done:
            break
        bundle.step()
    best = relaxed(problem, objective.cost)
    assert before < 0.9 * best
    assert best * (1 - 2e-3) <= bundle.best <= best * (1 + 1e-9)
    assert bundle.mixture.sum() == pytest.approx(problem.number)


def relaxed(problem: DistrictProblem, cost: np.ndarray) -> float:
    """Value of Hess's linear program: shares of units, and of seats that are open."""
    count, weight = problem.count, problem.weight[0]
    at = np.arange(count * count).reshape(count, count)
    once = np.zeros((count + 1, count * count))
    for i in range(count):
        once[i, at[i]] = 1.0
    once[count, at.diagonal()] = 1.0
    rows = []
    for j in range(count):
        for i in range(count):
            if i != j:
                row = np.zeros(count * count)
                row[at[i, j]], row[at[j, j]] = 1.0, -1.0
                rows.append(row)
        for sign, side in ((1.0, problem.upper[0]), (-1.0, problem.lower[0])):
            row = np.zeros(count * count)
            row[at[:, j]] = sign * weight
            row[at[j, j]] -= sign * side
            rows.append(row)
    done = linprog(
        cost.ravel(), A_ub=np.array(rows), b_ub=np.zeros(len(rows)), A_eq=once,
        b_eq=np.r_[np.ones(count), problem.number], bounds=(0, 1), method="highs",
    )  # fmt: skip
    return float(done.fun)


def test_a_mass_gathers_where_it_lies() -> None:
    problem, objective = lattice(8, 4)
    assert objective.cost is not None
    mass = np.zeros(problem.count)
    corners = [problem.ids.index(c) for c in ((1, 1), (1, 6), (6, 1), (6, 6))]
    for seat in corners:
        mass[[seat, seat + 1]] = (0.6, 0.4)
    chance = np.random.default_rng(0)
    for _ in range(10):
        seats = gathered(problem, objective.cost, mass, chance)
        near = {(x > 3, y > 3) for x, y in (problem.ids[s] for s in seats)}
        assert len(near) == len(seats) == problem.number
        assert np.isfinite(transport(problem, objective.cost, seats).value)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_plan_and_its_bound_with_any_threads(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solve, "LARGE", 0)
    problem, objective = lattice(9, 6)
    settings = Settings(threads=threads, tolerance=0.02, deadline=time.monotonic() + 3)
    solution = solve_districts(problem, [objective], settings)
    assert solution.plan is not None
    assert not faults_of(problem, solution.plan)
    level = solution.levels[0]
    assert objective.cost is not None
    assert 0 < level.bound <= level.value
    assert level.gap <= 0.06
