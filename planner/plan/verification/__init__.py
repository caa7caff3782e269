"""Independent verification: recomputes every promise from the layers and the plan alone."""

from planner.plan.verification.check import Check, Verification
from planner.plan.verification.verify import verify

__all__ = ["Check", "Verification", "verify"]
