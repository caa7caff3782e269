"""Work done aside, in a process of its own, while this one goes on with something else.

What is worked on is sent as a copy, so that the original is free. Where there is one thread only,
the copy is worked on here, before anything else, with the same answer.
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
from typing import Any, Generic, TypeVar

from planner.solving.settings import Progress, Settings

_GRACE_S = 5.0
"""Seconds past its time after which the other process is no longer waited for."""
_LOOK_S = 0.1
_STOP = b"s"
_popen = subprocess.Popen

Given = TypeVar("Given")
Answer = TypeVar("Answer")
Work = Callable[[Given, Settings], Answer]
"""A function of a module, which another process can find by its name."""


@contextmanager
def aside(
    work: Work[Given, Answer], given: Given, settings: Settings
) -> Iterator[Callable[[], Answer]]:
    """Do ``work(given, settings)`` aside; what is given out waits for the answer.

    Whatever is still at work at the end is ended. A process that fails is stood in for here.
    """
    message = pickle.dumps((work, given))
    if settings.threads < 2:
        answer = _done(message, settings)
        yield lambda: answer
        return
    other: _Other[Answer] = _Other(message, settings)
    try:
        yield other.answer
    finally:
        other.end()


def _done(message: bytes, settings: Settings) -> Any:
    work, given = pickle.loads(message)
    return work(given, settings)


class _Other(Generic[Answer]):
    """The other process, and what it tells."""

    def __init__(self, message: bytes, settings: Settings) -> None:
        self._message, self._settings = message, settings
        self._waited = False
        self._answers: list[Answer] = []
        left = settings.seconds_left()
        asked = settings.solver, settings.threads, settings.tolerance, settings.seed, left
        self._process = _popen(
            [sys.executable, "-c", f"from {__name__} import main; main()"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._talk, args=(asked,), daemon=True)
        self._reader.start()

    def answer(self) -> Answer:
        """Wait for the answer."""
        self._waited = True
        late = time.monotonic() + self._settings.seconds_left() + _GRACE_S
        stopped = False
        while self._reader.is_alive():
            self._reader.join(_LOOK_S)
            if self._settings.stop.is_set() and not stopped:
                late, stopped = time.monotonic() + _GRACE_S, True
                self._send(_STOP)
            if time.monotonic() > late:
                self._process.kill()
        if not self._answers:
            self._answers.append(_done(self._message, self._settings))
        return self._answers[0]

    def end(self) -> None:
        """End the process, whatever it is at."""
        self._process.kill()
        self._reader.join()

    def _talk(self, asked: tuple[Any, ...]) -> None:
        """Send what is given, then read what is told until the end."""
        pipe = self._process.stdout
        assert pipe is not None
        self._send(pickle.dumps((asked, self._message)))
        with suppress(EOFError, pickle.UnpicklingError):  # it may end early
            while not self._answers:
                told = pickle.load(pipe)
                if not isinstance(told, Progress):
                    self._answers.append(told)
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
    """The other process: do what comes in, tell progress and answer, end when left alone."""
    told = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no answer
    (solver, threads, tolerance, seed, left), message = pickle.load(sys.stdin.buffer)
    stop, speaking = threading.Event(), threading.Lock()

    def tell(what: Any) -> None:
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
    tell(_done(message, Settings(solver, threads, tolerance, seed, deadline, stop, tell)))
    os._exit(0)  # the listener holds the lock of stdin
