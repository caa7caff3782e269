"""Measured in a child process of its own: what a function returns, its seconds and its memory."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from planner.cli.streams import reserve_stdout


@dataclass(frozen=True)
class Measured:
    """What a child process did; `error` instead of a result if it did not get there."""

    result: Any
    error: str | None
    seconds: float
    memory_mb: float


def measured(function: Callable[..., Any], *arguments: Any) -> Measured:
    """Call a module-level function in a fresh process; imports are not in its seconds."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_work, args=(there, function, arguments))
    child.start()
    there.close()
    try:
        return here.recv()  # type: ignore[no-any-return]
    except EOFError:
        child.join()
        return Measured(None, f"the process ended with {child.exitcode}", 0.0, 0.0)
    except KeyboardInterrupt:
        child.terminate()
        raise
    finally:
        child.join()


def _work(there: Connection, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    reserve_stdout()  # solvers greet there
    began = time.monotonic()
    result, error = None, None
    try:
        result = function(*arguments)
    except Exception as problem:  # noqa: BLE001 - told by the parent, row by row
        error = f"{type(problem).__name__}: {problem}"
    seconds = time.monotonic() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    there.send(Measured(result, error, seconds, memory))
