"""Ways to break a town: edits of a layer's rows, and damage to its files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from tests.towns import CRS, Rows

Edit = Callable[[Rows], Rows]
Damage = Callable[[Path], None]


def change(row: int, **columns: Any) -> Edit:
    """These columns of one row."""
    return lambda rows: [old | columns if k == row else old for k, old in enumerate(rows)]


def every(**columns: Any) -> Edit:
    """These columns of all rows."""
    return lambda rows: [old | columns for old in rows]


def without(*columns: str) -> Edit:
    """No such columns."""
    return lambda rows: [{k: v for k, v in old.items() if k not in columns} for old in rows]


def renamed(old_name: str, new_name: str) -> Edit:
    """A column under another name."""
    return lambda rows: [
        {(new_name if key == old_name else key): value for key, value in row.items()}
        for row in rows
    ]


def doubled(row: int) -> Edit:
    """One row a second time."""
    return lambda rows: [*rows, rows[row]]


def gone(name: str) -> Damage:
    """A layer without its file."""
    return lambda folder: (folder / f"{name}.geojson").unlink()


def text(name: str, content: str) -> Damage:
    """A file with this content."""

    def damage(folder: Path) -> None:
        (folder / name).write_text(content, encoding="utf-8")

    return damage


def in_metres(name: str) -> Damage:
    """A layer in metres of the projected CRS that does not say so."""

    def damage(folder: Path) -> None:
        frame = gpd.read_file(folder / f"{name}.geojson").to_crs(CRS)
        plain = frame.set_crs("EPSG:4326", allow_override=True)
        plain.to_file(folder / f"{name}.geojson")

    return damage


def as_table(name: str, **columns: str) -> Damage:
    """A point layer as CSV with lon and lat; `columns` renames some."""

    def damage(folder: Path) -> None:
        path = folder / f"{name}.geojson"
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        table = pd.DataFrame([feature["properties"] for feature in features])
        table["lon"], table["lat"] = zip(
            *(feature["geometry"]["coordinates"] for feature in features), strict=True
        )
        table.rename(columns=columns).to_csv(folder / f"{name}.csv", index=False)
        path.unlink()

    return damage


def as_shapefile(name: str, *, lost: str) -> Damage:
    """A layer as a shapefile that has lost one of its files."""

    def damage(folder: Path) -> None:
        path = folder / f"{name}.geojson"
        gpd.read_file(path)[["id", "geometry"]].to_file(folder / f"{name}.shp")
        path.unlink()
        (folder / f"{name}.{lost}").unlink()

    return damage


def network(*, nodes: str, edges: str) -> Damage:
    """Node and edge tables in place of the streets."""

    def damage(folder: Path) -> None:
        (folder / "streets.geojson").unlink()
        (folder / "network_nodes.csv").write_text(nodes, encoding="utf-8")
        (folder / "network_edges.csv").write_text(edges, encoding="utf-8")

    return damage
