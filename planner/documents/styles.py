"""Default QGIS styles, kept in the GeoPackage's own table ``layer_styles``."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from html import escape
from pathlib import Path

from planner.documents.source import Source
from planner.maps.colours import AREA_COLOURS, colour_areas
from planner.store.geopackage import write_geopackage

_TABLE = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
    f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME
)
"""
FONTS = ("Noto Sans CJK SC", "Microsoft YaHei", "Source Han Sans SC", "Sans Serif")
LABELS = {
    "subdistricts": ("name", 1, 0, 10, 13), "communities": ("name", 1, 0, 5, 8),
    "grids": ("id", 1, 0, 2, 7), "schools": ("name", 6, 2, 8, 9),
    "sites_not_chosen": ("name", 6, 2, 3, 7),
}  # fmt: skip
"""By layer: field, QGIS's placement (1 over the middle; 6 below, above or beside), millimetres
off, priority up to 10, and size in points."""
_KINDS = {"existing": "#FFFFFF", "expanded": "#F4A261", "new": "#A8201A"}


def write_styled_geopackage(path: Path, source: Source) -> None:
    """Write the plan's layers, each with a default style that QGIS finds by itself."""
    write_geopackage(path, source.territory, source.plan)
    styles = qgis_styles(source)
    made = source.created.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    connection = sqlite3.connect(path)
    try:
        with connection:
            connection.execute(_TABLE)
            found = connection.execute("SELECT table_name FROM gpkg_contents").fetchall()
            present = {name for (name,) in found}
            for layer, qml in styles.items():
                if layer in present:
                    connection.execute(
                        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
                        "f_geometry_column, styleName, styleQML, useAsDefault, description, owner, "
                        "update_time) VALUES ('', '', ?, 'geom', ?, ?, 1, ?, '', ?)",
                        (layer, layer, qml, "Planner", made),
                    )
            connection.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, "
                "last_change) VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)",
                (made,),
            )
    finally:
        connection.close()


def qgis_styles(source: Source) -> dict[str, str]:
    """QML by layer: neighbours unlike, schools by kind, names as labels."""
    areas = source.subdistrict_areas
    subdistricts = colour_areas(areas)
    catchment_service = next(iter(source.scenario.services))
    served = source.reading.served(catchment_service)
    catchments = colour_areas({key: source.area(own) for key, own in served.items()})
    return {
        "subdistricts": _categories(
            "id", {key: AREA_COLOURS[colour] for key, colour in subdistricts.items()},
            {key: source.subdistrict(key)[0] for key in subdistricts}, edge="27,31,107,255",
            width=0.9, opacity=0.55, named="subdistricts",
        ),
        "compounds": _categories(
            f"{catchment_service}_school",
            {key: AREA_COLOURS[colour] for key, colour in catchments.items()},
            {key: source.school(key)[0] for key in catchments}, edge="143,136,125,255",
            width=0.15, opacity=0.6,
        ),
        "communities": _single(
            "fill", _fill("255,255,255,0", "27,31,107,255", 0.5, "dash"), "communities"
        ),
        "grids": _single("fill", _fill("255,255,255,0", "90,90,90,255", 0.25, "solid"), "grids"),
        "schools": _categories(
            "kind", _KINDS, {"existing": "现有 existing", "expanded": "扩建 expanded",
                             "new": "新建 new"}, marker=True, named="schools",
        ),
        "sites_not_chosen": _single(
            "marker", _marker("255,255,255,200", "diamond"), "sites_not_chosen"
        ),
    }  # fmt: skip


