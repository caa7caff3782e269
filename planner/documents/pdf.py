"""PDF by a browser: Chromium prints a page, and the file keeps no time but the run's."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from datetime import datetime
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge")
TIMEOUT_S = 120
_DATE = re.compile(rb"/(CreationDate|ModDate) \(D:[^)]*\)")


def find_browser(path: str | None = None) -> Path | None:
    """A Chromium or one of its kin; None where there is none."""
    for name in (path,) if path else BROWSERS:
        found = shutil.which(name)
        if found:
            return Path(found)
    return None


def print_pdf(browser: Path, html: Path, pdf: Path, *, made: datetime) -> str:
    """Print an HTML file as PDF, dated `made`; returns what went wrong, empty if nothing did.

    The browser works in a profile of its own that is gone afterwards.
    """
    with tempfile.TemporaryDirectory(prefix="planner-pdf-") as profile:
        command = [
            str(browser), "--headless", "--disable-gpu", "--no-sandbox", "--no-pdf-header-footer",
            f"--user-data-dir={profile}", "--disable-extensions", "--no-first-run",
            f"--print-to-pdf={pdf.absolute()}", html.absolute().as_uri(),
        ]  # fmt: skip
        try:
            done = subprocess.run(
                command, check=False, capture_output=True, text=True, timeout=TIMEOUT_S
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
    if not pdf.is_file():
        return done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no file"
    pdf.write_bytes(dated(pdf.read_bytes(), made))
    return ""


def dated(pdf: bytes, made: datetime) -> bytes:
    """The PDF with its dates set to `made`; every date keeps its length, so offsets stay right."""
    stamp = made.strftime("D:%Y%m%d%H%M%S+00'00'").encode("ascii")

    def put(match: re.Match[bytes]) -> bytes:
        head = b"/" + match.group(1) + b" ("
        room = len(match.group(0)) - len(head) - 1
        return head + stamp[:room].ljust(room) + b")"

    return _DATE.sub(put, pdf)
