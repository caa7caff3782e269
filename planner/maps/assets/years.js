// The year slider: schools, their table and their cards follow the year that is shown.
plannerParts.push(function (planner) {
  "use strict";
  function showYear(year) {
    const design = String(planner.data().design_year);
    document.getElementById("year-shown").innerHTML = planner.esc(year) +
      (year === design ? ` ${planner.bi("（规划年）", "(design year)")}` : "");
    const input = document.getElementById("year");
    input.value = planner.data().years.indexOf(year);
    input.setAttribute("aria-valuetext", year);
  }

  planner.setYear = function (year) {
    planner.shownYear = year;
    showYear(year);
    const layer = planner.layers.plan_schools;
    layer.layer.eachLayer((marker) => {
      marker.setIcon(planner.iconOf(layer, marker.feature.properties));
      const element = marker.getElement();
      if (element) element.setAttribute("aria-label", planner.plainName(marker.feature.properties.o));
    });
    planner.drawSchools();
    const chosen = planner.selected;
    if (chosen) document.getElementById("details").innerHTML = planner.table(chosen.kind, chosen.id);
    planner.declutter();
  };

  planner.startYears = function () {
    const years = planner.data().years;
    if (years.length < 2) return;
    const input = document.getElementById("year");
    input.max = years.length - 1;
    input.addEventListener("input", () => planner.setYear(years[Number(input.value)]));
    document.getElementById("slider").hidden = false;
    showYear(planner.year());
  };
});
