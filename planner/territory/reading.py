"""Reading: every layer brought to the contract, with findings about what cannot be."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from planner.scenario.model import LayerSource, Scenario
from planner.territory.contract import (
    CONTRACT,
    COORDINATES,
    LayerContract,
    column_of,
    plain_names,
)
from planner.territory.coordinates import choose_crs, locate, project
from planner.territory.files import Raw, find_file, read_file
from planner.territory.findings import finding
from planner.territory.territory import Finding, Severity
from planner.territory.values import values_of


@dataclass(frozen=True)
class Layers:
    """The layers of a scenario that exist, in the contract's columns."""

    crs: str
    """The projected CRS of every geometry, in metres."""
    frames: dict[str, gpd.GeoDataFrame | pd.DataFrame]
    """By layer: contract columns that the file has (ids and texts str or None), rows
    sorted; the index is the row in the file, counted from 0."""
    files: dict[str, tuple[Path, ...]]
    """The files each layer was read from, the main one first."""
    findings: tuple[Finding, ...]
    """What reading found; errors among them mean that a layer or column is left out."""


def gather_layers(scenario: Scenario) -> Layers:
    """Read all layers and bring them to the contract; never raises for what files hold."""
    findings: list[Finding] = []
    located: dict[str, gpd.GeoDataFrame] = {}
    frames: dict[str, gpd.GeoDataFrame | pd.DataFrame] = {}
    files: dict[str, tuple[Path, ...]] = {}
    for name, contract in CONTRACT.items():
        source = scenario.layers.get(name, LayerSource())
        raw, problems = _raw(scenario, contract, source)
        findings += problems
        if raw is None:
            continue
        files[name] = raw.paths
        if _has_places(raw, contract, source):
            placed, problems = locate(raw, name, source)
            findings += problems
            if placed is not None:
                located[name] = placed
        else:
            frames[name] = pd.DataFrame(raw.table)
    crs = choose_crs(scenario, located)
    if crs is not None:
        projected, problems = project(located, crs)
        findings += problems
        frames |= projected
    ordered: dict[str, gpd.GeoDataFrame | pd.DataFrame] = {}
    for name in (name for name in CONTRACT if name in frames):
        ordered[name], problems = _standard(frames[name], CONTRACT[name], scenario)
        findings += problems
    return Layers(crs.to_string() if crs else "", ordered, files, tuple(findings))


def _raw(
    scenario: Scenario, contract: LayerContract, source: LayerSource
) -> tuple[Raw | None, list[Finding]]:
    name = contract.name
    path, findings = find_file(scenario, name)
    if path is None:
        if contract.required and not findings:
            hint = f"put {name}.geojson there, or state layers.{name}.file"
            message = f"the layer is missing from {scenario.data}"
            findings = [_error(name, "missing-layer", message, hint)]
        return None, findings
    raw, problems = read_file(path, name, source)
    if raw is not None and raw.table.empty:
        severity = Severity.ERROR if contract.required else Severity.WARNING
        hint = "draw or export its features again" if contract.required else "it counts as absent"
        problems = [*problems, finding("empty-layer", severity, name, "has no rows", hint=hint)]
        return None, problems
    return raw, problems


def _has_places(raw: Raw, contract: LayerContract, source: LayerSource) -> bool:
    """Whether the layer is to have geometry: a table may do without where the contract allows."""
    if not contract.shapes:
        return False
    if not contract.shapeless:
        return True
    if isinstance(raw.table, gpd.GeoDataFrame):
        return True
    columns = {source.columns.get(name, name) for name in COORDINATES}
    return len(columns & set(raw.table.columns)) >= 2


