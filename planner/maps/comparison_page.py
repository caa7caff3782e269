"""The comparison page: plans side by side on maps in step, one file that needs no network."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any

from markupsafe import Markup

from planner.maps import words
from planner.maps.comparison_flows import hidden_compounds, told_flows
from planner.maps.comparison_layers import compared_layers
from planner.maps.comparison_tables import (
    asked_table,
    indicator_table,
    run_row,
    school_changes,
    school_names,
)
from planner.maps.folium_page import Side, render_page
from planner.maps.geometry import GeometryPool
from planner.maps.heading import template
from planner.maps.inlining import MAPPING, STYLES, escape_json, inline_assets
from planner.maps.map_layer import Drawing
from planner.maps.page import layer_entries, request_data, shared_data
from planner.maps.public_cards import public_cards
from planner.maps.reading import Reading
from planner.plan.difference import Difference, IndicatorRow
from planner.plan.plan import Plan
from planner.plan.story import story
from planner.scenario.model import Privacy, Scenario
from planner.territory.territory import Territory

MOST = len(ascii_lowercase)
Cards = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Compared:
    """One plan of a comparison."""

    name: str
    territory: Territory
    scenario: Scenario
    plan: Plan
    broken: int
    """Promises that verification found broken."""


def draw_comparison(
    plans: Sequence[Compared],
    *,
    rows: Sequence[IndicatorRow],
    differences: Sequence[Difference],
    asked: Mapping[str, Sequence[Any]],
) -> str:
    """Draw plans beside the first one as one HTML page.

    Args:
        plans: Two or more; each later one is compared with the first.
        rows: Indicators of all plans, in their order.
        differences: Of the plans after the first.
        asked: Values that the scenarios ask differently, by key and plan.

    Returns:
        The HTML; the same inputs give the same text. Figures of children follow the strictest
        threshold of all plans.
    """
    readings = dict(zip(ascii_lowercase, _readings(plans), strict=False))
    pool = GeometryPool(plans[0].territory.crs)
    drawings = {
        key: Drawing(reading, pool.of(reading.territory.crs)) for key, reading in readings.items()
    }
    layers = compared_layers(drawings, differences)
    bounds = _bounds(drawings)
    title = ("方案比较", "Comparison of plans")
    cards = {key: _cards(reading) for key, reading in readings.items()}
    shared = _shared_cards(list(cards.values()))
    least = readings["a"].scenario.privacy.min_children
    later = dict(zip(list(readings)[1:], differences, strict=True))
    data = {
        "title": title,
        "cards": shared,
        "sides": {
            key: {
                "letter": key.upper(),
                "name": plan.name,
                **request_data(readings[key]),
                "layers": layer_entries(layers[key], () if key == "a" else layers["a"]),
                "cards": {kind: own for kind, own in cards[key].items() if kind not in shared},
            }
            for key, plan in zip(readings, plans, strict=True)
        },
        "later": {
            key: {
                "flows": told_flows(difference, min_children=least),
                "schools": school_changes(difference),
            }
            for key, difference in later.items()
        },
        **shared_data(pool, bounds),
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    body = _body(plans, rows, differences, asked, least=least, data=escape_json(text))
    html = render_page(
        [Side(key, layers[key]) for key in readings],
        location=[(low + high) / 2 for low, high in zip(*bounds, strict=True)],
        title=" · ".join(title),
        body=body,
    )
    scripts = (*MAPPING, "flows.js", "compare.js")
    return inline_assets(html, scripts=scripts, styles=(*STYLES, "compare.css"))


def _readings(plans: Sequence[Compared]) -> list[Reading]:
    """One reading a plan, all with the strictest privacy and the same compounds withheld."""
    least = max(plan.scenario.privacy.min_children for plan in plans)
    privacy = {"privacy": Privacy(min_children=least)}
    readings = [
        Reading(plan.territory, plan.scenario.model_copy(update=privacy), plan.plan)
        for plan in plans
    ]
    hidden = {}
    for service in readings[0].services:
        asked = [reading for reading in readings if service in reading.services]
        schools = [
            {key: a.schools.get(service, "") for key, a in reading.assignments.items()}
            for reading in asked
        ]
        pupils: dict[str, float] = {}
        for reading in asked:
            for key, count in reading.pupils(service).items():
                pupils[key] = min(count or pupils.get(key, 0.0), pupils.get(key) or count)
        hidden[service] = hidden_compounds(schools, pupils, min_children=least)
    return [Reading(r.territory, r.scenario, r.plan, hidden) for r in readings]


def _cards(reading: Reading) -> Cards:
    """Cards of a map without grids."""
    cards: Cards = dict(public_cards(reading))
    del cards["grid"]
    cards["community"] = {key: {**card, "grids": []} for key, card in cards["community"].items()}
    return cards


def _shared_cards(cards: Sequence[Cards]) -> Cards:
    """Kinds of cards that are the same on every map."""
    first = cards[0]
    return {kind: own for kind, own in first.items() if all(c[kind] == own for c in cards[1:])}


def _bounds(drawings: Mapping[str, Drawing]) -> list[list[float]]:
    corners = [
        drawing.pool.bounds(drawing.reading.territory.study_area) for drawing in drawings.values()
    ]
    low = [min(corner[0][axis] for corner in corners) for axis in (0, 1)]
    high = [max(corner[1][axis] for corner in corners) for axis in (0, 1)]
    return [low, high]


def _body(
    plans: Sequence[Compared],
    rows: Sequence[IndicatorRow],
    differences: Sequence[Difference],
    asked: Mapping[str, Sequence[Any]],
    *,
    least: int,
    data: str,
) -> Markup:
    services = {
        key: (entry.name.zh, entry.name.en)
        for plan in reversed(plans)
        for key, entry in plan.scenario.services.items()
    }
    schools = school_names([plan.territory for plan in plans])
    html = template("compare.html").render(
        runs=[
            run_row(letter.upper(), plan.name, plan.scenario, plan.plan, plan.broken)
            for letter, plan in zip(ascii_lowercase, plans, strict=False)
        ],
        modelled=[
            words.pair(words.LAYERS, name)
            for name in dict.fromkeys(name for plan in plans for name in plan.territory.modelled)
        ],
        min_children=least,
        indicators=indicator_table(rows, services),
        asked=asked_table(asked),
        stories=[
            story(found, rows, later=number, schools=schools, services=services,
                  min_children=least)
            for number, found in enumerate(differences, start=1)
        ],
        data=Markup(data),
    )  # fmt: skip
    return Markup(html)
