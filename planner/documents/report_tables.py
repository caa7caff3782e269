"""Tables of the report: schools, years, sites, units, and the historical outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from planner.documents.source import Source
from planner.documents.writing import KINDS, children, figure, percent
from planner.plan.meanings import Meaning, meaning_of
from planner.plan.plan import Status
from planner.plan.sites import reason_of, sites_left


def tables(source: Source) -> dict[str, Any]:
    """All tables, by the names that the template knows."""
    return {
        "services": list(_services(source)),
        "years": _years(source),
        "sites": list(_sites(source)),
        "subdistricts": list(_subdistricts(source)),
        "communities": list(_communities(source)),
        "outcome": list(_outcome(source)),
    }


def pupils_by_year(source: Source, service: str) -> dict[str, dict[str, float]]:
    """Pupils of each planned school in every year of the demand, by school and year."""
    demand = source.territory.demand[service]
    served = source.reading.served(service)
    return {
        school: {
            str(year): float(demand.loc[compounds, year].sum()) for year in sorted(demand.columns)
        }
        for school, compounds in served.items()
    }


def _services(source: Source) -> Iterator[Mapping[str, Any]]:
    for service, entry in source.scenario.services.items():
        rows = []
        for school in source.plan.schools:
            offer = source.school_cards[school.id]["services"].get(service)
            if offer is None:
                continue
            today, new = offer["classes_today"], offer["new_classes"]
            places, pupils = offer["places"], offer["pupils"]
            rows.append({
                "name": source.school(school.id),
                "kind": KINDS[school.kind],
                "classes": f"{today + new} = {today} + {new}",
                "places": figure(places),
                "pupils": children(pupils, source),
                "use": percent(pupils / places, 0) if places else "–",
                "ways": f"{figure(offer['mean_m'])} / {figure(offer['worst_m'])}",
            })  # fmt: skip
        yield {"name": (entry.name.zh, entry.name.en), "rows": rows}


def _years(source: Source) -> Mapping[str, Any]:
    head: list[str] = []
    rows = []
    for service, entry in source.scenario.services.items():
        demand = source.territory.demand[service]
        years = sorted(demand.columns)
        head = head or [str(year) for year in years]
        places = sum(school.places.get(service, 0) for school in source.plan.schools)
        by_school = pupils_by_year(source, service)
        seats = {school.id: school.places.get(service, 0) for school in source.plan.schools}
        over = [
            sum(
                max(0.0, pupils[str(year)] - seats.get(key, 0)) for key, pupils in by_school.items()
            )
            for year in years
        ]
        name = entry.name
        rows += [
            {"name": (f"{name.zh}学生", f"{name.en}: pupils"),
             "cells": [figure(float(demand[year].sum())) for year in years]},
            {"name": (f"{name.zh}学位", f"{name.en}: places"),
             "cells": [figure(places) for _ in years]},
            {"name": (f"{name.zh}超出学位", f"{name.en}: over their places"),
             "cells": [children(more, source) for more in over]},
        ]  # fmt: skip
    return {"head": head, "rows": rows}


def _sites(source: Source) -> Iterator[Mapping[str, Any]]:
    new = sum(school.kind == "new" for school in source.plan.schools)
    proven = source.plan.status is Status.OPTIMAL
    for key, site in sites_left(source.territory, source.scenario, source.plan).items():
        why = reason_of(site, new_schools=new, nearest=source.school(site.nearest), proven=proven)
        yield {"name": source.school(key), "land": figure(site.land_m2), "why": why}


def _subdistricts(source: Source) -> Iterator[Mapping[str, Any]]:
    units = source.plan.subdistricts
    mean = sum(unit.population for unit in units) / max(1, len(units))
    for unit in units:
        yield {
            "name": source.subdistrict(unit.id), "new": unit.new, "parent": unit.parent,
            "people": figure(unit.population),
            "deviation": percent(unit.population / mean - 1 if mean else None, signed=True),
            "area": figure(unit.area_km2, 2), "communities": len(unit.communities),
            "seat": source.seat(unit.seat),
        }  # fmt: skip


def _communities(source: Source) -> Iterator[Mapping[str, Any]]:
    grids = Counter(grid.community for grid in source.plan.grids)
    for unit in source.plan.communities:
        yield {
            "name": source.community(unit.id), "new": unit.new,
            "subdistrict": source.subdistrict(unit.subdistrict),
            "households": figure(unit.households), "people": figure(unit.population),
            "grids": grids[unit.id],
        }  # fmt: skip


def _outcome(source: Source) -> Iterator[Mapping[str, Any]]:
    plan, outcome = source.plan.indicators, source.plan.outcome
    for key in outcome:
        if key not in plan or isinstance(outcome[key], Mapping):
            continue
        share = key == "max_population_deviation"
        write = percent if share else figure
        yield {"name": meaning_of(key).name if share else _with_unit(meaning_of(key)),
               "plan": write(plan[key]), "outcome": write(outcome[key])}  # fmt: skip


def _with_unit(meaning: Meaning) -> tuple[str, str]:
    """The name in both languages, with the unit where the name does not hold it."""
    zh, en = (name if unit in name else f"{name}, {unit}"
              for name, unit in zip(meaning.name, meaning.unit, strict=True))  # fmt: skip
    return zh.replace(", ", "，"), en
