"""What a sweep refuses before it begins, each with its exit code."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import pytest

from tests.cli.calling import call

BAND = ("--grid", "boundaries.band=0.3,0.5")


def test_without_a_grid_there_is_nothing_to_sweep(request_path: Path) -> None:
    answer = call("sweep", request_path)
    assert answer.code == 2
    assert "a sweep needs at least one --grid key=v1,v2" in answer.err


def test_wrong_values_of_a_grid_exit_with_three(request_path: Path) -> None:
    answer = call("sweep", request_path, "--grid", "boundaries.bnd=0.1,0.2")
    assert answer.code == 3
    assert "--grid boundaries.bnd=0.1: boundaries.bnd: unknown key" in answer.err
    assert "nearest known key 'band'" in answer.err


def test_a_folder_that_holds_something_else_is_refused(request_path: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    answer = call("sweep", request_path, *BAND, "--out", tmp_path)
    assert answer.code == 2
    assert "is not empty and holds no sweep" in answer.err
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_workers_and_a_cluster_exclude_each_other(request_path: Path, tmp_path: Path) -> None:
    words = ("--workers", "2", "--cluster", "tcp://127.0.0.1:1")
    assert call("sweep", request_path, *BAND, *words, "--out", tmp_path / "s").code == 2


def test_without_dask_the_extra_is_named(
    request_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    importing = builtins.__import__

    def without(name: str, *more: Any, **named: Any) -> Any:
        if name == "distributed":
            raise ImportError(name)
        return importing(name, *more, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    answer = call("sweep", request_path, *BAND, "--out", tmp_path / "s")
    assert answer.code == 2
    assert "pip install 'planner[sweep]'" in answer.err


@pytest.mark.parametrize("words", [("sweep", "x", "--gird", "a=1"), ("compare", "--fail", "x"),
                                   ("config", "x", "--origins")])  # fmt: skip
def test_an_unknown_flag_exits_with_two(words: tuple[str, ...]) -> None:
    assert call(*words).code == 2
