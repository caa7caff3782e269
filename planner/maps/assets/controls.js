// Layer list, views, tabs and buttons.
plannerParts.push(function (planner) {
  "use strict";
  const { bi } = planner;
  const GROUPS = { plan: ["规划", "Plan"], change: ["变化", "Change"], today: ["现状", "Today"], context: ["底图", "Ground"] };

  planner.drawLayerList = function () {
    const home = document.getElementById("layers");
    Object.entries(GROUPS).forEach(([group, words]) => {
      const layers = Object.values(planner.layers).filter((layer) => layer.group === group);
      if (!layers.length) return;
      const fold = document.createElement("details");
      fold.open = group === "plan" || group === "change";
      fold.innerHTML = `<summary>${bi(...words)}</summary>`;
      layers.forEach((layer) => fold.append(layerBox(layer)));
      home.append(fold);
    });
  };

  function layerBox(layer) {
    const box = document.createElement("label");
    box.innerHTML = `<input type="checkbox"><span>${bi(...layer.title)}</span><small>${layer.count}</small>`;
    layer.box = box.firstElementChild;
    layer.box.dataset.layer = layer.name;
    layer.box.checked = layer.visible();
    layer.box.disabled = layer.count === 0;
    layer.box.addEventListener("change", () => layer.toggle(layer.box.checked));
    return box;
  }

  const GROUND = ["study_area", "context", "streets", "barriers", "compounds"];

  planner.views = function () {
    const views = [{
      id: "overview", title: ["总图", "Overview"],
      layers: ["plan_subdistricts", "plan_communities", "plan_schools", "plan_sites", "plan_seats"],
    }];
    planner.data().services.forEach(({ id, name }) => views.push({
      id, title: name,
      layers: [`plan_catchments_${id}`, `plan_lines_${id}`, "plan_schools", "plan_sites"],
    }));
    views.push({ id: "grids", title: ["网格", "Grids"], layers: ["plan_grids", "plan_communities", "plan_subdistricts", "buildings"] });
    views.push({
      id: "changes", title: ["变化", "Change"],
      layers: ["plan_subdistricts", "today_subdistricts", "change_community", "change_subdistrict", "plan_seats"],
    });
    views.push({
      id: "today", title: ["现状", "Today"],
      layers: ["today_subdistricts", "today_communities", "today_schools", "today_seats"],
    });
    return views;
  };

  planner.drawViews = function () {
    const home = document.getElementById("views");
    planner.views().forEach((view) => {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.view = view.id;
      button.innerHTML = bi(...view.title);
      button.addEventListener("click", () => planner.show(view.layers.concat(GROUND)));
      home.append(button);
    });
  };

  planner.show = function (names) {
    Object.values(planner.layers).forEach((layer) => layer.toggle(names.includes(layer.name), true));
    planner.refresh();
  };

  planner.markView = function () {
    const shown = Object.values(planner.layers).filter((layer) => layer.visible()).map((layer) => layer.name);
    planner.views().forEach((view) => {
      const wanted = view.layers.concat(GROUND).filter((name) => planner.layers[name]);
      const same = wanted.length === shown.length && wanted.every((name) => shown.includes(name));
      document.querySelector(`[data-view="${view.id}"]`).setAttribute("aria-pressed", String(same));
    });
  };

  planner.startTabs = function () {
    document.querySelectorAll("[role=tab]").forEach((tab) =>
      tab.addEventListener("click", () => planner.openTab(tab.getAttribute("aria-controls"))));
  };

  planner.openTab = function (name) {
    document.querySelectorAll("[role=tab]").forEach((tab) => {
      const panel = tab.getAttribute("aria-controls");
      tab.setAttribute("aria-selected", String(panel === name));
      document.getElementById(panel).hidden = panel !== name;
    });
  };

  planner.startButtons = function () {
    const all = [planner, ...planner.followers];
    document.getElementById("language").addEventListener("click", () =>
      planner.setLanguage(planner.language() === "zh" ? "en" : "zh"));
    planner.onLanguage.push(() => window.requestAnimationFrame(() => all.forEach((one) => {
      one.map.invalidateSize({ animate: false });
      one.declutter();
    })));
    document.getElementById("print").addEventListener("click", () => window.print());
    window.addEventListener("beforeprint", () => {
      const before = all.map(({ map }) => [map.getCenter(), map.getZoom()]);
      document.documentElement.classList.add("printing");
      all.forEach(({ map }) => map.invalidateSize({ animate: false, pan: false }));
      all.forEach(({ map }) => map.fitBounds(planner.data().bounds, { animate: false, padding: [6, 6] }));
      window.addEventListener("afterprint", () => {
        document.documentElement.classList.remove("printing");
        all.forEach(({ map }, n) => map.invalidateSize({ animate: false, pan: false }).setView(...before[n], { animate: false }));
      }, { once: true });
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      document.querySelectorAll(".head details[open]").forEach((fold) => { fold.open = false; });
      all.forEach(({ marks }) => marks.clearLayers());
    });
    document.querySelectorAll(".head details").forEach((fold) => fold.addEventListener("toggle", () => {
      if (!fold.open) return;
      document.querySelectorAll(".head details[open]").forEach((other) => { if (other !== fold) other.open = false; });
    }));
  };
});
