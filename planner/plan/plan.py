"""The `Plan`: one answer, as plain data that is written to and read from ``plan.json``."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """Our own words for how an answer stands."""

    OPTIMAL = "OPTIMAL"
    FEASIBLE = "FEASIBLE"
    INFEASIBLE = "INFEASIBLE"
    NO_SOLUTION_IN_TIME = "NO_SOLUTION_IN_TIME"


@dataclass(frozen=True)
class Level:
    """One ranked objective of one program: what was reached and what is proven."""

    name: str
    program: str
    unit: str
    value: float
    bound: float
    gap: float
    allowed: float
    """The value that later levels had to keep (value plus its tolerance)."""
    seconds: float = 0.0
    how: str = ""


@dataclass(frozen=True)
class SchoolPlan:
    """A school in operation: existing, expanded or new."""

    id: str
    kind: str
    type: str
    places: dict[str, int]
    new_classes: dict[str, int]
    land_m2: float
    cost_yuan: float


@dataclass(frozen=True)
class Assignment:
    """Where one compound belongs in the plan."""

    compound: str
    schools: dict[str, str]
    community: str
    subdistrict: str


@dataclass(frozen=True)
class CommunityPlan:
    """A community as a set of whole compounds."""

    id: str
    name: str
    name_en: str
    subdistrict: str
    parent: str
    new: bool
    households: int
    population: int
    compounds: tuple[str, ...]


@dataclass(frozen=True)
class SubdistrictPlan:
    """A subdistrict as a set of whole communities around its seat."""

    id: str
    name: str
    name_en: str
    parent: str
    seat: str
    new: bool
    population: int
    area_km2: float
    communities: tuple[str, ...]


@dataclass(frozen=True)
class GridPart:
    """Whole buildings of one compound."""

    compound: str
    buildings: tuple[str, ...]


@dataclass(frozen=True)
class GridPlan:
    """The smallest territory of management: whole buildings of neighbouring compounds."""

    id: str
    community: str
    households: int
    parts: tuple[GridPart, ...]
    reason: str = ""
    """Why the grid is outside its household limits, where it is."""


@dataclass(frozen=True)
class Plan:
    """The whole answer. `levels` carry value, bound and gap of every program."""

    scenario: str
    design_year: int
    status: Status
    gap: float
    tolerance: float
    schools: tuple[SchoolPlan, ...]
    assignments: tuple[Assignment, ...]
    communities: tuple[CommunityPlan, ...]
    subdistricts: tuple[SubdistrictPlan, ...]
    grids: tuple[GridPlan, ...]
    levels: tuple[Level, ...]
    indicators: dict[str, Any] = field(default_factory=dict)
    outcome: dict[str, Any] = field(default_factory=dict)
    """The same boundary indicators for the historical arrangement, where there is one."""
    findings: tuple[dict[str, Any], ...] = ()
    sequential: dict[str, Any] = field(default_factory=dict)
    """Levels and indicators of the plan made one half after the other, beside a joint one."""
