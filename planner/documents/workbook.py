"""The workbook: the plan in tables whose sums are formulas that anyone can follow."""

from __future__ import annotations

import io

from xlsxwriter.workbook import Workbook

from planner.documents.home_sheets import COMPOUNDS, MOVES, compounds_sheet, moves_sheet
from planner.documents.record_sheets import (
    CHECKS,
    OUTCOME,
    PARAMETERS,
    checks_sheet,
    indicator_rows,
    outcome_sheet,
    parameters_sheet,
)
from planner.documents.school_sheets import SCHOOLS, YEARS, schools_sheet, years_sheet
from planner.documents.sheet import FIRST_ROW, Book, Column, Formula, Table, write_table
from planner.documents.source import Source
from planner.documents.unit_sheets import (
    COMMUNITIES,
    GRIDS,
    SUBDISTRICTS,
    communities_sheet,
    grids_sheet,
    subdistricts_sheet,
)
from planner.documents.writing import colophon
from planner.maps import words

SUMMARY = "概要 Summary"
SHEETS = (
    SUMMARY, OUTCOME, SCHOOLS, YEARS, COMPOUNDS, SUBDISTRICTS, COMMUNITIES, GRIDS, MOVES, CHECKS,
    PARAMETERS,
)  # fmt: skip
"""In the order in which they stand."""


def workbook(source: Source) -> bytes:
    """The workbook of a plan as the bytes of an .xlsx file; equal plans give equal bytes.

    The workbook is for the office: it holds exact figures, whatever `privacy.min_children`.
    """
    stream = io.BytesIO()
    book_options = {
        "in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False,
        "strings_to_urls": False,
    }  # fmt: skip
    with Workbook(stream, book_options) as file:
        made = source.created.replace(tzinfo=None)
        title = source.scenario.title
        file.set_properties({
            "title": f"{title.zh} {title.en}"[:255], "created": made,
            "comments": colophon(source)[1],
        })  # fmt: skip
        file.set_calc_mode("auto")
        _write(Book(file, SHEETS), source)
    return stream.getvalue()


def _write(book: Book, source: Source) -> None:
    """Compounds are written first: the formulas of the other sheets look things up in them."""
    compounds = compounds_sheet(book, source)
    tables = {
        "compounds": compounds,
        "schools": schools_sheet(book, source, compounds),
        "units": subdistricts_sheet(book, source, compounds),
        "communities": communities_sheet(book, source, compounds),
        "grids": grids_sheet(book, source),
    }
    outcome_sheet(book, source)
    years_sheet(book, source)
    moves_sheet(book, source, compounds)
    checks_sheet(book, source)
    parameters_sheet(book, source)
    _summary(book, source, tables)


def _summary(book: Book, source: Source, tables: dict[str, Table]) -> None:
    """Indicators as recorded, beside the same ones recomputed by formulas from the sheets."""
    title, plan = source.scenario.title, source.plan
    formulas = _formulas(source, tables)
    rows = indicator_rows(source)
    for row in rows:
        if row["key"] in formulas:
            row["again"] = Formula(formulas[row["key"]], float(row["value"]))
            row["agree"] = Formula("=IF(ABS(E{row}-F{row})<=0.000001*MAX(1,ABS(E{row})),1,0)", 1.0)
    status, sentence = words.status_word(plan), words.status_sentence(plan)
    table = write_table(
        book, SUMMARY,
        [
            Column("key", ("指标", "Indicator"), width=34),
            Column("name", ("名称", "Name"), width=30),
            Column("name_en", ("英文", "English"), width=42), Column("unit", ("单位", "Unit")),
            Column("value", ("本方案", "This plan"), "", "plain", width=18),
            Column("again", ("公式复算", "Recomputed"), "", "plain", width=18),
            Column("agree", ("一致", "Agrees"), "1=是", "whole", width=9),
            Column("outcome", ("实际结果", "Historical outcome"), "", "plain", width=18),
            Column("meaning", ("含义", "Meaning"), width=70),
        ],
        rows,
        note=((f"{title.zh} · {status[0]}：{sentence[0]}。{colophon(source)[0]}"
            f"{_internal(source)[0]}"),
              (f"{title.en} · {status[1]}: {sentence[1]}. {colophon(source)[1]}"
              f"{_internal(source)[1]}")),
    )  # fmt: skip
    for value, how in ((1, book.good), (0, book.bad)):
        table.sheet.conditional_format(
            FIRST_ROW, 6, max(FIRST_ROW, table.last_row), 6,
            {"type": "formula", "format": how,
             "criteria": f'=AND($G{FIRST_ROW + 1}<>"",$G{FIRST_ROW + 1}={value})'},
        )  # fmt: skip


