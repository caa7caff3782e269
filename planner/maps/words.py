"""Words of the page in both languages: layers, levels, programs and the plan's status."""

from __future__ import annotations

from planner.plan.plan import Plan, Status

Pair = tuple[str, str]
"""Chinese and English."""

LAYERS: dict[str, Pair] = {
    "compounds": ("居住小区", "compounds"),
    "buildings": ("居民楼", "buildings"),
    "schools": ("学校", "schools"),
    "sites": ("备选用地", "sites"),
    "communities": ("社区", "communities"),
    "subdistricts": ("街道", "subdistricts"),
    "seats": ("街道办驻地", "seats"),
    "streets": ("道路", "streets"),
    "network_nodes": ("路网节点", "network nodes"),
    "network_edges": ("路网路段", "network edges"),
    "barriers": ("河流与铁路", "barriers"),
    "context": ("周边与用地", "context"),
    "outcome": ("实际区划结果", "historical outcome"),
}

PROGRAMS: dict[str, Pair] = {
    "location": ("学位布局", "Places"),
    "communities": ("社区划分", "Communities"),
    "subdistricts": ("街道划分", "Subdistricts"),
    "joint": ("统筹", "Together"),
    "grids": ("网格划分", "Grids"),
}

LEVELS: dict[str, Pair] = {
    "places_short": ("学位缺口", "Places short"),
    "way": ("上学路程", "Way to school"),
    "pupils_changing_school": ("改变学校的学生", "Pupils changing school"),
    "cost_yuan": ("投资", "Cost"),
    "households_outside_limits": ("超出户数限额的户数", "Households outside the limits"),
    "people_changing_community": ("改变社区的人口", "People changing community"),
    "communities": ("社区数", "Communities"),
    "squared_distance_to_centre": ("到社区中心距离平方", "Squared distance to the centre"),
    "population_deviation": ("人口最大偏差", "Largest population deviation"),
    "squared_distance_to_seat": ("到街道办距离平方", "Squared distance to the seat"),
    "border_and_change": ("边界与变动", "Borders and change"),
    "joint_value": ("路程、跨街道与边界", "Ways, crossings and boundaries"),
    "grids": ("网格数", "Grids"),
    "compounds_divided": ("被分割的小区", "Compounds divided"),
}

UNITS: dict[str, Pair] = {
    "pupils": ("人", "pupils"),
    "pupil-metres": ("人·米", "pupil-metres"),
    "pupil-km": ("人·公里", "pupil-km"),
    "yuan": ("元", "yuan"),
    "households": ("户", "households"),
    "people": ("人", "people"),
    "communities": ("个", "communities"),
    "grids": ("个", "grids"),
    "compounds": ("个", "compounds"),
    "weighted": ("（加权）", "(weighted)"),
    "person-km2": ("人·平方公里", "person-km²"),
}


def pair(table: dict[str, Pair], key: str) -> Pair:
    """The words for a key; a key without words speaks for itself."""
    return table.get(key, (key, key))


def status_word(plan: Plan) -> Pair:
    """One word for how the answer stands."""
    return {
        Status.OPTIMAL: ("已证明最优", "Proven optimal"),
        Status.FEASIBLE: ("可行方案", "Feasible plan"),
        Status.INFEASIBLE: ("无可行方案", "No feasible plan"),
        Status.NO_SOLUTION_IN_TIME: ("限时内未得方案", "No plan in time"),
    }[plan.status]


def status_sentence(plan: Plan) -> Pair:
    """The status and its gap in plain words."""
    gap, tolerance = percent(plan.gap), percent(plan.tolerance)
    if plan.status is Status.OPTIMAL:
        return (
            f"各级目标均已证明：任何其他方案最多再好 {gap}（容许 {tolerance}）",
            f"At no level can another plan be better by more than {gap} (tolerance {tolerance})",
        )
    if plan.status is Status.FEASIBLE:
        return (
            f"方案满足全部规则，但尚未证明最优：可能还有至多 {gap} 的改进余地",
            f"The plan keeps every rule but is not proven best: up to {gap} might still be gained",
        )
    return ("没有可绘制的方案", "There is no plan to draw")


def percent(share: float) -> str:
    """A share in per cent, with as many digits as it needs."""
    return f"{100 * share:.4f}".rstrip("0").rstrip(".") + " %"
