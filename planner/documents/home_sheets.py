"""Sheets of compounds: old and new school and unit of each, and the flows between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from planner.documents.sheet import FIRST_ROW, Book, Column, Formula, Table, write_table
from planner.documents.source import Source

COMPOUNDS, MOVES = "小区 Compounds", "变动 Moves"


def compounds_sheet(book: Book, source: Source) -> Table:
    """One row per compound, old → new; changes are marked by formulas that compare the two."""
    columns = _columns(source)
    keys = [column.key for column in columns]
    letters = {key: xl_col_to_name(position) for position, key in enumerate(keys)}
    rows = [_row(source, entry.compound, letters) for entry in source.plan.assignments]
    table = write_table(book, COMPOUNDS, columns, rows, note=(
        "每个小区的现状与规划归属；“改变”为公式。",
        "Old and new of every compound; changes are formulas.",
    ))  # fmt: skip
    for key in keys:
        if key.startswith("changes_"):
            position = table.position(key)
            table.sheet.conditional_format(
                FIRST_ROW, position, table.last_row, position,
                {"type": "cell", "criteria": "==", "value": 1, "format": book.fair},
            )  # fmt: skip
    return table


def moves_sheet(book: Book, source: Source, compounds: Table) -> Table:
    """Flows from old to new with the pupils or people that go, summed over the compounds."""
    rows: list[dict[str, Any]] = []
    for service, entry in source.scenario.services.items():
        pupils = source.reading.pupils(service)
        flows: dict[tuple[str, str], float] = {}
        for a in source.plan.assignments:
            key = (source.reading.school_today(a.compound, service), a.schools[service])
            flows[key] = flows.get(key, 0.0) + pupils[a.compound]
        rows += [
            _flow(compounds, f"学校 School · {entry.name.zh} {entry.name.en}", flow, amount,
                  names=[source.school(key)[0] if key else "" for key in flow],
                  value=f"{service}_pupils", old=f"{service}_today", new=f"{service}_school")
            for flow, amount in sorted(flows.items()) if flow[0] != flow[1] and amount
        ]  # fmt: skip
    rows += _unit_flows(source, compounds, "community")
    rows += _unit_flows(source, compounds, "subdistrict")
    return write_table(
        book, MOVES,
        [
            Column("kind", ("归属", "Kind"), width=30), Column("from_id", ("原编号", "From, id")),
            Column("from", ("原", "From"), width=24), Column("to_id", ("新编号", "To, id")),
            Column("to", ("新", "To"), width=24),
            Column("amount", ("人数（学生或人口）", "Pupils or people"), "人", "whole", width=16),
            Column("compounds", ("小区数", "Compounds"), "个", "whole"),
        ],
        rows,
        note=("只列发生变化的；人数与小区数由“小区”表汇总。",
              "Only what changes; amounts are summed from the sheet of compounds."),
    )  # fmt: skip


def _columns(source: Source) -> list[Column]:
    columns = [
        Column("id", ("编号", "Id"), width=10), Column("name", ("小区", "Compound"), width=24),
        Column("name_en", ("英文名", "English name"), width=26),
        Column("people", ("人口", "People"), "人", "whole", total=True),
        Column("households", ("户数", "Households"), "户", "whole", total=True),
    ]  # fmt: skip
    for service, entry in source.scenario.services.items():
        zh, en = entry.name.zh, entry.name.en
        columns += [
            Column(f"{service}_pupils", (f"{zh}学生 {source.plan.design_year}", f"{en}: pupils"),
                   "人", "whole", total=True, width=14),
            Column(f"{service}_today", (f"{zh}现状", f"{en}: today"), width=11),
            Column(f"{service}_today_name", (f"{zh}现状校名", f"{en}: school today"), width=22),
            Column(f"{service}_school", (f"{zh}规划", f"{en}: planned"), width=11),
            Column(f"{service}_school_name", (f"{zh}规划校名", f"{en}: planned school"), width=22),
            Column(f"changes_{service}", (f"{zh}改变", f"{en}: changes"), "1=是", "whole",
                   total=True),
            Column(f"{service}_m", (f"{zh}步行", f"{en}: walking"), "m", "whole"),
            Column(f"{service}_straight", (f"{zh}直线", f"{en}: straight"), "m", "whole"),
            Column(f"{service}_crossings", (f"{zh}穿越", f"{en}: crossings"), "次", "whole"),
        ]  # fmt: skip
    for key, zh, en in (("community", "社区", "community"), ("subdistrict", "街道", "subdistrict")):
        columns += [
            Column(f"{key}_today", (f"现状{zh}", f"{en} today"), width=14),
            Column(f"{key}_today_name", (f"现状{zh}名", f"{en} today, name"), width=20),
            Column(key, (f"规划{zh}", f"planned {en}"), width=14),
            Column(f"{key}_name", (f"规划{zh}名", f"planned {en}, name"), width=20),
            Column(f"changes_{key}", (f"{zh}改变", f"{en} changes"), "1=是", "whole", total=True),
        ]
    return columns


def _row(source: Source, compound: str, letters: Mapping[str, str]) -> dict[str, Any]:
    reading, entry = source.reading, source.reading.assignments[compound]
    travel = source.territory.travel
    rows: Any = source.territory.compounds
    zh, en = source.compound(compound)
    row: dict[str, Any] = {
        "id": compound, "name": zh, "name_en": en,
        "people": int(rows.at[compound, "population"]),
        "households": int(rows.at[compound, "households"]),
    }  # fmt: skip
    for service in source.scenario.services:
        today, school = reading.school_today(compound, service), entry.schools[service]
        pupils = reading.pupils(service)[compound]
        row |= {
            f"{service}_pupils": pupils,
            f"{service}_today": today,
            f"{service}_today_name": source.school(today)[0] if today else "",
            f"{service}_school": school,
            f"{service}_school_name": source.school(school)[0],
            f"changes_{service}": _changes(
                letters, f"{service}_today", f"{service}_school", bool(today) and today != school
            ),
            f"{service}_m": _finite(travel.distance_m.at[compound, school]),
            f"{service}_straight": _finite(travel.straight_m.at[compound, school]),
            f"{service}_crossings": _finite(travel.crossings.at[compound, school]),
        }
    home, street = reading.community_today(compound), reading.subdistrict_today(compound)
    return row | {
        "community_today": home,
        "community_today_name": source.community_today(home)[0],
        "community": entry.community,
        "community_name": source.community(entry.community)[0],
        "changes_community": _changes(letters, "community_today", "community",
                                      home != entry.community),
        "subdistrict_today": street,
        "subdistrict_today_name": source.subdistrict_today(street)[0],
        "subdistrict": entry.subdistrict,
        "subdistrict_name": source.subdistrict(entry.subdistrict)[0],
        "changes_subdistrict": _changes(letters, "subdistrict_today", "subdistrict",
                                        street != entry.subdistrict),
    }  # fmt: skip


def _changes(letters: Mapping[str, str], old: str, new: str, changed: bool) -> Formula:
    a, b = f"{letters[old]}{{row}}", f"{letters[new]}{{row}}"
    return Formula(f'=IF(OR({a}="",EXACT({a},{b})),0,1)', float(changed))


def _unit_flows(source: Source, compounds: Table, kind: str) -> list[dict[str, Any]]:
    reading = source.reading
    words = {"community": "社区 Community", "subdistrict": "街道 Subdistrict"}[kind]
    flows: dict[tuple[str, str], float] = {}
    for a in source.plan.assignments:
        today = (reading.community_today if kind == "community" else reading.subdistrict_today)(
            a.compound
        )
        key = (today, a.community if kind == "community" else a.subdistrict)
        people = float(source.territory.compounds.at[a.compound, "population"])
        flows[key] = flows.get(key, 0.0) + people
    old_name, new_name = (
        (source.community_today, source.community) if kind == "community"
        else (source.subdistrict_today, source.subdistrict)
    )  # fmt: skip
    return [
        _flow(compounds, words, flow, amount, names=[old_name(flow[0])[0], new_name(flow[1])[0]],
              value="people", old=f"{kind}_today", new=kind)
        for flow, amount in sorted(flows.items()) if flow[0] != flow[1]
    ]  # fmt: skip


def _flow(
    compounds: Table,
    kind: str,
    flow: tuple[str, str],
    amount: float,
    *,
    names: list[str],
    value: str,
    old: str,
    new: str,
) -> dict[str, Any]:
    """A row of the moves; its sums look for the ids in its own row."""
    same = (f"({compounds.cells(old)}=B{{row}})*({compounds.cells(new)}=D{{row}})")  # fmt: skip
    return {
        "kind": kind, "from_id": flow[0], "from": names[0], "to_id": flow[1], "to": names[1],
        "amount": Formula(f"=SUMPRODUCT({same}*{compounds.cells(value)})", amount),
        "compounds": Formula(f"=SUMPRODUCT({same})", float(_count(compounds, flow, old, new))),
    }  # fmt: skip


def _count(compounds: Table, flow: tuple[str, str], old: str, new: str) -> int:
    return sum(row.get(old) == flow[0] and row.get(new) == flow[1] for row in compounds.rows)


def _finite(value: Any) -> float | None:
    return float(value) if float(value) < float("inf") else None
