"""``python -m tests.benchmarks pages RUN``: our map page beside `.explore()` and plain Folium.

Three pages of one stored plan are written and opened in headless Chromium: first with the network
cut off, then with the Leaflet that our page has, so that the others can show what they hold. Needs
what `.explore()` needs: ``pip install matplotlib mapclassify``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

import folium
import geopandas as gpd
import pandas as pd

from planner.maps.page import draw_map
from planner.plan.plan import Plan
from planner.store.run_folder import read_run
from planner.territory.build import build_territory
from planner.territory.territory import Territory
from tests.maps.conftest import find_chromium
from tests.refresh_assets import ASSETS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

WAIT_MS = 1500
GIVEN = {"leaflet.js": "text/javascript", "leaflet.css": "text/css"}
LAYERS = "input[type=checkbox], .leaflet-control-layers-selector"


def main(arguments: Sequence[str]) -> int:
    """Write, open and measure the pages; prints a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks pages", description=__doc__)
    parser.add_argument("run", type=Path, help="folder of a run")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    asked = parser.parse_args(arguments)
    stored = read_run(asked.run)
    if stored.scenario is None or stored.layers is None or stored.plan is None:
        parser.error(f"{asked.run} is no whole run: {'; '.join(stored.problems)}")
    place = build_territory(stored.scenario, stored.layers)
    pages = {
        "planner": draw_map(
            place, stored.scenario, stored.plan, verification=[], record=stored.record
        ),
        "geopandas .explore()": _explored(place, stored.plan),
        "plain Folium": _plain(place, stored.plan),
    }
    found = _measured(pages, place, stored.plan)
    _print_table(found)
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
    return 0


def _joined(place: Territory, plan: Plan) -> gpd.GeoDataFrame:
    """Compounds with what the plan says of them, as anybody would join it."""
    rows = pd.DataFrame(
        [
            {"id": a.compound, "community": a.community, "subdistrict": a.subdistrict, **a.schools}
            for a in plan.assignments
        ]
    ).set_index("id")
    cells = place.cells.rename("geometry").to_frame()
    named = place.compounds[["name", "name_en", "population", "households"]]
    frame = gpd.GeoDataFrame(named.join(rows).join(cells), geometry="geometry", crs=place.crs)
    return frame.reset_index(names="id")


def _points(place: Territory, plan: Plan) -> gpd.GeoDataFrame:
    known = {school.id: school for school in plan.schools}
    frame = place.schools.loc[list(known), ["name", "name_en", "geometry"]].copy()
    for service in plan.assignments[0].schools:
        frame[f"{service}_places"] = [known[key].places.get(service, 0) for key in frame.index]
    return frame.reset_index(names="id")


def _explored(place: Territory, plan: Plan) -> str:
    compounds, schools = _joined(place, plan), _points(place, plan)
    units = compounds.dissolve("subdistrict").reset_index()[["subdistrict", "geometry"]]
    m = units.explore(column="subdistrict", name="subdistricts", popup=True)
    compounds.explore(m=m, column="primary", name="catchments", popup=True, legend=False)
    schools.explore(m=m, name="schools", color="black", popup=True)
    folium.LayerControl().add_to(m)
    return str(m.get_root().render())


def _plain(place: Territory, plan: Plan) -> str:
    compounds, schools = _joined(place, plan), _points(place, plan)
    units = compounds.dissolve("subdistrict").reset_index()[["subdistrict", "geometry"]]
    centre = compounds.to_crs(4326).union_all().centroid
    m = folium.Map(location=[centre.y, centre.x], zoom_start=13)
    for name, frame in {"subdistricts": units, "catchments": compounds, "schools": schools}.items():
        fields = [column for column in frame.columns if column != "geometry"]
        folium.GeoJson(
            frame.to_crs(4326), name=name, tooltip=folium.GeoJsonTooltip(fields),
            popup=folium.GeoJsonPopup(fields),
        ).add_to(m)  # fmt: skip
    folium.LayerControl().add_to(m)
    return str(m.get_root().render())


def _measured(pages: dict[str, str], place: Territory, plan: Plan) -> dict[str, dict[str, Any]]:
    from playwright.sync_api import sync_playwright

    found = {}
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as folder:
        browser = driver.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        for name, html in pages.items():
            path = Path(folder) / "page.html"
            path.write_text(html, encoding="utf-8")
            found[name] = {"megabytes": round(len(html.encode()) / 1e6, 2)}
            found[name] |= _cut_off(browser, path)
            for question, ask in QUESTIONS.items():
                found[name][question] = _asked(browser, path, ask, place, plan)
        browser.close()
    return found


def _cut_off(browser: Browser, path: Path) -> dict[str, Any]:
    """What the page asks of the network, what it shows without, and when it first paints."""
    context = browser.new_context(locale="en-US", viewport={"width": 1400, "height": 900})
    asked: list[str] = []

    def refuse(route: Route) -> None:
        if route.request.url.startswith(("file:", "data:")):
            route.continue_()
            return
        asked.append(route.request.url)
        route.abort()

    context.route("**/*", refuse)
    page = context.new_page()
    page.goto(path.as_uri())
    page.wait_for_timeout(WAIT_MS)
    paint = page.evaluate(
        "performance.getEntriesByType('paint')"
        ".find((e) => e.name === 'first-contentful-paint')?.startTime ?? null"
    )
    areas = page.locator("path.leaflet-interactive").count()
    context.close()
    return {
        "requests": len(set(asked)),
        "hosts": len({urlparse(url).hostname for url in asked}),
        "areas without a network": areas,
        "first paint, ms": None if paint is None else round(paint),
    }


