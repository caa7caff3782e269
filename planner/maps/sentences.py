"""What checks and findings say, in both languages: their sentences are English and carry figures.

A sentence that has no words here is told as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from planner.maps import words
from planner.maps.words import Pair

SEVERITIES: dict[str, Pair] = {
    "note": ("提示", "note"), "warning": ("警告", "warning"), "error": ("错误", "error"),
}  # fmt: skip

# English with gaps, {} for a figure and {*} for a list, and the Chinese with them by number.
FIGURES: tuple[tuple[str, str], ...] = (
    ("{} communities, {} of them new, {} compounds", "{0}个社区，其中新设{1}个，共{2}个小区"),
    ("{} people, {} km²", "{0}人，{1}平方公里"),
    ("{} people", "{0}人"),
    ("{} of {} keep {} to {} households; exceptions: {*}",
     "{1}个社区中{0}个在{2}–{3}户以内；例外：{4}"),
    ("{} of {} keep {} to {} households", "{1}个社区中{0}个在{2}–{3}户以内"),
    ("{} communities, torn today already: {*}", "{0}个社区；现状已不连片：{1}"),
    ("{} communities", "{0}个社区"),
    ("{} county-level districts: {*}", "{0}个区：{1}"),
    ("{} of {} buildings in {} grids", "{1}栋楼中{0}栋已归入{2}个网格"),
    ("{} households", "{0}户"),
    ("{} of {} grids hold {} to {} households, {} with a reason",
     "{1}个网格中{0}个在{2}–{3}户以内，{4}个已说明原因"),
    ("{} grids, {} of several compounds", "{0}个网格，其中{1}个由多个小区组成"),
    ("{} of {} agree", "{1}项中{0}项一致"),
    ("{} indicators", "{0}项指标"),
    ("the layers hold none", "图层中没有"),
    (("{} of {} pupil-km, {} of {} pupils cross; {} people change subdistrict, {} pupils school, "
      "{} pupils both; the plan before is beyond the limit on crossing"),
     ("{0}（先后方案{1}）人·公里，跨街道上学{2}名（先后方案{3}名）；{4}人改变街道，"
      "{5}名学生改变学校，{6}名两者都改变；先后方案超出跨街道限值，两者不可比")),
    ("{} of at most {} pupils", "{0}名，上限{1}名"),
    (("{} of {} pupil-km, {} of {} pupils cross; {} people change subdistrict, {} pupils school, "
      "{} pupils both"),
     ("{0}（先后方案{1}）人·公里，跨街道上学{2}名（先后方案{3}名）；{4}人改变街道，"
      "{5}名学生改变学校，{6}名两者都改变")),
    ("{} of {} levels", "{1}级目标中已列出{0}级"),
    ("largest gap {}", "最大差距{0}"),
    ("{}, worst gap {}, tolerance {}", "{0}，最大差距{1}，容许{2}"),
    ("{} locked", "锁定{0}项"),
    ("nothing is locked", "没有锁定"),
    ("{} schools in operation, {} of them exist today", "运行学校{0}所，其中现有{1}所"),
    ("{} schools built or expanded in whole parallel classes", "新建或扩建{0}所，均为整平行班"),
    ("{} places in all", "学位共{0}个"),
    ("{} of {} compounds, {} services", "{1}个小区中{0}个，{2}类服务"),
    ("{} of {} compounds", "{1}个小区中{0}个"),
    ("{} pupils, {} places, {} pupils above capacity", "学生{0}名，学位{1}个，超出学位{2}名"),
    ("{} catchments, {} parts of the contiguity graph", "{0}个学区，邻接图{1}个连通部分"),
    ("{} of {} subdistricts, {} communities", "{1}个街道中{0}个，{2}个社区"),
    ("{} subdistricts, in parts that the ground keeps apart: {*}",
     "{0}个街道；受地形或区界分隔、分为几处的：{1}"),
    ("{} subdistricts", "{0}个街道"),
    ("the rule is on", "已启用该规则"),
    ("the rule is off", "未启用该规则"),
    ("largest deviation {}, band ±{} ({} to {} people)", "最大偏差{0}，允许±{1}（{2}–{3}人）"),
    ("{} seats, {} of them offices of today", "{0}处驻地，其中现有办事处{1}处"),
    ("scenario, layers, record and plan", "情景、图层、记录和方案"),
    ("plan and layers", "方案和图层"),
    ("{} files", "{0}个文件"),
    ("{} layers", "{0}个图层"),
    ("{} of {}", "{0}，要求{1}"),
    ("{} (at least {} and at most {})", "{0}（{1}–{2}）"),
    ("{} (at most {})", "{0}（上限{1}）"),
    ("{} (at least {})", "{0}（下限{1}）"),
    ("{} (open)", "{0}（不限）"),
)  # fmt: skip
MESSAGES: tuple[tuple[str, str], ...] = (
    ("households but no population at {*}", "有户数而无人口：{0}"),
    ("population but no households at {*}", "有人口而无户数：{0}"),
    ("households of buildings do not add up to the compound's at {}: {*}",
     "{0}个小区的楼栋户数之和与小区户数不符：{1}"),
    ("no class in any service at {*}", "没有任何教学班：{0}"),
    ("more {} pupils than places today at {*}", "现状{0}学生多于学位：{1}"),
    ("no cost: 'cost_yuan' and 'cost_per_place_yuan' are empty at {*}", "未给出投资：{0}"),
    (("no buildings in a layer; taken as equal buildings, as many as the column 'buildings' "
      "counts: {*}"), "图层中没有楼栋，按“buildings”列的栋数等分：{0}"),
    ("no buildings in a layer; taken as one building per {} households: {*}",
     "图层中没有楼栋，按每{0}户一栋估计：{1}"),
    ("the file says {*}, the scenario {*}: the latter counts",
     "文件坐标系为{0}，情景为{1}，以情景为准"),
    ("{*} is not UTF-8: it is read as GB 18030", "{0}不是UTF-8编码，按GB 18030读取"),
    ("has no column 'class': all streets count as local", "没有“class”列，全部按支路计"),
    ("unknown '{}' ({*}) at {*}", "“{0}”取值（{1}）无法识别：{2}"),
    ("communities of one subdistrict have different parents: {*}", "同一街道的社区所属区不同：{0}"),
    ("no community has a parent: all count as one county-level district",
     "社区均未注明所属区，按同一个区计"),
    ("{} communities have no parent though others do: {*}", "{0}个社区未注明所属区：{1}"),
    ("no community belongs to {*}", "没有社区属于：{0}"),
    ("subdistricts without an office: {*}", "没有办事处的街道：{0}"),
    ("{} lie outside every community; counted to the nearest one: {*}",
     "{0}个在所有社区以外，计入最近的社区：{1}"),
    ("{} spots hold several compounds, which share a cell: {*}",
     "{0}处有多个小区位置相同，合用一块地：{1}"),
    ("{} pairs cover each other by more than 5 %: {*}", "{0}对互相重叠超过5 %：{1}"),
    ("{} communities hold no compound: {*}", "{0}个社区没有居住小区：{1}"),
    ("seems to be shifted against {}: moved by {*}, {} would fit",
     "相对{0}似有偏移：移动{1}后{2}吻合"),
    (("the compounds fall into {} parts without a common border;"
      " {} lie apart from the largest: {*}"),
     "居住小区分为{0}个互不相邻的部分，其中{1}个在最大部分以外：{2}"),
    (("the compounds of district {} fall into {} parts between those of others;"
      " {} lie apart from the largest: {*}"),
     "{0}的居住小区被其他区隔为{1}个部分，其中{2}个在最大部分以外：{3}"),
    ("has no rows", "没有记录"),
    ("{} gaps between communities, {} m² together", "社区之间有{0}处空隙，共{1}平方米"),
    ("the communities form {} separate areas", "社区分为{0}个互不相连的部分"),
    ("{} compounds have no piece of the study area, so no neighbours: {*}",
     "{0}个小区没有用地，因而没有相邻小区：{1}"),
    ("there are no streets: ways to school are straight lines times a factor",
     "没有道路，上学路程按直线距离乘以系数计"),
    ("{} lie more than {} m from any street: {*}", "{0}个距道路超过{1}米：{2}"),
    ("parcels too small for the smallest school that they may get: {*}",
     "地块小于最小规模学校所需用地：{0}"),
    ("no school provides {} today: no compound has one to change from",
     "现状没有学校提供{0}，不存在改变学校"),
    ("today's {} school is not given; taken as the nearest with room: {*}",
     "未给出现状{0}的学校，按有余位的最近学校计：{1}"),
    ("no {} school has room left; taken as the nearest one: {*}",
     "{0}：学校均无余位，按最近学校计：{1}"),
)  # fmt: skip
HINTS: tuple[tuple[str, str], ...] = (
    ("correct the column that is wrong; both count as they stand",
     "请更正有误的一列；目前按原值计"),
    ("grids count the buildings' households, all else the compounds'",
     "网格按楼栋户数计，其余按小区户数计"),
    ("fill in the classes; such a school takes no pupils unless it is expanded",
     "请填写班数；这样的学校除非扩建否则不招生"),
    ("fill in what is known (0 if it is free); without a money limit it counts as 0",
     "请填写已知数（无偿为0）；没有投资上限时按0计"),
    ("give a layer 'buildings' for grids of real buildings",
     "提供楼栋图层，网格即按真实楼栋划分"),
    ("save it as UTF-8 if names look wrong",
     "如名称显示有误，请另存为UTF-8"),
    ("if they are one compound entered twice, delete one",
     "如系同一小区重复录入，请删除其一"),
    ("they carry no people: check the compounds' communities",
     "这些社区没有人口，请核对小区所属社区"),
    ("the way there counts as a straight line: draw the missing street, or move them",
     "到该处的路程按直线计；请补画道路或更正位置"),
    ("contiguity is judged in each part alone: close gaps, or draw the street over a barrier",
     "连片按各部分分别判定；请补齐空隙，或补画跨越阻隔的道路"),
    (("no subdistrict of the district can join them: each part is judged alone; move the"
      " community's line, or set boundaries.parent_rule: false"),
     ("该区的街道无法将其连成一片，连片按各部分分别判定；"
      "请调整社区界线，或设boundaries.parent_rule: false")),
    ("fill the column {} to compare with the true catchments", "填写“{0}”列，即可与真实学区对照"),
)  # fmt: skip
_GAP = re.compile(r"(\{\*?\})")
_MORE = re.compile(r" and (\d+) more$")
_SPLIT = re.compile(r"(.+) \((\d+ \S+(?: \+ \d+ \S+)*)\)")
_WAY = re.compile(r"(\S+) (\d+) m")
_LEVEL = re.compile(r"(\S+) (\S+) (\S+)")
BROKEN = " — "
"""Between a check's figures and what breaks its promise."""


