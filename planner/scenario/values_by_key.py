"""A scenario as one flat table: every value by its dotted key, as plain JSON."""

from __future__ import annotations

from typing import Any

from planner.scenario.model import Scenario


def values_by_key(scenario: Scenario) -> dict[str, Any]:
    """Every value by dotted key, in the order of the schema; lists and empties are values."""
    found: dict[str, Any] = {}
    _gather(scenario.model_dump(mode="json"), "", found)
    return found


def _gather(value: Any, path: str, found: dict[str, Any]) -> None:
    if isinstance(value, dict) and value:
        for key, entry in value.items():
            _gather(entry, f"{path}.{key}" if path else key, found)
    else:
        exact = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
        found[path] = int(value) if exact else value
