"""Layers of compared plans: the same list on every map, shared colours, differences hatched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from planner.maps.change_layers import changed_layer
from planner.maps.colours import colour_areas
from planner.maps.ground_layers import barriers, compounds, context, streets, study_area
from planner.maps.map_layer import Drawing, MapLayer
from planner.maps.school_layers import planned_points
from planner.maps.unit_layers import planned_units
from planner.plan.difference import Difference

SHOWN = ("plan_subdistricts", "change_subdistrict")
HIDDEN = ("plan_communities",)


def compared_layers(
    drawings: Mapping[str, Drawing], differences: Sequence[Difference]
) -> dict[str, list[MapLayer]]:
    """Layers of every map, by its id; `differences` are those of the maps after the first."""
    ids = list(drawings)
    later = dict(zip(ids[1:], differences, strict=True))
    drawn = {key: _layers(drawing, key, later) for key, drawing in drawings.items()}
    names = list(dict.fromkeys(layer.name for layers in drawn.values() for layer in layers))
    by_name = {key: {layer.name: layer for layer in layers} for key, layers in drawn.items()}
    rows = [_same_colours([by_name[key].get(name) for key in ids]) for name in names]
    return {key: [row[number] for row in rows] for number, key in enumerate(ids)}


def _layers(drawing: Drawing, key: str, later: Mapping[str, Difference]) -> list[MapLayer]:
    against = {key: later[key]} if key in later else later
    layers = [
        *planned_units(drawing, grids=False),
        *planned_points(drawing),
        *_differences(drawing, against),
        study_area(drawing),
        context(drawing),
        streets(drawing),
        barriers(drawing),
        compounds(drawing),
    ]
    return [_shown(layer) for layer in layers]


def _shown(layer: MapLayer) -> MapLayer:
    if layer.name in HIDDEN:
        return replace(layer, show=False)
    return replace(layer, show=True) if layer.name in SHOWN else layer


def _differences(drawing: Drawing, against: Mapping[str, Difference]) -> list[MapLayer]:
    """Compounds that belong elsewhere in one plan than in the other; ``in`` names the maps."""
    layers = [
        _moved(
            drawing, against, "school", service,
            (f"学校不同：{entry.name.zh}", f"School differs: {entry.name.en}"),
        )
        for service, entry in drawing.reading.scenario.services.items()
    ]  # fmt: skip
    return [
        *layers,
        _moved(drawing, against, "community", "", ("社区不同", "Community differs")),
        _moved(drawing, against, "subdistrict", "", ("街道不同", "Subdistrict differs")),
    ]


def _moved(
    drawing: Drawing, against: Mapping[str, Difference], kind: str, service: str,
    title: tuple[str, str],
) -> MapLayer:  # fmt: skip
    moved: dict[str, list[str]] = {}
    for key, difference in against.items():
        for move in difference.moves:
            if (move.kind, move.service) == (kind, service) and move.amount > 0:
                moved.setdefault(move.compound, []).append(key)
    here = [key for key in sorted(moved) if key in drawing.reading.territory.cells.index]
    name = f"change_{kind}_{service}" if service else f"change_{kind}"
    layer = changed_layer(drawing, name, title, here)
    features = tuple(
        feature | {"in": moved[key]} for key, feature in zip(here, layer.features, strict=True)
    )
    return replace(layer, features=features)


def _same_colours(layers: Sequence[MapLayer | None]) -> list[MapLayer]:
    """The layer on each map, an area in one colour on all; an empty one where there is none."""
    known = next(layer for layer in layers if layer is not None)
    empty = replace(known, features=(), outline=None, areas=None, show=False)
    found = [layer or empty for layer in layers]
    areas = [layer.areas for layer in found if layer.areas is not None]
    if not areas:
        return found
    colours = colour_areas(*areas)
    return [
        replace(layer, features=tuple(f | {"c": colours[f["o"][1]]} for f in layer.features))
        for layer in found
    ]
