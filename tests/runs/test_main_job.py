"""The main job: what each program may take of the time, and how one plan comes of the answers."""

from __future__ import annotations

import json
import math
import threading
import time
from pathlib import Path

import pytest

from planner.errors import ExitCode, NoPlanInTimeError
from planner.plan.plan import Level, Status
from planner.runs import main_job
from planner.runs.assembling import worst_gap, worst_status
from planner.runs.journal import Journal
from planner.runs.main_job import GRACE_S, SHARES, ask_programs, run
from planner.runs.record import versions
from planner.scenario.loading import load_scenario
from planner.solving.settings import Progress
from tests.cli.calling import write_request

PROGRAMS = ("places", "communities", "subdistricts", "grids")


def nothing(_step, _progress):
    """Nobody listens."""


def told(monkeypatch, *, limit_s=None, stop_at=None, solve="sequential"):
    """The settings that each program is given."""
    stop, given = threading.Event(), {}

    class Any:
        communities = served = ()
        before = (None, None)

    def program(name):
        def plan(_territory, _scenario, settings, **_more):
            given[name] = (settings, settings.seconds_left(), settings.stop.is_set())
            if name == stop_at:
                stop.set()
            return Any

        return plan

    for name in (*PROGRAMS, "joint"):
        monkeypatch.setattr(main_job, f"plan_{name}", program(name))
    scenario = load_scenario(
        Path(__file__).parents[2] / "configs" / "etdz-2017.yaml",
        sets=[f"solve={solve}", *([] if limit_s is None else [f"solving.time_limit_s={limit_s}"])],
    ).scenario
    ask_programs(None, scenario, stop=stop, journal=Journal(nothing))
    return given


def test_without_a_limit_there_is_none(monkeypatch):
    given = told(monkeypatch)
    assert list(given) == list(PROGRAMS)
    assert all(left == math.inf for _, left, _ in given.values())
    assert len({settings.stop for settings, _, _ in given.values()}) == 1


def test_each_program_gets_its_share_of_the_time_left(monkeypatch):
    given = told(monkeypatch, limit_s=100)
    for name, (_, left, _) in given.items():
        assert left == pytest.approx(100 * SHARES[name], abs=1)


def test_the_joint_program_comes_before_the_grids(monkeypatch):
    given = told(monkeypatch, limit_s=100, solve="joint")
    assert list(given) == [*PROGRAMS[:-1], "joint", PROGRAMS[-1]]
    assert given["joint"][1] == pytest.approx(100 * SHARES["joint"], abs=1)


def test_once_stopped_the_others_get_a_grace(monkeypatch):
    given = told(monkeypatch, stop_at="places")
    assert given["places"][1] == math.inf
    for name in PROGRAMS[1:]:
        assert given[name][1] == pytest.approx(GRACE_S, abs=0.5)
        assert not given[name][2]


def test_stopped_before_the_search_there_is_no_plan():
    stop = threading.Event()
    stop.set()
    with pytest.raises(NoPlanInTimeError):
        ask_programs(None, None, stop=stop, journal=Journal(nothing))


def test_a_run_that_is_stopped_keeps_its_plan(tmp_path, monkeypatch):
    stop = threading.Event()

    def stop_at_grids(step, _progress):
        if step == "grids":
            stop.set()

    loaded = load_scenario(write_request(tmp_path))
    outcome = run(loaded, out=tmp_path / "run", stop=stop, report=stop_at_grids)
    assert outcome.interrupted
    assert outcome.exit_code is ExitCode.INTERRUPTED
    assert outcome.verification.ok
    assert outcome.run_dir == tmp_path / "run"
    assert sum(outcome.steps.values()) == pytest.approx(outcome.seconds, abs=0.3)


def test_log_and_record_tell_what_was_done(tmp_path):
    loaded = load_scenario(write_request(tmp_path), sets=["boundaries.band=0.6"])
    outcome = run(loaded, out=tmp_path / "run", stop=threading.Event(), report=nothing)
    log = (outcome.run_dir / "run.log").read_text(encoding="utf-8")
    for words in ("layers:", "note: schools", "location way:", "OPTIMAL", "kept: Catchments"):
        assert words in log
    record = json.loads((outcome.run_dir / "record.json").read_text(encoding="utf-8"))
    assert record["scenario"] == "tiny"
    assert record["origins"]["boundaries.band"] == "--set"
    assert record["origins"]["name"].endswith("tiny.yaml:2")
    assert record["versions"] == versions()
    assert set(PROGRAMS) <= set(record["seconds"])


def test_steps_are_timed_and_inner_searches_kept_silent():
    heard = []
    journal = Journal(lambda step, progress: heard.append((step, progress)))
    with journal.step("grids") as progress:
        progress(Progress("", 0.1, 2.0, 1.0))
        progress(Progress("grids", 0.2, 2.0, 1.0))
        time.sleep(0.01)
    assert [step for step, _ in heard] == ["grids", "grids"]
    assert heard[0][1] is None
    assert journal.seconds["grids"] >= 0.01
    assert "grids: grids best 2, bound 1" in journal.text
    assert len(journal.lines) == 2


def test_status_and_gap_are_the_worst():
    def level(gap):
        return Level("way", "location", "m", 1.0, 1.0 - gap, gap, 1.0)

    assert worst_status([Status.OPTIMAL, Status.FEASIBLE]) is Status.FEASIBLE
    assert worst_status([Status.OPTIMAL, Status.OPTIMAL]) is Status.OPTIMAL
    assert worst_gap([level(0.0), level(0.02), level(0.01)]) == 0.02
    assert worst_gap([level(0.0), level(math.inf)]) == math.inf
    assert worst_gap([]) == math.inf
