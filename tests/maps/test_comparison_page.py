"""The comparison page in a real browser: maps in step, hatching, indicators, flows, languages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from planner.plan.difference import amounts_of, difference_of
from tests.maps import town
from tests.maps.other_plan import COLUMN, compare_towns, other_plan

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opening = Callable[..., Page]

PIXEL = 1.5e-4
"""Degrees of two pixels at the zoom of the whole town: maps stand on whole ones."""
READY = "plannerComparison"
EVIL = "</script><img src=x onerror=alert(1)><script>alert(1)</script>\"'&{{ 7 * 7 }}{% x %}`"
LONG = "很长的名字" * 40


@pytest.fixture(scope="module")
def html() -> str:
    place = town.territory()
    return compare_towns(town.plan(place), other_plan(place))


@pytest.fixture(scope="module")
def three() -> str:
    place = town.territory()
    return compare_towns(town.plan(place), other_plan(place), town.plan(place))


def differences() -> Any:
    place = town.territory()
    return difference_of(town.plan(place), other_plan(place), amounts_of(place, town.scenario()))


def test_every_difference_is_hatched_on_both_maps(open_page: Opening, html: str) -> None:
    page = open_page(html, ready=READY)
    moves = differences().moves
    for kind, service in [("school", "primary"), ("school", "junior"), ("subdistrict", "")]:
        name = f"change_{kind}_{service}" if service else f"change_{kind}"
        expected = {
            move.compound
            for move in moves
            if (move.kind, move.service) == (kind, service) and move.amount > 0
        }
        assert expected
        for side in "ab":
            ids = page.evaluate(f"planners.{side}.layers.{name}.features.map((p) => p.o[1])")
            assert set(ids) == expected
    assert page.evaluate("planners.a.layers.change_community.count") == 0
    assert page.locator("input[data-layer=change_community]").is_disabled()
    assert page.locator("#map_b path.hatched").count() == town.ROWS, "the first view shows them"


def test_maps_move_in_step(open_page: Opening, html: str) -> None:
    page = open_page(html, ready=READY)
    look = "plannerComparison.maps.map((m) => [m.getZoom(), m.getCenter().lat, m.getCenter().lng])"
    first = page.evaluate(look)
    assert first[0] == pytest.approx(first[1], abs=1e-9)
    box = page.locator("#map_a").bounding_box()
    assert box
    page.mouse.move(box["x"] + 150, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(box["x"] + 230, box["y"] + 340, steps=5)
    page.mouse.up()
    page.wait_for_timeout(400)
    dragged = page.evaluate(look)
    assert dragged[0][2] != pytest.approx(first[0][2], abs=25 * PIXEL)
    assert dragged[0] == pytest.approx(dragged[1], abs=PIXEL)
    page.locator("#map_b .leaflet-control-zoom-in").click()
    zoomed = page.evaluate(look)
    assert zoomed[1][0] == dragged[1][0] + 0.5
    assert zoomed[0] == pytest.approx(zoomed[1], abs=PIXEL)
    page.mouse.move(box["x"] + 100, box["y"] + 200)
    assert page.evaluate("planners.b.map.hasLayer(planners.b.pointer)"), "the pointer is mirrored"


def test_areas_have_one_colour_on_both_maps(open_page: Opening, html: str) -> None:
    page = open_page(html, ready=READY)
    for name in ("plan_subdistricts", "plan_communities", "plan_catchments_primary"):
        a, b = (page.evaluate(f"planners.{side}.layers.{name}.colourOf") for side in "ab")
        shared = set(a) & set(b)
        assert len(shared) > 1
        assert all(a[key] == b[key] for key in shared)


def test_boxes_toggle_a_layer_on_both_maps(open_page: Opening, html: str) -> None:
    page = open_page(html, ready=READY)
    page.evaluate("document.querySelectorAll('#layers details').forEach((d) => { d.open = true; })")
    for name in page.evaluate("Object.keys(planners.a.layers)"):
        box = page.locator(f"input[data-layer={name}]")
        if box.is_disabled():
            continue
        before = box.is_checked()
        box.click()
        states = page.evaluate(f"['a', 'b'].map((s) => planners[s].layers.{name}.visible())")
        assert states == [not before] * 2
        assert (page.locator(f"#legend [data-legend='{name}']").count() == 1) is not before
        box.click()


def test_the_better_one_is_marked(open_page: Opening, html: str) -> None:
    page = open_page(html, ready=READY)

    def best(name: str) -> list[str | None]:
        cells = page.locator(f"[data-indicator='{name}'] td.best")
        return [cells.nth(n).get_attribute("data-column") for n in range(cells.count())]

    assert best("cost_yuan") == ["b"]
    assert best("mean_distance_m.primary") == ["a"]
    assert best("mean_distance_m.junior") == []
    assert best("new_schools") == [], "neither more nor fewer schools are better"
    cost = page.locator("[data-indicator=cost_yuan]").inner_text()
    assert "2.20 亿元" in cost
    assert "−1.50 亿元" in cost
    assert "boundaries.band" in page.locator(".asked").inner_text()


def test_flows_are_those_of_the_plans(open_page: Opening, html: str) -> None:
    page = open_page(html, ready=READY)
    page.locator("#tab-flows").click()
    flows = [f for f in differences().flows if not f.stays and f.amount > 0]
    for kind, service in dict.fromkeys((flow.kind, flow.service) for flow in flows):
        page.locator(f"[data-flows='{kind}:{service}']").click()
        own = [f for f in flows if (f.kind, f.service) == (kind, service)]
        assert page.locator("tr[data-flow]").count() == len(own)
        assert page.locator("#flows path.ribbon").count() == len(own)
        told = page.locator("tr[data-flow] td:nth-child(3)").all_inner_texts()
        numbers = sorted(float(text.replace(",", "")) for text in told)
        assert numbers == pytest.approx(sorted(flow.amount for flow in own), abs=0.51)
    page.locator("[data-flows='subdistrict:']").click()
    page.locator("tr[data-flow]").click()
    page.wait_for_timeout(800)
    for side in "ab":
        assert page.evaluate(f"planners.{side}.marks.getLayers().length") == town.ROWS


def test_a_click_tells_of_both_plans(open_page: Opening, html: str) -> None:
    page = open_page(html, ready=READY)
    page.evaluate(f"planners.b.select('compound', 'c{COLUMN}4')")
    parts = page.locator("#details .beside")
    assert parts.count() == 2
    texts = parts.all_inner_texts()
    assert "s2学校" in texts[0]
    assert "s3学校" in texts[1]
    page.locator("#query").fill("t1学校")
    page.locator("#query").press("Enter")
    assert "新建学校" in page.locator("#details .beside").first.inner_text()
    assert "未选用地" in page.locator("#details .beside").last.inner_text()
    page.locator("#tab-schools").click()
    assert page.locator(".built tbody tr").count() == len(differences().schools)


def test_the_window_is_filled_and_does_not_scroll(open_page: Opening, three: str) -> None:
    page = open_page(three, ready=READY)
    tall = "document.documentElement.scrollHeight - window.innerHeight"
    assert page.evaluate(tall) <= 0
    page.set_viewport_size({"width": 1700, "height": 1000})
    page.wait_for_timeout(500)
    assert page.evaluate(tall) <= 0
    sizes = page.evaluate("['a', 'b'].map((s) => planners[s].map.getSize())")
    assert sizes[0] == sizes[1]
    centres = page.evaluate("['a', 'b'].map((s) => planners[s].map.getCenter())")
    assert centres[0] == pytest.approx(centres[1], abs=PIXEL)
    assert page.locator("#map_b path.leaflet-interactive").count() > 0


def test_languages_switch(open_page: Opening, html: str) -> None:
    page = open_page(html, language="en-US", ready=READY)
    assert page.locator("h1").inner_text().strip() == "Comparison of plans"
    assert "No longer built" in page.locator(".story").inner_text()
    page.locator("#language").click()
    assert page.locator("h1").inner_text().strip() == "方案比较"
    assert "不再建设" in page.locator(".story").inner_text()
    assert page.evaluate("document.title") == "方案比较"


def test_a_third_plan_can_be_chosen(open_page: Opening, three: str) -> None:
    page = open_page(three, ready=READY)
    assert page.locator("#map_b").is_visible()
    assert not page.locator("#map_c").is_visible()
    drawn = (
        "planners.a.layers.change_subdistrict.layer.getLayers()"
        ".filter((l) => l.options.fillOpacity > 0).length"
    )
    assert page.evaluate(drawn) == town.ROWS
    page.locator("[data-against=c]").click()
    assert not page.locator("#map_b").is_visible()
    assert page.locator("#map_c").is_visible()
    assert page.evaluate(drawn) == 0, "the third plan is the first one again"
    assert page.evaluate("planners.c.map.getZoom() === planners.a.map.getZoom()")
    page.locator("[data-view=primary]").click()
    page.locator("[data-against=b]").click()
    assert page.locator("[data-view=primary]").get_attribute("aria-pressed") == "true"
    page.locator("[data-view=communities]").click()
    page.locator("[data-against=c]").click()
    page.locator("[data-against=b]").click()
    assert page.locator("[data-view=subdistricts]").get_attribute("aria-pressed") == "true", (
        "a view in which something differs"
    )
    page.locator("[data-against=c]").click()
    assert "两个方案完全相同" in page.locator(".story:visible").inner_text()
    page.locator("#tab-flows").click()
    assert page.locator("tr[data-flow]").count() == 0


def test_figures_of_few_children_are_withheld(open_page: Opening) -> None:
    place = town.territory()
    public = town.scenario(privacy={"min_children": 100})
    scenarios = (town.scenario(privacy={"min_children": 0}), public)
    page = open_page(
        compare_towns(town.plan(place), other_plan(place), scenarios=scenarios), ready=READY
    )
    shown = page.evaluate(
        "['a', 'b'].flatMap((s) => Object.values(planners[s].data().cards.compound))"
        ".flatMap((c) => Object.values(c.services)).map((w) => w.pupils).filter((n) => n)"
    )
    assert shown
    assert min(shown) >= 100, "the strictest threshold counts for all"
    flows = page.evaluate("readPage().later.b.flows.filter((f) => f.kind === 'school')")
    assert any(flow["n"] is None for flow in flows)
    assert all(flow["n"] is None or flow["n"] >= 100 for flow in flows)
    hidden = [
        {key for key, card in page.evaluate(f"planners.{side}.data().cards.compound").items()
         if card["services"]["primary"]["withheld"]}
        for side in "ab"
    ]  # fmt: skip
    assert hidden[0] == hidden[1], "what one map withholds the other does not tell"


def test_plans_of_unlike_territories_are_compared(open_page: Opening) -> None:
    place = town.territory()
    base = town.plan(place)
    fewer = place.compounds.index[:-3]
    small = place.__class__(**{
        **vars(place),
        "compounds": place.compounds.loc[fewer], "cells": place.cells.loc[fewer],
        "demand": {key: table.loc[fewer] for key, table in place.demand.items()},
        "today": place.today.loc[fewer],
    })  # fmt: skip
    plan = base.__class__(**{
        **vars(base), "assignments": tuple(a for a in base.assignments if a.compound in fewer),
        "communities": tuple(
            unit.__class__(**{**vars(unit), "compounds": tuple(
                key for key in unit.compounds if key in fewer)})
            for unit in base.communities
        ),
    })  # fmt: skip
    page = open_page(compare_towns(base, plan, places=(place, small)), ready=READY)
    assert page.evaluate("planners.a.layers.compounds.count") == 30
    assert page.evaluate("planners.b.layers.compounds.count") == 27
    page.evaluate("planners.a.select('compound', 'c54')")
    assert "此方案中没有" in page.locator("#details .beside").last.inner_text()


def test_names_that_are_code_stay_names(open_page: Opening) -> None:
    ids = ["s1", "s3", "c12", "c24", "k00", "d1", "d3", "o1", "t2"]
    names = {**dict.fromkeys(ids, EVIL), "s5": LONG, "d2": LONG}
    place = town.territory(rename=names)
    title = {"zh": EVIL, "en": EVIL}
    scenarios = (town.scenario(title=title), town.scenario(title=title))
    page = open_page(
        compare_towns(town.plan(place), other_plan(place), scenarios=scenarios,
                      places=(place, place)),
        ready=READY,
    )  # fmt: skip
    page.locator("#tab-flows").click()
    for key in ("school:primary", "school:junior", "subdistrict:"):
        page.locator(f"[data-flows='{key}']").click()
    page.locator("#tab-schools").click()
    page.evaluate("planners.a.select('school', 's1')")
    assert EVIL in page.locator("#details h3").first.inner_text()
    page.evaluate("Object.values(planners.a.layers).forEach((l) => l.toggle(true))")
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0
    assert page.locator("img").count() == 0


def test_the_page_repeats_no_shape_and_no_equal_layer(html: str) -> None:
    found = re.search(r'<script type="application/json" id="planner-data">(.*?)</script>', html)
    assert found
    data = json.loads(found.group(1))
    shapes = [json.dumps(shape) for shape in data["shapes"]]
    assert len(shapes) == len(set(shapes))
    features = {
        side: {layer["name"]: layer["features"] for layer in own["layers"]}
        for side, own in data["sides"].items()
    }
    assert len(features["a"]["streets"]) == 13
    assert features["b"]["streets"] is None
    assert features["b"]["plan_catchments_primary"]
    place = town.territory()
    assert html == compare_towns(town.plan(place), other_plan(place)), "same inputs, same text"
