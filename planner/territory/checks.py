"""Checks: everything found in the layers, from their columns to the network they make."""

from __future__ import annotations

from planner.scenario.model import Scenario
from planner.territory.assembly import assemble
from planner.territory.findings import errors_in
from planner.territory.layer_checks import layer_findings
from planner.territory.reading import Layers
from planner.territory.territory import Finding
from planner.territory.territory_checks import territory_findings


def check_layers(scenario: Scenario, layers: Layers) -> tuple[Finding, ...]:
    """All findings at once; what needs a territory is checked where no error forbids one."""
    findings = layer_findings(scenario, layers)
    if errors_in(findings):
        return findings
    territory = assemble(scenario, layers)
    more = territory_findings(scenario, layers, territory)
    return (*findings, *territory.findings, *more)
