"""One `Plan` from the answers of all programs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from planner.plan.indicators import indicators, outcome_indicators
from planner.plan.plan import Assignment, CommunityPlan, Level, Plan, Status
from planner.programs.communities.communities import CommunityResult
from planner.programs.grids.grids import GridResult
from planner.programs.joint.joint import JointResult
from planner.programs.location.places import PlacesResult
from planner.programs.subdistricts.subdistricts import SubdistrictResult
from planner.scenario.model import Scenario
from planner.territory.territory import Finding, Territory


@dataclass(frozen=True)
class Answers:
    """What each program answered, in the order in which they are asked."""

    places: PlacesResult
    communities: CommunityResult
    subdistricts: SubdistrictResult
    grids: GridResult
    joint: JointResult | None = None
    """Places and subdistricts decided together; the others are then those of the halves."""


def assemble_plan(territory: Territory, scenario: Scenario, answers: Answers) -> Plan:
    """Join the answers; status and gap are the worst of all programs and levels.

    A joint plan carries the levels and indicators of the sequential one beside its own.
    """
    if answers.joint is None:
        return _assembled(territory, scenario, answers)
    before = _assembled(territory, scenario, replace(answers, joint=None))
    joint = answers.joint
    answers = replace(answers, places=joint.places, subdistricts=joint.subdistricts)
    figures = {
        "levels": [asdict(level) for level in before.levels],
        "indicators": before.indicators,
    }
    return replace(_assembled(territory, scenario, answers), sequential=figures)


def _assembled(territory: Territory, scenario: Scenario, answers: Answers) -> Plan:
    communities = _within_subdistricts(answers)
    subdistrict = {plan.id: plan.subdistrict for plan in communities}
    membership = answers.communities.membership
    joint = () if answers.joint is None else (answers.joint,)
    results = (
        answers.places, answers.communities, answers.subdistricts, *joint, answers.grids
    )  # fmt: skip
    levels = tuple(level for result in results for level in result.levels)
    plan = Plan(
        scenario=scenario.name,
        design_year=scenario.design_year,
        status=worst_status([result.status for result in results]),
        gap=worst_gap(levels),
        tolerance=scenario.solving.tolerance,
        schools=answers.places.schools,
        assignments=tuple(
            Assignment(
                compound=compound,
                schools=dict(answers.places.served[compound]),
                community=membership[compound],
                subdistrict=subdistrict[membership[compound]],
            )
            for compound in sorted(membership)
        ),
        communities=communities,
        subdistricts=answers.subdistricts.subdistricts,
        grids=answers.grids.grids,
        levels=levels,
        outcome=outcome_indicators(territory, scenario),
        findings=tuple(finding_entry(finding) for finding in territory.findings),
    )
    return replace(plan, indicators=indicators(territory, scenario, plan))


def finding_entry(finding: Finding) -> dict[str, Any]:
    """A finding as plain JSON values."""
    return {**asdict(finding), "severity": finding.severity.value, "ids": list(finding.ids)}


def worst_status(statuses: Sequence[Status]) -> Status:
    """OPTIMAL only if all are."""
    return Status.OPTIMAL if all(s == Status.OPTIMAL for s in statuses) else Status.FEASIBLE


def worst_gap(levels: Sequence[Level]) -> float:
    """The largest gap of all levels; inf without any."""
    return max((level.gap for level in levels), default=math.inf)


def _within_subdistricts(answers: Answers) -> tuple[CommunityPlan, ...]:
    """The communities, each with the subdistrict that the plan gives it."""
    subdistrict: Mapping[str, str] = {
        community: plan.id
        for plan in answers.subdistricts.subdistricts
        for community in plan.communities
    }
    return tuple(
        replace(community, subdistrict=subdistrict[community.id])
        for community in answers.communities.communities
    )
