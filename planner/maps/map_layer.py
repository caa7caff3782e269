"""One layer of the map: a name, a group, a way of drawing and its features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shapely.geometry.base import BaseGeometry

from planner.maps.geometry import GeometryPool
from planner.maps.reading import Reading

Feature = dict[str, Any]
"""A feature: `g` position of its shape, `o` what a click asks for (kind and id), `n` names,
`c` colour or class, and what its kind of layer needs besides."""


@dataclass(frozen=True)
class MapLayer:
    """A layer as the page knows it; `draw` says how the page's style sheet draws it."""

    name: str
    group: str
    title: tuple[str, str]
    draw: str
    features: tuple[Feature, ...]
    show: bool = False
    service: str = ""
    outline: int | None = None
    """Position of the lines between and around the areas, where they are drawn as one."""
    areas: Mapping[str, BaseGeometry] | None = field(default=None, compare=False, repr=False)
    """Ground of the areas by id, where neighbours are to differ in colour."""


@dataclass(frozen=True)
class Drawing:
    """What every layer is drawn from, and the pool its shapes go to."""

    reading: Reading
    pool: GeometryPool
