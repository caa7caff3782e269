"""What can go wrong for a user: what is wrong, where, and what to do; an exit code each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """The documented exit codes of the command line."""

    FINE = 0
    BUG = 1
    USAGE = 2
    SCENARIO = 3
    DATA = 4
    INFEASIBLE = 5
    STOPPED_WITH_PLAN = 6
    STOPPED_WITHOUT_PLAN = 7
    VERIFICATION = 8
    GATE = 9
    INTERRUPTED = 130


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where it stands, what it is, and what to do about it."""

    where: str
    message: str
    hint: str = ""
    ids: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = [f"{self.where}: {self.message}" if self.where else self.message]
        if self.hint:
            parts.append(self.hint)
        return " — ".join(parts)


class PlannerError(Exception):
    """Base of every error a user can act on; carries all problems found, not the first."""

    exit_code = ExitCode.BUG

    def __init__(self, problems: Sequence[Problem] | Problem | str) -> None:
        if isinstance(problems, str):
            problems = Problem("", problems)
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UsageError(PlannerError):
    """The command line asks for something that cannot be done as stated."""

    exit_code = ExitCode.USAGE


class ScenarioError(PlannerError):
    """The scenario is not valid; every problem as ``file:line:column: path: message``."""

    exit_code = ExitCode.SCENARIO


class DataError(PlannerError):
    """The layers cannot be used as they are."""

    exit_code = ExitCode.DATA


class InfeasibleError(PlannerError):
    """No plan keeps all rules: reasons with names, and the smallest relaxations that help."""

    exit_code = ExitCode.INFEASIBLE


class NoPlanInTimeError(PlannerError):
    """A limit stopped the search before any plan was found."""

    exit_code = ExitCode.STOPPED_WITHOUT_PLAN
