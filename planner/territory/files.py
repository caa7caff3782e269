"""Files of layers: finding them, and reading them as they are."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from planner.scenario.model import LayerSource, Scenario
from planner.territory.findings import finding
from planner.territory.territory import Finding, Severity

SUFFIXES = (".geojson", ".gpkg", ".shp", ".csv")
NO_FILE = "none"
"""`layers.<name>.file: none` leaves a layer out, whatever the data folder holds."""
_SHAPEFILE_PARTS = (".shx", ".dbf", ".prj", ".cpg", ".qix", ".sbn", ".sbx")


@dataclass(frozen=True)
class Raw:
    """A layer as its file has it; a CSV is a plain table of texts."""

    table: pd.DataFrame | gpd.GeoDataFrame
    paths: tuple[Path, ...]
    """The file first, then what belongs to it."""


def find_file(scenario: Scenario, name: str) -> tuple[Path | None, list[Finding]]:
    """The file of a layer: the scenario's, else the one in the data folder called after it."""
    folder = Path(scenario.data)
    source = scenario.layers.get(name, LayerSource())
    if source.file is not None:
        path = folder / source.file
        if path.name == NO_FILE:
            return None, []
        if path.is_file():
            return path, []
        hint = f"state an existing file in layers.{name}.file, or '{NO_FILE}' to leave it out"
        return None, [_error(name, "missing-file", f"there is no file {path}", hint)]
    found = [path for suffix in SUFFIXES if (path := folder / f"{name}{suffix}").is_file()]
    if len(found) > 1:
        both = " and ".join(path.name for path in found)
        hint = f"state the one that counts in layers.{name}.file"
        return None, [_error(name, "ambiguous-file", f"both {both} are in {folder}", hint)]
    return (found[0] if found else None), []


def read_file(path: Path, name: str, source: LayerSource) -> tuple[Raw | None, list[Finding]]:
    """Read a layer's file; what cannot be read is an error."""
    try:
        if path.suffix.lower() in (".csv", ".txt"):
            return _read_csv(path, name)
        layer, problems = _layer_inside(path, name, source)
        if problems:
            return None, problems
        with warnings.catch_warnings():
            # Oddities of a file show up in our own checks, by id.
            warnings.simplefilter("ignore")
            table = gpd.read_file(path, layer=layer, engine="pyogrio", on_invalid="ignore")
    except (OSError, ValueError, RuntimeError, pyogrio.errors.DataSourceError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        hint = "open it in a GIS and save it again, as GeoJSON or GeoPackage"
        return None, [
            _error(name, "unreadable-file", f"{path.name} cannot be read: {reason}", hint)
        ]
    beside = [path.with_suffix(part) for part in _SHAPEFILE_PARTS if path.suffix.lower() == ".shp"]
    return Raw(table, (path, *(part for part in beside if part.is_file()))), []


def _read_csv(path: Path, name: str) -> tuple[Raw, list[Finding]]:
    findings: list[Finding] = []
    try:
        table = pd.read_csv(path, dtype=str, encoding="utf-8-sig", skip_blank_lines=True)
    except UnicodeDecodeError:
        table = pd.read_csv(path, dtype=str, encoding="gb18030", skip_blank_lines=True)
        message = f"{path.name} is not UTF-8: it is read as GB 18030"
        hint = "save it as UTF-8 if names look wrong"
        findings.append(finding("encoding", Severity.NOTE, name, message, hint=hint))
    except pd.errors.EmptyDataError:
        table = pd.DataFrame()
    table.columns = [str(column).strip() for column in table.columns]
    return Raw(table, (path,)), findings


def _layer_inside(path: Path, name: str, source: LayerSource) -> tuple[str | None, list[Finding]]:
    inside = [str(row[0]) for row in pyogrio.list_layers(path)]
    wanted = source.layer or (name if name in inside else None)
    if wanted is None and len(inside) == 1:
        return inside[0], []
    if wanted in inside:
        return wanted, []
    what = f"no layer '{wanted}'" if wanted else "several layers"
    message = f"{path.name} has {what}; it holds {', '.join(sorted(inside)) or 'none'}"
    hint = f"state one of them in layers.{name}.layer"
    return None, [_error(name, "missing-sublayer", message, hint)]


def _error(layer: str, code: str, message: str, hint: str) -> Finding:
    return finding(code, Severity.ERROR, layer, message, hint=hint)
