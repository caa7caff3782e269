"""The schema that editors use: fresh, linked, and as lenient as loading is."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.scenario.model import LAYER_NAMES, Scenario
from planner.scenario.schema import scenario_schema, schema_text

CONFIGS = Path(__file__).parents[2] / "configs"


def test_the_committed_schema_is_fresh():
    assert (CONFIGS / "scenario.schema.json").read_text(encoding="utf-8") == schema_text()


@pytest.mark.parametrize("path", sorted(CONFIGS.rglob("*.yaml")), ids=lambda path: path.name)
def test_each_scenario_points_at_the_schema(path):
    first = path.read_text(encoding="utf-8").splitlines()[0]
    marker, _, target = first.partition("$schema=")
    assert marker == "# yaml-language-server: "
    assert (path.parent / target).resolve() == CONFIGS / "scenario.schema.json"


def test_every_key_is_there_and_none_else():
    schema = scenario_schema()
    assert set(schema["properties"]) == {"extends", "scenarios", *Scenario.model_fields}
    assert schema["additionalProperties"] is False
    for name, part in schema["$defs"].items():
        assert part["additionalProperties"] is False, name


def test_every_field_is_described():
    schema = scenario_schema()
    silent = [
        f"{part}.{name}"
        for part, fields in {"": schema, **schema["$defs"]}.items()
        for name, field in fields["properties"].items()
        if "description" not in {**field, **schema["$defs"].get(field.get("$ref", "")[8:], {})}
    ]
    assert silent == []


def test_totals_accept_a_number_a_range_or_null():
    for field in scenario_schema()["$defs"]["Programme"]["properties"].values():
        number, bounds, nothing = field["anyOf"]
        assert number == {"type": "number", "minimum": 0}
        assert bounds == {"$ref": "#/$defs/Range"}
        assert nothing["type"] == "null"


def test_a_file_that_extends_may_leave_everything_out():
    schema = scenario_schema()
    assert schema["anyOf"] == [
        {"required": ["extends"]},
        {"required": ["name", "title", "design_year"]},
    ]
    assert "required" not in schema
    assert all("required" not in part for part in schema["$defs"].values())


def test_entries_may_be_taken_away_and_layers_are_named():
    properties = scenario_schema()["properties"]
    (pattern,) = properties["services"]["patternProperties"].values()
    assert [part.get("type") for part in pattern["anyOf"]] == [None, "null"]
    assert tuple(properties["layers"]["properties"]) == LAYER_NAMES
    assert properties["layers"]["additionalProperties"] is False
