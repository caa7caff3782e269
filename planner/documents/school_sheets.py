"""Sheets of schools: classes, places, pupils and use, and the years of the demand."""

from __future__ import annotations

from typing import Any

from xlsxwriter.utility import xl_col_to_name

from planner.documents.report_tables import pupils_by_year
from planner.documents.sheet import FIRST_ROW, HEADER_ROW, Book, Column, Formula, Table, write_table
from planner.documents.source import Source
from planner.documents.writing import KINDS

SCHOOLS, YEARS = "学校 Schools", "逐年 Years"


def schools_sheet(book: Book, source: Source, compounds: Table) -> Table:
    """One row per school and service; pupils are summed from the sheet of compounds."""
    columns = [
        Column("id", ("编号", "Id"), width=9), Column("name", ("学校", "School"), width=24),
        Column("name_en", ("英文名", "English name"), width=28),
        Column("kind", ("性质", "Kind"), width=16),
        Column("service", ("学段", "Service"), width=20),
        Column("today", ("现有班", "Classes today"), "班", "whole", total=True),
        Column("new", ("新增班", "New classes"), "班", "whole", total=True),
        Column("classes", ("规划班", "Planned classes"), "班", "whole", total=True),
        Column("size", ("班额", "Class size"), "人/班", "whole"),
        Column("places", ("学位", "Places"), "个", "whole", total=True),
        Column("new_places", ("新增学位", "New places"), "个", "whole", total=True),
        Column("pupils", (f"学生 {source.plan.design_year}", "Pupils"), "人", "whole", total=True),
        Column("use", ("利用率", "Use"), "", "share"),
        Column("over", ("超出学位", "Over its places"), "人", "whole", total=True),
        Column("mean_m", ("平均步行", "Mean walk"), "m", "whole"),
        Column("worst_m", ("最远步行", "Longest walk"), "m", "whole"),
        Column("land_m2", ("用地", "Land"), "m²", "whole", total=True),
        Column("cost_yuan", ("投资", "Cost"), "元", "whole", total=True, width=16),
    ]  # fmt: skip
    rows = [row for school in source.plan.schools for row in _school(source, school.id, compounds)]
    table = write_table(book, SCHOOLS, columns, rows, note=(
        "每校每学段一行；用地与投资只记在该校首行。",
        "One row per school and service; land and cost stand in a school's first row.",
    ))  # fmt: skip
    _colour_use(book, table)
    _chart_use(book, table)
    return table


def years_sheet(book: Book, source: Source) -> Table:
    """Schools × years: pupils of each catchment; years above the places are coloured."""
    years = sorted({str(y) for frame in source.territory.demand.values() for y in frame.columns})
    columns = [
        Column("id", ("编号", "Id"), width=9), Column("name", ("学校", "School"), width=24),
        Column("service", ("学段", "Service"), width=20),
        Column("places", ("学位", "Places"), "个", "whole", total=True),
        *[Column(year, (f"{year}年", "pupils"), "人", "whole", total=True, width=9)
          for year in years],
        Column("peak", ("峰值", "Peak"), "人", "whole"),
        Column("peak_use", ("峰值利用率", "Use at the peak"), "", "share"),
    ]  # fmt: skip
    rows: list[dict[str, Any]] = []
    last = xl_col_to_name(len(years) + 3)
    for service, entry in source.scenario.services.items():
        places = {school.id: school.places.get(service, 0) for school in source.plan.schools}
        for school, pupils in pupils_by_year(source, service).items():
            peak, seats = max(pupils.values()), places.get(school, 0)
            rows.append({
                "id": school, "name": source.school(school)[0],
                "service": f"{entry.name.zh} {entry.name.en}", "places": seats, **pupils,
                "peak": Formula(f"=MAX(E{{row}}:{last}{{row}})", peak),
                "peak_use": Formula(
                    f"=IF(D{{row}}=0,0,MAX(E{{row}}:{last}{{row}})/D{{row}})",
                    peak / seats if seats else 0.0,
                ),
            })  # fmt: skip
    table = write_table(book, YEARS, columns, rows, note=(
        "按规划学区逐年的学生数；超过学位的年份着色。",
        "Pupils of the planned catchments, year by year; years above the places are coloured.",
    ))  # fmt: skip
    if rows and years:
        table.sheet.conditional_format(
            FIRST_ROW, 4, table.last_row, 3 + len(years),
            {"type": "formula", "criteria": f"=E{FIRST_ROW + 1}>$D{FIRST_ROW + 1}",
             "format": book.bad},
        )  # fmt: skip
        _chart_years(book, table, len(years))
    return table


