"""The choice of communities: which of all possible parts make up the zone.

Variable: ``u[c]`` part c is chosen. Contiguity and room are rules of the parts listed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pulp

from planner.programs.communities.parts import Part
from planner.programs.communities.problem import CommunityProblem


@dataclass(frozen=True)
class CommunityChoice:
    """A built program: its PuLP problem, variables by part, and the ranked expressions."""

    problem: pulp.LpProblem
    parts: Sequence[Part]
    active: Sequence[int]
    """Today's communities that take part."""
    u: tuple[pulp.LpVariable, ...]
    households_outside: pulp.LpAffineExpression
    people_changing: pulp.LpAffineExpression
    communities: pulp.LpAffineExpression
    squared_distance: pulp.LpAffineExpression


def build_choice(
    problem: CommunityProblem,
    parts: Sequence[Part],
    active: Sequence[int],
    *,
    skip: frozenset[str] = frozenset(),
) -> CommunityChoice:
    """Build the program over `parts` of the `active` communities; `skip` leaves families out."""
    program = _empty(problem, parts, active)
    for family, define in FAMILIES.items():
        if family not in skip:
            define(problem, program)
    return program


def define_once(problem: CommunityProblem, program: CommunityChoice) -> None:
    """Each compound lies in one community: ``sum(u[c] for c with it) == 1``."""
    terms: dict[int, list[tuple[pulp.LpVariable, float]]] = {
        compound: [] for c in program.active for compound in problem.today.members[c]
    }
    for u, part in zip(program.u, program.parts, strict=True):
        for compound in part.members:
            terms[compound].append((u, 1.0))
    for compound, covering in sorted(terms.items()):
        row = pulp.LpAffineExpression(covering) == 1
        program.problem.addConstraint(row, f"once__{compound}")


def define_kept(problem: CommunityProblem, program: CommunityChoice) -> None:
    """One part of a split community keeps its id: ``sum(u[c] for c that keeps it) == 1``."""
    terms: dict[int, list[tuple[pulp.LpVariable, float]]] = {
        slot.community: []
        for slot in problem.slots
        if slot.split and not slot.new and slot.community in program.active
    }
    for u, part in zip(program.u, program.parts, strict=True):
        if part.community in terms and not part.new:
            terms[part.community].append((u, 1.0))
    for community, keeping in sorted(terms.items()):
        row = pulp.LpAffineExpression(keeping) == 1
        program.problem.addConstraint(row, f"kept__{community}")


FAMILIES: Mapping[str, Callable[[CommunityProblem, CommunityChoice], None]] = {
    "once": define_once,
    "kept": define_kept,
}


def _empty(
    problem: CommunityProblem, parts: Sequence[Part], active: Sequence[int]
) -> CommunityChoice:
    """Variables and ranked expressions, without rows."""
    lp = pulp.LpProblem("communities", pulp.LpMinimize)
    u = tuple(lp.add_variable(f"u_{c}", 0, 1, pulp.LpInteger) for c in range(len(parts)))

    def total(weights: Sequence[float], settled: float) -> pulp.LpAffineExpression:
        return pulp.LpAffineExpression(list(zip(u, weights, strict=True))) + settled

    return CommunityChoice(
        problem=lp,
        parts=parts,
        active=active,
        u=u,
        households_outside=total([p.outside for p in parts], problem.households_outside),
        people_changing=total([p.changing for p in parts], 0),
        communities=total([1.0 for _ in parts], len(problem.settled)),
        squared_distance=total([p.squared for p in parts], problem.squared_distance),
    )
