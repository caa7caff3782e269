"""The browser's files on their way into the page: style sheets, scripts and pictures as text."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from importlib import resources

MAPPING = (
    "leaflet.js", "parts.js", "text.js", "shapes.js", "symbols.js", "styles.js", "canvas.js",
    "cards.js", "controls.js", "legend.js", "search.js",
)  # fmt: skip
"""Scripts of every page with maps."""
SCRIPTS = (*MAPPING, "panels.js", "years.js", "page.js")
STYLES = ("leaflet.css", "page.css")
MARK = "<!--planner:{}-->"


def inline_assets(
    html: str, *, scripts: Sequence[str] = SCRIPTS, styles: Sequence[str] = STYLES
) -> str:
    """Replace the marks for scripts and styles in a rendered page by the files themselves."""
    rules = "\n".join(f"<style>\n{_style(name)}\n</style>" for name in styles)
    code = "\n".join(f"<script>\n{script_text(name)}\n</script>" for name in scripts)
    return html.replace(MARK.format("styles"), rules).replace(MARK.format("scripts"), code)


def read_asset(name: str) -> str:
    """Text of one of the page's files."""
    return (resources.files("planner.maps") / "assets" / name).read_text(encoding="utf-8")


def escape_json(text: str) -> str:
    """JSON that may stand inside a script element, whatever names it holds."""
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def script_text(name: str) -> str:
    """Text of a script as it may stand inside a script element."""
    # A source map or a link to the library's home page would be an address to the outside.
    code = re.sub(r"//# sourceMappingURL=\S+", "", read_asset(name))
    code = code.replace("https://leafletjs.com", "#")
    return re.sub(r"</(script)", r"<\\/\1", code, flags=re.IGNORECASE)


def _style(name: str) -> str:
    rules = re.sub(r"/\*.*?\*/", "", read_asset(name), flags=re.DOTALL)
    rules = re.sub(r"url\(images/([\w.-]+)\)", _picture, rules)
    return re.sub(r"\n\s*\n+", "\n", rules.strip())


def _picture(match: re.Match[str]) -> str:
    picture = resources.files("planner.maps") / "assets" / match.group(1)
    code = base64.b64encode(picture.read_bytes()).decode("ascii")
    return f"url(data:image/png;base64,{code})"
