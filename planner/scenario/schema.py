"""The JSON Schema of a scenario file, for editors that complete and check keys."""

from __future__ import annotations

import json
from typing import Any

from planner.scenario.keys import is_open
from planner.scenario.model import LAYER_NAMES, Programme, Scenario

Schema = dict[str, Any]


def scenario_schema() -> Schema:
    """The schema of a scenario file, which may extend another and state only what differs."""
    schema = _relaxed(Scenario.model_json_schema())
    required = [name for name, field in Scenario.model_fields.items() if field.is_required()]
    properties = schema["properties"]
    for name in Scenario.model_fields:
        if is_open((name,)):
            _allow_null_entries(properties[name])
    locks = {name: schema["$defs"][name]["properties"] for name in ("FixedLocks", "ForbiddenLocks")}
    for open_property in (
        schema["$defs"]["SchoolType"]["properties"]["parallels"],
        schema["$defs"]["LayerSource"]["properties"]["columns"],
        schema["$defs"]["Locks"]["properties"]["sites"],
        *(next(iter(pairs["schools"]["patternProperties"].values())) for pairs in locks.values()),
        *(pairs[name] for pairs in locks.values() for name in ("schools", "subdistricts")),
    ):
        _allow_null_entries(open_property)
    entry = properties["layers"].pop("additionalProperties")
    properties["layers"] |= {
        "properties": dict.fromkeys(LAYER_NAMES, entry),
        "additionalProperties": False,
    }
    for name in Programme.model_fields:
        _allow_number(schema["$defs"]["Programme"]["properties"][name])
    extends = {
        "type": ["string", "null"],
        "description": "Another scenario file, relative to this one, of which this one states the "
        "differences; mappings are merged, lists replaced, null takes an entry away.",
    }
    alternatives = {
        "type": "object",
        "description": "Named alternatives, each a few differences, asked for by --scenario NAME; "
        "several are laid over each other in the order given.",
        "additionalProperties": {
            "anyOf": [
                {"type": "object", "properties": dict(properties), "additionalProperties": False},
                {"type": "null"},
            ]
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Planner scenario",
        **schema,
        "properties": {"extends": extends, "scenarios": alternatives, **properties},
        "anyOf": [{"required": ["extends"]}, {"required": required}],
    }


def schema_text() -> str:
    """The schema as it is committed beside the scenarios."""
    return json.dumps(scenario_schema(), indent=2, ensure_ascii=False) + "\n"


def _relaxed(node: Any, *, of_keys: bool = False) -> Any:
    """`node` without generated titles, and without `required`: a value may be inherited."""
    if isinstance(node, list):
        return [_relaxed(item) for item in node]
    if not isinstance(node, dict):
        return node
    dropped = () if of_keys else ("title", "required", "minProperties")
    return {
        key: _relaxed(value, of_keys=not of_keys and key in ("properties", "$defs"))
        for key, value in node.items()
        if key not in dropped
    }


def _allow_null_entries(node: Schema) -> None:
    patterns = node.pop("patternProperties", None)
    entry = next(iter(patterns.values())) if patterns else node["additionalProperties"]
    entry = {"anyOf": [entry, {"type": "null", "description": "Takes the entry away."}]}
    if patterns:
        node["patternProperties"] = {next(iter(patterns)): entry}
        node["additionalProperties"] = False
    else:
        node["additionalProperties"] = entry


def _allow_number(node: Schema) -> None:
    node["anyOf"] = [
        {"type": "number", "minimum": 0},
        {"$ref": node.pop("$ref")},
        {"type": "null", "description": "Leaves the total open."},
    ]
