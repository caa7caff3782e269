"""Sheets of the record: today's and the historical arrangement, checks, parameters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from planner.documents.sheet import FIRST_ROW, Book, Column, Formula, Table, write_table
from planner.documents.source import Source
from planner.maps.heading import checks_told
from planner.plan.meanings import meaning_of
from planner.scenario.values_by_key import values_by_key

OUTCOME, CHECKS, PARAMETERS = "对照 Beside", "核验 Checks", "参数 Parameters"
_DEFAULT = "默认值 default"


def outcome_sheet(book: Book, source: Source) -> Table:
    """People of each subdistrict: today, in the plan, and in the historical outcome."""
    columns = [
        Column("name", ("街道", "Subdistrict"), width=30),
        Column("today", ("现状人口", "People today"), "人", "whole", total=True),
        Column("plan", ("规划人口", "Planned people"), "人", "whole", total=True),
        Column("outcome", ("实际结果人口", "Historical outcome"), "人", "whole", total=True),
        Column("change", ("规划－现状", "Plan − today"), "人", "whole", total=True),
    ]  # fmt: skip
    rows = [
        {"name": name, **people,
         "change": Formula("=C{row}-B{row}", people.get("plan", 0) - people.get("today", 0))}
        for name, people in sorted(_people(source).items())
    ]  # fmt: skip
    table = write_table(book, OUTCOME, columns, rows, note=(
        "同名街道列于一行；没有历史结果时该列为空。",
        "Subdistricts of one name stand in one row; no historical outcome leaves its column empty.",
    ))  # fmt: skip
    if rows:
        chart = book.workbook.add_chart({"type": "column"})
        for position in (1, 2, 3):
            chart.add_series({
                "name": [table.name, FIRST_ROW - 1, position],
                "categories": [table.name, FIRST_ROW, 0, table.last_row, 0],
                "values": [table.name, FIRST_ROW, position, table.last_row, position],
            })  # fmt: skip
        chart.set_title({"name": "各街道人口 People by subdistrict"})
        table.sheet.insert_chart(table.last_row + 4, 0, chart)
    return table


def checks_sheet(book: Book, source: Source) -> Table:
    """Every check of the independent verification."""
    columns = [
        Column("code", ("代码", "Code"), width=28),
        Column("ok", ("通过", "Passed"), "1=是", "whole"),
        Column("zh", ("核验内容", "Check (Chinese)"), width=36),
        Column("en", ("核验内容（英文）", "Check"), width=44),
        Column("figures", ("数据", "Figures (Chinese)"), width=60),
        Column("figures_en", ("数据（英文）", "Figures"), width=60),
    ]  # fmt: skip
    rows = [
        {"code": check["code"], "ok": int(bool(check["ok"])), "zh": check["title_zh"],
         "en": check["title_en"], "figures": check["told"][0], "figures_en": check["told"][1]}
        for check in checks_told(source.checks, source.scenario)
    ]  # fmt: skip
    table = write_table(book, CHECKS, columns, rows, note=(
        "由与求解无关的程序从图层与方案重新计算。",
        "Recomputed from layers and plan by code that shares nothing with the solver.",
    ))  # fmt: skip
    for value, how in ((1, book.good), (0, book.bad)):
        table.sheet.conditional_format(
            FIRST_ROW, 1, max(FIRST_ROW, table.last_row), 1,
            {"type": "cell", "criteria": "==", "value": value, "format": how},
        )  # fmt: skip
    return table


def parameters_sheet(book: Book, source: Source) -> Table:
    """Every value of the scenario and where it came from."""
    origins = source.record.get("origins")
    known: Mapping[str, Any] = origins if isinstance(origins, Mapping) else {}
    rows = [
        {"key": key, "value": _cell(value), "origin": _origin(known, key)}
        for key, value in values_by_key(source.scenario).items()
        if not key.startswith("layers.") and key != "data"
    ]
    columns = [
        Column("key", ("参数", "Parameter"), width=44),
        Column("value", ("取值", "Value"), "", "plain", width=40),
        Column("origin", ("来源", "Origin"), width=44),
    ]
    return write_table(book, PARAMETERS, columns, rows, note=(
        "来源为文件与行号；未写明者为默认值。",
        "Origin is file and line; what no file states is a default."))  # fmt: skip


def indicator_rows(source: Source) -> list[dict[str, Any]]:
    """Every indicator of the plan with its unit, and the historical outcome where it has it."""
    rows: list[dict[str, Any]] = []
    services = source.scenario.services
    for key, value in source.plan.indicators.items():
        parts = value if isinstance(value, Mapping) else {"": value}
        meaning, beside = meaning_of(key), source.plan.outcome.get(key)
        for part, figure in parts.items():
            zh, en = (services[part].name.zh, services[part].name.en) if part in services else (
                ("合计", "total") if part == "total" else ("", "")
            )  # fmt: skip
            rows.append({
                "key": f"{key}.{part}" if part else key,
                "name": meaning.name[0] + (f"·{zh}" if zh else ""),
                "name_en": meaning.name[1] + (f", {en}" if en else ""),
                "unit": " ".join(dict.fromkeys(word for word in meaning.unit if word)),
                "value": figure,
                "outcome": None if isinstance(beside, Mapping) else beside,
                "meaning": f"{meaning.meaning[0]} {meaning.meaning[1]}",
            })  # fmt: skip
    return rows


def _people(source: Source) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    people = source.territory.compounds["population"]
    for key, count in people.items():
        home = source.reading.subdistrict_today(str(key))
        name = source.subdistrict_today(home)[0]
        found.setdefault(name, {}).setdefault("today", 0.0)
        found[name]["today"] += float(count)
    for unit in source.plan.subdistricts:
        own = found.setdefault(source.subdistrict(unit.id)[0], {})
        own["plan"] = own.get("plan", 0.0) + unit.population
    outcome = source.territory.outcome
    for key in sorted(map(str, outcome.index)):
        own = found.setdefault(str(outcome.at[key, "subdistrict_name"]), {})
        own["outcome"] = own.get("outcome", 0.0) + float(people[key])
    return found


def _origin(known: Mapping[str, Any], key: str) -> str:
    """The origin of a key; a number that sets both bounds of a range names either of them."""
    found = [str(known[k]) for k in (key, f"{key}.min", f"{key}.max") if k in known]
    return found[0] if found else _DEFAULT


def _cell(value: Any) -> Any:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, int | float | str) else json.dumps(value, ensure_ascii=False)
