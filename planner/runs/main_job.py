"""The main job: from a scenario to a stored, verified and drawn plan."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from planner.errors import ExitCode, NoPlanInTimeError, Problem
from planner.maps.page import draw_map
from planner.plan.codec import plan_to_json
from planner.plan.plan import Plan, Status
from planner.plan.verification import Verification, verify
from planner.programs.communities.communities import plan_communities
from planner.programs.grids.grids import plan_grids
from planner.programs.joint.joint import JointResult, plan_joint
from planner.programs.location.places import plan_places
from planner.programs.subdistricts.subdistricts import plan_subdistricts, screen_subdistricts
from planner.runs.assembling import Answers, assemble_plan
from planner.runs.journal import Journal, Report
from planner.runs.place import keep, refuse_unusable
from planner.runs.record import record_of
from planner.scenario.loading import LoadedScenario
from planner.scenario.model import Scenario
from planner.solving.settings import Progress, Settings
from planner.store.run_check import verify_run
from planner.store.run_folder import write_run
from planner.territory.build import build_territory
from planner.territory.edited_layers import edits_told, with_edits
from planner.territory.layers import Layers, read_layers
from planner.territory.lock_checks import check_locks
from planner.territory.territory import Territory

SHARES = {"places": 0.6, "communities": 0.25, "subdistricts": 0.3, "joint": 0.8, "grids": 1.0}
"""Share of the time left that a program may take, so that the later ones keep some."""
GRACE_S = 5.0
"""Seconds for each program still to come once the run was told to stop: a plan needs them all."""


@dataclass(frozen=True)
class RunOutcome:
    """A finished run: its plan, what verification found, where it lies, where the time went."""

    plan: Plan
    verification: Verification
    run_dir: Path
    seconds: float
    steps: dict[str, float]
    interrupted: bool
    locked: tuple[str, ...] = ()
    """Locks that came from an edited layer, in words."""

    @property
    def exit_code(self) -> ExitCode:
        """A broken promise weighs most, then Ctrl-C, then a limit that left a level unproven."""
        if not self.verification.ok:
            return ExitCode.VERIFICATION
        if self.interrupted:
            return ExitCode.INTERRUPTED
        proven = self.plan.status == Status.OPTIMAL
        return ExitCode.FINE if proven else ExitCode.STOPPED_WITH_PLAN


def run(
    loaded: LoadedScenario, *, out: Path | None, stop: threading.Event, report: Report,
    edited: Path | None = None,
) -> RunOutcome:  # fmt: skip
    """Plan, verify, draw and store; `out` is the run folder (None: the next under ``runs/``).

    `edited` is a file of layers whose changed and ticked cells are locks.

    `stop` may be set from another thread: the best plan so far is then verified and stored.
    The outcome's verification is that of the stored run, read back from its folder.
    Raises UsageError for an unusable `out`, DataError, InfeasibleError, NoPlanInTimeError.
    """
    journal = Journal(report)
    refuse_unusable(out)
    with journal.step("layers"):
        layers = read_layers(loaded.scenario)
    with journal.step("territory"):
        territory = build_territory(loaded.scenario, layers)
    if edited is not None:
        loaded = with_edits(loaded, territory, edited)
    scenario, locked = loaded.scenario, edits_told(loaded)
    for told in locked:
        journal.note(f"lock: {told}")
    for finding in territory.findings:
        journal.note(f"{finding.severity}: {finding.layer}: {finding.message}")
    check_locks(territory, scenario, loaded.places)
    screen_subdistricts(territory, scenario)
    answers = ask_programs(territory, scenario, stop=stop, journal=journal)
    with journal.step("indicators"):
        plan = assemble_plan(territory, scenario, answers)
    with journal.step("verification"):
        verification = verify(scenario, layers, plan_to_json(plan))
    _note_result(journal, plan, verification)

    def write(folder: Path) -> Path:
        return _store(
            loaded, folder, layers=layers, territory=territory, plan=plan,
            verification=verification, journal=journal,
        )  # fmt: skip

    run_dir = keep(out, name=scenario.name, write=write)
    with journal.step("reading back"):
        stored = verify_run(run_dir)
    return RunOutcome(
        plan, stored, run_dir, journal.elapsed_s, dict(journal.seconds), stop.is_set(), locked
    )


def ask_programs(
    territory: Territory, scenario: Scenario, *, stop: threading.Event, journal: Journal
) -> Answers:
    """Ask each program in turn: places, communities, subdistricts, both together, grids."""
    if stop.is_set():
        raise NoPlanInTimeError(Problem("places", "stopped before the search began"))
    solving = scenario.solving
    limit_s = solving.time_limit_s
    settings = Settings(
        solver=solving.solver,
        threads=solving.threads,
        tolerance=solving.tolerance,
        seed=scenario.seed,
        deadline=None if limit_s is None else time.monotonic() + limit_s,
        stop=stop,
    )

    def share(name: str, progress: Callable[[Progress], None]) -> Settings:
        return replace(_share(settings, name), report=progress)

    with journal.step("places") as told:
        places = plan_places(
            territory, scenario, share("places", told), whole=scenario.solve != "joint"
        )
    with journal.step("communities") as told:
        communities = plan_communities(territory, scenario, share("communities", told))
    with journal.step("subdistricts") as told:
        subdistricts = plan_subdistricts(
            territory, scenario, share("subdistricts", told),
            communities=communities.communities, served=places.served,
        )  # fmt: skip
    joint: JointResult | None = None
    if scenario.solve == "joint":
        with journal.step("joint") as told:
            joint = plan_joint(
                territory, scenario, share("joint", told),
                communities=communities.communities, places=places, subdistricts=subdistricts,
            )  # fmt: skip
        places, subdistricts = joint.before
    with journal.step("grids") as told:
        grids = plan_grids(
            territory, scenario, share("grids", told), communities=communities.communities
        )
    return Answers(places, communities, subdistricts, grids, joint)


def _share(settings: Settings, name: str) -> Settings:
    """The settings of one program: its share of the time left, or a short grace once stopped."""
    now = time.monotonic()
    if settings.stop.is_set():
        return replace(settings, stop=threading.Event(), deadline=now + GRACE_S)
    if settings.deadline is None:
        return settings
    return replace(settings, deadline=now + SHARES[name] * max(0.0, settings.deadline - now))


def _store(
    loaded: LoadedScenario,
    folder: Path,
    *,
    layers: Layers,
    territory: Territory,
    plan: Plan,
    verification: Verification,
    journal: Journal,
) -> Path:
    """Draw the map and write the run folder."""
    scenario = loaded.scenario
    record = record_of(loaded, folder, seconds=journal.seconds)
    with journal.step("map"):
        checks = [asdict(check) for check in verification.checks]
        page = draw_map(territory, scenario, plan, verification=checks, record=record)
    with journal.step("saving"):
        return write_run(
            folder,
            scenario=scenario,
            layers=layers,
            territory=territory,
            plan=plan,
            verification=verification,
            log=journal.text,
            map_html=page,
            record=record,
        )


def _note_result(journal: Journal, plan: Plan, verification: Verification) -> None:
    for level in plan.levels:
        journal.note(
            f"{level.program} {level.name}: {level.value:.10g} {level.unit}, "
            f"bound {level.bound:.10g}, gap {level.gap:.4%}"
        )
    journal.note(f"{plan.status}, gap {plan.gap:.4%}, tolerance {plan.tolerance:.2%}")
    for check in verification.checks:
        journal.note(f"{'kept' if check.ok else 'BROKEN'}: {check.title_en}: {check.figures}")
