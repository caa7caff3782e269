"""Layers of change: compounds that change school, community or subdistrict."""

from __future__ import annotations

from collections.abc import Iterable

from planner.maps.map_layer import Drawing, MapLayer


def change_layers(drawing: Drawing) -> list[MapLayer]:
    """One layer for the schools of each service, one for communities, one for subdistricts."""
    reading = drawing.reading
    planned = sorted(reading.assignments.items())
    layers = []
    for service, entry in reading.scenario.services.items():
        pupils = reading.pupils(service)
        movers = [
            key
            for key, assignment in planned
            if pupils.get(key, 0) > 0
            and assignment.schools.get(service, "") != reading.school_today(key, service)
        ]
        title = (f"改变学校：{entry.name.zh}", f"School changes: {entry.name.en}")
        layers.append(changed_layer(drawing, f"change_school_{service}", title, movers))
    communities = [key for key, a in planned if a.community != reading.community_today(key)]
    subdistricts = [key for key, a in planned if a.subdistrict != reading.subdistrict_today(key)]
    title = ("改变社区", "Community changes")
    layers.append(changed_layer(drawing, "change_community", title, communities))
    title = ("改变街道", "Subdistrict changes")
    layers.append(changed_layer(drawing, "change_subdistrict", title, subdistricts))
    return layers


def changed_layer(
    drawing: Drawing, name: str, title: tuple[str, str], compounds: Iterable[str]
) -> MapLayer:
    """A layer of compounds that are hatched."""
    cells = drawing.reading.territory.cells
    features = tuple(
        {"g": drawing.pool.add(cells[key]), "o": ["compound", key]} for key in compounds
    )
    return MapLayer(name, "change", title, "changes", features)
