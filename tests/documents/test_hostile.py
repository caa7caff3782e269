"""Hostile text in every column of the data, through workbook, pages, GeoPackage and CSV."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pyogrio
import pytest

from planner.documents.notices import notices
from planner.documents.report import reports
from planner.documents.source import Source
from planner.documents.styles import write_styled_geopackage
from planner.documents.workbook import workbook
from planner.store.assignments import BOM, assignments_csv
from tests.hostile import NAMES, TEXTS, checks, hostile_town, record

STARTS = ("=", "+", "-", "@", "\t", "\r")


def source(name: str) -> Source:
    place, asked, plan = hostile_town(name)
    return Source(place, asked, plan, record(name), checks(name))


class Reading(HTMLParser):
    """Tags and words of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize("kind", NAMES)
def test_pages_show_names_as_they_are(kind: str) -> None:
    name = NAMES[kind]
    given = source(name)
    for page, html in {**reports(given), **notices(given)}.items():
        read = Reading()
        read.feed(html)
        assert not {"script", "img", "a", "iframe"} & read.tags, page
        assert name in read.words, page


@pytest.mark.parametrize("kind", NAMES)
def test_workbook_cells_stay_text(kind: str) -> None:
    name = NAMES[kind]
    content = workbook(source(name))
    archive = zipfile.ZipFile(io.BytesIO(content))
    sheets = "".join(
        archive.read(entry).decode()
        for entry in archive.namelist()
        if entry.startswith("xl/worksheets/sheet")
    )
    assert "<hyperlink" not in sheets
    for formula in re.findall(r"<f>(.*?)</f>", sheets):
        assert "HYPERLINK" not in formula
        assert "script" not in formula
    found = 0
    for sheet in openpyxl.load_workbook(io.BytesIO(content)):
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith(name):
                    found += 1
                    assert cell.data_type == "s"
                    assert cell.quotePrefix or not name.startswith(STARTS)
    assert found > 100, "names are told in full"


@pytest.mark.parametrize("kind", NAMES)
def test_geopackage_keeps_names(kind: str, tmp_path: Path) -> None:
    name = NAMES[kind]
    path = tmp_path / "plan.gpkg"
    write_styled_geopackage(path, source(name))
    told = {
        layer: pyogrio.read_dataframe(path, layer=layer, read_geometry=False)
        for layer in ("compounds", "communities", "subdistricts", "schools")
    }
    for frame in told.values():
        assert set(frame["name"]) == {name}
    for layer in (*told, "grids", "sites_not_chosen"):
        frame = pyogrio.read_dataframe(path, layer=layer, read_geometry=False)
        words = [column for column in frame if column in (*TEXTS, "reason")]
        assert words, layer
        for column in words:
            assert set(frame[column].dropna()) <= {name}, (layer, column)


@pytest.mark.parametrize("kind", NAMES)
def test_csv_cells_are_no_formulas(kind: str) -> None:
    name = NAMES[kind]
    place, _, plan = hostile_town(name)
    rows = list(csv.reader(io.StringIO(assignments_csv(place, plan).removeprefix(BOM))))
    cells = [cell for row in rows for cell in row]
    assert not any(cell.startswith(STARTS) for cell in cells)
    assert sum(cell.removeprefix("'") == name for cell in cells) >= len(plan.assignments)
