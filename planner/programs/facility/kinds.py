"""The standard location problems by their usual names: each a few parameters of one problem.

All but the centre and the maximal cover minimise cost. `settings.tolerance` is the relative gap at
which a value counts as proven; where all values are whole they are proven exactly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from planner.programs.facility.covering import fewest_sites, most_covered
from planner.programs.facility.problem import (
    FacilityProblem,
    FacilitySolution,
    Floats,
    Id,
    Ints,
    by_id,
)
from planner.programs.facility.search import solve_facility
from planner.programs.facility.starts import nearest, swap_start
from planner.solving.settings import Progress, Settings, SolveStatus, gap_of, status_of

Amounts = Mapping[Id, float] | Sequence[float]
"""One number for each id: a mapping, or in the order of the problem's ids."""


def p_median(
    problem: FacilityProblem, p: int, settings: Settings, *, weight: Amounts | None = None
) -> FacilitySolution:
    """Open exactly `p` sites; least sum of ``weight * cost`` to the nearest open site.

    `weight` by client, 1 each unless given. Hakimi, Operations Research 12 (1964).
    """
    return solve_facility(_with_count(_weighted(problem, weight), p), settings)


def p_center(problem: FacilityProblem, p: int, settings: Settings) -> FacilitySolution:
    """Open exactly `p` sites; least largest cost from any client to its nearest open site.

    Bisection over set covers, from a start of greedy sites and swaps. Minieka, SIAM Review 12
    (1970); Hakimi, Operations Research 12 (1964).
    """
    counted = _with_count(problem, p)
    radii = np.unique(counted.cost[np.isfinite(counted.cost)])
    opened = swap_start(_powered(counted), settings)
    reached = counted.cost[:, opened].min(1).max()
    low = int(np.searchsorted(radii, counted.cost.min(1).max()))
    high = int(np.searchsorted(radii, reached)) if math.isfinite(reached) else len(radii)
    covers = 0
    while low < high and settings.seconds_left() > 0:
        middle = (low + high) // 2
        cover = fewest_sites(counted.cost <= radii[middle], settings, enough=p)
        covers += 1
        if cover.opened is not None and len(cover.opened) <= p:
            opened = _filled(counted, cover.opened)
            high = int(np.searchsorted(radii, counted.cost[:, opened].min(1).max()))
        elif cover.bound > p:
            low = middle + 1
        else:
            break  # out of time
    bound = float(radii[low]) if low < len(radii) else math.inf
    if high == len(radii):
        return _without_plan(bound, settings, f"{covers} covers")
    value = float(radii[high])
    share = nearest(counted, opened)
    if settings.report:
        settings.report(Progress("p_center", 0.0, value, bound))
    return FacilitySolution(
        status_of(value, bound, settings.tolerance if low < high else 1.0), value, bound,
        gap_of(value, bound), tuple(counted.sites[j] for j in np.sort(opened)),
        _served(counted, share), f"swaps, {covers} covers",
    )  # fmt: skip


def capacitated_facility(
    problem: FacilityProblem,
    settings: Settings,
    *,
    fixed: Amounts,
    capacity: Amounts,
    demand: Amounts,
) -> FacilitySolution:
    """Open any sites at `fixed` cost; clients may be shared among sites within `capacity`.

    A share of a client costs that share of ``cost``. Kuehn and Hamburger, Management Science 9
    (1963).
    """
    return solve_facility(_limited(problem, fixed, capacity, demand, split=True), settings)


def single_source_facility(
    problem: FacilityProblem,
    settings: Settings,
    *,
    fixed: Amounts,
    capacity: Amounts,
    demand: Amounts,
) -> FacilitySolution:
    """The same, with every client served whole by one site. Neebe and Rao, JORS 34 (1983)."""
    return solve_facility(_limited(problem, fixed, capacity, demand, split=False), settings)


def capacitated_p_median(
    problem: FacilityProblem, p: int, settings: Settings, *, capacity: Amounts, demand: Amounts
) -> FacilitySolution:
    """Exactly `p` sites, every client whole at one of them within its capacity.

    Costs are not weighted by demand. Mulvey and Beck, European Journal of Operational Research 18
    (1984).
    """
    none = np.zeros(len(problem.sites))
    limited = _limited(problem, none.tolist(), capacity, demand, split=False)
    return solve_facility(_with_count(limited, p), settings)


