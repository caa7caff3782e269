// Symbols as inline SVG: schools, sites, seats, legend swatches and hatchings.
plannerParts.push(function (planner) {
  "use strict";
  planner.USE_BINS = [
    { upTo: 0.6, colour: "#DCEBF5", ink: "#1A1A1A", label: "< 60 %" },
    { upTo: 0.85, colour: "#92C5DE", ink: "#1A1A1A", label: "60–85 %" },
    { upTo: 1.0000001, colour: "#2B6CA8", ink: "#FFFFFF", label: "85–100 %" },
    { upTo: 1.1, colour: "#F4A261", ink: "#1A1A1A", label: "100–110 %" },
    { upTo: Infinity, colour: "#A8201A", ink: "#FFFFFF", label: "> 110 %" },
  ];
  const NO_USE = { colour: "#FFFFFF", ink: "#1A1A1A" };

  planner.useBin = (use) =>
    use === null ? NO_USE : planner.USE_BINS.find((bin) => use <= bin.upTo);

  planner.schoolRadius = (classes) => Math.max(6, 2.1 * Math.sqrt(classes));

  const svg = (size, inner) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" ` +
    `viewBox="${-size / 2} ${-size / 2} ${size} ${size}" aria-hidden="true">${inner}</svg>`;

  // Area grows with classes; the shape tells old, expanded and new.
  planner.schoolSymbol = function (kind, classes, bin, plain) {
    const r = planner.schoolRadius(classes);
    const size = Math.ceil(2 * r + 12);
    const paint = `fill="${bin.colour}" stroke="#1A1A1A" stroke-width="1.4"`;
    const halo = 'fill="none" stroke="#FFFFFF" stroke-width="4.5"';
    let shape;
    if (kind === "new") {
      const d = r * 1.2533;
      const path = `d="M0 ${-d}L${d} 0L0 ${d}L${-d} 0Z" stroke-linejoin="round"`;
      shape = `<path ${path} ${halo}/><path ${path} ${paint} style="stroke-width:2.2"/>`;
    } else if (kind === "expanded") {
      shape = `<circle r="${r + 3}" fill="#FFFFFF" stroke="#FFFFFF" stroke-width="4"/>` +
        `<circle r="${r + 3}" fill="none" stroke="#1A1A1A" stroke-width="1.8"/><circle r="${r}" ${paint}/>`;
    } else {
      shape = `<circle r="${r}" ${halo}/><circle r="${r}" ${paint}/>`;
    }
    const text = classes && !plain && r > 6.5
      ? `<text text-anchor="middle" dy=".35em" fill="${bin.ink}" font-size="${r > 10 ? 11 : 9}" ` +
        `font-weight="700">${classes}</text>`
      : "";
    return { html: svg(size, shape + text), size };
  };

  planner.siteSymbol = function () {
    const inner = '<path d="M0 -7L7 0L0 7L-7 0Z" fill="#FFFFFF" fill-opacity=".85" stroke="#4D4D4D" ' +
      'stroke-width="1.6" stroke-dasharray="3 2"/>';
    return { html: svg(18, inner), size: 18 };
  };

  const STAR = "M0 -6L1.5 -2L5.7 -1.9L2.4 .8L3.5 4.9L0 2.5L-3.5 4.9L-2.4 .8L-5.7 -1.9L-1.5 -2Z";

  planner.seatSymbol = function (style) {
    const [back, star, edge] = {
      today: ["#FFFFFF", "#7A3E00", "#7A3E00"],
      office: ["#FFFFFF", "#1B1F6B", "#1B1F6B"],
      candidate: ["#1B1F6B", "#FFFFFF", "#FFFFFF"],
      unused: ["#FFFFFF", "#8A8A8A", "#8A8A8A"],
    }[style];
    const inner = `<circle r="9.5" fill="${back}" stroke="${edge}" stroke-width="1.8"/>` +
      `<path d="${STAR}" fill="${star}"/>`;
    return { html: svg(22, inner), size: 22 };
  };

  planner.PATTERNS = {
    change_subdistrict: { angle: 45, gap: 6, width: 2.2, colour: "#3B0F52" },
    change_community: { angle: 90, gap: 8, width: 1.6, colour: "#7A3E00" },
    change_school_0: { angle: 45, gap: 9, width: 2, colour: "#A3005C" },
    change_school_1: { angle: -45, gap: 9, width: 2, colour: "#00547A" },
    change_school_2: { angle: 0, gap: 9, width: 2, colour: "#35520B" },
  };

  planner.drawPatterns = function () {
    document.getElementById("patterns").innerHTML = Object.entries(planner.PATTERNS)
      .map(([id, p]) =>
        `<pattern id="${id}" width="${p.gap}" height="${p.gap}" patternUnits="userSpaceOnUse" ` +
        `patternTransform="rotate(${p.angle})"><line x1="0" y1="0" x2="0" y2="${p.gap}" ` +
        `stroke="${p.colour}" stroke-width="${2 * p.width}"/></pattern>`)
      .join("") + DOTS;
  };

  // Dots, so that it is told apart from the hatching of changes without colour.
  const DOTS = '<pattern id="beyond" width="7" height="7" patternUnits="userSpaceOnUse"><circle cx="3.5" cy="3.5" r="1.7" fill="#8C1C13"/></pattern>';

  planner.patternOf = function (layer) {
    if (!layer.service && !layer.name.startsWith("change_school_")) return layer.name;
    const service = layer.name.replace("change_school_", "");
    const position = planner.data().services.findIndex((entry) => entry.id === service);
    return `change_school_${position % 3}`;
  };

  planner.swatch = {
    area: (fill, stroke, width, dash) =>
      `<svg width="30" height="16" aria-hidden="true"><rect x="2" y="2" width="26" height="12" ` +
      `fill="${fill}" stroke="${stroke}" stroke-width="${width}" stroke-dasharray="${dash || ""}"/></svg>`,
    line: (stroke, width, dash) =>
      `<svg width="30" height="16" aria-hidden="true"><line x1="2" y1="8" x2="28" y2="8" ` +
      `stroke="${stroke}" stroke-width="${width}" stroke-dasharray="${dash || ""}"/></svg>`,
    row: (symbol, text) => `<li><i class="key">${symbol}</i><span>${text}</span></li>`,
  };
});
