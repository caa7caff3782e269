"""Cards: what a hover or click on the map tells of a school, compound, community, ... ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from planner.maps.reading import Reading, names, number, text
from planner.plan.plan import Status
from planner.plan.sites import reason_of, sites_left

AS_TODAY = "existing"
"""Type in a plan of a school that stays as it is."""
Card = dict[str, Any]
Cards = dict[str, dict[str, Card]]


def draw_cards(reading: Reading) -> Cards:
    """Cards of everything that can be asked for, by kind and id."""
    return {
        "school": school_cards(reading),
        "compound": compound_cards(reading),
        "community": community_cards(reading),
        "subdistrict": subdistrict_cards(reading),
        "grid": grid_cards(reading),
        "today_community": today_community_cards(reading),
        "today_subdistrict": today_subdistrict_cards(reading),
        "seat": seat_cards(reading),
    }


def school_cards(reading: Reading) -> dict[str, Card]:
    """Schools in operation and sites not chosen: classes, places, pupils, ways, land and cost."""
    services = {
        name: (reading.pupils(name), reading.served(name), reading.served_today(name))
        for name in reading.services
    }
    cards: dict[str, Card] = {}
    left = _reasons(reading)
    for key, row in reading.territory.schools.sort_index().iterrows():
        school = str(key)
        planned = reading.schools.get(school)
        offers = {
            name: offer
            for name, tables in services.items()
            if (offer := _offer(reading, school, row, service=name, tables=tables))
        }
        kind = planned.kind if planned else ("site" if row["kind"] == "site" else "closed")
        if planned:
            land_m2, cost_yuan = planned.land_m2, planned.cost_yuan
        else:
            land_m2, cost_yuan = row.get("land_m2"), row.get("cost_yuan")
        cards[school] = {
            "name": names(row, school),
            "kind": kind,
            "type": _type_name(reading, planned.type if planned else text(row.get("types"))),
            "services": offers,
            "land_m2": number(land_m2),
            "cost_yuan": number(cost_yuan),
            "origin": text(row.get("origin")),
        }
        if school in left:
            cards[school]["why"] = left[school]
    return cards


def compound_cards(reading: Reading) -> dict[str, Card]:
    """Compounds: people, pupils, school today and planned, way, and the units they belong to."""
    pupils = {name: reading.pupils(name) for name in reading.services}
    hidden = {name: reading.withheld(name) for name in reading.services}
    cards: dict[str, Card] = {}
    assignments = reading.assignments
    for key, row in reading.territory.compounds.sort_index().iterrows():
        compound = str(key)
        assignment = assignments.get(compound)
        ways = {
            name: _way(
                reading, compound, name, assignment.schools.get(name, "") if assignment else ""
            )
            | {
                "pupils": None
                if compound in hidden[name]
                else number(pupils[name].get(compound), digits=1),
                "withheld": compound in hidden[name],
            }
            for name in reading.services
        }
        cards[compound] = {
            "name": names(row, compound),
            "population": number(row.get("population")),
            "households": number(row.get("households")),
            "buildings": number(row.get("buildings")),
            "services": ways,
            "community": assignment.community if assignment else "",
            "subdistrict": assignment.subdistrict if assignment else "",
            "today_community": reading.community_today(compound),
            "today_subdistrict": reading.subdistrict_today(compound),
        }
    return cards


def community_cards(reading: Reading) -> dict[str, Card]:
    """Planned communities."""
    return {
        unit.id: {
            "name": _pair(unit.name, unit.name_en, unit.id),
            "population": unit.population,
            "households": unit.households,
            "new": unit.new,
            "subdistrict": unit.subdistrict,
            "parent": unit.parent,
            "compounds": list(unit.compounds),
            "grids": [grid.id for grid in reading.plan.grids if grid.community == unit.id],
        }
        for unit in reading.plan.communities
    }


def subdistrict_cards(reading: Reading) -> dict[str, Card]:
    """Planned subdistricts."""
    total = sum(unit.population for unit in reading.plan.subdistricts)
    mean = total / max(1, len(reading.plan.subdistricts))
    return {
        unit.id: {
            "name": _pair(unit.name, unit.name_en, unit.id),
            "population": unit.population,
            "deviation": number(unit.population / mean - 1, digits=4) if mean else None,
            "area_km2": number(unit.area_km2, digits=2),
            "new": unit.new,
            "seat": unit.seat,
            "parent": unit.parent,
            "communities": list(unit.communities),
        }
        for unit in reading.plan.subdistricts
    }


def grid_cards(reading: Reading) -> dict[str, Card]:
    """Grids: households, whole buildings of which compounds, and the reason where one is given."""
    band = reading.scenario.boundaries.grid_households
    return {
        grid.id: {
            "name": [grid.id, grid.id],
            "community": grid.community,
            "households": grid.households,
            "within": band.min <= grid.households <= band.max,
            "parts": [[part.compound, len(part.buildings)] for part in grid.parts],
            "reason": grid.reason,
        }
        for grid in reading.plan.grids
    }


def today_community_cards(reading: Reading) -> dict[str, Card]:
    """Today's communities."""
    members = _members(reading, reading.community_today)
    return {
        str(key): {
            "name": names(row, str(key)),
            **_people(reading, members.get(str(key), [])),
            "code": text(row.get("code")),
            "today_subdistrict": text(row.get("subdistrict")),
            "parent": text(row.get("parent")),
            "compounds": members.get(str(key), []),
        }
        for key, row in reading.territory.communities.sort_index().iterrows()
    }


