"""The location problem by trying everything, with a judgement of contiguity of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import product

import networkx as nx
import numpy as np

from planner.programs.location.problem import LocationProblem, option_amount
from planner.scenario.model import Ranking
from planner.solving.ranked import LevelResult

Points = np.ndarray
"""Plans × (places short by service, way by service, moves by service, cost); metres and pupils."""
SLACK = (1e-6, 1e-3, 1e-6, 1.0)
"""What a kept level may be exceeded by: rounding, far below the grain of the cases."""


def has_plan(problem: LocationProblem) -> bool:
    """Whether anything keeps the rules."""
    return len(every_outcome(problem)) > 0


def best_given(
    problem: LocationProblem, ranking: Ranking, levels: Sequence[LevelResult]
) -> list[float]:
    """The best of each level among the plans that keep what the levels before allow.

    Raises AssertionError if nothing in reach of a level has its split over the services.
    """
    points, found = every_outcome(problem), []
    for k, level in enumerate(levels):
        totals = points[:, columns(problem, k)].sum(axis=1)
        found.append(float(totals.min(initial=np.inf)))
        points = points[keeps(problem, ranking, k, level, points)]
        if level.parts and len(points):
            own = points[:, columns(problem, k)] <= np.array(level.parts) + SLACK[k]
            assert own.all(axis=1).any()
    return found


def columns(problem: LocationProblem, k: int) -> list[int]:
    """The columns of a level."""
    services = len(problem.services)
    return list(range(k * services, (k + 1) * services)) if k < 3 else [3 * services]


def keeps(
    problem: LocationProblem, ranking: Ranking, k: int, level: LevelResult, points: Points
) -> np.ndarray:
    """Which plans keep what a level allows: to every service its own."""
    if k == 3:
        return points[:, -1] <= level.value + SLACK[3]
    own, reached = points[:, columns(problem, k)], np.array(level.parts)
    extra = ranking.places_short * problem.pupils.sum(axis=0) // 1
    if k == 0 and not extra.any() and level.value - level.bound <= 1e-6:
        return own.sum(axis=1) <= level.value + SLACK[0]
    share = (0, ranking.way, ranking.moves)[k]
    limit = reached + extra if k == 0 else reached * (1 + share)
    return (own <= limit + SLACK[k]).all(axis=1)


def every_outcome(problem: LocationProblem) -> Points:
    """Outcomes of all plans that keep the rules, of each service those that none is better than."""
    services = [every_assignment(problem, s) for s in range(len(problem.services))]
    judge = cache(lambda s, places: _outcomes(services[s], places))
    points = [np.zeros((0, 3 * len(services) + 1))]
    for choice in every_choice(problem):
        places = np.array(problem.places_today)
        for o in choice:
            places[problem.options[o].school] += problem.options[o].places
        own = [judge(s, tuple(places[:, s])) for s in range(len(services))]
        rows = np.array(list(product(*(range(len(o)) for o in own))), int)
        rows = rows.reshape(-1, len(own))
        plans = np.stack([o[i] for o, i in zip(own, rows.T, strict=True)], axis=2)
        cost = np.full(len(rows), float(sum(problem.options[o].cost_yuan for o in choice)))
        points.append(np.column_stack([plans.reshape(len(rows), 3 * len(own)), cost]))
    return np.concatenate(points)


def every_choice(problem: LocationProblem) -> Iterator[tuple[int, ...]]:
    """At most one option a school, all totals met."""
    at: dict[int, list[tuple[int, ...]]] = {}
    for o, option in enumerate(problem.options):
        at.setdefault(option.school, [()]).append((o,))
    for picked in product(*at.values()):
        choice = tuple(sorted(o for part in picked for o in part))
        if meets_totals(problem, choice) and opens(problem, choice):
            yield choice


def meets_totals(problem: LocationProblem, choice: Sequence[int]) -> bool:
    for total, (low, high) in problem.totals.items():
        amount = sum(option_amount(problem.options[o], total) for o in choice)
        if (low is not None and amount < low - 1e-6) or (high is not None and amount > high + 1e-6):
            return False
    return True


def opens(problem: LocationProblem, choice: Sequence[int]) -> bool:
    """Whether all schools that must open do."""
    return problem.opened <= {problem.options[o].school for o in choice}


class Assigned:
    """All contiguous assignments of one service: load by school, way, moves."""

    def __init__(self, load: np.ndarray, used: np.ndarray, way: np.ndarray, moves: np.ndarray):
        self.load, self.used, self.way, self.moves = load, used, way, moves


def every_assignment(problem: LocationProblem, s: int) -> Assigned:
    """Each unit to any school it may go to, catchments in one piece."""
    arcs = problem.arcs
    rows = [a for a in range(len(arcs.unit)) if arcs.service[a] == s]
    by_unit = [[a for a in rows if arcs.unit[a] == u] for u in range(len(problem.units))]
    grids = np.meshgrid(*by_unit, indexing="ij")
    chosen = np.stack([grid.ravel() for grid in grids], axis=1).astype(int)
    school, count = arcs.school[chosen], len(problem.schools)
    bits = np.stack(
        [((school == f) << np.arange(len(by_unit))).sum(axis=1) for f in range(count)], axis=1
    )
    whole = np.array([whole_sets(problem, f) for f in range(count)])
    good = np.all([whole[f][bits[:, f]] for f in range(count)], axis=0)
    for group in problem.together:
        good &= (school[:, list(group)] == school[:, [group[0]]]).all(axis=1)
    chosen, school, bits = chosen[good], school[good], bits[good]
    pupils = problem.pupils[:, s]
    load = np.stack([(pupils * (school == f)).sum(axis=1) for f in range(count)], axis=1)
    way = (pupils * arcs.way_m[chosen]).sum(axis=1)
    return Assigned(load, bits > 0, way, (pupils * arcs.moves[chosen]).sum(axis=1))


def whole_sets(problem: LocationProblem, f: int) -> np.ndarray:
    """By set of units (bit u: unit u), whether it may be the catchment of school f."""
    units = range(len(problem.units))
    sets = [[u for u in units if bits >> u & 1] for bits in range(2 ** len(problem.units))]
    return np.array([is_whole(problem, members, int(problem.root[f])) for members in sets])


def is_whole(problem: LocationProblem, members: Sequence[int], root: int) -> bool:
    """With the school's unit in one piece, judged in each component of the graph."""
    if problem.graph is None:
        return True
    whole = nx.Graph()
    whole.add_nodes_from(range(len(problem.units)))
    whole.add_edges_from((a, b) for a, near in enumerate(problem.graph.neighbours) for b in near)
    for component in nx.connected_components(whole):
        here = component & set(members)
        if here and root in component:
            here.add(root)
        if here and not nx.is_connected(whole.subgraph(here)):
            return False
    return True


