"""Guarding: every error leaves with its documented exit code and its words."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer

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
