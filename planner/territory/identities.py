"""Checks of identities: ids that are missing, double, or point to nothing."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from planner.scenario.model import Scenario
from planner.scenario.services import national_school_types
from planner.territory.contract import CONTRACT
from planner.territory.findings import finding, named, row_names
from planner.territory.reading import Layers
from planner.territory.territory import Finding, Severity

_WORDS = {
    "seats": ("kind", ("office", "candidate")),
    "barriers": ("kind", ("river", "railway")),
    "streets": ("class", ("trunk", "arterial", "collector", "local")),
}


def check_missing_ids(_scenario: Scenario, layers: Layers) -> list[Finding]:
    """Every row of a layer whose id is required has one."""
    findings = []
    for name, frame in layers.frames.items():
        for column in CONTRACT[name].columns:
            key = column.name
            if column.required and column.kind in ("id", "text") and key in frame:
                missing = int(frame[key].isna().sum())
                if missing:
                    ids = _row_names(frame, frame[key].isna())
                    code = "missing-id" if key == "id" else "missing-value"
                    message = f"{missing} rows have no '{key}': {{ids}}"
                    hint = f"fill the column '{key}' in every row"
                    findings.append(_error(code, name, message, hint, ids))
    return findings


def check_duplicate_ids(_scenario: Scenario, layers: Layers) -> list[Finding]:
    """No two rows of a layer have the same id, and no site has a school's."""
    findings = []
    for name, frame in layers.frames.items():
        key = {"network_nodes": "node_id", "outcome": "compound"}.get(name, "id")
        if key in frame:
            counts = Counter(value for value in frame[key] if value is not None)
            ids = sorted(value for value, count in counts.items() if count > 1)
            if ids:
                message = f"{len(ids)} ids of the column '{key}' stand in several rows: {{ids}}"
                hint = "give each feature an id of its own, or delete the copies"
                findings.append(_error("duplicate-id", name, message, hint, ids))
    both = sorted(set(ids_of(layers, "schools")) & set(ids_of(layers, "sites")))
    if both:
        message = "these sites have the id of an existing school: {ids}"
        findings.append(_error("duplicate-id", "sites", message, "rename the sites", both))
    return findings


def check_references(scenario: Scenario, layers: Layers) -> list[Finding]:
    """Every reference names a row that exists."""
    findings = []
    references = [
        ("compounds", "community", "communities"),
        ("buildings", "compound", "compounds"),
        ("seats", "subdistrict", "subdistricts"),
        ("communities", "subdistrict", "subdistricts"),
        ("outcome", "compound", "compounds"),
        ("network_edges", "from_node", "network_nodes"),
        ("network_edges", "to_node", "network_nodes"),
        *(("compounds", f"{service}_school", "schools") for service in scenario.services),
    ]
    for name, column, target in references:
        frame = layers.frames.get(name)
        known = _targets(layers, target)
        if frame is None or column not in frame or known is None:
            continue
        there = frame[column].notna() & ~frame[column].isin(list(known))
        if name == "seats" and "kind" in frame:
            there &= frame["kind"] == "office"
        if there.any():
            wrong = sorted(set(frame.loc[there, column]))
            rows = _row_names(frame, there)
            message = (
                f"{int(there.sum())} rows name a '{column}' that is not in {target}"
                f" ({named(wrong)}): {{ids}}"
            )
            hint = f"correct the column '{column}', or add what is missing to {target}"
            if name in ("buildings", "outcome"):
                hint += f"; a layer of other compounds is left out by layers.{name}.file: none"
            findings.append(_error("unmatched-id", name, message, hint, rows))
    return findings


def check_outcome(_scenario: Scenario, layers: Layers) -> list[Finding]:
    """The historical arrangement covers every compound."""
    frame = layers.frames.get("outcome")
    if frame is None or "compound" not in frame:
        return []
    missing = sorted(set(ids_of(layers, "compounds")) - set(frame["compound"].dropna()))
    if not missing:
        return []
    message = "these compounds are not in the outcome: {ids}"
    hint = "add them, or leave the layer out by layers.outcome.file: none"
    return [_error("outcome-incomplete", "outcome", message, hint, missing)]