def _internal(source: Source) -> tuple[str, str]:
    least = source.scenario.privacy.min_children
    if not least:
        return ("", "")
    return (
        f"内部资料：含少于{least}名儿童的数字，公开前请删除。",
        f" Internal: holds figures of fewer than {least} children; not for publication.",
    )


def _formulas(source: Source, tables: dict[str, Table]) -> dict[str, str]:
    """What a person would add up by hand, by indicator."""
    schools, compounds, units = tables["schools"], tables["compounds"], tables["units"]
    kinds, first = schools.cells("kind"), schools.cells("land_m2")
    found = {
        "new_schools": f'=SUMPRODUCT(({kinds}="新建 new")*({first}<>""))',
        "expanded_schools": f'=SUMPRODUCT(({kinds}="扩建 expanded")*({first}<>""))',
        "new_classes.total": f"=SUM({schools.cells('new')})",
        "new_places.total": f"=SUM({schools.cells('new_places')})",
        "places_short.total": f"=SUM({schools.cells('over')})",
        "land_m2": f"=SUM({first})",
        "cost_yuan": f"=SUM({schools.cells('cost_yuan')})",
        "subdistricts": f"=COUNTA({units.cells('id')})",
        "communities": f"=COUNTA({tables['communities'].cells('id')})",
        "new_communities": f"=SUM({tables['communities'].cells('new')})",
        "grids": f"=COUNTA({tables['grids'].cells('id')})",
        "max_population_deviation":
            f"=MAX(MAX({units.cells('deviation')}),-MIN({units.cells('deviation')}))",
        "people_changing_subdistrict": _moved(compounds, "subdistrict", "people"),
        "people_changing_community": _moved(compounds, "community", "people"),
        "grids_within_limits": _within(source, tables["grids"]),
        "pupils_changing_both": "=" + "+".join(
            f"SUMPRODUCT({compounds.cells(f'changes_{service}')}"
            f"*{compounds.cells('changes_subdistrict')}*{compounds.cells(f'{service}_pupils')})"
            for service in source.scenario.services
        ),
        "pupils_changing_school": "=" + "+".join(
            _moved(compounds, service, f"{service}_pupils")[1:]
            for service in source.scenario.services
        ),
    }  # fmt: skip
    for service, entry in source.scenario.services.items():
        own = f'({schools.cells("service")}="{_quoted(entry.name.zh)} {_quoted(entry.name.en)}")'
        pupils, metres = compounds.cells(f"{service}_pupils"), compounds.cells(f"{service}_m")
        straight = compounds.cells(f"{service}_straight")
        found |= {
            f"new_classes.{service}": f"=SUMPRODUCT({own}*{schools.cells('new')})",
            f"new_places.{service}": f"=SUMPRODUCT({own}*{schools.cells('new_places')})",
            f"places_short.{service}": f"=SUMPRODUCT({own}*{schools.cells('over')})",
            f"mean_distance_m.{service}": f"=SUMPRODUCT({pupils}*{metres})/SUM({pupils})",
            f"beyond_radius.{service}": f"=SUMPRODUCT({pupils}*({straight}>{entry.radius_m:g}))",
        }
    return {key: text.replace("{", "{{").replace("}", "}}") for key, text in found.items()}


def _within(source: Source, grids: Table) -> str:
    band, households = source.scenario.boundaries.grid_households, grids.cells("households")
    limits = [f'{households},">={band.min:g}"'] if band.min is not None else []
    limits += [f'{households},"<={band.max:g}"'] if band.max is not None else []
    return f"=COUNTIFS({','.join(limits)})" if limits else f"=COUNT({households})"


def _moved(compounds: Table, kind: str, amount: str) -> str:
    return f"=SUMPRODUCT({compounds.cells(f'changes_{kind}')}*{compounds.cells(amount)})"


def _quoted(text: str) -> str:
    return text.replace('"', '""')
