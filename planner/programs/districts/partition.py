"""Plans as sets of whole parts: prices of units that no part undercuts, and the choice of parts.

Every part that keeps the bounds is one column, ``y[d]`` says whether it is chosen, and each unit
lies in one chosen part. Of its linear relaxation the dual is solved: a price ``p[i]`` for each unit
and ``m[t]`` for each kind of part, as high as the parts known so far allow. Kinds are told apart by
units too heavy to share a part. Sources: Dantzig and Wolfe, Operations Research 8 (1960); Mehrotra,
Johnson and Nemhauser, Management Science 44 (1998), for districts as columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pulp

from planner.programs.districts.objective import Objective
from planner.programs.districts.plan import SLACK
from planner.programs.districts.problem import DistrictProblem


@dataclass(frozen=True)
class Kind:
    """Parts that hold a unit too heavy to share one with those of other kinds, or none (None)."""

    unit: int | None
    number: int
    """Parts of this kind in every plan."""


@dataclass(frozen=True)
class Part:
    """One part: its units, its kind by position, and half the price of the pairs it parts."""

    units: tuple[int, ...]
    kind: int
    cost: float


@dataclass(frozen=True)
class PricesProgram:
    """The prices that no known part undercuts, as high as possible."""

    lp: pulp.LpProblem
    p: tuple[pulp.LpVariable, ...]
    """By unit."""
    m: tuple[pulp.LpVariable, ...]
    """By kind."""

    def priced(self, part: Part, number: int) -> pulp.LpConstraint:
        """A part is not undercut: ``sum(p[i] for i in d) + m[t] <= cost[d]``."""
        terms = [(self.p[i], 1.0) for i in part.units]
        row = pulp.LpAffineExpression([*terms, (self.m[part.kind], 1.0)]) <= part.cost
        row.name = f"priced__{number}"
        return row


def prices_program(count: int, kinds: Sequence[Kind], reach: float) -> PricesProgram:
    """The program without parts: maximise ``sum(p[i]) + sum(number[t] m[t])``, put as a minimum.

    Prices of units are within ±`reach`, so that there is a best one from the first part of each
    kind on; the sum stays a bound.
    """
    lp = pulp.LpProblem("prices", pulp.LpMinimize)
    p = tuple(lp.add_variable(f"p_{i}", -reach, reach) for i in range(count))
    m = tuple(
        lp.add_variable(f"m_{t}", -2 * reach * count, 2 * reach * count) for t in range(len(kinds))
    )
    numbers = [(v, -float(kind.number)) for v, kind in zip(m, kinds, strict=True)]
    lp.setObjective(pulp.LpAffineExpression([*((v, -1.0) for v in p), *numbers]))
    return PricesProgram(lp, p, m)


def choice_program(
    count: int, kinds: Sequence[Kind], parts: Sequence[Part]
) -> tuple[pulp.LpProblem, tuple[pulp.LpVariable, ...]]:
    """The cheapest parts that hold each unit once: the program and ``y`` by part.

    ``sum(y[d] for d with i) == 1`` for each unit, ``sum(y[d] of kind t) == number[t]``.
    """
    lp = pulp.LpProblem("choice", pulp.LpMinimize)
    y = tuple(lp.add_variable(f"y_{d}", 0, 1, pulp.LpInteger) for d in range(len(parts)))
    lp.setObjective(pulp.LpAffineExpression([
        (v, part.cost) for v, part in zip(y, parts, strict=True)
    ]))  # fmt: skip
    holding: list[list[tuple[pulp.LpVariable, float]]] = [[] for _ in range(count)]
    own: list[list[tuple[pulp.LpVariable, float]]] = [[] for _ in kinds]
    for v, part in zip(y, parts, strict=True):
        own[part.kind].append((v, 1.0))
        for i in part.units:
            holding[i].append((v, 1.0))
    for i, terms in enumerate(holding):
        lp.addConstraint(pulp.LpAffineExpression(terms) == 1, f"once__{i}")
    for t, terms in enumerate(own):
        lp.addConstraint(pulp.LpAffineExpression(terms) == kinds[t].number, f"number__{t}")
    return lp, y


def kinds_of(problem: DistrictProblem) -> tuple[Kind, ...]:
    """Kinds by the heaviest units of which no two fit into a part, and the parts without them."""
    weight, upper = problem.weight[0], float(problem.upper[0])
    most = upper + SLACK * max(1.0, abs(upper))
    heavy: list[int] = []
    for i in np.argsort(-weight, kind="stable").tolist():
        if len(heavy) == problem.number or any(weight[i] + weight[h] <= most for h in heavy):
            break
        heavy.append(i)
    kinds = [Kind(unit, 1) for unit in heavy]
    if problem.number > len(heavy):
        kinds.append(Kind(None, problem.number - len(heavy)))
    return tuple(kinds)


def part_of(kinds: Sequence[Kind], objective: Objective, inside: np.ndarray) -> Part:
    """The units where `inside` is true as a part."""
    assert objective.pairs is not None
    assert objective.price is not None
    parted = inside[objective.pairs[:, 0]] != inside[objective.pairs[:, 1]]
    own = [t for t, kind in enumerate(kinds) if kind.unit is not None and inside[kind.unit]]
    units = tuple(np.flatnonzero(inside).tolist())
    cost = 0.5 * float(objective.price[parted].sum())
    return Part(units, own[0] if own else len(kinds) - 1, cost)
