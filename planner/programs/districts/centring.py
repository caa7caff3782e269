"""Seats in the middle of what they get: transport between the bounds, then the best seat, again.

Source: Hess et al., Operations Research 13 (1965), with the transport problem as a linear program.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from planner.programs.districts.graph import Floats
from planner.programs.districts.problem import DistrictProblem

MOST_MOVES = 30
NEAR = 5
"""Nearest seats that a unit is offered first."""
FAR = 10.0
"""Cost of a unit that may not belong to a seat, as a multiple of the largest that is allowed."""
WORTH = 1e-4
"""Relative gain that makes another move worth while."""
HOPELESS = 1.01
"""Value after two moves, as a multiple of the best known, beyond which seats are given up."""
LEAST_MASS = 1e-3
"""Share of a seat that is worth gathering."""
NOISE = 1.0
"""Share by which what a swap promises is blurred, so that others get their turn."""


@dataclass(frozen=True)
class Centred:
    """Seats and the least cost of divisible units (inf: impossible)."""

    value: float
    seats: tuple[int, ...]
    share: Floats
    """Units × seats."""
    price: Floats
    """By unit: what it adds to the cost (dual value)."""


def centred(
    problem: DistrictProblem, cost: Floats, seats: Sequence[int], known: float = np.inf
) -> Centred:
    """Move seats to the middle of their shares as long as the transport gets cheaper.

    `cost` is units × seats, inf where a unit may not belong to a seat. Only the first measure is
    bounded. Seats far above the value `known` are given up.
    """
    best = transport(problem, cost, tuple(seats))
    for move in range(MOST_MOVES):
        if move >= 2 and best.value > HOPELESS * known:
            break
        moved = _moved(problem, cost, best) if np.isfinite(best.value) else best.seats
        other = best if moved == best.seats else transport(problem, cost, moved)
        if other.value >= best.value * (1 - WORTH):
            break
        best = other
    return best


def settled(
    problem: DistrictProblem,
    cost: Floats,
    chance: np.random.Generator,
    *,
    starts: int,
    patience: int,
    until: float,
) -> Centred:
    """The best of some random sets of seats, each shaken a little (see `shaken`)."""
    best: Centred | None = None
    for _ in range(starts):
        if best is None or time.monotonic() < until:
            first = centred(problem, cost, _spread(problem, _finite(cost), (), chance))
            other = shaken(problem, cost, first, chance, patience=patience, until=until)
            best = other if best is None else min(best, other, key=lambda c: c.value)
    assert best is not None
    return best


def shaken(
    problem: DistrictProblem,
    cost: Floats,
    best: Centred,
    chance: np.random.Generator,
    *,
    patience: int,
    until: float,
) -> Centred:
    """One seat given up for another elsewhere, until `patience` swaps in a row gain nothing.

    `until` is a `time.monotonic()` value.
    """
    swaps, stalled = _swaps(problem, cost, best, chance), 0
    while stalled < patience and time.monotonic() < until:
        seats = next(swaps, None)
        if seats is None:
            break
        other = centred(problem, cost, seats, best.value)
        stalled += 1
        if other.value < best.value * (1 - 1e-6):
            best, stalled = other, 0
            swaps = _swaps(problem, cost, best, chance)
    return best


def gathered(
    problem: DistrictProblem, cost: Floats, mass: Floats, chance: np.random.Generator
) -> tuple[int, ...]:
    """Seats where a mass spread over many of them gathers: one for each 1, the densest first.

    `mass` (by seat) adds up to the number of parts. Chance blurs what is dense.
    """
    weight = np.maximum(problem.weight[0][problem.homes], 1e-9)
    way = _finite(cost)[problem.homes] / weight[:, None]
    way = np.maximum(way, way.T)
    left = mass.copy()
    some = np.flatnonzero((left > LEAST_MASS) | np.isin(np.arange(len(left)), problem.fixed))
    order = some[np.argsort(way[np.ix_(some, some)], axis=0, kind="stable")]
    ways = np.take_along_axis(way[:, some], order, 0)
    seats: list[int] = []
    open_homes: set[int] = set()
    wanted = list(problem.fixed)
    while len(seats) < problem.number:
        held = left[order]
        taken = np.clip(1.0 - (np.cumsum(held, axis=0) - held), 0.0, held)
        paid = (taken * ways).sum(axis=0) + (1.0 - taken.sum(axis=0)) * ways.max(initial=1.0)
        free = [n for n, s in enumerate(some.tolist()) if int(problem.homes[s]) not in open_homes]
        if wanted:
            free = [int(np.flatnonzero(some == wanted.pop(0))[0])]
        if not free:
            break
        paid *= 1.0 + NOISE * chance.random(len(paid))
        best = free[int(paid[free].argmin())]
        left[order[:, best]] -= taken[:, best]
        seats.append(int(some[best]))
        open_homes.add(int(problem.homes[some[best]]))
    return tuple(seats)


def _finite(cost: Floats) -> Floats:
    """Costs with a high one where there is none."""
    there = np.isfinite(cost)
    return np.where(there, cost, FAR * cost[there].max(initial=1.0))


def transport(problem: DistrictProblem, cost: Floats, seats: tuple[int, ...]) -> Centred:
    """Least cost of divisible units to these seats, each seat's unit its own."""
    own = cost[:, seats]
    homes = problem.homes[list(seats)]
    nothing = Centred(np.inf, seats, np.zeros(own.shape), np.zeros(problem.count))
    if (
        len({*homes.tolist()}) < problem.number
        or not np.isfinite(own[homes, range(len(seats))]).all()
    ):
        return nothing
    near = NEAR
    while True:
        offered = np.zeros(own.shape, bool)
        np.put_along_axis(offered, np.argsort(own, axis=1)[:, :near], True, axis=1)
        offered[homes, range(len(seats))] = True
        offered &= np.isfinite(own)
        found = _split(problem, own, homes, offered)
        if found is not None:
            return Centred(float(own[offered] @ found[0][offered]), seats, *found)
        if near >= len(seats):
            return nothing
        near *= 2


