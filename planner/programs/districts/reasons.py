"""Why there is no plan, as far as it can be seen without a search."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from planner.programs.districts.graph import bit_pieces, bit_sets, members_of, pieces
from planner.programs.districts.plan import SLACK
from planner.programs.districts.problem import DistrictProblem, Id


@dataclass(frozen=True)
class Reason:
    """One thing that stands in the way, with the units that it is about."""

    kind: str
    text: str
    units: tuple[Id, ...] = ()


def screened(problem: DistrictProblem) -> list[Reason]:
    """Reasons that can be seen without a search; empty does not mean that there is a plan."""
    plain = [*_by_number(problem), *_by_weight(problem), *_by_pieces(problem)]
    return plain or list(_by_doors(problem))


def _by_number(problem: DistrictProblem) -> Iterator[Reason]:
    if problem.number > problem.count:
        yield Reason("number", f"{problem.number} parts, but only {problem.count} units")
    if len(problem.homes) and problem.number > len({*problem.homes.tolist()}):
        places = len({*problem.homes.tolist()})
        yield Reason("number", f"{problem.number} parts, but seats in only {places} units")
    if len(problem.fixed) > problem.number:
        ids = tuple(problem.ids[int(problem.homes[s])] for s in problem.fixed)
        yield Reason("number", f"{len(ids)} fixed seats for {problem.number} parts", ids)


def _by_weight(problem: DistrictProblem) -> Iterator[Reason]:
    for m, weight in enumerate(problem.weight):
        measure = "" if len(problem.weight) == 1 else f" of measure {m + 1}"
        lower, upper = float(problem.lower[m]), float(problem.upper[m])
        total = float(weight.sum())
        if total < problem.number * lower * (1 - SLACK):
            yield Reason("total", f"all units weigh {total:g}{measure}, less than {problem.number} "
                         f"times the lower bound {lower:g}")  # fmt: skip
        if total > problem.number * upper * (1 + SLACK):
            yield Reason("total", f"all units weigh {total:g}{measure}, more than {problem.number} "
                         f"times the upper bound {upper:g}")  # fmt: skip
        for i in np.flatnonzero(weight > upper * (1 + SLACK)).tolist():
            yield Reason("unit", f"{problem.ids[i]} alone weighs {weight[i]:g}{measure}, more than "
                         f"the upper bound {upper:g}", (problem.ids[i],))  # fmt: skip


def _by_pieces(problem: DistrictProblem) -> Iterator[Reason]:
    """Pieces of the graph that cannot be cut into parts."""
    if not problem.contiguous:
        return
    least = most = 0
    whole = True
    for piece in pieces(problem.near, range(problem.count)):
        low, high = _parts_in(problem, piece)
        ids = tuple(problem.ids[i] for i in piece)
        if high < low:
            whole = False
            yield Reason("piece", f"{named(ids)} border on no other unit and weigh "
                         f"{problem.weight[0][piece].sum():g}, which no whole number of parts "
                         f"within the bounds can be", ids)  # fmt: skip
        least, most = least + low, most + high
    if least > problem.number and whole:
        yield Reason("pieces", f"the units lie in separate areas that need {least} parts, not "
                     f"{problem.number}")  # fmt: skip
    if most < problem.number and whole:
        yield Reason("pieces", f"the units lie in separate areas that can be {most} parts at most, "
                     f"not {problem.number}")  # fmt: skip


def _by_doors(problem: DistrictProblem) -> Iterator[Reason]:
    """Units behind a single other one that are too light for a part and too heavy with it."""
    if not problem.contiguous:
        return
    bits = bit_sets(problem.near)
    whole = (1 << problem.count) - 1
    for piece in bit_pieces(bits, whole):
        for door in members_of(piece):
            behind = [side for side in bit_pieces(bits, piece & ~(1 << door))
                      if _too_light(problem, members_of(side))]  # fmt: skip
            bound = [i for side in behind for i in members_of(side)]
            if not bound or _fit(problem, [door, *bound]):
                continue
            ids = tuple(problem.ids[i] for i in bound)
            weight = float(problem.weight[0][[door, *bound]].sum())
            yield Reason(
                "door",
                f"{named(ids)} can only join a part through {problem.ids[door]}, and with it "
                f"weigh {weight:g}, more than the upper bound {problem.upper[0]:g}",
                (*ids, problem.ids[door]),
            )


def _parts_in(problem: DistrictProblem, piece: Sequence[int]) -> tuple[int, int]:
    """Least and largest number of parts that a piece can be cut into, by weight."""
    weights = problem.weight[:, list(piece)].sum(axis=1)
    low, high = 1, len(piece)
    for w, lower, upper in zip(weights, problem.lower, problem.upper, strict=True):
        if upper > 0:
            low = max(low, math.ceil(w / upper * (1 - SLACK)))
        if lower > 0:
            high = min(high, math.floor(w / lower * (1 + SLACK)))
    return low, high


def _too_light(problem: DistrictProblem, units: Sequence[int]) -> bool:
    return bool((problem.weight[:, units].sum(axis=1) < problem.lower * (1 - SLACK)).any())


def _fit(problem: DistrictProblem, units: Sequence[int]) -> bool:
    return bool((problem.weight[:, units].sum(axis=1) <= problem.upper * (1 + SLACK)).all())


def named(ids: Sequence[Id]) -> str:
    """The first ids, and how many more there are."""
    more = "" if len(ids) <= 8 else f" and {len(ids) - 8} more"
    return ", ".join(str(key) for key in ids[:8]) + more
