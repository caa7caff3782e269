"""Notices: catchment lists by school and stage, and subdistricts with their boundaries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup

from planner.documents.boundaries import SIDES
from planner.documents.boundary_words import SIDE_WORDS, approval_sentence, course, side_rows
from planner.documents.pictures import boundary_picture
from planner.documents.source import Pair, Source
from planner.documents.writing import both, figure, in_metres, joined, render
from planner.maps.geometry import polygons
from planner.plan.plan import SubdistrictPlan

APART_M2 = 1000.0
"""Pieces smaller than this are seams of the layers and no places of their own."""


def notices(source: Source) -> dict[str, str]:
    """All notices as HTML, by file name."""
    return {
        **both(lambda language: catchment_notice(source, language), "notice-catchments"),
        **both(lambda language: subdistrict_notice(source, language), "notice-subdistricts"),
    }


def catchment_notice(source: Source, language: int) -> str:
    """For each stage and school, the compounds of its catchment by community."""
    title, year = source.scenario.title, source.plan.design_year
    services = list(source.scenario.services.values())
    stages = joined([(entry.name.zh, entry.name.en.lower()) for entry in services])
    context = {
        "heading": (f"关于{stages[0]}学区划分的公告（草案）",
                    f"Notice on school catchments: {stages[1]} (draft)"),
        "opening": (
            (f"为保障适龄儿童、少年就近入学，依据“{title.zh}”方案（规划年{year}年），现将各校招生范围公告"
            "如下。居住小区整体划入一所学校，不予分割。"),
            (f"So that every child has a place near home, and from the plan “{title.en}” (design "
            f"year {year}), the catchments of the schools are as follows. A residential compound "
            "belongs to one school as a whole."),
        ),
        "services": [
            {"name": (entry.name.zh, entry.name.en), "schools": list(_schools(source, service))}
            for service, entry in source.scenario.services.items()
        ],
        "notes": list(_notes(source)),
    }  # fmt: skip
    return render("catchments.html", source, language, context)


def subdistrict_notice(source: Source, language: int) -> str:
    """Each subdistrict as an approval names it, and its boundary road by road in an annex."""
    plan, today = source.plan, source.territory.subdistricts
    parents = sorted({unit.parent for unit in plan.subdistricts if unit.parent})
    new = [source.subdistrict(unit.id) for unit in plan.subdistricts if unit.new]
    listed = joined(new)
    context = {
        "heading": ("关于街道行政区划调整的公告（草案）",
                    "Notice on the subdistricts and their boundaries (draft)"),
        "opening": (
            f"按照“{source.scenario.title.zh}”方案，街道由{len(today)}个调整为"
            f"{len(plan.subdistricts)}个"
            + (f"，新设{listed[0]}" if new else "")
            + (f"；各街道均不跨越{'、'.join(parents)}的区界"
               if parents and source.scenario.boundaries.parent_rule else "")
            + "。调整后各街道界线、面积、所辖社区、人口和办事处驻地如下。",
            f"Under the plan “{source.scenario.title.en}”, the {len(today)} subdistricts of today "
            f"become {len(plan.subdistricts)}" + (f"; new: {listed[1]}" if new else "")
            + ("; none crosses the line of a county-level district"
               if parents and source.scenario.boundaries.parent_rule else "")
            + ". Their boundaries, areas, communities, population and seats are as follows.",
        ),
        "units": [_unit(source, unit, language) for unit in plan.subdistricts],
    }  # fmt: skip
    return render("subdistricts.html", source, language, context)


def _schools(source: Source, service: str) -> Iterator[Mapping[str, Any]]:
    served = source.reading.served(service)
    cards = source.school_cards
    for school in source.plan.schools:
        compounds = served.get(school.id, [])
        if not compounds:
            continue
        offer = cards[school.id]["services"][service]
        groups: dict[str, list[Pair]] = {}
        for compound in compounds:
            home = source.reading.assignments[compound].community
            groups.setdefault(home, []).append(source.compound(compound))
        mean, worst = figure(offer["mean_m"]), figure(offer["worst_m"])
        yield {
            "name": source.school(school.id),
            "new": school.kind == "new",
            "expanded": school.kind == "expanded",
            "groups": [
                {"name": source.community(home), "compounds": groups[home]}
                for home in sorted(groups)
            ],
            "figures": (
                (
                    f"共{len(compounds)}个小区；学位{offer['places']:,}个，"
                    f"{offer['classes_today'] + offer['new_classes']}个教学班；"
                    f"步行距离平均{mean}米、最远{worst}米。"
                ),
                (
                    f"{len(compounds)} compounds; {offer['places']:,} places in "
                    f"{offer['classes_today'] + offer['new_classes']} classes; walking distance "
                    f"{in_metres(mean)} on average, {in_metres(worst)} at most."
                ),
            ),
        }


def _notes(source: Source) -> Iterator[Pair]:
    yield (
        "所列社区为本方案调整后的社区；新建学校以地块名暂称，校名以正式批复为准。",
        (
            "Communities are those of this plan; a new school goes by the name of its plot until "
            "it "
            "is named."
        ),
    )
    moved = source.plan.indicators.get("pupils_changing_school")
    if moved is not None:
        yield (
            f"与现状相比，所属小区改变学校的学生约{moved:,.0f}名；在校生是否随迁由主管部门另行公布。",
            (
                f"Against today, about {moved:,.0f} pupils live in a compound whose school "
                "changes; "
                "whether enrolled pupils move is for the authority to announce."
            ),
        )
    yield (
        "对学区划分有异议的，请在公示期内向发布机关书面提出。",
        "Objections are to be sent to the issuing authority in writing while the draft is open.",
    )


def _unit(source: Source, unit: SubdistrictPlan, language: int) -> Mapping[str, Any]:
    boundary = source.boundaries[unit.id]
    zh, en = approval_sentence(boundary)
    name = source.subdistrict(unit.id)
    members = joined([_member(source, key) for key in unit.communities])
    seat = _seat(source, unit.seat)
    people = figure(unit.population)
    ten_thousand = f"{unit.population / 10_000:.2f}"
    parent = unit.parent
    apart = _apart(source, unit.id)
    return {
        "name": name,
        "title": (
            name[0] + ("（新设）" if unit.new else ""),
            name[1] + (" (new)" if unit.new else ""),
        ),
        "sentence": (
            (f"{name[0]}{'位于' + parent + '，' if parent else ''}{zh}；辖区面积"
            f"{unit.area_km2:.2f}平方公里，辖{members[0]}{len(unit.communities)}个社区，"
            f"人口{ten_thousand}万人（{people}人）；办事处{seat[0]}。{apart[0]}"),
            (f"{name[1]}{' in ' + parent if parent else ''} reaches {en}. It covers "
            f"{unit.area_km2:.2f} km² with {len(unit.communities)} communities ({members[1]}) "
            f"and {people} people; its office {seat[1]}.{apart[1]}"),
        ),
        "apart": bool(apart[0]),
        "svg": Markup(boundary_picture(source, unit.id, language)),
        "sides": [
            {"name": SIDE_WORDS[side], "course": course(side),
             "rows": side_rows(source, boundary, side)}
            for side in SIDES
        ],
        "perimeter_m": sum(part.length_m for side in SIDES for part in boundary.sides[side]),
    }  # fmt: skip


def _apart(source: Source, key: str) -> Pair:
    """A warning where a subdistrict lies in several places: its sides are those of the largest."""
    sizes = sorted((part.area for part in polygons(source.subdistrict_areas[key])), reverse=True)
    others = [area for area in sizes[1:] if area >= APART_M2]
    if not others:
        return ("", "")
    km2 = sum(others) / 1e6
    zh = (
        f"该街道由{len(others) + 1}片互不相连的区域组成，以上四至为其中最大的一片；"
        f"其余{len(others)}片面积共{km2:.2f}平方公里，位置见附件图。"
    )
    en = (
        f" It lies in {len(others) + 1} places apart; the sides are those of the largest, and the "
        f"rest, {km2:.2f} km² together, is on the map of the annex."
    )
    return zh, en


def _member(source: Source, key: str) -> Pair:
    """Name of a community, and whether nobody lives there yet."""
    zh, en = source.community(key)
    if source.communities[key].compounds:
        return zh, en
    return f"{zh}（现无居住小区）", f"{en}, which has no compound yet"


def _seat(source: Source, seat: str) -> Pair:
    """Where an office is or goes: its name, and the compound in whose cell it stands."""
    zh, en = source.seat(seat)
    seats = source.territory.seats
    if seat not in seats.index:
        return f"驻{zh}", f"is at {en}"
    near = source.compound(str(seats.at[seat, "cell"]))
    if seats.at[seat, "kind"] == "office":
        return f"沿用现址（{zh}，{near[0]}附近）", f"stays where it is ({en}, near {near[1]})"
    return (
        f"拟驻{near[0]}附近（{zh}，门牌以批复为准）",
        f"is to be near {near[1]} ({en}, subject to approval)",
    )
