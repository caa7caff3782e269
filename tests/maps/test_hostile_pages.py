"""Hostile text in the pages beside the map: sweep, trade-off and explanation, in a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from planner.errors import Problem
from planner.maps.explain_page import RepairWords, explain_page
from planner.maps.sweep_page import sweep_page
from planner.maps.tradeoff_maps import Sketch, plan_maps
from planner.maps.tradeoff_page import tradeoff_page
from planner.plan.sweep_table import table_of
from planner.plan.tradeoff import TradeoffPoint
from tests.hostile import NAMES, hostile_town

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opening = Callable[..., Page]


def told_and_harmless(page: Page, name: str) -> None:
    """The name stands on the page as it is, and nothing of it became an element."""
    page.locator("#language").click()
    assert page.locator("img, iframe, a[href^=javascript]").count() == 0
    assert page.locator("body script:not([type])").count() <= 1
    text = page.evaluate("document.body.textContent")
    assert name in text or name in page.evaluate("document.body.innerText")
    wide = "document.documentElement.scrollWidth - window.innerWidth"
    assert page.evaluate(wide) <= 0, "long names do not push the page apart"


@pytest.mark.parametrize("kind", NAMES)
def test_the_sweep_shows_texts_as_they_are(open_page: Opening, kind: str) -> None:
    name = NAMES[kind]
    _, asked, _ = hostile_town(name)
    runs = [
        {
            "id": name, "values": {"name": name}, "status": status, "exit_code": 0, "gap": 0.0,
            "seconds": 1.0, "run_dir": run_dir,
            "problems": [{"where": name, "message": name, "hint": name}],
            "indicators": {"cost_yuan": 1.0, "places_short": {"total": 0, "primary": 0}},
        }
        for status, run_dir in (("OPTIMAL", "runs/1"), ("INFEASIBLE", None))
    ]  # fmt: skip
    page = open_page(
        sweep_page(asked, table_of(runs, ["name"]), total=2), ready="plannerSweep"
    )  # fmt: skip
    told_and_harmless(page, name)


@pytest.mark.parametrize("kind", NAMES)
def test_the_trade_off_shows_texts_as_they_are(open_page: Opening, kind: str) -> None:
    name = NAMES[kind]
    place, asked, _ = hostile_town(name)
    units = list(place.compounds.index)
    sketch = Sketch((name, name), dict.fromkeys(units, "A"), dict.fromkeys(units, ("s1",)),
                    frozenset({"s1"}))  # fmt: skip
    point = TradeoffPoint("sequential", None, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
    maps = plan_maps(place, [sketch, sketch])
    page = open_page(tradeoff_page(asked, [], [point], maps), ready="plannerTradeoff")
    told_and_harmless(page, name)


@pytest.mark.parametrize("kind", NAMES)
def test_the_explanation_shows_texts_as_they_are(open_page: Opening, kind: str) -> None:
    name = NAMES[kind]
    place, asked, _ = hostile_town(name)
    reasons = [Problem(name, name, name, (str(place.compounds.index[0]),))]
    change = {"key": name, "rank": "standard", "now": name, "then": name}
    page = open_page(
        explain_page(place, asked, reasons, [RepairWords(name, (change,), name)]),
        ready="plannerExplain",
    )
    told_and_harmless(page, name)
