"""The community program: Hess's formulation over the compounds of all communities at once.

Variables: ``a[i,s,v]`` unit i belongs to slot s with centre v, so that ``y[s,v] = a[i(v),s,v]``
says that the slot is filled with that centre; ``over[s]``, ``under[s]`` households outside the
limits; ``alone[s,v]`` the larger compound v is a community by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pulp

from planner.programs.communities.cuts import Key, loose_rows, rooted_rows
from planner.programs.communities.problem import CommunityProblem, Slot, distance_to
from planner.programs.contiguity import Graph
from planner.programs.districting import Cut, beyond, loose_cuts, rooted_cuts

Terms = list[tuple[pulp.LpVariable, float]]


@dataclass(frozen=True)
class CommunityProgram:
    """A built program: its PuLP problem, variables by position, and the ranked expressions."""

    problem: pulp.LpProblem
    a: Mapping[Key, pulp.LpVariable]
    """By (unit, slot, centre)."""
    over: tuple[pulp.LpVariable, ...]
    under: tuple[pulp.LpVariable, ...]
    alone: Mapping[tuple[int, int], pulp.LpVariable]
    """By (slot, larger compound)."""
    households_outside: pulp.LpAffineExpression
    people_changing: pulp.LpAffineExpression
    communities: pulp.LpAffineExpression
    squared_distance: pulp.LpAffineExpression
    rows_added: set[str] = field(default_factory=set)
    """Names of the rows so far."""


def build_communities(
    problem: CommunityProblem, *, skip: frozenset[str] = frozenset()
) -> CommunityProgram:
    """Build the program; `skip` leaves row families out."""
    program = _empty(problem)
    for family, define in FAMILIES.items():
        if family not in skip:
            define(problem, program)
    return program


def define_once(problem: CommunityProblem, program: CommunityProgram) -> None:
    """Each unit belongs to one community: ``sum(a[i,s,v] for s, v) == 1``."""
    terms: list[Terms] = [[] for _ in problem.units]
    for (i, _, _), a in program.a.items():
        terms[i].append((a, 1.0))
    for i, row in enumerate(terms):
        _add(program, pulp.LpAffineExpression(row) == 1, f"once__{i}")


def define_centre(problem: CommunityProblem, program: CommunityProgram) -> None:
    """The centre is a compound of the community: ``a[i,s,v] <= a[i(v),s,v]``."""
    for (i, s, v), a in program.a.items():
        if i != problem.unit_of[v]:
            _add(program, a <= _filled(problem, program, s, v), f"centre__{i}_{s}_{v}")


def define_kept(problem: CommunityProblem, program: CommunityProgram) -> None:
    """Today's community has one centre: ``sum(y[s,v]) == 1`` if split, ``<= 1`` if it may join."""
    for s, slot in enumerate(problem.slots):
        if not slot.new:
            filled = pulp.lpSum(_filled(problem, program, s, v) for v in slot.centres)
            _add(program, filled == 1 if slot.split else filled <= 1, f"kept__{s}")


def define_joined(problem: CommunityProblem, program: CommunityProgram) -> None:
    """Nobody joins a community that has gone: ``a[i,s,v] <= a[own(s),s,v]``."""
    for s, slot in enumerate(problem.slots):
        if not slot.split:
            own, *givers = slot.units
            for v in slot.centres:
                for i in givers:
                    row = program.a[i, s, v] <= program.a[own, s, v]
                    _add(program, row, f"joined__{i}_{s}_{v}")


def define_room(problem: CommunityProblem, program: CommunityProgram) -> None:
    """Who joins finds room: ``sum(h[i] a[i,s,v]) <= most``."""
    for s, slot in enumerate(problem.slots):
        if not slot.split and len(slot.units) > 1:
            row = pulp.LpAffineExpression(_households(problem, program, s)) <= problem.today.most
            _add(program, row, f"room__{s}")


def define_limits(problem: CommunityProblem, program: CommunityProgram) -> None:
    """Households outside the limits, elastic, where ``y = sum(y[s,v])``.

    ``over[s] >= sum(h[i] a[i,s,v]) - most y - sum((h[v] - most) alone[s,v])``;
    ``under[s] >= least y - sum(h[i] a[i,s,v])``.
    """
    today = problem.today
    for s, slot in enumerate(problem.slots):
        households = pulp.LpAffineExpression(_households(problem, program, s))
        filled = pulp.lpSum(_filled(problem, program, s, v) for v in slot.centres)
        excepted = pulp.LpAffineExpression(
            [
                (program.alone[s, v], float(today.households[v] - today.most))
                for v in slot.centres
                if (s, v) in program.alone
            ]
        )
        above = households - today.most * filled - excepted - program.over[s]
        _add(program, above <= 0, f"limits__{s}_most")
        _add(
            program, households - today.least * filled + program.under[s] >= 0, f"limits__{s}_least"
        )


def define_alone(problem: CommunityProblem, program: CommunityProgram) -> None:
    """A larger compound is excepted only by itself.

    ``alone[s,v] <= y[s,v]``; ``alone[s,v] + a[i,s,v] <= 1`` for every other unit i.
    """
    for (s, v), alone in program.alone.items():
        _add(program, alone <= _filled(problem, program, s, v), f"alone__{s}_{v}")
        for i in problem.slots[s].units:
            if i != problem.unit_of[v]:
                _add(program, alone + program.a[i, s, v] <= 1, f"alone__{s}_{v}_{i}")


