"""The page of a trade-off curve, in a real browser and offline; and what its points prove."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from planner.maps.tradeoff_page import tradeoff_page
from planner.plan.tradeoff import TradeoffPoint, corners, proven_km
from tests.maps import town

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opening = Callable[..., Page]


def point(price: float | None, way: float, crossing: float, kind: str = "joint") -> TradeoffPoint:
    bare = TradeoffPoint(kind, None, way, crossing, 300.0, 5000.0, 700.0, 50.0)
    if price is None:
        return bare
    value = way + 50 + price * crossing
    return replace(bare, price_km=price, value=value, bound=value - 1.0, gap=1.0 / value)


READY = "plannerTradeoff"
POINTS = [point(0.0, 24600, 3000), point(0.2, 24700, 2000), point(1.0, 25100, 1500)]
BESIDE = [point(None, 24650, 3100, "sequential"), point(None, 24650, 2600, "outcome")]


def test_each_point_is_a_line_that_no_plan_is_under() -> None:
    # price 0: 24649; price 0.2: 25149 - 0.2 x; price 1: 26649 - x
    assert proven_km(POINTS, 3000) == pytest.approx(24649)
    assert proven_km(POINTS, 2000) == pytest.approx(24749)
    assert proven_km(POINTS, 1000) == pytest.approx(25649)
    found = corners(POINTS, 1000, 4000)
    assert [x for x, _ in found] == pytest.approx([1000, 1875, 2000, 2500, 4000])
    assert all(later <= before for (_, before), (_, later) in itertools.pairwise(found))


def test_without_a_bound_nothing_is_proven() -> None:
    assert corners([replace(POINTS[0], bound=None)], 0, 10) == []


def test_every_point_is_drawn_and_listed(open_page: Opening) -> None:
    page = open_page(tradeoff_page(town.scenario(), POINTS, BESIDE), ready=READY)
    for chart in ("ways", "people"):
        assert page.locator(f"#{chart} circle").count() == 5
        assert page.locator(f"#{chart} circle.joint").count() == 3
    assert page.locator("#ways path.proven").count() == 1
    assert page.locator("#people path.proven").count() == 0
    assert page.locator("#table tbody tr").count() == 5
    cells = page.locator("#table tbody tr").nth(1).locator("td").all_inner_texts()
    assert cells == ["统筹方案", "0.2", "24,700", "2,000", "5,000", "300", "700", "25,150",
                     "25,149", "0.004 %"]  # fmt: skip
    assert "3 个统筹方案，其中 3 个已证明最优" in page.locator("header").inner_text()


def test_fewer_crossings_lie_to_the_left_and_longer_ways_above(open_page: Opening) -> None:
    page = open_page(tradeoff_page(town.scenario(), POINTS, BESIDE), ready=READY)
    dots = page.locator("#ways circle.joint")
    x, y = ([float(dots.nth(k).get_attribute(name)) for k in range(3)] for name in ("cx", "cy"))
    assert x == sorted(x, reverse=True)
    assert y == sorted(y, reverse=True)  # downwards on the screen


def test_the_page_speaks_english_too(open_page: Opening) -> None:
    page = open_page(tradeoff_page(town.scenario(), POINTS, BESIDE), ready=READY)
    assert not page.get_by_text("crossing pupils").first.is_visible()
    page.locator("#language").click()
    assert page.get_by_text("crossing pupils").first.is_visible()
    assert "decided together" in page.locator("#table tbody").inner_text()