def check_schools_provide(scenario: Scenario, layers: Layers) -> list[Finding]:
    """Today's school of a compound has classes of the service."""
    frame, schools = layers.frames.get("compounds"), layers.frames.get("schools")
    if frame is None or schools is None or "id" not in schools:
        return []
    findings = []
    for service in scenario.services:
        column, classes = f"{service}_school", f"{service}_classes"
        if column not in frame or classes not in schools:
            continue
        without = schools.loc[~(schools[classes] > 0), "id"]
        there = frame[column].isin(list(without.dropna()))
        if there.any():
            where = named(sorted(set(frame.loc[there, column])))
            message = f"today's {service} school has no {service} classes ({where}): {{ids}}"
            hint = f"correct {column}, or fill {classes} of the schools"
            ids = _row_names(frame, there)
            findings.append(_error("school-without-service", "compounds", message, hint, ids))
    return findings


def check_words(scenario: Scenario, layers: Layers) -> list[Finding]:
    """Columns with fixed words hold only those."""
    findings = []
    known_streets = {*scenario.ways.trunk_classes, *scenario.ways.arterial_classes}
    for name, (column, words) in _WORDS.items():
        frame = layers.frames.get(name)
        if frame is None:
            continue
        if column not in frame:
            if name == "streets":
                message = "has no column 'class': all streets count as local"
                hint = "without classes no trunk road is crossed and no arterial is followed"
                findings.append(finding("street-class", Severity.WARNING, name, message, hint=hint))
            continue
        allowed = {*words, *(known_streets if name == "streets" else ())}
        odd = frame[column].notna() & ~frame[column].isin(sorted(allowed))
        if odd.any():
            what = named(sorted(set(frame.loc[odd, column])))
            message = f"unknown '{column}' ({what}) at {{ids}}"
            severity = Severity.WARNING if name == "streets" else Severity.ERROR
            hint = f"use {', '.join(sorted(allowed))}"
            ids = _row_names(frame, odd)
            findings.append(finding("unknown-word", severity, name, message, hint=hint, ids=ids))
    return findings


def check_types(scenario: Scenario, layers: Layers) -> list[Finding]:
    """The school types a site allows are known: the scenario's, or national ones it leaves out."""
    frame = layers.frames.get("sites")
    if frame is None or "types" not in frame:
        return []
    known = {*scenario.school_types, *national_school_types()}
    odd = frame["types"].map(lambda value: bool(_types(value) - known))
    if not odd.any():
        return []
    unknown = sorted(set().union(*frame.loc[odd, "types"].map(_types)) - known)
    message = f"allowed school types that the scenario does not have ({named(unknown)}): {{ids}}"
    hint = f"use {', '.join(sorted(scenario.school_types))}"
    return [_error("unknown-type", "sites", message, hint, _row_names(frame, odd))]


def ids_of(layers: Layers, name: str) -> list[str]:
    """The ids of a layer that has some, in order."""
    frame = layers.frames.get(name)
    if frame is None or "id" not in frame:
        return []
    return [key for key in frame["id"].tolist() if key is not None]


def _types(value: object) -> set[str]:
    if not isinstance(value, str):
        return set()
    return {word.strip() for word in value.split(",") if word.strip()}


def _targets(layers: Layers, name: str) -> set[str] | None:
    frame = layers.frames.get(name)
    if frame is None and name == "subdistricts":
        communities = layers.frames.get("communities")
        if communities is not None and "subdistrict" in communities:
            return set(communities["subdistrict"].dropna())
    key = "node_id" if name == "network_nodes" else "id"
    return None if frame is None or key not in frame else set(frame[key].dropna())


def _row_names(frame: pd.DataFrame, rows: pd.Series) -> list[str]:
    """Names of the marked rows: by id, or by compound in the outcome."""
    return row_names(frame, rows, key="id" if "id" in frame else "compound")


def _error(code: str, layer: str, message: str, hint: str, ids: list[str]) -> Finding:
    return finding(code, Severity.ERROR, layer, message, hint=hint, ids=ids)
