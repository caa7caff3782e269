"""Building: layers in, one checked `Territory` out."""

from __future__ import annotations

from dataclasses import replace

from planner.scenario.model import Scenario
from planner.territory.assembly import assemble
from planner.territory.findings import raise_errors
from planner.territory.layer_checks import layer_findings
from planner.territory.reading import Layers
from planner.territory.territory import Territory
from planner.territory.territory_checks import territory_findings


def build_territory(scenario: Scenario, layers: Layers) -> Territory:
    """Check the layers and make the territory; what is not an error goes to its findings.

    Raises DataError listing every error the checks found.
    """
    findings = layer_findings(scenario, layers)
    raise_errors(findings, files=layers.files)
    territory = assemble(scenario, layers)
    more = (*territory.findings, *territory_findings(scenario, layers, territory))
    raise_errors(more, files=layers.files)
    return replace(territory, findings=(*findings, *more))
