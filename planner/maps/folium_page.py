"""Folium, offline: a map without linked files, and layers that share the page's shapes."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import folium
from branca.element import Figure, MacroElement
from folium.template import Template
from markupsafe import Markup

from planner.maps.inlining import MARK
from planner.maps.map_layer import MapLayer

ONLY = "planner"
"""Id of the map of a page that has one."""
# The browser itself refuses any request that might slip in.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True)
class Side:
    """One map of a page: its id, and its layers from the first drawn to the last.

    A map of the id ``planner`` has the only planner of its page, one of a page of several is
    called by its letter.
    """

    id: str
    layers: Sequence[MapLayer]


class OfflineMap(folium.Map):
    """A Folium map inside our own page: no linked script or style, no tiles, fixed ids."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012
    default_css: list[tuple[str, str]] = []  # noqa: RUF012

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        {%- set name = this.get_name() %}
        var {{ name }} = planners.{{ this.side }}.createMap({{ name|tojson }}, {
            center: {{ this.location|tojson }}, crs: L.CRS.{{ this.crs }},
            ...{{ this.options|tojavascript }}
        });
        {% endmacro %}
        """
    )

    def __init__(self, side: str, *, location: Sequence[float]) -> None:
        # Maps in step jump to a new zoom together: one would run ahead of the other's animation.
        super().__init__(
            location=location, tiles=None, zoom_control=False, attribution_control=False,
            zoom_animation=side == ONLY,
        )  # fmt: skip
        self._id = self.side = side


class PageHead(MacroElement):
    """What every page starts with: its policy, its planners, and marks for assets and body."""

    _template = Template(
        """
        {% macro header(this, kwargs) %}
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="{{ this.policy }}">
        {{ this.mark_styles }}
        <script>L_NO_TOUCH = false; L_DISABLE_3D = false;</script>
        {{ this.mark_scripts }}
        <script>{{ this.sides|tojson }}.forEach(makePlanner);</script>
        {% endmacro %}
        {% macro html(this, kwargs) %}
        {{ this.mark_body }}
        {% endmacro %}
        """
    )

    def __init__(self, sides: Sequence[str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name, self._id = "PageHead", "page"
        self.sides = list(sides)
        self.policy = POLICY
        self.mark_styles = MARK.format("styles")
        self.mark_scripts = MARK.format("scripts")
        # Folium reads what an element renders as a template once more: names must not come there.
        self.mark_body = MARK.format("body")


class SharedGeoJson(folium.GeoJson):
    """A GeoJson layer whose features and shapes the page holds: each once, and drawn when seen."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        {%- set layer = this.layer_name|tojson %}
        var {{ this.get_name() }} = planners.{{ this.side }}.createLayer({{ layer }});
        {% endmacro %}
        """
    )

    def __init__(self, layer: MapLayer, side: str) -> None:
        nothing = {"type": "FeatureCollection", "features": []}
        super().__init__(nothing, name=layer.name, control=False)
        self._id = _layer_id(layer, side)
        self.side = side


class PageStart(MacroElement):
    """The call that hands a map and its layers to the page's controls."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        planners.{{ this.side }}.start({{ this._parent.get_name() }}, {
            {%- for name, group in this.groups %}
            {{ name|tojson }}: {{ group }},
            {%- endfor %}
        });
        {% endmacro %}
        """
    )

    def __init__(self, side: str, groups: Sequence[tuple[str, str]]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "PageStart"
        self._id = self.side = side
        self.groups = list(groups)


def render_page(
    sides: Sequence[Side], *, location: Sequence[float], title: str, body: Markup
) -> str:
    """Render the page with one feature group per map and layer; assets still to be inlined."""
    figure = Figure()
    figure.title = html.escape(title)
    figure.add_child(PageHead([side.id for side in sides]))
    for side in sides:
        page = OfflineMap(side.id, location=location)
        figure.add_child(page)
        groups = []
        for layer in side.layers:
            group = folium.FeatureGroup(name=layer.name, show=layer.show, control=False)
            group._id = _layer_id(layer, side.id)
            SharedGeoJson(layer, side.id).add_to(group)
            group.add_to(page)
            groups.append((layer.name, group.get_name()))
        PageStart(side.id, groups).add_to(page)
    text = str(figure.render())
    text = text.replace("<html>", '<html lang="zh-CN" data-lang="zh">', 1)
    return text.replace(MARK.format("body"), body, 1)


def _layer_id(layer: MapLayer, side: str) -> str:
    return layer.name if side == ONLY else f"{side}_{layer.name}"
