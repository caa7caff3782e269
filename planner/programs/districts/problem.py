"""A districting problem: units, weights with bounds, borders, seats and the rules of belonging."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from planner.errors import DataError, Problem
from planner.programs.districts.graph import Floats, Ints, neighbours_of

Id = Hashable
Pair = tuple[int, int]


@dataclass(frozen=True, eq=False)
class DistrictProblem:
    """Cut units into parts; everything refers to units and seats by position.

    Every part keeps the bounds of every weight. With seats, a part belongs to the seat that lies in
    one of its units; without, parts only have numbers.
    """

    ids: tuple[Id, ...]
    weight: Floats
    """Measures × units."""
    lower: Floats
    """By measure: least weight of a part, inclusive."""
    upper: Floats
    number: int
    """Parts; each holds at least one unit."""
    edges: Ints
    """Borders × 2, the smaller position first, none across a line of `parent`."""
    length: Floats
    """By border: length in any unit."""
    homes: Ints
    """By candidate seat: the unit in which it lies; empty where parts have no seats."""
    fixed: tuple[int, ...] = ()
    """Seats that are open for certain."""
    together: tuple[Pair, ...] = ()
    """Pairs of units in one part."""
    apart: tuple[Pair, ...] = ()
    """Pairs of units in different parts."""
    parent: tuple[int, ...] = ()
    """By unit: number of the parent that no part may cross; empty: no such rule."""
    contiguous: bool = True
    locked: tuple[Pair, ...] = ()
    """Units and the numbers of their parts; only where parts have no seats."""

    @property
    def count(self) -> int:
        """Number of units."""
        return len(self.ids)

    @cached_property
    def near(self) -> tuple[tuple[int, ...], ...]:
        """Neighbours of each unit."""
        return neighbours_of(self.count, self.edges)

    @property
    def ruled(self) -> bool:
        """Whether there are rules of belonging beyond bounds, seats and contiguity."""
        return bool(self.together or self.apart or self.parent or self.locked)


def district_problem(
    units: Mapping[Id, float] | Mapping[Id, Sequence[float]],
    number: int,
    bounds: tuple[float, float] | Sequence[tuple[float, float]],
    borders: Iterable[tuple[Id, Id, float]],
    *,
    seats: Iterable[Id] = (),
    fixed: Iterable[Id] = (),
    locked: Mapping[Id, int] | None = None,
    together: Iterable[tuple[Id, Id]] = (),
    apart: Iterable[tuple[Id, Id]] = (),
    parents: Mapping[Id, Hashable] | None = None,
    contiguous: bool = True,
) -> DistrictProblem:
    """Make a problem from ids.

    Args:
        units: Weight of each unit, or its weights in several measures.
        number: Parts to make.
        bounds: Least and largest weight of a part, inclusive; one pair for each measure.
        borders: Neighbours and the length of their common border.
        seats: Units in which a candidate seat lies; `fixed` ones are open in any case.
        fixed: Units with a seat that stays.
        locked: Units that belong to the part of this number. With seats, numbers up to the number
            of fixed ones mean the parts of those, in the order given, and larger ones only that
            units of one number share a part; without seats they are the numbers of the parts.
        together: Pairs in one part.
        apart: Pairs in different parts.
        parents: Parent of each unit; no part crosses a parent's line.
        contiguous: Whether every part hangs together.

    Raises DataError for an unknown id, a negative or missing number, and a rule that contradicts
    itself.
    """
    ids = tuple(units)
    place = {key: i for i, key in enumerate(ids)}
    weight = _weights(units)
    sides = np.asarray(bounds, float).reshape(-1, 2)
    if len(sides) != len(weight):
        raise DataError([_wrong("bounds", f"{len(sides)} pairs for {len(weight)} measures")])
    if number < 1:
        raise DataError([_wrong("number", "there must be at least one part")])
    fixed_ids = tuple(dict.fromkeys(fixed))
    seat_ids = tuple(dict.fromkeys([*fixed_ids, *seats]))
    homes = np.array(_places(seat_ids, place, "seats"), np.int64)
    parent = _parents(parents, ids)
    edges, length = _edges(borders, place, parent)
    numbers = {_places((key,), place, "locked")[0]: part for key, part in (locked or {}).items()}
    _check_numbers(numbers, number, homes[: len(fixed_ids)], ids)
    pairs, others = _locks(numbers, homes, len(fixed_ids))
    return DistrictProblem(
        ids=ids,
        weight=weight,
        lower=sides[:, 0].copy(),
        upper=sides[:, 1].copy(),
        number=number,
        edges=edges,
        length=length,
        homes=homes,
        fixed=tuple(range(len(fixed_ids))),
        together=(*_pairs(together, place, "together"), *pairs),
        apart=(*_apart(apart, place, ids), *others),
        parent=parent,
        contiguous=contiguous,
        locked=() if len(homes) else tuple(sorted(numbers.items())),
    )


def _weights(units: Mapping[Id, float] | Mapping[Id, Sequence[float]]) -> Floats:
    if not units:
        raise DataError([_wrong("units", "there are none")])
    weight: npt.NDArray[np.float64] = np.array([np.atleast_1d(w) for w in units.values()], float).T
    bad = [key for i, key in enumerate(units) if not (weight[:, i] >= 0).all()]
    if bad:
        raise DataError([_wrong("units", f"weight negative or missing: {_named(bad)}")])
    return weight


def _parents(parents: Mapping[Id, Hashable] | None, ids: Sequence[Id]) -> tuple[int, ...]:
    if parents is None:
        return ()
    missing = [key for key in ids if key not in parents]
    if missing:
        raise DataError([_wrong("parents", f"no parent: {_named(missing)}")])
    numbers: dict[Hashable, int] = {}
    return tuple(numbers.setdefault(parents[key], len(numbers)) for key in ids)


def _edges(
    borders: Iterable[tuple[Id, Id, float]], place: Mapping[Id, int], parent: Sequence[int]
) -> tuple[Ints, Floats]:
    """Each border once, lengths of doubled ones added, those across parents left out."""
    lengths: dict[Pair, float] = {}
    for a, b, length in borders:
        u, v = sorted(_places((a, b), place, "borders"))
        if u != v and (not parent or parent[u] == parent[v]):
            lengths[u, v] = lengths.get((u, v), 0.0) + float(length)
    ordered = sorted(lengths)
    return (
        np.array(ordered, np.int64).reshape(-1, 2),
        np.array([lengths[pair] for pair in ordered], float),
    )


def _check_numbers(numbers: Mapping[int, int], number: int, fixed: Ints, ids: Sequence[Id]) -> None:
    """Locks name parts that there are, and leave every fixed seat in its own."""
    bad = [ids[unit] for unit, part in numbers.items() if not 0 <= part < number]
    if bad:
        raise DataError([
            _wrong("locked", f"{_named(bad)}: parts are numbered from 0 to {number - 1}")
        ])  # fmt: skip
    moved = [ids[u] for part, u in enumerate(fixed.tolist()) if numbers.get(u, part) != part]
    if moved:
        raise DataError([_wrong("locked", f"fixed seats in parts of others: {_named(moved)}")])


def _locks(numbers: Mapping[int, int], homes: Ints, fixed: int) -> tuple[list[Pair], list[Pair]]:
    """Locks as pairs: units of one number together, one unit of each number apart."""
    members: dict[int, list[int]] = {part: [int(homes[part])] for part in range(fixed)}
    for unit, part in numbers.items():
        members.setdefault(part, []).append(unit)
    together = [(own[0], u) for own in members.values() for u in own[1:] if u != own[0]]
    firsts = [own[0] for own in members.values()] if numbers else []
    apart = [(a, b) for i, a in enumerate(firsts) for b in firsts[i + 1 :]]
    return together, apart


def _apart(
    apart: Iterable[tuple[Id, Id]], place: Mapping[Id, int], ids: Sequence[Id]
) -> list[Pair]:
    pairs = _pairs(apart, place, "apart")
    same = [ids[u] for u, v in pairs if u == v]
    if same:
        raise DataError([_wrong("apart", f"apart from itself: {_named(same)}")])
    return pairs


def _pairs(pairs: Iterable[tuple[Id, Id]], place: Mapping[Id, int], what: str) -> list[Pair]:
    found = []
    for pair in pairs:
        u, v = _places(pair, place, what)
        found.append((u, v))
    return found


def _places(keys: Sequence[Id], place: Mapping[Id, int], what: str) -> list[int]:
    unknown = [key for key in keys if key not in place]
    if unknown:
        raise DataError([_wrong(what, f"unknown units: {_named(unknown)}")])
    return [place[key] for key in keys]


def _named(keys: Sequence[Id]) -> str:
    more = "" if len(keys) <= 5 else f" and {len(keys) - 5} more"
    return ", ".join(str(key) for key in keys[:5]) + more


def _wrong(where: str, message: str) -> Problem:
    return Problem(f"districts.{where}", message, "correct the problem that is put")
