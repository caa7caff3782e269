// How each kind of layer is drawn: panes, strokes, fills, symbols and labels.
plannerParts.push(function (planner) {
  "use strict";
  const PANES = {
    ground: 401, fill: 410, context: 414, grids: 416, compounds: 420, beyond: 422, change: 424, buildings: 426,
    streets: 430, barriers: 432, catchments: 434, today_communities: 436, plan_communities: 437, today_subdistricts: 439,
    plan_subdistricts: 440, lines: 445,
    highlight: 448, names: 620, points: 630, titles: 640,
  };
  const CONTEXT = {
    town: "#E4DACA", village: "#E9E1D1", industry: "#DEDCE3", park: "#C5DFBB", water: "#B5D7EE",
  };
  const STREETS = {
    trunk: ["#B58B4C", 3.4], arterial: ["#BDA57C", 2.4], collector: ["#C9BFAE", 1.4], local: ["#D6CFC3", 0.9],
  };
  const UNITS = {
    plan_subdistricts: ["#1B1F6B", 3, "", 2.4, 0.95],
    today_subdistricts: ["#E08A3C", 8, "", 1.5, 0.7],
    plan_communities: ["#1B1F6B", 1.5, "5 4", 2, 0.95],
    today_communities: ["#7A3E00", 1.4, "2 3", 2, 0.95],
    catchments: ["#2B3442", 1.8, "", 2, 0.9],
  };
  planner.STREETS = STREETS;
  planner.CONTEXT = CONTEXT;
  planner.UNITS = UNITS;

  planner.createPanes = function (map) {
    Object.entries(PANES).forEach(([name, order]) => {
      map.createPane(name).style.zIndex = order;
    });
    map.getPane("names").style.pointerEvents = "none";
    map.getPane("titles").style.pointerEvents = "none";
    map.getPane("highlight").style.pointerEvents = "none";
    map.getPane("context").style.pointerEvents = "none";
  };

  const area = (index) => planner.data().colours.area[index % planner.data().colours.area.length];
  const dark = (index) => planner.data().colours.line[index % planner.data().colours.line.length];

  planner.PANE_OF = {
    area: "ground", context: "context", streets: "streets", barriers: "barriers", buildings: "buildings",
    compounds: "compounds", grids: "grids", changes: "change", beyond: "beyond", lines: "lines", subdistricts: "fill",
    communities: "fill", catchments: "fill",
  };

  // Colour of the catchment a line leads to, so that lines and areas tell the same story.
  function lineColour(layer, school) {
    const catchments = planner.layers[`plan_catchments_${layer.service}`];
    const index = catchments ? catchments.colourOf[school] : 0;
    return dark(index || 0);
  }

  planner.STYLE = {
    area: () => ({ stroke: false, fillColor: "#FFFFFF", fillOpacity: 1, interactive: false }),
    context: (p) => ({ stroke: false, fillColor: CONTEXT[p.c] || "#E6E2DA", fillOpacity: 0.8, interactive: false }),
    streets: function (p) {
      const [color, weight] = STREETS[p.c] || STREETS.local;
      return { color, weight, fill: false, opacity: 0.9 };
    },
    barriers: (p) => p.c === "railway"
      ? { color: "#333333", weight: 3, fill: false }
      : { color: "#5B9EC9", weight: 5, fill: false, lineCap: "round" },
    buildings: () => ({ color: "#5E554B", weight: 0.5, fillColor: "#7D7266", fillOpacity: 0.75 }),
    compounds: () => ({ color: "#8F887D", weight: 0.6, opacity: 0.7, fillColor: "#FFFFFF", fillOpacity: 0 }),
    grids: (p) => ({ color: "#FFFFFF", weight: 1.2, fillColor: area(p.c), fillOpacity: 0.75 }),
    subdistricts: (p) => ({ stroke: false, fillColor: area(p.c), fillOpacity: 0.42 }),
    communities: (p) => ({ stroke: false, fillColor: area(p.c), fillOpacity: 0.42 }),
    catchments: (p) => ({ stroke: false, fillColor: area(p.c), fillOpacity: 0.55 }),
    changes: function (p, layer) {
      // Where several plans are compared with this one, what differs from the one beside it.
      const here = !planner.against || p.in.includes(planner.against);
      return {
        color: planner.PATTERNS[planner.patternOf(layer)].colour, weight: 1.2, className: "hatched",
        fillColor: `url(#${planner.patternOf(layer)})`, opacity: here ? 1 : 0, fillOpacity: here ? 0.75 : 0,
      };
    },
    beyond: () => ({ color: "#8C1C13", weight: 1, fillColor: "url(#beyond)", fillOpacity: 0.8 }),
    lines: (p, layer) => ({
      color: lineColour(layer, p.s), weight: 0.8 + Math.min(3.2, Math.sqrt(p.w) / 6), opacity: 0.85,
      lineCap: "round",
    }),
  };

  function divIcon(symbol, extra) {
    return L.divIcon({
      className: "symbol", html: symbol.html + (extra || ""), iconSize: [symbol.size, symbol.size],
    });
  }

  function schoolIcon(id, today) {
    const card = planner.card("school", id);
    const sums = planner.schoolSums(card);
    const classes = today ? sums.today : sums.today + sums.added;
    const bin = planner.useBin(today ? sums.useToday : sums.use);
    const symbol = planner.schoolSymbol(today ? "existing" : card.kind, classes, bin);
    const rank = card.kind === "existing" ? 3 : 1;
    const name = `<b class="map-name school-name" data-rank="${rank}" style="--half:${symbol.size / 2}px">` +
      `${planner.bi(card.name[0], card.name[1])}</b>`;
    return divIcon(symbol, name);
  }

  planner.iconOf = function (layer, p) {
    if (layer.draw === "schools") return schoolIcon(p.o[1], false);
    if (layer.draw === "schools_today") return schoolIcon(p.o[1], true);
    if (layer.draw === "sites") return divIcon(planner.siteSymbol());
    if (layer.draw === "seats_unused") return divIcon(planner.seatSymbol("unused"));
    return divIcon(planner.seatSymbol(layer.group === "today" ? "today" : p.c));
  };

  planner.pointLayer = function (layer, feature, latlng) {
    if (layer.draw === "buildings") {
      return L.circleMarker(latlng, { pane: "buildings", radius: 2.2 });
    }
    const name = planner.plainName(feature.properties.o);
    const marker = L.marker(latlng, {
      pane: "points", icon: planner.iconOf(layer, feature.properties), keyboard: true, alt: name,
      zIndexOffset: layer.draw.startsWith("school") ? 200 : layer.draw === "seats" ? 400 : 0,
    });
    marker.on("add", () => marker.getElement().setAttribute("aria-label", name));
    return marker;
  };

  planner.plainName = ([kind, id]) => (planner.card(kind, id) || { name: [id, id] }).name.join(" / ");

  function label(point, html, className, rank) {
    const icon = L.divIcon({
      className: "label", iconSize: [0, 0],
      html: `<b class="map-name ${className}" data-rank="${rank}">${html}</b>`,
    });
    return L.marker(point, { pane: rank === 0 ? "titles" : "names", icon, interactive: false, keyboard: false });
  }

  function peopleWords(people) {
    const zh = people >= 10000 ? `${planner.num(people / 10000, 2)} 万人` : `${planner.num(people)} 人`;
    return planner.bi(zh, `${planner.num(people)} people`);
  }

  // Outlines above the streets with a white casing, and names in the middle of the units.
  planner.decorate = function (layer, geojson, group) {
    const extras = [];
    if (layer.outline !== null) {
      const lines = planner.shapeOf(planner.data().shapes[layer.outline]);
      const [color, weight, dashArray, casing, opacity] = UNITS[layer.name] || UNITS[layer.draw];
      const pane = PANES[layer.name] ? layer.name : layer.draw;
      const draw = (style) => extras.push(L.geoJSON(lines, { style: { pane, lineJoin: "round", ...style }, interactive: false }));
      draw({ color: "#FFFFFF", weight: weight + casing, opacity: 0.75 });
      draw({ color, weight, dashArray, opacity, lineCap: "butt" });
    }
    if (layer.draw === "subdistricts" || layer.draw === "communities") {
      geojson.eachLayer(({ feature: { properties: p } }) => {
        const card = planner.card(...p.o);
        const big = layer.draw === "subdistricts";
        const html = planner.bi(...card.name) + (big ? `<small>${peopleWords(card.population)}</small>` : "");
        const side = layer.group === "today" ? "is-today" : "is-plan";
        extras.push(label(p.l, html, `${layer.draw}-name ${side}`, big ? 0 : 2));
      });
    }
    if (layer.draw === "compounds") {
      const dot = { pane: "compounds", radius: 2.4, stroke: false, fillColor: "#5E554B", fillOpacity: 1, interactive: false };
      geojson.eachLayer(({ feature: { properties: p } }) => p.p && extras.push(L.circleMarker(p.p, dot)));
    }
    if (layer.draw === "barriers") {
      const rails = { ...geojson.toGeoJSON() };
      rails.features = rails.features.filter((feature) => feature.properties.c === "railway");
      const style = { pane: "barriers", color: "#FFFFFF", weight: 1.6, dashArray: "8 8", lineCap: "butt" };
      extras.push(L.geoJSON(rails, { style, interactive: false }));
    }
    if (layer.draw === "context") {
      geojson.eachLayer((shape) => {
        const p = shape.feature.properties;
        if (p.n[0] && ["town", "village", "park"].includes(p.c)) {
          extras.push(label(p.l, planner.bi(...p.n), `place-name is-${p.c}`, 6));
        }
      });
    }
    if (layer.draw === "streets" || layer.draw === "barriers") extras.push(...wayNames(layer, geojson));
    extras.forEach((extra) => group.addLayer(extra));
  };

  // One name per street, along its longest straight piece.
  function wayNames(layer, geojson) {
    const longest = {};
    geojson.eachLayer((way) => {
      const p = way.feature.properties;
      if (!p.n || !p.n[0] || (layer.draw === "streets" && !["trunk", "arterial"].includes(p.c))) return;
      const parts = L.LineUtil.isFlat(way.getLatLngs()) ? [way.getLatLngs()] : way.getLatLngs();
      parts.forEach((points) => {
        const a = points[0];
        const b = points[points.length - 1];
        const length = a.distanceTo(b);
        if (!longest[p.n[0]] || longest[p.n[0]].length < length) {
          const share = 0.3 + 0.4 * (Object.keys(longest).length % 2);
          const k = Math.min(points.length - 2, Math.floor(share * (points.length - 1)));
          longest[p.n[0]] = { length, p, a: points[k], b: points[k + 1], share: points.length > 2 ? 0.5 : share };
        }
      });
    });
    return Object.values(longest).map(({ p, a, b, share }) => {
      const at = [a.lat + (b.lat - a.lat) * share, a.lng + (b.lng - a.lng) * share];
      const dx = (b.lng - a.lng) * Math.cos((a.lat * Math.PI) / 180);
      let angle = (-Math.atan2(b.lat - a.lat, dx) * 180) / Math.PI;
      if (angle > 90 || angle <= -90) angle += angle > 0 ? -180 : 180;
      const kind = layer.draw === "barriers" && p.c === "river" ? "river-name" : "way-name";
      const html = `<span style="display:inline-block;transform:rotate(${angle.toFixed(1)}deg)">${planner.bi(...p.n)}</span>`;
      return label(at, html, kind, 5);
    });
  }

  // Only one kind of area is filled at a time; the others show their outlines.
  planner.FILL_ORDER = ["grids", "catchments", "subdistricts", "communities"];

  planner.refill = function () {
    const visible = Object.values(planner.layers).filter((layer) => layer.visible() && planner.FILL_ORDER.includes(layer.draw));
    const order = (layer) => planner.FILL_ORDER.indexOf(layer.draw) + (layer.group === "today" ? 0.5 : 0);
    visible.sort((a, b) => order(a) - order(b));
    // Grids lie below the compounds, but answer first where they are shown.
    planner.map.getContainer().dataset.answer = planner.layers.plan_grids?.visible() ? "grids" : "compounds";
    visible.forEach((layer, position) => {
      layer.filled = position === 0;
      layer.layer.setStyle((feature) => {
        const style = planner.STYLE[layer.draw](feature.properties, layer);
        return { fillOpacity: layer.filled ? style.fillOpacity : 0 };
      });
    });
  };
});
