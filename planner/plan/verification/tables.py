"""Rows of the layers by id: plain values, texts empty and numbers strict where missing."""

from __future__ import annotations

import math
from typing import Any

from shapely.geometry.base import BaseGeometry

from planner.territory.layers import Layers

Row = dict[str, Any]


def rows_of(layers: Layers, name: str) -> dict[str, Row]:
    """Rows of a layer by id (by position where it has none), sorted; empty without the layer.

    Raises ValueError for an id that occurs twice.
    """
    frame = layers.frames.get(name)
    if frame is None:
        return {}
    rows: dict[str, Row] = {}
    for k, row in enumerate(frame.to_dict("records")):
        key = row.get("id") if isinstance(row.get("id"), str) else f"{k:06}"
        if key in rows:
            raise ValueError(f"{name}: the id {key} occurs twice")
        rows[str(key)] = row
    return dict(sorted(rows.items()))


def shape_of(row: Row) -> BaseGeometry:
    """Geometry of a row; raises ValueError where it has none."""
    shape = row.get("geometry")
    if not isinstance(shape, BaseGeometry) or shape.is_empty:
        raise ValueError(f"{row.get('id', 'a row')} has no geometry")
    return shape


def text(row: Row, column: str) -> str:
    """Text of a column; empty where missing."""
    entry = row.get(column)
    return entry if isinstance(entry, str) else ""


def value(row: Row, column: str, default: float | None = None) -> float:
    """Number of a column, or `default`; raises ValueError where both are missing."""
    entry = row.get(column)
    if isinstance(entry, int | float) and not math.isnan(entry):
        return float(entry)
    if default is None:
        raise ValueError(f"{row.get('id', 'a row')} has no number in column '{column}'")
    return default
