"""The trade-off curve of a small town from end to end: proven points, monotone, none below."""

from __future__ import annotations

import json

import pytest

from planner.maps.tradeoff_page import _place_names, prices_named
from planner.plan.tradeoff import TradeoffPoint, proven_km
from tests.cli.calling import call, write_request


@pytest.fixture(scope="module")
def curve(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tradeoff")
    path = write_request(
        folder, town={"n": 4, "m": 4}, joint={"boundary_price_km": 0.01},
        ranking={"deviation": 0.5, "compactness": 1.0},
        boundaries={"subdistricts": 2, "band": 0.9, "parent_rule": False},
    )  # fmt: skip
    answer = call("tradeoff", path, "--prices", "1,0,0.2", "--out", folder / "out", "--json")
    return folder, answer


def test_every_price_has_a_proven_point(curve):
    folder, answer = curve
    assert answer.code == 0, answer.err
    points = answer.data["points"]
    assert [point["price_km"] for point in points] == [0.0, 0.2, 1.0]
    assert all(point["gap"] <= 0.001 for point in points)
    written = json.loads((folder / "out" / "tradeoff.json").read_text(encoding="utf-8"))
    assert written["points"] == points
    assert (folder / "out" / "tradeoff.html").stat().st_size > 5000


def test_dearer_crossings_are_fewer_and_nothing_lies_below_the_frontier(curve):
    _, answer = curve
    points = [TradeoffPoint(**point) for point in answer.data["points"]]
    beside = [TradeoffPoint(**point) for point in answer.data["beside"]]
    crossing = [point.crossing_pupils for point in points]
    assert crossing == sorted(crossing, reverse=True)
    assert crossing[-1] < beside[0].crossing_pupils
    for point in (*points, *beside):
        assert point.rest_km >= proven_km(points, point.crossing_pupils) - 1e-6
    for point in points:
        worth = point.rest_km + point.price_km * point.crossing_pupils
        assert worth == pytest.approx(point.value)


@pytest.mark.parametrize("prices", ["a", "-1", ""])
def test_prices_must_be_kilometres(curve, prices):
    folder, _ = curve
    path = folder / "configs" / "tiny.yaml"
    answer = call("tradeoff", path, "--prices", prices, "--out", folder / "none", "--json")
    assert answer.code == 2
    assert not (folder / "none").exists()


def test_each_plan_is_drawn_beside_the_one_made_one_after_the_other(curve):
    folder, answer = curve
    html = (folder / "out" / "tradeoff.html").read_text(encoding="utf-8")
    maps = html[html.index('<section id="maps">') :]
    points = answer.data["points"]
    plans = {(point["way_pupil_km"], point["crossing_pupils"]) for point in points}
    assert maps.count("<figure>") == 1 + len(plans)
    for point in points:  # a plan that is the best at several prices is named by all of them
        assert f"{point['price_km']:g}" in maps
    first = maps[maps.index("<figure>") : maps.index("</figure>")]
    assert "url(#h" not in first  # it differs nowhere from itself
    assert "公里/人" in maps


def test_many_prices_are_named_by_the_first_and_the_last():
    assert prices_named([0.0, 0.1]) == ("0、0.1 公里/人", "0, 0.1 km")
    assert prices_named([0.0, 0.1, 0.2, 0.5]) == ("0–0.5 公里/人", "0–0.5 km")


def test_names_stand_clear_of_each_other_and_of_dots():
    at = [(1050.0, 300.0), (1147.0, 297.0), (1048.0, 330.0), (1050.0, 300.0), (1100.0, 296.0)]
    dots = [{"x": x, "y": y, "en": "one after the other"} for x, y in at]
    _place_names(dots)
    boxes = []
    for dot in dots:
        wide = 7 * len(dot["en"])
        left = dot["tx"] if dot["anchor"] == "start" else dot["tx"] - wide
        boxes.append((left, left + wide, dot["ty"] - 13, dot["ty"]))
    every = boxes + [(x - 7, x + 7, y - 7, y + 7) for x, y in at]
    for i, one in enumerate(boxes):
        for other in every[i + 1 :]:
            apart = one[1] <= other[0] or other[1] <= one[0]
            assert apart or one[3] <= other[2] or other[3] <= one[2]


def test_a_plan_that_is_the_best_at_two_prices_is_one_dot_and_one_map(curve):
    folder, _ = curve
    path, out = folder / "configs" / "tiny.yaml", folder / "twice"
    answer = call("tradeoff", path, "--prices", "0.2,0.2001", "--out", out, "--json")
    first, second = answer.data["points"]
    assert first["way_pupil_km"] == second["way_pupil_km"]
    html = (out / "tradeoff.html").read_text(encoding="utf-8")
    assert html.count('class="joint"/>') == 2  # one in each chart
    assert ">0.2, 0.2001 km</text>" in html
    assert html.count("<figure>") == 2
