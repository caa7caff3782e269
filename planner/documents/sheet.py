"""A sheet of the workbook: one table with frozen headers, units, totals and no merged cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from planner.store.assignments import is_formula

HEADER_ROW = 2
"""Position of the header: a title and a note stand above it."""
FIRST_ROW = HEADER_ROW + 1
LONGEST = 32_767
"""Characters that a cell may hold."""

Pair = tuple[str, str]


@dataclass(frozen=True)
class Formula:
    """A formula and the value that it has."""

    text: str
    """With ``{row}`` for its own row, counted from 1 as spreadsheets do."""
    value: float


@dataclass(frozen=True)
class Column:
    """A column: heading in both languages, unit, and how its cells look."""

    key: str
    title: Pair
    unit: str = ""
    style: str = "text"
    """A key of `FORMATS`."""
    total: bool = False
    """Whether the last row adds it up."""
    width: float = 12


FORMATS: Mapping[str, Mapping[str, Any]] = {
    "text": {},
    "wrap": {"text_wrap": True},
    "whole": {"num_format": "#,##0"},
    "one": {"num_format": "#,##0.0"},
    "two": {"num_format": "#,##0.00"},
    "share": {"num_format": "0.0%"},
    "plain": {"num_format": "General"},
}


class Book:
    """The workbook with its sheets in order and its formats, each made once."""

    def __init__(self, workbook: Workbook, names: Sequence[str]) -> None:
        self.workbook = workbook
        self.sheets = {name: workbook.add_worksheet(name) for name in names}
        base = {"valign": "top"}
        self.formats = {key: workbook.add_format({**base, **how}) for key, how in FORMATS.items()}
        self.quoted = workbook.add_format({**base, "quote_prefix": True})
        self.title = workbook.add_format({"bold": True, "font_size": 14})
        # Titles may hold names of the scenario, which are no formulas either.
        self.quiet = workbook.add_format(
            {"italic": True, "font_color": "#4D5563", "quote_prefix": True}
        )
        self.header = workbook.add_format({
            "bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#E8ECF4",
            "quote_prefix": True,
        })  # fmt: skip
        self.totals = {
            key: workbook.add_format({"bold": True, "top": 1, **how})
            for key, how in FORMATS.items()
        }
        self.good = workbook.add_format({"bg_color": "#D9EAD3", "font_color": "#0B5A30"})
        self.fair = workbook.add_format({"bg_color": "#FCE5CD", "font_color": "#7A3E00"})
        self.bad = workbook.add_format({"bg_color": "#F4C7C3", "font_color": "#8A1410"})

    def write(self, sheet: Worksheet, row: int, column: int, value: Any, style: str) -> None:
        """Write a cell; text is never read as a formula, a number or an address."""
        how = self.formats[style]
        if value is None:
            sheet.write_blank(row, column, None, how)
        elif isinstance(value, Formula):
            sheet.write_formula(row, column, value.text.format(row=row + 1), how, value.value)
        elif isinstance(value, bool | int | float):
            sheet.write_number(row, column, value, how)
        else:
            text = str(value)
            text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
            sheet.write_string(row, column, text, self.quoted if is_formula(text) else how)


@dataclass(frozen=True)
class Table:
    """A table as it stands on its sheet."""

    sheet: Worksheet
    name: str
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, Any], ...]
    """Without header and total."""

    @property
    def count(self) -> int:
        """Rows without header and total."""
        return len(self.rows)

    def letter(self, key: str) -> str:
        """The letter of a column."""
        return str(xl_col_to_name(self.position(key)))

    def position(self, key: str) -> int:
        """The position of a column."""
        return [column.key for column in self.columns].index(key)

    def cells(self, key: str) -> str:
        """All cells of a column, for formulas on other sheets."""
        letter = self.letter(key)
        return f"'{self.name}'!${letter}${FIRST_ROW + 1}:${letter}${FIRST_ROW + self.count}"

    @property
    def last_row(self) -> int:
        """Position of the last row of the table, without its total."""
        return FIRST_ROW + self.count - 1


def write_table(
    book: Book,
    name: str,
    columns: Sequence[Column],
    rows: Sequence[Mapping[str, Any]],
    *,
    note: Pair,
) -> Table:
    """Fill a sheet with one table; rows give values by column key, absent ones stay empty."""
    sheet = book.sheets[name]
    sheet.write_string(0, 0, name, book.title)
    sheet.write_string(1, 0, f"{note[0]} {note[1]}", book.quiet)
    table = Table(sheet, name, tuple(columns), tuple(rows))
    for position, column in enumerate(columns):
        zh, en = column.title
        unit = f"\n[{column.unit}]" if column.unit else ""
        sheet.write_string(HEADER_ROW, position, f"{zh}\n{en}{unit}", book.header)
        sheet.set_column(position, position, column.width)
    sheet.set_row(HEADER_ROW, 62)
    for number, row in enumerate(rows):
        for position, column in enumerate(columns):
            if column.key in row:
                book.write(sheet, FIRST_ROW + number, position, row[column.key], column.style)
    _write_totals(book, table, rows)
    if rows:
        sheet.autofilter(HEADER_ROW, 0, table.last_row, len(columns) - 1)
    sheet.freeze_panes(FIRST_ROW, _frozen(columns))
    sheet.set_landscape()
    sheet.set_paper(8)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADER_ROW)
    return table


def value_of(cell: Any) -> float:
    """The number that a cell shows; 0 for an empty one."""
    if isinstance(cell, Formula):
        return cell.value
    return float(cell) if isinstance(cell, int | float) else 0.0


def _write_totals(book: Book, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows or not any(column.total for column in table.columns):
        return
    row = table.last_row + 1
    table.sheet.write_string(row, 0, "合计 Total", book.totals["text"])
    for position, column in enumerate(table.columns):
        if column.total:
            letter = table.letter(column.key)
            formula = f"=SUM({letter}{FIRST_ROW + 1}:{letter}{table.last_row + 1})"
            total = sum(value_of(entry.get(column.key)) for entry in rows)
            table.sheet.write_formula(row, position, formula, book.totals[column.style], total)


def _frozen(columns: Sequence[Column]) -> int:
    """Id and name stay in sight."""
    return min(2, len(columns))
