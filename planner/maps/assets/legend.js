// The legend: what the visible layers mean, and only they.
plannerParts.push(function (planner) {
  "use strict";
  const { bi } = planner;
  const { row, area, line } = planner.swatch;
  const palette = () => planner.data().colours.area.slice(0, 4)
    .map((colour) => `<b class="dab" style="background:${colour}"></b>`).join("");

  function schoolRows(today) {
    const plain = { colour: "#FFFFFF", ink: "#1A1A1A" };
    const kinds = today ? [] : ["existing", "expanded", "new"];
    const shapes = kinds.map((kind) => row(planner.schoolSymbol(kind, 16, plain, true).html, bi(...planner.KINDS[kind])));
    const sizes = [12, 24, 48].map((classes) => planner.schoolSymbol("existing", classes, plain).html).join("");
    const bins = planner.USE_BINS
      .map((bin) => `<span class="bin"><b style="background:${bin.colour}"></b>${bin.label}</span>`).join("");
    return shapes.join("") + `<li class="wide">${bi("班级数", "Classes")} ${sizes}</li>` +
      `<li class="wide">${bi("利用率（学生 / 学位）", "Utilisation (pupils / places)")}<span class="bins">${bins}</span></li>`;
  }

  function contextRows() {
    const words = { town: ["集镇", "Town"], village: ["村庄", "Village"], industry: ["工业", "Industry"], park: ["公园", "Park"], water: ["水面", "Water"] };
    const used = new Set();
    planner.layers.context.layer.eachLayer((shape) => used.add(shape.feature.properties.c));
    return Object.keys(words).filter((kind) => used.has(kind))
      .map((kind) => row(area(planner.CONTEXT[kind], "none", 0), bi(...words[kind]))).join("");
  }

  function streetRows() {
    const words = { trunk: ["干道", "Trunk road"], arterial: ["主路", "Arterial"], collector: ["次路", "Collector"], local: ["支路", "Local street"] };
    const used = new Set();
    planner.layers.streets.layer.eachLayer((way) => used.add(way.feature.properties.c));
    return Object.keys(words).filter((kind) => used.has(kind))
      .map((kind) => row(line(...planner.STREETS[kind]), bi(...words[kind]))).join("");
  }

  const LEGEND = {
    subdistricts: (layer) => row(area(layer.filled ? "#77AADD55" : "none", planner.UNITS[layer.name][0], Math.min(4, planner.UNITS[layer.name][1]), planner.UNITS[layer.name][2]), bi(...layer.title)),
    communities: (layer) => row(area(layer.filled ? "#EEDD8866" : "none", planner.UNITS[layer.name][0], 1.4, planner.UNITS[layer.name][2]), bi(...layer.title)),
    grids: (layer) => row(`<span class="dabs">${palette()}</span>`, bi("网格（相邻异色）", "Grids (neighbours differ)")),
    catchments: (layer) => layer.filled
      ? row(`<span class="dabs">${palette()}</span>`, bi(`${layer.title[0]}（相邻异色）`, `${layer.title[1]} (neighbours differ)`))
      : row(area("none", planner.UNITS.catchments[0], 2), bi(...layer.title)),
    schools: () => schoolRows(false),
    schools_today: (layer) => (planner.layers.plan_schools.visible() ? "" : row(planner.schoolSymbol("existing", 16, { colour: "#FFFFFF" }, true).html, bi(...layer.title)) + schoolRows(true)),
    sites: (layer) => row(planner.siteSymbol().html, bi(...layer.title)),
    seats: (layer) => layer.group === "today"
      ? row(planner.seatSymbol("today").html, bi(...layer.title))
      : row(planner.seatSymbol("office").html, bi("办事处（保留）", "Seat: office of today")) + row(planner.seatSymbol("candidate").html, bi("办事处（新设）", "Seat: new office")),
    seats_unused: (layer) => row(planner.seatSymbol("unused").html, bi(...layer.title)),
    lines: (layer) => row(line(planner.data().colours.line[0], 2), bi(`${layer.title[0]}（粗细：学生数）`, `${layer.title[1]} (width: pupils)`)),
    beyond: (layer) => row(area("url(#beyond)", "#8C1C13", 1), bi(...layer.title)),
    changes: (layer) => row(area(`url(#${planner.patternOf(layer)})`, planner.PATTERNS[planner.patternOf(layer)].colour, 1.2), bi(...layer.title)),
    streets: streetRows,
    context: contextRows,
    barriers: () => row(line("#5B9EC9", 5), bi("河流", "River")) + row('<svg width="30" height="16" aria-hidden="true"><path d="M2 8H28" stroke="#333" stroke-width="3.6"/><path d="M2 8H28" stroke="#fff" stroke-width="1.8" stroke-dasharray="5 5"/></svg>', bi("铁路", "Railway")),
    compounds: (layer) => row(area("#FFFFFF", "#8F887D", 0.9), bi(...layer.title)),
    buildings: (layer) => row(area("#7D7266", "#5E554B", 0.8), bi(...layer.title)),
    area: () => "",
  };

  planner.drawLegend = function () {
    const rows = Object.values(planner.layers)
      .filter((layer) => layer.visible() && layer.count)
      .map((layer) => `<ul data-legend="${layer.name}">${LEGEND[layer.draw](layer)}</ul>`);
    document.getElementById("legend").innerHTML = rows.join("");
  };
});
