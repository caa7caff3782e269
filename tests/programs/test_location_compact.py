"""Compact plans: found without rounds, whole wherever they are found, gone without a trace."""

from __future__ import annotations

from collections.abc import Iterator

from planner.programs.location.neighbours import neighbour_cuts
from planner.programs.location.problem import LocationProblem
from planner.programs.location.program import build_location
from planner.programs.location.rounds import Rounds
from planner.solving.settings import Settings
from tests.programs.location_cases import hand_made, random_problem
from tests.programs.location_oracle import is_whole

SEEDS = range(120)


def way_rounds(problem: LocationProblem) -> Rounds:
    """The program of the way, opened."""
    program = build_location(problem)
    rounds = Rounds(problem, program, Settings())
    rounds.set_objective(program.way)
    return rounds


def cases() -> Iterator[tuple[int, LocationProblem]]:
    """Random problems with a graph."""
    for seed in SEEDS:
        problem = random_problem(seed)
        if problem.graph is not None:
            yield seed, problem


def test_a_compact_plan_is_whole_and_never_better_than_the_best() -> None:
    found = optimal = 0
    for seed, problem in cases():
        rounds = way_rounds(problem)
        compact = rounds.compact_plan(gap=1e-6)
        best = rounds.solve("", gap=1e-6)
        if compact.columns is None:
            continue
        assert best.columns is not None, seed
        assert compact.value >= best.value - 1e-6, seed
        arcs, used = problem.arcs, rounds.used_arcs(compact.columns)
        for school, service in {(int(arcs.school[a]), int(arcs.service[a])) for a in used}:
            members = [
                int(arcs.unit[a]) for a in used
                if (arcs.school[a], arcs.service[a]) == (school, service)
            ]  # fmt: skip
            bound = [u for u in members if (u, service) not in problem.exempt]
            assert is_whole(problem, members, int(problem.root[school])) or not bound, seed
        found += 1
        optimal += compact.value <= best.value + 1e-6
    assert found > 30
    assert optimal > 0.8 * found


def test_it_leaves_no_row_behind() -> None:
    _, problem = next(cases())
    rounds = way_rounds(problem)
    before = rounds.session.row_count
    rounds.compact_plan(gap=1e-6)
    assert rounds.session.row_count == before


def test_it_finds_nothing_at_or_above_what_it_must_be_below() -> None:
    for _, problem in cases():
        rounds = way_rounds(problem)
        best = rounds.compact_plan(gap=1e-6)
        if best.columns is not None:
            again = rounds.compact_plan(gap=1e-6, below=best.value)
            assert again.columns is None or again.value < best.value


def test_rows_want_a_neighbour_nearer_to_the_school() -> None:
    problem = hand_made()
    arcs = problem.arcs

    def needs(*, nearer: bool) -> dict[tuple[int, int], set[int]]:
        return {
            (int(arcs.unit[cut.unit]), int(arcs.school[cut.unit])): {
                int(arcs.unit[a]) for a in cut.through
            }
            for cut in neighbour_cuts(problem, nearer=nearer)
            if arcs.service[cut.unit] == 0
        }

    # in the row u0 - u1 - u2 - u3 the school f0 lies at u0, the site f1 at u3
    assert needs(nearer=False) == {(2, 0): {1, 3}, (3, 0): {2}, (0, 1): {1}, (1, 1): {0, 2}}
    assert needs(nearer=True) == {(2, 0): {1}, (3, 0): {2}, (0, 1): {1}, (1, 1): {2}}
