"""Pages without a map of tiles and layers: one frame, one switch of languages, no network."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from planner.maps.heading import template
from planner.maps.inlining import read_asset, script_text
from planner.scenario.model import Scenario


def plain_page(
    name: str, scenario: Scenario, *, styles: Sequence[str], scripts: Sequence[str],
    **given: object,
) -> str:  # fmt: skip
    """The template of this name in the common frame, with its styles and scripts inside."""
    code = [script_text(script) for script in ("language.js", *scripts)]
    return template(name).render(
        title=scenario.title,
        scenario=scenario.name,
        style=Markup("\n".join(read_asset(style) for style in ("sweep.css", *styles))),
        script=Markup("\n".join(code)),
        **given,
    )
