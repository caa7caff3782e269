"""Coordinates of a layer: geographic or projected in, metres of one projected CRS out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Transformer

from planner.scenario.model import LayerSource, Scenario
from planner.territory.datum import bd09_to_wgs84, gcj02_to_wgs84
from planner.territory.files import Raw
from planner.territory.findings import finding
from planner.territory.points import present
from planner.territory.territory import Finding, Severity

_GEOGRAPHIC = "EPSG:4326"
_FAR_M = 50_000.0
_LEAD = ("communities", "compounds", "schools")
"""Layers that say where the zone lies, best first."""


def locate(
    raw: Raw, name: str, source: LayerSource
) -> tuple[gpd.GeoDataFrame | None, list[Finding]]:
    """The layer with its geometry in a stated CRS and WGS 84 datum, or what is wrong with it."""
    if isinstance(raw.table, gpd.GeoDataFrame):
        frame, stated = raw.table, raw.table.crs
    else:
        points, findings = _points(raw.table, name, source)
        if findings:
            return None, findings
        frame, stated = gpd.GeoDataFrame(raw.table, geometry=points), None
        if _names(source, raw.table, "lon", "lat"):
            stated = CRS(_GEOGRAPHIC)
    crs, findings = _crs(name, source, stated)
    if crs is None:
        return None, findings
    wrong = _implausible(frame.geometry, name, crs) or _wrong_datum(name, source, crs)
    if wrong:
        return None, [*findings, wrong]
    geometry = shapely.force_2d(frame.geometry.to_numpy())
    if source.datum != "wgs84":
        convert = {"gcj02": gcj02_to_wgs84, "bd09": bd09_to_wgs84}[source.datum]
        geometry = shapely.transform(geometry, convert)
    return frame.set_geometry(gpd.GeoSeries(geometry, index=frame.index, crs=None)).set_crs(
        crs, allow_override=True
    ), findings


def choose_crs(scenario: Scenario, located: Mapping[str, gpd.GeoDataFrame]) -> CRS | None:
    """The projected CRS in metres: the scenario's, else the UTM zone of the zone's own layers."""
    if scenario.crs is not None:
        return CRS.from_user_input(scenario.crs)
    for name in (*_LEAD, *sorted(located)):
        frame = located.get(name)
        if frame is not None and present(frame.geometry).any():
            return CRS(frame.estimate_utm_crs())
    return None


def project(
    located: Mapping[str, gpd.GeoDataFrame], crs: CRS
) -> tuple[dict[str, gpd.GeoDataFrame], list[Finding]]:
    """The layers in `crs`; a layer that then lies far from the zone has a wrong CRS."""
    projected = {name: _projected(frame, crs) for name, frame in located.items()}
    findings: list[Finding] = []
    home = next((projected[name] for name in _LEAD if name in projected), None)
    if home is None or not present(home.geometry).any():
        return projected, findings
    for name in sorted(projected):
        gap_m = _gap_m(projected[name].total_bounds, home.total_bounds)
        if gap_m > _FAR_M:
            where = "nowhere in the CRS" if np.isinf(gap_m) else f"{gap_m / 1000:.0f} km away"
            message = f"lies {where} from the zone: its coordinate reference system is wrong"
            hint = f"state the CRS its coordinates are in: layers.{name}.crs: EPSG:…"
            findings.append(finding("crs-far", Severity.ERROR, name, message, hint=hint))
            del projected[name]
    return projected, findings


def _projected(frame: gpd.GeoDataFrame, crs: CRS) -> gpd.GeoDataFrame:
    transformer = _transformer(frame.crs.to_wkt(), crs.to_wkt())

    def to_crs(xy: np.ndarray) -> np.ndarray:
        return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))

    shapes = shapely.transform(frame.geometry.to_numpy(), to_crs)
    geometry = gpd.GeoSeries(shapes, index=frame.index, crs=crs)
    return frame.set_geometry(geometry, crs=crs)


@lru_cache(maxsize=16)
def _transformer(source_wkt: str, target_wkt: str) -> Transformer:
    """Making one takes far longer than using it."""
    return Transformer.from_crs(source_wkt, target_wkt, always_xy=True)


def _points(
    table: pd.DataFrame, name: str, source: LayerSource
) -> tuple[np.ndarray | None, list[Finding]]:
    """Points of a CSV's coordinate columns, None where both are empty."""
    columns = _names(source, table, "lon", "lat") or _names(source, table, "x", "y")
    if columns is None:
        has = ", ".join(str(column) for column in table.columns) or "none"
        message = f"has no coordinates: its columns are {has}"
        hint = f"map them, for example layers.{name}.columns: {{lon: …, lat: …}}"
        return None, [finding("missing-coordinates", Severity.ERROR, name, message, hint=hint)]
    xy = np.column_stack([pd.to_numeric(table[column], errors="coerce") for column in columns])
    empty = table[list(columns)].isna().all(axis=1).to_numpy()
    wrong = np.flatnonzero(~np.isfinite(xy).all(axis=1) & ~empty)
    if len(wrong):
        rows = [f"line {row + 2}" for row in wrong.tolist()]
        message = f"coordinates that are not numbers ({' and '.join(columns)}): {{ids}}"
        hint = "write plain decimal numbers"
        return None, [finding("coordinates", Severity.ERROR, name, message, hint=hint, ids=rows)]
    points = np.full(len(table), None, dtype=object)
    points[~empty] = shapely.points(xy[~empty])
    return points, []


