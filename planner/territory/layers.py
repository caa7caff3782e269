"""The layers of a scenario, read and brought to the contract."""

from __future__ import annotations

from planner.scenario.model import Scenario
from planner.territory.findings import errors_in, raise_errors
from planner.territory.layer_checks import layer_findings
from planner.territory.reading import Layers, gather_layers

__all__ = ["Layers", "read_layers"]


def read_layers(scenario: Scenario) -> Layers:
    """Read every layer that exists: standard columns, str ids, geometry in one projected CRS.

    Raises DataError with all problems at once where a file, its CRS or a column cannot be read;
    the checks that can still be made of the other layers are reported with them.
    """
    layers = gather_layers(scenario)
    if errors_in(layers.findings):
        raise_errors(layer_findings(scenario, layers), files=layers.files)
    return layers
