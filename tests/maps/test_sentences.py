"""What checks and findings say in Chinese: every sentence of the project's own rooms has words."""

from __future__ import annotations

import re

import pytest

from planner.maps.sentences import check_figures, finding_words

SERVICES = {"primary": ("小学", "Primary school"), "junior": ("初中", "Junior middle school")}
LATIN = re.compile(r"[A-Za-z]{3,}")


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("24 communities, 5 of them new, 118 compounds", "24个社区，其中新设5个，共118个小区"),
        ("4 of 4 subdistricts, 24 communities", "4个街道中4个，24个社区"),
        ("nothing is locked", "没有锁定"),
        ("3 locked", "锁定3项"),
        ("147 of 147 (78 primary + 69 junior)", "147，要求147（小学78＋初中69）"),
        ("147 (at least 140 and at most 150) (147 primary)", "147（140–150）（小学147）"),
        ("135900 (at most 145000)", "135900（上限145000）"),
        ("longest way primary 2847 m, junior 3457 m", "最远路程：小学2847米，初中3457米"),
        ("location places_short 0; grids grids 166", "学位布局·学位缺口 0；网格划分·网格数 166"),
        ("location way 2.49176e+07", "学位布局·上学路程 24,917,600"),
        ("2 county-level districts: 二道区, 南关区", "2个区：二道区、南关区"),
        ("22 of 22 agree", "22项中22项一致"),
        ("1613 of at most 2178.9 pupils", "1613名，上限2178.9名"),
        (
            (
                "27611.1 of 27476.7 pupil-km, 1613 of 3460 pupils cross; 9 people change "
                "subdistrict, 8 pupils school, 7 pupils both; the plan before is beyond the limit "
                "on crossing"
            ),
            (
                "27611.1（先后方案27476.7）人·公里，跨街道上学1613名（先后方案3460名）；9人改变街道，"
                "8名学生改变学校，7名两者都改变；先后方案超出跨街道限值，两者不可比"
            ),
        ),
    ],
)
def test_figures_are_told_in_chinese(english: str, chinese: str) -> None:
    assert check_figures(english, SERVICES)[0] == chinese


def test_what_breaks_a_promise_is_kept() -> None:
    zh, en = check_figures("4 subdistricts — D1 in 2 pieces", SERVICES)
    assert zh == "4个街道 — D1 in 2 pieces"
    assert en == "4 subdistricts — D1 in 2 pieces"


def test_levels_are_named_in_english_too() -> None:
    _, en = check_figures("location places_short 0; grids grids 166", SERVICES)
    assert en == "Places · places short 0; Grids · grids 166"


def test_unknown_sentences_stay() -> None:
    assert check_figures("something of a later version", SERVICES)[0] == (
        "something of a later version"
    )
    told = finding_words({"message": "never said", "hint": "", "severity": "odd"}, SERVICES)
    assert told["message"] == ("never said", "never said")
    assert told["severity"] == ("odd", "odd")


@pytest.mark.parametrize(
    ("message", "chinese"),
    [
        ("more primary pupils than places today at S01 (+123), S02 (+127) and 5 more",
         "现状小学学生多于学位：S01 (+123)、S02 (+127)，另有5个"),
        ("2 lie more than 300 m from any street: C1004 (371 m), C1025 (378 m)",
         "2个距道路超过300米：C1004 (371 m)、C1025 (378 m)"),
        ("1 communities hold no compound: K18", "1个社区没有居住小区：K18"),
        ("today's junior school is not given; taken as the nearest with room: C1, C2",
         "未给出现状初中的学校，按有余位的最近学校计：C1、C2"),
    ],
)  # fmt: skip
def test_findings_are_told_in_chinese(message: str, chinese: str) -> None:
    told = finding_words({"message": message, "layer": "schools", "severity": "note"}, SERVICES)
    assert told["message"] == (chinese, message)
    assert told["layer"][0] == "学校"
    assert told["severity"] == ("提示", "note")