def _standard(
    frame: gpd.GeoDataFrame | pd.DataFrame, contract: LayerContract, scenario: Scenario
) -> tuple[gpd.GeoDataFrame | pd.DataFrame, list[Finding]]:
    """The frame in the contract's columns, sorted by id, or by all it has where it has none."""
    services = tuple(scenario.services)
    mapping = scenario.layers.get(contract.name, LayerSource()).columns
    findings = _mapping_errors(contract, mapping, frame, services)
    names = [str(column) for column in frame.columns if str(column) != "geometry"]
    ours = {name: name for name in names if column_of(contract, name, services=services)}
    ours |= {our: their for our, their in mapping.items() if their in names}
    columns: dict[str, pd.Series] = {}
    for our in sorted(ours):
        column = column_of(contract, our, services=services)
        if column is None:
            continue
        values, wrong = values_of(column, frame[ours[our]])
        columns[our] = values
        if wrong:
            values_wrong = frame[ours[our]].iloc[wrong]
            rows = _row_names(frame, ours.get("id"), wrong)
            findings.append(_unreadable(contract.name, column.kind, values_wrong, rows))
    for column in contract.columns:
        if column.required and column.name not in columns:
            findings.append(_missing_column(contract, column.name, names))
    standard = pd.DataFrame(columns, index=frame.index)
    if isinstance(frame, gpd.GeoDataFrame):
        standard = gpd.GeoDataFrame(standard, geometry=frame.geometry, crs=frame.crs)
    return _sorted(standard), findings


def _sorted(frame: gpd.GeoDataFrame | pd.DataFrame) -> gpd.GeoDataFrame | pd.DataFrame:
    """Rows by id, then by all they hold, so that the file's order never matters."""
    frame = frame.reset_index(drop=True)
    columns = [frame[name].tolist() for name in frame.columns if name != "geometry"]
    if isinstance(frame, gpd.GeoDataFrame):
        columns.append(frame.geometry.to_wkb(hex=True).tolist())
    first = frame["id"].fillna("").tolist() if "id" in frame else [""] * len(frame)
    keys = list(zip(first, (repr(row) for row in zip(*columns, strict=True)), strict=True))
    order = sorted(range(len(frame)), key=lambda row: keys[row]) if columns else []
    return frame.iloc[order].rename_axis(index="row")


def _mapping_errors(
    contract: LayerContract,
    mapping: dict[str, str],
    frame: pd.DataFrame,
    services: tuple[str, ...],
) -> list[Finding]:
    findings = []
    for our, their in mapping.items():
        where = f"layers.{contract.name}.columns.{our}"
        if our not in COORDINATES and column_of(contract, our, services=services) is None:
            hint = _nearest(our, [*plain_names(contract, services=services), *COORDINATES])
            message = f"{where} maps a column the layer does not have in our contract"
            findings.append(_error(contract.name, "unknown-column", message, hint))
        elif their not in frame.columns:
            hint = _nearest(their, [str(column) for column in frame.columns])
            message = f"{where} names a column '{their}' that the file does not have"
            findings.append(_error(contract.name, "missing-column", message, hint))
    return findings


def _missing_column(contract: LayerContract, column: str, names: list[str]) -> Finding:
    near = _closest(column, names)
    their = near or "…"
    has = f"nearest is '{near}'" if near else f"it has {', '.join(names) or 'no columns'}"
    hint = f"map it: layers.{contract.name}.columns: {{{column}: {their}}}"
    return _error(contract.name, "missing-column", f"has no column '{column}' ({has})", hint)


def _unreadable(layer: str, kind: str, values: pd.Series, rows: list[str]) -> Finding:
    number = kind == "number"
    wanted = "numbers" if number else "true or false"
    column, example = values.name, values.iloc[0]
    message = f"column '{column}' holds values that are not {wanted} ('{example}'): {{ids}}"
    hint = f"write plain {wanted}" + (" without units or separators" if number else "")
    code = "not-a-number" if number else "not-a-flag"
    return finding(code, Severity.ERROR, layer, message, hint=hint, ids=rows)


def _row_names(frame: pd.DataFrame, key: str | None, rows: list[int]) -> list[str]:
    return [str(frame[key].iloc[row]) if key else f"row {row + 1}" for row in rows]


def _nearest(word: str, words: Iterable[str]) -> str:
    near = _closest(word, words)
    return f"nearest is '{near}'" if near else f"known are {', '.join(words)}"


def _closest(word: str, words: Iterable[str]) -> str | None:
    plain = {candidate.lower(): candidate for candidate in words}
    close = difflib.get_close_matches(word.lower(), list(plain), n=1, cutoff=0.5)
    if close:
        return plain[close[0]]
    inside = [candidate for key, candidate in plain.items() if word.lower() in key]
    return inside[0] if inside else None


def _error(layer: str, code: str, message: str, hint: str) -> Finding:
    return finding(code, Severity.ERROR, layer, message, hint=hint)
