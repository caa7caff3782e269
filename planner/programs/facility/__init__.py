"""The field's standard location problems on one engine: public functions with their usual names."""

from planner.programs.facility.kinds import (
    capacitated_facility,
    capacitated_p_median,
    max_cover,
    p_center,
    p_median,
    set_cover,
    single_source_facility,
)
from planner.programs.facility.problem import (
    FacilityProblem,
    FacilitySolution,
    from_arcs,
    from_matrix,
)

__all__ = [
    "FacilityProblem",
    "FacilitySolution",
    "capacitated_facility",
    "capacitated_p_median",
    "from_arcs",
    "from_matrix",
    "max_cover",
    "p_center",
    "p_median",
    "set_cover",
    "single_source_facility",
]