def _split(
    problem: DistrictProblem, own: Floats, homes: np.ndarray, offered: np.ndarray
) -> tuple[Floats, Floats] | None:
    """Shares and prices of the units, if the seats can be filled."""
    units, columns = np.nonzero(offered)
    if len(np.unique(units)) < problem.count:
        return None
    index, ones = np.arange(len(units)), np.ones(len(units))
    least = (homes[columns] == units).astype(float)
    shape = (problem.count, len(units))
    once = csr_array((ones, (units, index)), shape=shape)
    load = csr_array((problem.weight[0][units], (columns, index)), shape=(own.shape[1], shape[1]))
    low, high = float(problem.lower[0]), float(problem.upper[0])
    scale = max(float(own[offered].max()), 1e-9)
    done = linprog(
        own[offered] / scale,
        A_ub=vstack([load, -load]).tocsr(), b_ub=np.repeat([high, -low], own.shape[1]),
        A_eq=once, b_eq=np.ones(problem.count), bounds=np.column_stack([least, ones]),
        method="highs", options={"presolve": False},
    )  # fmt: skip
    if done.x is None:
        return None
    share = np.zeros(own.shape)
    share[offered] = done.x
    return share, np.asarray(done.eqlin.marginals * scale, float)


def _moved(problem: DistrictProblem, cost: Floats, now: Centred) -> tuple[int, ...]:
    """The cheapest seat within each share; fixed seats stay."""
    held = now.share[problem.homes] > 0.5
    moved = []
    for column, seat in enumerate(now.seats):
        inside = now.share[:, column] > 0
        here = np.flatnonzero(held[:, column])
        if seat in problem.fixed or not len(here):
            moved.append(seat)
            continue
        sums = now.share[inside, column] @ cost[np.ix_(inside, here)]
        moved.append(int(here[sums.argmin()]) if np.isfinite(sums).any() else seat)
    return tuple(moved)


def _spread(
    problem: DistrictProblem, cost: Floats, kept: Sequence[int], chance: np.random.Generator
) -> tuple[int, ...]:
    """As many seats as parts, drawn where the cost to those drawn before is high."""
    seats = list(dict.fromkeys([*problem.fixed, *kept]))
    at_home = problem.weight[0][problem.homes]
    while len(seats) < problem.number:
        to_nearest = cost[:, seats].min(axis=1)[problem.homes] if seats else at_home
        odds = np.maximum(to_nearest, 0.0)
        odds[seats] = 0.0
        odds[np.isin(problem.homes, problem.homes[seats])] = 0.0
        free = np.flatnonzero(~np.isin(np.arange(len(odds)), seats))
        if not len(free):
            break
        if odds.sum() <= 0:
            odds[free] = 1.0
        seats.append(int(chance.choice(len(odds), p=odds / odds.sum())))
    return tuple(seats)


def _swaps(
    problem: DistrictProblem, cost: Floats, now: Centred, chance: np.random.Generator
) -> Iterator[tuple[int, ...]]:
    """Seats with one changed: pairs that promise most at the prices of now come first."""
    if not np.isfinite(now.value):
        while True:
            yield _spread(problem, _finite(cost), (), chance)
    lost = _lost(problem, cost[:, now.seats], now) * (1 + NOISE * chance.random(len(now.seats)))
    gained = _gained(problem, cost, now) * (1 + NOISE * chance.random(len(problem.homes)))
    gained[list(now.seats)] = 0.0
    part = now.share[problem.homes].argmax(axis=1)
    newcomers = [
        int(inside[gained[inside].argmax()])
        for inside in (np.flatnonzero(part == p) for p in range(len(now.seats)))
        if len(inside)
    ]
    pairs = [
        (lost[column] - gained[new], column, new)
        for column, seat in enumerate(now.seats)
        for new in newcomers
        if seat not in problem.fixed and part[new] != column
    ]
    for promise, column, new in sorted(pairs):
        if np.isfinite(promise) and new not in now.seats:
            yield (*now.seats[:column], new, *now.seats[column + 1 :])


def _lost(problem: DistrictProblem, own: Floats, now: Centred) -> Floats:
    """By seat: what its units would cost more with the others, at today's prices of a load."""
    share = now.share.copy()
    share[problem.homes[list(now.seats)], np.arange(len(now.seats))] = 0.0
    load = problem.weight[0] @ share
    finite = np.where(np.isfinite(own), own, FAR * own[np.isfinite(own)].max(initial=1.0))
    above = (share * (finite - now.price[:, None])).sum(axis=0)
    load_price = np.where(load > 0, above / np.maximum(load, 1e-9), 0.0)
    asked = finite - problem.weight[0][:, None] * load_price
    order = np.argsort(asked, axis=1)
    columns = np.arange(len(now.seats))
    second = order[:, min(1, len(columns) - 1)]
    other = np.where(order[:, :1] == columns, second[:, None], order[:, :1])
    return np.asarray((now.share * (np.take_along_axis(asked, other, 1) - finite)).sum(axis=0))


def _gained(problem: DistrictProblem, cost: Floats, now: Centred) -> Floats:
    """By seat: what the units that pay more now would save with it, as far as it can hold them."""
    saved = np.maximum(now.price[:, None] - cost, 0.0)
    weight = problem.weight[0] @ (saved > 0)
    return np.asarray(
        saved.sum(axis=0) * np.minimum(problem.upper[0] / np.maximum(weight, 1e-9), 1.0)
    )
