"""The files of `planner documents`: styles in the GeoPackage, PDFs, folders and exit codes."""

from __future__ import annotations

import sqlite3
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyogrio
import pytest

from planner.documents.documents import write_documents
from planner.documents.notices import notices
from planner.documents.pdf import dated, find_browser, print_pdf
from planner.documents.report import reports
from planner.documents.source import Source
from planner.documents.styles import write_styled_geopackage
from planner.errors import UsageError
from planner.runs.documenting import _refuse_foreign
from tests.maps.conftest import find_chromium

Making = Callable[..., Source]
EVIL = "<qgis>\"&'</symbol>"


def test_every_layer_has_a_default_style(source_of: Making, tmp_path: Path) -> None:
    path = tmp_path / "plan.gpkg"
    source = source_of(s1=EVIL, d1=EVIL)
    write_styled_geopackage(path, source)
    layers = {name for name, kind in pyogrio.list_layers(path) if kind is not None}
    with sqlite3.connect(path) as base:
        rows = base.execute(
            "SELECT f_table_name, useAsDefault, styleQML, f_geometry_column, update_time "
            "FROM layer_styles"
        ).fetchall()
        geometry = dict(base.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
    base.close()
    assert {row[0] for row in rows} == layers
    for layer, default, qml, column, stamp in rows:
        root = ET.fromstring(qml.split("\n", 1)[1])
        assert root.tag == "qgis"
        assert default == 1
        assert column == geometry[layer]
        assert stamp == "2026-01-02T03:04:05.000Z"
        fields = set(pyogrio.read_info(path, layer=layer)["fields"])
        used = [r.get("attr") for r in root.iter("renderer-v2") if r.get("attr")]
        used += [t.get("fieldName") for t in root.iter("text-style")]
        assert set(used) <= fields, layer
        for label in root.iter("text-style"):
            # QGIS 3.22 places a label of no weight, but draws nothing.
            assert int(label.get("fontWeight", 0)) >= 50, layer
            assert float(label.get("textOpacity", 0)) == 1.0, layer
            assert float(label.get("fontSize", 0)) >= 7, layer
            assert label.get("fontSizeUnit") == "Point", layer
            assert label.find("families/family") is not None, layer
        assert (root.find("labeling") is not None) == (root.get("labelsEnabled") == "1"), layer
        values = {c.get("value") for c in root.iter("category")}
        if layer == "subdistricts":
            assert values == {unit.id for unit in source.plan.subdistricts}


def test_equal_plans_give_equal_files(source_of: Making, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        assert write_documents(tmp_path / name, source_of(), browser=None) == {}
    files = sorted(file.name for file in (tmp_path / "a").iterdir())
    assert files == sorted(file.name for file in (tmp_path / "b").iterdir())
    assert len(files) == 8
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_a_pdf_keeps_no_time_but_the_runs(tmp_path: Path) -> None:
    browser = find_browser(find_chromium())
    if browser is None:
        pytest.skip("no Chromium")
    page, made = tmp_path / "a.html", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    page.write_text("<!DOCTYPE html><title>x</title><p>一二三", encoding="utf-8")
    assert print_pdf(browser, page, tmp_path / "a.pdf", made=made) == ""
    content = (tmp_path / "a.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.count(b"D:20260102030405+00'00'") == 2


def test_two_writings_give_the_same_pdfs(source_of: Making, tmp_path: Path) -> None:
    browser = find_browser(find_chromium())
    if browser is None:
        pytest.skip("no Chromium")
    source = source_of()
    html = {**reports(source), **notices(source)}
    name = "report.zh.html"
    written = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        page = tmp_path / folder / name
        page.write_text(html[name], encoding="utf-8")
        pdf = page.with_suffix(".pdf")
        assert print_pdf(browser, page, pdf, made=source.created) == ""
        written.append(pdf.read_bytes())
    assert written[0] == written[1]


def test_dates_keep_their_length() -> None:
    pdf = b"x /CreationDate (D:20991231235959+00'00') /ModDate (D:2099) y"
    again = dated(pdf, datetime(2026, 1, 2, tzinfo=UTC))
    assert len(again) == len(pdf)
    assert b"2099" not in again


def test_a_browser_that_fails_is_told(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text("x")
    made = datetime(2026, 1, 2, tzinfo=UTC)
    assert print_pdf(Path("/bin/false"), page, tmp_path / "a.pdf", made=made) != ""
    assert find_browser("no-such-browser") is None


def test_only_documents_are_replaced(tmp_path: Path) -> None:
    run = tmp_path / "run"
    (run / "inside").mkdir(parents=True)
    with pytest.raises(UsageError, match="lies in the run"):
        _refuse_foreign(run / "inside", run)
    other = tmp_path / "other"
    other.mkdir()
    (other / "report.zh.html").write_text("x")
    _refuse_foreign(other, run)
    (other / "thesis.docx").write_text("x")
    with pytest.raises(UsageError, match=r"thesis\.docx"):
        _refuse_foreign(other, run)