def define_contiguous(problem: CommunityProblem, program: CommunityProgram) -> None:
    """Not apart from the centre: ``a[i,s,v] <= sum(a[c,s,v] for c next to i)``.

    The first separator of every compound; the others are added in rounds where they are violated.
    """
    for s, slot in enumerate(problem.slots):
        if not slot.split:
            continue
        graph = problem.graphs[slot.community]
        for v in slot.centres:
            root = graph.ids.index(problem.today.compounds[v])
            for u, near in enumerate(graph.neighbours):
                off = u != root and root not in near
                if off and graph.component[u] == graph.component[root]:
                    for row in rooted_rows(problem, program.a, (s, v), Cut((u,), near, root)):
                        if row.name not in program.rows_added:
                            _add(program, row, row.name)


FAMILIES: Mapping[str, Callable[[CommunityProblem, CommunityProgram], None]] = {
    "once": define_once,
    "centre": define_centre,
    "kept": define_kept,
    "joined": define_joined,
    "room": define_room,
    "limits": define_limits,
    "alone": define_alone,
    "contiguous": define_contiguous,
}


def separate_strays(
    problem: CommunityProblem, program: CommunityProgram, values: Mapping[str, float]
) -> list[pulp.LpConstraint]:
    """Rows of the family `contiguous` that an integral point violates, and their like.

    A new community is contiguous. Where today's is torn, what stays of it is contiguous within
    each of its pieces: ``sum(a[i,s,v]) + sum(a[k,s,v]) <= 1 + sum(a[c,s,v])``.
    """
    rows: list[pulp.LpConstraint] = []
    for s, slot in enumerate(problem.slots):
        if not slot.split:
            continue
        graph = problem.graphs[slot.community]
        for v in slot.centres:
            members = _members(problem, program, (s, v), values)
            if not members:
                continue
            root = graph.ids.index(problem.today.compounds[v])
            for cut in rooted_cuts(graph, members, root):
                for key, other in _like(problem, slot, graph, cut):
                    like = Cut(cut.piece, cut.separator, other)
                    rows += rooted_rows(problem, program.a, key, like)
            for cut in loose_cuts(graph, members, but=graph.component[root]):
                rows += loose_rows(problem, program.a, s, cut)
    fresh = [row for row in rows if row.name not in program.rows_added]
    unique = {row.name: row for row in fresh}
    program.rows_added.update(unique)
    return list(unique.values())


def _like(
    problem: CommunityProblem, slot: Slot, graph: Graph, cut: Cut
) -> Iterator[tuple[tuple[int, int], int]]:
    """Slots and centres for which a cut holds too: centres beyond the separator."""
    near = beyond(graph, cut)
    position = graph.position
    for s, other in enumerate(problem.slots):
        if other.split and other.community == slot.community:
            for v in other.centres:
                root = position[problem.today.compounds[v]]
                if root not in near and graph.component[root] == graph.component[cut.anchor]:
                    yield (s, v), root


def _members(
    problem: CommunityProblem,
    program: CommunityProgram,
    key: tuple[int, int],
    values: Mapping[str, float],
) -> list[int]:
    """Vertices of the community's graph that belong to a slot with a centre."""
    s, v = key
    slot = problem.slots[s]
    position = problem.graphs[slot.community].position
    return [
        position[problem.today.compounds[problem.units[i].compounds[0]]]
        for i in slot.units
        if values[program.a[i, s, v].name] > 0.5
    ]


def _filled(
    problem: CommunityProblem, program: CommunityProgram, s: int, v: int
) -> pulp.LpVariable:
    return program.a[problem.unit_of[v], s, v]


def _households(problem: CommunityProblem, program: CommunityProgram, s: int) -> Terms:
    slot = problem.slots[s]
    return [
        (program.a[i, s, v], float(problem.units[i].households))
        for i in slot.units
        for v in slot.centres
    ]


def _add(program: CommunityProgram, row: pulp.LpConstraint, name: str) -> None:
    program.problem.addConstraint(row, name)
    program.rows_added.add(name)


def _empty(problem: CommunityProblem) -> CommunityProgram:
    """Variables and ranked expressions, without rows."""
    lp = pulp.LpProblem("communities", pulp.LpMinimize)
    today = problem.today
    a = {
        (i, s, v): lp.add_variable(f"a_{i}_{s}_{v}", 0, 1, pulp.LpInteger)
        for s, slot in enumerate(problem.slots)
        for v in slot.centres
        for i in slot.units
    }
    slots = range(len(problem.slots))
    over = tuple(lp.add_variable(f"over_{s}", 0, None) for s in slots)
    under = tuple(lp.add_variable(f"under_{s}", 0, None) for s in slots)
    alone = {
        (s, v): lp.add_variable(f"alone_{s}_{v}", 0, 1, pulp.LpInteger)
        for s, slot in enumerate(problem.slots)
        for v in slot.centres
        if slot.split and today.households[v] > today.most
    }
    changing: Terms = []
    distances: Terms = []
    for (i, s, v), variable in a.items():
        unit, slot = problem.units[i], problem.slots[s]
        if slot.new or slot.community != unit.community:
            changing.append((variable, float(unit.population)))
        distances.append((variable, distance_to(today, unit.compounds, v)))
    filled = [variable for (i, _, v), variable in a.items() if problem.unit_of[v] == i]
    return CommunityProgram(
        problem=lp,
        a=a,
        over=over,
        under=under,
        alone=alone,
        households_outside=pulp.lpSum([*over, *under]) + problem.households_outside,
        people_changing=pulp.LpAffineExpression(changing),
        communities=pulp.lpSum(filled) + len(problem.settled),
        squared_distance=pulp.LpAffineExpression(distances) + problem.squared_distance,
    )
