"""Guarding: every error leaves with its documented exit code and its words."""

from __future__ import annotations

import os
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer

from planner.cli.interrupts import interruptible
from planner.cli.voice import Voice
from planner.errors import ExitCode, NoPlanInTimeError, PlannerError, Problem


@contextmanager
def guarded(
    voice: Voice,
    *,
    stop: threading.Event | None = None,
    more: Callable[[], dict[str, Any]] = dict,
) -> Iterator[None]:
    """Turn errors into exits; `more` gives entries that the object of ``--json`` always holds."""
    try:
        yield
    except (typer.Exit, BrokenPipeError):
        raise
    except PlannerError as error:
        code = error.exit_code
        if isinstance(error, NoPlanInTimeError) and stop is not None and stop.is_set():
            code = ExitCode.INTERRUPTED
        raise voice.fail(code, error.problems, more=more()) from error
    except KeyboardInterrupt:
        problem = Problem("", "interrupted by Ctrl-C")
        code = ExitCode.INTERRUPTED
        raise voice.fail(code, [problem], heading="Interrupted", more=more()) from None
    except Exception as error:
        if voice.verbose:
            voice.warn(traceback.format_exc())
        hint = "please report it" if voice.verbose else "--verbose shows where it happened"
        problem = Problem("", f"{type(error).__name__}: {error}", hint)
        raise voice.fail(ExitCode.BUG, [problem], more=more()) from error


@contextmanager
def stoppable(
    voice: Voice, meanwhile: str, *, more: Callable[[], dict[str, Any]] = dict
) -> Iterator[threading.Event]:
    """Guard a command that solves: the first Ctrl-C sets the event yielded, the second quits.

    `meanwhile` tells people what becomes of what was found until then.
    """

    def first() -> None:
        voice.warn(f"Stopping: {meanwhile}. Ctrl-C again quits at once.")

    def second() -> None:
        voice.fail(
            ExitCode.INTERRUPTED, [Problem("", "quit at the second Ctrl-C")],
            heading="Interrupted", more=more(),
        )  # fmt: skip
        os._exit(ExitCode.INTERRUPTED)

    with interruptible(first=first, second=second) as stop, guarded(voice, stop=stop, more=more):
        yield stop
