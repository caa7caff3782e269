"""The page of an explanation: what the reasons name, drawn; the repairs beside it; one file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from planner.errors import Problem
from planner.maps.geometry import polygons
from planner.maps.plain_page import plain_page
from planner.plan.meanings import Pair
from planner.scenario.model import Scenario
from planner.territory.territory import Territory

_WIDTH = 900.0
_MARGIN = 14.0
_SIGNS = {
    "school": "M-6 0A6 6 0 1 0 6 0A6 6 0 1 0 -6 0Z", "site": "M-5.5 -5.5H5.5V5.5H-5.5Z",
    "seat": "M0 -6.5L6.5 0L0 6.5L-6.5 0Z",
}  # fmt: skip
_RANKS: Mapping[str, Pair] = {
    "law": ("法规", "law"), "standard": ("标准", "standard"), "policy": ("政策", "policy"),
    "wish": ("意愿", "wish"),
}  # fmt: skip


@dataclass(frozen=True)
class RepairWords:
    """A repair as the page tells it."""

    file: str
    changes: tuple[Mapping[str, Any], ...]
    """Each with key, rank, now and then."""
    cost: str


@dataclass(frozen=True)
class _Scale:
    """From the projected CRS to the picture."""

    west: float
    north: float
    factor: float

    def path(self, shape: BaseGeometry) -> str:
        """A polygon, or several, as the path of an SVG."""
        rings = [ring for part in polygons(shape) for ring in (part.exterior, *part.interiors)]
        lines = (" L".join(self._pair(x, y) for x, y in ring.coords[:-1]) for ring in rings)
        return "".join(f"M{line}Z" for line in lines)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """A point of the picture."""
        return (
            round((x - self.west) * self.factor + _MARGIN, 1),
            round((self.north - y) * self.factor + _MARGIN, 1),
        )

    def _pair(self, x: float, y: float) -> str:
        left, down = self.at(x, y)
        return f"{left:g} {down:g}"


def explain_page(
    territory: Territory, scenario: Scenario, reasons: Sequence[Problem],
    repairs: Sequence[RepairWords],
) -> str:  # fmt: skip
    """The page as HTML; ids that a reason names are marked where the territory has them."""
    marks: dict[str, list[str]] = {}
    for number, reason in enumerate(reasons, start=1):
        for key in _named(territory, reason):
            marks.setdefault(key, ["blocked"]).append(f"r{number}")
    return plain_page(
        "explain.html", scenario, styles=("explain.css",), scripts=("explain.js",),
        reasons=reasons,
        repairs=repairs,
        ranks=_RANKS,
        signs=_SIGNS,
        drawing=_drawing(territory, {key: " ".join(found) for key, found in marks.items()}),
    )  # fmt: skip


def _named(territory: Territory, reason: Problem) -> list[str]:
    """Ids of things on the map that a reason is about: its own ids, and keys that hold one."""
    known = {
        str(key)
        for frame in (
            territory.compounds, territory.schools, territory.communities, territory.seats,
        )
        for key in frame.index
    }  # fmt: skip
    words = [*reason.ids, reason.where, *(path for key in reason.ids for path in key.split("."))]
    words += re.split(r"[\s.,;:()]+", f"{reason.where} {reason.message}")
    return list(dict.fromkeys(word for word in words if word in known))


def _drawing(territory: Territory, marks: Mapping[str, str]) -> dict[str, Any]:
    west, south, east, north = (float(edge) for edge in territory.cells.total_bounds)
    factor = (_WIDTH - 2 * _MARGIN) / max(east - west, 1.0)
    scale = _Scale(west, north, factor)
    cells = {str(key): shape for key, shape in territory.cells.items()}
    communities = territory.communities.geometry.items()
    return {
        "width": _WIDTH,
        "height": round((north - south) * factor + 2 * _MARGIN, 1),
        "cells": [
            _shape(scale, key, shape, territory.compounds.loc[key], marks)
            for key, shape in cells.items()
        ],
        "communities": [
            _shape(scale, str(key), shape, territory.communities.loc[key], marks)
            for key, shape in communities
        ],
        "points": [*_points(territory, scale, marks)],
    }


def _shape(
    scale: _Scale, key: str, shape: BaseGeometry, row: Any, marks: Mapping[str, str]
) -> dict[str, str]:
    simple = shapely.simplify(shape, 1.0 / scale.factor / 2, preserve_topology=True)
    return {"path": scale.path(simple), "title": _title(key, row), "marks": marks.get(key, "")}


def _points(territory: Territory, scale: _Scale, marks: Mapping[str, str]) -> list[dict[str, Any]]:
    kinds = [
        (str(key), "site" if row["kind"] == "site" else "school", row)
        for key, row in territory.schools.iterrows()
    ]
    kinds += [(str(key), "seat", row) for key, row in territory.seats.iterrows()]
    found = []
    for key, kind, row in kinds:
        x, y = scale.at(row["geometry"].x, row["geometry"].y)
        found.append({
            "id": key, "kind": kind, "x": x, "y": y, "sign": _SIGNS[kind],
            "title": _title(key, row), "marks": marks.get(key, ""),
        })  # fmt: skip
    return found


def _title(key: str, row: Any) -> str:
    names = [row[name] for name in ("name", "name_en") if isinstance(row[name], str)]
    return f"{' '.join(names)} ({key})" if names else key
