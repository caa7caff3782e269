"""Boundaries nearly as good as the run's and as different as possible, over its communities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulp

from planner.programs.subdistricts.partition_program import PartitionProgram, build_partition
from planner.programs.subdistricts.parts import Part, TooManyPartsError, Window, list_parts
from planner.programs.subdistricts.problem import SubdistrictProblem
from planner.reasons.case import Case
from planner.reasons.why_community import problem_of_plan
from planner.solving.door import solve
from planner.solving.settings import SolveStatus
from planner.territory.lock_checks import subdistrict_id

Seats = tuple[int, ...]
"""Seat of each community, by position."""


@dataclass(frozen=True)
class NearBoundaries:
    """One alternative; all against the run's plan."""

    subdistrict: Mapping[str, str]
    """Of each community."""
    deviation: float
    squared_km2: float
    border_and_change: float
    above: Mapping[str, float]
    """By level: how much above the run's plan, as a share (of the mean for the deviation)."""
    people_elsewhere: int
    """Whose subdistrict is another than in the run's plan."""
    communities_elsewhere: tuple[str, ...]
    farthest: bool
    """Whether no other within the share moves more people from all plans before, as proven."""


@dataclass(frozen=True)
class NearArrangements:
    """The alternatives, and what they share."""

    plans: tuple[NearBoundaries, ...]
    shared: tuple[str, ...]
    """Communities whose subdistrict is the same in every plan."""
    complete: bool
    """Whether no further one is left, as proven."""
    listed: bool
    """Whether all contiguous parts could be listed; without it nothing was looked for."""


def near_boundaries(case: Case, *, within: float, count: int) -> NearArrangements:
    """Up to `count` alternatives, each level at most `within` above the run's plan.

    A deviation may be larger by that share of the mean population.
    """
    problem = problem_of_plan(case)
    try:
        own, parts = _own_parts(case, problem, within)
    except TooManyPartsError:
        return NearArrangements((), (), complete=False, listed=False)
    program = build_partition(problem, parts)
    base = _levels(program, own)
    for expression, value, name in (
        (program.squared_distance, base[1], "squared"),
        (program.border_and_change, base[2], "border"),
    ):
        most = value * (1 + within) + 1e-6 * max(1.0, value)
        program.problem.addConstraint(expression <= most, f"near__{name}")
    plans: list[NearBoundaries] = []
    arranged, complete = [_seats(program, own)], False
    chosen = [own]
    while len(plans) < count and not case.asking.stop.is_set():
        case.asking.told(f"boundaries {len(plans) + 1}")
        found, proven = _farthest(case, problem, program, arranged, chosen[-1], len(plans))
        if not found:
            complete = proven
            break
        chosen.append(found)
        arranged.append(_seats(program, found))
        plans.append(_near(case, problem, program, found, base, arranged[0], proven))
    same = [len({seats[i] for seats in arranged}) == 1 for i in range(len(problem.communities))]
    shared = tuple(key for key, kept in zip(problem.communities, same, strict=True) if kept)
    return NearArrangements(tuple(plans), shared, complete, listed=True)


def _own_parts(
    case: Case, problem: SubdistrictProblem, within: float
) -> tuple[tuple[int, ...], list[Part]]:
    """Parts with at most the plan's deviation and `within`; the positions of the plan's own."""
    seat = {subdistrict_id(case.territory, key): j for j, key in enumerate(problem.seats)}
    members: dict[int, set[int]] = {}
    for i, key in enumerate(problem.communities):
        home = next(c.subdistrict for c in case.plan.communities if c.id == key)
        members.setdefault(seat[home], set()).add(i)
    wanted = {(j, tuple(sorted(inside))) for j, inside in members.items()}
    counts = _counts(problem, members)
    levels = {x.name: x for x in case.plan.levels if x.program == "subdistricts"}
    window = levels["population_deviation"].allowed + within
    listed = list_parts(problem, Window(window + 1e-9))
    own = [p for p in listed if (p.seat, p.communities) in wanted and p.count == counts[p.seat]]
    most = max((part.deviation for part in own), default=0.0) + within
    parts = [part for part in listed if part.deviation <= most + 1e-9]
    at = {part: c for c, part in enumerate(parts)}
    return tuple(sorted(at[part] for part in own)), parts


def _counts(problem: SubdistrictProblem, members: Mapping[int, set[int]]) -> dict[int, int]:
    """How many subdistricts the plan has in the group of each seat."""
    group = {j: problem.group[problem.home[j]] for j in members}
    return {j: sum(other == g for other in group.values()) for j, g in group.items()}


def _farthest(
    case: Case, problem: SubdistrictProblem, program: PartitionProgram,
    arranged: Sequence[Seats], last: Sequence[int], number: int,
) -> tuple[tuple[int, ...], bool]:  # fmt: skip
    """The parts that keep the fewest people where all plans before have them; empty: none left."""
    again = pulp.lpSum(program.u[c] for c in last) <= len(last) - 1
    program.problem.addConstraint(again, f"another__{number}")
    kept = [
        sum(
            problem.population[i] * sum(seats[i] == part.seat for seats in arranged)
            for i in part.communities
        )
        for part in program.parts
    ]
    program.problem.setObjective(
        pulp.LpAffineExpression([(u, n / 1e3) for u, n in zip(program.u, kept, strict=True)])
    )
    solution = solve(program.problem, case.asking.settings(case.scenario))
    if solution.objective is None:
        return (), solution.status == SolveStatus.INFEASIBLE
    found = tuple(c for c, u in enumerate(program.u) if solution.values[u.name] > 0.5)
    return found, solution.status == SolveStatus.OPTIMAL


def _near(
    case: Case, problem: SubdistrictProblem, program: PartitionProgram, found: Sequence[int],
    base: tuple[float, float, float], first: Seats, proven: bool,
) -> NearBoundaries:  # fmt: skip
    levels, seats = _levels(program, found), _seats(program, found)
    moved = [i for i, (a, b) in enumerate(zip(first, seats, strict=True)) if a != b]
    shares = [(new - old) / max(1e-9, old) for old, new in zip(base, levels, strict=True)]
    return NearBoundaries(
        subdistrict={
            key: subdistrict_id(case.territory, problem.seats[j])
            for key, j in zip(problem.communities, seats, strict=True)
        },
        deviation=levels[0], squared_km2=levels[1], border_and_change=levels[2],
        above={
            "population_deviation": levels[0] - base[0],
            "squared_distance_to_seat": shares[1], "border_and_change": shares[2],
        },
        people_elsewhere=sum(problem.population[i] for i in moved),
        communities_elsewhere=tuple(problem.communities[i] for i in moved),
        farthest=proven,
    )  # fmt: skip


def _levels(program: PartitionProgram, chosen: Sequence[int]) -> tuple[float, float, float]:
    values = {program.u[c].name for c in chosen}

    def value(expression: pulp.LpAffineExpression) -> float:
        return float(sum(c for v, c in expression.items() if v.name in values))

    deviation = max(program.parts[c].deviation for c in chosen)
    return deviation, value(program.squared_distance), value(program.border_and_change)


def _seats(program: PartitionProgram, chosen: Sequence[int]) -> Seats:
    seat = {i: program.parts[c].seat for c in chosen for i in program.parts[c].communities}
    return tuple(seat[i] for i in sorted(seat))
