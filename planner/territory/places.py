"""Checks of places: what lies outside, in the wrong community, at one spot, or shifted."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.scenario.model import Scenario
from planner.territory.findings import finding
from planner.territory.points import containing, coordinates, own_points, spots
from planner.territory.reading import Layers
from planner.territory.shapes import sound
from planner.territory.shift import Shift, common_shift, shift_that_repairs
from planner.territory.territory import Finding, Severity

_NEARLY_INSIDE_M = 100.0
"""So far off, a drawn line is as likely to be wrong as the place is."""


def check_outside(scenario: Scenario, layers: Layers) -> list[Finding]:
    """Compounds and seats lie in a community; a few metres off, they count to the nearest one."""
    communities = sound(layers, "communities")
    findings: list[Finding] = []
    if communities is None:
        return findings
    polygons = communities.set_index("id").geometry
    for name in ("compounds", "seats"):
        frame = sound(layers, name)
        if frame is None:
            continue
        points = own_points(frame.set_index("id").geometry)
        away = _outside_m(points, polygons)
        far = away[away > _NEARLY_INSIDE_M]
        if len(far) and scenario.outside == "error":
            hint = _outside_hint(name, points, polygons)
            findings.append(_outside(name, far, severity=Severity.ERROR, hint=hint))
            away = away.drop(far.index)
        if len(away):
            hint = "move them, or extend a community"
            findings.append(_outside(name, away, severity=Severity.WARNING, hint=hint))
    return findings


def check_location_of_community(_scenario: Scenario, layers: Layers) -> list[Finding]:
    """A compound's community column agrees with where it lies."""
    compounds, communities = sound(layers, "compounds"), sound(layers, "communities")
    if compounds is None or communities is None or "community" not in compounds:
        return []
    polygons = communities.set_index("id").geometry
    frame = compounds.set_index("id")
    frame = frame[frame["community"].isin(polygons.index)]
    points = own_points(frame.geometry)
    own = polygons.loc[frame["community"]].to_numpy()
    held = shapely.intersects(own, points.to_numpy())
    findings = []
    if not held.all():
        ids = frame.index[~held].tolist()
        message = f"column 'community' contradicts the location of {len(ids)}; it counts: {{ids}}"
        hint = "correct the column, or empty it to go by location"
        findings.append(_warning("community-location", "compounds", message, hint, ids))
    xy = coordinates(points)

    def right(offset: np.ndarray) -> float:
        return float(shapely.intersects(own, shapely.points(xy + offset)).mean())

    shift = shift_that_repairs(right, len(points))
    if shift:
        findings.append(_shifted("compounds", "communities", shift))
    return findings


def check_building_shift(_scenario: Scenario, layers: Layers) -> list[Finding]:
    """Buildings lie where their compounds are."""
    compounds, buildings = sound(layers, "compounds"), sound(layers, "buildings")
    if compounds is None or buildings is None or "compound" not in buildings:
        return []
    homes = own_points(compounds.set_index("id").geometry)
    kept = buildings[buildings["compound"].isin(homes.index)]
    if kept.empty:
        return []
    xy = coordinates(own_points(kept.geometry)) - coordinates(homes.loc[kept["compound"]])
    owners = kept["compound"].to_numpy()
    middles = np.array([np.median(xy[owners == key], axis=0) for key in np.unique(owners)])
    shift = common_shift(middles)
    return [_shifted("buildings", "compounds", shift)] if shift else []


def check_twins(_scenario: Scenario, layers: Layers) -> list[Finding]:
    """Compounds at one spot are told: they share a cell."""
    frame = sound(layers, "compounds")
    if frame is None:
        return []
    points = own_points(frame.set_index("id").geometry)
    groups = [group for group in spots(points) if len(group) > 1]
    if not groups:
        return []
    message = f"{len(groups)} spots hold several compounds, which share a cell: {{ids}}"
    hint = "if they are one compound entered twice, delete one"
    ids, shown = (
        sorted(key for group in groups for key in group),
        [" = ".join(group) for group in groups],
    )
    return [
        finding("twins", Severity.WARNING, "compounds", message, hint=hint, ids=ids, shown=shown)
    ]


