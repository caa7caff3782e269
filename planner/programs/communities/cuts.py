"""Contiguity rows of the community program: what a stray piece violates."""

from __future__ import annotations

from collections.abc import Mapping

import pulp

from planner.programs.communities.problem import CommunityProblem
from planner.programs.districting import Cut

Key = tuple[int, int, int]
"""(unit, slot, centre)."""


def rooted_rows(
    problem: CommunityProblem, a: Mapping[Key, pulp.LpVariable], key: tuple[int, int], cut: Cut
) -> list[pulp.LpConstraint]:
    """Rows of a cut for a (slot, centre): ``a[i,s,v] <= sum(a[c,s,v] for c in C)``."""
    s, v = key
    doors = _units(problem, s, cut.separator)
    rows = []
    for i in _units(problem, s, cut.piece):
        terms = [(a[i, s, v], 1.0), *((a[c, s, v], -1.0) for c in doors)]
        row = pulp.LpAffineExpression(terms) <= 0
        row.name = f"contiguous__{i}_{s}_{v}__{'_'.join(map(str, doors))}"
        rows.append(row)
    return rows


def loose_rows(
    problem: CommunityProblem, a: Mapping[Key, pulp.LpVariable], s: int, cut: Cut
) -> list[pulp.LpConstraint]:
    """Rows of a cut without a root: ``sum(a[i,s,v]) + sum(a[k,s,v]) <= 1 + sum(a[c,s,v])``."""
    doors = _units(problem, s, cut.separator)
    (k,) = _units(problem, s, (cut.anchor,))
    centres = problem.slots[s].centres
    rows = []
    for i in _units(problem, s, cut.piece):
        both = [(a[j, s, v], 1.0) for j in (i, k) for v in centres]
        through = [(a[c, s, v], -1.0) for c in doors for v in centres]
        row = pulp.LpAffineExpression([*both, *through]) <= 1
        row.name = f"contiguous__{i}_{k}_{s}__{'_'.join(map(str, doors))}__loose"
        rows.append(row)
    return rows


def _units(problem: CommunityProblem, s: int, vertices: tuple[int, ...]) -> list[int]:
    """Units of the vertices of a split community's graph."""
    slot = problem.slots[s]
    members = problem.today.members[slot.community]
    by_id = {problem.today.compounds[u]: problem.unit_of[u] for u in members}
    graph = problem.graphs[slot.community]
    return sorted(by_id[graph.ids[x]] for x in vertices)
