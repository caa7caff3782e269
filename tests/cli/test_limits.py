"""Runs that are stopped: by a limit, by Ctrl-C, or by a plan that breaks a promise."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from planner.cli import commands
from planner.errors import ExitCode, NoPlanInTimeError, Problem
from planner.plan.plan import Status
from planner.runs import main_job
from planner.solving import watched
from tests.cli.calling import Answer, call, command, environment, write_request

LARGE = {"n": 6, "m": 6, "community_blocks": (2, 2)}
"""A town that takes some seconds."""


def interrupted(folder: Path, *, at: str, again: bool = False) -> tuple[Answer, Path]:
    """Give Ctrl-C (twice: again) once the program has told the step `at`."""
    out = folder / "run"
    path = write_request(folder, town=LARGE, programme={"new_schools": 2, "expanded_schools": 1})
    process = subprocess.Popen(
        command("run", path, "--out", out, "--json", "--verbose"), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, encoding="utf-8", env=environment(), start_new_session=True,
    )  # fmt: skip
    assert process.stderr
    said = []
    for line in process.stderr:
        said.append(line)
        if line.startswith(at):
            break
    process.send_signal(signal.SIGINT)
    if again:
        for line in process.stderr:  # the first is told before the second is given
            said.append(line)
            if line.startswith("Stopping"):
                break
        process.send_signal(signal.SIGINT)
    try:
        text, rest = process.communicate(timeout=120)
    finally:
        process.kill()
    return Answer(process.returncode, text, "".join(said) + rest), out


@pytest.mark.parametrize(
    "at", ["Reading", "Placing", "Forming communities", "Forming grids", "Drawing"]
)
def test_the_first_interrupt_saves_the_best_plan_or_says_there_is_none(tmp_path, at):
    answer, out = interrupted(tmp_path, at=at)
    assert answer.code == 130, answer.err
    data = answer.data
    assert data["exit_code"] == 130
    assert "Stopping" in answer.err
    assert [entry for entry in out.parent.iterdir() if entry.name.startswith(".")] == []
    if data["run_dir"] is None:
        assert data["status"] == "INTERRUPTED"
        assert data["indicators"] == {}
        assert data["problems"]
        assert not out.exists()
    else:
        assert data["status"] in {"OPTIMAL", "FEASIBLE"}
        assert data["interrupted"]
        assert data["run_dir"] == str(out)
        assert call("verify", out).code == 0
    if at in {"Forming grids", "Drawing"}:
        assert data["run_dir"]
    if at == "Reading":
        assert data["run_dir"] is None


def test_the_second_interrupt_quits_at_once(tmp_path):
    began = time.monotonic()
    answer, out = interrupted(tmp_path, at="Placing", again=True)
    assert answer.code == 130
    assert answer.data["status"] == "INTERRUPTED"
    assert answer.data["run_dir"] is None
    assert not out.exists()
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("verb", ["check", "verify"])
def test_an_interrupt_of_the_other_commands(run, request_path, verb, monkeypatch):
    def interrupt(*_words, **_more):
        raise KeyboardInterrupt

    monkeypatch.setattr("planner.territory.layers.read_layers", interrupt)
    monkeypatch.setattr("planner.store.run_check.verify_run", interrupt)
    answer = call(verb, request_path if verb == "check" else run, "--json")
    assert answer.code == 130
    assert answer.data["status"] == "INTERRUPTED"


def test_no_plan_within_the_limit(request_path, tmp_path, monkeypatch):
    def too_late(*_words, **_more):
        raise NoPlanInTimeError(Problem("grids", "no plan found within the limit"))

    monkeypatch.setattr(main_job, "plan_grids", too_late)
    answer = call("run", request_path, "--out", tmp_path / "run", "--json")
    assert answer.code == 7
    data = answer.data
    assert data["status"] == "NO_SOLUTION_IN_TIME"
    assert data["exit_code"] == 7
    assert data["gap"] is None
    assert data["run_dir"] is None
    assert data["problems"][0]["where"] == "grids"
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("limit_s", [0.00001, 0.3, 1])
def test_whatever_the_limit_the_answer_is_honest(tmp_path, limit_s):
    path = write_request(tmp_path, town=LARGE, programme={"new_schools": 2, "expanded_schools": 1})
    out = tmp_path / "run"
    answer = call("run", path, "--set", f"solving.time_limit_s={limit_s}", "--out", out, "--json")
    assert answer.code in {0, 6, 7}, answer.err
    statuses = {0: "OPTIMAL", 6: "FEASIBLE", 7: "NO_SOLUTION_IN_TIME"}
    assert answer.data["status"] == statuses[answer.code]
    if answer.code != 7:
        assert (answer.data["gap"] or 1) > 1e-3 or answer.code == 0
        assert call("verify", out).code == 0


def test_an_unproven_level_is_a_plan_that_a_limit_stopped(request_path, tmp_path, monkeypatch):
    plan = main_job.plan_communities

    def unproven(*words, **more):
        result = plan(*words, **more)
        *others, last = result.levels
        worse = replace(last, bound=last.value * 0.9, gap=0.1)
        return replace(result, levels=(*others, worse), status=Status.FEASIBLE)

    monkeypatch.setattr(main_job, "plan_communities", unproven)
    answer = call("run", request_path, "--out", tmp_path / "run", "--json")
    assert answer.code == 6, answer.err
    assert answer.data["status"] == "FEASIBLE"
    assert answer.data["gap"] == pytest.approx(0.1)
    assert "usable, but not every level is proven" in answer.err
    assert call("verify", tmp_path / "run").code == 0


def test_a_bound_of_which_nothing_is_known_is_null(request_path, tmp_path, monkeypatch):
    plan = main_job.plan_communities

    def unbounded(*words, **more):
        result = plan(*words, **more)
        *others, last = result.levels
        worse = replace(last, bound=float("-inf"), gap=float("inf"))
        return replace(result, levels=(*others, worse), status=Status.FEASIBLE)

    monkeypatch.setattr(main_job, "plan_communities", unbounded)
    answer = call("run", request_path, "--out", tmp_path / "run", "--json")
    assert answer.code == 6, answer.err
    assert answer.data["gap"] is None
    assert json.loads((tmp_path / "run" / "plan.json").read_text(encoding="utf-8"))["gap"] is None


def test_a_plan_that_breaks_a_promise_is_kept_and_refused(request_path, tmp_path, monkeypatch):
    assemble = main_job.assemble_plan

    def wrong(*words, **more):
        plan = assemble(*words, **more)
        return replace(plan, indicators=plan.indicators | {"cost_yuan": 1})

    monkeypatch.setattr(main_job, "assemble_plan", wrong)
    answer = call("run", request_path, "--out", tmp_path / "run", "--json")
    assert answer.code == 8
    assert answer.data["exit_code"] == 8
    assert not answer.data["verification"]["ok"]
    assert answer.data["verification"]["broken"]
    assert "✗" in answer.err
    assert call("verify", tmp_path / "run").code == 8


def test_what_was_written_wrongly_is_seen_by_reading_it_back(request_path, tmp_path, monkeypatch):
    write = main_job.write_run

    def torn(out, **parts):
        folder = write(out, **parts)
        (folder / "layers" / "sites.geojson").write_text("{")
        return folder

    monkeypatch.setattr(main_job, "write_run", torn)
    answer = call("run", request_path, "--out", tmp_path / "run", "--json")
    assert answer.code == 8
    assert any(check["code"] == "run-files" for check in answer.data["verification"]["broken"])


def test_a_bug_says_so_and_where_with_verbose(request_path, tmp_path, monkeypatch):
    def broken(*_words, **_more):
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(main_job, "plan_grids", broken)
    answer = call("run", request_path, "--out", tmp_path / "run", "--json")
    assert answer.code == 1
    assert answer.data["status"] == "ERROR"
    assert "ZeroDivisionError: by nothing" in answer.err
    assert "Traceback" not in answer.err
    assert not (tmp_path / "run").exists()
    assert "Traceback" in call("run", request_path, "--out", tmp_path / "run", "--verbose").err


@pytest.mark.parametrize(("at_work", "code"), [(1, 130), (0, None)])
def test_a_solver_still_at_work_does_not_outlive_the_command(monkeypatch, at_work, code):
    ended = []
    monkeypatch.setattr(commands.os, "_exit", ended.append)
    monkeypatch.setattr(watched, "left_behind", lambda: at_work)
    monkeypatch.setattr(commands, "app", lambda **_: sys.exit(ExitCode.INTERRUPTED))
    monkeypatch.setattr(commands, "reserve_stdout", lambda: None)
    with pytest.raises(SystemExit):
        commands.main()
    assert ended == ([] if code is None else [code])
