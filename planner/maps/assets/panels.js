// The school table, the panel of details, and the mark on the map for what is selected.
plannerParts.push(function (planner) {
  "use strict";
  const { bi, esc, num, percent } = planner;

  const COLUMNS = [
    { id: "name", title: ["学校", "School"], value: (c) => c.name[planner.language() === "zh" ? 0 : 1] },
    { id: "classes", title: ["班级", "Cl."], value: (c, s) => s.today + s.added },
    { id: "new", title: ["新增", "New"], value: (c, s) => s.added },
    { id: "pupils", title: ["学生", "Pupils"], value: (c, s) => s.pupils },
    { id: "places", title: ["学位", "Places"], value: (c, s) => s.places },
    { id: "use", title: ["利用", "Use"], value: (c, s) => s.use ?? -1 },
  ];
  const RANK = { new: 0, expanded: 1, existing: 2 };
  let order = { column: "", down: false };

  function rows() {
    const cards = Object.entries(planner.data().cards.school).filter(([, card]) => card.kind in RANK);
    const list = cards.map(([id, card]) => ({ id, card, sums: planner.schoolSums(card) }));
    list.sort((a, b) => RANK[a.card.kind] - RANK[b.card.kind] || (a.id < b.id ? -1 : 1));
    const column = COLUMNS.find((entry) => entry.id === order.column);
    if (!column) return list;
    const key = (entry) => column.value(entry.card, entry.sums);
    const compare = (a, b) => (typeof a === "string" ? a.localeCompare(b, planner.language()) : a - b);
    return list.sort((a, b) => (order.down ? -1 : 1) * compare(key(a), key(b)));
  }

  planner.drawSchools = function () {
    const head = COLUMNS.map((column) => {
      const sorted = column.id === order.column ? (order.down ? "descending" : "ascending") : "none";
      return `<th scope="col" aria-sort="${sorted}"><button type="button" data-sort="${column.id}">${bi(...column.title)}</button></th>`;
    });
    const body = rows().map(({ id, card, sums }) => {
      const bin = planner.useBin(sums.use);
      const symbol = planner.schoolSymbol(card.kind, 12, bin, true).html;
      return `<tr data-id="${esc(id)}" aria-selected="false"><th scope="row"><button type="button" class="ref" data-kind="school" data-id="${esc(id)}">` +
        `<i class="key">${symbol}</i><span>${bi(...card.name)}</span></button></th><td>${sums.today + sums.added}</td><td>${sums.added || ""}</td>` +
        `<td>${num(sums.pupils)}</td><td>${num(sums.places)}</td>` +
        `<td><b class="use" style="background:${bin.colour};color:${bin.ink}">${percent(sums.use)}</b></td></tr>`;
    });
    document.getElementById("schools").innerHTML =
      `<table class="schools"><thead><tr>${head.join("")}</tr></thead><tbody>${body.join("")}</tbody></table>`;
    markRow();
  };

  function markRow() {
    const { kind, id } = planner.selected || {};
    document.querySelectorAll("#schools tbody tr").forEach((tr) => {
      tr.setAttribute("aria-selected", String(kind === "school" && tr.dataset.id === id));
    });
  }

  planner.startPanels = function () {
    planner.startTabs();
    document.getElementById("details").innerHTML =
      `<p class="quiet">${bi("点击地图上的学校、小区、社区、街道或网格。", "Click a school, compound, community, subdistrict or grid on the map.")}</p>`;
    document.getElementById("panel").addEventListener("click", (event) => {
      const sort = event.target.closest("[data-sort]");
      if (sort) {
        const column = sort.dataset.sort;
        const down = order.column === column ? !order.down : column !== "name";
        order = { column, down };
        planner.drawSchools();
        document.querySelector(`[data-sort="${column}"]`).focus();
        return;
      }
      const hit = event.target.closest("[data-kind]") || event.target.closest("tr[data-id]");
      if (hit) planner.select(hit.dataset.kind || "school", hit.dataset.id, true);
    });
    planner.onLanguage.push(planner.drawSchools);
  };

  // Show the table of something, mark it on the map and, if asked, go there.
  planner.select = function (kind, id, fly) {
    if (!planner.card(kind, id)) return;
    planner.selected = { kind, id };
    const details = document.getElementById("details");
    details.innerHTML = planner.table(kind, id);
    details.scrollTop = 0;
    planner.openTab("details");
    markRow();
    planner.mark(kind, id, fly);
  };
});
