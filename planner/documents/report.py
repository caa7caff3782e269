"""The report: the decision on its first page, then maps, tables, method and limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from planner.documents.pictures import (
    catchment_picture,
    change_hatches,
    change_picture,
    plan_picture,
    school_colours,
)
from planner.documents.report_tables import tables
from planner.documents.source import Pair, Source
from planner.documents.writing import (
    KINDS,
    both,
    children,
    figure,
    in_metres,
    percent,
    render,
    tally_words,
)
from planner.maps import words
from planner.maps.heading import checks_told, service_names
from planner.maps.sentences import finding_words
from planner.plan.meanings import meaning_of
from planner.plan.plan import Status


def reports(source: Source) -> dict[str, str]:
    """The report in both languages as HTML, by file name."""
    return both(lambda language: report(source, language), "report")


def report(source: Source, language: int) -> str:
    """The report in one language; `language` 0 Chinese, 1 English."""
    plan, title = source.plan, source.scenario.title
    built = list(_built(source, language))
    context = {
        "title": (title.zh, title.en)[language],
        "scenario": source.scenario.name,
        "run": source.record.get("run_id", ""),
        "year": plan.design_year,
        "created": source.created.date().isoformat(),
        "status": words.status_word(plan),
        "sentence": words.status_sentence(plan),
        "checks": checks_told(source.checks, source.scenario),
        "kept": source.tally.ok,
        "tally": tally_words(source)[language],
        "figures": list(_figures(source, language)),
        "built": built,
        "built_total": _built_total(source, language),
        "affected": list(_affected(source)),
        "pictures": list(_pictures(source, language)),
        "method": list(_method(source)),
        "levels": list(_levels(source)),
        "privacy": _privacy(source)[language],
        **tables(source),
    }
    return render("report.html", source, language, context)


def _figures(source: Source, language: int) -> Iterator[Mapping[str, Any]]:
    """The eight figures of the first page; what a plan does not have is left out."""
    known = source.plan.indicators
    for key in ("new_schools", "expanded_schools", "new_classes", "new_places"):
        if key in known:
            yield _card(key, figure(_total(known[key])))
    if "cost_yuan" in known:
        yuan = known["cost_yuan"]
        told = (figure(yuan / 1e8, 3), figure(yuan / 1e6, 1))[language]
        yield _card("cost_yuan", told, ("亿元", "million yuan"))
    if "land_m2" in known:
        yield _card("land_m2", figure(known["land_m2"] / 1e4, 2), ("公顷", "ha"))
    if "places_short" in known:
        yield _card("places_short", figure(_total(known["places_short"])))
    if "max_population_deviation" in known:
        yield _card("max_population_deviation", percent(known["max_population_deviation"]),
                    ("", ""))  # fmt: skip


def _card(key: str, value: str, unit: Pair | None = None) -> Mapping[str, Any]:
    meaning = meaning_of(key)
    zh, en = unit or meaning.unit
    return {"name": meaning.name, "value": value, "unit": (zh, en.removesuffix("s") if value == "1"
                                                           else en)}  # fmt: skip


def _built(source: Source, language: int) -> Iterator[Mapping[str, Any]]:
    sizes = {name: entry.class_size for name, entry in source.scenario.services.items()}
    for school in source.plan.schools:
        if school.kind == "existing":
            continue
        classes = school.new_classes
        yield {
            "name": source.school(school.id),
            "kind": KINDS[school.kind],
            "classes": figure(sum(classes.values())),
            "places": figure(sum(count * sizes[name] for name, count in classes.items())),
            "land": figure(school.land_m2),
            "cost": _money(school.cost_yuan, language),
        }


def _built_total(source: Source, language: int) -> Mapping[str, str]:
    known = source.plan.indicators
    return {
        "classes": figure(_total(known.get("new_classes"))),
        "places": figure(_total(known.get("new_places"))),
        "land": figure(known.get("land_m2")),
        "cost": _money(known.get("cost_yuan"), language),
    }


def _money(yuan: float | None, language: int) -> str:
    if yuan is None:
        return "–"
    return figure(yuan / 1e4) if language == 0 else figure(yuan / 1e6, 1)


def _affected(source: Source) -> Iterator[Pair]:
    """Who moves, who walks furthest, who is short of a place."""
    for service, entry in source.scenario.services.items():
        uses = [use for use in source.uses if use.service == service and use.pupils > 0]
        if not uses:
            continue
        moved = sum(use.pupils for use in uses if use.today and use.today != use.school)
        total = sum(use.pupils for use in uses)
        mean = sum(use.pupils * use.distance_m for use in uses) / total
        worst = max(uses, key=lambda use: (use.distance_m, use.compound))
        home, school = source.compound(worst.compound), source.school(worst.school)
        beyond = sum(use.pupils for use in uses if use.straight_m > entry.radius_m)
        metres, radius = figure(worst.distance_m), figure(entry.radius_m)
        share = percent(beyond / total, 0)
        yield (
            (
                f"{entry.name.zh}：{children(moved, source)}名学生改变学校"
                f"（共{figure(total)}名）；平均步行{figure(mean)}米，最远{metres}米（{home[0]}至"
                f"{school[0]}）；{children(beyond, source)}名（{share}）在{radius}米服务半径以外。"
            ),
            (
                f"{entry.name.en}: {children(moved, source)} of {figure(total)} pupils change "
                "school; "
                f"{in_metres(figure(mean))} on foot on average, {in_metres(metres)} at most "
                f"({home[1]} to "
                f"{school[1]}); "
                f"{children(beyond, source)} ({share}) beyond the service radius of "
                f"{in_metres(radius)}."
            ),
        )
    yield _overloads(source)
    known = source.plan.indicators
    if "people_changing_subdistrict" in known:
        street, home_unit = known["people_changing_subdistrict"], known["people_changing_community"]
        yield (
            f"{figure(street)}人改变街道，{figure(home_unit)}人改变社区。",
            f"{figure(street)} people change subdistrict, {figure(home_unit)} change community.",
        )
    if "pupils_other_subdistrict" in known:
        yield _crossing(source)


def _crossing(source: Source) -> Pair:
    """Whose school lies in another subdistrict; where both were decided together, before too."""
    plan = source.plan
    here = children(plan.indicators["pupils_other_subdistrict"]["total"], source)
    zh, en = (
        f"{here}名学生的学校在另一街道",
        f"{here} pupils have their school in another subdistrict",
    )
    if plan.sequential:
        total = plan.sequential["indicators"]["pupils_other_subdistrict"]["total"]
        before = children(total, source)
        zh += f"（学校与街道先后决定时为{before}名）"
        en += f" ({before} where schools and subdistricts are decided one after the other)"
    return f"{zh}。", f"{en}."


def _overloads(source: Source) -> Pair:
    over = []
    for school in source.plan.schools:
        for service, offer in source.school_cards[school.id]["services"].items():
            more = offer["pupils"] - offer["places"]
            if more > 0.5:
                name, stage = source.school(school.id), source.scenario.services[service].name
                over.append((f"{name[0]}（{stage.zh}）超{figure(more)}名",
                             f"{name[1]} ({stage.en}) by {figure(more)}"))  # fmt: skip
    if not over:
        year = source.plan.design_year
        return (f"{year}年没有学校超出学位。", f"No school is over its places in {year}.")
    return (
        "超出学位：" + "；".join(zh for zh, _ in over) + "。",
        "Over their places: " + "; ".join(en for _, en in over) + ".",
    )


def _pictures(source: Source, language: int) -> Iterator[Mapping[str, Any]]:
    colours = school_colours()
    schools = [
        {"shape": "turned" if kind == "new" else "round", "colour": colours[kind],
         "name": (f"{KINDS[kind][0]}学校", f"{KINDS[kind][1]} school")}
        for kind in ("existing", "expanded", "new")
    ]  # fmt: skip
    yield _picture(plan_picture(source, language),
                   ("规划街道（实线）与社区（虚线）、学校、办事处（★）",
                    "Planned subdistricts (solid) and communities (dashed), schools, seats (★)"),
                   schools)  # fmt: skip
    for service, entry in source.scenario.services.items():
        title = (f"规划学区：{entry.name.zh}", f"Planned catchments: {entry.name.en}")
        yield _picture(catchment_picture(source, service, language), title, schools)
    services = source.scenario.services
    hatches = [
        {"shape": "", "colour": colour, "name": (entry.name.zh, entry.name.en)}
        for colour, entry in zip(change_hatches(services), services.values(), strict=True)
    ]
    yield _picture(change_picture(source, language),
                   ("改变学校的小区（斜线）；现状街道界（橙）与规划街道界（蓝）",
                    ("Compounds that change school (hatched); subdistricts today (orange) and "
                    "planned (blue)")), [*hatches, *schools])  # fmt: skip


def _picture(svg: str, title: Pair, keys: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return {"svg": Markup(svg), "title": title, "legend": keys}


def _method(source: Source) -> Iterator[Pair]:
    plan, scenario = source.plan, source.scenario
    yield (
        (
            "方案由整数规划分步求得：先定校址、班数与学区，再定社区、街道与网格；每一步按目标先后逐级优化，"
            "下表逐级列出数值与已证明的界。"
        ),
        (
            "The plan comes from integer programs in steps: sites, classes and catchments "
            "first, then "
            "communities, subdistricts and grids. Each step serves its objectives in order; the "
            "table "
            "states value and proven bound of each."
        ),
    )
    solved, sentence = words.status_word(plan), words.status_sentence(plan)
    yield (f"求解状态：{solved[0]}。{sentence[0]}。", f"{solved[1]}. {sentence[1]}.")
    ways = scenario.ways.straight_factor
    yield (
        f"上学路程按道路网步行距离计；无路网处按直线距离的{ways:g}倍。服务半径为直线距离，是指标而非禁止。",
        (
            f"Ways are walked along the streets; without a network, {ways:g} times the "
            "straight line. "
            "The service radius is straight, an indicator and no prohibition."
        ),
    )
    if plan.status is not Status.OPTIMAL:
        yield ("本方案未证明最优，公示时应如实说明。",
               "This plan is not proven best, which its publication should say.")  # fmt: skip
    for finding in plan.findings:
        told = finding_words(finding, service_names(scenario))
        layer, message = told["layer"], told["message"]
        yield (f"数据提示：{layer[0]}：{message[0]}。",
               f"Finding in the data: {layer[1]}: {message[1]}.")  # fmt: skip


def _levels(source: Source) -> Iterator[Mapping[str, Any]]:
    for level in source.plan.levels:
        share = level.unit.startswith("fraction")
        value, bound = (
            (percent(number, 3) if share else figure(number)) for number in
            (level.value, level.bound)
        )  # fmt: skip
        yield {
            "program": words.pair(words.PROGRAMS, level.program),
            "name": words.pair(words.LEVELS, level.name),
            "value": value, "bound": bound, "gap": words.percent(level.gap),
        }  # fmt: skip


def _privacy(source: Source) -> Pair:
    least = source.scenario.privacy.min_children
    if not least:
        return ("", "")
    return (f"少于{least}名儿童的单独数字不予公布。",
            f"Figures of fewer than {least} children are withheld.")  # fmt: skip


def _total(value: Any) -> Any:
    return value.get("total") if isinstance(value, Mapping) else value
