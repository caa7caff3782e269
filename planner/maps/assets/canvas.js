// One map: layers out of shared shapes, names that step back, marks, and what follows a change.
plannerParts.push(function (planner) {
  "use strict";
  planner.layers = {};
  planner.places = {};

  planner.createMap = function (id, options) {
    // The heading's height, and with it the map's, depends on the language.
    document.documentElement.dataset.lang = planner.firstLanguage();
    const map = L.map(id, { ...options, zoomSnap: 0.25, zoomDelta: 0.5, wheelPxPerZoomLevel: 120, maxZoom: 19, minZoom: 10 });
    planner.map = map;
    planner.createPanes(map);
    planner.drawPatterns();
    L.control.zoom({ position: "topright", zoomInTitle: "放大 / Zoom in", zoomOutTitle: "缩小 / Zoom out" }).addTo(map);
    L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
    planner.marks = L.featureGroup().addTo(map);
    map.fitBounds(planner.data().bounds, { padding: [12, 12], animate: false });
    return map;
  };

  function withShape(properties) {
    const geometry = properties.line
      ? { type: "LineString", coordinates: properties.line.map(([lat, lon]) => [lon, lat]) }
      : planner.shapeOf(planner.data().shapes[properties.g]);
    return { type: "Feature", properties, geometry };
  }

  // A layer as Folium places it; it stays empty until it is seen.
  planner.createLayer = function (name) {
    const layer = planner.data().layers.find((entry) => entry.name === name);
    // A later map of the page has the features of the first where they are the same.
    layer.features ||= Object.values(planners)[0].layers[name].features;
    layer.count = layer.features.length;
    layer.colourOf = Object.fromEntries(layer.features.filter((p) => p.o).map((p) => [p.o[1], p.c]));
    layer.features.forEach((p) => p.o && (planner.places[p.o.join(":")] ||= []).push({ layer, properties: p }));
    planner.layers[name] = layer;
    layer.layer = L.geoJSON([], {
      pane: planner.PANE_OF[layer.draw] || "points",
      interactive: layer.draw !== "area",
      style: (feature) => (planner.STYLE[layer.draw] ? planner.STYLE[layer.draw](feature.properties, layer) : {}),
      pointToLayer: (feature, latlng) => planner.pointLayer(layer, feature, latlng),
      onEachFeature: (feature, shape) => bind(layer, feature, shape),
    });
    return layer.layer;
  };

  function fill(layer, group) {
    if (layer.drawn) return;
    layer.drawn = true;
    layer.features.forEach((properties) => layer.layer.addData(withShape(properties)));
    planner.decorate(layer, layer.layer, group);
  }

  // A layer of a whole city comes after the page can be used, each in a task of its own.
  const MANY = 1000;

  function fillLater(layer, group) {
    window.setTimeout(() => {
      if (layer.drawn || !layer.visible()) return;
      fill(layer, group);
      planner.refresh();
    }, 0);
  }

  function bind(layer, feature, shape) {
    const { o } = feature.properties;
    if (o) {
      shape.on("click", () => planner.select(o[0], o[1]));
      shape.on("keypress", (event) => {
        if (event.originalEvent.key === "Enter") planner.select(o[0], o[1]);
      });
    }
    if (layer.draw === "area" || (!o && !(feature.properties.n || [])[0])) return;
    const point = feature.geometry.type === "Point";
    shape.bindTooltip(() => planner.tip(feature.properties), { sticky: !point, direction: "auto", className: "tip" });
  }

  // Put the layers into their groups, with outlines and names; the groups are Folium's.
  planner.addLayers = function (map, groups) {
    Object.entries(groups).forEach(([name, group]) => {
      const layer = planner.layers[name];
      layer.visible = () => map.hasLayer(group);
      if (layer.visible()) {
        if (layer.count <= MANY) fill(layer, group);
        else fillLater(layer, group);
      }
      layer.toggle = function (on, quiet) {
        if (on) fill(layer, group);
        if (on) group.addTo(map);
        else group.remove();
        planner.followers.forEach((other) => other.layers[name].toggle(on, true));
        if (!quiet) planner.refresh();
      };
    });
    map.on("zoomend resize", planner.sizeSymbols);
    map.on("zoomend moveend resize", planner.declutter);
    planner.sizeSymbols();
  };

  // From afar symbols shrink, so that those of a city do not cover each other.
  planner.sizeSymbols = function () {
    const size = Math.min(1, Math.max(0.5, 2 ** (0.6 * (planner.map.getZoom() - 12.5))));
    planner.map.getContainer().style.setProperty("--symbol", size.toFixed(2));
  };

  // Where the name of a symbol may stand: below it, above, to its right or left; steps in pixels.
  function steps(box, symbol) {
    const beside = symbol.width / 2 + box.width / 2 + 2;
    const up = (symbol.top + symbol.bottom) / 2 - (box.top + box.bottom) / 2;
    return [[0, 0], [0, symbol.top - box.bottom], [beside, up], [-beside, up]];
  }

  // A name cut by the edge of the map moves inwards, if its middle is in sight.
  function inwards(box, edge) {
    const middle = (box.left + box.right) / 2;
    if (middle < edge.left || middle > edge.right) return [0, 0];
    return [Math.max(0, edge.left + 2 - box.left) - Math.max(0, box.right - edge.right + 2), 0];
  }

  const moved = (box, [x, y]) => ({ left: box.left + x, right: box.right + x, top: box.top + y, bottom: box.bottom + y });

  // Names that would cover a more important name or a symbol move aside, or step back.
  planner.declutter = function () {
    const frame = planner.map.getContainer();
    const edge = frame.getBoundingClientRect();
    const whole = (box) => box.left >= edge.left && box.right <= edge.right && box.top >= edge.top && box.bottom <= edge.bottom;
    const meets = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    const symbols = [...frame.querySelectorAll(".symbol > svg")].map((symbol) => ({ symbol, box: symbol.getBoundingClientRect() }));
    const names = [...frame.querySelectorAll(".map-name")];
    names.forEach((label) => { label.style.translate = ""; });
    const labels = names.map((label) => ({ label, rank: Number(label.dataset.rank), box: label.getBoundingClientRect() }));
    labels.sort((a, b) => a.rank - b.rank);
    const taken = [];
    labels.forEach(({ label, rank, box }) => {
      const own = label.parentElement.querySelector(":scope > svg");
      const choices = own && box.width ? steps(box, own.getBoundingClientRect()) : [inwards(box, edge)];
      choices.sort((a, b) => whole(moved(box, b)) - whole(moved(box, a)));
      const free = choices.find((step) => {
        const there = moved(box, step);
        return !taken.some((other) => meets(there, other)) &&
          (rank === 0 || !symbols.some((other) => other.symbol !== own && meets(there, other.box)));
      });
      label.classList.toggle("out", !free);
      if (!free) return;
      if (free[0] || free[1]) label.style.translate = free.map((px) => `${px.toFixed(1)}px`).join(" ");
      taken.push(moved(box, free));
    });
  };

  planner.mark = (kind, id, fly) => planner.markAll([[kind, id]], fly);

  planner.markAll = function (keys, fly) {
    const { map, marks } = planner;
    marks.clearLayers();
    const bounds = L.latLngBounds([]);
    keys.forEach(([kind, id]) => bounds.extend(markOne(planner.places[`${kind}:${id}`] || [])));
    if (!fly || !bounds.isValid()) return;
    const zoom = Math.min(16, map.getBoundsZoom(bounds.pad(0.25)));
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    map.flyTo(bounds.getCenter(), Math.min(zoom, 15.5), { animate: !calm, duration: 0.6 });
  };

  function markOne(shapes) {
    const bounds = L.latLngBounds([]);
    const used = new Set();
    shapes.forEach(({ layer, properties }) => {
      if (used.has(properties.g) || ["lines", "buildings"].includes(layer.draw) || layer.name.startsWith("today_catchments")) return;
      used.add(properties.g);
      const dashArray = layer.service && layer.service !== planner.data().services[0].id ? "7 6" : "";
      const style = { pane: "highlight", color: "#D6006E", weight: 3.5, fill: false, dashArray };
      const shape = L.geoJSON(withShape(properties), {
        interactive: false, style,
        pointToLayer: (_, latlng) => L.circleMarker(latlng, { ...style, radius: 21, dashArray: "" }),
      });
      planner.marks.addLayer(shape);
      bounds.extend(shape.getBounds());
    });
    return bounds;
  }
});
