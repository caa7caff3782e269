from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from planner.maps.page import draw_map
from planner.scenario.model import Privacy
from tests.maps import town

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opening = Callable[..., Page]

LONG = "很长的名字" * 40
EVIL = "<img src=x onerror=alert(1)><script>alert(1)</script>\"'&{{ 7 * 7 }}{% x %}`"


def draw(**names: str) -> str:
    place = town.territory(rename=names)
    checks = [{"code": "a", "ok": True, "title_en": "A", "title_zh": "甲", "figures": "1"}]
    return draw_map(
        place, town.scenario(), town.plan(place), verification=checks, record={"run_id": "r1"}
    )


@pytest.fixture(scope="module")
def html() -> str:
    return draw()


def layer(page: Page, name: str, expression: str) -> object:
    return page.evaluate(f"plannerMap.layers['{name}'].{expression}")


def test_every_layer_holds_what_the_plan_holds(open_page: Opening, html: str) -> None:
    place = town.territory()
    plan = town.plan(place)
    pupils = {s: place.demand[s][town.YEAR] for s in town.SERVICES}
    today = place.communities["subdistrict"]
    expected = {
        "plan_subdistricts": len(plan.subdistricts),
        "plan_communities": len(plan.communities),
        "plan_grids": len(plan.grids),
        "plan_schools": len(plan.schools),
        "plan_sites": 2,
        "plan_seats": 3,
        "plan_seats_unused": 1,
        "today_subdistricts": 2,
        "today_communities": 6,
        "today_schools": 5,
        "today_seats": 2,
        "compounds": 30,
        "buildings": len(place.buildings),
        "streets": 13,
        "barriers": 2,
        "context": 1,
        "study_area": 1,
        "change_community": sum(
            a.community != place.compounds.at[a.compound, "community"] for a in plan.assignments
        ),
        "change_subdistrict": sum(
            a.subdistrict != today[place.compounds.at[a.compound, "community"]]
            for a in plan.assignments
        ),
    }
    for service in town.SERVICES:
        served = [a for a in plan.assignments if pupils[service][a.compound] > 0]
        expected |= {
            f"plan_lines_{service}": len(served),
            f"plan_beyond_{service}": sum(
                place.travel.straight_m.at[a.compound, a.schools[service]]
                > town.scenario().services[service].radius_m
                for a in served
            ),
            f"plan_catchments_{service}": len({a.schools[service] for a in plan.assignments}),
            f"today_catchments_{service}": place.today[service].nunique(),
            f"change_school_{service}": sum(
                a.schools[service] != place.today.at[a.compound, service] for a in served
            ),
        }
    page = open_page(html)
    counts = page.evaluate(
        "Object.fromEntries(Object.entries(plannerMap.layers).map(([k, v]) => [k, v.count]))"
    )
    assert counts == expected
    assert all(page.locator(f"input[data-layer={name}]").count() == 1 for name in expected), (
        "each layer has its box"
    )


def test_boxes_toggle_layers_and_the_legend_follows(open_page: Opening, html: str) -> None:
    page = open_page(html)
    page.evaluate("document.querySelectorAll('#layers details').forEach((d) => { d.open = true; })")
    for name in page.evaluate("Object.keys(plannerMap.layers)"):
        box = page.locator(f"input[data-layer={name}]")
        if layer(page, name, "count") == 0:
            assert box.is_disabled()
            continue
        before = box.is_checked()
        assert layer(page, name, "visible()") is before
        box.click()
        assert layer(page, name, "visible()") is not before
        shown = page.locator(f"#legend [data-legend='{name}']").count() == 1
        assert shown is not before
        box.click()
        assert layer(page, name, "visible()") is before


def test_layers_are_folium_feature_groups_on_the_map(open_page: Opening, html: str) -> None:
    page = open_page(html)
    assert page.evaluate("feature_group_plan_grids instanceof L.FeatureGroup")
    assert page.evaluate("geo_json_plan_grids instanceof L.GeoJSON")
    assert page.evaluate("map_planner.hasLayer(feature_group_plan_schools)")
    assert not page.evaluate("map_planner.hasLayer(feature_group_plan_grids)")


