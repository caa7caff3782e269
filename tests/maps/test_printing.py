"""Printing from the browser: A3 sheets with the whole zone, and the view as it was after."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.maps import town
from tests.maps.other_plan import compare_towns, other_plan
from tests.maps.test_page import draw

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opening = Callable[..., Page]

MM = 72 / 25.4
WHOLE = """(map) => {
  const bounds = L.latLngBounds(readPage().bounds);
  const [a, b] = [bounds.getNorthEast(), bounds.getSouthWest()]
    .map((corner) => map.latLngToContainerPoint(corner));
  const large = (a.x - b.x) > 0.3 * map.getSize().x || (b.y - a.y) > 0.3 * map.getSize().y;
  return map.getBounds().contains(bounds) && large;
}"""


def sheets(pdf: bytes) -> list[tuple[float, float]]:
    """Width and height of every page in millimetres."""
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return [(float(width) / MM, float(height) / MM) for width, height in boxes]


def printed(page: Page, maps: list[str]) -> tuple[bytes, list[bool]]:
    """The PDF, and whether each map shows the whole zone on the sheet."""
    page.evaluate(
        "(names) => { window.seen = []; window.addEventListener('beforeprint', () => {"
        " window.seen = names.map((n) => (" + WHOLE + ")(window[n])); }); }",
        maps,
    )
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    return pdf, page.evaluate("window.seen")


def test_the_map_page_prints_on_one_sheet(open_page: Opening) -> None:
    page = open_page(draw())
    page.evaluate("map_planner.setView(map_planner.getCenter(), 16.5, { animate: false })")
    view = "[map_planner.getZoom(), map_planner.getSize().x, map_planner.getCenter().lat]"
    before = page.evaluate(view)
    pdf, whole = printed(page, ["map_planner"])
    assert sheets(pdf) == [pytest.approx((420, 297), abs=0.5)]
    assert whole == [True]
    assert page.evaluate(view) == pytest.approx(before, abs=1e-4), "the screen is as it was"
    assert not page.evaluate("document.documentElement.classList.contains('printing')")


def test_the_comparison_prints_maps_and_tables(open_page: Opening) -> None:
    place = town.territory()
    page = open_page(compare_towns(town.plan(place), other_plan(place)), ready="plannerComparison")
    pdf, whole = printed(page, ["map_a", "map_b"])
    assert whole == [True, True]
    assert len(sheets(pdf)) >= 2
    assert all(sheet == pytest.approx((420, 297), abs=0.5) for sheet in sheets(pdf))
