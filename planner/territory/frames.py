"""Frames: the layers of a territory indexed by sorted ids, with every column of `Territory`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import geopandas as gpd
import pandas as pd
import shapely

from planner.scenario.model import Scenario
from planner.territory.points import containing, nearest, own_points
from planner.territory.reading import Layers

SEAT_COLUMNS = (
    "name", "name_en", "kind", "subdistrict", "subdistrict_name", "subdistrict_name_en",
)  # fmt: skip
OUTCOME_COLUMNS = (
    "community", "community_name", "community_name_en",
    "subdistrict", "subdistrict_name", "subdistrict_name_en", "parent",
)  # fmt: skip
_MONEY = ("land_m2", "cost_yuan", "cost_per_place_yuan")


def indexed(layers: Layers, name: str, columns: Sequence[str]) -> gpd.GeoDataFrame:
    """A layer by its id, with these columns (None where the layer has none) and its geometry.

    Rows without an id get one from their place in the layer's fixed order; without the layer the
    frame is empty.
    """
    frame = layers.frames.get(name)
    if frame is None:
        empty = pd.DataFrame({column: pd.Series(dtype=object) for column in columns})
        empty.index.name = "id"
        return gpd.GeoDataFrame(empty, geometry=gpd.GeoSeries([], crs=layers.crs), crs=layers.crs)
    made = [f"{name}-{row + 1:04}" for row in range(len(frame))]
    ids = text(frame, "id").to_numpy() if "id" in frame else [None] * len(frame)
    index = pd.Index([own or new for own, new in zip(ids, made, strict=True)], name="id")
    table = pd.DataFrame({column: text(frame, column) for column in columns}, index=frame.index)
    table.index = index
    geometry = frame.geometry.to_numpy()
    return gpd.GeoDataFrame(table, geometry=geometry, crs=frame.crs).sort_index(kind="stable")


def text(frame: pd.DataFrame, column: str) -> pd.Series:
    """A column of texts, None where missing, all None without the column."""
    if column not in frame:
        return pd.Series([None] * len(frame), index=frame.index, dtype=object)
    values = [value if isinstance(value, str) else None for value in frame[column].tolist()]
    return pd.Series(values, index=frame.index, dtype=object)


def with_names(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Names filled: `name` by the id, `name_en` by the name."""
    name = [own or str(key) for own, key in zip(frame["name"], frame.index, strict=True)]
    english = [own or other for own, other in zip(frame["name_en"], name, strict=True)]
    return frame.assign(
        name=pd.Series(name, index=frame.index, dtype=object),
        name_en=pd.Series(english, index=frame.index, dtype=object),
    )


def numbers(layers: Layers, name: str, columns: Iterable[str], index: pd.Index) -> pd.DataFrame:
    """Number columns of a layer by `index`; nan where missing or without the column."""
    frame = layers.frames[name].set_index("id")
    return pd.DataFrame(
        {column: frame.get(column, pd.Series(dtype=float)).reindex(index) for column in columns},
        index=index,
        dtype=float,
    )


def communities_of(layers: Layers) -> gpd.GeoDataFrame:
    """Communities with a parent each: their own, else their subdistrict's, else empty."""
    columns = ("name", "name_en", "code", "subdistrict", "parent")
    frame = with_names(indexed(layers, "communities", columns))
    above = indexed(layers, "subdistricts", ("parent",))["parent"].to_dict()
    parents = [
        own or above.get(subdistrict) or ""
        for own, subdistrict in zip(frame["parent"], frame["subdistrict"], strict=True)
    ]
    return frame.assign(parent=pd.Series(parents, index=frame.index, dtype=object))


