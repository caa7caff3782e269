"use strict";
// One page of a sweep: lines, points and rows of the same runs, highlighted together.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const runs = data.rows.map((row, n) => ({ ...row, number: n + 1 }));
  const planned = runs.filter((run) => Object.keys(run.figures).length);
  const figures = new Map(data.figures.map((figure) => [figure.name, figure]));
  const root = document.documentElement;
  const tip = document.getElementById("tip");
  let sorted = { column: 0, up: true };

  const chinese = () => root.dataset.lang === "zh";
  const say = (zh, en) => (chinese() ? zh : en);
  const label = (figure) => say(figure.zh, figure.en);
  const unit = (figure) => say(figure.unitZh, figure.unitEn);
  const shown = (name, value) => {
    if (value === undefined || value === null) return "–";
    const number = value * figures.get(name).scale;
    const digits = Number.isInteger(number) || Math.abs(number) >= 1000 ? 0 : 1;
    return number.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  };
  const mark = (run) => (run.efficient ? " ★" : "");

  function make(parent, tag, attributes, text) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text !== undefined) node.textContent = text;
    parent.append(node);
    return node;
  }

  function follow(node, run) {
    node.dataset.run = run.number;
    node.addEventListener("pointerenter", (event) => light(run, event));
    node.addEventListener("pointermove", (event) => place(event));
    node.addEventListener("pointerleave", () => light(null));
    node.addEventListener("click", () => {
      const row = document.querySelector(`tr[data-run="${run.number}"]`);
      if (row) row.scrollIntoView({ block: "center", behavior: "smooth" });
    });
  }

  function light(run, event) {
    for (const node of document.querySelectorAll(".on")) node.classList.remove("on");
    tip.hidden = !run;
    if (!run) return;
    for (const node of document.querySelectorAll(`[data-run="${run.number}"]`)) {
      node.classList.add("on");
      if (node.matches("path.run, circle.dot")) node.parentNode.append(node);
    }
    const asked = data.keys.map((key) => `${key} = ${run.values[key]}`);
    const found = data.shown.map((name) => `${label(figures.get(name))}: ${shown(name, run.figures[name])} ${unit(figures.get(name))}`);
    tip.replaceChildren(...[`${run.number}${mark(run)} · ${say(run.statusZh, run.statusEn)}`, ...asked, ...found]
      .map((line) => { const p = document.createElement("div"); p.textContent = line; return p; }));
    if (event) place(event);
  }

  function place(event) {
    const left = Math.min(event.pageX + 14, window.scrollX + window.innerWidth - 400);
    tip.style.left = `${Math.max(4, left)}px`;
    tip.style.top = `${event.pageY + 14}px`;
  }

  function scaleOf(values) {
    const numbers = values.map(Number);
    if (values.every((value) => value !== "" && Number.isFinite(Number(value)))) {
      const low = Math.min(...numbers), high = Math.max(...numbers);
      const at = (value) => (high > low ? (Number(value) - low) / (high - low) : 0.5);
      return { at, ends: [low, high] };
    }
    const words = [...new Set(values)];
    return { at: (value) => (words.length > 1 ? words.indexOf(value) / (words.length - 1) : 0.5), words };
  }

  function axes() {
    const asked = data.keys.map((key) => ({
      title: key, small: say("设定", "asked"), value: (run) => run.values[key], show: String, flipped: false,
    }));
    const found = data.shown.map((name) => ({
      title: label(figures.get(name)), small: unit(figures.get(name)), value: (run) => run.figures[name],
      show: (value) => shown(name, value), flipped: figures.get(name).direction < 0,
    }));
    return [...asked, ...found];
  }

  function drawParallel() {
    const svg = document.getElementById("parallel");
    const all = axes(), width = 1240, height = 436, top = 74, bottom = 44, side = 70;
    svg.replaceChildren();
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    if (!planned.length) return void make(svg, "text", { x: 20, y: 40 }, say("没有方案可画", "no plan to draw"));
    const step = (width - 2 * side) / Math.max(1, all.length - 1);
    const scales = all.map((axis) => scaleOf(planned.map(axis.value)));
    const y = (k, run) => {
      const share = scales[k].at(all[k].value(run));
      return top + (all[k].flipped ? share : 1 - share) * (height - top - bottom);
    };
    all.forEach((axis, k) => {
      const x = side + k * step, ends = scales[k].ends;
      make(svg, "line", { x1: x, x2: x, y1: top, y2: height - bottom, class: "axis" });
      wrap(axis.title, step - 6).forEach((line, n, lines) =>
        make(svg, "text", { x, y: 40 - 14 * (lines.length - 1 - n), "text-anchor": "middle" }, line));
      make(svg, "text", { x, y: 54, "text-anchor": "middle", class: "small" }, axis.small);
      if (ends) {
        const [up, down] = axis.flipped ? ends : [ends[1], ends[0]];
        make(svg, "text", { x, y: top - 6, "text-anchor": "middle", class: "small" }, axis.show(up));
        if (ends[0] !== ends[1]) make(svg, "text", { x, y: height - bottom + 15, "text-anchor": "middle", class: "small" }, axis.show(down));
      } else {
        for (const word of scales[k].words) {
          const at = top + (1 - scales[k].at(word)) * (height - top - bottom);
          make(svg, "text", { x: x + 5, y: at + 4, class: "small" }, word);
        }
      }
    });
    for (const run of [...planned].sort((a, b) => a.efficient - b.efficient)) {
      const d = all.map((_, k) => `${k ? "L" : "M"}${side + k * step},${y(k, run)}`).join("");
      follow(make(svg, "path", { d, class: `run${run.efficient ? " efficient" : ""}` }), run);
    }
    make(svg, "text", { x: side - 60, y: height - 4, class: "small" }, say("指标轴上方为优", "on the axes of figures, up is better"));
  }

  function wrap(text, width) {
    const wide = /[\u4e00-\u9fff]/.test(text);
    const most = Math.max(6, Math.floor(width / (wide ? 12.5 : 6.6)));
    const parts = text.split(wide ? "" : /(?<=[ ._])/), lines = [""];
    for (const part of parts) {
      if ((lines[lines.length - 1] + part).trimEnd().length > most && lines[lines.length - 1]) lines.push("");
      lines[lines.length - 1] += part;
    }
    return lines.slice(0, 3);
  }

  function bestOfTwo(across, up) {
    const sign = (name) => (figures.get(name).direction > 0 ? -1 : 1);
    const point = (run) => [sign(across) * run.figures[across], sign(up) * run.figures[up]];
    return planned.filter((run) => {
      const [a, b] = point(run);
      return !planned.some((other) => {
        const [c, d] = point(other);
        return c <= a && d <= b && (c < a || d < b);
      });
    });
  }

  function drawTradeoff() {
    const svg = document.getElementById("tradeoff");
    const across = document.getElementById("across").value, up = document.getElementById("up").value;
    const width = 1240, height = 460, left = 110, bottom = 52, top = 16, right = 30;
    svg.replaceChildren();
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    if (!planned.length || !across) return;
    const range = (name) => {
      const all = planned.map((run) => run.figures[name]), low = Math.min(...all), high = Math.max(...all);
      const pad = (high - low || Math.abs(high) || 1) * 0.08;
      return [low - pad, high + pad];
    };
    const [x0, x1] = range(across), [y0, y1] = range(up);
    const x = (value) => left + ((value - x0) / (x1 - x0)) * (width - left - right);
    const y = (value) => height - bottom - ((value - y0) / (y1 - y0)) * (height - bottom - top);
    for (let k = 0; k <= 4; k += 1) {
      const vx = x0 + ((x1 - x0) * k) / 4, vy = y0 + ((y1 - y0) * k) / 4;
      make(svg, "line", { x1: x(vx), x2: x(vx), y1: top, y2: height - bottom, class: "grid" });
      make(svg, "line", { x1: left, x2: width - right, y1: y(vy), y2: y(vy), class: "grid" });
      make(svg, "text", { x: x(vx), y: height - bottom + 16, "text-anchor": "middle", class: "small" }, shown(across, vx));
      make(svg, "text", { x: left - 8, y: y(vy) + 4, "text-anchor": "end", class: "small" }, shown(up, vy));
    }
    const title = (name) => `${label(figures.get(name))}${unit(figures.get(name)) ? `, ${unit(figures.get(name))}` : ""}`;
    make(svg, "text", { x: (left + width - right) / 2, y: height - 8, "text-anchor": "middle" }, title(across));
    make(svg, "text", { x: 16, y: (height - bottom) / 2, "text-anchor": "middle", transform: `rotate(-90 16 ${(height - bottom) / 2})` }, title(up));
    const best = bestOfTwo(across, up).sort((a, b) => a.figures[across] - b.figures[across] || a.figures[up] - b.figures[up]);
    const path = best.map((run, k) => {
      const px = x(run.figures[across]), py = y(run.figures[up]);
      return k ? `H${px}V${py}` : `M${px},${py}`;
    });
    make(svg, "path", { d: path.join(""), class: "steps" });
    const spots = new Map();
    for (const run of planned) {
      const cx = x(run.figures[across]), cy = y(run.figures[up]), spot = `${Math.round(cx)} ${Math.round(cy)}`;
      const group = make(svg, "g", {});
      follow(make(group, "circle", { cx, cy, r: 6.5, class: `dot${best.includes(run) ? " efficient" : ""}` }), run);
      spots.set(spot, [...(spots.get(spot) || []), run.number]);
    }
    // runs on one spot share a label
    for (const [spot, numbers] of spots) {
      const [cx, cy] = spot.split(" ").map(Number), more = numbers.length > 4 ? " …" : "";
      make(svg, "text", { x: cx + 9, y: cy - 6, class: "small" }, numbers.slice(0, 4).join(", ") + more);
    }
  }

  function columns() {
    return [
      { title: "#", value: (run) => run.number, show: (run) => `${run.number}${mark(run)}` },
      ...data.keys.map((key) => ({ title: key, value: (run) => run.values[key], show: (run) => run.values[key] })),
      { title: say("结果", "result"), value: (run) => say(run.statusZh, run.statusEn), show: (run) => say(run.statusZh, run.statusEn) },
      ...data.figures.filter((figure) => data.shown.includes(figure.name) || !figure.name.includes(".")).map((figure) => ({
        title: label(figure) + (unit(figure) ? `, ${unit(figure)}` : ""), value: (run) => run.figures[figure.name],
        show: (run) => shown(figure.name, run.figures[figure.name]),
      })),
      { title: say("地图", "map"), value: (run) => run.map, link: (run) => run.map },
      { title: say("原因", "reason"), value: (run) => run.problem, show: (run) => run.problem, words: true },
    ];
  }

  function drawTable() {
    const all = columns(), head = document.createElement("tr");
    all.forEach((column, k) => {
      const cell = document.createElement("th");
      cell.textContent = column.title + (sorted.column === k ? (sorted.up ? " ▲" : " ▼") : "");
      cell.tabIndex = 0;
      const sort = () => { sorted = { column: k, up: sorted.column === k ? !sorted.up : true }; drawTable(); };
      cell.addEventListener("click", sort);
      cell.addEventListener("keydown", (event) => { if (event.key === "Enter") sort(); });
      head.append(cell);
    });
    document.querySelector("#table thead").replaceChildren(head);
    const value = all[sorted.column].value, sign = sorted.up ? 1 : -1;
    const compare = (a, b) => {
      const [one, other] = [value(a) ?? "", value(b) ?? ""];
      const numbers = one !== "" && other !== "" && !Number.isNaN(Number(one)) && !Number.isNaN(Number(other));
      return sign * (numbers ? one - other : String(one).localeCompare(String(other)));
    };
    document.querySelector("#table tbody").replaceChildren(...[...runs].sort(compare).map((run) => {
      const row = document.createElement("tr");
      if (run.efficient) row.classList.add("efficient");
      follow(row, run);
      for (const column of all) {
        const cell = document.createElement("td");
        if (column.words) cell.classList.add("words");
        if (column.link && run.map) {
          const link = document.createElement("a");
          link.href = run.map;
          link.textContent = say("打开", "open");
          cell.append(link);
        } else if (column.show) cell.textContent = column.show(run);
        row.append(cell);
      }
      return row;
    }));
  }

  function fillChoices() {
    for (const [id, standard] of [["across", 2], ["up", 1]]) {
      const select = document.getElementById(id);
      const kept = select.value || data.shown[Math.min(standard, data.shown.length - 1)] || "";
      select.replaceChildren(...data.figures.map((figure) => {
        const option = document.createElement("option");
        option.value = figure.name;
        option.textContent = label(figure);
        option.selected = figure.name === kept;
        return option;
      }));
    }
  }

  function draw() {
    fillChoices();
    drawParallel();
    drawTradeoff();
    drawTable();
  }

  document.addEventListener("language", draw);
  for (const id of ["across", "up"]) document.getElementById(id).addEventListener("change", drawTradeoff);
  draw();
  window.plannerSweep = { runs, bestOfTwo };
})();
