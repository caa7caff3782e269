from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from planner.maps.page import draw_map
from planner.plan.plan import Plan, Status
from tests.maps import town

ROOT = Path(__file__).resolve().parents[2]
CHECKS = [
    {"code": "once", "ok": True, "title_en": "Once", "title_zh": "恰好一次", "figures": "30 of 30"},
    {"code": "land", "ok": False, "title_en": "Land", "title_zh": "用地", "figures": "9 > 8"},
]
RECORD = {"run_id": "town-7", "created": "2026-05-01T08:00:00", "versions": {"planner": "0.1.0"}}


def draw(plan: Plan | None = None, **changes: object) -> str:
    place = town.territory()
    verification = changes.get("verification", CHECKS)
    return draw_map(
        place,
        town.scenario(),
        plan or town.plan(place),
        verification=verification,
        record=RECORD,
    )


def data_of(html: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="planner-data">(.*?)</script>', html)
    assert found
    return json.loads(found.group(1))


class Addresses(HTMLParser):
    """Collects every attribute value that could make a browser fetch something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [
            value or ""
            for name, value in attrs
            if name in {"src", "href", "srcset", "data", "action", "poster"}
        ]


def test_page_names_no_address_outside() -> None:
    html = draw()
    parser = Addresses()
    parser.feed(html)
    assert parser.found, "the skip link at least"
    assert all(value.startswith(("#", "data:")) for value in parser.found)
    namespaces = set(re.findall(r"https?://[^\s\"'<>)\\]+", html))
    assert namespaces == {"http://www.w3.org/2000/svg"}
    assert "@import" not in html
    assert "sourceMappingURL" not in html
    assert all(found.startswith(("data:", "#")) for found in re.findall(r"url\(([^$)]+)\)", html))


def test_same_inputs_give_the_same_bytes_under_any_hash_seed() -> None:
    code = (
        "from tests.maps.test_page import draw\nimport hashlib\n"
        "import sys\nsys.stdout.write(hashlib.sha256(draw().encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "77")
    }
    assert digests == {hashlib.sha256(draw().encode()).hexdigest()}


def test_header_tells_run_status_checks_and_what_is_modelled() -> None:
    html = draw()
    for words in (
        "小城方案", "Small town", "town-7", "2026-05-01 08:00", "planner 0.1.0",
        "已证明最优", "better by more than 0.04 % (tolerance 0.1 %)", "1/2", "9 &gt; 8",
        "居住小区、学校", "compounds, schools",
    ):  # fmt: skip
        assert words in html, words


def test_status_in_plain_words_follows_the_plan() -> None:
    place = town.territory()
    html = draw(replace(town.plan(place), status=Status.FEASIBLE, gap=0.034))
    assert "up to 3.4 % might still be gained" in html
    assert "Proven optimal" not in html


def test_unverified_plan_says_so() -> None:
    html = draw(verification=None)
    assert "未核验" in html
    assert "Not verified" in html


def test_key_figures_are_the_plans_indicators() -> None:
    text = re.sub(r"<[^>]+>|\s+", " ", draw().split('<dl class="figures">')[1].split("</dl>")[0])
    assert re.search(r"New places\s+1,100", text)
    assert re.search(r"Land\s+2\.2\s+2\.2\s+公顷\s+ha", text)
    assert re.search(r"Cost\s+2\.2\s+220\s+亿元\s+million yuan", text)
    assert re.search(r"Pupils changing school\s+321", text)


def test_missing_indicators_leave_a_dash() -> None:
    place = town.territory()
    html = draw(replace(town.plan(place), indicators={}))
    assert '<dd><span lang="zh">–</span>' in html


def test_school_card_by_hand() -> None:
    place = town.territory()
    plan = town.plan(place)
    card = data_of(draw())["cards"]["school"]["s4"]["services"]["junior"]
    homes = [a.compound for a in plan.assignments if a.schools["junior"] == "s4"]
    pupils = {key: place.demand["junior"].at[key, town.YEAR] for key in homes}
    ways = {key: place.travel.distance_m.at[key, "s4"] for key in homes}
    assert card["compounds"] == homes
    assert card["places"] == 900
    assert card["classes_today"] == 18
    assert card["pupils"] == pytest.approx(sum(pupils.values()), abs=0.05)
    mean = sum(pupils[key] * ways[key] for key in homes) / sum(pupils.values())
    assert card["mean_m"] == round(mean)
    assert card["worst_m"] == round(max(ways[key] for key in homes if pupils[key] > 0))


def test_compound_card_tells_old_and_new() -> None:
    card = data_of(draw())["cards"]["compound"]["c12"]
    assert card["today_community"] == "k01"
    assert card["community"] == "k01b"
    assert card["services"]["primary"]["today"] == "s1"
    assert card["services"]["primary"]["school"] == "s2"


def test_shapes_are_kept_once() -> None:
    shapes = [json.dumps(shape) for shape in data_of(draw())["shapes"]]
    assert len(shapes) == len(set(shapes))


def test_names_from_data_cannot_leave_their_place() -> None:
    evil = "</script><script>alert(1)</script>{{ 7 * 7 }}{% x %}"
    place = town.territory(rename={"s1": evil, "c12": evil, "k00": evil, "d1": evil})
    plan = town.plan(place, scenario=evil)
    checks = [{"code": "x", "ok": True, "title_en": evil, "title_zh": evil, "figures": evil}]
    title = {"zh": evil, "en": evil}
    html = draw_map(
        place, town.scenario(title=title), plan, verification=checks, record={"run_id": evil}
    )
    assert "alert(1)" in html
    assert "<script>alert" not in html
    assert "{{ 7 * 7 }}" in html, "no name is read as a template"


def test_page_needs_no_jquery_and_no_bootstrap() -> None:
    html = draw().lower()
    assert "jquery" not in html
    assert "bootstrap" not in html
    assert "$(" not in html.replace("url(${", "").replace("`url(#$", "")
