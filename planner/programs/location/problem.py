"""The places decision as arrays behind ids: units, schools, class options, sparse arcs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from planner.programs.contiguity import Graph

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Option:
    """One way to build or expand a school: numbers, not formulas."""

    school: int
    kind: str
    """'new' or 'expanded'."""
    type: str
    classes: tuple[int, ...]
    """Added classes by service."""
    places: tuple[int, ...]
    """Added places by service."""
    land_m2: float
    cost_yuan: float


@dataclass(frozen=True)
class Arcs:
    """Allowed (unit, school, service) triples, sorted; arrays of one length."""

    unit: Ints
    school: Ints
    service: Ints
    way_m: Floats
    """Metres per pupil: walking distance plus surcharges."""
    moves: Bools
    """Whether pupils on this arc change school."""


@dataclass(frozen=True)
class LocationProblem:
    """Sites, whole classes and unsplit units; positions refer to the sorted ids."""

    units: tuple[str, ...]
    services: tuple[str, ...]
    schools: tuple[str, ...]
    pupils: Floats
    """Pupils in the design year, units × services."""
    places_today: Floats
    """Places today, schools × services."""
    options: tuple[Option, ...]
    arcs: Arcs
    totals: Mapping[str, tuple[float | None, float | None]]
    """Programme ranges by name: new_schools, expanded_schools, new_classes, new_places, land_m2,
    cost_yuan; new_classes_0 is that of the first service alone, and so on."""
    graph: Graph | None
    """Contiguity graph over the units; None: catchments need not be contiguous."""
    root: Ints
    """Unit in whose cell each school lies."""
    sole_exempt: bool = False
    """Whether a unit with a single arc in a service need not be connected there itself."""
    overflow_only: bool = False
    """Whether a school that stands may take pupils of a service it has no places of."""
    opened: frozenset[int] = frozenset()
    """Schools that must take one of their options."""
    together: tuple[tuple[int, ...], ...] = ()
    """Groups of units that go to one school in every service."""

    @cached_property
    def exempt(self) -> frozenset[tuple[int, int]]:
        """Units and services that need not be connected to the school that serves them."""
        if not self.sole_exempt:
            return frozenset()
        pairs = zip(self.arcs.unit.tolist(), self.arcs.service.tolist(), strict=True)
        return frozenset(pair for pair, arcs in Counter(pairs).items() if arcs == 1)


def option_amount(option: Option, total: str) -> float:
    """What an option adds to a programme total."""
    amounts = {
        "new_schools": option.kind == "new",
        "expanded_schools": option.kind == "expanded",
        "new_classes": sum(option.classes),
        "new_places": sum(option.places),
        "land_m2": option.land_m2,
        "cost_yuan": option.cost_yuan,
    } | {f"new_classes_{s}": classes for s, classes in enumerate(option.classes)}
    return float(amounts[total])
