"""A scenario written as lines that extend another: a few, and they load back to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from planner.scenario.extending import extending_text
from planner.scenario.loading import load_scenario

BASE = {
    "name": "base", "title": {"zh": "基", "en": "Base"}, "design_year": 2025,
    "programme": {"new_schools": 4, "land_m2": 145000, "new_places": {"min": 1, "max": 9}},
    "locks": {
        "sites": {"P1": "open", "P2": "closed"},
        "fixed": {"schools": {"primary": {"C1": "S1"}}},
        "forbidden": {"subdistricts": {"K1": ["d1", "d2"]}},
        "together": [["C1", "C2"], ["C3", "C4"]],
    },
}  # fmt: skip
CHANGES: list[dict[str, Any]] = [
    {},
    {"programme": {"new_schools": 3, "land_m2": 150000.5}},
    {"programme": {"new_schools": {"min": 3, "max": 5}, "land_m2": None}},
    {"programme": {"new_places": {"min": 2, "max": None}}},
    {"locks": {"sites": {"P2": None}, "fixed": {"schools": {"primary": {"C1": None}}}}},
    {"locks": {"together": [["C3", "C4"]], "forbidden": {"subdistricts": {"K1": ["d2"]}}}},
    {"services": {"primary": {"reach_m": None}, "junior": {"max_crossings": 2}}},
    {"services": {"junior": None}, "school_types": {"junior": None, "nine_year": None}},
    {"boundaries": {"band": 0.199, "parent_rule": False}, "name": "other"},
    {"rules": {"reach_m": {"rank": "law"}}},
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: json.dumps(change)[:40])
def test_it_loads_back_and_says_only_what_differs(change: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(json.dumps(BASE), encoding="utf-8")
    asked = {"extends": "base.yaml", **change}
    (tmp_path / "changed.yaml").write_text(json.dumps(asked), encoding="utf-8")
    base = load_scenario(tmp_path / "base.yaml").scenario
    changed = load_scenario(tmp_path / "changed.yaml").scenario
    text = extending_text(base, changed, extends="base.yaml", comments=["one", "two\nthree"])
    (tmp_path / "again.yaml").write_text(text, encoding="utf-8")
    assert load_scenario(tmp_path / "again.yaml").scenario == changed
    head, lines = text.splitlines()[:3], text.splitlines()[3:]
    assert head == ["# one", "# two", "# three"]
    assert lines[0] == "extends: base.yaml"
    assert set(change) == {line.split(":")[0] for line in lines[1:] if line[0].isalpha()}
