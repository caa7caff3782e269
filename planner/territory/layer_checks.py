"""Checks of the layers: the list of them, all made and reported at once."""

from __future__ import annotations

from collections.abc import Callable

from planner.scenario.model import Scenario
from planner.territory import amounts, identities, offices, places, shapes
from planner.territory.reading import Layers
from planner.territory.territory import Finding

Check = Callable[[Scenario, Layers], list[Finding]]
"""A check leaves out what another one reports: a missing layer or column is no crash here."""

CHECKS: tuple[Check, ...] = (
    identities.check_missing_ids,
    identities.check_duplicate_ids,
    identities.check_references,
    identities.check_outcome,
    identities.check_schools_provide,
    identities.check_words,
    identities.check_types,
    shapes.check_missing_geometry,
    shapes.check_geometry_type,
    shapes.check_validity,
    shapes.check_overlaps,
    shapes.check_gaps,
    amounts.check_numbers,
    amounts.check_people,
    amounts.check_buildings,
    amounts.check_demand,
    amounts.check_classes,
    amounts.check_land_and_money,
    offices.check_parents,
    offices.check_subdistricts_used,
    offices.check_offices,
    places.check_outside,
    places.check_location_of_community,
    places.check_building_shift,
    places.check_twins,
    places.check_overlapping_compounds,
    places.check_empty_communities,
)


def layer_findings(scenario: Scenario, layers: Layers) -> tuple[Finding, ...]:
    """What reading found, then what every check found."""
    found = [finding for check in CHECKS for finding in check(scenario, layers)]
    return (*layers.findings, *found)