def check_overlapping_compounds(_scenario: Scenario, layers: Layers) -> list[Finding]:
    """Compounds drawn as polygons do not cover each other."""
    frame = sound(layers, "compounds")
    if frame is None:
        return []
    shapes, ids = frame.geometry.to_numpy(), frame["id"].to_numpy()
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    a, b = a[a < b], b[a < b]
    shared = shapely.area(shapely.intersection(shapes[a], shapes[b]))
    least = np.minimum(shapely.area(shapes[a]), shapely.area(shapes[b]))
    big = np.flatnonzero((shared > 0.05 * least) & (least > 0))
    pairs = sorted(f"{ids[a[k]]} and {ids[b[k]]}" for k in big)
    if not pairs:
        return []
    message = f"{len(pairs)} pairs cover each other by more than 5 %: {{ids}}"
    hint = "redraw one of them; cells and borders are rough there"
    both = sorted({*ids[a[big]], *ids[b[big]]})
    return [
        finding(
            "compound-overlap", Severity.WARNING, "compounds", message,
            hint=hint, ids=both, shown=pairs,
        )
    ]  # fmt: skip


def check_empty_communities(_scenario: Scenario, layers: Layers) -> list[Finding]:
    """Every community holds a compound."""
    compounds, communities = sound(layers, "compounds"), sound(layers, "communities")
    if compounds is None or communities is None:
        return []
    polygons = communities.set_index("id").geometry
    where = containing(own_points(compounds.geometry).to_list(), polygons)
    column = compounds["community"].tolist() if "community" in compounds else [None] * len(where)
    used = {own or held for own, held in zip(column, where, strict=True)}
    ids = [key for key in polygons.index if key not in used]
    if not ids:
        return []
    message = f"{len(ids)} communities hold no compound: {{ids}}"
    hint = "they carry no people: check the compounds' communities"
    return [_warning("empty-community", "communities", message, hint, ids)]


def _outside_m(points: gpd.GeoSeries, polygons: gpd.GeoSeries) -> pd.Series:
    """Distance to the nearest polygon of the points that none holds, by id."""
    where = containing(points.to_list(), polygons)
    lost = points[[held is None for held in where]]
    shapes = polygons.to_numpy()
    metres = [float(np.nanmin(shapely.distance(point, shapes))) for point in lost]
    return pd.Series(metres, index=lost.index, dtype=float)


def _outside(name: str, away: pd.Series, *, severity: Severity, hint: str) -> Finding:
    shown = [f"{key} ({metres:.0f} m)" for key, metres in away.items()]
    counted = "" if severity is Severity.ERROR else "; counted to the nearest one"
    message = f"{len(away)} lie outside every community{counted}: {{ids}}"
    ids = away.index.tolist()
    return finding("outside", severity, name, message, hint=hint, ids=ids, shown=shown)


def _outside_hint(name: str, points: gpd.GeoSeries, polygons: gpd.GeoSeries) -> str:
    hint = "delete their rows, move them, extend a community, or set outside: nearest"
    if name == "compounds" and (shift := _shift_into(points, polygons)):
        return f"{_shift_hint(name, shift)}; else {hint}"
    return hint


def _shift_into(points: gpd.GeoSeries, polygons: gpd.GeoSeries) -> Shift | None:
    area = shapely.union_all(polygons.to_numpy())
    shapely.prepare(area)
    xy = coordinates(points)
    return shift_that_repairs(
        lambda offset: float(shapely.intersects(area, shapely.points(xy + offset)).mean()), len(xy)
    )


def _shifted(layer: str, other: str, shift: Shift) -> Finding:
    message = f"seems to be shifted against {other}: moved by {shift}, {shift.share:.0%} would fit"
    return _warning("shift", layer, message, _shift_hint(layer, shift), [])


def _shift_hint(layer: str, shift: Shift) -> str:
    return (
        f"moving the layer by about {shift} puts {shift.share:.0%} right: if its coordinates come"
        f" from a web map, set layers.{layer}.datum to gcj02 or bd09 (or the other layer's)"
    )


def _warning(code: str, layer: str, message: str, hint: str, ids: list[str]) -> Finding:
    return finding(code, Severity.WARNING, layer, message, hint=hint, ids=ids)
