"""The partition program: choose one part per subdistrict from the list of all that could be.

Variables: ``u[c]`` part c is chosen, ``q[g,k]`` group g has k subdistricts. Contiguity, band,
offices, parents and the largest deviation are rules of the parts listed.
Source: Garfinkel and Nemhauser, Management Science 16 (1970).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pulp

from planner.programs.subdistricts.parts import Part
from planner.programs.subdistricts.problem import SubdistrictProblem


@dataclass(frozen=True)
class PartitionProgram:
    """A built program: its PuLP problem, variables, and the ranked expressions."""

    problem: pulp.LpProblem
    parts: Sequence[Part]
    covering: tuple[tuple[int, ...], ...]
    """Parts that hold each community."""
    counted: bool
    """Whether deviations are from the means of the groups."""
    u: tuple[pulp.LpVariable, ...]
    """By part."""
    q: Mapping[tuple[int, int], pulp.LpVariable]
    """By (group, number of subdistricts)."""
    squared_distance: pulp.LpAffineExpression
    border_and_change: pulp.LpAffineExpression


def build_partition(
    problem: SubdistrictProblem, parts: Sequence[Part], *, skip: frozenset[str] = frozenset()
) -> PartitionProgram:
    """Build the program over `parts`; `skip` leaves row families out."""
    program = _empty(problem, parts)
    for family, define in FAMILIES.items():
        if family not in skip:
            define(problem, program)
    return program


def define_once(_: SubdistrictProblem, program: PartitionProgram) -> None:
    """Each community lies in one part: ``sum(u[c] for c with i) == 1``."""
    for i, covering in enumerate(program.covering):
        whole = pulp.LpAffineExpression([(program.u[c], 1.0) for c in covering])
        program.problem.addConstraint(whole == 1, f"once__{i}")


def define_number(problem: SubdistrictProblem, program: PartitionProgram) -> None:
    """As many subdistricts as asked for: ``sum(u[c]) == number``."""
    total = pulp.LpAffineExpression([(u, 1.0) for u in program.u])
    program.problem.addConstraint(total == problem.number, "number__all")


def define_count(problem: SubdistrictProblem, program: PartitionProgram) -> None:
    """As many parts in a group as are counted: ``sum(u[c] for c in g with k) == k q[g,k]``.

    A part deviates from the mean of its group, which depends on k: ``sum(q[g,k] for k) == 1``.
    Not needed where deviations are from the mean of all.
    """
    if not program.counted:
        return
    chosen: dict[tuple[int, int], list[pulp.LpVariable]] = {key: [] for key in program.q}
    for c, part in enumerate(program.parts):
        chosen[problem.group[problem.home[part.seat]], part.count].append(program.u[c])
    for (g, k), variables in chosen.items():
        total = pulp.LpAffineExpression([*((u, 1.0) for u in variables), (program.q[g, k], -k)])
        program.problem.addConstraint(total == 0, f"count__{g}_{k}")
    for g in range(len(problem.groups)):
        one = pulp.LpAffineExpression([(program.q[g, k], 1.0) for k in problem.counts(g)])
        program.problem.addConstraint(one == 1, f"count__{g}")


FAMILIES: Mapping[str, Callable[[SubdistrictProblem, PartitionProgram], None]] = {
    "once": define_once,
    "number": define_number,
    "count": define_count,
}


def _empty(problem: SubdistrictProblem, parts: Sequence[Part]) -> PartitionProgram:
    """Variables and ranked expressions, without rows."""
    lp = pulp.LpProblem("partition", pulp.LpMinimize)
    covering: list[list[int]] = [[] for _ in problem.communities]
    for c, part in enumerate(parts):
        for i in part.communities:
            covering[i].append(c)
    u = tuple(lp.add_variable(f"u_{c}", 0, 1, pulp.LpInteger) for c in range(len(parts)))
    q = {
        (g, k): lp.add_variable(f"q_{g}_{k}", 0, 1, pulp.LpInteger)
        for g in range(len(problem.groups))
        for k in problem.counts(g)
    }
    weigh = weigher(problem)
    squared = [float(problem.squared[list(part.communities), part.seat].sum()) for part in parts]
    return PartitionProgram(
        problem=lp,
        parts=parts,
        covering=tuple(tuple(c) for c in covering),
        counted=all(part.count for part in parts),
        u=u,
        q=q,
        squared_distance=pulp.LpAffineExpression(list(zip(u, squared, strict=True))),
        border_and_change=pulp.LpAffineExpression([(u[c], weigh(p)) for c, p in enumerate(parts)]),
    )


def weigher(problem: SubdistrictProblem) -> Callable[[Part], float]:
    """Price of a part: people who change, and half of every pair it parts."""
    near: list[list[tuple[int, float]]] = [[] for _ in problem.communities]
    for (i, k), price in sorted(problem.cuts.items()):
        near[i].append((k, price))
        near[k].append((i, price))
    alone = [sum(price for _, price in pairs) for pairs in near]

    def weigh(part: Part) -> float:
        inside = set(part.communities)
        parted = sum(alone[i] for i in part.communities) - sum(
            price for i in part.communities for k, price in near[i] if k in inside
        )
        return float(problem.moved[list(part.communities), part.seat].sum()) + parted / 2

    return weigh
