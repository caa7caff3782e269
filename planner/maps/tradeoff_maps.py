"""Small maps of the plans on a trade-off curve: where each differs from the sequential plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from planner.maps.canvas import Canvas
from planner.maps.colours import AREA_COLOURS, colour_areas
from planner.maps.geometry import outline, union
from planner.territory.territory import Territory

_MARGIN_M = 150.0
_INK, _CHANGED_UNIT, _CHANGED_SCHOOL = "#1B1F6B", "url(#h0)", "url(#h1)"


@dataclass(frozen=True)
class Sketch:
    """A plan as it is drawn: subdistrict and schools of each compound, schools built."""

    name: tuple[str, str]
    """Chinese and English."""
    subdistrict: Mapping[str, str]
    schools: Mapping[str, tuple[str, ...]]
    built: frozenset[str]

    def moved(self, first: Sketch) -> list[str]:
        """Compounds in another subdistrict than in the first plan."""
        return [unit for unit, of in self.subdistrict.items() if of != first.subdistrict[unit]]

    def reassigned(self, first: Sketch) -> list[str]:
        """Compounds with another school in any service."""
        return [unit for unit, of in self.schools.items() if of != first.schools[unit]]


def plan_maps(territory: Territory, sketches: Sequence[Sketch]) -> list[dict[str, Any]]:
    """A picture of each plan with its counts; the first is what the others are compared with."""
    if not sketches:
        return []
    areas = [_areas(territory, sketch) for sketch in sketches]
    colours = colour_areas(*areas)
    drawn = []
    for sketch, own in zip(sketches, areas, strict=True):
        canvas = Canvas(_bounds(territory), 0)
        for key, area in own.items():
            canvas.draw(area, f'fill="{AREA_COLOURS[colours[key]]}" fill-opacity=".5"')
        moved, reassigned = sketch.moved(sketches[0]), sketch.reassigned(sketches[0])
        for units, fill in ((reassigned, _CHANGED_SCHOOL), (moved, _CHANGED_UNIT)):
            canvas.draw(_cells(territory, units), f'fill="{fill}" fill-opacity=".75"')
        canvas.draw(outline(own.values()), f'fill="none" stroke="{_INK}" stroke-width="5"')
        _schools(canvas, territory, sketch, sketches[0])
        zh, en = sketch.name
        drawn.append({
            "zh": zh, "en": en, "svg": Markup(canvas.svg(en)),
            "moved": len(moved), "reassigned": len(reassigned),
            "sites": len(sketch.built - sketches[0].built),
        })  # fmt: skip
    return drawn


def _areas(territory: Territory, sketch: Sketch) -> dict[str, Any]:
    members: dict[str, list[str]] = {}
    for unit, subdistrict in sketch.subdistrict.items():
        members.setdefault(subdistrict, []).append(unit)
    return {key: _cells(territory, units) for key, units in sorted(members.items())}


def _cells(territory: Territory, units: Iterable[str]) -> Any:
    return union(territory.cells.loc[list(units)])


def _bounds(territory: Territory) -> tuple[float, float, float, float]:
    west, south, east, north = territory.cells.total_bounds.tolist()
    return west - _MARGIN_M, south - _MARGIN_M, east + _MARGIN_M, north + _MARGIN_M


def _schools(canvas: Canvas, territory: Territory, sketch: Sketch, first: Sketch) -> None:
    """A dot for every school built, of another colour where the first plan builds none."""
    for school in sorted(sketch.built):
        spot = territory.schools.geometry[school]
        other = school not in first.built
        canvas.draw(spot.buffer(110), f'fill="{"#A3005C" if other else _INK}" stroke="#fff" '
                    'stroke-width="3"')  # fmt: skip
