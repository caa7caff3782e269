"""The command `documents`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from planner.cli.guarding import guarded
from planner.cli.options import AsJson, Quiet, RunPath, Verbose
from planner.cli.voice import Voice
from planner.errors import ExitCode


def documents_command(
    run_dir: RunPath,
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            show_default=False,
            help="Folder of the documents.  [default: RUN_DIR-documents]",
        ),
    ] = None,
    pdf: Annotated[
        bool, typer.Option("--pdf/--no-pdf", help="Print the pages by Chromium.")
    ] = True,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Write workbook, GeoPackage, report and notices of a stored run; prints their folder.

    Broken promises are shown in the documents and make the command exit with 8.
    """
    voice = Voice(json=as_json, quiet=quiet, verbose=verbose)
    with guarded(voice):
        from planner.cli import reports
        from planner.runs.documenting import document

        made = document(run_dir, out=out, pdf=pdf, browser=os.environ.get("PLANNER_CHROMIUM"))
        code = ExitCode.FINE if made.verification.ok else ExitCode.VERIFICATION
        for check in made.verification.broken:
            voice.warn(reports.check_line(check))
        for warning in made.warnings:
            voice.warn(warning)
        if as_json:
            voice.emit({
                "status": "WRITTEN", "exit_code": int(code), "folder": str(made.folder),
                "files": list(made.files), "warnings": list(made.warnings),
                "broken": [check.code for check in made.verification.broken], "problems": [],
            })  # fmt: skip
        else:
            typer.echo(str(made.folder))
        raise typer.Exit(int(code))
