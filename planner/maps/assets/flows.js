// Flows from one plan to another: ribbons from left to right, and the same as a table.
plannerParts.push(function (planner) {
  "use strict";
  const { bi, esc, num } = planner;
  const WIDTH = 416, LABEL = 140, GAP = 7, FULL = 260, LEAST = 1.5;

  const weight = (flow) => flow.n || 0;

  // Units of one end with their flows, the largest first, from the top down.
  function ends(flows, end) {
    const groups = new Map();
    flows.forEach((flow) => groups.set(flow[end], [...(groups.get(flow[end]) || []), flow]));
    const list = [...groups].map(([id, own]) => ({ id, own, sum: own.reduce((sum, flow) => sum + weight(flow), 0) }));
    return list.sort((a, b) => b.sum - a.sum || (a.id < b.id ? -1 : 1));
  }

  function place(list, thick) {
    let y = 4;
    return list.map((unit) => {
      const height = unit.own.reduce((sum, flow) => sum + thick(flow), 0);
      const room = Math.max(height, 13);
      const spot = { ...unit, y: y + (room - height) / 2, height, middle: y + room / 2, next: y + (room - height) / 2 };
      y += room + GAP;
      return spot;
    });
  }

  const cut = (text) => (text.length > 23 ? `${text.slice(0, 22)}…` : text);

  function label(names, x, y, anchor) {
    return names.map((name, side) =>
      `<text x="${x}" y="${(y + 4).toFixed(1)}" text-anchor="${anchor}" lang="${side ? "en" : "zh"}"${cut(name).length > (side ? 21 : 12) ? ` textLength="${LABEL - 12}" lengthAdjust="spacingAndGlyphs"` : ""}>${esc(cut(name))}<title>${esc(name)}</title></text>`).join("");
  }

  // `namesOf(end, id)` are both names of a unit, `colourOf(id)` its colour on the first map.
  planner.flowPicture = function (flows, namesOf, colourOf) {
    const total = flows.reduce((sum, flow) => sum + weight(flow), 0) || 1;
    const thick = (flow) => Math.max(LEAST, (FULL * weight(flow)) / total);
    const left = place(ends(flows, "from"), thick);
    const right = place(ends(flows, "to"), thick);
    const height = Math.max(...[...left, ...right].map((unit) => Math.max(unit.y + unit.height, unit.middle + 7))) + 4;
    const [x1, x2] = [LABEL + 8, WIDTH - LABEL - 8];
    const bend = (x1 + x2) / 2;
    const ribbons = left.flatMap((unit) => unit.own.map((flow) => {
      const target = right.find((other) => other.id === flow.to);
      const [y1, y2, t] = [unit.next, target.next, thick(flow)];
      unit.next += t;
      target.next += t;
      const path = `M${x1} ${y1}C${bend} ${y1} ${bend} ${y2} ${x2} ${y2}V${y2 + t}C${bend} ${y2 + t} ${bend} ${y1 + t} ${x1} ${y1 + t}Z`;
      const colour = colourOf(unit.id);
      const told = `${namesOf("from", flow.from).join(" / ")} → ${namesOf("to", flow.to).join(" / ")}: ${flow.n === null ? "–" : num(flow.n)}`;
      return `<path class="ribbon${flow.n === null ? " few" : ""}" data-flow="${flows.indexOf(flow)}" d="${path}" fill="${colour}" stroke="${colour}"><title>${esc(told)}</title></path>`;
    }));
    const bars = (list, x) => list.map((unit) => `<rect x="${x}" y="${unit.y}" width="4" height="${unit.height}" fill="#1A1A1A"/>`);
    return `<svg class="sankey" viewBox="0 0 ${WIDTH} ${Math.ceil(height)}" role="img" aria-label="流向 / Flows">${ribbons.join("")}` +
      bars(left, x1 - 4).join("") + bars(right, x2).join("") +
      left.map((unit) => label(namesOf("from", unit.id), LABEL, unit.middle, "end")).join("") +
      right.map((unit) => label(namesOf("to", unit.id), WIDTH - LABEL, unit.middle, "start")).join("") + "</svg>";
  };

  planner.flowTable = function (flows, namesOf, head) {
    const few = bi(`少于 ${planner.data().min_children}`, `below ${planner.data().min_children}`);
    const rows = flows.map((flow, position) =>
      `<tr data-flow="${position}" tabindex="0"><td>${bi(...namesOf("from", flow.from))}</td><td>${bi(...namesOf("to", flow.to))}</td>` +
      `<td class="num">${flow.n === null ? bi("不公开", "withheld") : num(flow.n)}</td><td class="num">${flow.compounds.length}</td></tr>`);
    const note = flows.some((flow) => flow.n === null) ? `<p class="quiet key-line">${bi("不公开：", "withheld: ")}${few}${bi(" 人，或可由合计推出者。", " children, or told by the totals.")}</p>` : "";
    return `<table class="flow-table"><thead><tr><th scope="col">A</th><th scope="col">${esc(head.letter)}</th><th scope="col" class="num">${bi(...head.amount)}</th>` +
      `<th scope="col" class="num">${bi("小区", "Compounds")}</th></tr></thead><tbody>${rows.join("")}</tbody></table>${note}`;
  };
});
