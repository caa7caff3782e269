// Words and numbers: everything shown in both languages, every name from data escaped.
plannerParts.push(function (planner) {
  "use strict";
  const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

  planner.esc = (value) => String(value ?? "").replace(/[&<>"']/g, (c) => ENTITIES[c]);

  // A pair of Chinese and English; the style sheet shows the one that is wanted.
  planner.bi = (zh, en) =>
    `<span lang="zh">${planner.esc(zh)}</span><span lang="en">${planner.esc(en)}</span>`;

  planner.num = function (value, digits = 0) {
    if (value === null || value === undefined || !Number.isFinite(value)) return "–";
    return value.toLocaleString("en-US", { maximumFractionDigits: digits });
  };

  planner.percent = (share) =>
    share === null || !Number.isFinite(share) ? "–" : `${planner.num(100 * share, 0)} %`;

  planner.language = () => document.documentElement.dataset.lang;

  planner.firstLanguage = () => (/^zh/i.test(navigator.language || "zh") ? "zh" : "en");

  planner.setLanguage = function (language) {
    const root = document.documentElement;
    root.dataset.lang = language;
    root.lang = language === "zh" ? "zh-CN" : "en";
    document.title = planner.data().title[language === "zh" ? 0 : 1];
    document.getElementById("query").placeholder = language === "zh" ? "按名称查找学校、小区、社区…" : "Search by name or id";
    planner.onLanguage.forEach((act) => act(language));
  };

  planner.onLanguage = [];

  // What the page holds; on a page of several maps, what they share and what is this one's own.
  planner.data = function () {
    if (!planner.read) {
      const page = readPage();
      const own = page.sides ? page.sides[planner.id] : {};
      planner.read = { ...page, ...own, cards: { ...page.cards, ...own.cards } };
    }
    return planner.read;
  };

  planner.card = (kind, id) => (planner.data().cards[kind] || {})[id];

  planner.nameOf = function (kind, id) {
    const card = planner.card(kind, id);
    return card ? planner.bi(card.name[0], card.name[1]) : planner.esc(id);
  };

  // The year that schools are shown for; the design year until the slider is moved.
  planner.year = () => planner.shownYear || String(planner.data().design_year);

  planner.pupilsIn = function (offer) {
    const position = planner.data().years.indexOf(planner.year());
    return position < 0 ? offer.pupils : offer.years[position];
  };

  planner.schoolSums = function (card) {
    const sums = { today: 0, added: 0, places: 0, pupils: 0, placesToday: 0, pupilsToday: 0 };
    Object.values(card.services).forEach((offer) => {
      sums.today += offer.classes_today;
      sums.added += offer.new_classes;
      sums.places += offer.places;
      sums.pupils += planner.pupilsIn(offer);
      sums.placesToday += offer.places_today;
      sums.pupilsToday += offer.pupils_today || 0;
    });
    sums.use = sums.places ? sums.pupils / sums.places : null;
    sums.useToday = sums.placesToday ? sums.pupilsToday / sums.placesToday : null;
    return sums;
  };
});
