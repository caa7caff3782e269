"""Hostile text in every column of the data, through the map and the comparison, in a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from planner.maps.page import draw_map
from tests.hostile import NAMES, checks, hostile_town, record
from tests.maps.other_plan import compare_towns, other_plan

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opening = Callable[..., Page]

KINDS = {
    "school": "s1", "compound": "c12", "community": "k01b", "subdistrict": "d1", "grid": "g001",
    "today_community": "k00", "today_subdistrict": "d1", "seat": "o1",
}  # fmt: skip


def nothing_ran(page: Page) -> None:
    """Every script of the page is ours, and nothing from data became an element."""
    assert page.locator("img").count() == 0
    assert page.locator("body script:not([type])").count() == 1, "what Folium writes"
    wide = "document.documentElement.scrollWidth - window.innerWidth"
    assert page.evaluate(wide) <= 0, "long names do not push the page apart"


@pytest.mark.parametrize("kind", NAMES)
def test_the_map_shows_names_as_they_are(open_page: Opening, kind: str) -> None:
    name = NAMES[kind]
    place, asked, plan = hostile_town(name)
    page = open_page(draw_map(place, asked, plan, verification=checks(name), record=record(name)))
    assert page.evaluate("document.title") == name
    page.evaluate("Object.values(plannerMap.layers).forEach((l) => l.toggle(true))")
    for what, key in KINDS.items():
        page.evaluate(f"plannerMap.select('{what}', '{key}')")
        expected = key if what == "grid" else name
        assert page.locator("#details h3 [lang=zh]").text_content() == expected
    for fold in ("#status", "#verification", "#findings"):
        page.locator(f"{fold} summary").click()
        page.locator(f"{fold} summary").click()
    page.locator("#query").fill(name[:30])
    page.locator("#query").press("Enter")
    page.mouse.move(650, 500)
    nothing_ran(page)


@pytest.mark.parametrize("kind", NAMES)
def test_the_comparison_shows_names_as_they_are(open_page: Opening, kind: str) -> None:
    name = NAMES[kind]
    place, asked, plan = hostile_town(name)
    page = open_page(
        compare_towns(plan, other_plan(place, plan), scenarios=(asked, asked),
                      places=(place, place)),
        ready="plannerComparison",
    )  # fmt: skip
    page.locator("#tab-flows").click()
    for button in page.locator("[data-flows]").all():
        button.click()
    page.locator("tr[data-flow]").first.click()
    told = page.locator("tr[data-flow] td [lang=zh]").first.text_content()
    assert told == name
    page.locator("#tab-schools").click()
    page.evaluate("planners.b.select('school', 's1')")
    assert page.locator("#details h3 [lang=zh]").first.text_content() == name
    nothing_ran(page)
