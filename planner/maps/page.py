"""The map page of a plan: one self-contained HTML file, in Chinese and English."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from planner.maps.change_layers import change_layers
from planner.maps.colours import AREA_COLOURS, LINE_COLOURS
from planner.maps.folium_page import ONLY, Side, render_page
from planner.maps.geometry import GeometryPool
from planner.maps.ground_layers import ground_layers
from planner.maps.heading import page_body
from planner.maps.inlining import escape_json, inline_assets
from planner.maps.map_layer import Drawing, MapLayer
from planner.maps.public_cards import public_cards
from planner.maps.reading import Reading
from planner.maps.school_layers import planned_points, today_points
from planner.maps.unit_layers import planned_units, today_units
from planner.plan.plan import Plan
from planner.scenario.model import Scenario
from planner.territory.territory import Territory


def draw_map(
    territory: Territory,
    scenario: Scenario,
    plan: Plan,
    *,
    verification: Sequence[Mapping[str, Any]] | None,
    record: Mapping[str, Any],
) -> str:
    """Draw a plan over its territory as one HTML page that needs no network.

    Args:
        territory: The zone; all geometry in its projected CRS.
        scenario: What was asked: title, services, limits.
        plan: The answer to draw.
        verification: Checks as mappings of code, ok, title_en, title_zh, figures; None where
            the plan has not been verified.
        record: The run's record; run id, created and versions are shown where it holds them.

    Returns:
        The HTML; the same inputs give the same text.
    """
    drawing = Drawing(Reading(territory, scenario, plan), GeometryPool(territory.crs))
    layers = draw_layers(drawing)
    bounds = drawing.pool.bounds(territory.study_area)
    body = page_body(
        territory,
        scenario,
        plan,
        verification=verification,
        record=record,
        data=escape_json(_page_data(drawing, layers, bounds)),
    )
    centre = [(low + high) / 2 for low, high in zip(*bounds, strict=True)]
    title = f"{scenario.title.zh} · {scenario.title.en}"
    return inline_assets(render_page([Side(ONLY, layers)], location=centre, title=title, body=body))


def draw_layers(drawing: Drawing) -> list[MapLayer]:
    """All layers of the page, in the order of the layer list."""
    return [
        *planned_units(drawing),
        *planned_points(drawing),
        *change_layers(drawing),
        *today_units(drawing),
        *today_points(drawing),
        *ground_layers(drawing),
    ]


def shared_data(pool: GeometryPool, bounds: Sequence[Sequence[float]]) -> dict[str, Any]:
    """What all maps of a page share."""
    return {
        "bounds": bounds,
        "colours": {"area": AREA_COLOURS, "line": LINE_COLOURS},
        "shapes": pool.shapes(),
    }


def request_data(reading: Reading) -> dict[str, Any]:
    """What a map tells of what was asked."""
    scenario = reading.scenario
    band = scenario.boundaries.grid_households
    return {
        "design_year": reading.plan.design_year,
        "services": [
            {"id": name, "name": [entry.name.zh, entry.name.en], "radius_m": entry.radius_m}
            for name, entry in scenario.services.items()
        ],
        "grid_households": [band.min, band.max],
        "years": reading.shown_years(),
        "min_children": scenario.privacy.min_children,
    }


def layer_entries(
    layers: Sequence[MapLayer], first: Sequence[MapLayer] = ()
) -> list[dict[str, Any]]:
    """Layers of a map; features are None where they are those of the page's `first` map."""
    known = {layer.name: layer.features for layer in first}
    return [
        {
            "name": layer.name,
            "group": layer.group,
            "title": layer.title,
            "draw": layer.draw,
            "service": layer.service,
            "outline": layer.outline,
            "features": None if known.get(layer.name) == layer.features else layer.features,
        }
        for layer in layers
    ]


def _page_data(
    drawing: Drawing, layers: Sequence[MapLayer], bounds: Sequence[Sequence[float]]
) -> str:
    title = drawing.reading.scenario.title
    data = {
        "title": [title.zh, title.en],
        **request_data(drawing.reading),
        "layers": layer_entries(layers),
        "cards": public_cards(drawing.reading),
        **shared_data(drawing.pool, bounds),
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
