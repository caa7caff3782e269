"""Sweeps: grids, tables, and whole sweeps as programs of their own, killed and stopped midway."""

from __future__ import annotations

import csv
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from planner.errors import ScenarioError, UsageError
from planner.plan.sweep_table import efficient, table_of, table_text
from planner.runs.sweep_grid import combinations_of, read_grid
from planner.runs.sweep_run import Job, recorded, solve
from tests.cli.calling import command, environment, start, write_request

BANDS = "boundaries.band=0.3,0.4,0.5"
GRID = ("--grid", "boundaries.band=0.3,0.35,0.4,0.45,0.5", "--grid", "programme.new_schools=1,2")
COUNT = 10


@pytest.fixture(scope="module")
def request_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A town of sixteen compounds, a run of which takes a second or two."""
    return write_request(tmp_path_factory.mktemp("town"), town={"n": 4, "m": 4})


def test_a_grid_is_keys_with_values_between_commas() -> None:
    axes = read_grid(["a.b=1,2", "c=[x, y],{min: 1, max: 2},'p,q'"])
    assert [(axis.key, axis.values) for axis in axes] == [
        ("a.b", ("1", "2")), ("c", ("[x, y]", "{min: 1, max: 2}", "'p,q'")),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "texts", [["a"], ["=1"], ["a="], ["a=1,,2"], ["a=1,1"], ["a=1", "a=2"], []]
)
def test_what_is_no_grid_is_a_usage_error(texts: list[str]) -> None:
    with pytest.raises(UsageError):
        read_grid(texts)


def test_every_combination_is_a_scenario_of_its_own(request_path: Path) -> None:
    axes = read_grid([BANDS, "programme.new_schools=1,2"])
    found = combinations_of(request_path, axes)
    asked = [
        (c.loaded.scenario.boundaries.band, c.loaded.scenario.programme.new_schools.min)
        for c in found
    ]
    assert asked == [(0.3, 1), (0.3, 2), (0.4, 1), (0.4, 2), (0.5, 1), (0.5, 2)]
    ids = [c.id for c in found]
    assert len(set(ids)) == 6
    assert ids[0].startswith("band=0.3_new_schools=1-")
    # the same question has the same id, however the grid is cut
    turned = read_grid(["boundaries.band=0.5,0.3", "programme.new_schools=1,2"])
    assert [c.id for c in combinations_of(request_path, turned)] == [*ids[4:], *ids[:2]]


def test_wrong_values_are_all_told_by_their_grid(request_path: Path) -> None:
    axes = read_grid(["boundaries.band=0.1,wide", "programme.new_scools=1"])
    with pytest.raises(ScenarioError) as caught:
        combinations_of(request_path, axes)
    told = [str(problem) for problem in caught.value.problems]
    assert len(told) == 2
    assert told[0].startswith("--grid programme.new_scools=1: programme.new_scools: unknown key")
    assert told[1].startswith("--grid boundaries.band=wide: boundaries.band: must be a number")


def test_efficient_runs_are_those_that_none_is_better_than() -> None:
    runs = [
        {"cost_yuan": 1.0, "way_pupil_m": 9.0}, {"cost_yuan": 2.0, "way_pupil_m": 5.0},
        {"cost_yuan": 2.0, "way_pupil_m": 6.0}, {"cost_yuan": 2.0, "way_pupil_m": 5.0}, {},
        {"cost_yuan": 0.5},
    ]  # fmt: skip
    assert efficient(runs) == [True, True, False, True, False, False]
    assert efficient([{}, {}]) == [False, False]


def test_the_table_has_a_row_for_each_run_with_its_figures() -> None:
    base = {"exit_code": 0, "gap": 0.0, "seconds": 1.0, "problems": []}
    results = [
        {"id": "a", "values": {"k": "1"}, "status": "OPTIMAL", "run_dir": "runs/a",
         "indicators": {"cost_yuan": 5, "places_short": {"total": 0}}, **base},
        {"id": "b", "values": {"k": "2"}, "status": "INFEASIBLE", "run_dir": None,
         "indicators": {}, **base, "gap": None, "exit_code": 5,
         "problems": [{"where": "x", "message": "no", "hint": "", "ids": []}]},
    ]  # fmt: skip
    rows = list(csv.DictReader(table_text(table_of(results, ["k"])).splitlines()))
    assert [row["k"] for row in rows] == ["1", "2"]
    assert rows[0]["cost_yuan"] == "5"
    assert rows[0]["places_short.total"] == "0"
    assert [row["efficient"] for row in rows] == ["yes", "no"]
    assert rows[1]["problem"] == "x: no"


def test_a_recorded_run_is_not_solved_again_and_a_stored_one_is_only_recorded(
    request_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = combinations_of(request_path, read_grid(["boundaries.band=0.5"]))
    job = Job(one.id, one.values, one.loaded, tmp_path)
    first = solve(job)
    assert first["status"] == "OPTIMAL"
    monkeypatch.setattr("planner.runs.sweep_run.run", None)  # solving would fail from here on
    assert solve(job) == first
    (tmp_path / "results" / f"{one.id}.json").unlink()
    assert recorded(tmp_path, one.id) is None
    again = solve(job)
    assert again["indicators"] == json.loads(json.dumps(first["indicators"]))
    assert {**again, "seconds": 0} == {**first, "seconds": 0}


# Whole sweeps, each a program of its own.


def results_of(folder: Path) -> dict[str, dict[str, Any]]:
    return {p.stem: json.loads(p.read_text()) for p in sorted((folder / "results").glob("*.json"))}


def check_whole(folder: Path, count: int) -> None:
    """Every run exactly once, none half written, and the views hold all of them."""
    results = results_of(folder)
    assert len(results) == count
    planned = {key for key, result in results.items() if result["run_dir"]}
    assert {path.name for path in (folder / "runs").iterdir()} == planned
    assert not list(folder.rglob(".*.partial"))
    assert all((folder / "runs" / key / "record.json").is_file() for key in planned)
    rows = list(csv.DictReader((folder / "table.csv").read_text().splitlines()))
    assert {row["id"] for row in rows} == set(results)
    page = (folder / "sweep.html").read_text()
    assert all(json.dumps(key)[1:-1] in page for key in results)


@contextmanager
def begun(request_path: Path, folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A sweep as a program in a group of its own, as a terminal starts it; ended with the test."""
    with subprocess.Popen(
        command("sweep", request_path, *GRID, "--out", folder, "--json", *words),
        env=environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    ) as program:  # fmt: skip
        try:
            yield program
        finally:
            if program.poll() is None:
                os.killpg(program.pid, signal.SIGKILL)


