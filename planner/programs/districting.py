"""What communities and subdistricts share: positions, squared distances, stray pieces, levels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from planner.errors import NoPlanInTimeError, Problem
from planner.plan.plan import Level, Status
from planner.programs.contiguity import Graph, pieces, separator, stray_pieces
from planner.solving.ranked import RankedSolution
from planner.solving.settings import SolveStatus

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

KM2 = 1e6
"""Square metres in a square kilometre."""


@dataclass(frozen=True)
class Cut:
    """A stray piece and the separator of which some vertex would have to join it."""

    piece: tuple[int, ...]
    """Vertices that are cut off."""
    separator: tuple[int, ...]
    anchor: int
    """The root; or, in a component without it, a vertex of another piece of the same part."""


def own_point(geometry: BaseGeometry) -> Point:
    """A compound's own point: the point itself, or a point inside the polygon."""
    return geometry if isinstance(geometry, Point) else geometry.representative_point()


def squared_km2(points: Sequence[Point], centres: Sequence[Point]) -> Floats:
    """Squared straight-line distances in km², points × centres; coordinates in metres."""
    here = np.array([(p.x, p.y) for p in points], float).reshape(-1, 2)
    there = np.array([(p.x, p.y) for p in centres], float).reshape(-1, 2)
    difference = here[:, None, :] - there[None, :, :]
    squared: Floats = (difference**2).sum(axis=2) / KM2
    return squared


def rooted_cuts(graph: Graph, members: Iterable[int], root: int) -> Iterator[Cut]:
    """Cuts that every stray piece of a part violates, within the component of its root."""
    for piece in stray_pieces(graph, members, root):
        yield Cut(tuple(piece), tuple(separator(graph, piece, root)), root)


def loose_cuts(graph: Graph, members: Iterable[int], *, but: int | None = None) -> Iterator[Cut]:
    """Cuts of a part that is in several pieces within one component (`but`: not in that one)."""
    by_component: dict[int, list[int]] = {}
    for v in sorted(members):
        if graph.component[v] != but:
            by_component.setdefault(graph.component[v], []).append(v)
    for here in by_component.values():
        first, *others = pieces(graph, here)
        for piece in others:
            yield Cut(tuple(piece), tuple(separator(graph, piece, first[0])), first[0])


def beyond(graph: Graph, cut: Cut) -> frozenset[int]:
    """Vertices of the anchor's component that the separator does not part from the piece."""
    seen = set(cut.piece) | set(cut.separator)
    stack = list(cut.piece)
    while stack:
        for w in graph.neighbours[stack.pop()]:
            if w not in seen:
                seen.add(w)
                stack.append(w)
    return frozenset(seen)


def levels_of(
    solution: RankedSolution, *, program: str, how: Mapping[str, str]
) -> tuple[Level, ...]:
    """The levels of a ranked solution as they go into the plan."""
    return tuple(
        Level(
            name=level.name,
            program=program,
            unit=level.unit,
            value=level.value,
            bound=level.bound,
            gap=level.gap,
            allowed=level.allowed,
            seconds=level.seconds,
            how=how.get(level.name, ""),
        )
        for level in solution.levels
    )


def status_of_plan(solution: RankedSolution, *, what: str) -> Status:
    """Status of a solution that holds a plan; raises NoPlanInTimeError if there is none."""
    if solution.status == SolveStatus.NO_SOLUTION_IN_TIME:
        raise NoPlanInTimeError(
            Problem(what, "no plan was found before the limit", "raise solving.time_limit_s")
        )
    return Status(solution.status.value)
