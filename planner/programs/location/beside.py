"""The levels below the way, solved beside something else: in a process of its own.

The search is sent there as it stands and goes on as a copy, so the one it was made from is free.
Where there is one thread only, the copy is searched here, before anything else, with the same
answer.
"""

from __future__ import annotations

import math
import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from planner.programs.location.problem import Floats
from planner.programs.location.ranked import LocationSolution, Rest, solve_rest
from planner.solving.settings import Progress, Settings

_GRACE_S = 5.0
"""Seconds past its time after which the other process is no longer waited for."""
_LOOK_S = 0.1
_STOP = b"s"
_popen = subprocess.Popen


@dataclass(frozen=True)
class Below:
    """The solution with all levels; its choice, and the columns of its plan by part of the search.

    Without its search: that of the ways above goes on.
    """

    solution: LocationSolution
    choice: int
    columns: tuple[Floats, ...]


@contextmanager
def solving_beside(rest: Rest, settings: Settings) -> Iterator[Callable[[], Below]]:
    """Solve the levels that are left; what is given waits for the answer.

    `settings` are those of this search, its limit of time above all.
    """
    message = pickle.dumps(rest)
    if settings.threads < 2:
        below = _solve(message, settings)
        yield lambda: below
        return
    child = _Child(message, settings)
    try:
        yield child.answer
    finally:
        child.end()


def _solve(message: bytes, settings: Settings) -> Below:
    rest: Rest = pickle.loads(message)
    search = rest.account.search
    search.renew(settings)
    rest.account.resume()
    solution = solve_rest(rest)
    assert search.best is not None
    columns = tuple(plan.columns for plan in search.plans(search.best) if plan)
    return Below(replace(solution, search=None), search.best, columns)


class _Child:
    """The other process, and what it tells."""

    def __init__(self, message: bytes, settings: Settings) -> None:
        self._message, self._settings = message, settings
        self._waited = False
        self._below: Below | None = None
        left = settings.seconds_left()
        asked = settings.solver, settings.threads, settings.tolerance, settings.seed, left
        self._process = _popen(
            [sys.executable, "-c", f"from {__name__} import main; main()"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._talk, args=(asked,), daemon=True)
        self._reader.start()

    def answer(self) -> Below:
        """Wait for the answer; a process that ended without one is stood in for."""
        self._waited = True
        left, stopped = self._settings.seconds_left(), False
        late = time.monotonic() + left + _GRACE_S
        while self._reader.is_alive():
            self._reader.join(_LOOK_S)
            if self._settings.stop.is_set() and not stopped:
                late, stopped = time.monotonic() + _GRACE_S, True
                self._send(_STOP)
            if time.monotonic() > late:
                self._process.kill()
        if self._below is None:
            self._below = _solve(self._message, self._settings)
        return self._below

    def end(self) -> None:
        """End the process, whatever it is at."""
        self._process.kill()
        self._reader.join()

    def _talk(self, asked: tuple[Any, ...]) -> None:
        """Send the search, then read what is told until the end."""
        pipe = self._process.stdout
        assert pipe is not None
        self._send(pickle.dumps((asked, self._message)))
        with suppress(EOFError, pickle.UnpicklingError):  # it may end early
            while self._below is None:
                told = pickle.load(pipe)
                if isinstance(told, Below):
                    self._below = told
                elif self._waited and self._settings.report:
                    self._settings.report(told)
        self._process.kill()
        with suppress(OSError), self._process:  # closes the pipes, and waits for the end
            pass

    def _send(self, what: bytes) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        with suppress(OSError, ValueError):  # once it has ended there is nobody to tell
            pipe.write(what)
            pipe.flush()


def main() -> None:
    """The other process: solve what comes in, tell progress and answer, end when left alone."""
    told = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no answer
    (solver, threads, tolerance, seed, left), message = pickle.load(sys.stdin.buffer)
    stop, speaking = threading.Event(), threading.Lock()

    def tell(what: Progress | Below) -> None:
        with speaking:
            pickle.dump(what, told)
            told.flush()

    def listen() -> None:
        if sys.stdin.buffer.read(1) == _STOP:
            stop.set()
            sys.stdin.buffer.read(1)
        os._exit(1)  # who asked is gone

    threading.Thread(target=listen, daemon=True).start()
    deadline = None if math.isinf(left) else time.monotonic() + left
    tell(_solve(message, Settings(solver, threads, tolerance, seed, deadline, stop, tell)))
    os._exit(0)  # the listener holds the lock of stdin
