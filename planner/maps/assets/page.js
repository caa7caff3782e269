// The page: map, layers out of shared shapes, and everything that follows a change.
(function (planner) {
  "use strict";
  planner.layers = {};
  planner.places = {};

  planner.createMap = function (id, options) {
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

  function withShape(feature) {
    const p = feature.properties;
    const geometry = p.line
      ? { type: "LineString", coordinates: p.line.map(([lat, lon]) => [lon, lat]) }
      : planner.data().shapes[p.g];
    return { ...feature, geometry };
  }

  planner.createLayer = function (name, collection) {
    const layer = planner.data().layers.find((entry) => entry.name === name);
    const features = collection.features.map(withShape);
    layer.colourOf = Object.fromEntries(features.filter(({ properties: p }) => p.o).map(({ properties: p }) => [p.o[1], p.c]));
    planner.layers[name] = layer;
    layer.layer = L.geoJSON(features, {
      pane: planner.PANE_OF[layer.draw] || "points",
      interactive: layer.draw !== "area",
      style: (feature) => (planner.STYLE[layer.draw] ? planner.STYLE[layer.draw](feature.properties, layer) : {}),
      pointToLayer: (feature, latlng) => planner.pointLayer(layer, feature, latlng),
      onEachFeature: (feature, shape) => bind(layer, feature, shape),
    });
    return layer.layer;
  };

  function bind(layer, feature, shape) {
    const { o } = feature.properties;
    if (o) {
      (planner.places[o.join(":")] ||= []).push({ layer, feature });
      shape.on("click", () => planner.select(o[0], o[1]));
      shape.on("keypress", (event) => {
        if (event.originalEvent.key === "Enter") planner.select(o[0], o[1]);
      });
    }
    if (layer.draw === "area" || (!o && !(feature.properties.n || [])[0])) return;
    const point = feature.geometry.type === "Point";
    shape.bindTooltip(() => planner.tip(feature.properties), { sticky: !point, direction: "auto", className: "tip" });
  }

  planner.start = function (map, groups) {
    // Lines take their colours from the catchments, which may be created after them.
    Object.entries(groups).forEach(([name, group]) => {
      const layer = planner.layers[name];
      layer.count = layer.layer.getLayers().length;
      layer.groupLayer = group;
      if (layer.draw === "lines") layer.layer.setStyle((feature) => planner.STYLE.lines(feature.properties, layer));
      planner.decorate(layer, layer.layer, group);
      layer.visible = () => map.hasLayer(group);
      layer.toggle = function (on, quiet) {
        if (on) group.addTo(map);
        else group.remove();
        if (!quiet) planner.refresh();
      };
    });
    planner.drawLayerList();
    planner.drawViews();
    planner.startPanels();
    planner.startSearch();
    planner.startYears();
    startButtons(map);
    planner.setLanguage(/^zh/i.test(navigator.language || "zh") ? "zh" : "en");
    map.on("zoomend moveend resize", planner.declutter);
    planner.refresh();
    window.plannerMap = { layers: planner.layers, map, select: planner.select, find: planner.find, setLanguage: planner.setLanguage };
  };

  planner.refresh = function () {
    planner.refill();
    Object.values(planner.layers).forEach((layer) => { layer.box.checked = layer.visible(); });
    planner.markView();
    planner.drawLegend();
    planner.declutter();
  };

  // Names that would cover a more important name or a symbol step back.
  planner.declutter = function () {
    const frame = planner.map.getContainer();
    const meets = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    const taken = [...frame.querySelectorAll(".symbol > svg")].map((symbol) => symbol.getBoundingClientRect());
    const symbols = taken.length;
    const labels = [...frame.querySelectorAll(".map-name")];
    labels.sort((a, b) => a.dataset.rank - b.dataset.rank);
    labels.forEach((label) => {
      label.classList.remove("out");
      const box = label.getBoundingClientRect();
      const own = label.parentElement.querySelector(":scope > svg");
      const edges = own ? own.getBoundingClientRect() : null;
      const first = label.dataset.rank === "0" ? symbols : 0;
      const hidden = taken.slice(first).some((other) => meets(box, other) && !(edges && other.left === edges.left && other.top === edges.top));
      label.classList.toggle("out", hidden);
      if (!hidden) taken.push(box);
    });
  };

  function startButtons(map) {
    document.getElementById("language").addEventListener("click", () =>
      planner.setLanguage(planner.language() === "zh" ? "en" : "zh"));
    planner.onLanguage.push(() => window.requestAnimationFrame(planner.declutter));
    document.getElementById("print").addEventListener("click", () => window.print());
    window.addEventListener("beforeprint", () => {
      map.invalidateSize({ animate: false });
      map.fitBounds(planner.data().bounds, { animate: false });
    });
    window.addEventListener("afterprint", () => map.invalidateSize({ animate: false }));
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      document.querySelectorAll(".head details[open]").forEach((fold) => { fold.open = false; });
      planner.marks.clearLayers();
    });
    document.querySelectorAll(".head details").forEach((fold) => fold.addEventListener("toggle", () => {
      if (!fold.open) return;
      document.querySelectorAll(".head details[open]").forEach((other) => { if (other !== fold) other.open = false; });
    }));
  }
})(window.planner);