def undominated(points: Points) -> Points:
    """The points of which no other is as good in everything, in order."""
    left, kept = np.unique(points, axis=0), []
    while len(left):
        kept.append(left[0])
        left = left[(left < left[0]).any(axis=1)]
    return np.array(kept).reshape(-1, points.shape[1])


def outcome_of(
    problem: LocationProblem, options: Sequence[int], school: Mapping[tuple[int, int], int]
) -> Points:
    """The outcome of one plan, straight from its definition."""
    places = np.array(problem.places_today)
    for o in options:
        places[problem.options[o].school] += problem.options[o].places
    load, arcs = np.zeros_like(places), problem.arcs
    way, moves = np.zeros(len(problem.services)), np.zeros(len(problem.services))
    known = zip(arcs.unit, arcs.school, arcs.service, strict=True)
    position = {(int(u), int(f), int(s)): a for a, (u, f, s) in enumerate(known)}
    for (u, s), f in school.items():
        pupils, a = problem.pupils[u, s], position[u, f, s]
        load[f, s] += pupils
        way[s] += pupils * arcs.way_m[a]
        moves[s] += pupils * arcs.moves[a]
    short = np.maximum(load - places, 0).sum(axis=0)
    cost = float(sum(problem.options[o].cost_yuan for o in options))
    return np.concatenate([short, way, moves, [cost]])[None]


def keeps_rules(
    problem: LocationProblem, options: Sequence[int], school: Mapping[tuple[int, int], int]
) -> bool:
    """One option a school, totals, every unit served where there is a school, contiguity."""
    schools = [problem.options[o].school for o in options]
    if len(set(schools)) < len(schools) or not meets_totals(problem, options):
        return False
    if set(school) != set(np.ndindex(problem.pupils.shape)):
        return False
    apart = any(
        len({school[u, s] for u in group}) > 1
        for group in problem.together
        for s in range(len(problem.services))
    )
    if apart or not opens(problem, options):
        return False
    places = np.array(problem.places_today)
    for o in options:
        places[problem.options[o].school] += problem.options[o].places
    if not all(places[f, s] > 0 for (_, s), f in school.items()):
        return False
    for f, s in np.ndindex(places.shape):
        members = [u for (u, service), g in school.items() if (g, service) == (f, s)]
        if not is_whole(problem, members, int(problem.root[f])):
            return False
    return True


def _outcomes(assigned: Assigned, places: tuple[float, ...]) -> Points:
    capacity = np.array(places)
    fine = ~(assigned.used & (capacity == 0)).any(axis=1)
    short = np.maximum(assigned.load[fine] - capacity, 0).sum(axis=1)
    return undominated(np.column_stack([short, assigned.way[fine], assigned.moves[fine]]))
