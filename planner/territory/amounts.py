"""Checks of amounts: numbers that are missing, negative, or contradict each other."""

from __future__ import annotations

import difflib

import pandas as pd

from planner.scenario.model import Scenario
from planner.territory.contract import CONTRACT, column_of
from planner.territory.demand import year_columns
from planner.territory.findings import finding, row_names
from planner.territory.reading import Layers
from planner.territory.territory import Finding, Severity


def check_numbers(scenario: Scenario, layers: Layers) -> list[Finding]:
    """Numbers are not negative, people and the like are whole, needed ones are there."""
    findings = []
    for name, frame in layers.frames.items():
        for key in frame.columns:
            column = column_of(CONTRACT[name], str(key), services=scenario.services)
            if column is None or column.kind != "number":
                continue
            values = frame[key]
            needed = column.required or column.name in ("<service>", "<service>_<year>")
            for code, wrong, what in (
                ("negative-number", values < 0, "is negative"),
                ("missing-number", values.isna() & needed, "is empty"),
                ("not-whole", column.whole & (values % 1 > 0), "is not a whole number"),
            ):
                if wrong.any():
                    message = f"'{key}' {what} in {int(wrong.sum())} rows: {{ids}}"
                    hint = f"fill in the true '{key}' (0 where there is none)"
                    findings.append(_error(code, name, message, hint, row_names(frame, wrong)))
    return findings


def check_people(_scenario: Scenario, layers: Layers) -> list[Finding]:
    """Where there are households there are people, and the other way round."""
    frame = _with(layers, "compounds", "population", "households")
    if frame is None:
        return []
    findings = []
    hint = "correct the column that is wrong; both count as they stand"
    for one, other in (("households", "population"), ("population", "households")):
        odd = (frame[one] > 0) & (frame[other] == 0)
        if odd.any():
            message = f"{one} but no {other} at {{ids}}"
            ids = row_names(frame, odd)
            findings.append(
                finding("people", Severity.WARNING, "compounds", message, hint=hint, ids=ids)
            )
    return findings


def check_buildings(_scenario: Scenario, layers: Layers) -> list[Finding]:
    """The buildings' households add up to the compound's."""
    compounds = _with(layers, "compounds", "households")
    buildings = _with(layers, "buildings", "compound", "households")
    if compounds is None or buildings is None:
        return []
    total = buildings.groupby("compound")["households"].sum()
    given = compounds.dropna(subset="id").drop_duplicates("id").set_index("id")["households"]
    both = given.index.intersection(total.index)
    off = (total[both] - given[both]).round().astype("Int64")
    off = off[off != 0].dropna().sort_index()
    if off.empty:
        return []
    shown = [f"{key} ({value:+d})" for key, value in off.items()]
    message = f"households of buildings do not add up to the compound's at {len(off)}: {{ids}}"
    hint = "grids count the buildings' households, all else the compounds'"
    return [
        finding(
            "building-sum", Severity.WARNING, "buildings", message,
            hint=hint, ids=off.index.tolist(), shown=shown,
        )
    ]  # fmt: skip


def check_demand(scenario: Scenario, layers: Layers) -> list[Finding]:
    """There are pupils of every service in the design year."""
    frame = layers.frames.get("compounds")
    if frame is None:
        return []
    findings = []
    for service, entry in scenario.services.items():
        years = year_columns(frame, service)
        if years and scenario.design_year not in years:
            has = ", ".join(years.values())
            wanted = f"{service}_{scenario.design_year}"
            message = f"has no pupils for the design year: no column '{wanted}' (but {has})"
            hint = f"add the column, or set design_year to one of {', '.join(map(str, years))}"
            findings.append(_error("demand-year", "compounds", message, hint, []))
        elif not years and service not in frame and entry.pupils_per_1000 is None:
            near = difflib.get_close_matches(service, [str(name) for name in frame.columns], n=1)
            message = f"has no pupils of {service}: no column '{service}_{scenario.design_year}'"
            message += f" (nearest is '{near[0]}')" if near else ""
            hint = f"add or map the column, or set services.{service}.pupils_per_1000"
            findings.append(_error("demand-missing", "compounds", message, hint, []))
    return findings


