"""The `Territory`: everything a program, a check or a map needs to know about a zone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import geopandas as gpd
import pandas as pd
from shapely.geometry.base import BaseGeometry


class Severity(StrEnum):
    """How bad a finding is: an error stops the run, the others are reported with it."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One thing a check found in the layers: what, where, and what to do."""

    code: str
    severity: Severity
    layer: str
    message: str
    hint: str = ""
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Travel:
    """Ways from every compound to every school; frames of compounds × schools."""

    distance_m: pd.DataFrame
    """Walking distance along the streets, in metres; inf where there is no way."""
    straight_m: pd.DataFrame
    """Straight-line distance, in metres."""
    crossings: pd.DataFrame
    """Trunk-road and railway crossings on the straight line."""


@dataclass(frozen=True)
class Territory:
    """A zone, read and checked. All geometry is in the projected `crs`, all ids are strings.

    Every frame is indexed by its id, sorted. Treat frames as immutable.
    """

    crs: str
    study_area: BaseGeometry
    compounds: gpd.GeoDataFrame
    """name, name_en, community, population, households, buildings; geometry as given."""
    cells: gpd.GeoSeries
    """The cell of each compound; twins (same spot) hold the same cell."""
    demand: dict[str, pd.DataFrame]
    """Pupils by service: compounds × years."""
    today: pd.DataFrame
    """Today's school: compounds × services."""
    buildings: pd.DataFrame
    """compound, households, source ('layer', 'counted' or 'estimated'); a GeoDataFrame where the
    layer has geometry (None for buildings that are in no layer)."""
    schools: gpd.GeoDataFrame
    """Existing schools and sites: name, name_en, kind ('existing', 'site'), `<service>_classes`,
    `<service>_pupils`, expandable, land_m2 (parcel of the site or expansion), cost_yuan (fixed),
    cost_per_place_yuan, types, cell (id of the compound in whose cell it lies); geometry points."""
    communities: gpd.GeoDataFrame
    """name, name_en, code, subdistrict, parent; today's polygons."""
    subdistricts: gpd.GeoDataFrame
    """name, name_en, code, parent; today's polygons (unions of communities where not given)."""
    seats: gpd.GeoDataFrame
    """name, name_en, kind ('office', 'candidate'), subdistrict, subdistrict_name,
    subdistrict_name_en, cell, community; points."""
    streets: gpd.GeoDataFrame
    """name, name_en, class; lines (may be empty)."""
    barriers: gpd.GeoDataFrame
    """name, name_en, kind ('river', 'railway'); lines (may be empty)."""
    context: gpd.GeoDataFrame
    """name, name_en, kind; polygons around and inside the zone, drawn only (may be empty)."""
    outcome: pd.DataFrame
    """The historical arrangement: compound → community, community_name, community_name_en,
    subdistrict, subdistrict_name, subdistrict_name_en (may be empty)."""
    borders: pd.DataFrame
    """The contiguity graph, one row per pair of neighbouring compounds (a < b): a, b,
    border_m (shared border), followed_m (of it along an arterial or barrier)."""
    travel: Travel
    findings: tuple[Finding, ...]
    modelled: tuple[str, ...]
    """Names of the layers whose `status` says they are modelled."""
