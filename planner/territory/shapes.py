"""Checks of shapes: geometry that is missing, broken, of the wrong type, overlapping or gaping."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.scenario.model import Scenario
from planner.territory.contract import CONTRACT
from planner.territory.findings import finding, row_names
from planner.territory.points import present
from planner.territory.reading import Layers
from planner.territory.territory import Finding, Severity

SLIVER_M2 = 100.0
"""Overlaps and gaps up to this area are slivers of digitising, not reported."""
_TYPES = {
    "Point": ("Point", "MultiPoint"),
    "Polygon": ("Polygon", "MultiPolygon"),
    "LineString": ("LineString", "MultiLineString", "LinearRing"),
}


def check_missing_geometry(_scenario: Scenario, layers: Layers) -> list[Finding]:
    """Every row of a layer with geometry has some."""
    findings = []
    for name, frame in _with_geometry(layers):
        missing = ~present(frame.geometry)
        if missing.any() and not CONTRACT[name].shapeless:
            message = f"{int(missing.sum())} rows have no geometry: {{ids}}"
            hint = "draw them, or delete the rows"
            findings.append(
                _error("missing-geometry", name, message, hint, frame=frame, rows=missing)
            )
    return findings


def check_geometry_type(_scenario: Scenario, layers: Layers) -> list[Finding]:
    """Shapes are of the layer's types; several points in one are no place."""
    findings = []
    for name, frame in _with_geometry(layers):
        allowed = [kind for shape in CONTRACT[name].shapes for kind in _TYPES[shape]]
        several = shapely.get_num_geometries(frame.geometry.to_numpy()) > 1
        scattered = (frame.geometry.geom_type == "MultiPoint") & several
        odd = ~frame.geometry.geom_type.isin(allowed) | scattered
        wrong = odd.to_numpy() & present(frame.geometry)
        if wrong.any():
            kinds = ", ".join(sorted(set(frame.geometry.geom_type[wrong])))
            wanted = " or ".join(CONTRACT[name].shapes)
            message = f"{int(wrong.sum())} rows are {kinds}, not {wanted}: {{ids}}"
            hint = f"draw them as {wanted}"
            findings.append(_error("geometry-type", name, message, hint, frame=frame, rows=wrong))
    return findings


def check_validity(_scenario: Scenario, layers: Layers) -> list[Finding]:
    """No polygon crosses itself, no line is a single spot."""
    findings = []
    for name, frame in _with_geometry(layers):
        wrong = present(frame.geometry) & ~frame.geometry.is_valid.to_numpy()
        if wrong.any():
            reason = str(shapely.is_valid_reason(frame.geometry[wrong].iloc[0])).split("[")[0]
            message = f"{int(wrong.sum())} rows have invalid geometry ({reason.strip()}): {{ids}}"
            hint = "repair them in a GIS (QGIS: Fix geometries) and look at the result"
            findings.append(
                _error("invalid-geometry", name, message, hint, frame=frame, rows=wrong)
            )
    return findings


def check_overlaps(_scenario: Scenario, layers: Layers) -> list[Finding]:
    """Communities do not overlap, nor do subdistricts."""
    findings = []
    for name in ("communities", "subdistricts"):
        frame = sound(layers, name)
        if frame is None:
            continue
        shapes = frame.geometry.to_numpy()
        a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
        once = a < b
        a, b = a[once], b[once]
        area_m2 = shapely.area(shapely.intersection(shapes[a], shapes[b]))
        ids = frame["id"].to_numpy()
        big = np.flatnonzero(area_m2 > SLIVER_M2)
        pairs = sorted(f"{ids[a[k]]} and {ids[b[k]]} ({area_m2[k]:.0f} m²)" for k in big)
        if pairs:
            message = f"{len(pairs)} pairs overlap: {{ids}}"
            hint = "each place belongs to one: cut the overlap from one of them"
            both = sorted({*ids[a[big]], *ids[b[big]]})
            findings.append(
                finding("overlap", Severity.ERROR, name, message, hint=hint, ids=both, shown=pairs)
            )
    return findings


def check_gaps(_scenario: Scenario, layers: Layers) -> list[Finding]:
    """The communities leave no holes between them and hang together."""
    frame = sound(layers, "communities")
    if frame is None:
        return []
    parts = shapely.get_parts(shapely.union_all(frame.geometry.to_numpy()))
    findings = []
    rings = [ring for part in parts for ring in part.interiors]
    holes = [area for ring in rings if (area := shapely.Polygon(ring).area) > SLIVER_M2]
    if holes:
        message = f"{len(holes)} gaps between communities, {sum(holes):.0f} m² together"
        hint = "give the land to a community; places in a gap count as outside"
        findings.append(finding("gap", Severity.WARNING, "communities", message, hint=hint))
    if len(parts) > 1:
        message = f"the communities form {len(parts)} separate areas"
        hint = "close narrow gaps between neighbours; parts apart can share no subdistrict"
        findings.append(finding("apart", Severity.WARNING, "communities", message, hint=hint))
    return findings


def sound(layers: Layers, name: str) -> gpd.GeoDataFrame | None:
    """The rows of a layer that have an id and valid geometry, or None without any."""
    frame = layers.frames.get(name)
    if not isinstance(frame, gpd.GeoDataFrame) or "id" not in frame:
        return None
    allowed = [kind for shape in CONTRACT[name].shapes for kind in _TYPES[shape]]
    fine = frame.geometry.is_valid & present(frame.geometry)
    fine &= frame.geometry.geom_type.isin(allowed) & frame["id"].notna()
    kept = frame.loc[fine & ~frame["id"].duplicated()]
    return kept if len(kept) else None


def _with_geometry(layers: Layers) -> list[tuple[str, gpd.GeoDataFrame]]:
    return [
        (name, frame)
        for name, frame in layers.frames.items()
        if isinstance(frame, gpd.GeoDataFrame)
    ]


def _error(
    code: str, layer: str, message: str, hint: str, *, frame: pd.DataFrame, rows: np.ndarray
) -> Finding:
    key = "node_id" if layer == "network_nodes" else "id"
    ids = row_names(frame, rows, key=key)
    return finding(code, Severity.ERROR, layer, message, hint=hint, ids=ids)