def check_classes(scenario: Scenario, layers: Layers) -> list[Finding]:
    """Schools have classes, and enrolment within their places."""
    frame = layers.frames.get("schools")
    if frame is None:
        return []
    columns = {service: f"{service}_classes" for service in scenario.services}
    there = {service: column for service, column in columns.items() if column in frame}
    if not there:
        message = f"has none of the columns {', '.join(columns.values())}"
        hint = (
            f"map them, for example layers.schools.columns: {{{next(iter(columns.values()))}: …}}"
        )
        return [_error("missing-column", "schools", message, hint, [])]
    findings = []
    idle = ~(frame[list(there.values())].fillna(0) > 0).any(axis=1)
    if idle.any():
        message = "no class in any service at {ids}"
        hint = "fill in the classes; such a school takes no pupils unless it is expanded"
        ids = row_names(frame, idle)
        findings.append(
            finding("no-classes", Severity.WARNING, "schools", message, hint=hint, ids=ids)
        )
    for service, column in there.items():
        if f"{service}_pupils" not in frame:
            continue
        places = frame[column].fillna(0) * scenario.services[service].class_size
        over = frame[f"{service}_pupils"].fillna(0) - places
        if (over > 0).any():
            ids = row_names(frame, over > 0)
            shown = [f"{key} (+{more:.0f})" for more, key in zip(over[over > 0], ids, strict=True)]
            message = f"more {service} pupils than places today at {{ids}}"
            findings.append(
                finding("crowded", Severity.NOTE, "schools", message, ids=ids, shown=shown)
            )
    return findings


def check_land_and_money(scenario: Scenario, layers: Layers) -> list[Finding]:
    """Sites and expandable schools have a parcel and costs."""
    findings = []
    limited = scenario.programme.cost_yuan.max is not None
    for name in ("schools", "sites"):
        frame = layers.frames.get(name)
        if frame is None:
            continue
        none = pd.Series(False, index=frame.index)
        ours = frame.get("expandable", none).astype(bool) if name == "schools" else ~none
        empty = pd.Series(float("nan"), index=frame.index)
        bare = ours & ~(frame.get("land_m2", empty) > 0)
        if name == "sites" and "geometry" in frame:
            drawn = frame.geometry.geom_type.isin(["Polygon", "MultiPolygon"])
            bare &= ~(drawn & frame.get("land_m2", empty).isna())
        if bare.any():
            message = "no parcel: 'land_m2' is empty or 0 at {ids}"
            hint = "fill in land_m2" + (", or draw the parcel" if name == "sites" else "")
            findings.append(_error("no-land", name, message, hint, row_names(frame, bare)))
        free = ours & frame.get("cost_yuan", empty).isna()
        free &= frame.get("cost_per_place_yuan", empty).isna()
        if free.any():
            severity = Severity.ERROR if limited else Severity.WARNING
            message = "no cost: 'cost_yuan' and 'cost_per_place_yuan' are empty at {ids}"
            hint = "fill in what is known (0 if it is free); without a money limit it counts as 0"
            ids = row_names(frame, free)
            findings.append(finding("no-cost", severity, name, message, hint=hint, ids=ids))
    return findings


def _with(layers: Layers, name: str, *columns: str) -> pd.DataFrame | None:
    frame = layers.frames.get(name)
    needed = ("id", *columns)
    return frame if frame is not None and all(key in frame for key in needed) else None


def _error(code: str, layer: str, message: str, hint: str, ids: list[str]) -> Finding:
    return finding(code, Severity.ERROR, layer, message, hint=hint, ids=ids)
