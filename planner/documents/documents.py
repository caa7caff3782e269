"""All documents of a plan in one folder."""

from __future__ import annotations

from pathlib import Path

from planner.documents.notices import notices
from planner.documents.pdf import print_pdf
from planner.documents.report import reports
from planner.documents.source import Source
from planner.documents.styles import write_styled_geopackage
from planner.documents.workbook import workbook

WORKBOOK, PACKAGE = "plan.xlsx", "plan.gpkg"


def write_documents(folder: Path, source: Source, *, browser: Path | None) -> dict[str, str]:
    """Write every document into an existing, empty folder.

    Without a browser there are no PDFs: the pages are made for printing by any other one.

    Returns:
        What went wrong with a PDF, by its file name; empty if nothing did.
    """
    (folder / WORKBOOK).write_bytes(workbook(source))
    write_styled_geopackage(folder / PACKAGE, source)
    troubles = {}
    for name, text in {**reports(source), **notices(source)}.items():
        page = folder / name
        page.write_text(text, encoding="utf-8", newline="")
        if browser is not None:
            pdf = page.with_suffix(".pdf")
            trouble = print_pdf(browser, page, pdf, made=source.created)
            if trouble:
                troubles[pdf.name] = trouble
    return troubles