def check_figures(figures: str, services: Mapping[str, Pair]) -> Pair:
    """What a check counted; `services` gives the names of services by id."""
    head, dash, tail = figures.partition(BROKEN)
    split = _SPLIT.fullmatch(head)
    if split:
        head, parts = split[1], [_figure(part, services) for part in split[2].split(" + ")]
    zh, en = _ways(head, services) or _levels(head) or (_told(head, FIGURES, services), head)
    if split:
        zh += f"（{'＋'.join(part[0] for part in parts)}）"
        en += f" ({' + '.join(part[1] for part in parts)})"
    return zh + dash + tail, en + dash + tail


def finding_words(finding: Mapping[str, Any], services: Mapping[str, Pair]) -> dict[str, Pair]:
    """Severity, layer, message and hint of a finding."""
    message, hint = str(finding.get("message", "")), str(finding.get("hint", ""))
    return {
        "severity": words.pair(SEVERITIES, str(finding.get("severity", ""))),
        "layer": words.pair(words.LAYERS, str(finding.get("layer", ""))),
        "message": (_told(message, MESSAGES, services), message),
        "hint": (_told(hint, HINTS, services), hint),
    }


def _told(text: str, table: Sequence[tuple[str, str]], services: Mapping[str, Pair]) -> str:
    """The sentence in Chinese, its figures kept; the text itself where none fits."""
    for english, other in table:
        found = _pattern(english).fullmatch(text)
        if found:
            figures = [_figure(part, services)[0] for part in found.groups()]
            return other.format(*figures)
    return text


