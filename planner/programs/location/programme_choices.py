"""All ways to meet the programme: choices of one option each at a few schools.

A programme takes a handful of schools, its totals are exact or tight, so the choices can often be
listed; where they cannot (`limit`), the integer program decides alone.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from planner.programs.location.problem import (
    Floats,
    LocationProblem,
    Option,
    option_amount,
)

Choices = npt.NDArray[np.int32]
"""Choices × slots: option positions, padded with the number of options."""

_SLACK = 1e-6


def programme_choices(problem: LocationProblem, *, limit: int) -> Choices | None:
    """Every choice of options that meets all totals, sorted; None if there are more than `limit`.

    Choices of more than six schools are not listed either.
    """
    options = _by_school(problem)
    amounts = np.array(
        [[option_amount(option, total) for total in problem.totals] for option in problem.options]
    ).reshape(len(problem.options), len(problem.totals))
    bounds = [(-np.inf if lo is None else lo, np.inf if hi is None else hi)
              for lo, hi in problem.totals.values()]  # fmt: skip
    lower, upper = np.array(bounds).reshape(-1, 2).T
    found: list[Choices] = []
    width, count = 0, 0
    for schools in _school_sets(problem, options, amounts, lower, upper, limit):
        if schools is None or len(schools) > 6:
            return None
        chosen = _in_set([options[school] for school in schools], amounts, lower, upper)
        if len(chosen):
            found.append(chosen)
            width, count = max(width, chosen.shape[1]), count + len(chosen)
        if count > limit:
            return None
    padded = [
        np.pad(part, ((0, 0), (0, width - part.shape[1])), constant_values=len(problem.options))
        for part in found
    ]
    return np.concatenate(padded) if padded else np.zeros((0, 0), np.int32)


def _by_school(problem: LocationProblem) -> dict[int, list[int]]:
    options: dict[int, list[int]] = defaultdict(list)
    for position, option in enumerate(problem.options):
        options[option.school].append(position)
    return options


def _school_sets(
    problem: LocationProblem,
    options: dict[int, list[int]],
    amounts: Floats,
    lower: Floats,
    upper: Floats,
    limit: int,
) -> Iterator[tuple[int, ...] | None]:
    """Sets of schools whose least and largest amounts leave the totals possible."""
    least = {school: amounts[at].min(0) for school, at in options.items()}
    most = {school: amounts[at].max(0) for school, at in options.items()}
    if not problem.opened <= options.keys():
        return
    new = [f for f in options if problem.options[options[f][0]].kind == "new"]
    grown = [f for f in options if problem.options[options[f][0]].kind == "expanded"]
    counts = [
        (a, b)
        for a in _counts(problem, "new_schools", len(new))
        for b in _counts(problem, "expanded_schools", len(grown))
    ]
    if sum(_ways(new, a, problem.opened) * _ways(grown, b, problem.opened)
           for a, b in counts) > limit:  # fmt: skip
        yield None
        return
    for a, b in counts:
        for pair in itertools.product(
            _combinations(new, a, problem.opened), _combinations(grown, b, problem.opened)
        ):
            schools = (*pair[0], *pair[1])
            low = sum((least[f] for f in schools), np.zeros(len(lower)))
            high = sum((most[f] for f in schools), np.zeros(len(lower)))
            if (low <= upper + _SLACK).all() and (high >= lower - _SLACK).all():
                yield schools


def _ways(schools: Sequence[int], count: int, opened: frozenset[int]) -> int:
    """How many `_combinations` there are."""
    musts = sum(f in opened for f in schools)
    return math.comb(len(schools) - musts, count - musts) if musts <= count else 0


def _combinations(
    schools: Sequence[int], count: int, opened: frozenset[int]
) -> Iterator[tuple[int, ...]]:
    """Sets of `count` schools with all that must open among them."""
    musts = tuple(f for f in schools if f in opened)
    free = [f for f in schools if f not in opened]
    if len(musts) <= count:
        for others in itertools.combinations(free, count - len(musts)):
            yield tuple(sorted((*musts, *others)))


def _counts(problem: LocationProblem, total: str, available: int) -> range:
    low, high = problem.totals.get(total, (None, None))
    first = 0 if low is None else max(0, int(np.ceil(low - _SLACK)))
    last = available if high is None else min(available, int(np.floor(high + _SLACK)))
    return range(first, last + 1)


def _in_set(slots: list[list[int]], amounts: Floats, lower: Floats, upper: Floats) -> Choices:
    """Choices of one option in every slot that meet the totals."""
    # totals of whole numbers are joined by key; the others are only checked
    exact = np.flatnonzero((lower == upper) & (amounts % 1 == 0).all(0))
    half = (len(slots) + 1) // 2
    left, left_sum = _products(slots[:half], amounts)
    right, right_sum = _products(slots[half:], amounts)
    left, left_sum = _below(left, left_sum, upper)
    right, right_sum = _below(right, right_sum, upper)
    if len(exact):
        want = np.round(upper[exact]).astype(np.int64)
        keys_left = _keys(want - np.round(left_sum[:, exact]).astype(np.int64))
        keys_right = _keys(np.round(right_sum[:, exact]).astype(np.int64))
        order = np.argsort(keys_right, kind="stable")
        first = np.searchsorted(keys_right[order], keys_left, "left")
        last = np.searchsorted(keys_right[order], keys_left, "right")
        i = np.repeat(np.arange(len(left)), last - first)
        offset = np.arange(len(i)) - np.repeat(
            np.cumsum(last - first) - (last - first), last - first
        )
        j = order[np.repeat(first, last - first) + offset]
    else:
        i, j = (part.ravel() for part in np.indices((len(left), len(right))))
    total = left_sum[i] + right_sum[j]
    good = ((total <= upper + _SLACK) & (total >= lower - _SLACK)).all(1)
    return np.hstack([left[i[good]], right[j[good]]]).astype(np.int32)


def _products(slots: list[list[int]], amounts: Floats) -> tuple[Choices, Floats]:
    chosen: Choices = np.zeros((1, 0), np.int32)
    if slots:
        grids = np.meshgrid(*slots, indexing="ij")
        chosen = np.stack([grid.ravel() for grid in grids], 1).astype(np.int32)
    sums: Floats = amounts[chosen].sum(1).reshape(len(chosen), amounts.shape[1])
    return chosen, sums


def _below(chosen: Choices, sums: Floats, upper: Floats) -> tuple[Choices, Floats]:
    good = (sums <= upper + _SLACK).all(1)
    return chosen[good], sums[good]


def _keys(columns: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """One number per row; rows with equal columns have equal numbers."""
    key = np.zeros(len(columns), np.int64)
    for column in columns.T:
        key = key * 1_000_003 + column
    return key


__all__ = ["Choices", "Option", "programme_choices"]
