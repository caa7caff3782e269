"""Independent verification: recomputes every promise from the layers and the plan alone."""

from planner.plan.verification.check import Check, Tally, Verification, tally
from planner.plan.verification.verify import verify

__all__ = ["Check", "Tally", "Verification", "tally", "verify"]