def subdistricts_of(layers: Layers, communities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Subdistricts of the layer, or dissolved from the communities; parents from below."""
    columns = ("name", "name_en", "code", "parent")
    frame = indexed(layers, "subdistricts", columns)
    below = communities.groupby("subdistrict")["parent"].min()
    if frame.empty:
        shapes = {
            key: shapely.union_all(part.geometry.to_numpy())
            for key, part in communities.groupby("subdistrict")
        }
        index = pd.Index(sorted(shapes), name="id", dtype=object)
        table = pd.DataFrame({column: [None] * len(index) for column in columns}, index=index)
        frame = gpd.GeoDataFrame(
            table.astype(object), geometry=[shapes[key] for key in index], crs=communities.crs
        )
    parents = [own or below.get(key, "") for key, own in frame["parent"].items()]
    return with_names(frame).assign(parent=pd.Series(parents, index=frame.index, dtype=object))


def compounds_of(layers: Layers, communities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Compounds with the community of their column, else by location, else the nearest."""
    frame = with_names(indexed(layers, "compounds", ("name", "name_en", "community")))
    points = own_points(frame.geometry)
    there = containing(points.to_list(), communities.geometry)
    lost = [i for i, key in enumerate(there) if key is None and not frame["community"].iloc[i]]
    for i, key in zip(
        lost, nearest([points.iloc[i] for i in lost], communities.geometry), strict=True
    ):
        there[i] = key
    community = [own or found for own, found in zip(frame["community"], there, strict=True)]
    amounts = numbers(layers, "compounds", ("population", "households", "buildings"), frame.index)
    return frame.assign(
        community=pd.Series(community, index=frame.index, dtype=object),
        population=amounts["population"].astype(int),
        households=amounts["households"].astype(int),
        buildings=amounts["buildings"],
    )[["name", "name_en", "community", "population", "households", "buildings", "geometry"]]


def schools_of(layers: Layers, scenario: Scenario, cells: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """Existing schools and sites together, as points, with the cell each lies in."""
    frames = []
    for name, kind in (("schools", "existing"), ("sites", "site")):
        if name not in layers.frames:
            continue
        frame = with_names(indexed(layers, name, ("name", "name_en", "types")))
        services = [f"{key}_{what}" for key in scenario.services for what in ("classes", "pupils")]
        amounts = numbers(layers, name, (*services, *_MONEY), frame.index)
        for key in scenario.services:
            amounts[f"{key}_classes"] = amounts[f"{key}_classes"].fillna(0).astype(int)
        area = frame.geometry.area.where(frame.geometry.area > 0)
        land = amounts["land_m2"].fillna(area) if kind == "site" else amounts["land_m2"]
        flags = layers.frames[name].set_index("id").get("expandable")
        expandable = pd.Series(False, index=frame.index) if flags is None else flags[frame.index]
        frame = frame.assign(kind=kind, expandable=expandable.astype(bool), **amounts)
        frames.append(frame.assign(
            land_m2=land.fillna(0.0),
            cost_yuan=amounts["cost_yuan"].fillna(0.0),
            cost_per_place_yuan=amounts["cost_per_place_yuan"].fillna(0.0),
        ))  # fmt: skip
    table = gpd.GeoDataFrame(pd.concat(frames), crs=layers.crs).sort_index(kind="stable")
    points = own_points(table.geometry)
    return table.set_geometry(points).assign(cell=holding(points, cells))


def seats_of(
    layers: Layers, cells: gpd.GeoSeries, communities: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Offices and candidate seats with the cell and the community each lies in."""
    frame = with_names(indexed(layers, "seats", SEAT_COLUMNS))
    english = [
        own or name
        for own, name in zip(frame["subdistrict_name_en"], frame["subdistrict_name"], strict=True)
    ]
    return frame.assign(
        subdistrict_name_en=pd.Series(english, index=frame.index, dtype=object),
        cell=holding(own_points(frame.geometry), cells),
        community=holding(own_points(frame.geometry), communities.geometry),
    )


def outcome_of(layers: Layers) -> pd.DataFrame:
    """The historical arrangement by compound."""
    frame = layers.frames.get("outcome")
    if frame is None:
        frame = pd.DataFrame({"compound": pd.Series(dtype=object)})
    table = pd.DataFrame({column: text(frame, column) for column in OUTCOME_COLUMNS})
    table.index = pd.Index(frame["compound"], name="compound")
    for level in ("community", "subdistrict"):
        name = table[f"{level}_name"].fillna(table[level])
        table[f"{level}_name_en"] = table[f"{level}_name_en"].fillna(name)
        table[f"{level}_name"] = name
    return table.sort_index(kind="stable")


def holding(points: gpd.GeoSeries, polygons: gpd.GeoSeries) -> pd.Series:
    """The polygon that holds each point, or the nearest one."""
    found = containing(points.to_list(), polygons)
    lost = [i for i, key in enumerate(found) if key is None]
    for i, key in zip(lost, nearest([points.iloc[i] for i in lost], polygons), strict=True):
        found[i] = key
    return pd.Series(found, index=points.index, dtype=object)
