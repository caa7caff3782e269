"""Layers of the ground: study area, context, streets, barriers, compounds and buildings."""

from __future__ import annotations

import geopandas as gpd

from planner.maps.geometry import inner_point
from planner.maps.map_layer import Drawing, Feature, MapLayer
from planner.maps.reading import names, number, text

GROUP = "context"


def ground_layers(drawing: Drawing) -> list[MapLayer]:
    """All layers of the ground, from the lowest to the highest."""
    return [
        study_area(drawing),
        context(drawing),
        streets(drawing),
        barriers(drawing),
        compounds(drawing),
        buildings(drawing),
    ]


def study_area(drawing: Drawing) -> MapLayer:
    """The zone itself, as one feature."""
    shape = drawing.pool.add(drawing.reading.territory.study_area)
    return MapLayer("study_area", GROUP, ("研究范围", "Study area"), "area", ({"g": shape},), True)


def context(drawing: Drawing) -> MapLayer:
    """What lies around and inside: town, villages, industry, parks, water."""
    rows = drawing.reading.territory.context
    features = tuple(
        feature | {"l": drawing.pool.point(inner_point(shape))}
        for feature, shape in zip(
            _named(drawing, rows, "kind"), rows.sort_index().geometry, strict=True
        )
    )
    return MapLayer("context", GROUP, ("周边与用地", "Land around"), "context", features, True)


def streets(drawing: Drawing) -> MapLayer:
    """Streets by class, the lower classes below the higher."""
    order = {"trunk": 3, "arterial": 2, "collector": 1}
    features = _named(drawing, drawing.reading.territory.streets, "class")
    ranked = tuple(sorted(features, key=lambda feature: order.get(feature["c"], 0)))
    return MapLayer("streets", GROUP, ("道路", "Streets"), "streets", ranked, True)


def barriers(drawing: Drawing) -> MapLayer:
    """Rivers and railways."""
    features = _named(drawing, drawing.reading.territory.barriers, "kind")
    title = ("河流与铁路", "River and railway")
    return MapLayer("barriers", GROUP, title, "barriers", features, True)


def compounds(drawing: Drawing) -> MapLayer:
    """Compounds as given; points by their cells, so that they can be met, with the spot beside."""
    territory = drawing.reading.territory
    features: list[Feature] = []
    for key, shape in territory.compounds.geometry.sort_index().items():
        compound = str(key)
        feature: Feature = {"o": ["compound", compound]}
        if shape.geom_type == "Point":
            feature |= {"g": drawing.pool.add(territory.cells[compound])}
            feature |= {"p": drawing.pool.point(shape)}
        else:
            feature |= {"g": drawing.pool.add(shape)}
        features.append(feature)
    return MapLayer(
        "compounds", GROUP, ("居住小区", "Compounds"), "compounds", tuple(features), True
    )


def buildings(drawing: Drawing) -> MapLayer:
    """Residential buildings, where they have a position."""
    table = drawing.reading.territory.buildings
    features: list[Feature] = []
    if isinstance(table, gpd.GeoDataFrame):
        placed = table[~(table.geometry.isna() | table.geometry.is_empty)].sort_index()
        for key, row in placed.iterrows():
            features.append({
                "g": drawing.pool.add(row.geometry),
                "o": ["compound", text(row["compound"])],
                "n": [str(key), str(key)],
                "h": number(row["households"]),
            })  # fmt: skip
    title = ("居民楼", "Residential buildings")
    return MapLayer("buildings", GROUP, title, "buildings", tuple(features))


def _named(drawing: Drawing, rows: gpd.GeoDataFrame, kind: str) -> tuple[Feature, ...]:
    return tuple(
        {"g": drawing.pool.add(row.geometry), "n": names(row), "c": text(row.get(kind))}
        for _, row in rows.sort_index().iterrows()
    )
