// The map page: what starts with it.
plannerParts.push(function (planner) {
  "use strict";
  planner.start = function (map, groups) {
    planner.addLayers(map, groups);
    planner.drawLayerList();
    planner.drawViews();
    planner.startPanels();
    planner.startSearch();
    planner.startYears();
    planner.startButtons();
    planner.setLanguage(/^zh/i.test(navigator.language || "zh") ? "zh" : "en");
    planner.refresh();
    // The heading's height depends on the language: only now it is known what room the map has.
    planner.fit();
    window.plannerMap = { layers: planner.layers, map, select: planner.select, find: planner.find, setLanguage: planner.setLanguage };
  };

  planner.refresh = function () {
    planner.refill();
    Object.values(planner.layers).forEach((layer) => { layer.box.checked = layer.visible(); });
    planner.markView();
    planner.drawLegend();
    planner.declutter();
  };
});