def _names(source: LayerSource, table: pd.DataFrame, *wanted: str) -> tuple[str, ...] | None:
    columns = tuple(source.columns.get(name, name) for name in wanted)
    return columns if all(column in table.columns for column in columns) else None


def _crs(name: str, source: LayerSource, stated: CRS | None) -> tuple[CRS | None, list[Finding]]:
    hint = f"state it, for example layers.{name}.crs: EPSG:4490"
    if source.crs is None:
        if stated is not None:
            return stated, []
        message = "the file states no coordinate reference system"
        return None, [finding("crs", Severity.ERROR, name, message, hint=hint)]
    crs = CRS.from_user_input(source.crs)
    # A GeoJSON without a CRS reads as WGS 84, so that is no statement to contradict.
    if stated is not None and stated != crs and stated != CRS(_GEOGRAPHIC):
        message = (
            f"the file says {stated.to_string()}, the scenario {source.crs}: the latter counts"
        )
        hint = f"leave out layers.{name}.crs unless the file is wrong"
        return crs, [finding("crs-contradiction", Severity.WARNING, name, message, hint=hint)]
    return crs, []


def _implausible(geometry: gpd.GeoSeries, name: str, crs: CRS) -> Finding | None:
    bounds = geometry.total_bounds
    if not np.isfinite(bounds).all():
        return None
    low_x, low_y, high_x, high_y = bounds
    width, height = max(abs(low_x), abs(high_x)), max(abs(low_y), abs(high_y))
    ranges = f"x {low_x:.10g} to {high_x:.10g}, y {low_y:.10g} to {high_y:.10g}"
    if crs.is_geographic and (width > 180 or height > 90):
        swapped = width <= 90 and height <= 180
        hint = (
            "longitude and latitude seem to be swapped"
            if swapped
            else f"state the projected CRS they are in: layers.{name}.crs: EPSG:…"
        )
        message = f"coordinates are not degrees ({ranges}), but the CRS is {crs.to_string()}"
    elif not crs.is_geographic and width <= 360 and height <= 360:
        hint = f"state the geographic CRS they are in: layers.{name}.crs: EPSG:4326"
        message = f"coordinates look like degrees ({ranges}), but the CRS is {crs.to_string()}"
    else:
        return None
    return finding("crs-implausible", Severity.ERROR, name, message, hint=hint)


def _wrong_datum(name: str, source: LayerSource, crs: CRS) -> Finding | None:
    if source.datum == "wgs84" or crs.is_geographic:
        return None
    message = f"datum {source.datum} needs longitude and latitude, but the CRS is {crs.to_string()}"
    hint = f"give the layer in degrees, or leave out layers.{name}.datum"
    return finding("datum", Severity.ERROR, name, message, hint=hint)


def _gap_m(bounds: np.ndarray, home: np.ndarray) -> float:
    if np.isnan(bounds).any():
        return 0.0
    if np.isinf(bounds).any():
        return float("inf")
    dx = max(home[0] - bounds[2], bounds[0] - home[2], 0.0)
    dy = max(home[1] - bounds[3], bounds[1] - home[3], 0.0)
    return float(np.hypot(dx, dy))