def test_only_one_kind_of_area_is_filled(open_page: Opening, html: str) -> None:
    page = open_page(html)
    filled = (
        "Object.values(plannerMap.layers).filter((l) => l.visible() && l.filled).map((l) => l.name)"
    )
    assert page.evaluate(filled) == ["plan_subdistricts"]
    page.locator("input[data-layer=plan_catchments_primary]").check()
    assert page.evaluate(filled) == ["plan_catchments_primary"]


def test_views_show_their_layers(open_page: Opening, html: str) -> None:
    page = open_page(html)
    page.locator("[data-view=junior]").click()
    assert layer(page, "plan_lines_junior", "visible()") is True
    assert layer(page, "plan_subdistricts", "visible()") is False
    assert page.locator("[data-view=junior]").get_attribute("aria-pressed") == "true"


@pytest.mark.parametrize("query", ["t1学校", "School t1", "school T", "t1"])
def test_search_finds_a_school_by_name_or_id(open_page: Opening, html: str, query: str) -> None:
    page = open_page(html)
    page.locator("#query").fill(query)
    page.locator("#query").press("Enter")
    assert page.locator("#details h3").inner_text().strip() == "t1学校"
    assert page.locator("#schools tr[aria-selected=true]").get_attribute("data-id") == "t1"


@pytest.mark.parametrize("query", ["c12小区", "k10社区", "新街道", "d1街道", "t2学校"])
def test_search_finds_units_and_sites(open_page: Opening, html: str, query: str) -> None:
    page = open_page(html)
    page.locator("#query").fill(query)
    page.locator("#query").press("Enter")
    assert page.locator("#details h3").inner_text().strip() == query


def test_search_without_a_hit_says_so(open_page: Opening, html: str) -> None:
    page = open_page(html)
    page.locator("#query").fill("没有这个")
    page.locator("#query").press("Enter")
    assert page.locator("#search-answer").inner_text() == "没有找到"


def test_click_on_a_school_shows_its_table(open_page: Opening, html: str) -> None:
    page = open_page(html)
    page.locator(".symbol[aria-label='s5学校 / School s5']").click()
    text = page.locator("#details").inner_text()
    assert "扩建学校" in text
    assert "30 = 24 + 6" in text
    assert "学区小区" in text


def test_click_and_hover_on_a_compound(open_page: Opening, html: str) -> None:
    page = open_page(html)
    spot = page.evaluate(
        "(() => { const shape = geo_json_compounds.getLayers()"
        ".find((l) => l.feature.properties.o[1] === 'c40').getBounds().getCenter();"
        "const p = map_planner.latLngToContainerPoint(shape);"
        "const box = map_planner.getContainer().getBoundingClientRect();"
        "return [p.x + box.left - 20, p.y + box.top + 20]; })()"
    )
    page.mouse.move(*spot)
    assert "c40小区" in page.locator(".leaflet-tooltip").inner_text()
    page.mouse.click(*spot)
    assert page.locator("#details h3").inner_text().strip() == "c40小区"
    page.locator("#details .ref", has_text="k20社区").first.click()
    assert page.locator("#details h3").inner_text().strip() == "k20社区"


def test_keyboard_reaches_schools_on_the_map(open_page: Opening, html: str) -> None:
    page = open_page(html)
    page.locator(".symbol[aria-label='s1学校 / School s1']").focus()
    page.keyboard.press("Enter")
    assert page.locator("#details h3").inner_text().strip() == "s1学校"


def test_language_follows_the_browser_and_switches(open_page: Opening, html: str) -> None:
    page = open_page(html, language="en-US")
    assert page.locator("h1").inner_text().strip() == "Small town"
    assert page.evaluate("document.documentElement.lang") == "en"
    page.locator("#language").click()
    assert page.locator("h1").inner_text().strip() == "小城方案"
    assert page.evaluate("document.title") == "小城方案"
    assert "学校" in page.locator("#tab-schools").inner_text()


