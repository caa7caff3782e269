"""Small readers over a Territory and a Plan that every part of the map shares."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from planner.plan.plan import Assignment, Plan, SchoolPlan
from planner.plan.privacy import withheld
from planner.scenario.model import Scenario
from planner.territory.territory import Territory


@dataclass(frozen=True)
class Reading:
    """One plan over its territory, with the lookups that drawing needs, all by id."""

    territory: Territory
    scenario: Scenario
    plan: Plan
    withheld_too: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Compounds by service whose pupils are withheld for a reason beside the plan's own."""

    @property
    def services(self) -> tuple[str, ...]:
        """Ids of the services, in the scenario's order."""
        return tuple(self.scenario.services)

    @property
    def schools(self) -> dict[str, SchoolPlan]:
        """Schools in operation in the plan."""
        return {school.id: school for school in self.plan.schools}

    @property
    def assignments(self) -> dict[str, Assignment]:
        """Where each compound belongs in the plan."""
        return {assignment.compound: assignment for assignment in self.plan.assignments}

    def pupils(self, service: str) -> dict[str, float]:
        """Pupils of each compound in the design year."""
        table = self.territory.demand[service]
        column = next(year for year in table.columns if str(year) == str(self.plan.design_year))
        return {str(key): float(value) for key, value in table[column].items()}

    def withheld(self, service: str) -> frozenset[str]:
        """Compounds whose number of pupils public pages must not tell."""
        return withheld(
            self.pupils(service),
            {a.compound: a.schools.get(service, "") for a in self.plan.assignments},
            min_children=self.scenario.privacy.min_children,
            also=self.withheld_too.get(service, frozenset()),
        )

    def years(self, service: str) -> tuple[str, ...]:
        """Years of the demand, in order."""
        return tuple(sorted(str(year) for year in self.territory.demand[service].columns))

    def shown_years(self) -> tuple[str, ...]:
        """Years that the demand of every service knows, in order."""
        known = [self.years(service) for service in self.services]
        return tuple(year for year in known[0] if all(year in years for years in known))

    def school_today(self, compound: str, service: str) -> str:
        """Today's school of a compound; empty where there is none."""
        return text(self.territory.today.at[compound, service])

    def community_today(self, compound: str) -> str:
        """Today's community of a compound; empty where there is none."""
        return text(self.territory.compounds.at[compound, "community"])

    def subdistrict_today(self, compound: str) -> str:
        """Today's subdistrict of a compound; empty where there is none."""
        communities = self.territory.communities
        community = self.community_today(compound)
        if community not in communities.index:
            return ""
        return text(communities.at[community, "subdistrict"])

    def served(self, service: str) -> dict[str, list[str]]:
        """Compounds of each planned school with a catchment in this service."""
        return _grouped(
            (a.schools.get(service, ""), a.compound)
            for a in sorted(self.plan.assignments, key=lambda a: a.compound)
        )

    def served_today(self, service: str) -> dict[str, list[str]]:
        """Compounds of each of today's schools with a catchment in this service."""
        compounds = sorted(str(key) for key in self.territory.today.index)
        return _grouped((self.school_today(key, service), key) for key in compounds)


def text(value: Any) -> str:
    """A cell of a table as text; missing values are empty."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return ""
    return str(value)


def number(value: Any, *, digits: int = 0) -> float | None:
    """A cell of a table as a rounded number; None where it is missing or infinite."""
    if value is None or pd.isna(value) or not math.isfinite(float(value)):
        return None
    rounded = round(float(value), digits)
    return int(rounded) if rounded == int(rounded) else rounded


def names(row: Mapping[str, Any] | pd.Series[Any], fallback: str = "") -> list[str]:
    """Chinese and English name of a row; one stands in for the other, the id for both."""
    zh, en = text(row.get("name")), text(row.get("name_en"))
    return [zh or en or fallback, en or zh or fallback]


def _grouped(pairs: Any) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for key, value in pairs:
        if key:
            groups.setdefault(key, []).append(value)
    return dict(sorted(groups.items()))
