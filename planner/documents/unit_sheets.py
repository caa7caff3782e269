"""Sheets of units: subdistricts, communities and grids."""

from __future__ import annotations

from collections import Counter

from planner.documents.boundary_words import approval_sentence
from planner.documents.sheet import FIRST_ROW, Book, Column, Formula, Table, write_table
from planner.documents.source import Source

SUBDISTRICTS, COMMUNITIES, GRIDS = "街道 Subdistricts", "社区 Communities", "网格 Grids"


def subdistricts_sheet(book: Book, source: Source, compounds: Table) -> Table:
    """Planned subdistricts; people are summed from the sheet of compounds."""
    columns = [
        Column("id", ("编号", "Id"), width=13), Column("name", ("街道", "Subdistrict"), width=18),
        Column("name_en", ("英文名", "English name"), width=28),
        Column("new", ("新设", "New"), "1=是", "whole"),
        Column("parent", ("所属区", "District")),
        Column("people", ("人口", "People"), "人", "whole", total=True),
        Column("deviation", ("与平均之差", "Off the mean"), "", "share"),
        Column("area", ("面积", "Area"), "km²", "two", total=True),
        Column("density", ("密度", "Density"), "人/km²", "whole"),
        Column("communities", ("社区", "Communities"), "个", "whole", total=True),
        Column("seat", ("办事处驻地", "Seat"), width=26),
        Column("boundary", ("四至", "Boundary"), width=80),
    ]  # fmt: skip
    units = source.plan.subdistricts
    mean = sum(unit.population for unit in units) / max(1, len(units))
    first, last = FIRST_ROW + 1, FIRST_ROW + len(units)
    rows = [
        {
            "id": unit.id, "name": source.subdistrict(unit.id)[0],
            "name_en": source.subdistrict(unit.id)[1], "new": int(unit.new), "parent": unit.parent,
            "people": Formula(
                f"=SUMPRODUCT(({compounds.cells('subdistrict')}=A{{row}})"
                f"*{compounds.cells('people')})", float(unit.population)),
            "deviation": Formula(f"=F{{row}}/AVERAGE(F${first}:F${last})-1",
                                 unit.population / mean - 1 if mean else 0.0),
            "area": unit.area_km2,
            "density": Formula("=IF(H{row}=0,0,F{row}/H{row})",
                               unit.population / unit.area_km2 if unit.area_km2 else 0.0),
            "communities": len(unit.communities), "seat": source.seat(unit.seat)[0],
            "boundary": approval_sentence(source.boundaries[unit.id])[0],
        }
        for unit in units
    ]  # fmt: skip
    table = write_table(book, SUBDISTRICTS, columns, rows, note=(
        "人口由“小区”表汇总。", "People are summed from the sheet of compounds."))  # fmt: skip
    band = source.scenario.boundaries.band
    position = table.position("deviation")
    table.sheet.conditional_format(
        FIRST_ROW, position, max(FIRST_ROW, table.last_row), position,
        {"type": "cell", "criteria": "not between", "minimum": -band, "maximum": band,
         "format": book.bad},
    )  # fmt: skip
    return table


def communities_sheet(book: Book, source: Source, compounds: Table) -> Table:
    """Planned communities; households outside the limits are coloured."""
    columns = [
        Column("id", ("编号", "Id"), width=10), Column("name", ("社区", "Community"), width=22),
        Column("name_en", ("英文名", "English name"), width=28),
        Column("new", ("新设", "New"), "1=是", "whole", total=True),
        Column("subdistrict", ("街道", "Subdistrict"), width=18),
        Column("parent", ("所属区", "District")),
        Column("households", ("户数", "Households"), "户", "whole", total=True),
        Column("people", ("人口", "People"), "人", "whole", total=True),
        Column("compounds", ("小区", "Compounds"), "个", "whole", total=True),
        Column("grids", ("网格", "Grids"), "个", "whole", total=True),
    ]  # fmt: skip
    grids = Counter(grid.community for grid in source.plan.grids)
    member = f"({compounds.cells('community')}=A{{row}})"
    rows = [
        {
            "id": unit.id, "name": source.community(unit.id)[0],
            "name_en": source.community(unit.id)[1], "new": int(unit.new),
            "subdistrict": source.subdistrict(unit.subdistrict)[0], "parent": unit.parent,
            "households": Formula(f"=SUMPRODUCT({member}*{compounds.cells('households')})",
                                  float(unit.households)),
            "people": Formula(f"=SUMPRODUCT({member}*{compounds.cells('people')})",
                              float(unit.population)),
            "compounds": Formula(f"=SUMPRODUCT(1*{member})", float(len(unit.compounds))),
            "grids": grids[unit.id],
        }
        for unit in source.plan.communities
    ]  # fmt: skip
    limits = source.scenario.boundaries.community_households
    table = write_table(book, COMMUNITIES, columns, rows, note=(
        f"户数限额 {limits.min:g}–{limits.max:g}（单个更大的小区除外）。",
        f"Limits: {limits.min:g} to {limits.max:g} households, a single larger compound excepted.",
    ))  # fmt: skip
    _outside(book, table, "households", limits.min, limits.max)
    return table


def grids_sheet(book: Book, source: Source) -> Table:
    """Grids with their buildings."""
    columns = [
        Column("id", ("编号", "Id"), width=14),
        Column("community", ("社区", "Community"), width=22),
        Column("households", ("户数", "Households"), "户", "whole", total=True),
        Column("count", ("楼栋", "Buildings"), "栋", "whole", total=True),
        Column("compounds", ("小区", "Compounds"), width=40),
        Column("buildings", ("楼栋编号", "Building ids"), width=60),
        Column("reason", ("超限原因", "Why outside the limits"), width=40),
    ]  # fmt: skip
    rows = [
        {
            "id": grid.id, "community": source.community(grid.community)[0],
            "households": grid.households, "count": sum(len(p.buildings) for p in grid.parts),
            "compounds": "、".join(source.compound(part.compound)[0] for part in grid.parts),
            "buildings": ", ".join(key for part in grid.parts for key in part.buildings),
            "reason": grid.reason,
        }
        for grid in source.plan.grids
    ]  # fmt: skip
    limits = source.scenario.boundaries.grid_households
    table = write_table(book, GRIDS, columns, rows, note=(
        f"户数限额 {limits.min:g}–{limits.max:g}。",
        f"Limits: {limits.min:g} to {limits.max:g} households."))  # fmt: skip
    _outside(book, table, "households", limits.min, limits.max)
    return table


def _outside(book: Book, table: Table, key: str, least: float, most: float) -> None:
    position = table.position(key)
    table.sheet.conditional_format(
        FIRST_ROW, position, max(FIRST_ROW, table.last_row), position,
        {"type": "cell", "criteria": "not between", "minimum": least, "maximum": most,
         "format": book.fair},
    )  # fmt: skip
