"""HiGHS under watch: where it does not look up in time, it is left behind with what it told.

HiGHS asks whether to go on between the steps of its search. Strong branching and the heuristics at
the root may take many seconds without asking, so an integer program runs in a thread of its own:
whoever waits for it can go on with the best plan and bound told so far, and with a copy.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

import highspy
import numpy as np

from planner.solving.arrays import Floats

_GRACE_S = 0.4
"""Seconds from the end of the time allowed until it is left behind."""
_LOOK_S = 0.1

_behind: list[tuple[Watched, threading.Thread]] = []


class Watched:
    """One HiGHS, and the plans and the bound that it tells on its way through an integer program.

    `stopped` is asked whenever HiGHS looks up.
    """

    def __init__(
        self, *, seed: int, restart: bool, stopped: Callable[[], bool], heuristics: bool = True
    ) -> None:
        self._seed, self._restart, self._stopped = seed, restart, stopped
        self._heuristics = heuristics
        self._left = threading.Event()
        self.improving: list[Floats] = []
        self.bound = -math.inf
        self.highs = highspy.Highs()
        self.highs.setOptionValue("output_flag", False)
        self.share_among(1)
        self.highs.setOptionValue("random_seed", seed)
        self.highs.setOptionValue("mip_allow_restart", restart)
        if not heuristics:
            self.highs.setOptionValue("mip_heuristic_effort", 0.0)
        self.highs.cbMipInterrupt += self._look_up
        self.highs.cbMipImprovingSolution += self._keep_improving

    def share_among(self, workers: int) -> None:
        """Divide the tree among workers from now on.

        HiGHS keeps their number for each thread that it is called from: more than one only where
        it runs in a thread of its own.
        """
        self.highs.setOptionValue("threads", workers)
        self.highs.setOptionValue("parallel", "on" if workers > 1 else "choose")

    def forget(self) -> None:
        """Forget what was told before."""
        self.improving, self.bound = [], -math.inf

    def run(self, seconds_left: Callable[[], float]) -> bool:
        """Solve; False if HiGHS was left behind, which is then still at work on its own copy."""
        thread = threading.Thread(target=self.highs.run, name="highs", daemon=True)
        thread.start()
        late: float | None = None
        while True:
            thread.join(_LOOK_S)
            if not thread.is_alive():
                return True
            now = time.monotonic()
            if seconds_left() > 0:
                late = None
            elif late is None:
                late = now
            elif now - late >= _GRACE_S:
                break
        self._left.set()
        _behind.append((self, thread))
        return False

    def copy(self) -> Watched:
        """Another HiGHS with the program of this one, which may be at work: it only reads it."""
        other = Watched(
            seed=self._seed, restart=self._restart, heuristics=self._heuristics,
            stopped=self._stopped,
        )  # fmt: skip
        other.highs.passModel(self.highs.getLp())
        return other

    def _keep_improving(self, event: highspy.HighsCallbackEvent) -> None:
        self.improving.append(np.array(event.data_out.mip_solution))

    def _look_up(self, event: highspy.HighsCallbackEvent) -> None:
        self.bound = max(self.bound, float(event.data_out.mip_dual_bound))
        if self._left.is_set() or self._stopped():
            event.interrupt()


def left_behind() -> int:
    """How many solves that were left behind are still at work."""
    _behind[:] = [(watched, thread) for watched, thread in _behind if thread.is_alive()]
    return len(_behind)
