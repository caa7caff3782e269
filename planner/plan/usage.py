"""Uses: who goes where in a plan, and how far; the table that most indicators are summed over."""

from __future__ import annotations

from dataclasses import dataclass

from planner.plan.plan import Plan
from planner.scenario.model import Scenario
from planner.territory.territory import Territory


@dataclass(frozen=True)
class Use:
    """The pupils of one compound in one service, and their school."""

    compound: str
    service: str
    school: str
    today: str
    """Today's school; empty where no school provides the service."""
    pupils: float
    """In the design year."""
    distance_m: float
    """Walking distance."""
    straight_m: float
    crossings: int


def uses_of(territory: Territory, scenario: Scenario, plan: Plan) -> list[Use]:
    """One use per compound and service of the plan, in the order of its assignments."""
    travel = territory.travel
    pupils = {
        service: territory.demand[service][scenario.design_year] for service in scenario.services
    }
    return [
        Use(
            compound=entry.compound,
            service=service,
            school=entry.schools[service],
            today=str(territory.today[service][entry.compound] or ""),
            pupils=float(pupils[service][entry.compound]),
            distance_m=float(travel.distance_m[entry.schools[service]][entry.compound]),
            straight_m=float(travel.straight_m[entry.schools[service]][entry.compound]),
            crossings=int(travel.crossings[entry.schools[service]][entry.compound]),
        )
        for entry in plan.assignments
        for service in scenario.services
    ]
