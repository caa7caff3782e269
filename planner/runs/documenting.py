"""Documenting: the documents of a stored run, without a solver, in one piece."""

from __future__ import annotations

import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from planner.documents.documents import write_documents
from planner.documents.pdf import find_browser
from planner.documents.source import Source
from planner.errors import DataError, Problem, UsageError
from planner.plan.verification import Verification
from planner.store.run_check import verify_run
from planner.store.run_folder import read_run
from planner.territory.build import build_territory


@dataclass(frozen=True)
class Documents:
    """What was written."""

    folder: Path
    files: tuple[str, ...]
    """Names, sorted."""
    verification: Verification
    warnings: tuple[str, ...]
    """Why a PDF is missing."""


def document(run_dir: Path, *, out: Path | None, pdf: bool, browser: str | None) -> Documents:
    """Verify a run and write its documents to `out`; beside the run as ``RUN-documents`` without.

    A folder of documents that is there already is replaced as a whole, any other one refused.
    Raises UsageError for what is no run folder or cannot be written, DataError for a run of which
    a part cannot be read.
    """
    run = read_run(run_dir)
    problems = [Problem(str(run.path), text, "document a whole run") for text in run.problems]
    if problems or run.scenario is None or run.layers is None or run.plan is None:
        raise DataError(problems)
    folder = (out or run.path.with_name(f"{run.path.name}-documents")).absolute()
    _refuse_foreign(folder, run.path)
    verification = verify_run(run.path)
    territory = build_territory(run.scenario, run.layers)
    checks = [asdict(check) for check in verification.checks]
    source = Source(territory, run.scenario, run.plan, run.record, checks)
    found = find_browser(browser) if pdf else None
    warnings = []
    if pdf and found is None:
        warnings.append("no Chromium for the PDFs: print the HTML files from any browser, "
                        "or name one with PLANNER_CHROMIUM")  # fmt: skip
    partial = folder.parent / f".{folder.name}.{os.getpid()}.partial"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        troubles = write_documents(partial, source, browser=found)
        warnings += [f"{name} was not printed: {text}" for name, text in troubles.items()]
        files = tuple(sorted(file.name for file in partial.iterdir()))
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    except OSError as error:
        reason = f"cannot be written: {error.strerror or error}"
        raise UsageError(Problem(str(folder), reason, "name another folder with --out")) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Documents(folder, files, verification, tuple(warnings))


def _refuse_foreign(folder: Path, run: Path) -> None:
    """Only documents are replaced; a run would no longer be as recorded with more files in it."""
    if folder == run or folder.is_relative_to(run):
        raise UsageError(Problem(str(folder), "lies in the run", "name a folder outside it"))
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError(Problem(str(folder), "is no folder", "name a new one with --out"))
    known = (".xlsx", ".gpkg", ".html", ".pdf")
    starts = ("plan.", "report.", "notice-")
    names = list(folder.iterdir()) if folder.is_dir() else []
    foreign = sorted(
        entry.name for entry in names
        if not (entry.is_file() and entry.name.startswith(starts) and entry.suffix in known)
    )  # fmt: skip
    if foreign:
        text = f"holds other files ({', '.join(foreign[:3])})"
        raise UsageError(Problem(str(folder), text, "name a new or an empty folder with --out"))
