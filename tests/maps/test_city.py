"""A city of 1409 compounds and 40 subdistricts: the page's weight, and how soon it can be used."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from planner.maps.page import draw_map
from tests.maps import town
from tests.maps.city import BUILDINGS, city, city_points

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opening = Callable[..., Page]

COMPOUNDS, SUBDISTRICTS, SCHOOLS, SITES = 1409, 40, 180, 37
MEGABYTES = 8
FIRST_PAINT_MS = 2000


@pytest.fixture(scope="module")
def html() -> str:
    place, plan = city(
        city_points(COMPOUNDS), subdistricts=SUBDISTRICTS, schools=SCHOOLS, sites=SITES
    )
    return draw_map(place, town.scenario(), plan, verification=[], record={"run_id": "city"})


def test_the_page_of_a_city_is_light_enough_to_mail(html: str) -> None:
    assert len(html.encode("utf-8")) <= MEGABYTES * 1_000_000


def test_the_page_of_a_city_opens(open_page: Opening, html: str) -> None:
    page = open_page(html)
    counts = page.evaluate(
        "Object.fromEntries(Object.entries(plannerMap.layers).map(([k, v]) => [k, v.count]))"
    )
    assert counts["compounds"] == COMPOUNDS
    assert counts["buildings"] == COMPOUNDS * BUILDINGS
    assert counts["plan_subdistricts"] == SUBDISTRICTS
    assert counts["plan_grids"] == 2 * COMPOUNDS
    paint = page.evaluate(
        "performance.getEntriesByType('paint')"
        ".find((e) => e.name === 'first-contentful-paint')?.startTime ?? 0"
    )
    assert paint < FIRST_PAINT_MS
    page.wait_for_timeout(3000)
    ground = page.evaluate(
        "['compounds', 'streets'].map((n) => plannerMap.layers[n].layer.getLayers().length)"
    )
    assert ground[0] == COMPOUNDS, "what comes later comes"
    assert ground[1] > COMPOUNDS
    page.evaluate("plannerMap.layers.buildings.toggle(true)")
    drawn = page.evaluate("plannerMap.layers.buildings.layer.getLayers().length")
    assert drawn == COMPOUNDS * BUILDINGS, "what is hidden is drawn when it is seen"
