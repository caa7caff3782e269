"""Set up in each local worker process of a sweep: Ctrl-C is for the sweep, which ends them."""

from __future__ import annotations

import signal


def dask_setup(_worker: object) -> None:
    """Ignore the interrupt that a terminal sends to every process of the command."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
