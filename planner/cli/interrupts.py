"""Ctrl-C: the first asks for the best plan so far, the second quits at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_DONE = 0


@contextmanager
def interruptible(
    *, first: Callable[[], None], second: Callable[[], None]
) -> Iterator[threading.Event]:
    """Yield an event that the first Ctrl-C sets; `second` is called at the second one.

    A thread listens, because the main one may be deep inside a solver for seconds.
    """
    stop = threading.Event()
    listening, telling = os.pipe()
    os.set_blocking(telling, False)
    listener = threading.Thread(
        target=_listen, args=(listening, stop, first, second), name="interrupts", daemon=True
    )
    handler = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    before = signal.set_wakeup_fd(telling, warn_on_full_buffer=False)
    listener.start()
    try:
        yield stop
    finally:
        signal.set_wakeup_fd(before)
        signal.signal(signal.SIGINT, handler)
        os.write(telling, bytes([_DONE]))
        listener.join()
        os.close(telling)
        os.close(listening)


def _listen(
    listening: int, stop: threading.Event, first: Callable[[], None], second: Callable[[], None]
) -> None:
    while (number := os.read(listening, 1)[0]) != _DONE:
        if number != signal.SIGINT:
            continue
        if stop.is_set():
            second()
        else:
            stop.set()
            first()