def today_subdistrict_cards(reading: Reading) -> dict[str, Card]:
    """Today's subdistricts."""
    members = _members(reading, reading.subdistrict_today)
    communities = reading.territory.communities
    return {
        str(key): {
            "name": names(row, str(key)),
            **_people(reading, members.get(str(key), [])),
            "code": text(row.get("code")),
            "area_km2": number(row.geometry.area / 1e6, digits=2),
            "parent": text(row.get("parent")),
            "today_communities": sorted(
                str(unit) for unit in communities.index[communities["subdistrict"] == key]
            ),
        }
        for key, row in reading.territory.subdistricts.sort_index().iterrows()
    }


def seat_cards(reading: Reading) -> dict[str, Card]:
    """Seats of subdistricts: today's offices and candidates, and what they govern in the plan."""
    governs = {unit.seat: unit.id for unit in reading.plan.subdistricts}
    return {
        str(key): {
            "name": names(row, str(key)),
            "kind": text(row.get("kind")),
            "subdistrict": governs.get(str(key), ""),
            "today_subdistrict": text(row.get("subdistrict")),
        }
        for key, row in reading.territory.seats.sort_index().iterrows()
    }


def _offer(
    reading: Reading,
    school: str,
    row: Any,
    *,
    service: str,
    tables: tuple[dict[str, float], dict[str, list[str]], dict[str, list[str]]],
) -> Card:
    """What a school offers in one service; empty if it never does."""
    pupils, served, today = tables
    planned = reading.schools.get(school)
    classes_today = number(row.get(f"{service}_classes")) or 0
    new_classes = planned.new_classes.get(service, 0) if planned else 0
    places = planned.places.get(service, 0) if planned else 0
    compounds = served.get(school, [])
    if not (classes_today or new_classes or places or compounds or today.get(school)):
        return {}
    mean_m, worst_m = _ways(reading, school, compounds, pupils)
    return {
        "classes_today": classes_today,
        "new_classes": new_classes,
        "places_today": classes_today * reading.scenario.services[service].class_size,
        "pupils_today": number(row.get(f"{service}_pupils")),
        "places": places,
        "pupils": number(sum(pupils.get(key, 0) for key in compounds), digits=1),
        "years": _by_year(reading, service, compounds),
        "mean_m": mean_m,
        "worst_m": worst_m,
        "compounds": compounds,
    }


def _by_year(reading: Reading, service: str, compounds: Sequence[str]) -> list[float | None]:
    """Pupils of some compounds in every year that all services know."""
    table = reading.territory.demand[service].rename(columns=str)
    shown = reading.shown_years()
    return [number(table.loc[list(compounds), year].sum(), digits=1) for year in shown]


def _reasons(reading: Reading) -> dict[str, list[str]]:
    """Why each site was left, in both languages."""
    new = sum(school.kind == "new" for school in reading.plan.schools)
    proven = reading.plan.status is Status.OPTIMAL
    schools = reading.territory.schools
    found = sites_left(reading.territory, reading.scenario, reading.plan)
    return {
        key: list(
            reason_of(
                site,
                new_schools=new,
                nearest=_near(schools, site.nearest),
                proven=proven,
            )
        )
        for key, site in found.items()
    }


def _near(schools: Any, key: str) -> tuple[str, str]:
    zh, en = names(schools.loc[key], key) if key else ("", "")
    return zh, en


def _ways(
    reading: Reading, school: str, compounds: Sequence[str], pupils: dict[str, float]
) -> tuple[float | None, float | None]:
    """Pupil-weighted mean and longest way to a school, over compounds with pupils."""
    distance_m = reading.territory.travel.distance_m
    ways = [
        (float(distance_m[school][key]), pupils[key]) for key in compounds if pupils.get(key, 0) > 0
    ]
    total = sum(weight for _, weight in ways)
    if not total:
        return None, None
    mean = sum(way * weight for way, weight in ways) / total
    return number(mean), number(max(way for way, _ in ways))


def _way(reading: Reading, compound: str, service: str, school: str) -> Card:
    travel = reading.territory.travel
    today = reading.school_today(compound, service)
    known = school in travel.distance_m.columns
    return {
        "today": today,
        "school": school,
        "distance_m": number(travel.distance_m.at[compound, school]) if known else None,
        "straight_m": number(travel.straight_m.at[compound, school]) if known else None,
        "crossings": number(travel.crossings.at[compound, school]) if known else None,
        "today_m": number(travel.distance_m.at[compound, today])
        if today in travel.distance_m.columns
        else None,
    }


def _members(reading: Reading, unit_of: Any) -> dict[str, list[str]]:
    members: dict[str, list[str]] = {}
    for compound in sorted(str(key) for key in reading.territory.compounds.index):
        members.setdefault(unit_of(compound), []).append(compound)
    return members


def _people(reading: Reading, compounds: Iterable[str]) -> Card:
    rows = reading.territory.compounds.loc[list(compounds)]
    return {
        "population": number(rows["population"].sum()),
        "households": number(rows["households"].sum()),
    }


def _pair(zh: str, en: str, fallback: str) -> list[str]:
    return [zh or en or fallback, en or zh or fallback]


def _type_name(reading: Reading, types: str) -> list[str]:
    """Names of one school type, or of a site's comma list of allowed ones."""
    known = reading.scenario.school_types
    wanted = [part.strip() for part in types.split(",") if part.strip() not in {"", AS_TODAY}]
    zh = "、".join(known[key].name.zh if key in known else key for key in wanted)
    en = ", ".join(known[key].name.en if key in known else key for key in wanted)
    return [zh, en]
