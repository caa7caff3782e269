"""A town in which every text from data is hostile: what must come out harmless and legible."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd

from planner.plan.plan import Plan
from planner.scenario.model import Scenario
from planner.territory.territory import Territory
from tests.maps import town

NAMES = {
    "script": "</script><script>alert(1)</script><img src=x onerror=alert(2)>",
    "formula": '=HYPERLINK("http://x","y")',
    "quotes": "\"&'`{{ 7 * 7 }}{% x %}\u2028",
    "long": "很长的居住小区名字一二" * 18 + "末尾",
}
"""By what is wrong with them; the last has 200 Chinese characters."""
TEXTS = (
    "name", "name_en", "code", "parent", "origin", "subdistrict_name", "subdistrict_name_en",
    "source", "status",
)  # fmt: skip
"""Columns that hold words and not ids or words of the contract."""
LAYERS = (
    "compounds", "schools", "communities", "subdistricts", "seats", "streets", "barriers",
    "context",
)  # fmt: skip


def hostile_town(name: str) -> tuple[Territory, Scenario, Plan]:
    """The small town of the map's tests with `name` in every text column of layers and plan."""
    place = town.territory()
    changed = {layer: _hostile(getattr(place, layer), name) for layer in LAYERS}
    findings = ({"severity": "warning", "layer": "schools", "code": "x", "ids": (), "message": name,
                 "hint": name},)  # fmt: skip
    evil = replace(place, **changed)
    plan = town.plan(place)
    plan = replace(
        plan,
        scenario=name,
        findings=findings,
        communities=tuple(replace(u, **_named(name)) for u in plan.communities),
        subdistricts=tuple(replace(u, **_named(name)) for u in plan.subdistricts),
        grids=tuple(replace(grid, reason=name) for grid in plan.grids),
    )
    title = {"zh": name, "en": name}
    services = {
        key: entry.model_copy(update={"name": entry.name.model_copy(update=title)})
        for key, entry in town.scenario().services.items()
    }
    asked = town.scenario().model_copy(
        update={"services": services, "title": town.scenario().title.model_copy(update=title)}
    )
    return evil, asked, plan


def checks(name: str) -> list[dict[str, Any]]:
    """What verification may say of hostile data."""
    return [{"code": "a", "ok": True, "title_en": name, "title_zh": name, "figures": name}]


def record(name: str) -> dict[str, Any]:
    """A run's record with hostile entries."""
    return {"run_id": name, "created": "2026-01-02T03:04:05+00:00", "origins": {"crs": name},
            "versions": {"planner": name}}  # fmt: skip


def _named(name: str) -> dict[str, str]:
    return {"name": name, "name_en": name, "parent": name}


def _hostile(frame: gpd.GeoDataFrame, name: str) -> gpd.GeoDataFrame:
    columns = {column: name for column in TEXTS if column in frame.columns}
    return frame.assign(**columns)
