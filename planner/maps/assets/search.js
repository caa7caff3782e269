// Search by name or id.
plannerParts.push(function (planner) {
  "use strict";
  const { bi } = planner;

  planner.searchable = () => planner.data().cards;

  // Everything with a card can be found by either name or by its id.
  function entries() {
    const found = [];
    Object.entries(planner.searchable()).forEach(([kind, cards]) => {
      if (kind === "grid" || kind === "seat") return;
      Object.entries(cards).forEach(([id, card]) => found.push({ kind, id, card }));
    });
    return found;
  }

  const optionText = ({ kind, id, card }, language) => {
    const side = language === "zh" ? 0 : 1;
    return `${card.name[side]} · ${planner.kindTitle(kind, card)[side]} · ${id}`;
  };

  planner.find = function (query) {
    const wanted = query.trim().toLowerCase();
    if (!wanted) return null;
    const all = entries();
    const texts = (entry) => [...entry.card.name, entry.id, optionText(entry, "zh"), optionText(entry, "en")].map((text) => text.toLowerCase());
    return all.find((entry) => texts(entry).includes(wanted)) ||
      all.find((entry) => texts(entry).some((text) => text.startsWith(wanted))) ||
      all.find((entry) => texts(entry).some((text) => text.includes(wanted))) || null;
  };

  planner.startSearch = function () {
    const input = document.getElementById("query");
    const answer = document.getElementById("search-answer");
    const go = () => {
      const entry = planner.find(input.value);
      answer.innerHTML = input.value.trim() && !entry ? bi("没有找到", "Nothing found") : "";
      if (entry) planner.select(entry.kind, entry.id, true);
    };
    document.getElementById("search").addEventListener("submit", (event) => { event.preventDefault(); go(); });
    input.addEventListener("input", () => {
      const options = document.getElementById("names").options;
      if ([...options].some((option) => option.value === input.value)) go();
    });
    planner.onLanguage.push((language) => {
      const options = entries().map((entry) => new Option("", optionText(entry, language)));
      document.getElementById("names").replaceChildren(...options);
    });
  };
});
