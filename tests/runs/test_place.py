"""Where a run is kept: refused early, numbered, never lost to another run."""

from __future__ import annotations

import pytest

from planner.errors import Problem, UsageError
from planner.runs.place import keep, refuse_unusable


def written(folder):
    """What writes a run: it takes a new folder, or an empty one."""
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(Problem(str(folder), "is not empty"))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plan.json").write_text("{}")
    return folder


def test_new_and_empty_folders_are_fine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    for out in (None, tmp_path / "empty", tmp_path / "new", tmp_path / "a" / "b" / "c"):
        refuse_unusable(out)
    assert [entry.name for entry in tmp_path.iterdir()] == ["empty"]


def test_runs_may_not_be_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").write_text("mine")
    with pytest.raises(UsageError, match="is no folder"):
        refuse_unusable(None)


def test_a_folder_that_cannot_be_written_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("planner.runs.place.os.access", lambda path, mode: path != tmp_path)
    with pytest.raises(UsageError, match="cannot be written"):
        refuse_unusable(tmp_path / "deep" / "run")


def test_a_number_taken_meanwhile_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tried = []

    def write(folder):
        tried.append(folder.name)
        if len(tried) == 1:  # another run is faster
            written(folder)
        return written(folder)

    assert keep(None, name="tiny", write=write) == tmp_path / "runs" / "tiny-2"
    assert tried == ["tiny-1", "tiny-2"]


def test_other_trouble_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def full(folder):
        raise UsageError(Problem(str(folder), "cannot be written: No space left on device"))

    with pytest.raises(UsageError, match="No space left"):
        keep(None, name="tiny", write=full)


def test_a_named_folder_is_never_replaced_by_another(tmp_path):
    written(tmp_path / "mine")
    with pytest.raises(UsageError, match="is not empty"):
        keep(tmp_path / "mine", name="tiny", write=written)
