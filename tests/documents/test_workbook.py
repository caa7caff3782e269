"""The workbook, read back by another library and as plain XML."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import openpyxl
import pytest

from planner.documents.home_sheets import COMPOUNDS
from planner.documents.school_sheets import SCHOOLS, YEARS
from planner.documents.sheet import FIRST_ROW, LONGEST
from planner.documents.source import Source
from planner.documents.workbook import SHEETS, SUMMARY, workbook
from planner.plan.indicators import indicators
from tests.maps import town

Making = Callable[..., Source]
EVIL = ['=HYPERLINK("http://x","y")', "+1+1", "-2", "@SUM(A1)", "<script>alert(1)</script>",
        "\"&'", "很长的名字" * 40]  # fmt: skip


@pytest.fixture(scope="module")
def source(source_of: Making) -> Source:
    plain = source_of()
    known = indicators(plain.territory, plain.scenario, plain.plan)
    place = town.territory()
    return Source(
        place, plain.scenario, town.plan(place, indicators=known), plain.record, plain.checks
    )


@pytest.fixture(scope="module")
def content(source: Source) -> bytes:
    return workbook(source)


def opened(content: bytes, *, values: bool) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content), data_only=values)


def test_sheets_stand_in_order_with_frozen_headers_and_no_merged_cells(content: bytes) -> None:
    book = opened(content, values=False)
    assert book.sheetnames == list(SHEETS)
    for sheet in book:
        assert sheet.freeze_panes is not None, sheet.title
        assert not sheet.merged_cells.ranges, sheet.title


def test_recomputed_indicators_are_formulas_and_agree(content: bytes, source: Source) -> None:
    formulas, values = opened(content, values=False)[SUMMARY], opened(content, values=True)[SUMMARY]
    seen = {}
    for row in range(FIRST_ROW + 1, formulas.max_row + 1):
        if formulas.cell(row, 6).value is not None:
            assert str(formulas.cell(row, 6).value).startswith("=")
            seen[formulas.cell(row, 1).value] = values.cell(row, 5).value
    assert {"new_classes.total", "new_places.primary", "cost_yuan",
            "pupils_changing_school",
            "people_changing_subdistrict", "grids",
            "mean_distance_m.junior"} <= set(seen)  # fmt: skip
    assert seen["grids"] == len(source.plan.grids)


def test_totals_add_up_what_stands_above_them(content: bytes) -> None:
    """Recomputed here, cell by cell: every total's stored value is the sum of its column."""
    values, formulas = opened(content, values=True), opened(content, values=False)
    totals = 0
    for sheet in formulas:
        for row in sheet.iter_rows():
            for cell in row:
                match = re.fullmatch(r"=SUM\(([A-Z]+)(\d+):\1(\d+)\)", str(cell.value))
                if match:
                    column, first, last = match.group(1), int(match.group(2)), int(match.group(3))
                    own = values[sheet.title]
                    above = [own[f"{column}{n}"].value or 0 for n in range(first, last + 1)]
                    assert own[cell.coordinate].value == pytest.approx(sum(above), abs=1e-6)
                    totals += 1
    assert totals > 20


def test_stored_values_of_school_formulas_are_what_they_say(content: bytes) -> None:
    schools = opened(content, values=True)[SCHOOLS]
    homes = opened(content, values=True)[COMPOUNDS]
    heads = [str(cell.value) for cell in homes[FIRST_ROW]]
    pupils: dict[str, float] = {}
    for service in ("小学", "初中"):
        number, school = (next(i for i, h in enumerate(heads) if h.startswith(f"{service}{what}"))
                          for what in ("学生", "规划\n"))  # fmt: skip
        for row in homes.iter_rows(
            min_row=FIRST_ROW + 1, max_row=homes.max_row - 1, values_only=True
        ):
            key = f"{service}{row[school]}"
            pupils[key] = pupils.get(key, 0.0) + row[number]
    for row in schools.iter_rows(min_row=FIRST_ROW + 1, values_only=True):
        if not row[4]:
            break
        assert row[7] == row[5] + row[6]
        assert row[9] == row[7] * row[8]
        assert row[11] == pytest.approx(pupils.get(f"{row[4].split()[0]}{row[0]}", 0.0))
        assert row[12] == pytest.approx(row[11] / row[9] if row[9] else 0.0)


def test_colours_and_native_charts(content: bytes) -> None:
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert sum(name.startswith("xl/charts/chart") for name in names) == 3
    assert not any("vba" in name.lower() or "externalLink" in name for name in names)
    book = opened(content, values=False)
    for name in (SCHOOLS, YEARS, COMPOUNDS):
        assert book[name].conditional_formatting


def test_parameters_tell_their_origin(content: bytes) -> None:
    rows = list(
        opened(content, values=True)[SHEETS[-1]].iter_rows(min_row=FIRST_ROW + 1, values_only=True)
    )
    origins = {row[0]: row[2] for row in rows}
    assert origins["crs"] == "a.yaml:3"
    assert origins["seed"] == "默认值 default"


@pytest.mark.parametrize("name", EVIL)
def test_hostile_names_stay_text(source_of: Making, name: str) -> None:
    content = workbook(source_of(**dict.fromkeys(["s1", "c12", "k00", "d1", "o1", "t2"], name)))
    archive = zipfile.ZipFile(io.BytesIO(content))
    sheets = [
        archive.read(n).decode() for n in archive.namelist() if n.startswith("xl/worksheets/s")
    ]
    for formula in re.findall(r"<f>(.*?)</f>", "".join(sheets)):
        assert "HYPERLINK" not in formula
        assert "1+1" not in formula
    assert not any("hyperlink" in n for n in sheets)
    book = opened(content, values=False)
    found = [
        cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == name
    ]
    assert len(found) >= 4
    assert all(cell.data_type == "s" for cell in found)
    if name[0] in "=+-@":
        assert all(cell.quotePrefix for cell in found)


def test_text_longer_than_a_cell_is_cut(source_of: Making) -> None:
    content = workbook(source_of(c12="长" * (LONGEST + 10)))
    values = [c.value for row in opened(content, values=True)[COMPOUNDS].iter_rows() for c in row]
    assert max(len(v) for v in values if isinstance(v, str)) <= LONGEST


def test_equal_plans_give_equal_bytes(source: Source, content: bytes) -> None:
    assert workbook(source) == content
    created = zipfile.ZipFile(io.BytesIO(content)).read("docProps/core.xml").decode()
    assert "2026-01-02T03:04:05Z" in created
