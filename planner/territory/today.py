"""Today: the school each compound belongs to now, as the layer says or the nearest with room."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from planner.scenario.model import Scenario
from planner.territory.findings import finding
from planner.territory.frames import text
from planner.territory.territory import Finding, Severity

NO_SCHOOL = ""
"""Today's school where no school provides the service."""


def today_of(
    compounds: pd.DataFrame,
    schools: pd.DataFrame,
    scenario: Scenario,
    *,
    demand: Mapping[str, pd.DataFrame],
    distance_m: pd.DataFrame,
) -> tuple[pd.DataFrame, list[Finding]]:
    """Today's school, compounds × services, and notes on those that were not given."""
    findings: list[Finding] = []
    columns: dict[str, pd.Series] = {}
    for name, service in scenario.services.items():
        column = f"{name}_school"
        known = text(compounds, column)
        places = schools[f"{name}_classes"] * service.class_size
        places = places[(schools["kind"] == "existing") & (places > 0)]
        unknown = sorted(known.index[known.isna()])
        pupils = demand[name].iloc[:, 0]
        columns[name], full = _filled(known, unknown, pupils, places, distance_m)
        findings += _notes(name, unknown, full, places.empty)
    return pd.DataFrame(columns, index=compounds.index), findings


def _filled(
    known: pd.Series,
    unknown: list[str],
    pupils: pd.Series,
    places: pd.Series,
    distance_m: pd.DataFrame,
) -> tuple[pd.Series, list[str]]:
    """The series with unknown schools filled, nearest pairs first; and who found no room."""
    filled = known.copy()
    if places.empty:
        return filled.where(filled.notna(), NO_SCHOOL), []
    room = places - pupils.groupby(known).sum().reindex(places.index, fill_value=0.0)
    away = distance_m.loc[unknown, places.index]
    pairs = sorted(
        (distance, compound, school)
        for compound, row in zip(unknown, away.to_numpy().tolist(), strict=True)
        for school, distance in zip(places.index.tolist(), row, strict=True)
    )
    waiting = dict.fromkeys(unknown)
    for _, compound, school in pairs:
        if compound in waiting and pupils[compound] <= room[school]:
            filled[compound] = school
            room[school] -= pupils[compound]
            del waiting[compound]
    nearest = {compound: school for _, compound, school in reversed(pairs)}
    for compound in waiting:
        filled[compound] = nearest[compound]
    return filled, list(waiting)


def _notes(service: str, unknown: list[str], full: list[str], nowhere: bool) -> list[Finding]:
    if nowhere:
        message = f"no school provides {service} today: no compound has one to change from"
        return [finding("no-school-today", Severity.NOTE, "schools", message)]
    if not unknown:
        return []
    message = f"today's {service} school is not given; taken as the nearest with room: {{ids}}"
    hint = f"fill the column {service}_school to compare with the true catchments"
    notes = [finding("school-today", Severity.NOTE, "compounds", message, hint=hint, ids=unknown)]
    if full:
        message = f"no {service} school has room left; taken as the nearest one: {{ids}}"
        notes.append(finding("no-room-today", Severity.NOTE, "compounds", message, ids=full))
    return notes