def _categories(
    column: str,
    colours: Mapping[str, str],
    labels: Mapping[str, str],
    *,
    edge: str = "",
    width: float = 0.3,
    opacity: float = 1.0,
    marker: bool = False,
    named: str = "",
) -> str:
    kind = "marker" if marker else "fill"
    symbols, categories = [], []
    for number, (key, colour) in enumerate(colours.items()):
        rgba = ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)) + ",255"
        layer = (_marker(rgba, "diamond" if key == "new" else "circle") if marker
                 else _fill(rgba, edge, width, "solid"))  # fmt: skip
        head = f'type="{kind}" name="{number}" alpha="{opacity:g}"'
        symbols.append(f"<symbol {head}>{layer}</symbol>")
        categories.append(
            f'<category value="{_attribute(key)}" symbol="{number}" '
            f'label="{_attribute(labels[key])}" render="true"/>'
        )
    body = (
        f'<renderer-v2 type="categorizedSymbol" attr="{_attribute(column)}" symbollevels="0" '
        f'enableorderby="0"><categories>{"".join(categories)}</categories>'
        f"<symbols>{''.join(symbols)}</symbols></renderer-v2>"
    )
    return _qml(body, named)


def _single(kind: str, layer: str, named: str) -> str:
    return _qml(
        '<renderer-v2 type="singleSymbol" symbollevels="0" enableorderby="0"><symbols>'
        f'<symbol type="{kind}" name="0" alpha="1">{layer}</symbol></symbols></renderer-v2>', named,
    )  # fmt: skip


def _fill(colour: str, edge: str, width_mm: float, line: str) -> str:
    return _layer("SimpleFill", {
        "color": colour, "style": "solid", "outline_color": edge, "outline_style": line,
        "outline_width": f"{width_mm:g}", "outline_width_unit": "MM",
    })  # fmt: skip


def _marker(colour: str, shape: str) -> str:
    return _layer("SimpleMarker", {
        "color": colour, "name": shape, "size": "3.6", "size_unit": "MM",
        "outline_color": "26,26,26,255", "outline_width": "0.4", "outline_width_unit": "MM",
    })  # fmt: skip


def _layer(kind: str, options: Mapping[str, str]) -> str:
    # Old readers know `prop`, new ones `Option`: both say the same.
    props = "".join(f'<prop k="{key}" v="{value}"/>' for key, value in options.items())
    entries = "".join(
        f'<Option type="QString" name="{key}" value="{value}"/>' for key, value in options.items()
    )
    return (f'<layer class="{kind}" enabled="1" locked="0" pass="0"><Option type="Map">{entries}'
            f"</Option>{props}</layer>")  # fmt: skip


def _qml(renderer: str, named: str) -> str:
    """A style; where a label's weight, size or opacity is left out, QGIS draws none at all."""
    labels = ""
    if named:
        label, placement, distance, priority, size = LABELS[named]
        families = "".join(f'<family name="{family}"/>' for family in FONTS)
        labels = (
            '<labeling type="simple"><settings calloutType="simple"><text-style '
            f'fieldName="{_attribute(label)}" fontFamily="{FONTS[0]}" fontSize="{size}" '
            'fontSizeUnit="Point" fontWeight="63" textColor="26,26,26,255" textOpacity="1" '
            f'multilineHeight="1" isExpression="0"><families>{families}</families>'
            '<text-buffer bufferDraw="1" bufferSize="0.8" bufferSizeUnits="MM" bufferNoFill="1" '
            'bufferOpacity="1" bufferColor="255,255,255,255"/></text-style>'
            f'<placement placement="{placement}" dist="{distance}" distUnits="MM" offsetUnits="MM" '
            f'priority="{priority}" quadOffset="4" predefinedPositionOrder="B,T,R,L"/>'
            '<rendering drawLabels="1" obstacle="0"/></settings></labeling>'
        )
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        '<qgis version="3.22" styleCategories="Symbology|Labeling" '
        f'labelsEnabled="{int(bool(named))}">'
        f"{renderer}{labels}</qgis>\n"
    )


def _attribute(text: str) -> str:
    """Text as an XML attribute; control characters, which XML cannot hold, are dropped."""
    kept = "".join(letter for letter in text if letter >= " " or letter in "\t\n")
    return escape(kept, quote=True)
