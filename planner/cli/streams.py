"""Streams: stdout carries our data only, whatever a compiled library prints."""

from __future__ import annotations

import os
import sys
from typing import TextIO, cast

_STDOUT = 1


def reserve_stdout() -> None:
    """Point ``sys.stdout`` to a stdout of our own, and descriptor 1 to nowhere.

    Solvers may greet on descriptor 1 even when told to be silent, and that would make the object
    of ``--json`` unreadable. To be called once, before anything is loaded that may print.
    """
    if sys.stdout is None:  # started without one
        return
    old = cast("TextIO", sys.stdout)
    old.flush()
    ours = os.dup(_STDOUT)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, _STDOUT)
    os.close(nowhere)
    sys.stdout = os.fdopen(
        ours, "w", encoding=old.encoding, errors=old.errors,
        buffering=1 if os.isatty(ours) else -1,
    )  # fmt: skip
