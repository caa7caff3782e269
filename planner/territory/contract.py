"""The contract of the layers: which layers there are, and which columns each has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "text", "number", "flag"]
Shape = Literal["Point", "Polygon", "LineString"]

COORDINATES = ("lon", "lat", "x", "y")
"""Columns a CSV may give a place with; they may be mapped like any other."""


@dataclass(frozen=True)
class Column:
    """A column: its name (with ``<service>`` or ``<year>`` to be filled in), kind and meaning."""

    name: str
    kind: Kind
    doc: str
    required: bool = False
    whole: bool = False
    """Whether the numbers must be whole ones."""


@dataclass(frozen=True)
class LayerContract:
    """A layer: its allowed shapes (none: a table), whether it is needed, and its columns."""

    name: str
    shapes: tuple[Shape, ...]
    columns: tuple[Column, ...]
    required: bool = False
    shapeless: bool = False
    """Whether rows without geometry are fine."""


def column_of(layer: LayerContract, name: str, *, services: Iterable[str]) -> Column | None:
    """The contract's column that `name` is an instance of, or None."""
    for column in layer.columns:
        if re.fullmatch(_pattern(column.name, tuple(services)), name):
            return column
    return None


def plain_names(layer: LayerContract, *, services: Iterable[str]) -> list[str]:
    """All column names of a layer that can be listed (the yearly ones cannot)."""
    names: list[str] = []
    for column in layer.columns:
        if "<year>" in column.name:
            continue
        if "<service>" in column.name:
            names += [column.name.replace("<service>", service) for service in services]
        else:
            names.append(column.name)
    return names


def _pattern(name: str, services: tuple[str, ...]) -> str:
    any_service = "(?:" + "|".join(re.escape(service) for service in services) + ")"
    return re.escape(name).replace("<service>", any_service).replace("<year>", r"\d{4}")


_ID = Column("id", "id", "unique id", required=True)
_MAYBE_ID = Column("id", "id", "unique id; generated where the layer has none")
_NAMES = (Column("name", "text", "name (Chinese)"), Column("name_en", "text", "name (English)"))
_STATUS = (
    Column("status", "text", "official, implied or modelled"),
    Column("source", "text", "where it comes from"),
)
_COST = (
    Column("land_m2", "number", "parcel in square metres (sites: else the polygon's area)"),
    Column("cost_yuan", "number", "fixed cost: buying and clearing, or of the expansion"),
    Column("cost_per_place_yuan", "number", "cost of each place"),
)

CONTRACT: dict[str, LayerContract] = {
    layer.name: layer
    for layer in (
        LayerContract(
            "compounds",
            ("Point", "Polygon"),
            (
                _ID,
                *_NAMES,
                Column("community", "id", "its community; else found by location"),
                Column("population", "number", "people", required=True, whole=True),
                Column("households", "number", "households", required=True, whole=True),
                Column("buildings", "number", "number of buildings", whole=True),
                Column("<service>_<year>", "number", "pupils of a service in a year"),
                Column("<service>", "number", "pupils of a service"),
                Column("<service>_school", "id", "today's school"),
                *_STATUS,
            ),
            required=True,
        ),
        LayerContract(
            "buildings",
            ("Point", "Polygon"),
            (
                _ID,
                Column("compound", "id", "its compound", required=True),
                Column("households", "number", "households", required=True, whole=True),
                *_STATUS,
            ),
            shapeless=True,
        ),
        LayerContract(
            "schools",
            ("Point", "Polygon"),
            (
                _ID,
                *_NAMES,
                Column("<service>_classes", "number", "classes today; empty: none", whole=True),
                Column("<service>_pupils", "number", "enrolment today", whole=True),
                Column("expandable", "flag", "whether it may be expanded"),
                *_COST,
                *_STATUS,
            ),
            required=True,
        ),
        LayerContract(
            "sites",
            ("Point", "Polygon"),
            (
                _ID,
                *_NAMES,
                *_COST,
                Column("types", "text", "allowed school types, separated by commas; empty: all"),
                Column("origin", "text", "what the land was"),
                *_STATUS,
            ),
        ),
        LayerContract(
            "communities",
            ("Polygon",),
            (
                _ID,
                *_NAMES,
                Column("code", "id", "official code"),
                Column("subdistrict", "id", "its subdistrict today", required=True),
                Column("parent", "id", "its county-level district"),
                *_STATUS,
            ),
            required=True,
        ),
        LayerContract(
            "subdistricts",
            ("Polygon",),
            (
                _ID,
                *_NAMES,
                Column("code", "id", "official code"),
                Column("parent", "id", "its county-level district"),
                *_STATUS,
            ),
        ),
        LayerContract(
            "seats",
            ("Point",),
            (
                _ID,
                *_NAMES,
                Column("kind", "text", "office or candidate", required=True),
                Column("subdistrict", "id", "office: the subdistrict it governs"),
                Column("subdistrict_name", "text", "candidate: name of a subdistrict seated here"),
                Column("subdistrict_name_en", "text", "the same in English"),
                *_STATUS,
            ),
        ),
        LayerContract(
            "streets",
            ("LineString",),
            (
                _MAYBE_ID,
                *_NAMES,
                Column("class", "text", "trunk, arterial, collector or local"),
                *_STATUS,
            ),
        ),
        LayerContract(
            "network_nodes",
            ("Point",),
            (Column("node_id", "id", "unique id of the node", required=True), *_STATUS),
        ),
        LayerContract(
            "network_edges",
            (),
            (
                Column("from_node", "id", "node at one end", required=True),
                Column("to_node", "id", "node at the other end", required=True),
                Column("length_m", "number", "length in metres", required=True),
                *_STATUS,
            ),
        ),
        LayerContract(
            "barriers",
            ("LineString",),
            (_MAYBE_ID, *_NAMES, Column("kind", "text", "river or railway", True), *_STATUS),
        ),
        LayerContract(
            "context",
            ("Polygon",),
            (
                _MAYBE_ID,
                *_NAMES,
                Column("kind", "text", "town, village, industry, park or water"),
                *_STATUS,
            ),
        ),
        LayerContract(
            "outcome",
            (),
            (
                Column("compound", "id", "compound", required=True),
                Column("community", "id", "its community afterwards", required=True),
                Column("community_name", "text", "name of the community"),
                Column("community_name_en", "text", "the same in English"),
                Column("subdistrict", "id", "its subdistrict afterwards", required=True),
                Column("subdistrict_name", "text", "name of the subdistrict"),
                Column("subdistrict_name_en", "text", "the same in English"),
                Column("parent", "id", "county-level district of the subdistrict"),
                *_STATUS,
            ),
        ),
    )
}
