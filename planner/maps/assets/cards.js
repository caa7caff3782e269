// Hover lines and click tables for everything on the map.
plannerParts.push(function (planner) {
  "use strict";
  const { bi, esc, num, percent } = planner;
  const KINDS = {
    existing: ["现有学校", "Existing school"], expanded: ["扩建学校", "Expanded school"],
    new: ["新建学校", "New school"], site: ["未选用地", "Site not chosen"],
    closed: ["规划中不再使用", "Not in operation in the plan"],
  };
  const TITLES = {
    compound: ["居住小区", "Compound"], community: ["规划社区", "Planned community"],
    subdistrict: ["规划街道", "Planned subdistrict"], grid: ["网格", "Grid"],
    today_community: ["现状社区", "Community today"], today_subdistrict: ["现状街道", "Subdistrict today"],
    seat: ["街道办驻地", "Subdistrict seat"],
  };
  planner.KINDS = KINDS;
  planner.kindTitle = (kind, card) => (kind === "school" ? KINDS[card.kind] : TITLES[kind]);

  const row = (zh, en, value) => `<tr><th scope="row">${bi(zh, en)}</th><td>${value}</td></tr>`;
  const link = (kind, id) => {
    if (!id) return "–";
    if (!planner.card(kind, id)) return esc(id);
    return `<button type="button" class="ref" data-kind="${esc(kind)}" data-id="${esc(id)}">${planner.nameOf(kind, id)}</button>`;
  };
  const list = (kind, ids) =>
    `<ul class="refs">${ids.map((id) => `<li>${link(kind, id)}</li>`).join("")}</ul>`;
  const fold = (zh, en, kind, ids) => ids.length
    ? `<details class="members"><summary>${bi(`${zh}（${ids.length}）`, `${en} (${ids.length})`)}</summary>${list(kind, ids)}</details>`
    : "";
  const metres = (value) => (value === null ? "–" : `${num(value)} m`);
  const people = (value) => num(value, 0);
  const pupils = (way, digits) => (way.withheld ? bi("不公开", "withheld") : num(way.pupils, digits));
  const service = (id) => planner.data().services.find((entry) => entry.id === id);

  // Pupils of every year as bars against the places.
  function years(offer) {
    const all = planner.data().years;
    if (all.length < 2) return "";
    const most = Math.max(offer.places, ...offer.years, 1);
    const bars = all.map((year, i) => `<rect x="${i * 20 + 2}" y="${60 - (56 * offer.years[i]) / most}" width="16" height="${(56 * offer.years[i]) / most}" fill="${offer.years[i] > offer.places ? "#A8201A" : "#2B6CA8"}"><title>${esc(year)}: ${num(offer.years[i])}</title></rect>`);
    const line = 60 - (56 * offer.places) / most;
    return `<svg class="years" viewBox="0 0 ${all.length * 20} 74" role="img" aria-label="${esc(`${all[0]}–${all[all.length - 1]}`)}">${bars.join("")}<path d="M0 ${line}H${all.length * 20}" stroke="#1A1A1A" stroke-dasharray="4 3"/><text x="0" y="72" font-size="10">${esc(all[0])}</text><text x="${all.length * 20}" y="72" font-size="10" text-anchor="end">${esc(all[all.length - 1])}</text></svg>`;
  }

  function school(card) {
    const offers = Object.entries(card.services);
    const sums = planner.schoolSums(card);
    const year = planner.year();
    let html = "<table>" + (card.type[0] ? row("类型", "Type", bi(...card.type)) : "");
    if (card.kind !== "site") {
      html += row("班级（原有＋新增）", "Classes (today + new)", `<b>${sums.today + sums.added}</b> = ${sums.today} + ${sums.added}`);
      html += row(`学生（${year}）/ 学位`, `Pupils (${year}) / places`, `${people(sums.pupils)} / ${num(sums.places)}`);
      html += row("利用率", "Utilisation", `<b>${percent(sums.use)}</b>`);
    }
    if (card.kind !== "existing") {
      html += row("用地", "Land", `${num(card.land_m2)} m²`);
      html += row("投资", "Cost", card.cost_yuan === null ? "–" : bi(`${num(card.cost_yuan / 1e4)} 万元`, `${num(card.cost_yuan / 1e6, 1)} million yuan`));
    }
    if (card.why) html += row("未选原因", "Why not chosen", bi(...card.why));
    if (card.origin) html += row("用地来源", "Origin", esc(card.origin));
    html += "</table>";
    offers.forEach(([id, offer]) => {
      const name = service(id).name;
      html += `<h4>${bi(...name)}</h4><table>` +
        row("班级（原有＋新增）", "Classes (today + new)", `${offer.classes_today + offer.new_classes} = ${offer.classes_today} + ${offer.new_classes}`) +
        (offer.classes_today ? row("现状学生 / 学位", "Pupils / places today", `${num(offer.pupils_today)} / ${num(offer.places_today)}`) : "") +
        row(`规划学生 / 学位（${year}）`, `Planned pupils / places (${year})`, `${people(planner.pupilsIn(offer))} / ${num(offer.places)}`) +
        row("利用率", "Utilisation", percent(offer.places && planner.pupilsIn(offer) !== null ? planner.pupilsIn(offer) / offer.places : null)) +
        row("平均 / 最远路程", "Mean / longest way", `${metres(offer.mean_m)} / ${metres(offer.worst_m)}`) +
        "</table>" + years(offer) + fold("学区小区", "Catchment", "compound", offer.compounds);
    });
    return html;
  }

  function compound(card) {
    let html = "<table>" + row("人口", "People", num(card.population)) +
      row("户数", "Households", num(card.households)) + row("楼栋", "Buildings", num(card.buildings)) +
      row("规划街道", "Planned subdistrict", link("subdistrict", card.subdistrict)) +
      row("规划社区", "Planned community", link("community", card.community)) +
      row("现状街道", "Subdistrict today", link("today_subdistrict", card.today_subdistrict)) +
      row("现状社区", "Community today", link("today_community", card.today_community)) + "</table>";
    Object.entries(card.services).forEach(([id, way]) => {
      const changed = way.school !== way.today ? `<em class="changed">${bi("改变", "changes")}</em>` : "";
      html += `<h4>${bi(...service(id).name)}</h4><table>` +
        row(`学生（${planner.data().design_year}）`, `Pupils (${planner.data().design_year})`, pupils(way, 1)) +
        row("现状学校", "School today", `${link("school", way.today)} ${metres(way.today_m)}`) +
        row("规划学校", "Planned school", `${link("school", way.school)} ${changed}`) +
        row("步行 / 直线", "Walking / straight", `${metres(way.distance_m)} / ${metres(way.straight_m)}`) +
        row("跨越干道或铁路", "Trunk-road and railway crossings", num(way.crossings)) + "</table>";
    });
    return html;
  }

  const unit = (card) =>
    row("人口", "People", num(card.population)) +
    (card.households === undefined ? "" : row("户数", "Households", num(card.households))) +
    (card.code ? row("代码", "Code", esc(card.code)) : "") +
    (card.parent ? row("所属区", "District (parent)", esc(card.parent)) : "") +
    (card.new === undefined ? "" : row("新设", "New", card.new ? bi("是", "yes") : bi("否", "no")));

  const community = (card) => `<table>${unit(card)}` +
    row("规划街道", "Planned subdistrict", link("subdistrict", card.subdistrict)) + "</table>" +
    fold("小区", "Compounds", "compound", card.compounds) + fold("网格", "Grids", "grid", card.grids);

  const signed = (share) => (share === null ? "–" : `${share > 0 ? "+" : share < 0 ? "−" : ""}${num(Math.abs(100 * share), 1)} %`);

  const subdistrict = (card) => `<table>${unit(card)}` +
    row("与平均人口之差", "Deviation from the mean", signed(card.deviation)) +
    row("面积", "Area", `${num(card.area_km2, 2)} km²`) +
    row("办事处驻地", "Seat", link("seat", card.seat)) + "</table>" +
    fold("社区", "Communities", "community", card.communities);

  const grid = (card) => "<table>" + row("户数", "Households", `<b>${num(card.households)}</b>`) +
    row("限额", "Limits", `${planner.data().grid_households.join("–")} ${card.within ? "✓" : "✗"}`) +
    row("社区", "Community", link("community", card.community)) +
    (card.reason ? row("原因", "Reason", esc(card.reason)) : "") + "</table>" +
    `<h4>${bi("楼栋", "Buildings")}</h4><table>` +
    card.parts.map(([id, count]) => `<tr><th scope="row">${link("compound", id)}</th><td>${bi(`${count} 栋`, `${count}`)}</td></tr>`).join("") +
    "</table>";

  const todayCommunity = (card) => `<table>${unit(card)}` +
    row("现状街道", "Subdistrict today", link("today_subdistrict", card.today_subdistrict)) + "</table>" +
    fold("小区", "Compounds", "compound", card.compounds);

  const todaySubdistrict = (card) => `<table>${unit(card)}` +
    row("面积", "Area", `${num(card.area_km2, 2)} km²`) + "</table>" +
    fold("社区", "Communities", "today_community", card.today_communities);

  const seat = (card) => "<table>" +
    row("类别", "Kind", card.kind === "office" ? bi("现有办事处", "Office today") : bi("备选驻地", "Candidate")) +
    row("规划街道", "Planned subdistrict", link("subdistrict", card.subdistrict)) +
    row("现状街道", "Subdistrict today", link("today_subdistrict", card.today_subdistrict)) + "</table>";

  const TABLES = {
    school, compound, community, subdistrict, grid, seat,
    today_community: todayCommunity, today_subdistrict: todaySubdistrict,
  };

  planner.table = function (kind, id) {
    const card = planner.card(kind, id);
    const mark = kind === "school"
      ? `<span class="title-key">${card.kind === "site" ? planner.siteSymbol().html : planner.schoolSymbol(card.kind, 18, planner.useBin(planner.schoolSums(card).use), true).html}</span>`
      : "";
    return `<h3>${mark}${bi(...card.name)}</h3><p class="quiet">${bi(...planner.kindTitle(kind, card))} · ${esc(id)}</p>${TABLES[kind](card)}`;
  };

  planner.tip = function (properties) {
    if (!properties.o) return properties.n && properties.n[0] ? bi(...properties.n) : "";
    const [kind, id] = properties.o;
    const card = planner.card(kind, id);
    let lines = `<b>${bi(...card.name)}</b> <i>${bi(...planner.kindTitle(kind, card))}</i>`;
    if (properties.h) lines += `<br>${bi(`楼栋 ${properties.n[0]}：${properties.h} 户`, `Building ${properties.n[1]}: ${properties.h} households`)}`;
    if (kind === "school" && card.kind !== "site") {
      const sums = planner.schoolSums(card);
      lines += `<br>${bi(`${sums.today + sums.added} 班 · 学生 ${num(sums.pupils)} / 学位 ${num(sums.places)} · ${percent(sums.use)}`,
        `${sums.today + sums.added} classes · ${num(sums.pupils)} pupils / ${num(sums.places)} places · ${percent(sums.use)}`)}`;
    } else if (kind === "compound") {
      lines += `<br>${bi(`${num(card.population)} 人 · ${num(card.households)} 户`, `${num(card.population)} people · ${num(card.households)} households`)}`;
      Object.entries(card.services).forEach(([name, way]) => {
        lines += `<br>${bi(...service(name).name)}: ${pupils(way, 0)} → ${planner.nameOf("school", way.school)} ${metres(way.distance_m)}`;
      });
    } else if (kind === "grid") {
      lines += `<br>${bi(`${num(card.households)} 户`, `${num(card.households)} households`)} · ${planner.nameOf("community", card.community)}`;
    } else if (card.population) {
      lines += `<br>${bi(`${num(card.population)} 人`, `${num(card.population)} people`)}`;
    }
    return lines;
  };
});