@cache
def _pattern(english: str) -> re.Pattern[str]:
    gaps = {"{}": r"(\S+)", "{*}": "(.+)"}
    parts = [gaps.get(part) or re.escape(part) for part in _GAP.split(english)]
    return re.compile("".join(parts), re.DOTALL)


def _figure(text: str, services: Mapping[str, Pair]) -> Pair:
    """A figure, a list of ids or a service as a sentence carries it."""
    if text in services:
        return services[text]
    count, _, service = text.partition(" ")
    if service in services:
        return services[service][0] + count, f"{count} {services[service][1]}"
    listed = _MORE.sub(r"，另有\1个", text)
    return listed.replace(", ", "、"), text


def _ways(text: str, services: Mapping[str, Pair]) -> Pair | None:
    lead = "longest way "
    if not text.startswith(lead):
        return None
    parts = _WAY.findall(text.removeprefix(lead))
    zh = "，".join(f"{services.get(name, (name, name))[0]}{metres}米" for name, metres in parts)
    en = ", ".join(f"{services.get(name, (name, name))[1]} {metres} m" for name, metres in parts)
    return f"最远路程：{zh}", f"{lead}{en}"


def _levels(text: str) -> Pair | None:
    found = [_LEVEL.fullmatch(part) for part in text.split("; ")]
    known = [match.groups() for match in found if match and match[1] in words.PROGRAMS
             and match[2] in words.LEVELS]  # fmt: skip
    if not found or len(known) < len(found):
        return None
    told = [
        (words.PROGRAMS[one], words.LEVELS[level], _plain(value)) for one, level, value in known
    ]
    return (
        "；".join(f"{program[0]}·{level[0]} {value}" for program, level, value in told),
        "; ".join(f"{program[1]} · {level[1].lower()} {value}" for program, level, value in told),
    )


def _plain(value: str) -> str:
    """A figure without powers of ten."""
    try:
        number = float(value)
    except ValueError:
        return value
    return f"{number:,.0f}" if abs(number) >= 1000 else value
