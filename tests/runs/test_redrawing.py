"""Redrawing: from a whole run only, in place, and honest about what is broken."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path

import pytest

from planner.errors import DataError, UsageError
from planner.runs import redrawing
from planner.runs.main_job import run
from planner.runs.redrawing import redraw
from planner.scenario.loading import load_scenario
from planner.store.run_check import verify_run
from tests.cli.calling import write_request


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    loaded = load_scenario(write_request(folder))
    run(loaded, out=folder / "run", stop=threading.Event(), report=lambda _step, _progress: None)
    return folder / "run"


@pytest.fixture
def kept(made, tmp_path):
    return Path(shutil.copytree(made, tmp_path / "kept"))


def test_a_damaged_map_is_mended(kept):
    before = (kept / "map.html").read_bytes()
    (kept / "map.html").write_text("torn")
    path, verification = redraw(kept)
    assert path == kept / "map.html"
    assert verification.ok
    assert path.read_bytes() == before
    assert verify_run(kept).ok


def test_broken_files_are_shown_on_the_page(kept):
    (kept / "run.log").write_text("nothing happened\n")
    path, verification = redraw(kept)
    assert [check.code for check in verification.broken] == ["run-files"]
    told = path.read_text(encoding="utf-8").count("run.log has changed")
    assert told == 2  # in Chinese and in English
    again, _ = redraw(kept)  # what the page said before is not said again
    assert again.read_text(encoding="utf-8").count("run.log has changed") == told


@pytest.mark.parametrize("name", ["plan.json", "scenario.yaml", "record.json", "layers"])
def test_a_part_that_is_missing_is_named(kept, name):
    path = kept / name
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(DataError) as caught:
        redraw(kept)
    assert any(name in str(problem) for problem in caught.value.problems)


@pytest.mark.parametrize("hashes", [None, [], "none"])
def test_a_record_without_hashes_is_refused(kept, hashes):
    record = json.loads((kept / "record.json").read_text(encoding="utf-8"))
    (kept / "record.json").write_text(json.dumps(record | {"sha256": hashes}), encoding="utf-8")
    with pytest.raises(DataError, match="holds no hashes"):
        redraw(kept)


def test_a_folder_that_cannot_be_written_is_told(kept, monkeypatch):
    def locked(_path, _page):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(redrawing, "replace_map", locked)
    with pytest.raises(UsageError, match="cannot be written: Permission denied"):
        redraw(kept)
