"""Buildings: those of the layer, or counted, or estimated from the households."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from planner.territory.findings import finding
from planner.territory.territory import Finding, Severity

_HOUSEHOLDS_PER_BUILDING = 100


def buildings_of(
    compounds: pd.DataFrame, layer: pd.DataFrame | None
) -> tuple[pd.DataFrame, list[Finding]]:
    """Frame by building id: compound, households, source ('layer', 'counted', 'estimated').

    With the geometry of a layer that has one; None where a building is in no layer. A compound
    without buildings in the layer gets as many equal ones as its column `buildings` says, else one
    per 100 households; ids are `<compound>-b01`, ...
    """
    frames = []
    listed: set[str] = set()
    if layer is not None:
        frame = pd.DataFrame(layer.set_index("id")[["compound", "households"]])
        frames.append(frame.assign(source="layer"))
        listed = set(frame["compound"])
    rows: list[tuple[str, str, int, str]] = []
    missing = [key for key in sorted(compounds.index) if key not in listed]
    for key in missing:
        rows += _equal(key, compounds.loc[key])
    if rows:
        made = pd.DataFrame(rows, columns=["id", "compound", "households", "source"])
        frames.append(made.set_index("id"))
    table = pd.concat(frames) if frames else pd.DataFrame()
    table = table.astype({"households": int}).sort_index()
    if isinstance(layer, gpd.GeoDataFrame):
        shapes = layer.set_index("id").geometry.reindex(table.index)
        table = gpd.GeoDataFrame(table, geometry=shapes, crs=layer.crs)
    return table, _notes(rows, layer is not None)


def _equal(key: str, compound: pd.Series) -> list[tuple[str, str, int, str]]:
    households = int(compound["households"])
    counted = compound["buildings"] > 0
    estimate = max(1, round(households / _HOUSEHOLDS_PER_BUILDING))
    count = int(compound["buildings"]) if counted else estimate
    base, rest = divmod(households, count)
    source = "counted" if counted else "estimated"
    digits = max(2, len(str(count)))
    return [(f"{key}-b{k + 1:0{digits}}", key, base + (k < rest), source) for k in range(count)]


def _notes(rows: list[tuple[str, str, int, str]], has_layer: bool) -> list[Finding]:
    notes: list[Finding] = []
    for source, how in (
        ("counted", "equal buildings, as many as the column 'buildings' counts"),
        ("estimated", f"one building per {_HOUSEHOLDS_PER_BUILDING} households"),
    ):
        ids = sorted({row[1] for row in rows if row[3] == source})
        if ids:
            severity = Severity.WARNING if has_layer else Severity.NOTE
            message = f"no buildings in a layer; taken as {how}: {{ids}}"
            hint = "give a layer 'buildings' for grids of real buildings"
            notes.append(
                finding(f"buildings-{source}", severity, "compounds", message, hint=hint, ids=ids)
            )
    return notes
