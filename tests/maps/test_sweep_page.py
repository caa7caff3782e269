"""The page of a sweep in a real browser: lines, points and rows of the same runs, offline."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from planner.maps.sweep_page import sweep_page
from planner.plan.sweep_table import table_of
from tests.maps import town

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opening = Callable[..., Page]

EVIL = "</script><img src=x onerror=alert(1)>"
RUNS = [  # cost, way, pupils who change school
    ("3", 100, 50, 9), ("4", 200, 30, 9), ("5", 300, 40, 9), ("6", 400, 20, 12),
]  # fmt: skip


def result(key: str, cost: float, way: float, moves: float) -> dict[str, Any]:
    return {
        "id": f"n={key}", "values": {"boundaries.subdistricts": key, "solving.solver": "highs"},
        "status": "OPTIMAL", "exit_code": 0, "gap": 0.0, "seconds": 1.0, "problems": [],
        "run_dir": f"runs/n={key}",
        "indicators": {
            "new_schools": 4, "places_short": {"total": 0, "primary": 0}, "cost_yuan": cost,
            "way_pupil_m": way, "pupils_changing_school": moves, "max_population_deviation": 0.125,
        },
    }  # fmt: skip


@pytest.fixture(scope="module")
def html() -> str:
    none = result("7", 0, 0, 0) | {
        "status": "INFEASIBLE", "indicators": {}, "run_dir": None, "exit_code": 5,
        "problems": [{"where": "boundaries.band", "message": f"no plan {EVIL}", "hint": ""}],
    }  # fmt: skip
    results = [*(result(*run) for run in RUNS), none]
    table = table_of(results, ["boundaries.subdistricts", "solving.solver"])
    return sweep_page(town.scenario(), table, total=6)


def shown(page: Page, selector: str) -> list[str]:
    return [text for text in page.locator(selector).all_inner_texts() if text]


def test_every_run_is_a_line_a_point_and_a_row(open_page: Opening, html: str) -> None:
    page = open_page(html, ready="plannerSweep")
    assert page.locator("#parallel path.run").count() == 4
    assert page.locator("#parallel path.run.efficient").count() == 3  # the third is beaten
    assert page.locator("#tradeoff circle.dot").count() == 4
    assert page.locator("#table tbody tr").count() == 5
    assert page.locator("#table tbody tr.efficient").count() == 3
    assert "无可行方案" in page.locator("#table tbody").inner_text()
    assert "6 个组合，已得出结果 5 个" in page.locator("header").inner_text()
    assert page.locator('#table a[href="runs/n=4/map.html"]').count() == 1


def test_the_curve_joins_the_efficient_ones_of_the_two_chosen(
    open_page: Opening, html: str
) -> None:
    page = open_page(html, ready="plannerSweep")
    assert page.locator("#across").input_value() == "cost_yuan"
    assert page.locator("#up").input_value() == "way_pupil_m"
    assert page.locator("#tradeoff circle.efficient").count() == 3
    page.locator("#up").select_option("pupils_changing_school")
    assert page.locator("#tradeoff circle.efficient").count() == 1  # cheapest, and fewest move
    best = page.evaluate(
        "plannerSweep.bestOfTwo('pupils_changing_school', 'way_pupil_m').map(r => r.number)"
    )
    assert best == [2, 4]


def test_pointing_at_a_line_lights_its_point_and_row(open_page: Opening, html: str) -> None:
    page = open_page(html, ready="plannerSweep")
    page.locator("#tradeoff circle.dot").nth(1).hover()
    assert page.locator("#parallel path.run.on").count() == 1
    assert page.locator("#table tr.on").count() == 1
    assert "boundaries.subdistricts = 4" in page.locator("#tip").inner_text()
    assert "12.5 %" in page.locator("#tip").inner_text()


def test_rows_are_sorted_and_words_are_in_both_languages(open_page: Opening, html: str) -> None:
    page = open_page(html, ready="plannerSweep")
    page.locator("#table th", has_text="上学总路程").click()
    assert [text.split()[0] for text in shown(page, "#table tbody tr")][-4:] == ["4", "2", "3", "1"]
    page.locator("#language").click()
    assert "Trade-off" in page.locator("main").inner_text()
    assert "平行坐标" not in page.locator("main").inner_text()
    titles = page.locator("#tradeoff text", has_text="way to school of all pupils")
    assert titles.count() == 1
    assert page.locator("#table th", has_text="cost, yuan").count() == 1
    assert page.evaluate("document.documentElement.lang") == "en"


def test_without_any_plan_the_page_still_opens(open_page: Opening) -> None:
    none = result("7", 0, 0, 0) | {"indicators": {}, "run_dir": None, "status": "INFEASIBLE"}
    page = open_page(
        sweep_page(town.scenario(), table_of([none], ["boundaries.subdistricts"]), total=1),
        ready="plannerSweep",
    )
    assert page.locator("#table tbody tr").count() == 1
    assert page.locator("#parallel path").count() == 0
