"""The page of an explanation in a real browser: a reason marks what it names."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from planner.errors import Problem
from planner.maps.explain_page import RepairWords, explain_page
from tests.maps import town

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opening = Callable[..., Page]

EVIL = "</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def html() -> str:
    territory = town.territory()
    compound, school = territory.compounds.index[0], territory.schools.index[-1]
    community = territory.communities.index[0]
    reasons = [
        Problem("services.primary", f"no school within reach {EVIL}", "raise it", (compound,)),
        Problem(f"locks.sites.{school}", f"{school} must open", "take it away", ()),
        Problem("boundaries.band", f"community {community} alone is too large", "", ()),
    ]
    change = {"key": "services.primary.reach_m", "rank": "standard", "now": "1", "then": "2"}
    return explain_page(
        territory, town.scenario(), reasons, [RepairWords("repair-1.yaml", (change,), "5 yuan")]
    )


def test_reasons_mark_what_they_name(open_page: Opening, html: str) -> None:
    page = open_page(html, ready="plannerExplain")
    territory = town.territory()
    assert page.locator("#zone path.cell").count() == len(territory.compounds)
    assert page.locator("#zone path.cell.blocked").count() == 1
    assert page.locator("#zone .point.blocked").count() == 1
    assert page.locator("#zone path.outline.blocked").count() == 1
    assert page.locator("#zone .on").count() == 0
    page.locator("#reasons > li").nth(0).click()
    assert page.locator("#zone path.cell.on").count() == 1
    page.locator("#reasons > li").nth(1).hover()
    assert page.locator("#zone .point.on").count() == 1
    assert page.locator("#zone path.cell.on").count() == 0
    assert EVIL in page.locator("#reasons").inner_text()


def test_both_languages_and_the_repairs(open_page: Opening, html: str) -> None:
    page = open_page(html, ready="plannerExplain")
    assert "修正方案" in page.locator("main").inner_text()
    assert "repair-1.yaml" in page.locator("#repairs").inner_text()
    page.locator("#language").click()
    assert "cheapest first" in page.locator("main").inner_text()
    assert "修正方案" not in page.locator("main").inner_text()
