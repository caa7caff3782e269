"""What every document is written from: one stored plan over its territory, and names by id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from shapely.geometry.base import BaseGeometry

from planner.documents.boundaries import Boundary, describe, named_ways
from planner.maps.cards import school_cards
from planner.maps.geometry import union
from planner.maps.reading import Reading, names
from planner.plan.plan import CommunityPlan, Plan, SubdistrictPlan
from planner.plan.usage import Use, uses_of
from planner.plan.verification import Tally, tally
from planner.scenario.model import Scenario
from planner.territory.territory import Territory

Pair = tuple[str, str]
"""Chinese and English."""


@dataclass(frozen=True)
class Source:
    """A plan, what it answers, and what verification said of it."""

    territory: Territory
    scenario: Scenario
    plan: Plan
    record: Mapping[str, Any]
    checks: Sequence[Mapping[str, Any]]
    """code, ok, title_en, title_zh, figures."""

    @cached_property
    def reading(self) -> Reading:
        """Lookups that maps and documents share."""
        return Reading(self.territory, self.scenario, self.plan)

    @cached_property
    def created(self) -> datetime:
        """When the run was made; the only time that documents tell."""
        return datetime.fromisoformat(str(self.record.get("created") or "2000-01-01T00:00:00"))

    @cached_property
    def tally(self) -> Tally:
        """Promises of the plan and checks of the run's files that are kept."""
        return tally((str(check["code"]), bool(check["ok"])) for check in self.checks)

    @cached_property
    def uses(self) -> list[Use]:
        """Who goes where."""
        return uses_of(self.territory, self.scenario, self.plan)

    @cached_property
    def school_cards(self) -> dict[str, dict[str, Any]]:
        """Classes, places, pupils and ways of every school and site, as the map tells them."""
        return school_cards(self.reading)

    @cached_property
    def communities(self) -> dict[str, CommunityPlan]:
        """Planned communities by id."""
        return {unit.id: unit for unit in self.plan.communities}

    @cached_property
    def subdistricts(self) -> dict[str, SubdistrictPlan]:
        """Planned subdistricts by id."""
        return {unit.id: unit for unit in self.plan.subdistricts}

    @cached_property
    def subdistrict_areas(self) -> dict[str, BaseGeometry]:
        """Polygons of the planned subdistricts, in the projected CRS."""
        return {
            unit.id: self.area(
                [key for own in unit.communities for key in self.communities[own].compounds]
            )
            for unit in self.plan.subdistricts
        }

    @cached_property
    def boundaries(self) -> dict[str, Boundary]:
        """The boundary of each planned subdistrict, side by side."""
        ways = named_ways(self.territory)
        areas = self.subdistrict_areas
        return {
            key: describe(area, ways, {k: other for k, other in areas.items() if k != key})
            for key, area in areas.items()
        }

    def area(self, compounds: Sequence[str]) -> BaseGeometry:
        """The ground of some compounds."""
        return union(self.territory.cells[key] for key in sorted(compounds))

    def school(self, key: str) -> Pair:
        """Name of a school or site."""
        return self._named(self.territory.schools, key)

    def compound(self, key: str) -> Pair:
        """Name of a compound."""
        return self._named(self.territory.compounds, key)

    def seat(self, key: str) -> Pair:
        """Name of a subdistrict's seat."""
        return self._named(self.territory.seats, key)

    def community(self, key: str) -> Pair:
        """Name of a planned community."""
        unit = self.communities.get(key)
        return (key, key) if unit is None else (unit.name or key, unit.name_en or unit.name or key)

    def subdistrict(self, key: str) -> Pair:
        """Name of a planned subdistrict."""
        unit = self.subdistricts.get(key)
        return (key, key) if unit is None else (unit.name or key, unit.name_en or unit.name or key)

    def community_today(self, key: str) -> Pair:
        """Name of one of today's communities."""
        return self._named(self.territory.communities, key)

    def subdistrict_today(self, key: str) -> Pair:
        """Name of one of today's subdistricts."""
        return self._named(self.territory.subdistricts, key)

    def _named(self, frame: Any, key: str) -> Pair:
        if key not in frame.index:
            return (key, key)
        zh, en = names(frame.loc[key], key)
        return (zh, en)
