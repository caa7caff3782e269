"""Report and notices: what they say, in which language, and that no name becomes code."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from shapely import from_wkt
from shapely.geometry import Point

from planner.cli.summary import verification_line
from planner.documents.notices import catchment_notice, notices, subdistrict_notice
from planner.documents.pictures import plan_picture
from planner.documents.report import report, reports
from planner.documents.source import Source
from planner.documents.workbook import workbook
from planner.documents.writing import children, numeral, percent
from planner.maps.canvas import Canvas
from planner.maps.geometry import polygons
from planner.maps.page import draw_map
from planner.plan.plan import CommunityPlan, Status
from planner.plan.verification import Check, Verification
from tests.maps import town

Making = Callable[..., Source]
EVIL = "<img src=x onerror=alert(1)><script>alert(1)</script>\"&'"
LONG = "很长的名字" * 40


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def text_of(html: str) -> str:
    tags = Tags()
    tags.feed(html)
    return re.sub(r"\s+", " ", " ".join(tags.words))


@pytest.fixture(scope="module")
def source(source_of: Making) -> Source:
    return source_of()


def test_every_page_comes_in_both_languages(source: Source) -> None:
    pages = {**reports(source), **notices(source)}
    assert sorted(pages) == [
        "notice-catchments.en.html", "notice-catchments.zh.html", "notice-subdistricts.en.html",
        "notice-subdistricts.zh.html", "report.en.html", "report.zh.html",
    ]  # fmt: skip
    for name, html in pages.items():
        assert ('lang="zh-CN"' in html) is (".zh." in name)
        assert not re.search(r"(src|href)=", html), "nothing is linked"


def test_each_compound_is_listed_once_per_stage_under_its_school(source: Source) -> None:
    html = catchment_notice(source, 0)
    stages = html.split("<h2>")[1:3]
    for stage, service in zip(stages, town.SERVICES, strict=True):
        blocks = stage.split("<h3>")[1:]
        where: dict[str, str] = {}
        for block in blocks:
            school = re.search(r"(\w+学校)", block).group(1)  # type: ignore[union-attr]
            for compound in re.findall(r"(c\d\d)小区", block):
                assert compound not in where
                where[compound] = school
        assert where == {a.compound: f"{a.schools[service]}学校" for a in source.plan.assignments}


def test_a_subdistrict_reads_as_an_approval(source: Source) -> None:
    text = text_of(subdistrict_notice(source, 0)).replace(" ", "")
    for unit in source.plan.subdistricts:
        form = (rf"{unit.name}位于甲区，东至[^。]+，南至[^。]+，西至[^。]+，北至[^。]+；"
                rf"辖区面积{unit.area_km2:.2f}平方公里，"
                rf"辖[^。]+{len(unit.communities)}个社区，人口")  # fmt: skip
        assert re.search(form, text), unit.name
        assert f"（{unit.population:,}人）；办事处" in text
    assert "办事处沿用现址（o1办事处，c11小区附近）。" in text
    assert "办事处拟驻c14小区附近（o3办事处，门牌以批复为准）。" in text
    assert "新设新街道" in text
    assert "各街道均不跨越甲区的区界" in text


def test_a_community_without_compounds_is_told_and_breaks_nothing(source: Source) -> None:
    empty = CommunityPlan("k99", "空社区", "Empty Community", "d1", "甲区", False, 0, 0, ())
    units = tuple(
        replace(unit, communities=(*unit.communities, "k99")) if unit.id == "d1" else unit
        for unit in source.plan.subdistricts
    )
    plan = replace(source.plan, communities=(*source.plan.communities, empty), subdistricts=units)
    bare = replace(source, plan=plan)
    assert "空社区（现无居住小区）" in text_of(subdistrict_notice(bare, 0))
    assert "Empty Community, which has no compound yet" in text_of(subdistrict_notice(bare, 1))
    assert "空社区" in text_of(report(bare, 0))
    assert workbook(bare)


def test_a_subdistrict_in_two_places_says_so(source: Source) -> None:
    assert "互不相连" not in text_of(subdistrict_notice(source, 0))
    first, second = source.plan.subdistricts[0], source.plan.communities[-1].id
    homes = dict.fromkeys(first.communities) | {second: None}
    units = (replace(first, communities=tuple(homes)), *source.plan.subdistricts[1:])
    apart = replace(source, plan=replace(source.plan, subdistricts=units))
    assert len(polygons(apart.subdistrict_areas[first.id])) == 2
    assert "由2片互不相连的区域组成，以上四至为其中最大的一片" in text_of(
        subdistrict_notice(apart, 0)
    )
    assert "It lies in 2 places apart" in text_of(subdistrict_notice(apart, 1))


def test_every_new_school_is_named_on_the_plan_in_both_languages(source: Source) -> None:
    new = [source.school(s.id) for s in source.plan.schools if s.kind != "existing"]
    for language in (0, 1):
        assert all(name[language] in plan_picture(source, language) for name in new)


@pytest.mark.parametrize(
    "nothing", ["LINESTRING EMPTY", "MULTILINESTRING EMPTY", "POLYGON EMPTY",
                "GEOMETRYCOLLECTION EMPTY", "GEOMETRYCOLLECTION (LINESTRING EMPTY)"],
)  # fmt: skip
def test_what_is_empty_is_not_drawn(nothing: str) -> None:
    canvas = Canvas((0.0, 0.0, 1000.0, 800.0), 1)
    canvas.draw(from_wkt(nothing), "")
    assert not canvas.parts
    canvas.draw(from_wkt("MULTILINESTRING ((0 0, 500 0), EMPTY)"), "")
    assert canvas.parts == ['<path d="M0.0 800.0L500.0 800.0" />']


def test_names_on_pictures_stand_beside_what_is_taken_and_inside_the_frame() -> None:
    canvas = Canvas((0.0, 0.0, 1000.0, 800.0), 1)
    long = "Dongfang Guangchang Subdistrict"
    canvas.name(Point(500, 400), long, size=20, style="")
    assert long in canvas.parts[0], "31 letters are as wide as 18 Chinese ones"
    canvas.name(Point(500, 400), "hidden", size=20, style="")
    assert len(canvas.parts) == 1
    canvas.name_beside(Point(500, 400), "moved", size=16, style="", away=11)
    assert "moved" in canvas.parts[1]
    canvas.name(Point(2, 700), "at the very edge", size=20, style="")
    left = min(box[0] for box in canvas.taken)
    assert left >= 0
    canvas.name(Point(60, 30), "over the scale bar", size=20, style="")
    assert len(canvas.parts) == 3
    canvas.name(Point(500, 600), "很长" * 100, size=20, style="")
    assert "…" in canvas.parts[3]


def test_the_annex_adds_up_to_the_perimeter(source: Source) -> None:
    html = subdistrict_notice(source, 1)
    for section in html.split('class="page boundary"')[1:]:
        lengths = [float(x) for x in re.findall(r'num">(\d+\.\d\d)</td>', section)]
        assert sum(lengths[:-1]) == pytest.approx(lengths[-1], abs=0.005 * len(lengths))


def test_the_first_page_decides(source: Source) -> None:
    first = text_of(report(source, 0).split('class="page"')[0])
    for words in ("新增学位", "1,100", "t1学校", "s5学校", "改变学校", "最远", "m"):
        assert words in first
    over = [s for s in source.plan.schools
            for n, offer in source.school_cards[s.id]["services"].items()
            if offer["pupils"] - offer["places"] > 0.5]  # fmt: skip
    assert ("超出学位：" in first) is bool(over)


def test_an_unproven_plan_says_so(source: Source) -> None:
    plan = replace(source.plan, status=Status.FEASIBLE, gap=0.07)
    text = text_of(report(replace(source, plan=plan), 1))
    assert "not proven best" in text
    assert "7 %" in text


def test_a_broken_promise_is_told_on_the_first_page(source: Source) -> None:
    checks = [{**source.checks[0], "ok": False}, source.checks[1]]
    html = report(replace(source, checks=checks), 1)
    assert '<span class="bad">✗ verified: 1/2 promises of the plan</span>' in html


def test_modelled_layers_are_stated_everywhere(source: Source) -> None:
    place = replace(source.territory, modelled=("compounds", "streets"))
    for html in ({**reports(replace(source, territory=place)),
                  **notices(replace(source, territory=place))}).values():  # fmt: skip
        assert "模拟数据" in html or "Modelled data" in html


def test_sites_left_have_their_reason(source: Source) -> None:
    text = text_of(report(source, 1))
    for key in ("t2", "t3"):
        assert f"School {key}" in text
    assert text.count("nearer for") == 2


@pytest.mark.parametrize("name", [EVIL, '=HYPERLINK("x")', "\"&'", LONG])
def test_hostile_names_stay_names(source_of: Making, name: str) -> None:
    keys = ["s1", "s5", "t1", "t2", "c12", "k00", "d1", "o1"]
    plain = {**reports(source_of()), **notices(source_of())}
    pages = {**reports(source_of(**dict.fromkeys(keys, name))),
             **notices(source_of(**dict.fromkeys(keys, name)))}  # fmt: skip
    for page, html in pages.items():
        before, after = Tags(), Tags()
        before.feed(plain[page])
        after.feed(html)
        quiet = {"path", "text", "g", "circle", "tspan", "rect", "svg", "defs", "pattern", "i"}
        assert [t for t in after.tags if t not in quiet] == [
            t for t in before.tags if t not in quiet
        ]
        assert "img" not in after.tags
        assert "script" not in after.tags
        # A whole name is read in every page, whatever a picture has room for.
        assert name in "".join(after.words)


def test_few_children_are_withheld(source_of: Making) -> None:
    assert children(3, source_of(least=5)) == "<5"
    assert children(3, source_of(least=0)) == "3"
    assert children(0, source_of(least=5)) == "0"
    text = text_of(report(source_of(least=10_000), 1))
    assert "<10000 of" in text
    assert "Figures of fewer than 10000 children are withheld." in text


@pytest.mark.parametrize(
    ("number", "words"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (43, "四十三")]
)
def test_numerals(number: int, words: str) -> None:
    assert numeral(number) == words


def test_signed_shares() -> None:
    assert (percent(-0.174, signed=True), percent(0.2, signed=True)) == (
        "−17.4\u202f%",
        "+20.0\u202f%",
    )


def test_map_report_and_command_count_the_same_promises(source: Source) -> None:
    files = [
        {"code": "run-files", "ok": True, "title_en": "F", "title_zh": "文", "figures": "3 files"},
        {"code": "run-table", "ok": False, "title_en": "T", "title_zh": "表", "figures": "1 of 2"},
    ]
    checks = [*files, *source.checks]
    stored = replace(source, checks=checks)
    page = draw_map(source.territory, source.scenario, source.plan, verification=source.checks,
                    record={})  # fmt: skip
    assert re.search(r"Verified</span> 2/2", page)
    text = text_of(report(stored, 1))
    assert "verified: 2/2 promises of the plan, 1/2 checks of the run's files" in text
    assert "方案承诺 2/2 项、运行文件 1/2 项" in text_of(report(stored, 0))
    told = verification_line(Verification(tuple(Check(**check) for check in checks)))
    assert told == (
        "Verification: ✗ 2 of 2 promises of the plan are kept, 1 of 2 checks of the run's files"
    )


def test_the_report_tells_whose_school_lies_in_another_subdistrict(source: Source) -> None:
    here = source.plan.indicators | {"pupils_other_subdistrict": {"total": 1234}}
    alone = replace(source, plan=replace(source.plan, indicators=here))
    before = {"indicators": {"pupils_other_subdistrict": {"total": 2345}}}
    joint = replace(source, plan=replace(alone.plan, sequential=before))
    words = "1,234 pupils have their school in another subdistrict"
    assert f"{words}." in text_of(report(alone, 1))
    assert f"{words} (2,345 where schools and" in text_of(report(joint, 1))
    assert "1,234名学生的学校在另一街道（学校与街道先后决定时为2,345名）" in text_of(
        report(joint, 0)
    )
