"""Every subdistrict there could be: contiguous sets of communities around a seat.

At zone size these are few thousands, and choosing among them is a far tighter program than
assigning communities one by one. A part is a bit set of communities.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from planner.programs.contiguity import pieces
from planner.programs.subdistricts.problem import SubdistrictProblem

MOST_STEPS = 3_000_000
"""Sets looked at before the enumeration gives up."""


class TooManyPartsError(Exception):
    """The territory is too large to list every part."""


@dataclass(frozen=True)
class Part:
    """A possible subdistrict."""

    seat: int
    communities: tuple[int, ...]
    population: int
    count: int
    """Number of subdistricts in its group, from whose mean `deviation` is; 0: from that of all."""
    deviation: float
    """As a fraction of the mean of all."""


@dataclass(frozen=True)
class Window:
    """Which parts to list."""

    deviation: float
    """Largest deviation."""
    banded: bool = True
    """Whether the band holds; without it, deviations are from the mean of all."""


def list_parts(
    problem: SubdistrictProblem, window: Window, *, skip: frozenset[str] = frozenset()
) -> list[Part]:
    """All parts within the window, by seat; raises TooManyPartsError beyond `MOST_STEPS`.

    Rules of a part, which `skip` leaves out: `contiguous`, `band`, `office` (another office's
    community belongs to that office), `barred`, `together` (all of a group or none).
    """
    parts: list[Part] = []
    steps = MOST_STEPS
    groups = [sum(1 << i for i in group) for group in problem.together]
    groups = [] if "together" in skip else groups
    check = "contiguous" not in skip and _needs_check(problem)
    for seat in range(len(problem.seats)):
        targets = _targets(problem, seat, window)
        most = max((high for _, _, high in targets), default=-1.0)
        if window.banded and "band" not in skip:
            most = min(most, problem.most)
        for mask, population in _grow(problem, seat, most=most, steps=steps, skip=skip):
            steps -= 1
            if any(mask & group not in (0, group) for group in groups):
                continue
            within = list(_within(problem, seat, (mask, population), targets, window, skip=skip))
            if within and (not check or is_contiguous(problem, seat, mask)):
                parts += within
    return parts


def is_contiguous(problem: SubdistrictProblem, seat: int, mask: int) -> bool:
    """Whether the pieces of a part hang together with its seat's, in every component."""
    graph = problem.graph
    by_component: dict[int, list[int]] = {}
    for v in {problem.root[seat], *(v for v, i in enumerate(problem.owner) if mask >> i & 1)}:
        by_component.setdefault(graph.component[v], []).append(v)
    return all(len(pieces(graph, here)) == 1 for here in by_component.values())


def _within(
    problem: SubdistrictProblem,
    seat: int,
    found: tuple[int, int],
    targets: list[tuple[int, float, float]],
    window: Window,
    *,
    skip: frozenset[str],
) -> Iterator[Part]:
    mask, population = found
    banded = window.banded and "band" not in skip
    if banded and not problem.least <= population <= problem.most:
        return
    members: tuple[int, ...] | None = None
    for count, target, _ in targets:
        deviation = abs(population - target) / problem.mean
        if deviation <= window.deviation + 1e-12:
            members = members or tuple(i for i in range(mask.bit_length()) if mask >> i & 1)
            yield Part(seat, members, population, count, deviation)


def _targets(
    problem: SubdistrictProblem, seat: int, window: Window
) -> list[tuple[int, float, float]]:
    """Count, mean population and largest population within the window, for each count."""
    width = window.deviation * problem.mean
    if not window.banded:
        return [(0, problem.mean, problem.mean + width)]
    group = problem.group[problem.home[seat]]
    own = problem.group_population[group]
    return [(k, own / k, own / k + width) for k in problem.counts(group)]


def _grow(
    problem: SubdistrictProblem, seat: int, *, most: float, steps: int, skip: frozenset[str]
) -> Iterator[tuple[int, int]]:
    """Each connected set around the seat once: (bit set, population), none heavier than `most`."""
    near = _adjacency(problem, seat, free="contiguous" in skip)
    people = problem.population
    home = problem.home[seat]
    barred = 0
    for j, other in enumerate(problem.home):
        if problem.office[j] and j != seat and "office" not in skip:
            barred |= 1 << other
    if "barred" not in skip:
        barred |= sum(1 << i for i, j in problem.barred if j == seat and not barred >> i & 1)
    if barred >> home & 1 or people[home] > most + 1e-6:
        return
    stack = [(1 << home, near[home] & ~barred & ~(1 << home), barred | 1 << home, people[home])]
    while stack:
        mask, shore, done, population = stack.pop()
        steps -= 1
        if steps < 0:
            raise TooManyPartsError
        yield mask, population
        while shore:
            bit = shore & -shore
            shore ^= bit
            done |= bit
            v = bit.bit_length() - 1
            total = population + people[v]
            if total <= most + 1e-6:
                stack.append((mask | bit, (shore | near[v]) & ~done, done, total))


def _adjacency(problem: SubdistrictProblem, seat: int, *, free: bool) -> list[int]:
    """Neighbouring communities as bit sets; those in other components join anywhere."""
    graph, owner = problem.graph, problem.owner
    group = problem.group[problem.home[seat]]
    home = problem.home[seat]
    near = [0] * len(problem.communities)
    for v, others in enumerate(graph.neighbours):
        for w in others:
            near[owner[v]] |= 1 << owner[w]
        apart = graph.component[v] != graph.component[problem.root[seat]]
        if (apart or free) and problem.group[owner[v]] == group:
            near[home] |= 1 << owner[v]
    return near


def _needs_check(problem: SubdistrictProblem) -> bool:
    """Whether some community is torn or some group is in several components."""
    return len(set(problem.owner)) < len(problem.owner) or len(set(problem.graph.component)) > len(
        problem.groups
    )
