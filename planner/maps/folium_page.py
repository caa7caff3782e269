"""Folium, offline: a map without linked files, and layers that share the page's shapes."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import folium
from branca.element import Figure, MacroElement
from folium.template import Template
from markupsafe import Markup

from planner.maps.inlining import MARK
from planner.maps.map_layer import MapLayer

MAP_ID = "planner"
# The browser itself refuses any request that might slip in.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)


class OfflineMap(folium.Map):
    """A Folium map inside our own page: no linked script or style, no tiles, fixed ids."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012
    default_css: list[tuple[str, str]] = []  # noqa: RUF012

    _template = Template(
        """
        {% macro header(this, kwargs) %}
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="{{ this.policy }}">
        {{ this.mark_styles }}
        <script>L_NO_TOUCH = false; L_DISABLE_3D = false;</script>
        {{ this.mark_scripts }}
        {% endmacro %}
        {% macro html(this, kwargs) %}
        {{ this.body }}
        {% endmacro %}
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = planner.createMap({{ this.get_name()|tojson }}, {
            center: {{ this.location|tojson }}, crs: L.CRS.{{ this.crs }},
            ...{{ this.options|tojavascript }}
        });
        {% endmacro %}
        """
    )

    def __init__(self, *, location: Sequence[float], title: str, body: Markup) -> None:
        super().__init__(
            location=location, tiles=None, zoom_control=False, attribution_control=False
        )
        self._id = MAP_ID
        self.body = body
        self.policy = POLICY
        self.mark_styles = MARK.format("styles")
        self.mark_scripts = MARK.format("scripts")
        figure = self.get_root()
        if isinstance(figure, Figure):
            figure.title = html.escape(title)


class SharedGeoJson(folium.GeoJson):
    """A GeoJson layer whose features name their shapes; the page holds every shape once."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = planner.createLayer(
            {{ this.layer_name|tojson }}, {{ this.data|tojson }}
        );
        {% endmacro %}
        """
    )

    def __init__(self, layer: MapLayer) -> None:
        data = {"type": "FeatureCollection", "features": [_feature(f) for f in layer.features]}
        super().__init__(data, name=layer.name, control=False)
        self._id = layer.name


class PageStart(MacroElement):
    """The call that hands map and layers to the page's controls."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        planner.start({{ this._parent.get_name() }}, {
            {%- for name, group in this.groups %}
            {{ name|tojson }}: {{ group }},
            {%- endfor %}
        });
        {% endmacro %}
        """
    )

    def __init__(self, groups: Sequence[tuple[str, str]]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "PageStart"
        self._id = MAP_ID
        self.groups = list(groups)


def render_page(
    layers: Sequence[MapLayer], *, location: Sequence[float], title: str, body: Markup
) -> str:
    """Render the page with one feature group per layer; assets still to be inlined."""
    page = OfflineMap(location=location, title=title, body=body)
    groups = []
    for layer in layers:
        group = folium.FeatureGroup(name=layer.name, show=layer.show, control=False)
        group._id = layer.name
        SharedGeoJson(layer).add_to(group)
        group.add_to(page)
        groups.append((layer.name, group.get_name()))
    PageStart(groups).add_to(page)
    text = str(page.get_root().render())
    return text.replace("<html>", '<html lang="zh-CN" data-lang="zh">', 1)


def _feature(feature: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": None, "properties": feature}
