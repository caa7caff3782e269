"""What is minimised: cost to the seat, border length, cut edges, pairs parted, people moved."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.programs.districts.graph import Floats, Ints, hops
from planner.programs.districts.problem import DistrictProblem


@dataclass(frozen=True, eq=False)
class Objective:
    """One level: a cost for each unit and seat, a price for each pair parted, or both.

    `allowed` is the share by which later levels may exceed what this one reached.
    """

    name: str
    unit: str
    cost: Floats | None = None
    """Units × seats, or units × numbered parts where there are no seats; inf: not allowed."""
    pairs: Ints | None = None
    """Pairs × 2."""
    price: Floats | None = None
    """By pair, not negative: paid if its units lie in different parts."""
    allowed: float = 0.0

    @property
    def whole(self) -> bool:
        """Whether every plan has a whole value, so that bounds may be rounded up."""
        return all(
            numbers is None or bool((numbers[np.isfinite(numbers)] % 1 == 0).all())
            for numbers in (self.cost, self.price)
        )


def seat_cost(
    problem: DistrictProblem, cost: npt.ArrayLike, *, name: str, unit: str, allowed: float = 0.0
) -> Objective:
    """The first weight of each unit times its cost to the seat: ``sum(w[i] c[i,seat of i])``.

    `cost` is units × seats, for one unit of weight; inf: not allowed.
    """
    matrix = np.asarray(cost, float)
    far = np.isinf(matrix)
    weighed = np.where(far, np.inf, problem.weight[0][:, None] * np.where(far, 0.0, matrix))
    return Objective(name, unit, cost=weighed, allowed=allowed)


def hop_cost(problem: DistrictProblem, *, allowed: float = 0.0) -> Objective:
    """Weight times hops to the seat's unit in the whole graph."""
    to_seats = hops(problem.near)[:, problem.homes]
    return seat_cost(problem, to_seats, name="hops_to_seat", unit="weight-hops", allowed=allowed)


def cut_edges(problem: DistrictProblem, *, allowed: float = 0.0) -> Objective:
    """Number of borders between different parts."""
    price = np.ones(len(problem.edges))
    return Objective("cut_edges", "borders", None, problem.edges, price, allowed)


def border_length(
    problem: DistrictProblem, *, unit: str = "length", allowed: float = 0.0
) -> Objective:
    """Length of the borders between different parts."""
    return Objective("border_length", unit, None, problem.edges, problem.length, allowed)


def parted(
    problem: DistrictProblem,
    prices: Iterable[tuple[Hashable, Hashable, float]],
    *,
    name: str,
    unit: str,
    allowed: float = 0.0,
) -> Objective:
    """A price for each pair of units parted: catchments cut, border off arterials or barriers."""
    place = {key: i for i, key in enumerate(problem.ids)}
    found: dict[tuple[int, int], float] = {}
    for a, b, each in prices:
        u, v = sorted((place[a], place[b]))
        found[u, v] = found.get((u, v), 0.0) + each
    pairs = np.array(sorted(found), np.int64).reshape(-1, 2)
    price = np.array([found[pair] for pair in sorted(found)], float)
    return Objective(name, unit, None, pairs, price, allowed)


def change(
    problem: DistrictProblem, today: Mapping[Hashable, int], *, allowed: float = 0.0
) -> Objective:
    """People whose unit leaves its part of today.

    `today` gives the part of a unit, by number; with seats, a seat continues the part of today in
    which its unit lies. A unit that is not in it does not change.
    """
    own = [today.get(key) for key in problem.ids]
    if len(problem.homes):
        numbers = [own[home] for home in problem.homes.tolist()]
    else:
        numbers = list(range(problem.number))
    moved = np.array([[n is not None and n != m for m in numbers] for n in own], float)
    cost = problem.weight[0][:, None] * moved
    return Objective("change", "people", cost=cost, allowed=allowed)
