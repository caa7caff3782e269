"""A browser for the map's tests, and pages opened in it with the network cut off."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HOW = (
    "no Chromium for the browser tests: install it (Debian: apt-get install chromium; or "
    "python -m playwright install chromium) or point PLANNER_CHROMIUM to one"
)


def find_chromium() -> str | None:
    """Path of a Chromium or Chrome on this machine; None where there is none."""
    named = os.environ.get("PLANNER_CHROMIUM")
    if named:
        return named
    if Path("/usr/bin/chromium").exists():
        return "/usr/bin/chromium"
    return shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium; skipped where there is none, failed where CI is set."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _without_browser("the browser tests need playwright: pip install playwright")
    with sync_playwright() as driver:
        path = find_chromium()
        if path is None and not Path(driver.chromium.executable_path).exists():
            _without_browser(HOW)
        chromium = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Open HTML from a file with the network cut off; at the end nothing may have gone wrong."""
    problems: list[str] = []
    contexts = []

    def opened(html: str, *, language: str = "zh-CN", ready: str = "plannerMap") -> Page:
        path = tmp_path / "map.html"
        path.write_text(html, encoding="utf-8")
        context = browser.new_context(
            offline=True, locale=language, viewport={"width": 1400, "height": 900}
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: problems.append(m.text) if m.type != "log" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("requestfailed", lambda request: problems.append(f"failed: {request.url}"))
        page.on("dialog", lambda dialog: (problems.append("dialog"), dialog.dismiss()))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(("file:", "data:"))
                else problems.append(f"request: {request.url}")
            ),
        )
        page.goto(path.as_uri())
        page.wait_for_function(f"window.{ready} !== undefined")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


def _without_browser(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
