"""Meanings: what each indicator says, in which unit, and whether less or more of it is better."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum

Pair = tuple[str, str]
"""Chinese and English."""


class Direction(IntEnum):
    """Which way an indicator is better."""

    LESS = -1
    NEITHER = 0
    MORE = 1


class Verdict(IntEnum):
    """How a value stands against the one it is compared with."""

    WORSE = -1
    SAME = 0
    BETTER = 1
    OTHER = 2
    """Different, and neither better nor worse in itself."""
    UNKNOWN = 3
    """One of the two plans does not have it."""


@dataclass(frozen=True)
class Meaning:
    """An indicator in words."""

    name: Pair
    unit: Pair
    direction: Direction
    meaning: Pair
    """One sentence: what a difference of it means to people."""


_PUPILS, _PEOPLE, _NONE = ("人", "pupils"), ("人", "people"), ("", "")
_LESS, _MORE, _NEITHER = Direction.LESS, Direction.MORE, Direction.NEITHER

MEANINGS: dict[str, Meaning] = {
    "new_schools": Meaning(
        ("新建学校", "new schools"), ("所", "schools"), _NEITHER,
        ("选用的备选用地数", "sites on which a school is built"),
    ),
    "expanded_schools": Meaning(
        ("扩建学校", "expanded schools"), ("所", "schools"), _NEITHER,
        ("扩建的现有学校数", "schools of today that get more classes"),
    ),
    "new_classes": Meaning(
        ("新增班级", "new classes"), ("班", "classes"), _NEITHER,
        ("新建与扩建增加的整班", "whole classes added by new and expanded schools"),
    ),
    "new_places": Meaning(
        ("新增学位", "new places"), ("个", "places"), _NEITHER,
        ("新增班级乘以班额", "added classes times the class size"),
    ),
    "places_short": Meaning(
        ("学位缺口", "places short"), _PUPILS, _LESS,
        ("超出所在学校容量的学生", "pupils above the capacity of their school"),
    ),
    "mean_distance_m": Meaning(
        ("平均上学路程", "mean way to school"), ("米", "m"), _LESS,
        ("每名学生平均步行的距离", "metres that a pupil walks on average"),
    ),
    "beyond_radius": Meaning(
        ("服务半径以外的学生", "pupils beyond the service radius"), _PUPILS, _LESS,
        ("学校在服务半径以外的学生", "pupils whose school lies beyond the service radius"),
    ),
    "land_m2": Meaning(
        ("用地", "land"), ("平方米", "m²"), _LESS,
        ("启用地块的面积", "parcels of opened sites and expansions"),
    ),
    "cost_yuan": Meaning(
        ("投资", "cost"), ("元", "yuan"), _LESS,
        ("新建与扩建的费用", "money for new and expanded schools"),
    ),
    "way_pupil_m": Meaning(
        ("上学总路程", "way to school of all pupils"), ("人·米", "pupil-metres"), _LESS,
        ("步行距离，半径以外与穿越干道另计", "walking; more beyond the radius and per crossing"),
    ),
    "pupils_changing_school": Meaning(
        ("改变学校的学生", "pupils changing school"), _PUPILS, _LESS,
        ("所属学校与现状不同的学生", "pupils whose school is another one than today"),
    ),
    "subdistricts": Meaning(
        ("街道", "subdistricts"), ("个", "subdistricts"), _NEITHER,
        ("街道办事处数", "subdistrict offices"),
    ),
    "communities": Meaning(
        ("社区", "communities"), ("个", "communities"), _NEITHER, ("社区数", "communities in all"),
    ),
    "new_communities": Meaning(
        ("新设社区", "new communities"), ("个", "communities"), _NEITHER,
        ("由过大社区分出的社区", "communities split from ones that are too large"),
    ),
    "grids": Meaning(("网格", "grids"), ("个", "grids"), _NEITHER, ("网格数", "grids in all")),
    "grids_within_limits": Meaning(
        ("户数达标的网格", "grids within their limits"), ("个", "grids"), _NEITHER,
        ("户数在限额以内的网格", "grids with as many households as asked for"),
    ),
    "grids_outside_limits": Meaning(
        ("户数超限的网格", "grids outside their limits"), ("个", "grids"), _LESS,
        ("户数过多或过少的网格", "grids with too many or too few households"),
    ),
    "max_population_deviation": Meaning(
        ("街道人口最大偏差", "largest deviation of a subdistrict's population"), ("%", "%"), _LESS,
        ("离各街道平均人口最远者", "how far the most uneven subdistrict is from the mean of all"),
    ),
    "people_changing_subdistrict": Meaning(
        ("改变街道的人口", "people changing subdistrict"), _PEOPLE, _LESS,
        ("所属街道与现状不同的居民", "people whose subdistrict is another one than today"),
    ),
    "pupils_changing_both": Meaning(
        ("学校与街道都改变的学生", "pupils changing school and subdistrict"), _PUPILS, _LESS,
        ("既换学校又换街道的学生", "pupils with another school and another office than today"),
    ),
    "people_changing_community": Meaning(
        ("改变社区的人口", "people changing community"), _PEOPLE, _LESS,
        ("所属社区与现状不同的居民", "people whose community is another one than today"),
    ),
    "border_unfollowed_m": Meaning(
        ("未沿道路河流的街道界线", "subdistrict border along no road or barrier"), ("米", "m"),
        _LESS,
        ("既不沿干路也不沿河流铁路的界线", "border that no arterial road, river or railway marks"),
    ),
    "pupils_other_subdistrict": Meaning(
        ("跨街道上学的学生", "pupils with a school in another subdistrict"), _PUPILS, _LESS,
        ("学校在本街道以外的学生", "pupils who cross a subdistrict border to school"),
    ),
}  # fmt: skip
"""By the name of the indicator."""

_TOTAL = ("合计", "total")


def meaning_of(key: str) -> Meaning:
    """The meaning of an indicator; one without words speaks for itself and has no direction."""
    spoken = key.replace("_", " ")
    unknown = Meaning((spoken, spoken), _NONE, _NEITHER, _NONE)
    return MEANINGS.get(key, unknown)


def part_words(part: str, services: dict[str, Pair]) -> Pair:
    """A part of an indicator in words: a service, ``total``, or nothing for the whole."""
    if not part:
        return _NONE
    return _TOTAL if part == "total" else services.get(part, (part, part))


def verdict_of(direction: Direction, before: float | None, after: float | None) -> Verdict:
    """How `after` stands against `before`; equal within a billionth is the same."""
    if before is None or after is None:
        return Verdict.UNKNOWN
    if math.isclose(before, after, rel_tol=1e-9, abs_tol=1e-9):
        return Verdict.SAME
    if direction is Direction.NEITHER:
        return Verdict.OTHER
    return Verdict.BETTER if (after > before) == (direction is Direction.MORE) else Verdict.WORSE


VERDICTS: dict[Verdict, Pair] = {
    Verdict.WORSE: ("变差", "worse"),
    Verdict.SAME: ("不变", "the same"),
    Verdict.BETTER: ("改善", "better"),
    Verdict.OTHER: ("不同", "different"),
    Verdict.UNKNOWN: ("无法比较", "not comparable"),
}
DIRECTIONS: dict[Direction, Pair] = {
    Direction.LESS: ("越少越好", "less is better"),
    Direction.NEITHER: ("无优劣", "neither way is better"),
    Direction.MORE: ("越多越好", "more is better"),
}
