// The comparison page: maps in step, hatched differences, flows, and both tables of what is chosen.
plannerParts.push(function (planner) {
  "use strict";
  const { bi, esc, num } = planner;
  const page = {};

  // Maps start one after the other; the last one starts the page, led by the first.
  planner.start = function (map, groups) {
    planner.addLayers(map, groups);
    const all = Object.values(planners);
    if (all[all.length - 1] === planner) all[0].startComparison(all);
  };

  planner.startComparison = function (all) {
    page.all = all;
    planner.followers = all.slice(1);
    planner.against = planner.followers[0].id;
    all.forEach((one) => { one.select = select; });
    planner.drawLayerList();
    planner.drawViews();
    planner.startTabs();
    planner.startSearch();
    planner.startButtons();
    startPanel();
    all.forEach((one) => keepStep(one));
    planner.setLanguage(planner.firstLanguage());
    planner.compareWith(planner.against);
    planner.map.fitBounds(planner.data().bounds, { padding: [12, 12], animate: false });
    openView();
    window.plannerComparison = { maps: all.map(({ map }) => map), planners: all, select, compareWith: planner.compareWith };
  };

  // The first view in which something differs.
  function openView() {
    const views = planner.views();
    const view = views.find(({ layers }) => layers.some((name) => name.startsWith("change_") && planner.layers[name].count)) || views[0];
    document.querySelector(`[data-view="${view.id}"]`).click();
  }

  const shown = () => page.all.filter(({ id }) => id === page.all[0].id || id === page.all[0].against);
  const later = () => page.all.find(({ id }) => id === planner.against);

  planner.searchable = function () {
    const found = {};
    [...page.all].reverse().forEach((one) => Object.entries(one.data().cards).forEach(([kind, cards]) => {
      found[kind] = { ...found[kind], ...cards };
    }));
    return found;
  };

  planner.views = function () {
    const views = [
      { id: "subdistricts", title: ["街道", "Subdistricts"], layers: ["plan_subdistricts", "plan_seats", "change_subdistrict"] },
      { id: "communities", title: ["社区", "Communities"], layers: ["plan_communities", "plan_subdistricts", "change_community"] },
    ];
    planner.data().services.forEach(({ id, name }) => views.push({
      id, title: name, layers: [`plan_catchments_${id}`, "plan_schools", "plan_sites", `change_school_${id}`],
    }));
    return views;
  };

  planner.refresh = function () {
    page.all.forEach((one) => one.refill());
    Object.values(planner.layers).forEach((layer) => { layer.box.checked = layer.visible(); });
    planner.markView();
    planner.drawLegend();
    shown().forEach((one) => one.declutter());
  };

  // Pan and zoom of one map are those of all; a dot follows the pointer on the others.
  function keepStep(one) {
    const dot = L.circleMarker([0, 0], { pane: "highlight", radius: 7, color: "#D6006E", weight: 2, fill: false, interactive: false });
    one.pointer = dot;
    one.map.on("move", () => {
      if (page.moving) return;
      page.moving = true;
      page.all.filter((other) => other !== one).forEach(({ map }) => map.setView(one.map.getCenter(), one.map.getZoom(), { animate: false }));
      page.moving = false;
    });
    one.map.on("mousemove", (event) => shown().filter((other) => other !== one)
      .forEach((other) => other.pointer.setLatLng(event.latlng).addTo(other.map)));
    one.map.on("mouseout", () => page.all.forEach((other) => other.pointer.remove()));
  }

  planner.compareWith = function (id) {
    planner.against = id;
    document.querySelectorAll(".maps [data-side]").forEach((frame) => {
      frame.hidden = !shown().some((one) => one.id === frame.dataset.side);
    });
    document.querySelectorAll("[data-against]").forEach((button) =>
      button.setAttribute("aria-pressed", String(button.dataset.against === id)));
    document.querySelectorAll("[data-later]").forEach((list) => { list.hidden = list.dataset.later !== id; });
    page.all.forEach(({ map }) => map.invalidateSize({ animate: false, pan: false }));
    planner.map.fire("move");
    Object.values(planner.layers).filter((layer) => layer.draw === "changes").forEach(follow);
    drawFlows();
    drawSchools();
    if (page.chosen) select(...page.chosen);
    planner.refresh();
  };

  // On the first map only what differs from the plan beside it is hatched, and counted.
  function follow(layer) {
    layer.count = layer.features.filter((p) => p.in.includes(planner.against)).length;
    layer.layer.setStyle((feature) => planner.STYLE.changes(feature.properties, layer));
    layer.box.disabled = layer.count === 0;
    layer.box.parentElement.querySelector("small").textContent = layer.count;
  }

  const KINDS = { subdistrict: ["街道", "Subdistricts"], community: ["社区", "Communities"] };
  const titleOf = (kind, service) => (kind === "school" ? planner.data().services.find(({ id }) => id === service)?.name || [service, service] : KINDS[kind]);

  function drawFlows() {
    const flows = readPage().later[planner.against].flows;
    const kinds = [...new Set(flows.map(({ kind, service }) => `${kind}:${service}`))];
    const home = document.getElementById("flows");
    if (!kinds.length) {
      home.innerHTML = `<p>${bi("两方案归属完全相同。", "Every compound belongs to the same units in both plans.")}</p>`;
      return;
    }
    if (!kinds.includes(page.kind)) page.kind = kinds[0];
    const [kind, service] = page.kind.split(":");
    page.flows = flows.filter((flow) => flow.kind === kind && flow.service === service);
    const namesOf = (end, id) => ((end === "from" ? planner : later()).card(kind, id) || { name: [id, id] }).name;
    const layer = planner.layers[kind === "school" ? `plan_catchments_${service}` : kind === "subdistrict" ? "plan_subdistricts" : "plan_communities"];
    const colours = planner.data().colours.area;
    const colourOf = (id) => colours[(layer?.colourOf[id] || 0) % colours.length];
    const amount = kind === "school" ? ["学生", "Pupils"] : ["居民", "People"];
    const buttons = kinds.map((key) => `<button type="button" data-flows="${esc(key)}" aria-pressed="${key === page.kind}">${bi(...titleOf(...key.split(":")))}</button>`);
    home.innerHTML = `<div class="kinds" role="group">${buttons.join("")}</div>` +
      `<p class="quiet key-line"><b class="letter">A</b> → <b class="letter">${later().data().letter}</b> ${bi("只画归属不同者；点击可在两图上标出小区。", "Only those who move; click to mark their compounds on both maps.")}</p>` +
      planner.flowPicture(page.flows, namesOf, colourOf) +
      planner.flowTable(page.flows, namesOf, { letter: later().data().letter, amount });
  }

  function markFlow(position) {
    document.querySelectorAll("[data-flow]").forEach((item) =>
      item.setAttribute("aria-selected", String(item.dataset.flow === String(position))));
    const keys = page.flows[position].compounds.map((id) => ["compound", id]);
    shown().slice(1).forEach((one) => one.markAll(keys, false));
    planner.markAll(keys, true);
  }

  function drawSchools() {
    const { services } = planner.data();
    const rows = readPage().later[planner.against].schools.map(({ id, before, after }) => {
      const card = (planner.card("school", id) || later().card("school", id));
      const told = (school) => {
        if (!school) return bi("不建", "not built");
        const parts = services.map(({ id: key, name }) => (school.places[key] ? bi(`${name[0]} ${num(school.places[key])} 位`, `${name[1]} ${num(school.places[key])}`) : "")).filter(Boolean);
        return `${bi(...planner.KINDS[school.kind])}<br>${parts.join("<br>")}${school.cost_yuan ? `<br>${bi(`${num(school.cost_yuan / 1e4)} 万元`, `${num(school.cost_yuan / 1e6, 1)} million yuan`)}` : ""}`;
      };
      return `<tr><th scope="row"><button type="button" class="ref" data-kind="school" data-id="${esc(id)}">${bi(...card.name)}</button></th><td>${told(before)}</td><td>${told(after)}</td></tr>`;
    });
    document.getElementById("schools").innerHTML = rows.length
      ? `<table class="side-by-side built"><thead><tr><th scope="col">${bi("建设不同的学校（学位）", "Built differently (places)")}</th><th scope="col"><b class="letter">A</b></th><th scope="col"><b class="letter">${later().data().letter}</b></th></tr></thead><tbody>${rows.join("")}</tbody></table>`
      : `<p>${bi("两方案建设相同。", "Both plans build the same.")}</p>`;
  }

  function startPanel() {
    document.getElementById("details").innerHTML = `<p class="quiet">${bi("点击任一地图上的学校、小区、社区或街道。", "Click a school, compound, community or subdistrict on either map.")}</p>`;
    const panel = document.getElementById("panel");
    panel.addEventListener("click", (event) => {
      const hit = (name) => event.target.closest(`[data-${name}]`);
      if (hit("against")) {
        planner.compareWith(hit("against").dataset.against);
        const seen = Object.values(planner.layers).some((layer) => layer.draw === "changes" && layer.visible() && layer.count);
        if (!seen) openView();
      }
      else if (hit("flows")) { page.kind = hit("flows").dataset.flows; drawFlows(); }
      else if (hit("flow")) markFlow(Number(hit("flow").dataset.flow));
      else if (hit("kind")) select(hit("kind").dataset.kind, hit("kind").dataset.id, true);
    });
    panel.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches("tr[data-flow]")) markFlow(Number(event.target.dataset.flow));
    });
  }

  function select(kind, id, fly) {
    page.chosen = [kind, id];
    const leader = page.all[0];
    const parts = page.all.filter((one) => one === leader || one.id === leader.against).map((one) => {
      const letter = `<b class="letter">${one.data().letter}</b>`;
      const told = one.card(kind, id) ? one.table(kind, id) : `<p class="quiet">${esc(id)}: ${bi("此方案中没有", "not in this plan")}</p>`;
      return `<section class="beside" data-letter="${one.data().letter}">${letter}${told}</section>`;
    });
    document.getElementById("details").innerHTML = parts.join("");
    leader.openTab("details");
    const beside = page.all.find((one) => one.id === leader.against);
    const known = `${kind}:${id}` in leader.places;
    beside.mark(kind, id, fly && !known);
    leader.mark(kind, id, fly && known);
  }
});