def _asked(
    browser: Browser, path: Path, ask: Callable[[Page, Territory, Plan], bool],
    place: Territory, plan: Plan,
) -> bool:  # fmt: skip
    """Whether at most three clicks answer a question, with Leaflet at hand."""
    context = browser.new_context(locale="en-US", viewport={"width": 1400, "height": 900})

    def give(route: Route) -> None:
        name = route.request.url.rpartition("/")[2].split("?")[0]
        if route.request.url.startswith(("file:", "data:")):
            route.continue_()
        elif name in GIVEN:
            route.fulfill(path=ASSETS / name, content_type=GIVEN[name])
        else:
            route.abort()

    context.route("**/*", give)
    page = context.new_page()
    page.goto(path.as_uri())
    page.wait_for_timeout(WAIT_MS)
    try:
        return ask(page, place, plan)
    finally:
        context.close()


def _text(page: Page) -> str:
    return page.locator("body").inner_text()


def _pick(place: Territory, plan: Plan) -> tuple[str, str]:
    """A compound's name, and that of the school it goes to."""
    entry = next(a for a in plan.assignments if a.schools)
    school = next(iter(entry.schools.values()))
    named = place.compounds.at[entry.compound, "name_en"], place.schools.at[school, "name_en"]
    return str(named[0]), str(named[1])


def _school_of_a_compound(page: Page, place: Territory, plan: Plan) -> bool:
    """Type the name of a compound and press Enter."""
    compound, school = _pick(place, plan)
    box = page.locator("input[type=search], input[type=text]")
    if box.count() == 0:
        return False
    box.first.fill(compound)
    box.first.press("Enter")
    page.wait_for_timeout(WAIT_MS)
    return compound in _text(page) and school in _text(page)


def _who_changes(page: Page, place: Territory, plan: Plan) -> bool:
    """Some control speaks of change, and clicking it draws areas that were not there."""
    control = page.locator("button:visible, label:visible").filter(has_text="Change")
    before = page.locator("path.leaflet-interactive").count()
    if control.count() == 0:
        return False
    control.first.click()
    page.wait_for_timeout(WAIT_MS)
    return page.locator("path.hatched").count() > 0 or (
        page.locator("path.leaflet-interactive").count() > before
    )


def _legend_follows(page: Page, place: Territory, plan: Plan) -> bool:
    """Switching a layer changes what the legend says."""
    legend = page.locator(".legend:visible")
    boxes = page.locator(LAYERS)
    if legend.count() == 0 or boxes.count() == 0:
        return False
    before = legend.first.inner_text()
    boxes.first.evaluate("(box) => box.click()")
    page.wait_for_timeout(WAIT_MS)
    return legend.first.inner_text() != before


def _crowded_schools(page: Page, place: Territory, plan: Plan) -> bool:
    """A table of schools can be sorted by use."""
    heads = page.locator("th button:visible, th.sortable:visible").filter(has_text="Use")
    if heads.count() == 0:
        return False
    heads.first.click()
    table = page.locator("table:visible").filter(has=page.locator("th button:visible"))
    shares = table.first.locator("tbody tr td:last-child").all_inner_texts()
    numbers = [int(share.split()[0]) for share in shares]
    return len(numbers) == len(plan.schools) and numbers == sorted(numbers, reverse=True)


def _other_year(page: Page, place: Territory, plan: Plan) -> bool:
    """Pupils of another year."""
    slider = page.locator("input[type=range]:visible")
    if slider.count() == 0:
        return False
    before = _text(page)
    slider.first.focus()
    page.keyboard.press("End")
    return _text(page) != before


def _proven(page: Page, place: Territory, plan: Plan) -> bool:
    """Whether the plan is proven, and who says so."""
    return plan.status.value in _text(page)


def _chinese(page: Page, place: Territory, plan: Plan) -> bool:
    """The page in the other language."""
    button = page.locator("button:visible").filter(has_text="中文")
    if button.count() == 0:
        return False
    button.first.click()
    return "学校" in _text(page)


QUESTIONS: dict[str, Callable[[Page, Territory, Plan], bool]] = {
    "which school a compound goes to, by name": _school_of_a_compound,
    "who changes": _who_changes,
    "what the colours of this layer mean": _legend_follows,
    "the fullest schools": _crowded_schools,
    "the pupils of another year": _other_year,
    "whether the plan is proven": _proven,
    "all of it in Chinese": _chinese,
}
"""What a hearing asks; each answer takes at most three clicks, a name typed counting as one."""


def _print_table(found: dict[str, dict[str, Any]]) -> None:
    names = list(found)
    print(f"| | {' | '.join(names)} |")
    print("|---" * (len(names) + 1) + "|")
    for row in found[names[0]]:
        cells = [found[name][row] for name in names]
        told = ["yes" if c is True else "no" if c is False else "–" if c is None else str(c)
                for c in cells]  # fmt: skip
        print(f"| {row} | {' | '.join(told)} |")