def max_cover(
    problem: FacilityProblem,
    p: int,
    radius: float,
    settings: Settings,
    *,
    weight: Amounts | None = None,
) -> FacilitySolution:
    """Exactly `p` sites; most weight of clients with an open site at ``cost <= radius``.

    The bound is above the value. Church and ReVelle, Papers in Regional Science 32 (1974).
    """
    amounts = np.ones(len(problem.clients)) if weight is None else by_id(
        weight, problem.clients, "weight"
    )  # fmt: skip
    counted = _with_count(problem, p)
    within = np.asarray(counted.cost <= radius, bool)
    cover = most_covered(within, amounts, p, settings)
    if cover.opened is None:
        return _without_plan(cover.bound, settings, cover.how)
    opened = _filled(counted, cover.opened)
    covered = np.asarray(within[:, opened].any(1), bool)
    value, whole = float(amounts[covered].sum()), bool((amounts % 1 == 0).all())
    bound = max(value, math.floor(cover.bound + 0.01) if whole else cover.bound)
    share = np.where(covered[:, None], nearest(counted, opened), 0.0)
    gap = gap_of(-value, -bound)
    proven = bound - value <= 1e-6 if whole else gap <= settings.tolerance
    return FacilitySolution(
        SolveStatus.OPTIMAL if proven else SolveStatus.FEASIBLE, value, bound, gap,
        tuple(counted.sites[j] for j in np.sort(opened)), _served(counted, share), cover.how,
    )  # fmt: skip


def set_cover(problem: FacilityProblem, radius: float, settings: Settings) -> FacilitySolution:
    """As few sites as possible so that every client has one at ``cost <= radius``.

    Toregas, Swain, ReVelle, Bergman, Operations Research 19 (1971).
    """
    within = problem.cost <= radius
    if not within.any(1).all():
        return FacilitySolution(
            SolveStatus.INFEASIBLE, None, math.inf, math.inf, (), {},
            "no site within the radius of " + ", ".join(
                str(problem.clients[i]) for i in np.flatnonzero(~within.any(1))[:5]
            ),
        )  # fmt: skip
    cover = fewest_sites(within, settings)
    if cover.opened is None:
        return _without_plan(cover.bound, settings, cover.how)
    reach = replace(problem, cost=np.where(within, problem.cost, math.inf))
    value = float(len(cover.opened))
    bound = min(value, float(math.ceil(cover.bound - 0.01)))
    return FacilitySolution(
        status_of(value, bound, settings.tolerance if value == bound else 0.0), value, bound,
        gap_of(value, bound), tuple(problem.sites[j] for j in np.sort(cover.opened)),
        _served(reach, nearest(reach, cover.opened)), cover.how,
    )  # fmt: skip


def _with_count(problem: FacilityProblem, p: int) -> FacilityProblem:
    if p < 1:
        raise ValueError(f"p is {p}: at least one site opens")
    return replace(problem, count=p)


def _weighted(problem: FacilityProblem, weight: Amounts | None) -> FacilityProblem:
    if weight is None:
        return problem
    amounts = by_id(weight, problem.clients, "weight")
    known = np.isfinite(problem.cost)
    cost = np.where(known, np.where(known, problem.cost, 0.0) * amounts[:, None], math.inf)
    return replace(problem, cost=cost)


def _limited(
    problem: FacilityProblem, fixed: Amounts, capacity: Amounts, demand: Amounts, *, split: bool
) -> FacilityProblem:
    return replace(
        problem,
        fixed=by_id(fixed, problem.sites, "fixed"),
        capacity=by_id(capacity, problem.sites, "capacity"),
        demand=by_id(demand, problem.clients, "demand"),
        split=split,
    )


def _powered(problem: FacilityProblem) -> FacilityProblem:
    """Costs by ranks to a power, so that the worst client outweighs the others in a start."""
    most = float(problem.cost[np.isfinite(problem.cost)].max(initial=1.0)) or 1.0
    return replace(problem, cost=(problem.cost / most) ** 8)


def _filled(problem: FacilityProblem, opened: Ints) -> Ints:
    """The sites and any others, up to the count."""
    others = np.setdiff1d(np.arange(len(problem.sites)), opened)
    missing = max(0, (problem.count or 0) - len(opened))
    return np.sort(np.concatenate([opened, others[:missing]])).astype(np.int64)


def _served(problem: FacilityProblem, share: Floats) -> dict[Id, dict[Id, float]]:
    return {
        problem.clients[i]: {problem.sites[j]: 1.0 for j in np.flatnonzero(row > 0.5).tolist()}
        for i, row in enumerate(share)
        if row.any()
    }


def _without_plan(bound: float, settings: Settings, how: str) -> FacilitySolution:
    status = status_of(None, bound, settings.tolerance)
    return FacilitySolution(status, None, bound, math.inf, (), {}, how)


__all__ = [
    "capacitated_facility",
    "capacitated_p_median",
    "max_cover",
    "p_center",
    "p_median",
    "set_cover",
    "single_source_facility",
]