def _school(source: Source, key: str, compounds: Table) -> list[dict[str, Any]]:
    plan = source.reading.schools[key]
    zh, en = source.school(key)
    rows: list[dict[str, Any]] = []
    for service, offer in source.school_cards[key]["services"].items():
        entry = source.scenario.services[service]
        pupils = sum(source.reading.pupils(service)[c] for c in offer["compounds"])
        today, new, size = offer["classes_today"], offer["new_classes"], entry.class_size
        places = (today + new) * size
        ids, counts = compounds.cells(f"{service}_school"), compounds.cells(f"{service}_pupils")
        row: dict[str, Any] = {
            "id": key, "name": zh, "name_en": en, "kind": " ".join(KINDS[plan.kind]),
            "service": f"{entry.name.zh} {entry.name.en}", "today": today, "new": new,
            "classes": Formula("=F{row}+G{row}", today + new), "size": size,
            "places": Formula("=H{row}*I{row}", places),
            "new_places": Formula("=G{row}*I{row}", new * size),
            "pupils": Formula(f"=SUMPRODUCT(({ids}=A{{row}})*{counts})", pupils),
            "use": Formula("=IF(J{row}=0,0,L{row}/J{row})", pupils / places if places else 0.0),
            "over": Formula("=MAX(0,L{row}-J{row})", max(0.0, pupils - places)),
            "mean_m": offer["mean_m"], "worst_m": offer["worst_m"],
        }  # fmt: skip
        if not rows:
            row |= {"land_m2": plan.land_m2, "cost_yuan": plan.cost_yuan}
        rows.append(row)
    return rows


def _colour_use(book: Book, table: Table) -> None:
    position = table.position("use")
    for criteria, limits, how in (
        (">", {"value": 1.0}, book.bad),
        ("between", {"minimum": 0.85, "maximum": 1.0}, book.good),
        ("<", {"value": 0.6}, book.fair),
    ):
        table.sheet.conditional_format(
            FIRST_ROW, position, max(FIRST_ROW, table.last_row), position,
            {"type": "cell", "criteria": criteria, **limits, "format": how},
        )  # fmt: skip


def _chart_use(book: Book, table: Table) -> None:
    if not table.count:
        return
    chart = book.workbook.add_chart({"type": "column"})
    for key, colour in (("pupils", "#2B6CA8"), ("places", "#F4A261")):
        position = table.position(key)
        chart.add_series({
            "name": [table.name, HEADER_ROW, position],
            "categories": [table.name, FIRST_ROW, 1, table.last_row, 1],
            "values": [table.name, FIRST_ROW, position, table.last_row, position],
            "fill": {"color": colour}, "border": {"none": True},
        })  # fmt: skip
    chart.set_title({"name": "学生与学位 Pupils and places"})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 1150, "height": 380})
    table.sheet.insert_chart(table.last_row + 4, 1, chart)


def _chart_years(book: Book, table: Table, years: int) -> None:
    """All pupils of each year, as the total row adds them up."""
    chart = book.workbook.add_chart({"type": "line"})
    total = table.last_row + 1
    chart.add_series({
        "name": "学生合计 All pupils",
        "categories": [table.name, HEADER_ROW, 4, HEADER_ROW, 3 + years],
        "values": [table.name, total, 4, total, 3 + years],
        "line": {"color": "#2B6CA8", "width": 2.5},
    })  # fmt: skip
    chart.set_title({"name": "逐年学生 Pupils by year"})
    chart.set_y_axis({"min": 0, "num_format": "#,##0"})
    chart.set_legend({"none": True})
    chart.set_size({"width": 900, "height": 340})
    table.sheet.insert_chart(total + 3, 1, chart)
