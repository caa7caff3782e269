"""Names and symbols on the map: names find room, symbols shrink from afar, the area is in sight."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from planner.maps.page import draw_map
from tests.maps import town

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opening = Callable[..., Page]

OVERLAPS = """() => {
  const box = (element) => element.getBoundingClientRect();
  const meet = (a, b) =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const seen = [...document.querySelectorAll(".map-name:not(.out)")].filter((n) => box(n).width);
  const symbols = [...document.querySelectorAll(".symbol > svg")];
  const pairs = seen.flatMap((a, i) => seen.slice(i + 1).map((b) => [a, b]))
    .filter(([a, b]) => meet(box(a), box(b)));
  const covered = seen.filter((name) => Number(name.dataset.rank) > 0 &&
    symbols.some((s) => s.parentElement !== name.parentElement && meet(box(name), box(s))));
  return [pairs.length, covered.length, seen.length];
}"""
INSIDE = "plannerMap.map.getBounds().contains(L.latLngBounds(planner.data().bounds))"
FILLED = "plannerMap.map.getSize().y - document.getElementById('map_planner').clientHeight"


@pytest.fixture(scope="module")
def html() -> str:
    place = town.territory()
    return draw_map(
        place, town.scenario(), town.plan(place), verification=[], record={"run_id": "town"}
    )


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_the_whole_area_is_in_sight_in_either_language(
    open_page: Opening, html: str, language: str
) -> None:
    page = open_page(html, language=language)
    assert page.evaluate(INSIDE)
    page.locator("#language").click()
    page.wait_for_timeout(100)
    assert page.evaluate(FILLED) == 0, "the heading's height differs between languages"


@pytest.mark.parametrize("zoom", [13, 14, 15.5])
def test_no_name_covers_another_or_a_symbol(open_page: Opening, html: str, zoom: float) -> None:
    page = open_page(html)
    page.evaluate(f"plannerMap.map.setZoom({zoom}, {{ animate: false }})")
    page.wait_for_timeout(50)
    pairs, covered, seen = page.evaluate(OVERLAPS)
    assert (pairs, covered) == (0, 0)
    assert seen >= 3


def test_new_and_expanded_schools_keep_their_names(open_page: Opening, html: str) -> None:
    page = open_page(html)
    hidden = page.evaluate(
        "[...document.querySelectorAll('.school-name.out[data-rank=\"1\"]')].length"
    )
    shown = page.locator(".school-name[data-rank='1']:not(.out)").count()
    assert (hidden, shown) == (0, 2)


def test_symbols_shrink_from_afar(open_page: Opening, html: str) -> None:
    page = open_page(html)
    widths = []
    for zoom in (10, 12, 14, 16):
        page.evaluate(f"plannerMap.map.setZoom({zoom}, {{ animate: false }})")
        widths.append(page.locator(".symbol > svg").first.bounding_box()["width"])
    assert widths[0] == pytest.approx(widths[3] / 2, abs=0.5)
    assert widths[0] < widths[1] < widths[2] == widths[3]


def test_names_in_sight_are_whole(open_page: Opening, html: str) -> None:
    page = open_page(html)
    page.evaluate("plannerMap.map.setZoom(14.5, { animate: false })")
    page.wait_for_timeout(50)
    cut = page.evaluate(
        """() => {
          const edge = document.getElementById("map_planner").getBoundingClientRect();
          return [...document.querySelectorAll(".subdistricts-name:not(.out)")].filter((name) => {
            const box = name.getBoundingClientRect();
            const middle = (box.left + box.right) / 2;
            return box.width && middle > edge.left && middle < edge.right &&
              (box.left < edge.left || box.right > edge.right);
          }).length;
        }"""
    )
    assert cut == 0
