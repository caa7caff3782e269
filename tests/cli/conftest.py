"""One run of the small town, made once and copied where a test changes it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.calling import Answer, call, write_request


@pytest.fixture(scope="session")
def request_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scenario of the small town; not to be changed."""
    return write_request(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="session")
def planned(request_path: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Answer, Path]:
    """What `run --json` answered, and the folder it made; not to be changed."""
    out = tmp_path_factory.mktemp("runs") / "kept"
    return call("run", request_path, "--out", out, "--json"), out


@pytest.fixture
def run(planned: tuple[Answer, Path], tmp_path: Path) -> Path:
    """A copy of the run."""
    return Path(shutil.copytree(planned[1], tmp_path / "copy"))