def test_table_sorts_and_flies(open_page: Opening, html: str) -> None:
    page = open_page(html)
    page.locator("[data-sort=places]").click()
    cells = page.locator("#schools tbody td:nth-of-type(4)").all_inner_texts()
    places = [int(text.replace(",", "")) for text in cells]
    assert places == sorted(places, reverse=True)
    assert len(places) == 6
    page.locator("[data-sort=places]").click()
    assert page.locator("th[aria-sort=ascending] [data-sort=places]").count() == 1
    page.locator("#schools tr[data-id=s2] .ref").click()
    page.wait_for_timeout(900)
    inside = "map_planner.getBounds().contains(geo_json_plan_schools.getLayers()[1].getLatLng())"
    assert page.evaluate(inside)
    assert page.locator("#details h3").inner_text().strip() == "s2学校"


def test_the_year_slider_moves_pupils_of_table_and_card(open_page: Opening) -> None:
    place = town.territory()
    demand = {
        service: table.join((table[town.YEAR] / 2).rename(town.YEAR + 1))
        for service, table in place.demand.items()
    }
    page = open_page(draw_map(
        replace(place, demand=demand), town.scenario(), town.plan(place),
        verification=[], record={"run_id": "r1"},
    ))  # fmt: skip
    pupils = "Number(planner.schoolSums(planner.card('school', 's1')).pupils)"
    before = page.evaluate(pupils)
    assert before > 0
    page.locator("#year").focus()
    page.keyboard.press("End")
    assert str(town.YEAR + 1) in page.locator("#year-shown").inner_text()
    assert page.evaluate(pupils) == pytest.approx(before / 2, abs=0.2)


def test_figures_of_few_children_are_withheld(open_page: Opening, html: str) -> None:
    place = town.territory()
    public = town.scenario().model_copy(update={"privacy": Privacy(min_children=40)})
    page = open_page(draw_map(
        place, public, town.plan(place), verification=[], record={"run_id": "r1"}
    ))  # fmt: skip
    told = page.evaluate(
        "Object.entries(planner.data().cards.compound)"
        ".map(([k, c]) => [k, c.services.primary.pupils, c.services.primary.withheld])"
    )
    demand = place.demand["primary"][town.YEAR]
    few = {key for key, count in demand.items() if 0 < count < 40}
    assert few
    assert few <= {key for key, count, withheld in told if withheld and count is None}
    assert any(not withheld for _, _, withheld in told)
    crowd = page.evaluate(
        "Object.values(planner.data().cards.school).flatMap((c) => Object.values(c.services))"
        ".flatMap((o) => [o.pupils, ...o.years]).filter((n) => n !== null && n > 0)"
    )
    assert min(crowd) >= 40
    assert page.locator("#slider").is_hidden(), "one year needs no slider"


def test_verification_unfolds(open_page: Opening, html: str) -> None:
    page = open_page(html)
    assert not page.locator(".checks li").is_visible()
    page.locator("#verification summary").click()
    assert "甲" in page.locator(".checks li").inner_text()


def test_names_that_are_code_stay_names(open_page: Opening) -> None:
    names = dict.fromkeys(["s1", "c12", "k00", "d1", "o1", "t2"], EVIL)
    page = open_page(draw(**names, c13=LONG))
    for kind, key in [("school", "s1"), ("compound", "c12"), ("today_community", "k00"),
                      ("subdistrict", "d1"), ("seat", "o1"), ("school", "t2")]:  # fmt: skip
        page.evaluate(f"plannerMap.select('{kind}', '{key}')")
        assert page.locator("#details h3").inner_text().strip() == EVIL
    page.evaluate("plannerMap.select('compound', 'c13')")
    wide = page.evaluate("document.querySelector('#details').scrollWidth")
    assert wide <= page.evaluate("document.querySelector('#details').clientWidth")
    page.evaluate("Object.values(plannerMap.layers).forEach((l) => l.toggle(true))")
    page.mouse.move(650, 500)
    assert page.locator("img").count() == 0


def test_page_without_grids_buildings_or_context_opens(open_page: Opening) -> None:
    place = town.territory(placed=False)
    bare = town.plan(place, grids=(), indicators={}, levels=())
    html = draw_map(place, town.scenario(), bare, verification=None, record={})
    page = open_page(html)
    assert layer(page, "plan_grids", "count") == 0
    assert layer(page, "buildings", "count") == 0
    assert page.locator("input[data-layer=plan_grids]").is_disabled()