def until(done: Any, seconds: float = 60) -> None:
    limit = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < limit, "waited too long"
        time.sleep(0.05)


def finished(folder: Path) -> int:
    return len(list((folder / "results").glob("*.json")))


def worker_pids(parent: int) -> list[int]:
    """Worker processes of a sweep."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                status = (entry / "stat").read_text().rpartition(")")[2].split()
                words = (entry / "cmdline").read_bytes().decode().split("\0")
            except OSError:
                continue
            if int(status[1]) == parent and any("spawn_main" in word for word in words):
                found.append(int(entry.name))
    return sorted(found)


def test_a_killed_worker_and_ctrl_c_lose_nothing(request_path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sweep"
    with begun(request_path, folder, "--workers", "2") as first:
        until(lambda: finished(folder) >= 1)
        pids = worker_pids(first.pid)
        assert pids
        os.kill(pids[0], signal.SIGKILL)
        until(lambda: finished(folder) >= 3)
        os.killpg(first.pid, signal.SIGINT)  # as a terminal does: to the workers as well
        out, err = first.communicate(timeout=60)
    stopped = json.loads(out)
    assert first.returncode == stopped["exit_code"] == 130, err
    assert "finished runs are kept" in err
    kept = results_of(folder)
    assert 3 <= len(kept) < COUNT
    assert len(stopped["missing"]) == COUNT - len(kept)
    check_whole(folder, len(kept))

    with begun(request_path, folder, "--workers", "2") as second:
        out, err = second.communicate(timeout=120)
    assert second.returncode == 0, err
    answer = json.loads(out)
    assert (answer["kept"], answer["solved"]) == (len(kept), COUNT - len(kept))
    check_whole(folder, COUNT)
    whole = results_of(folder)
    assert {key: whole[key] for key in kept} == kept
    bands = [run["values"]["boundaries.band"] for run in answer["runs"]]
    assert bands[:4] == ["0.3", "0.3", "0.35", "0.35"]


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    """A Dask scheduler and two workers, each a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    dask = [sys.executable, "-m", "dask", "scheduler"]
    worker = [sys.executable, "-m", "dask", "worker"]
    port = address.rpartition(":")[2]
    processes = [
        subprocess.Popen(
            words, cwd=tmp_path, env=environment(), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for words in (
            [*dask, "--host", "127.0.0.1", "--port", port, "--no-dashboard"],
            *([*worker, address, "--nthreads", "1", "--no-dashboard", "--no-nanny"],) * 2,
        )
    ]  # fmt: skip
    try:
        yield address
    finally:
        for process in processes:
            process.kill()  # a worker that cannot say goodbye to its scheduler would wait for it
            process.wait(timeout=30)


def test_a_scheduler_elsewhere_solves_the_same_and_infeasible_is_a_result(
    request_path: Path, tmp_path: Path, scheduler: str
) -> None:
    folder = tmp_path / "elsewhere"
    answer = start(
        "sweep", request_path, "--grid", "boundaries.band=0.5,0.01", "--grid",
        "programme.new_schools=1,2", "--out", folder, "--cluster", scheduler, "--json",
        cwd=tmp_path,
    )  # fmt: skip
    assert answer.code == 0, answer.err
    check_whole(folder, 4)
    statuses = [run["status"] for run in answer.data["runs"]]
    assert statuses == ["OPTIMAL", "OPTIMAL", "INFEASIBLE", "INFEASIBLE"]
    assert "smallest band that works" in json.dumps(answer.data["runs"][2]["problems"])
    one = answer.data["runs"][0]
    assert start("verify", folder / one["run_dir"], cwd=tmp_path).code == 0
